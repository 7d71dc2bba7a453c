//! POL000: what a policy of the user's says about an object.

use crate::diagnostic::{Diagnostic, Severity};
use crate::node::Node;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// An object that a Rego policy denies (`deny`, `violation`) or warns about (`warn`), or that a
    /// constraint of Gatekeeper denies, warns about or notes (`enforcementAction`).
    ///
    /// ## Why it matters
    /// The policy's own message says it.
    ///
    /// ## How to fix it
    /// Change the marked text so that the policy is content. A label leads to the rule in the policy.
    /// The place is the one that the policy names (`at` or `path`, or `_loc` with a file and a line),
    /// else the value that its message quotes if the object has it once, else the object's name.
    /// `custom.severity` in the rule's METADATA (`error`, `warning`, `info`) decides how bad it is.
    POL000 "policy-violation" Error Object
}

/// What a policy says about the value `node`, whose text to edit is at `at`.
pub(crate) fn said(node: &Node, at: Span, message: &str) -> Diagnostic {
    RULE.at(at, message).story(&node.origin)
}

/// What a policy says about a line of a file that it names itself.
pub(crate) fn at(at: Span, message: &str) -> Diagnostic {
    RULE.at(at, message)
}

/// Adds the rule that says so.
pub(crate) fn by(mut found: Diagnostic, severity: Severity, rule: &str, head: Span) -> Diagnostic {
    found.severity = severity;
    found.label(head, format!("{} by `{rule}` here", verb(severity)))
}

/// Adds the constraint of Gatekeeper that asked, and the rule of its template.
pub(crate) fn by_constraint(
    mut found: Diagnostic,
    severity: Severity,
    name: &str,
    (constraint, rule): (Span, Span),
) -> Diagnostic {
    found.severity = severity;
    let found = found.label(constraint, format!("`{name}` asks for it here"));
    found.label(rule, format!("{} by this rule", verb(severity)))
}

/// The message of a rule that gives none.
pub(crate) fn unsaid(severity: Severity, rule: &str) -> String {
    format!("the object is {} by `{rule}`", verb(severity))
}

fn verb(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "denied",
        Severity::Warning => "warned about",
        Severity::Info => "noted",
    }
}
