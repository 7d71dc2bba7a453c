//! `patches:`, `patchesStrategicMerge:` and `patchesJson6902:`.

use std::sync::Arc;

use crate::kustomize::file::{Kustomization, Patch, PatchText, Spanned};
use crate::kustomize::json_patch::{self, Notation, Operation};
use crate::kustomize::layer::Build;
use crate::kustomize::load;
use crate::kustomize::merge::{self, IdentityOptions, Outcome};
use crate::kustomize::review;
use crate::kustomize::selector::Selector;
use crate::node::{Entry, Node};
use crate::resource::{Resource, ResourceId};
use crate::rules::kus;
use crate::source::Span;
use crate::suggest;
use crate::yaml::Yaml;

pub(super) fn strategic_merge(build: &mut Build<'_>, kustomization: &Kustomization) {
    for text in &kustomization.patches_strategic_merge {
        if build.is_cancelled() {
            return;
        }
        merge_by_id(build, kustomization, text);
    }
}

/// Applies the strategic merge patches of a text to the objects that they name.
pub(in crate::kustomize) fn merge_by_id(
    build: &mut Build<'_>,
    kustomization: &Kustomization,
    text: &PatchText,
) {
    let Some(read) = read(build, kustomization, text) else { return };
    let patches = merge_patches(build, &read);
    apply_by_id(build, &patches, read.directive, Options::default());
}

pub(super) fn patches(build: &mut Build<'_>, kustomization: &Kustomization) {
    for patch in &kustomization.patches {
        if build.is_cancelled() {
            return;
        }
        patch_one(build, kustomization, patch);
    }
}

/// Applies a patch of either kind.
pub(in crate::kustomize) fn patch_one(build: &mut Build<'_>, kustomization: &Kustomization, patch: &Patch) {
    let Some(read) = read(build, kustomization, &patch.text) else { return };
    let options = Options {
        name_change: patch.allow_name_change,
        kind_change: patch.allow_kind_change,
        ..Options::default()
    };
    match (as_operations(&read.yaml), &patch.target) {
        (Some(list), Some(target)) => {
            if let Some(operations) = operations(build, list, &read) {
                let selected = selected(build, target);
                apply_operations(build, &operations, &selected, read.directive);
            }
        }
        (Some(_), None) => {
            let found = kus::build_failed::because(read.directive, "a JSON patch needs a `target`");
            build.refuse(found.help("say which objects it is for"));
        }
        (None, Some(target)) => {
            let patches = merge_patches(build, &read);
            apply_to_target(build, &patches, target, read.directive, options);
        }
        (None, None) => {
            let patches = merge_patches(build, &read);
            apply_by_id(build, &patches, read.directive, options);
        }
    }
}

pub(super) fn json6902(build: &mut Build<'_>, kustomization: &Kustomization) {
    for patch in &kustomization.patches_json6902 {
        if build.is_cancelled() {
            return;
        }
        json6902_one(build, kustomization, patch);
    }
}

/// Applies a JSON patch to the objects that its target selects, which has to name them.
pub(in crate::kustomize) fn json6902_one(
    build: &mut Build<'_>,
    kustomization: &Kustomization,
    patch: &Patch,
) {
    let Some(read) = read(build, kustomization, &patch.text) else { return };
    let Some(target) = &patch.target else {
        build.refuse(kus::build_failed::because(read.directive, "a JSON patch needs a `target`"));
        return;
    };
    if target.value.name().is_empty() {
        let reason = "the `target` of a JSON patch needs a `name` here";
        build.refuse(kus::build_failed::because(target.span, reason).help("list the patch under `patches`"));
        return;
    }
    let Some(list) = as_operations(&read.yaml) else {
        build.refuse(kus::build_failed::because(
            read.directive,
            "this is no JSON patch: a list of operations is",
        ));
        return;
    };
    let Some(operations) = operations(build, list, &read) else { return };
    let selected = selected(build, target);
    apply_operations(build, &operations, &selected, read.directive);
}

/// What a patch may change of an object's identity.
#[derive(Clone, Copy, Default)]
struct Options {
    name_change: bool,
    kind_change: bool,
    /// The patch is taken for one of the object's own version.
    keeps_version: bool,
}

/// A patch that was read, from a file or from kustomization.yaml.
struct Read {
    yaml: Arc<Yaml>,
    /// Whether it is written in YAML or in JSON: numbers differ.
    notation: Notation,
    /// What asked for the patch.
    directive: Span,
    /// Why it is no JSON, if it has to be.
    not_json: Option<String>,
}

impl Read {
    fn new(yaml: Arc<Yaml>, text: &str, directive: Span) -> Read {
        let notation = Notation::of(text);
        let as_json = || serde_json::from_str::<serde::de::IgnoredAny>(text).err().map(|it| it.to_string());
        let not_json = (notation == Notation::Json).then(as_json).flatten();
        Read { yaml, notation, directive, not_json }
    }
}

fn read(build: &mut Build<'_>, kustomization: &Kustomization, text: &PatchText) -> Option<Read> {
    let read = match text {
        PatchText::Path(path) => {
            let file = build.open(kustomization, path)?;
            let text = file.text().unwrap_or_default();
            Read::new(Arc::clone(file.yaml()), text, path.span)
        }
        PatchText::Inline(text) => {
            let yaml = Arc::new(load::inline(build.sources, text));
            Read::new(yaml, &text.value, text.span.at_start())
        }
    };
    if read.yaml.is_broken {
        build.is_refused = true;
        build.diagnostics.extend(read.yaml.diagnostics.iter().cloned());
        return None;
    }
    if read.yaml.documents.is_empty() {
        build.refuse(kus::build_failed::because(read.directive, "the patch is empty"));
        return None;
    }
    Some(read)
}

/// The operations of a JSON patch: a list, where a merge patch is a mapping.
fn as_operations(yaml: &Yaml) -> Option<&Node> {
    yaml.documents.first().filter(|it| it.as_seq().is_some())
}

fn operations(build: &mut Build<'_>, list: &Node, read: &Read) -> Option<Vec<Operation>> {
    if let Some(problem) = &read.not_json {
        let reason = format!("a patch that begins with `[` has to be JSON, and this is not: {problem}");
        let found = kus::build_failed::because(list.origin.span.at_start(), reason);
        build.refuse(found.help("write it as JSON, with all keys and strings in quotes, or as a YAML list"));
        return None;
    }
    match json_patch::parse(list, read.notation) {
        Ok(operations) => Some(operations),
        Err(error) => {
            build.refuse(error.diagnostic(read.directive));
            None
        }
    }
}

fn merge_patches(build: &mut Build<'_>, read: &Read) -> Vec<Resource> {
    let loaded = load::documents(&read.yaml);
    for found in loaded.diagnostics {
        build.refuse(found.label(read.directive, "the patch is read here"));
    }
    loaded.resources
}

/// Applies patches to the objects that they name.
fn apply_by_id(build: &mut Build<'_>, patches: &[Resource], directive: Span, options: Options) {
    for patch in patches {
        let at = patch.node.path(&["metadata", "name"]).map_or(directive, |it| it.origin.span);
        if let Some(index) = find(build, &patch.id, at) {
            apply_merge(build, &patch.node, &[index], directive, options);
        }
    }
}

fn apply_to_target(
    build: &mut Build<'_>,
    patches: &[Resource],
    target: &Spanned<Selector>,
    directive: Span,
    options: Options,
) {
    match patches {
        [patch] => {
            let selected = selected(build, target);
            let patch = merge::for_target(&patch.node);
            // What is selected keeps its own version, by which the patch is taken for one of its kind.
            let options = Options { keeps_version: true, ..options };
            apply_merge(build, &patch, &selected, directive, options);
        }
        [] => {}
        _ => build.refuse(kus::build_failed::because(target.span, "several patches cannot share a `target`")),
    }
}

/// The objects that a `target` selects.
pub(in crate::kustomize) fn selected(build: &mut Build<'_>, target: &Spanned<Selector>) -> Vec<usize> {
    let list = build.objects.list();
    let selects = |it: &usize| target.value.selects(&list[*it]);
    let selected: Vec<usize> = match target.value.one_name() {
        Some(name) => build.objects.named(name).filter(selects).collect(),
        None => (0..list.len()).filter(selects).collect(),
    };
    if !selected.is_empty() {
        build.hits.push(target.span);
    }
    if selected.len() >= kus::patch_unconstrained::MANY && target.value.is_unconstrained() {
        build.diagnostics.push(kus::patch_unconstrained::selects_many(target.span, selected.len()));
    }
    // kustomize goes on without a word. We say something, unless the object may be in what we
    // could not see.
    if selected.is_empty() && !build.is_incomplete {
        let nearest = nearest(list, target.value.name());
        let found =
            kus::patch_target_missing::selects_nothing(target.span, &target.value.describe(), nearest);
        build.diagnostics.push(found);
    }
    selected
}

/// The one object that is or was called so.
fn find(build: &mut Build<'_>, id: &ResourceId, at: Span) -> Option<usize> {
    let matches = build.objects.with_any_id(id);
    match matches[..] {
        [index] => return Some(index),
        [] if build.is_incomplete => build.is_refused = true,
        [] => {
            let nearest = nearest(build.objects.list(), &id.name);
            build.refuse(kus::patch_target_missing::no_such_object(at, id, nearest));
        }
        [first, second, ..] => {
            let list = build.objects.list();
            let found = kus::patch_target_missing::several(at, id, &list[first], &list[second]);
            build.refuse(found);
        }
    }
    None
}

fn nearest<'r>(resources: &'r [Resource], name: &str) -> Option<&'r Resource> {
    if let Some(same) = resources.iter().find(|it| it.ids().any(|id| &*id.name == name)) {
        return Some(same);
    }
    let nearest = suggest::nearest(name, resources.iter().map(|it| &*it.id.name))?;
    resources.iter().find(|it| &*it.id.name == nearest)
}

fn apply_merge(build: &mut Build<'_>, patch: &Node, selected: &[usize], directive: Span, options: Options) {
    let identity =
        IdentityOptions { allow_name_change: options.name_change, allow_kind_change: options.kind_change };
    let types = build.types();
    let is_incomplete = build.is_incomplete;
    let (mut deleted, mut lost) = (vec![], vec![]);
    for index in selected {
        let object = &build.objects.list()[*index];
        let is_unknown = types.root(&object.id.gvk).is_none();
        let own =
            is_unknown.then(|| merge::comments::types(build.sources, &object.node, patch, &object.id.gvk));
        let own = own.flatten();
        let types = own.as_ref().unwrap_or(&types);
        let outcome = build.objects.edit(*index, |resource| {
            if options.name_change || options.kind_change {
                resource.remember_id();
            }
            let was = merge::Identity::of(&resource.node);
            let version = resource.node.as_map().and_then(|it| it.entry("apiVersion")).cloned();
            let mut patch = patch.clone();
            let version = version.filter(|_| options.keeps_version);
            set_entry(&mut patch, version.as_ref());
            // What is missing may be the schema that says how to merge.
            if !is_incomplete {
                lost.extend(review::lost_lists(types, resource, &patch));
            }
            let outcome = merge::apply_by(types, &mut resource.node, &patch, &resource.id.gvk, directive)?;
            if outcome == Outcome::Kept {
                was.restore(&mut resource.node, identity);
                resource.refresh();
            }
            Ok(outcome)
        });
        match outcome {
            Ok(Outcome::Deleted) => deleted.push(*index),
            Ok(Outcome::Kept) => {}
            Err(error) => {
                let error: merge::MergeError = error;
                build.refuse(error.diagnostic(directive));
            }
        }
    }
    build.diagnostics.extend(lost);
    build.objects.remove(&deleted);
}

fn set_entry(node: &mut Node, entry: Option<&Entry>) {
    if let (Some(map), Some(entry)) = (node.as_map_mut(), entry) {
        map.insert(entry.clone());
    }
}

fn apply_operations(build: &mut Build<'_>, operations: &[Operation], selected: &[usize], directive: Span) {
    for index in selected {
        let done = build.objects.edit(*index, |resource| {
            resource.remember_id();
            json_patch::apply(operations, &mut resource.node, directive)?;
            resource.refresh();
            Ok::<(), json_patch::PatchError>(())
        });
        if let Err(error) = done {
            build.refuse(error.diagnostic(directive));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::render::{RenderOptions, Renderer};
    use crate::source::{MemoryTree, RepoPath};

    /// The codes of what is found when a patch with a target is applied to so many ConfigMaps.
    fn found(count: usize, target: &str) -> Vec<&'static str> {
        let mut tree = MemoryTree::new();
        let object = |it| {
            let labels = if it < 10 { "{few: \"\"}" } else { "{}" };
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{it}, labels: {labels}}}\ndata: {{}}\n"
            )
        };
        tree.insert("all.yaml", (0..count).map(object).collect::<Vec<_>>().join("---\n"));
        let patch = r#"'[{"op": "add", "path": "/data/a", "value": "b"}]'"#;
        let text = format!("resources: [all.yaml]\npatches:\n- target: {target}\n  patch: {patch}\n");
        tree.insert("kustomization.yaml", text);
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let rendered = renderer.render(&RepoPath::root()).unwrap();
        assert!(!rendered.is_refused);
        rendered.diagnostics.iter().map(|it| it.rule.code).collect()
    }

    #[test]
    fn a_patch_for_many_objects_wants_a_name_or_a_label() {
        assert_eq!(found(10, "{kind: ConfigMap}"), ["KUS020"]);
        assert_eq!(found(10, "{namespace: default}"), ["KUS020"]);
        assert!(found(9, "{kind: ConfigMap}").is_empty());
        assert!(found(12, "{name: c.*}").is_empty());
        assert!(found(12, "{labelSelector: few}").is_empty());
    }
}
