//! SUP: suppressions, which silence findings and must not outlive them.

pub mod expired;
pub mod invalid;
pub mod stale;
pub mod unused;
pub mod without_reason;
