//! KUS011: a merge patch that is no merge.

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A strategic merge patch of a custom resource with a list that lacks elements of the list in the
    /// base, or repeats one of them with fewer fields. Lists of plain values are passed over: those are
    /// replaced in every kind, and people know.
    ///
    /// ## Why it matters
    /// Of the kinds of Kubernetes itself, kustomize knows by which key elements are merged: `containers` by
    /// `name`, and so on. Of custom resources, and of kinds newer than Kubernetes 1.21, it knows nothing, and the list of the patch takes the place
    /// of the whole list. What only the base said is gone without a word.
    ///
    /// ## How to fix it
    /// Use a JSON patch, which can add or change a single element, or give kustomize the schema of the kind
    /// through `openapi`. If the list is meant to be replaced, say so with a JSON patch (`op: replace`).
    KUS011 "custom-list-replaced" Warning Repo
}

/// `lost` says what is gone: elements, or fields of them.
pub(crate) fn replaced(at: Span, kind: &str, path: &str, lost: &str, base: &Node) -> Diagnostic {
    RULE.at(at, format!("the patch replaces the whole list `{path}` of the {kind}: {lost}"))
        .label(base.origin.span.at_start(), "the list that is replaced")
        .help("kustomize cannot merge lists of custom resources: use a JSON patch to change one element")
}
