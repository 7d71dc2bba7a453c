//! What the API server does to an object before it looks at its rules: it drops what is null and may
//! not be, and fills in defaults.

use std::sync::Arc;

use super::shape::is_true;
use crate::node::{Entry, Node, ScalarKind, Value};

/// The value with its defaults, as a structural schema has them.
///
/// What is filled in points to the schema.
pub(crate) fn defaulted(node: &Node, schema: &Node) -> Node {
    changed(node, schema).unwrap_or_else(|| node.clone())
}

/// The value, if it is another with its defaults: most are not, and are not copied.
fn changed(node: &Node, schema: &Node) -> Option<Node> {
    match &node.value {
        Value::Map(_) => changed_map(node, schema),
        Value::Seq(items) => {
            let inner = schema.get("items")?;
            let mut copy: Option<Node> = None;
            for (index, item) in items.iter().enumerate() {
                if let Some(new) = replaced(item, inner) {
                    copy.get_or_insert_with(|| node.clone()).as_seq_mut()?[index] = new;
                }
            }
            copy
        }
        Value::Scalar(_) => None,
    }
}

/// The value of an item, or of an entry, if it is another: null becomes the default.
fn replaced(node: &Node, schema: &Node) -> Option<Node> {
    if !node.is_null() || is_true(schema, "nullable") {
        return changed(node, schema);
    }
    default(schema).map(|it| changed(it, schema).unwrap_or_else(|| it.clone()))
}

/// The default that a schema has; null is none.
fn default(schema: &Node) -> Option<&Node> {
    schema.get("default").filter(|it| !it.is_null())
}

fn changed_map(node: &Node, schema: &Node) -> Option<Node> {
    let properties = schema.get("properties").and_then(Node::as_map);
    let rest = schema.get("additionalProperties");
    let of = |key: &str| properties.and_then(|it| it.get(key)).or(rest);
    // What has a default gets it below.
    let is_dropped = |it: &&Entry| {
        let schema = of(&it.key).filter(|it| !is_true(it, "nullable") && default(it).is_none());
        it.node.is_null() && schema.is_some()
    };
    let map = node.as_map()?;
    let dropped: Vec<Arc<str>> =
        map.entries().iter().filter(is_dropped).map(|it| Arc::clone(&it.key)).collect();
    let mut copy: Option<Node> = None;
    for key in &dropped {
        copy.get_or_insert_with(|| node.clone()).as_map_mut()?.remove(key);
    }
    for property in properties.map_or(&[][..], |it| it.entries()) {
        let Some(default) = default(&property.node) else { continue };
        if node.get(&property.key).is_none() {
            let entry = Entry {
                key: Arc::clone(&property.key),
                key_span: property.key_span,
                key_kind: ScalarKind::Str,
                node: default.clone(),
            };
            copy.get_or_insert_with(|| node.clone()).as_map_mut()?.insert(entry);
        }
    }
    let now = copy.clone().unwrap_or_else(|| node.clone());
    for entry in now.as_map()?.entries() {
        if let Some(new) = of(&entry.key).and_then(|it| replaced(&entry.node, it)) {
            *copy.get_or_insert_with(|| node.clone()).get_mut(&entry.key)? = new;
        }
    }
    copy
}
