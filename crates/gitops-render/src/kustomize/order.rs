//! The order of the output.

use std::cmp::Ordering;

use crate::resource::{Gvk, Resource, ResourceId};

/// What other objects depend on comes first.
const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// What can get in the way of other objects comes last.
const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts as `kustomize build` does by default (`--reorder legacy`).
pub(crate) fn legacy(resources: &mut [Resource]) {
    by_kinds(resources, FIRST, LAST);
}

/// Sorts by kind: those of `first` in that order, then all others, then those of `last`.
pub(crate) fn by_kinds<T: AsRef<str>>(resources: &mut [Resource], first: &[T], last: &[T]) {
    let keys =
        |it: &Resource| (kind_rank(&it.id.gvk.kind, first, last), gvk_text(&it.id.gvk), id_text(&it.id));
    let mut keyed: Vec<_> = resources.iter().map(|it| (keys(it), it.clone())).collect();
    keyed.sort_by(|(a, left), (b, right)| compare(a, left, b, right));
    for (slot, (_, resource)) in resources.iter_mut().zip(keyed) {
        *slot = resource;
    }
}

type Keys = (i32, String, String);

fn compare(a: &Keys, left: &Resource, b: &Keys, right: &Resource) -> Ordering {
    if left.id.gvk != right.id.gvk {
        return a.0.cmp(&b.0).then_with(|| {
            let ordering = a.1.cmp(&b.1);
            // kustomize compares Namespaces the other way around when one of them has no group.
            let is_odd = &*left.id.gvk.kind == "Namespace"
                && &*right.id.gvk.kind == "Namespace"
                && (left.id.gvk.group.is_empty() || right.id.gvk.group.is_empty());
            if is_odd { ordering.reverse() } else { ordering }
        });
    }
    a.2.cmp(&b.2)
}

/// A kind that is listed several times counts where it is listed last.
fn kind_rank<T: AsRef<str>>(kind: &str, first: &[T], last: &[T]) -> i32 {
    let in_last = last.iter().rposition(|it| it.as_ref() == kind).map(|it| it as i32 + 1);
    let in_first =
        || first.iter().rposition(|it| it.as_ref() == kind).map(|it| it as i32 - first.len() as i32);
    in_last.or_else(in_first).unwrap_or(0)
}

fn gvk_text(gvk: &Gvk) -> String {
    let group = if gvk.group.is_empty() { "~G" } else { &gvk.group };
    let version = if gvk.version.is_empty() { "~V" } else { &gvk.version };
    format!("{group}_{version}_{}", gvk.kind)
}

fn id_text(id: &ResourceId) -> String {
    let or = |text: &str, otherwise: &'static str| {
        if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
    };
    format!(
        "{}.{}.{}|{}|{}",
        or(&id.gvk.kind, "~K"),
        or(&id.gvk.version, "~V"),
        or(&id.gvk.group, "~G"),
        or(&id.namespace, "~X"),
        or(&id.name, "~N")
    )
}
