//! KUS008: the same object twice in one build.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// Two objects of the same group, version, kind, namespace and name in one kustomization.
    ///
    /// ## Why it matters
    /// `kustomize build` stops: it cannot tell which one is meant.
    ///
    /// ## How to fix it
    /// Remove one of the two places, or rename an object. A base that is reached on two ways is the
    /// usual cause.
    KUS008 "duplicate-object" Error Repo
}

/// `object` names the object in words; `at` is what brings it in again, `first` where it stands.
pub(crate) fn twice(object: &str, at: Span, second: Span, first: Span) -> Diagnostic {
    RULE.at(at, format!("{object} is here a second time"))
        .label(second, "the second one")
        .label(first, "the first one")
        .help("remove one of them; a base that is listed on two ways counts twice")
}
