//! What must not be shown of a difference.

use std::collections::BTreeSet;

use crate::node::{Node, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::Resource;
use crate::secrets::{APPLIED, FIELDS, HIDDEN, SHORTEST, decoded, is_secret};

/// The secret values of the objects that are looked at.
#[derive(Debug, Default)]
pub(super) struct Secrets(BTreeSet<String>);

impl Secrets {
    /// The values of all Secrets among `resources`, as they stand there and decoded.
    pub(super) fn of<'r>(resources: impl Iterator<Item = &'r Resource>) -> Secrets {
        let mut found = BTreeSet::new();
        for secret in resources.filter(|it| is_secret(&it.id.gvk)) {
            for entry in FIELDS.iter().filter_map(|it| secret.node.get(it)?.as_map()) {
                for text in entry.entries().iter().filter_map(|it| it.node.as_scalar()).map(|it| &*it.text) {
                    found.extend([Some(text.to_owned()), decoded(text)].into_iter().flatten());
                }
            }
        }
        found.retain(|it| it.len() >= SHORTEST);
        Secrets(found)
    }

    /// A value of an object at the keys `way`, with what is secret hidden; and whether something was.
    pub(super) fn hide(&self, resource: &Resource, way: &[String], node: &Node) -> (Node, bool) {
        let mut node = node.clone();
        let mut way = way.to_vec();
        let is_hidden = self.hide_below(resource, &mut way, &mut node);
        (node, is_hidden)
    }

    fn hide_below(&self, resource: &Resource, way: &mut Vec<String>, node: &mut Node) -> bool {
        let mut is_hidden = false;
        match &node.value {
            Value::Scalar(_) => {
                if self.is_hidden(resource, way, node) {
                    *node = Node::string(HIDDEN, node.origin.clone());
                    return true;
                }
            }
            Value::Seq(_) => {
                for (index, item) in node.as_seq_mut().into_iter().flatten().enumerate() {
                    way.push(index.to_string());
                    is_hidden |= self.hide_below(resource, way, item);
                    way.pop();
                }
            }
            Value::Map(_) => {
                for entry in node.as_map_mut().into_iter().flat_map(|it| it.entries_mut()) {
                    way.push(entry.key.to_string());
                    is_hidden |= self.hide_below(resource, way, &mut entry.node);
                    way.pop();
                }
            }
        }
        is_hidden
    }

    fn is_hidden(&self, resource: &Resource, way: &[String], node: &Node) -> bool {
        let Some(scalar) = node.as_scalar().filter(|it| it.kind != ScalarKind::Null) else { return false };
        // SOPS encrypts single values, of objects of all kinds.
        if scalar.text.starts_with("ENC[") {
            return true;
        }
        if is_secret(&resource.id.gvk) {
            let is_data = way.first().is_some_and(|it| FIELDS.contains(&&**it));
            let is_applied = way.last().is_some_and(|it| APPLIED.contains(&&**it));
            if is_data || is_applied {
                return true;
            }
        }
        // What a replacement takes out of a Secret is as secret there.
        let is_copied = node.origin.steps().any(|it| matches!(it.step, Step::Replacement | Step::Var));
        is_copied && self.0.iter().any(|it| scalar.text.contains(&**it))
    }
}
