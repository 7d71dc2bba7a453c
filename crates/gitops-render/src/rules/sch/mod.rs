//! SCH: the schema of an object.

pub mod missing;

pub mod unknown_field;
pub mod violation;
