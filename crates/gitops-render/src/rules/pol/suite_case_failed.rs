//! POL010: a case of a Gatekeeper suite that does not come out as it should.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A case of a `Suite` in which the constraint finds more or less than the assertion says, or that
    /// cannot be run. Only `gitops-lint test` runs suites.
    ///
    /// ## Why it matters
    /// The template does not do what its author wanted, or the case does not say what it wanted.
    ///
    /// ## How to fix it
    /// The help lists what the constraint says about the object. If it is right, correct the assertion.
    POL010 "suite-case-failed" Error File
}

/// An assertion that does not hold.
pub(crate) fn differs(
    (at, object): (Span, Span),
    wanted: &str,
    pattern: Option<&str>,
    count: usize,
    messages: &[String],
) -> Diagnostic {
    let like = pattern.map_or(String::new(), |it| format!(" like `{it}`"));
    let wanted_is = if wanted.ends_with('s') { "are" } else { "is" };
    let is = if count == 1 { "is" } else { "are" };
    let found = RULE.at(at, format!("{wanted}{like} {wanted_is} wanted, and there {is} {count}"));
    let found = found.label(Span { end: object.start, ..object }, "the object");
    if messages.is_empty() {
        found.help("the constraint says nothing about the object")
    } else {
        found.help(format!("the constraint says: {}", messages.join("; ")))
    }
}

/// A constraint that the schema of its template accepts.
pub(crate) fn not_refused(at: Span) -> Diagnostic {
    RULE.at(at, "the constraint is to be invalid, and fits the schema of its template")
}

/// A file that a suite names.
pub(crate) fn no_file(at: Span, path: &str, reason: &str) -> Diagnostic {
    RULE.at(at, format!("`{path}` cannot be read: {reason}"))
}

/// A field that a test or a case needs.
pub(crate) fn no_field(at: Span, field: &str) -> Diagnostic {
    RULE.at(at, format!("there is no `{field}` here"))
}

/// A file without the object that is looked for.
pub(crate) fn no_such_object(at: Span, what: &str) -> Diagnostic {
    RULE.at(at, format!("there is no {what} in this file"))
}

/// A constraint of another template.
pub(crate) fn another_kind(at: Span, kind: &str, wanted: &str) -> Diagnostic {
    RULE.at(at, format!("the constraint is a `{kind}`, and the template is for `{wanted}`"))
}

/// A file with another number of objects than one.
pub(crate) fn not_one_object(at: Span, count: usize) -> Diagnostic {
    RULE.at(at, format!("a case is about one object, and there are {count} in this file"))
}

/// An AdmissionReview that asks nothing.
pub(crate) fn no_request(at: Span) -> Diagnostic {
    RULE.at(at, "the AdmissionReview has no `request` with an `object` or `oldObject`")
}

/// A number of violations that is none.
pub(crate) fn no_number(at: Span) -> Diagnostic {
    RULE.at(at, "`violations` is a whole number, `yes` or `no`")
}

/// A pattern that is none.
pub(crate) fn no_regex(at: Span) -> Diagnostic {
    RULE.at(at, "this is no regular expression")
}
