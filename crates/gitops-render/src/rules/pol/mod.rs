//! POL: policies.

pub mod does_not_compile;
pub mod test_failed;
pub mod unsupported_builtin;
pub mod untested;
pub mod violation;
