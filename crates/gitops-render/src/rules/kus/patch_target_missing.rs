//! KUS004: a patch that no object answers to.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A patch whose target is not among the objects of its kustomization.
    ///
    /// ## Why it matters
    /// For a patch without `target`, `kustomize build` stops. With a `target` that selects nothing,
    /// kustomize goes on without a word, and the change never reaches the cluster.
    ///
    /// ## How to fix it
    /// Compare apiVersion, kind, name and namespace with the object that the help names.
    KUS004 "patch-target-missing" Error Repo
}

/// `wanted` is what the patch names or selects, in words; `nearest` an object that may be meant.
pub(crate) fn nothing_matches(at: Span, wanted: &str, nearest: Option<(String, Span)>) -> Diagnostic {
    let found = RULE.at(at, format!("this patch changes nothing: there is no {wanted} here"));
    match nearest {
        Some((name, span)) => {
            let help = format!("did you mean {name}?");
            found.label(span, "the closest one").help(help)
        }
        None => found,
    }
}
