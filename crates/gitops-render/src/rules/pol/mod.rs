//! POL: policies.

pub mod does_not_compile;
pub mod unsupported_builtin;
pub mod violation;
