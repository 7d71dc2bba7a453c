//! KUS008: the same object twice in one build.

use crate::diagnostic::Diagnostic;
use crate::resource::{Resource, ResourceId};
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

/// `at` is what brings the object in again.
pub(crate) fn twice(second: &Resource, first: &Resource, at: Span) -> Diagnostic {
    RULE.at(at, format!("{} is here a second time", second.id))
        .label(second.place(), "the second one")
        .label(first.place(), "the first one")
        .help("remove one of them; a base that is listed on two ways counts twice")
}

/// A generator makes an object that is there already.
pub(crate) fn generated(id: &ResourceId, at: Span, first: &Resource) -> Diagnostic {
    RULE.at(at, format!("{id} is there already"))
        .label(first.place(), "the first one")
        .help("set `behavior: merge` or `behavior: replace` if it is meant to change that one")
}
