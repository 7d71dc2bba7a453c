//! SCH014: a schema file that nothing can be checked against.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A file of a schema location that is no JSON Schema: it is no mapping, a keyword has a value that
    /// the keyword does not take, a `$ref` leads nowhere, to the network, out of the location or round in
    /// a circle, or a pattern is no regular expression.
    ///
    /// ## Why it matters
    /// The objects of the kind are not checked, or not as the schema means it.
    ///
    /// ## How to fix it
    /// Mend the file, or fetch it anew. Nothing is ever downloaded: what a `$ref` needs has to lie in the
    /// location, too. Patterns are those of Go, as in the API server: there is no looking ahead.
    SCH014 "schema-unusable" Error Repo
}

/// A file that holds something else than a schema.
pub(crate) fn no_schema(at: Span, what: &str) -> Diagnostic {
    RULE.at(at, format!("{what} is no schema")).help("a schema is a mapping, in JSON or YAML")
}

/// A value that a keyword does not take.
pub(crate) fn refused(at: Span, reason: &str) -> Diagnostic {
    RULE.at(at, format!("this is no JSON Schema: {reason}"))
}

/// A `$ref` that leads to another machine.
pub(crate) fn remote(at: Span, reference: &str) -> Diagnostic {
    RULE.at(at, format!("the `$ref` leads to the network: `{reference}`"))
        .help("put the file into the schema location, and refer to it by its path")
}

/// A `$ref` that leaves the location.
pub(crate) fn outside(at: Span, reference: &str) -> Diagnostic {
    RULE.at(at, format!("the `$ref` leads out of the schema location: `{reference}`"))
        .help("put the file into the schema location")
}

/// A `$ref` to something that is not there.
pub(crate) fn nowhere(at: Span, reference: &str) -> Diagnostic {
    RULE.at(at, format!("the `$ref` leads nowhere: `{reference}`"))
}

/// A `$ref` that leads back to where it stands, without a step into the object.
pub(crate) fn circle(at: Span, names: &[&str]) -> Diagnostic {
    RULE.at(at, format!("the `$ref` leads round in a circle: {}", names.join(" → ")))
        .help("let one of the schemas say something of its own")
}

/// Branches and references that multiply.
pub(crate) fn too_many(at: Span, most: u64) -> Diagnostic {
    RULE.at(at, format!("branches and `$ref`s make more than {most} schemas for one place"))
}

/// Branches and references in branches and references.
pub(crate) fn too_deep(at: Span, most: usize) -> Diagnostic {
    RULE.at(at, format!("branches and `$ref`s lie in each other more than {most} deep for one place"))
}

/// Definitions that need definitions that need definitions.
pub(crate) fn too_large(at: Span, most: usize) -> Diagnostic {
    RULE.at(at, format!("the schema needs more than {most} definitions"))
}

/// A pattern that cannot be compiled.
pub(crate) fn pattern(at: Span, reason: &str) -> Diagnostic {
    RULE.at(at, format!("the pattern is no regular expression: {reason}"))
        .help("patterns are those of Go, as in the API server")
}
