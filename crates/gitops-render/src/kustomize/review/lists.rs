//! Lists of custom resources that a merge patch replaces as a whole.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::kube::merge_keys::Types;
use crate::node::{Entry, Node, Value};
use crate::resource::{Gvk, Resource};
use crate::rules::kus;

/// Fields by which people tell the elements of a list apart, the first that fits counts.
const NAMES: [&str; 5] = ["name", "key", "id", "host", "type"];

/// Says which lists of the object lose something to the patch. The lists of kinds that `types`
/// know are merged.
pub(crate) fn lost_lists(types: &Types, resource: &Resource, patch: &Node) -> Vec<Diagnostic> {
    let mut found = vec![];
    if types.root(&resource.id.gvk).is_none() {
        let kind = resource.id.gvk.kind.to_string();
        compare(&Walk { types, kind: &kind }, &resource.node, patch, "", &mut found);
    }
    found
}

struct Walk<'a> {
    types: &'a Types,
    kind: &'a str,
}

fn compare(walk: &Walk<'_>, base: &Node, patch: &Node, path: &str, out: &mut Vec<Diagnostic>) {
    let (Some(base), Some(map)) = (base.as_map(), patch.as_map()) else { return };
    if map.get("$patch").is_some() {
        return;
    }
    for entry in map.entries() {
        let Some(old) = base.get(&entry.key) else { continue };
        let path = if path.is_empty() { entry.key.to_string() } else { format!("{path}.{}", entry.key) };
        match (&old.value, &entry.node.value) {
            (Value::Seq(old_items), Value::Seq(new_items)) => {
                if let Some(lost) = lost(old_items, new_items) {
                    out.push(report(walk, entry, old, &path, &lost));
                }
            }
            (Value::Map(_), Value::Map(_)) if !is_known(walk.types, old) => {
                compare(walk, old, &entry.node, &path, out);
            }
            _ => {}
        }
    }
}

/// An object inside of a custom resource is merged by its own kind.
fn is_known(types: &Types, node: &Node) -> bool {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    match (text("apiVersion"), text("kind")) {
        (Some(api_version), Some(kind)) => types.root(&Gvk::new(api_version, kind)).is_some(),
        _ => false,
    }
}

fn report(walk: &Walk<'_>, entry: &Entry, old: &Node, path: &str, lost: &str) -> Diagnostic {
    kus::list_replaced::replaced(entry.key_span, walk.kind, path, lost, old)
}

/// What the new list lacks of the old one, in words. `None` if it is a list of plain values, or is
/// emptied, which nobody does by mistake.
fn lost(old: &[Node], new: &[Node]) -> Option<String> {
    let is_map = |it: &Node| it.as_map().is_some_and(|it| it.get("$patch").is_none());
    if old.is_empty() || new.is_empty() || !old.iter().chain(new).all(is_map) {
        return None;
    }
    let by_name = NAMES.iter().find_map(|key| Some((named(old, key)?, named(new, key)?)));
    let (old, new) = by_name?;
    // A list that shares no element with the old one is another list, and meant to be.
    let kept: Vec<&&str> = old.keys().filter(|it| new.contains_key(**it)).collect();
    if kept.is_empty() {
        return None;
    }
    let gone: Vec<String> =
        old.keys().filter(|it| !new.contains_key(**it)).map(|it| format!("`{it}`")).collect();
    if !gone.is_empty() {
        let verb = if gone.len() == 1 { "is" } else { "are" };
        return Some(format!("{} {verb} lost", gone.join(", ")));
    }
    kept.into_iter().find_map(|name| {
        let (old, new) = (old[*name].as_map()?, new[*name].as_map()?);
        let field = old.entries().iter().find(|it| new.get(&it.key).is_none())?;
        Some(format!("`{}` of `{name}` is lost", field.key))
    })
}

/// The elements by the value of a field, if all have it and no two are the same.
fn named<'n>(items: &'n [Node], key: &str) -> Option<BTreeMap<&'n str, &'n Node>> {
    let named: BTreeMap<&str, &Node> =
        items.iter().map(|it| Some((it.get(key)?.as_str()?, it))).collect::<Option<_>>()?;
    (named.len() == items.len()).then_some(named)
}
