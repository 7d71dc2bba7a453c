//! The fields of an object with their origins, for whoever wants to show them.

use crate::node::{Node, Value, pointer_part};
use crate::origin::{Origin, Trail};

/// A value in an object.
#[derive(Clone, Debug)]
pub struct Field<'n> {
    /// Where it is, a JSON pointer.
    pub pointer: String,
    /// The value.
    pub node: &'n Node,
    /// Whether a step has changed it, other than the one that brought all that is around it.
    pub is_changed: bool,
}

/// The values in `object` that have a text of their own (scalars and empty collections), and the
/// collections that a step has changed. In the order of the object, which is not among them.
pub fn fields(object: &Node) -> Vec<Field<'_>> {
    let mut found = vec![];
    below(object, "", &mut found);
    found
}

fn below<'n>(node: &'n Node, pointer: &str, found: &mut Vec<Field<'n>>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                field(node, item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Map(map) => {
            for entry in map.entries() {
                field(node, &entry.node, format!("{pointer}/{}", pointer_part(&entry.key)), found);
            }
        }
    }
}

fn field<'n>(parent: &Node, node: &'n Node, pointer: String, found: &mut Vec<Field<'n>>) {
    let has_parts = match &node.value {
        Value::Scalar(_) => false,
        Value::Seq(items) => !items.is_empty(),
        Value::Map(map) => !map.is_empty(),
    };
    if node.origin.trail.is_some() || !has_parts {
        let is_changed = node.origin.trail.is_some() && !came_with(&parent.origin, &node.origin);
        found.push(Field { pointer: pointer.clone(), node, is_changed });
    }
    below(node, &pointer, found);
}

/// Whether a value is just a part of what the newest step brought.
fn came_with(parent: &Origin, part: &Origin) -> bool {
    let is_same = |a: &Trail, b: &Trail| a.step == b.step && a.directive == b.directive && b.before.is_none();
    match (&parent.trail, &part.trail) {
        (Some(a), Some(b)) => is_same(a, b) && parent.span.file == part.span.file,
        _ => false,
    }
}
