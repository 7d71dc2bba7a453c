//! `buildMetadata:` where objects came from, and which transformers they went through.

use std::fmt::Write as _;

use crate::kustomize::file::{Kustomization, Text};
use crate::kustomize::layer::Build;
use crate::node::{Entry, Map, Node, ScalarKind};
use crate::origin::{Origin, Step};
use crate::resource::{Configured, Maker, Resource};
use crate::source::{RepoPath, Span};
use crate::yaml::emit_document;

/// The annotation that tells where an object came from.
pub(super) const ORIGIN: &str = "config.kubernetes.io/origin";

/// The annotation that tells which transformers an object went through.
pub(super) const TRANSFORMERS: &str = "alpha.config.kubernetes.io/transformations";

/// A generator or transformer that a field of a kustomization asks for.
pub(super) fn of_field(build: &Build<'_>, kustomization: &Kustomization, kind: &str) -> Configured {
    let file = kustomization.start.map(|it| build.sources.file(it.file).path.clone());
    Configured {
        file: file.unwrap_or_else(|| kustomization.dir.clone()),
        kind: kind.into(),
        name: "".into(),
        namespace: "".into(),
    }
}

/// A generator or transformer that an object configures.
pub(super) fn of_object(config: &Resource) -> Configured {
    let file = match &config.history.maker {
        Some(Maker::File(path)) => path.clone(),
        Some(Maker::Generator(generator)) => generator.file.clone(),
        None => RepoPath::root(),
    };
    let id = &config.id;
    let (kind, name, namespace) = (id.gvk.kind.clone(), id.name.clone(), id.namespace.clone());
    Configured { file, kind, name, namespace }
}

/// Notes the transformers that the fields of a kustomization stand for: all objects have gone
/// through them, whether they changed or not.
pub(super) fn note_fields(build: &mut Build<'_>, kustomization: &Kustomization) {
    let is_filled = |it: &Option<Text>| it.as_ref().is_some_and(|it| !it.value.is_empty());
    let kinds = [
        ("PatchStrategicMergeTransformer", usize::from(!kustomization.patches_strategic_merge.is_empty())),
        ("PatchTransformer", kustomization.patches.len()),
        ("NamespaceTransformer", usize::from(is_filled(&kustomization.namespace))),
        ("PrefixTransformer", usize::from(is_filled(&kustomization.name_prefix))),
        ("SuffixTransformer", usize::from(is_filled(&kustomization.name_suffix))),
        (
            "LabelTransformer",
            kustomization.labels.len() + usize::from(!kustomization.common_labels.is_empty()),
        ),
        ("AnnotationsTransformer", usize::from(!kustomization.common_annotations.is_empty())),
        ("PatchJson6902Transformer", kustomization.patches_json6902.len()),
        ("ReplicaCountTransformer", kustomization.replicas.len()),
        ("ImageTagTransformer", kustomization.images.len()),
        ("ReplacementTransformer", usize::from(!kustomization.replacements.is_empty())),
    ];
    for (kind, count) in kinds {
        for _ in 0..count {
            let transformer = of_field(build, kustomization, kind);
            build.note_transformer(|| transformer);
        }
    }
}

/// Writes what the root asks for into the annotations.
pub(super) fn annotate(resource: &mut Resource, root: &Kustomization) {
    let metadata = &root.build_metadata;
    if let (Some(at), Some(maker)) = (metadata.origin, &resource.history.maker) {
        let text = match maker {
            Maker::File(path) => format!("path: {}", scalar(&path.relative_to(&root.dir), at)),
            Maker::Generator(generator) => configured(generator, &root.dir, at),
        };
        set(resource, ["annotations", ORIGIN], text, at);
    }
    if let Some(at) = metadata.transformers.filter(|_| !resource.history.transformers.is_empty()) {
        let mut text = String::new();
        for transformer in &resource.history.transformers {
            let item = configured(transformer, &root.dir, at);
            for (index, line) in item.lines().enumerate() {
                let _ = writeln!(text, "{}{line}", if index == 0 { "- " } else { "  " });
            }
        }
        set(resource, ["annotations", TRANSFORMERS], text, at);
    }
}

fn configured(by: &Configured, root: &RepoPath, at: Span) -> String {
    let mut text = format!(
        "configuredIn: {}configuredBy:\n  apiVersion: builtin\n  kind: {}",
        scalar(&by.file.relative_to(root), at),
        scalar(&by.kind, at)
    );
    for (key, value) in [("name", &by.name), ("namespace", &by.namespace)] {
        if !value.is_empty() {
            let _ = write!(text, "  {key}: {}", scalar(value, at));
        }
    }
    text
}

/// A text as a YAML scalar, with a newline behind it.
fn scalar(text: &str, at: Span) -> String {
    let mut out = String::new();
    match emit_document(&Node::string(text, Origin::source(at)), &mut out) {
        Ok(()) => out,
        // No file is called anything that cannot be printed.
        Err(_) => "\n".to_owned(),
    }
}

/// Says that kustomize made the object; `at` is what asks for that.
pub(super) fn set_managed_by(resource: &mut Resource, at: Span) {
    set(resource, ["labels", "app.kubernetes.io/managed-by"], "kustomize-v5.6.0".to_owned(), at);
}

/// Sets a label or an annotation.
fn set(resource: &mut Resource, [field, key]: [&str; 2], text: String, at: Span) {
    let origin = || Origin::created(at, Step::BuildMetadata, at);
    let Some(metadata) = resource.node.get_mut("metadata").and_then(Node::as_map_mut) else { return };
    let put = |map: &mut Map, key: &str, node: Node| {
        map.insert(Entry { key: key.into(), key_span: at, key_kind: ScalarKind::Str, node });
    };
    if metadata.get(field).is_none_or(Node::is_null) {
        put(metadata, field, Node::map(Map::default(), origin()));
    }
    if let Some(map) = metadata.get_mut(field).and_then(Node::as_map_mut) {
        put(map, key, Node::string(text, origin()));
    }
}
