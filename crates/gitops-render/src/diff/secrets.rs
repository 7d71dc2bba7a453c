//! What must not be shown of a difference.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::node::{Node, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::Resource;

/// What stands for a secret value.
pub const HIDDEN: &str = "(hidden)";

/// Shorter values stand in other texts by chance.
const SHORTEST: usize = 4;

/// Annotations that hold the whole object as it was applied.
const APPLIED: &[&str] =
    &["kubectl.kubernetes.io/last-applied-configuration", "objectset.rio.cattle.io/applied"];

/// The secret values of the objects that are looked at.
#[derive(Debug, Default)]
pub(super) struct Secrets(BTreeSet<String>);

impl Secrets {
    /// The values of all Secrets among `resources`, as they stand there and decoded.
    pub(super) fn of<'r>(resources: impl Iterator<Item = &'r Resource>) -> Secrets {
        let mut found = BTreeSet::new();
        for secret in resources.filter(|it| is_secret(it)) {
            for entry in ["data", "stringData"].iter().filter_map(|it| secret.node.get(it)?.as_map()) {
                for text in entry.entries().iter().filter_map(|it| it.node.as_scalar()).map(|it| &*it.text) {
                    let plain = STANDARD.decode(text.trim()).ok().and_then(|it| String::from_utf8(it).ok());
                    found.extend([Some(text.to_owned()), plain].into_iter().flatten());
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
        if is_secret(resource) {
            let is_data = way.first().is_some_and(|it| matches!(&**it, "data" | "stringData"));
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

fn is_secret(resource: &Resource) -> bool {
    &*resource.id.gvk.kind == "Secret" && resource.id.gvk.group.is_empty()
}
