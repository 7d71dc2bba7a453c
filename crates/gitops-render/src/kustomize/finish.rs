//! What only the root can do: hashes, references, order.

use crate::diagnostic::Diagnostic;
use crate::kustomize::generate::hash;
use crate::kustomize::layer::Layer;
use crate::kustomize::objects::Objects;
use crate::kustomize::{order, references};
use crate::node::{Entry, Map, Node, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::render::{RenderOptions, Reorder};
use crate::resource::Resource;
use crate::source::Span;

/// The objects of a root as they are printed, and what went wrong on the way.
pub(crate) fn finish(
    layer: &Layer,
    options: RenderOptions,
    start: Option<Span>,
) -> (Vec<Resource>, Vec<Diagnostic>) {
    let mut objects: Objects = layer.resources.iter().cloned().collect();
    add_hashes(&mut objects);
    let diagnostics = references::update(&mut objects, &layer.config);
    let mut resources = objects.into_list();
    resources.retain(|it| !is_local(it));
    if options.reorder != Some(Reorder::None) {
        order::legacy(&mut resources);
    }
    for resource in &mut resources {
        if let Some(start) = start.filter(|_| options.managed_by_label) {
            set_managed_by(resource, start);
        }
        clean_annotations(resource);
    }
    (resources, diagnostics)
}

pub(super) fn add_hashes(objects: &mut Objects) {
    let mut is_renamed = false;
    for resource in objects.list_mut().iter_mut().filter(|it| it.history.needs_hash) {
        let suffix = hash::suffix(resource);
        resource.remember_id();
        if let Some(name) = resource.node.path_mut(&["metadata", "name"])
            && let Value::Scalar(scalar) = &mut name.value
        {
            scalar.text = format!("{}-{suffix}", scalar.text).into();
            name.origin = name.origin.touched(Step::NameHash, name.origin.span);
        }
        resource.refresh();
        is_renamed = true;
    }
    if is_renamed {
        objects.reindex();
    }
}

/// Whether an object is for the build only.
fn is_local(resource: &Resource) -> bool {
    let value = resource.annotations().and_then(|it| it.get("config.kubernetes.io/local-config"));
    value.and_then(Node::as_scalar).is_some_and(|it| &*it.text != "false")
}

fn set_managed_by(resource: &mut Resource, start: Span) {
    let origin = || Origin::created(start, Step::BuildMetadata, start);
    let Some(metadata) = resource.node.get_mut("metadata").and_then(Node::as_map_mut) else { return };
    let put = |map: &mut Map, key: &str, node: Node| {
        map.insert(Entry { key: key.into(), key_span: start, key_kind: ScalarKind::Str, node });
    };
    if metadata.get("labels").is_none_or(Node::is_null) {
        put(metadata, "labels", Node::map(Map::default(), origin()));
    }
    if let Some(labels) = metadata.get_mut("labels").and_then(Node::as_map_mut) {
        put(labels, "app.kubernetes.io/managed-by", Node::string("kustomize-v5.6.0", origin()));
    }
}

/// Annotations that kustomize keeps for itself.
const INTERNAL: &[&str] = &[
    "config.kubernetes.io/index",
    "config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
];

/// Takes internal annotations out. Where kustomize has written some itself, it leaves no empty
/// mapping behind.
fn clean_annotations(resource: &mut Resource) {
    let was_rewritten = !resource.history.previous.is_empty() || resource.history.needs_hash;
    let annotations = resource.node.path(&["metadata", "annotations"]);
    let Some(annotations) = annotations else { return };
    let has_internal =
        annotations.as_map().is_some_and(|it| INTERNAL.iter().any(|key| it.get(key).is_some()));
    let is_empty = annotations.is_null() || annotations.as_map().is_some_and(Map::is_empty);
    if !has_internal && !(is_empty && was_rewritten) {
        return;
    }
    let Some(metadata) = resource.node.get_mut("metadata").and_then(Node::as_map_mut) else { return };
    if let Some(map) = metadata.get_mut("annotations").and_then(Node::as_map_mut) {
        map.entries_mut().retain(|it| !INTERNAL.contains(&&*it.key));
    }
    if metadata.get("annotations").is_some_and(|it| it.is_null() || it.as_map().is_some_and(Map::is_empty)) {
        metadata.remove("annotations");
    }
}
