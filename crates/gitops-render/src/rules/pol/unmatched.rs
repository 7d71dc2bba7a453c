//! POL003: a policy that is about none of the objects.

use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A constraint whose `match` selects no object of the repository. A ValidatingAdmissionPolicy whose
    /// `matchConstraints` do so, or that has no binding. As a note: a rule that reads `input.items`, because a
    /// List is taken apart and each of its objects is asked about alone.
    ///
    /// ## Why it matters
    /// It finds nothing, whatever is wrong: a mistake in a kind, a group or a namespace looks like
    /// approval.
    ///
    /// ## How to fix it
    /// Correct the `match`. If the objects are elsewhere, check them together with the constraint, or
    /// leave the constraint out here. Nothing is said while something could not be rendered.
    POL003 "policy-unmatched" Warning Repo
}

/// A constraint that has matched nothing.
pub(crate) fn constraint(at: Span, name: &str, kinds: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` matches no object")).help(format!("it is about {kinds}"))
}

/// A ValidatingAdmissionPolicy that nobody binds.
pub(crate) fn unbound(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("the policy `{name}` has no binding, so it is asked about nothing"))
        .help("add a ValidatingAdmissionPolicyBinding")
}

/// A definition of a rule that is made for Lists.
pub(crate) fn list(at: Span, rule: &str) -> Diagnostic {
    let message =
        format!("`{rule}` reads `input.items`, which no object has: a List is asked about item by item");
    let mut found =
        RULE.at(at, message).help("write it about one object; with `--combine` it sees all of them");
    found.severity = Severity::Info;
    found
}
