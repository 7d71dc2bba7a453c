//! POL006: a policy that needs what is not evaluated here.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A call of a builtin of OPA's, or of Gatekeeper's external data, that is not evaluated here:
    /// it asks the network or the clock, or it is not supported. It is found before any policy runs.
    ///
    /// ## Why it matters
    /// The rules that rest on the call are not asked, so what they forbid is not found. The other
    /// rules are asked.
    ///
    /// ## How to fix it
    /// Do without the builtin, or move what needs it into rules of its own that only the cluster
    /// evaluates. In a test, replace what the builtin gives with `with`.
    POL006 "unsupported-builtin" Error File
}

/// A call of a builtin that nobody here evaluates.
pub(crate) fn called(at: Span, name: &str, reason: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` is not supported: {reason}"))
        .help("the rules that rest on it are not asked: do without it, or keep them apart")
}
