//! SCH002: a field that the schema of its kind does not have.

use crate::diagnostic::Diagnostic;
use crate::rules::sch::violation::{either, quoted};
use crate::rules::{Spot, mend, rule};

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
    SCH002 "unknown-field" Error Object fix
}

/// What may have been meant by a field that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// Another field of the same mapping.
    Field(String),
    /// The same field of a mapping further out or further in; its path.
    Elsewhere(String),
    /// Nobody knows; the few fields that there are.
    OneOf(Vec<String>),
}

/// A field of the mapping at `spot` that the kind does not have there.
pub(crate) fn unknown(spot: &Spot<'_>, field: &str, meant: &Meant) -> Diagnostic {
    let found = spot.find_key(&RULE, field, format!("there is no field `{field}` in `{}`", spot.path()));
    match meant {
        Meant::Field(name) => {
            let fix = mend::another_field(spot, field, name);
            found.help(format!("did you mean `{name}`?")).fix(fix)
        }
        Meant::Elsewhere(path) => found.help(format!("`{field}` belongs in `{path}`: check the indentation")),
        Meant::OneOf(fields) if fields.is_empty() => found.help("delete it"),
        Meant::OneOf(fields) => found.help(format!("delete it, or use {}", either(&quoted(fields)))),
    }
}
