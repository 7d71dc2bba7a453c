//! Whether two values mean the same.

use std::sync::Arc;

use crate::node::{Node, Value};
use crate::yaml::json::to_json_go;

/// Whether two values would be applied as the same: the order of keys and the notation of scalars do not
/// count.
pub(super) fn is_same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Scalar(x), Value::Scalar(y)) => {
            x.kind == y.kind && x.text == y.text || to_json_go(a) == to_json_go(b)
        }
        (Value::Seq(x), Value::Seq(y)) => {
            Arc::ptr_eq(x, y) || x.len() == y.len() && x.iter().zip(y.iter()).all(|(a, b)| is_same(a, b))
        }
        (Value::Map(x), Value::Map(y)) => {
            if Arc::ptr_eq(x, y) {
                return true;
            }
            // The keys come in the same order almost always.
            let is_in = |(index, entry): (usize, &crate::node::Entry)| {
                let beside = y.entries().get(index).filter(|it| it.key == entry.key).map(|it| &it.node);
                beside.or_else(|| y.get(&entry.key)).is_some_and(|it| is_same(&entry.node, it))
            };
            x.len() == y.len() && x.entries().iter().enumerate().all(is_in)
        }
        _ => false,
    }
}
