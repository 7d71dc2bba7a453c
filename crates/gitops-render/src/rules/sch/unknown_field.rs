//! SCH002: a field that the schema of its kind does not have.

use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A field that the kind does not have at this place.
    ///
    /// ## Why it matters
    /// The API server drops the field with a warning, or refuses the object, and what the field was to
    /// do does not happen.
    ///
    /// ## How to fix it
    /// Take the name that the help suggests, check the indentation, or delete the field.
    SCH002 "unknown-field" Error Object
}
