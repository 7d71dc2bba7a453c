//! What an object means after its apiVersion alone has changed.
//!
//! That it fits the schema of the other version is looked at elsewhere. Here is what no schema tells:
//! defaults that differ, and values that stand for something else.

use crate::node::{Map, Node};
use crate::resource::Gvk;

/// What another version makes of the same fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The API server stores the same for both.
    Same,
    /// What differs, in words that follow “, but ”.
    Different(&'static str),
    /// Nobody has written it down.
    Unknown,
}

/// The groups whose versions are one thing under several names, each with the kinds for which that
/// is so; all of the group's if there are none.
const SAME: [(&str, &[&str]); 10] = [
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob"]),
    ("coordination.k8s.io", &[]),
    ("discovery.k8s.io", &[]),
    ("networking.k8s.io", &["Ingress", "IngressClass"]),
    ("node.k8s.io", &[]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &[]),
    ("scheduling.k8s.io", &[]),
    ("storage.k8s.io", &[]),
];

/// What becomes of an object of `old` that is said to be of `new`, which its fields fit.
pub fn meaning(object: &Node, old: &Gvk, new: &Gvk) -> Meaning {
    let spec = object.get("spec");
    match (&*old.group, &*old.kind) {
        ("policy", "PodDisruptionBudget") if spec.and_then(|it| it.get("selector")).is_some_and(is_empty) => {
            Meaning::Different("an empty selector selects all pods there, and selected none")
        }
        ("extensions" | "apps", _) => Meaning::Different(
            "fields that are not set have other defaults there: how updates roll, what is kept",
        ),
        (
            "admissionregistration.k8s.io",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => {
            let webhooks = object.get("webhooks").and_then(Node::as_seq).unwrap_or_default();
            let fields = ["failurePolicy", "matchPolicy", "timeoutSeconds"];
            match webhooks.iter().all(|it| fields.iter().all(|field| it.get(field).is_some())) {
                true => Meaning::Same,
                false => Meaning::Different(
                    "`failurePolicy`, `matchPolicy` and `timeoutSeconds` have other defaults there",
                ),
            }
        }
        ("apiextensions.k8s.io", _) => {
            Meaning::Different("fields that its schema does not list are dropped there")
        }
        (group, kind) if old.group == new.group && is_same(group, kind) => Meaning::Same,
        _ => Meaning::Unknown,
    }
}

fn is_same(group: &str, kind: &str) -> bool {
    SAME.iter().any(|(of, kinds)| *of == group && (kinds.is_empty() || kinds.contains(&kind)))
}

/// Whether a selector demands nothing.
fn is_empty(selector: &Node) -> bool {
    let demands = |it: &Node| match (it.as_map(), it.as_seq()) {
        (Some(map), _) => !map.is_empty(),
        (_, Some(items)) => !items.is_empty(),
        _ => false,
    };
    let members = selector.as_map().map(Map::entries);
    members.is_some_and(|it| !it.iter().any(|it| demands(&it.node)))
}
