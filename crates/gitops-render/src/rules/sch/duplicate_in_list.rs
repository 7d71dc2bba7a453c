//! SCH008: two items of a list under one key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::diagnostic::Diagnostic;
use crate::kube::views::{At, containers, is_filled_in_later, pod_spec};
use crate::node::ScalarKind;
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// Two containers or volumes of one name, two variables of one name, two ports of one name or
    /// number, two mounts at one path: items of a list that Kubernetes tells apart by these fields.
    /// In a custom resource, the items of which its definition says so (`x-kubernetes-list-type`).
    ///
    /// ## Why it matters
    /// The API server refuses the object, or server-side apply does, which Flux uses. Where it is
    /// accepted, the last one wins, and a patch changes the first one only.
    ///
    /// ## How to fix it
    /// Delete one of them, or give it a name of its own.
    SCH008 "duplicate-in-list" Error Object
}

/// The fields by which items are told apart. A field without a default must be there.
type Key<'k> = &'k [(&'k str, Option<&'k str>)];

const BY_NAME: Key<'static> = &[("name", None)];
const BY_PATH: Key<'static> = &[("mountPath", None)];
const BY_DEVICE: Key<'static> = &[("devicePath", None)];
const BY_PORT: Key<'static> = &[("port", None), ("protocol", Some("TCP"))];
const BY_CONTAINER_PORT: Key<'static> = &[("containerPort", None), ("protocol", Some("TCP"))];

/// Looks at the lists of an object.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    if let ("", "Service") = (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        let spec = At::root(resource).get("spec");
        twice(spec.iter().flat_map(|it| it.list("ports")), "port", &[BY_NAME, BY_PORT], found);
    }
    let Some(pod) = pod_spec(resource) else { return };
    twice(containers(&pod), "container", &[BY_NAME], found);
    twice(pod.list("volumes"), "volume", &[BY_NAME], found);
    for container in containers(&pod) {
        twice(container.list("env"), "variable", &[BY_NAME], found);
        twice(container.list("volumeMounts"), "mount", &[BY_PATH], found);
        twice(container.list("volumeDevices"), "device", &[BY_DEVICE], found);
        twice(container.list("ports"), "port", &[BY_NAME, BY_CONTAINER_PORT], found);
    }
}

/// Reports every item that has a key of an item before it, once.
fn twice<'a>(items: impl Iterator<Item = At<'a>>, what: &str, keys: &[Key<'_>], found: &mut Vec<Diagnostic>) {
    let items: Vec<At<'a>> = items.collect();
    if items.len() < 2 {
        return;
    }
    let mut known: HashMap<(usize, Vec<&str>), At<'a>> = HashMap::new();
    for item in &items {
        let mut reported = false;
        for (index, key) in keys.iter().enumerate() {
            let at = key.iter().find_map(|it| item.get(it.0));
            let (Some(values), Some(at)) = (values(item, key), at) else { continue };
            match known.entry((index, values)) {
                Entry::Occupied(first) if !reported => {
                    reported = true;
                    let shown = first.key().1.join("/");
                    found.push(report(&at, first.get(), &format!("the {what} `{shown}` is there twice")));
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(slot) => drop(slot.insert(at)),
            }
        }
    }
}

/// What a set holds twice. Only texts, numbers and the like are compared.
pub(crate) fn in_set<'a>(items: impl Iterator<Item = At<'a>>, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<(ScalarKind, &str), At<'a>> = HashMap::new();
    for item in items {
        let Some(scalar) = item.node.as_scalar().filter(|it| !is_filled_in_later(&it.text)) else { continue };
        match known.get(&(scalar.kind, &*scalar.text)) {
            Some(first) => found.push(report(&item, first, &format!("{} is there twice", item.shown()))),
            None => drop(known.insert((scalar.kind, &scalar.text), item)),
        }
    }
}

/// The items that have the keys of an item before them. A key may have a text that stands in for it.
pub(crate) fn in_keyed_list<'a>(
    items: impl Iterator<Item = At<'a>>,
    keys: &[(&str, Option<String>)],
    found: &mut Vec<Diagnostic>,
) {
    let keys: Vec<(&str, Option<&str>)> = keys.iter().map(|(key, it)| (*key, it.as_deref())).collect();
    twice(items.filter(|it| keys.iter().any(|(key, _)| it.has(key))), "item", &[&keys], found);
}

/// What the item has in the fields of a key; `None` if there is not enough to compare.
fn values<'a>(item: &At<'a>, key: Key<'a>) -> Option<Vec<&'a str>> {
    let value = |(field, default): &(&str, Option<&'a str>)| match item.node.get(field) {
        Some(node) => node.as_scalar().map(|it| &*it.text).filter(|it| !it.is_empty()),
        None => *default,
    };
    let values = key.iter().map(value).collect::<Option<Vec<_>>>()?;
    (!values.iter().any(|it| is_filled_in_later(it))).then_some(values)
}

fn report(at: &At<'_>, first: &At<'_>, message: &str) -> Diagnostic {
    let found = at.find(&RULE, message).help("delete one of them, or rename it");
    let place = first.node.origin.span;
    // An anchor can put one text there twice.
    if found.span() == place { found } else { found.label(place, "first here") }
}
