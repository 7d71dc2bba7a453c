//! How much work it is to hold an object against a schema.
//!
//! References that meet branches again on each level of an object multiply: a small schema and a
//! small object can keep a validator busy for years. What a validator would do is counted first, each
//! pair of schema and value once.

use std::collections::HashMap;

use serde_json::Value;

use super::circles::IN_PLACE;
use crate::node::{Node, Value as NodeValue};
use crate::schema::bundle::DEFS;

/// A second's work or so. An object of a real kind is a thousandth of this.
const MOST: u64 = 1_000_000;

/// Whether it is too much. `document` is joined, so that in-place references come to an end.
pub(in crate::schema) fn is_too_much(document: &Value, object: &Node) -> bool {
    Count { document, known: HashMap::new() }.of(document, object) > MOST
}

struct Count<'a> {
    document: &'a Value,
    /// By the addresses of schema and value, which stay where they are.
    known: HashMap<(usize, usize), u64>,
}

impl<'a> Count<'a> {
    /// How many times a schema meets a value, if this one meets that.
    fn of(&mut self, schema: &'a Value, node: &'a Node) -> u64 {
        let key = (std::ptr::from_ref(schema) as usize, std::ptr::from_ref(node) as usize);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut count = 1_u64;
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(DEFS));
        let target = target.and_then(|it| self.document.get("$defs")?.get(it));
        let branches = IN_PLACE.iter().filter_map(|it| schema.get(it)).flat_map(each);
        for branch in target.into_iter().chain(branches) {
            count = count.saturating_add(self.of(branch, node));
        }
        match &node.value {
            NodeValue::Map(map) => {
                for entry in map.entries() {
                    let named = schema.get("properties").and_then(|it| it.get(&*entry.key));
                    let patterns =
                        schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
                    let others = ["additionalProperties", "unevaluatedProperties"];
                    let others = others.iter().filter_map(|it| schema.get(it));
                    for part in named.into_iter().chain(patterns.map(|it| it.1)).chain(others) {
                        count = count.saturating_add(self.of(part, &entry.node));
                    }
                }
            }
            NodeValue::Seq(items) => {
                let parts = ["items", "prefixItems", "contains", "unevaluatedItems"];
                for part in parts.iter().filter_map(|it| schema.get(it)).flat_map(each) {
                    for item in items.iter() {
                        count = count.saturating_add(self.of(part, item));
                    }
                }
            }
            NodeValue::Scalar(_) => {}
        }
        self.known.insert(key, count);
        count
    }
}

/// The schemas of a keyword that takes one or several.
fn each(schemas: &Value) -> &[Value] {
    schemas.as_array().map_or(std::slice::from_ref(schemas), Vec::as_slice)
}
