//! KUS004: a patch that no object answers to.

use crate::diagnostic::Diagnostic;
use crate::resource::{Resource, ResourceId};
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

/// A patch names an object that is not there: kustomize stops.
pub(crate) fn no_such_object(at: Span, id: &ResourceId, nearest: Option<&Resource>) -> Diagnostic {
    suggest(RULE.at(at, format!("there is no {id} to patch")), id, nearest)
}

/// A `target` selects nothing: kustomize goes on without a word.
pub(crate) fn selects_nothing(at: Span, wanted: &str, nearest: Option<&Resource>) -> Diagnostic {
    let found = RULE.at(at, format!("the patch changes nothing: there is no {wanted}"));
    suggest(found, &ResourceId::default(), nearest)
}

/// A patch names several objects.
pub(crate) fn several(at: Span, id: &ResourceId, first: &Resource, second: &Resource) -> Diagnostic {
    RULE.at(at, format!("several objects are or were {id}"))
        .label(first.place(), "this one")
        .label(second.place(), "and this one")
        .help("add a `target` that selects the one that is meant")
}

/// Adds the object that is most like what was looked for, and how it differs.
fn suggest(found: Diagnostic, wanted: &ResourceId, nearest: Option<&Resource>) -> Diagnostic {
    let Some(nearest) = nearest else { return found };
    let is = &nearest.id;
    let help = if is.name != wanted.name {
        format!("did you mean {is}?")
    } else if is.gvk.kind != wanted.gvk.kind {
        format!("`{}` is of kind {}", is.name, is.gvk.kind)
    } else if is.gvk != wanted.gvk {
        format!("`{}` has the apiVersion `{}`", is.name, is.gvk.api_version())
    } else {
        format!("`{}` is in namespace `{}`", is.name, is.effective_namespace())
    };
    found.label(nearest.place(), "the closest one").help(help)
}
