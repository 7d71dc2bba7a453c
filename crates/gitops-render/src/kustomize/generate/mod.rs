//! `configMapGenerator` and `secretGenerator`.

mod env;
pub(crate) mod hash;
mod object;
mod source;

use std::sync::Arc;

use crate::kustomize::file::{Behavior, Generator, Kustomization};
use crate::kustomize::layer::Build;
use crate::kustomize::metadata;
use crate::node::{Map, Node};
use crate::resource::{Configured, Maker, Resource};
use crate::rules::kus;

/// What is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ConfigMap,
    Secret,
}

/// Generates what the kustomization asks for, and adds it to the objects.
pub(crate) fn run(build: &mut Build<'_>, kustomization: &Kustomization) {
    let config_maps = kustomization.config_maps.iter().map(|it| (Kind::ConfigMap, it));
    let secrets = kustomization.secrets.iter().map(|it| (Kind::Secret, it));
    for (kind, generator) in config_maps.chain(secrets) {
        let options = generator.options.or(&kustomization.generator_options);
        let generator = Generator { options, ..generator.clone() };
        let name = if kind == Kind::Secret { "SecretGenerator" } else { "ConfigMapGenerator" };
        let maker = metadata::of_field(build, kustomization, name);
        one(build, kustomization, kind, &generator, maker);
    }
}

/// Generates one object, and adds it to the others.
pub(super) fn one(
    build: &mut Build<'_>,
    kustomization: &Kustomization,
    kind: Kind,
    generator: &Generator,
    maker: Configured,
) {
    let Some(pairs) = source::pairs(build, kustomization, generator) else { return };
    match object::object(kind, generator, &generator.options, &pairs) {
        Ok(mut resource) => {
            resource.history.maker = Some(Maker::Generator(Arc::new(maker)));
            absorb(build, generator, resource);
        }
        Err(problem) => build.refuse(*problem),
    }
}

/// Adds a generated object, or brings it together with the one that is there.
fn absorb(build: &mut Build<'_>, generator: &Generator, mut resource: Resource) {
    let matches = build.objects.with_any_id(&resource.id);
    let old = match matches[..] {
        [] if matches!(generator.behavior, Behavior::Merge | Behavior::Replace) => {
            if !build.is_incomplete {
                let found = kus::build_failed::nothing_to_merge(generator.name.span, &resource.id);
                build.refuse(found);
            }
            return;
        }
        [] => {
            // No object has the identity, so adding cannot fail.
            let _ = build.objects.add(resource);
            return;
        }
        [index] => index,
        _ => {
            let reason = format!("several objects are or were {}", resource.id);
            build.refuse(kus::build_failed::because(generator.name.span, reason));
            return;
        }
    };
    let existing = &build.objects.list()[old];
    match generator.behavior {
        Behavior::Replace => {}
        Behavior::Merge => merge_data(&mut resource.node, &existing.node),
        Behavior::Create | Behavior::Unspecified => {
            let found = kus::duplicate_object::generated(&resource.id, generator.name.span, existing);
            build.refuse(found);
            return;
        }
    }
    let maker = resource.history.maker.take();
    take_over(&mut resource, existing);
    if generator.behavior == Behavior::Replace {
        resource.history.maker = maker;
    }
    build.objects.edit(old, |it| *it = resource);
}

/// The merged object is the old one under new data: its name, namespace, labels, annotations and
/// past stay.
fn take_over(resource: &mut Resource, existing: &Resource) {
    let (Some(metadata), Some(old)) = (
        resource.node.get_mut("metadata").and_then(Node::as_map_mut),
        existing.node.get("metadata").and_then(Node::as_map),
    ) else {
        return;
    };
    for key in ["labels", "annotations"] {
        under(metadata, old, key);
    }
    for key in ["name", "namespace"] {
        match old.entry(key) {
            Some(entry) => metadata.insert(entry.clone()),
            None => {
                metadata.remove(key);
            }
        }
    }
    let needs_hash = resource.history.needs_hash && existing.history.needs_hash;
    resource.history = crate::resource::History { needs_hash, ..existing.history.clone() };
    resource.refresh();
}

fn merge_data(node: &mut Node, old: &Node) {
    let (Some(map), Some(old)) = (node.as_map_mut(), old.as_map()) else { return };
    for key in ["data", "binaryData"] {
        under(map, old, key);
    }
}

/// Puts the entries of `old[key]` under those of `map[key]`.
fn under(map: &mut Map, old: &Map, key: &str) {
    let Some(old_entry) = old.entry(key) else { return };
    let Some(old_map) = old_entry.node.as_map() else { return };
    match map.get_mut(key).and_then(Node::as_map_mut) {
        Some(new) => {
            for entry in old_map.entries() {
                if new.get(&entry.key).is_none() {
                    new.insert(entry.clone());
                }
            }
        }
        None => map.insert(old_entry.clone()),
    }
}
