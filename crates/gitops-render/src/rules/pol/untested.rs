//! POL008: policies that nobody tests.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A folder of policies with rules that forbid or warn, and no `test_*` rule in any of its packages'
    /// modules. Only `gitops-lint test` looks for it, and only as a note: `gitops-lint check` reports
    /// what the policies say, however good they are.
    ///
    /// ## Why it matters
    /// A policy that is wrong mostly finds nothing, and that looks like a repository in order.
    ///
    /// ## How to fix it
    /// Write a file `<name>_test.rego` beside the policy, with rules called `test_` and a name that ask for
    /// its verdict `with input as` an object.
    POL008 "policy-untested" Info File off
}

/// The first rule of a folder without tests, and how many there are.
pub(crate) fn untested(at: Span, rule: &str, folder: &str, others: usize) -> Diagnostic {
    let folder = if folder.is_empty() { "here".to_owned() } else { format!("in `{folder}`") };
    let message = match others {
        0 => format!("`{rule}` has no test {folder}"),
        1 => format!("`{rule}` and one more rule have no test {folder}"),
        more => format!("`{rule}` and {more} more rules have no test {folder}"),
    };
    RULE.at(at, message)
        .help("write rules called `test_…` that ask for the verdict `with input as` an object")
}
