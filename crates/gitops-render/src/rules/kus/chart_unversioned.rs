//! KUS019: a chart of no particular version.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A chart in `helmCharts` that comes from a repository and has no `version`. A chart that lies in the
    /// chart home has one already.
    ///
    /// ## Why it matters
    /// The newest version is taken at each build, so what is deployed changes without a change in Git.
    ///
    /// ## How to fix it
    /// Set `version`.
    KUS019 "chart-unversioned" Warning File
}

pub(crate) fn unversioned(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("the chart `{name}` has no version")).help("set `version` to the one that is in use")
}
