//! What only the root can do: hashes, references, variables, order.

use std::sync::Arc;

use crate::cancel::Cancel;
use crate::diagnostic::Diagnostic;
use crate::kustomize::file::{Kustomization, SortOptions, Text};
use crate::kustomize::generate::hash;
use crate::kustomize::layer::Layer;
use crate::kustomize::objects::Objects;
use crate::kustomize::options::{RenderOptions, Reorder};
use crate::kustomize::{metadata, order, references, vars};
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::Resource;
use crate::rules::kus;

/// The objects of a root as they are printed, and what went wrong on the way. They are of no use if the work
/// was cancelled.
pub(crate) fn finish(
    layer: &Layer,
    options: RenderOptions,
    root: &Kustomization,
    cancel: &Cancel,
) -> (Vec<Resource>, Vec<Diagnostic>) {
    let mut objects: Objects = layer.resources.iter().cloned().collect();
    add_hashes(&mut objects);
    let mut diagnostics = references::update(&mut objects, &layer.config, cancel);
    diagnostics.extend(vars::resolve(&mut objects, &layer.vars, &layer.config, cancel));
    let mut resources = objects.into_list();
    resources.retain(|it| !is_local(it));
    match &root.sort_options {
        // The file counts for more than the flag.
        Some(sort_options) => diagnostics.extend(sort(&mut resources, sort_options)),
        None if options.reorder == Some(Reorder::None) => {}
        None => order::legacy(&mut resources),
    }
    let managed_by = root.build_metadata.managed_by.or(root.start.filter(|_| options.managed_by_label));
    for resource in resources.iter_mut().take_while(|_| !cancel.is_cancelled()) {
        if let Some(at) = managed_by {
            metadata::set_managed_by(resource, at);
        }
        clean_annotations(resource);
        metadata::annotate(resource, root);
    }
    (resources, diagnostics)
}

/// Sorts as `sortOptions` says.
fn sort(resources: &mut [Resource], options: &SortOptions) -> Option<Diagnostic> {
    let at = options.order.span;
    match (&*options.order.value, &options.legacy) {
        ("fifo", None) => {}
        ("legacy", None) => order::legacy(resources),
        ("legacy", Some((first, last))) => {
            let texts =
                |list: &'_ [Text]| -> Vec<Arc<str>> { list.iter().map(|it| Arc::clone(&it.value)).collect() };
            order::by_kinds(resources, &texts(first), &texts(last));
        }
        ("fifo", Some(_)) => {
            let reason = "`legacySortOptions` says how to sort, but the order is `fifo`";
            return Some(kus::build_failed::because(at, reason).help("set `order: legacy`, or drop them"));
        }
        _ => {
            let reason = format!("`{}` is no order: `fifo` and `legacy` are", options.order.value);
            return Some(kus::build_failed::because(at, reason));
        }
    }
    None
}

pub(super) fn add_hashes(objects: &mut Objects) {
    if objects.list().iter().all(|it| !it.history.needs_hash) {
        return;
    }
    for resource in objects.list_mut().iter_mut().filter(|it| it.history.needs_hash) {
        let suffix = hash::suffix(resource);
        let generator = resource.node.origin.steps().find(|it| it.step == Step::Generator);
        let generator = generator.map(|it| it.directive);
        resource.remember_id();
        if let Some(name) = resource.node.path_mut(&["metadata", "name"])
            && let Value::Scalar(scalar) = &mut name.value
        {
            scalar.text = format!("{}-{suffix}", scalar.text).into();
            let directive = generator.unwrap_or(name.origin.span);
            name.origin = name.origin.touched(Step::NameHash, directive);
        }
        resource.refresh();
    }
}

/// Whether an object is for the build only.
fn is_local(resource: &Resource) -> bool {
    let value = resource.annotations().and_then(|it| it.get("config.kubernetes.io/local-config"));
    value.and_then(Node::as_scalar).is_some_and(|it| &*it.text != "false")
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
    metadata::ORIGIN,
    metadata::TRANSFORMERS,
];

/// Writes annotations as kustomize does, which passes them through a map of strings: internal ones
/// go, values become strings, and where nothing is left the field goes too.
fn clean_annotations(resource: &mut Resource) {
    let Some(annotations) = resource.node.path(&["metadata", "annotations"]) else { return };
    let is_clean = annotations.as_map().is_some_and(|map| {
        let is_string = |it: &Entry| it.node.as_scalar().is_some_and(|it| it.kind == ScalarKind::Str);
        !map.is_empty() && map.entries().iter().all(|it| is_string(it) && !INTERNAL.contains(&&*it.key))
    });
    if is_clean {
        return;
    }
    let Some(metadata) = resource.node.get_mut("metadata").and_then(Node::as_map_mut) else { return };
    if let Some(map) = metadata.get_mut("annotations").and_then(Node::as_map_mut) {
        map.entries_mut().retain(|it| !INTERNAL.contains(&&*it.key));
        for entry in map.entries_mut() {
            // A list or a mapping has no text of its own.
            let text = entry.node.as_scalar().map(|it| it.text.clone()).unwrap_or_default();
            entry.node.value = Value::Scalar(Scalar::string(text));
        }
    }
    if metadata.get("annotations").and_then(Node::as_map).is_none_or(Map::is_empty) {
        metadata.remove("annotations");
    }
}
