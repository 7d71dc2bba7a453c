//! POL004: a constraint about objects that do not have what it reads.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A constraint that is bound to a kind, and whose template reads fields that objects of this kind
    /// do not have: `spec.containers` of a Deployment.
    ///
    /// ## Why it matters
    /// What is not there is undefined in Rego, and so the constraint approves of every object.
    ///
    /// ## How to fix it
    /// Bind a policy about pods to `Pod`: the pods of workloads are checked too. Or make the template
    /// read where this kind has the field.
    POL004 "kinds-do-not-fit" Warning Object
}

/// A kind that has none of the fields.
pub(crate) fn reads_nothing(at: Span, kind: &str, field: &str, makes_pods: bool) -> Diagnostic {
    let found =
        RULE.at(at, format!("a {kind} has no `{field}`, which is what the constraint's template reads"));
    if makes_pods {
        found.help("bind the constraint to `Pod`: the pods of workloads are checked too")
    } else {
        found.help("take the kind out, or make the template read what it has")
    }
}
