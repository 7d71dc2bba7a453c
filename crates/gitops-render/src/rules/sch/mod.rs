//! SCH: the schema of an object.

pub mod missing;
mod spot;
pub mod unknown_field;
pub mod violation;

pub(crate) use spot::Spot;
