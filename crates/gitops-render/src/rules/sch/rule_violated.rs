//! SCH007: a value that breaks a rule of its definition.

use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::Spot;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A value that breaks a rule (`x-kubernetes-validations`) of the CustomResourceDefinition of its
    /// kind. The rules are those of the definitions in the repository; defaults are filled in before, as
    /// the API server does. Rules that compare an object with what it was before are passed over. A
    /// warning says which rule takes too long, or needs what is not known here, and was given up.
    ///
    /// ## Why it matters
    /// The API server refuses the object, long after the merge.
    ///
    /// ## How to fix it
    /// Change the value so that the rule holds. A label leads to the rule.
    SCH007 "rule-violated" Error Object
}

/// A value that breaks a rule. `reason` is the rule's; `detail` is what the rule says about it.
pub(crate) fn broken(spot: &Spot<'_>, reason: Option<&str>, detail: &str, rule: Span) -> Diagnostic {
    let what = match reason {
        Some("FieldValueForbidden") => "is forbidden",
        Some("FieldValueRequired") => "is required",
        Some("FieldValueDuplicate") => "is a duplicate",
        _ => "is invalid",
    };
    let found = spot.find(&RULE, format!("`{}` {what}: {detail}", spot.path()));
    found.label(rule, "this rule does not hold")
}

/// A value for which a rule has no result; the API server takes that for broken.
pub(crate) fn failed(spot: &Spot<'_>, why: &str, rule: Span) -> Diagnostic {
    let message = format!("`{}` is invalid: a rule cannot be evaluated: {why}", spot.path());
    spot.find(&RULE, message).label(rule, "this rule has no result")
}

/// A value of which we cannot tell whether it keeps a rule.
pub(crate) fn given_up(spot: &Spot<'_>, why: &str, rule: Span) -> Diagnostic {
    let message = format!("a rule about `{}` was given up: {why}", spot.path());
    let mut found = spot.find(&RULE, message).label(rule, "this rule");
    found.severity = Severity::Warning;
    found
}
