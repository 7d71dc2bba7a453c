//! SCH011: a namespace for something that lives in none.

use crate::diagnostic::Diagnostic;
use crate::kube::native::is_cluster_scoped;
use crate::kube::views::At;
use crate::origin::Step;
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// `metadata.namespace` in an object of a kind that lives outside of namespaces. Where kustomize's
    /// `namespace` put it there, nothing is said: kustomize does not know every such kind.
    ///
    /// ## Why it matters
    /// The API server passes over it. Two such objects that differ by their namespace only are one, and
    /// some tools look for the object where it is not.
    ///
    /// ## How to fix it
    /// Delete the field.
    SCH011 "namespace-on-cluster-scoped" Warning Object
}

/// Looks for a namespace where there can be none.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    if resource.id.namespace.is_empty() || !is_cluster_scoped(&resource.id.gvk) {
        return;
    }
    let Some(namespace) = At::root(resource).path(&["metadata", "namespace"]) else { return };
    if namespace.node.origin.steps().any(|it| it.step == Step::Namespace) {
        return;
    }
    let message = format!("a {} lives in no namespace", resource.id.gvk.kind);
    found.push(namespace.find(&RULE, message).help("delete `namespace`"));
}
