//! KUS001: kustomize would stop here.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A kustomization that `kustomize build` refuses, for a reason that has no rule of its own: a field
    /// of a wrong type, a patch that cannot be applied, a generator whose file is broken, …
    ///
    /// ## Why it matters
    /// Nothing of the directory, nor of any overlay on top of it, can be deployed.
    ///
    /// ## How to fix it
    /// The message says what kustomize does not accept, and the marked text is what to change. Run
    /// `gitops-lint render DIR` to try again.
    KUS001 "build-failed" Error Repo
}

pub(crate) fn because(at: Span, reason: impl Into<String>) -> Diagnostic {
    RULE.at(at, reason)
}
