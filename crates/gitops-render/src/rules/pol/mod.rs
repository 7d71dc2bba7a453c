//! POL: policies.

pub mod does_not_compile;
pub mod violation;
