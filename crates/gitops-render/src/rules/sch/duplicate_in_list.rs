//! SCH008: two items of a list under one key.

use std::collections::HashMap;

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

/// Looks at the lists of an object.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    if let ("", "Service") = (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        let ports = || At::root(resource).get("spec").into_iter().flat_map(|it| it.list("ports"));
        twice(ports(), "port", &[("name", None)], found);
        twice(ports(), "port", &[("port", None), ("protocol", Some("TCP"))], found);
    }
    let Some(pod) = pod_spec(resource) else { return };
    twice(containers(&pod), "container", &[("name", None)], found);
    twice(pod.list("volumes"), "volume", &[("name", None)], found);
    for container in containers(&pod) {
        twice(container.list("env"), "variable", &[("name", None)], found);
        twice(container.list("volumeMounts"), "mount", &[("mountPath", None)], found);
        twice(container.list("volumeDevices"), "device", &[("devicePath", None)], found);
        twice(container.list("ports"), "port", &[("name", None)], found);
        twice(container.list("ports"), "port", &[("containerPort", None), ("protocol", Some("TCP"))], found);
    }
}

/// Reports every item whose keys an item before it has. A key without a default must be there.
fn twice<'a>(
    items: impl Iterator<Item = At<'a>>,
    what: &str,
    keys: &[(&str, Option<&str>)],
    found: &mut Vec<Diagnostic>,
) {
    let mut known: HashMap<Vec<String>, At<'a>> = HashMap::new();
    for item in items {
        let value = |(key, default): &(&str, Option<&str>)| match item.node.get(key) {
            Some(node) => node.as_scalar().map(|it| it.text.to_string()).filter(|it| !it.is_empty()),
            None => default.map(str::to_owned),
        };
        let Some(values) = keys.iter().map(value).collect::<Option<Vec<_>>>() else { continue };
        if values.iter().any(|it| is_filled_in_later(it)) {
            continue;
        }
        let Some(at) = item.get(keys[0].0) else { continue };
        match known.get(&values) {
            // What stands at one place of a file and is there twice was made twice by an anchor.
            Some(first) => {
                let message = format!("the {what} `{}` is there twice", values.join("/"));
                let place = first.get(keys[0].0).map_or(first.node.origin.span, |it| it.node.origin.span);
                let report = at.find(&RULE, message);
                let report = if report.span() == place { report } else { report.label(place, "first here") };
                found.push(report.help("delete one of them, or rename it"));
            }
            None => drop(known.insert(values, item)),
        }
    }
}
