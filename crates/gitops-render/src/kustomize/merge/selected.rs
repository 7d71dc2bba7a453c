//! What kustomize does to a patch with a `target` before it applies it.

use std::sync::Arc;

use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};

/// The patch as it is applied to an object that a `target` has selected.
///
/// Its apiVersion plays no part. Its labels and annotations become strings: null, which would
/// remove one elsewhere, is the text `null` here, and `labels: null` is nothing at all.
pub fn for_target(patch: &Node) -> Node {
    let mut patch = patch.clone();
    if let Some(map) = patch.as_map_mut() {
        map.remove("apiVersion");
    }
    let Some(metadata) = patch.get_mut("metadata").and_then(Node::as_map_mut) else { return patch };
    for key in ["labels", "annotations"] {
        match metadata.get_mut(key) {
            Some(Node { value: Value::Map(map), .. }) => {
                let mut strings = Map::default();
                for entry in map.entries() {
                    strings.push_new(Entry { node: as_string(&entry.node), ..entry.clone() });
                }
                *map = Arc::new(strings);
            }
            Some(Node { value: Value::Scalar(_), .. }) => {
                metadata.remove(key);
            }
            _ => {}
        }
    }
    patch
}

/// The text of a scalar, whatever it stands for; nothing for a map or a list.
fn as_string(node: &Node) -> Node {
    let (text, quoted) =
        node.as_scalar().map_or((Arc::default(), false), |it| (Arc::clone(&it.text), it.quoted));
    let scalar = Scalar { text, kind: ScalarKind::Str, quoted };
    Node { value: Value::Scalar(scalar), origin: node.origin.clone() }
}
