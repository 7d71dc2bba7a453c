//! POL: policies.

pub mod does_not_compile;
pub mod invalid_constraint;
pub mod inventory_missing;
pub mod kinds_do_not_fit;
pub mod suite_case_failed;
pub mod test_failed;
pub mod unmatched;
pub mod unsupported_builtin;
pub mod untested;
pub mod violation;
