//! What a test of a policy came to: one shape for Rego's `test_*` rules and Gatekeeper's suites.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// One test that was found.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// What it belongs to: the package (`data.main`), or the suite and its test (`allowed-repos/default`).
    pub group: String,
    /// `test_denies_latest`, or the name of the suite's case.
    pub name: String,
    /// Where it is written.
    pub at: Span,
    /// What came of it.
    pub outcome: Outcome,
    /// What it printed, a line each.
    pub prints: Vec<String>,
}

/// What came of a test.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold. The findings say where and why; there is at least one.
    Failed(Vec<Diagnostic>),
    /// It could not be run to its end: the policy fails, or needs what is not supported.
    Errored(Vec<Diagnostic>),
    /// It is marked as not to be run.
    Skipped,
}
