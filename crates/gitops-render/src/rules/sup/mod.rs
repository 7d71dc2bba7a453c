//! SUP: suppressions, which silence findings and must not outlive them.

pub mod stale;
