//! SCH: the schema of an object, and what the API server asks for beyond it.

pub mod cluster_scoped;
pub mod duplicate_in_list;
pub mod exclusive_fields;
pub mod invalid_definition;
pub mod invalid_label;
pub mod invalid_name;
pub mod invalid_value;
pub mod missing;
pub mod missing_volume;
pub mod rule_violated;
pub mod selector_mismatch;
pub mod unknown_field;
pub mod unusable_schema;
pub mod violation;
