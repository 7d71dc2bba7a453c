//! KUS016: kustomizations that include each other.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A kustomization that includes itself, by way of others or directly.
    ///
    /// ## Why it matters
    /// `kustomize build` stops, for every directory of the circle.
    ///
    /// ## How to fix it
    /// Take one of the references out. What both sides need belongs into a base of its own.
    KUS016 "kustomization-cycle" Error Repo
}

/// `path` is the way around, for example `a → b → a`.
pub(crate) fn closes(at: Span, path: &str) -> Diagnostic {
    RULE.at(at, format!("these kustomizations include each other: {path}"))
        .help("take one reference out; what both need belongs into a base of its own")
}
