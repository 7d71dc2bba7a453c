//! CustomResourceDefinitions: the kinds that a repository defines itself.

use serde_json::Value;

use super::convert;
use super::json::to_json;
use crate::node::Node;
use crate::resource::{Gvk, Resource};

/// A kind that a CustomResourceDefinition serves.
pub(super) struct Definition {
    pub gvk: Gvk,
    /// The schema, converted; `None` if the definition has none, so that anything goes.
    pub schema: Option<Value>,
}

/// Whether an object is a CustomResourceDefinition.
pub(super) fn is_definition(resource: &Resource) -> bool {
    let gvk = &resource.id.gvk;
    &*gvk.kind == "CustomResourceDefinition" && &*gvk.group == "apiextensions.k8s.io"
}

/// The kinds that a CustomResourceDefinition serves, one for each version.
///
/// Reads `v1`, and as much of `v1beta1` as old repositories need. What is not there or not as it
/// should be is left out.
pub(super) fn definitions(resource: &Resource) -> Vec<Definition> {
    let Some(spec) = resource.node.get("spec") else { return vec![] };
    let (Some(group), Some(kind)) = (text(spec, &["group"]), text(spec, &["names", "kind"])) else {
        return vec![];
    };
    let is_v1 = &*resource.id.gvk.version == "v1";
    let keeps_unknown = flag(spec, "preserveUnknownFields").unwrap_or(!is_v1);
    let define = |version: &str, schema: Option<&Node>| Definition {
        gvk: Gvk { group: group.into(), version: version.into(), kind: kind.into() },
        schema: schema.map(|it| convert::custom(to_json(it), keeps_unknown)),
    };
    let common = spec.path(&["validation", "openAPIV3Schema"]);
    let versions = spec.get("versions").and_then(Node::as_seq).unwrap_or_default();
    let served = versions.iter().filter(|it| flag(it, "served").unwrap_or(true));
    let mut found: Vec<Definition> = served
        .filter_map(|it| {
            Some(define(text(it, &["name"])?, it.path(&["schema", "openAPIV3Schema"]).or(common)))
        })
        .collect();
    if versions.is_empty() {
        found.extend(text(spec, &["version"]).map(|it| define(it, common)));
    }
    found
}

fn text<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n str> {
    node.path(keys)?.as_str()
}

fn flag(node: &Node, key: &str) -> Option<bool> {
    node.get(key)?.as_scalar()?.bool()
}
