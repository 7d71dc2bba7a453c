//! The fields of a kustomization.yaml, each read into its type.

use std::sync::Arc;

use crate::kustomize::file::read::Reader;
use crate::kustomize::file::{
    Behavior, BuildMetadata, Generator, GeneratorOptions, Image, Kind, Kustomization, Labels, OpenApi,
    Replicas, SortOptions, Spanned, Text, patch, replacement, vars,
};
use crate::node::{Entry, Map, Node, Value};
use crate::source::{RepoPath, Span};

/// Every field that kustomize 5.6 knows.
const KNOWN: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "sortOptions",
    "resources",
    "components",
    "crds",
    "bases",
    "configMapGenerator",
    "secretGenerator",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generatorOptions",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

pub(super) fn read(dir: &RepoPath, start: Span, document: Option<&Node>) -> Kustomization {
    let mut reader = Reader::default();
    let mut out = Kustomization { dir: dir.clone(), start: Some(start), ..Kustomization::default() };
    match document.map(|it| &it.value) {
        Some(Value::Map(map)) => {
            reader.fields(map, KNOWN, |reader, name, entry| field(reader, &mut out, name, entry));
            if let Some(entry) = map.entry("apiVersion").filter(|it| !it.node.is_null()) {
                api_version(&mut reader, entry, out.kind);
            }
            let says_something =
                map.entries().iter().any(|it| !matches!(&*it.key, "apiVersion" | "kind" | "metadata"));
            if !says_something {
                reader.refuse(start, "the kustomization is empty");
            }
        }
        Some(_) => reader.refuse(start, "a kustomization is a mapping of fields"),
        None => reader.refuse(start, "the kustomization is empty"),
    }
    out.is_refused = !reader.diagnostics.is_empty();
    out.diagnostics = reader.diagnostics;
    out
}

fn field(reader: &mut Reader, out: &mut Kustomization, name: &str, entry: &Entry) {
    match name {
        "apiVersion" => {}
        "kind" => out.kind = kind(reader, entry),
        "metadata" => {
            reader.map(entry);
        }
        "resources" => out.resources.splice(0..0, reader.texts(entry)).for_each(drop),
        // kustomize puts the deprecated fields behind those that took their place.
        "bases" => out.resources.extend(reader.texts(entry)),
        "components" => out.components = reader.texts(entry),
        "namespace" => out.namespace = reader.text(entry),
        "namePrefix" => out.name_prefix = reader.text(entry),
        "nameSuffix" => out.name_suffix = reader.text(entry),
        "commonLabels" => out.common_labels = reader.pairs(entry),
        "commonAnnotations" => out.common_annotations = reader.pairs(entry),
        "labels" => out.labels = maps(reader, entry, labels),
        "images" => out.images.splice(0..0, maps(reader, entry, image)).for_each(drop),
        "imageTags" => out.images.extend(maps(reader, entry, image)),
        "replicas" => out.replicas = maps(reader, entry, replicas),
        "vars" => out.vars = maps(reader, entry, vars::var).into_iter().map(Arc::new).collect(),
        "replacements" => out.replacements = maps(reader, entry, replacement::entry),
        "configMapGenerator" => out.config_maps = maps(reader, entry, generator),
        "secretGenerator" => out.secrets = maps(reader, entry, generator),
        "generatorOptions" => out.generator_options = options(reader, entry),
        "configurations" => out.configurations = reader.texts(entry),
        "patches" => out.patches = maps(reader, entry, patch::patch),
        "patchesJson6902" => out.patches_json6902 = maps(reader, entry, patch::patch),
        "patchesStrategicMerge" => out.patches_strategic_merge = patch::strategic_merge(reader, entry),
        "generators" => out.generators = reader.texts(entry),
        "transformers" => out.transformers = reader.texts(entry),
        "validators" => out.validators = reader.texts(entry),
        "openapi" => out.open_api = open_api(reader, entry),
        "crds" => out.crds = reader.texts(entry),
        "sortOptions" => out.sort_options = sort_options(reader, entry),
        "buildMetadata" => out.build_metadata = build_metadata(reader, entry),
        "helmCharts" | "helmChartInflationGenerator" => charts(reader, out, entry),
        // `helmGlobals` is for charts only.
        _ => {}
    }
}

/// `helmCharts` and its forerunner: what is in a chart is never known here. The files with its
/// values are still no manifests.
fn charts(reader: &mut Reader, out: &mut Kustomization, entry: &Entry) {
    for (map, span) in reader.maps(entry) {
        let text = |node: &Node| {
            let scalar = node.as_scalar().filter(|it| !it.text.is_empty())?;
            Some(Spanned { value: scalar.text.clone(), span: node.origin.span })
        };
        let name = ["name", "chartName"].iter().find_map(|it| text(map.get(it)?));
        out.charts.push(name.unwrap_or_else(|| Spanned { value: "".into(), span: span.at_start() }));
        let more = map.get("additionalValuesFiles").and_then(Node::as_seq).unwrap_or_default();
        let values = ["valuesFile", "values"].iter().filter_map(|it| map.get(it));
        out.chart_values.extend(values.chain(more).filter_map(text));
    }
}

fn api_version(reader: &mut Reader, entry: &Entry, kind: Kind) {
    let Some(given) = reader.text(entry).filter(|it| !it.value.is_empty()) else { return };
    let wanted = match kind {
        Kind::Kustomization => "kustomize.config.k8s.io/v1beta1",
        Kind::Component => "kustomize.config.k8s.io/v1alpha1",
    };
    if &*given.value != wanted {
        let reason = format!("the apiVersion of a {kind:?} is `{wanted}`");
        reader.refuse(given.span, reason);
    }
}

fn kind(reader: &mut Reader, entry: &Entry) -> Kind {
    match reader.text(entry).as_ref().map(|it| &*it.value) {
        Some("Component") => Kind::Component,
        Some("Kustomization" | "") | None => Kind::Kustomization,
        Some(other) => {
            let reason = format!("`{other}` is not what kustomize builds: `Kustomization` or `Component` is");
            reader.refuse(entry.node.origin.span, reason);
            Kind::Kustomization
        }
    }
}

/// Reads each item of a list of mappings; items that lack what they need are left out.
pub(super) fn maps<T>(
    reader: &mut Reader,
    entry: &Entry,
    read: fn(&mut Reader, &Map, Span) -> Option<T>,
) -> Vec<T> {
    let maps = reader.maps(entry);
    maps.into_iter().filter_map(|(map, span)| read(reader, map, span)).collect()
}

fn sort_options(reader: &mut Reader, entry: &Entry) -> Option<SortOptions> {
    let map = reader.map(entry)?;
    let mut out =
        SortOptions { order: Spanned { value: "".into(), span: entry.node.origin.span }, legacy: None };
    reader.fields(map, &["order", "legacySortOptions"], |reader, name, entry| {
        if name == "order" {
            out.order = reader.text(entry).unwrap_or(out.order.clone());
            return;
        }
        let Some(map) = reader.map(entry) else { return };
        let (mut first, mut last) = (vec![], vec![]);
        reader.fields(map, &["orderFirst", "orderLast"], |reader, name, entry| match name {
            "orderFirst" => first = reader.texts(entry),
            _ => last = reader.texts(entry),
        });
        out.legacy = Some((first, last));
    });
    Some(out)
}

/// kustomize 5.6 has one version built in, and passes over keys that it does not know.
fn open_api(reader: &mut Reader, entry: &Entry) -> Option<OpenApi> {
    let pairs = reader.pairs(entry);
    let value = |key: &str| pairs.iter().find(|it| &*it.key.value == key).map(|it| it.value.clone());
    let out = OpenApi { version: value("version"), path: value("path") };
    match (&out.version, &out.path) {
        (Some(version), Some(_)) => {
            reader.refuse(version.span, "`openapi` has either a `version` or a `path`, not both");
        }
        (Some(version), None) if !matches!(&*version.value, "" | "v1.21.2") => {
            let reason = format!("kustomize does not have the version `{}` built in", version.value);
            reader.refuse(version.span, reason);
        }
        _ => {}
    }
    Some(out)
}

/// kustomize passes over what it does not know here.
fn build_metadata(reader: &mut Reader, entry: &Entry) -> BuildMetadata {
    let texts = reader.texts(entry);
    let asked = |wanted: &str| texts.iter().find(|it| &*it.value == wanted).map(|it| it.span);
    BuildMetadata {
        origin: asked("originAnnotations"),
        transformers: asked("transformerAnnotations"),
        managed_by: asked("managedByLabel"),
    }
}

fn labels(reader: &mut Reader, map: &Map, _: Span) -> Option<Labels> {
    let mut out = Labels::default();
    let known = ["pairs", "includeSelectors", "includeTemplates", "fields"];
    reader.fields(map, &known, |reader, name, entry| match name {
        "pairs" => out.pairs = reader.pairs(entry),
        "includeSelectors" => out.include_selectors = reader.bool(entry),
        "includeTemplates" => out.include_templates = reader.bool(entry),
        _ => out.fields = reader.items(entry).to_vec(),
    });
    Some(out)
}

pub(super) fn image(reader: &mut Reader, map: &Map, span: Span) -> Option<Image> {
    let (mut name, mut new_name, mut new_tag, mut tag_suffix, mut digest) = (None, None, None, None, None);
    let known = ["name", "newName", "newTag", "tagSuffix", "digest"];
    reader.fields(map, &known, |reader, field, entry| {
        let text = reader.text(entry);
        match field {
            "name" => name = text,
            "newName" => new_name = text,
            "newTag" => new_tag = text,
            "tagSuffix" => tag_suffix = text,
            _ => digest = text,
        }
    });
    let name = name.unwrap_or_else(|| Spanned { value: "".into(), span });
    Some(Image { name, new_name, new_tag, tag_suffix, digest })
}

pub(super) fn replicas(reader: &mut Reader, map: &Map, span: Span) -> Option<Replicas> {
    let (mut name, mut count) = (None, None);
    reader.fields(map, &["name", "count"], |reader, field, entry| match field {
        "name" => name = reader.text(entry),
        _ => count = reader.int(entry),
    });
    // Go's zero values stand in for what is missing.
    let count = count.unwrap_or(Spanned { value: 0, span });
    Some(Replicas { name: name.unwrap_or_else(|| Spanned { value: "".into(), span }), count })
}

pub(super) fn generator(reader: &mut Reader, map: &Map, span: Span) -> Option<Generator> {
    let mut name: Option<Text> = None;
    let mut out = Generator {
        span,
        name: Spanned { value: "".into(), span },
        namespace: None,
        behavior: Behavior::default(),
        literals: vec![],
        files: vec![],
        envs: vec![],
        secret_type: None,
        options: GeneratorOptions::default(),
    };
    let known =
        ["name", "namespace", "behavior", "literals", "files", "envs", "env", "type", "options", "kvSources"];
    reader.fields(map, &known, |reader, field, entry| match field {
        "name" => name = reader.text(entry),
        "namespace" => out.namespace = reader.text(entry),
        "behavior" => out.behavior = behavior(reader, entry),
        "literals" => out.literals = reader.texts(entry),
        "files" => out.files = reader.texts(entry),
        "envs" => out.envs.splice(0..0, reader.texts(entry)).for_each(drop),
        "env" => out.envs.extend(reader.text(entry).filter(|it| !it.value.is_empty())),
        "type" => out.secret_type = reader.text(entry).filter(|it| !it.value.is_empty()),
        "options" => out.options = options(reader, entry),
        _ => {}
    });
    match name.filter(|it| !it.value.is_empty()) {
        Some(name) => out.name = name,
        None => {
            reader.refuse(span, "the generator has no `name`");
            return None;
        }
    }
    Some(out)
}

fn behavior(reader: &mut Reader, entry: &Entry) -> Behavior {
    match reader.text(entry).as_ref().map(|it| &*it.value) {
        Some("create") => Behavior::Create,
        Some("merge") => Behavior::Merge,
        Some("replace") => Behavior::Replace,
        // kustomize takes what it does not know for nothing.
        _ => Behavior::Unspecified,
    }
}

fn options(reader: &mut Reader, entry: &Entry) -> GeneratorOptions {
    let mut out = GeneratorOptions::default();
    let Some(map) = reader.map(entry) else { return out };
    let known = ["labels", "annotations", "disableNameSuffixHash", "immutable"];
    reader.fields(map, &known, |reader, name, entry| match name {
        "labels" => out.labels = reader.pairs(entry),
        "annotations" => out.annotations = reader.pairs(entry),
        "disableNameSuffixHash" => out.disable_name_suffix_hash = reader.bool(entry),
        _ => out.immutable = reader.bool(entry).then_some(entry.node.origin.span),
    });
    out
}
