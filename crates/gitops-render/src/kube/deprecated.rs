//! Fields, annotations and labels that Kubernetes still reads, and calls deprecated.
//!
//! Which fields, the documentation of the API tells (`schemas/deprecated_fields.tsv`). Those that only
//! controllers write are left out.

use std::sync::LazyLock;

use crate::kube::views::{At, containers, hooks, pod_spec, pod_template};
use crate::resource::Resource;

/// A row of one of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Deprecated {
    /// The type that has the field, or where the key stands.
    place: &'static str,
    /// The field or the key; a field may have `=` and a value behind it.
    name: &'static str,
    /// The minor version of Kubernetes 1 that deprecated it, if it was not always so.
    pub since: Option<u32>,
    /// What to do, as an imperative.
    pub advice: &'static str,
}

/// Something deprecated in an object.
#[derive(Debug)]
pub struct Use<'a> {
    /// The mapping that has the field or the key; the value itself if there is no `key`.
    pub at: At<'a>,
    /// The field or the key.
    pub key: Option<&'a str>,
    /// What is known about it.
    pub what: &'static Deprecated,
}

impl Deprecated {
    /// Whether it is this value of the field that is deprecated, and not the field.
    pub fn is_value(&self, value: &str) -> bool {
        self.name.split_once('=').is_some_and(|it| it.1 == value)
    }
}

static FIELDS: LazyLock<Vec<Deprecated>> =
    LazyLock::new(|| rows(include_str!("../../schemas/deprecated_fields.tsv")));

static KEYS: LazyLock<Vec<Deprecated>> = LazyLock::new(|| rows(include_str!("deprecated_keys.tsv")));

fn rows(table: &'static str) -> Vec<Deprecated> {
    let row = |line: &'static str| {
        let mut fields = line.split('\t');
        let mut next = || fields.next().expect("the tables have four columns");
        Deprecated { place: next(), name: next(), since: next().parse().ok(), advice: next() }
    };
    table.lines().filter(|it| !it.starts_with('#')).map(row).collect()
}

/// Everything in an object of Kubernetes' own kinds that is deprecated, in any version.
pub fn uses(resource: &Resource) -> Vec<Use<'_>> {
    let mut found = vec![];
    let root = At::root(resource);
    if let Some(pod) = pod_spec(resource) {
        // The API server writes the one beside the other, so that what was read from it has both.
        let is_copy = pod.text_of("serviceAccount") == pod.text_of("serviceAccountName");
        if !is_copy {
            fields("core.v1.PodSpec", &pod, &mut found);
        }
        pod.list("volumes").for_each(|it| fields("core.v1.Volume", &it, &mut found));
        let handlers = containers(&pod).flat_map(|it| hooks(&it).collect::<Vec<_>>());
        handlers.for_each(|it| fields("core.v1.LifecycleHandler", &it, &mut found));
        node_labels(&pod, &mut found);
    }
    if let Some(template) = pod_template(resource) {
        annotations("pod", &template, &mut found);
    }
    let (group, kind) = (&*resource.id.gvk.group, &*resource.id.gvk.kind);
    let of_spec = match (group, kind) {
        ("", "PersistentVolume") => Some("core.v1.PersistentVolumeSpec"),
        ("", "Service") => Some("core.v1.ServiceSpec"),
        ("", "Node") => Some("core.v1.NodeSpec"),
        _ => None,
    };
    if let (Some(place), Some(spec)) = (of_spec, root.get("spec")) {
        fields(place, &spec, &mut found);
    }
    if matches!(group, "" | "extensions" | "networking.k8s.io" | "storage.k8s.io") {
        annotations(kind, &root, &mut found);
    }
    if let ("", "PersistentVolume") = (group, kind) {
        root.path(&["spec", "nodeAffinity"]).iter().for_each(|it| selected(it, &mut found));
    }
    found
}

/// The deprecated fields of a mapping of the type `place`.
fn fields<'a>(place: &str, mapping: &At<'a>, found: &mut Vec<Use<'a>>) {
    for what in FIELDS.iter().filter(|it| it.place == place) {
        let (field, wanted) = what.name.split_once('=').map_or((what.name, None), |it| (it.0, Some(it.1)));
        let Some(entry) = mapping.node.as_map().and_then(|it| it.entry(field)) else { continue };
        let is_meant = match wanted {
            Some(wanted) => entry.node.as_str() == Some(wanted),
            // An empty field is one that is not set.
            None => mapping.has(field),
        };
        if is_meant {
            found.push(Use { at: mapping.clone(), key: Some(&entry.key), what });
        }
    }
}

/// What is known about a key that stands in such a place.
fn key(place: &str, key: &str) -> Option<&'static Deprecated> {
    KEYS.iter().find(|it| {
        it.place == place && it.name.strip_suffix('*').map_or(it.name == key, |start| key.starts_with(start))
    })
}

fn annotations<'a>(place: &str, object: &At<'a>, found: &mut Vec<Use<'a>>) {
    let Some(annotations) = object.path(&["metadata", "annotations"]) else { return };
    let known = annotations.members().filter_map(|(name, _)| Some((name, key(place, name)?)));
    found.extend(known.map(|(name, what)| Use { at: annotations.clone(), key: Some(name), what }));
}

/// The labels by which a pod chooses its node.
fn node_labels<'a>(pod: &At<'a>, found: &mut Vec<Use<'a>>) {
    if let Some(selector) = pod.get("nodeSelector") {
        let known = selector.members().filter_map(|(name, _)| Some((name, key("node", name)?)));
        found.extend(known.map(|(name, what)| Use { at: selector.clone(), key: Some(name), what }));
    }
    for field in ["affinity", "topologySpreadConstraints"] {
        pod.get(field).iter().for_each(|it| selected(it, found));
    }
}

/// The labels of nodes that the terms below select. The depth of an object is limited by the parser.
fn selected<'a>(at: &At<'a>, found: &mut Vec<Use<'a>>) {
    // Who avoids the nodes that have an old label as well as those that have the new one is right.
    if matches!(at.text_of("operator"), Some("DoesNotExist" | "NotIn")) {
        return;
    }
    for (name, value) in at.members() {
        match (name, value.text()) {
            ("key" | "topologyKey", Some(text)) => {
                found.extend(key("node", text).map(|what| Use { at: value, key: None, what }));
            }
            _ => selected(&value, found),
        }
    }
    at.items().for_each(|it| selected(&it, found));
}
