//! SCH008: two items of a list under one key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::diagnostic::Diagnostic;
use crate::kube::views::{At, containers, is_filled_in_later, pod_spec};
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// Two containers or volumes of one name, two variables of one name, two ports of one name or
    /// number, two mounts at one path: items of a list that Kubernetes tells apart by these fields.
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
type Key = &'static [(&'static str, Option<&'static str>)];

const BY_NAME: Key = &[("name", None)];
const BY_PATH: Key = &[("mountPath", None)];
const BY_DEVICE: Key = &[("devicePath", None)];
const BY_PORT: Key = &[("port", None), ("protocol", Some("TCP"))];
const BY_CONTAINER_PORT: Key = &[("containerPort", None), ("protocol", Some("TCP"))];

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
fn twice<'a>(items: impl Iterator<Item = At<'a>>, what: &str, keys: &[Key], found: &mut Vec<Diagnostic>) {
    let items: Vec<At<'a>> = items.collect();
    if items.len() < 2 {
        return;
    }
    let mut known: HashMap<(usize, Vec<&str>), At<'a>> = HashMap::new();
    for item in items {
        let mut reported = false;
        for (index, key) in keys.iter().enumerate() {
            let (Some(values), Some(at)) = (values(&item, key), item.get(key[0].0)) else { continue };
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

/// What the item has in the fields of a key; `None` if there is not enough to compare.
fn values<'a>(item: &At<'a>, key: Key) -> Option<Vec<&'a str>> {
    let value = |(field, default): &(&'static str, Option<&'static str>)| match item.node.get(field) {
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
