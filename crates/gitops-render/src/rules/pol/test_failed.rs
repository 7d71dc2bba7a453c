//! POL009: a test of a policy that does not hold.

use crate::diagnostic::{Diagnostic, Label};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A `test_*` rule that is false, undefined, or anything but `true`. Only `gitops-lint test` runs
    /// tests.
    ///
    /// ## Why it matters
    /// The policy does not do what its author wanted, or the test does not say what it wanted.
    ///
    /// ## How to fix it
    /// The marked expression is the first that does not hold, and the values in it are told where they
    /// are known. If no single expression is to blame, the test's name is marked.
    POL009 "policy-test-failed" Error File
}

/// A test, or a case of it, that does not hold.
pub(crate) fn failed(at: Span, test: &str) -> Diagnostic {
    RULE.at(at, format!("`{test}` fails"))
}

/// Moves the finding to the expression that is to blame, and says what is so there.
pub(crate) fn because(found: &mut Diagnostic, at: Span, why: &str) {
    if !why.is_empty() {
        found.message = format!("{}: {why}", found.message);
    }
    let remark = Label { span: at, text: "this does not hold".to_owned() };
    let test = std::mem::replace(&mut found.labels[0], remark);
    if test.span != at {
        found.labels.push(Label { text: "the test".to_owned(), ..test });
    }
}

/// A test whose cases are taken from nowhere.
pub(crate) fn without_cases(at: Span, test: &str) -> Diagnostic {
    RULE.at(at, format!("`{test}` has no case"))
        .help("a test with cases that are taken from nowhere holds whatever the policy does")
}

/// A test whose value is no verdict.
pub(crate) fn no_verdict(at: Span, test: &str, what: &str) -> Diagnostic {
    RULE.at(at, format!("`{test}` is {what}, and not `true`"))
}
