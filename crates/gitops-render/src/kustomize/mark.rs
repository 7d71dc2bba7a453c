//! Values that come out of a patch say so.

use crate::node::{Entry, Map, Node, Value};
use crate::origin::{Origin, Step};
use crate::source::Span;

/// A value of a patch: it and all values in it say that they came through `step`.
pub(crate) fn mark(node: &Node, step: Step, directive: Span) -> Node {
    let value = match &node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Value::Seq(items) => {
            Value::Seq(items.iter().map(|it| mark(it, step, directive)).collect::<Vec<_>>().into())
        }
        Value::Map(map) => {
            let mut marked = Map::default();
            for entry in map.entries() {
                marked.push_new(Entry { node: mark(&entry.node, step, directive), ..entry.clone() });
            }
            Value::Map(marked.into())
        }
    };
    Node { value, origin: marked(&node.origin, step, directive) }
}

/// The origin of such a value.
pub(crate) fn marked(origin: &Origin, step: Step, directive: Span) -> Origin {
    match origin.trail {
        None => Origin::created(origin.span, step, directive),
        // Keep the alias in the patch that the value was written with.
        Some(_) => origin.touched(step, directive),
    }
}
