//! `replacements:` copies a value of one object into fields of others.

use crate::diagnostic::{Diagnostic, Severity};
use crate::kustomize::field_path::{self, Shape, Walk};
use crate::kustomize::file::replacement::{
    self, FieldOptions, Replacement, ReplacementEntry, ReplacementSource, ReplacementTarget,
};
use crate::kustomize::file::{Kind, Kustomization, Text};
use crate::kustomize::layer::Build;
use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::{Resource, ResourceId};
use crate::rules::kus;
use crate::rules::kus::replacement_unresolved::NoField;
use crate::source::Span;
use crate::suggest;
use crate::yaml::resolve::resolve;

pub(super) fn replacements(build: &mut Build<'_>, kustomization: &Kustomization) {
    // A component may be meant for objects that only some of its users have.
    let wants_targets = kustomization.kind == Kind::Kustomization;
    run(build, kustomization, &kustomization.replacements, wants_targets);
}

/// Makes replacements; paths in them are relative to `kustomization`. With `wants_targets` a
/// target that selects nothing is reported.
pub(in crate::kustomize) fn run(
    build: &mut Build<'_>,
    kustomization: &Kustomization,
    entries: &[ReplacementEntry],
    wants_targets: bool,
) {
    for entry in entries {
        match entry {
            ReplacementEntry::Inline(replacement) => apply(build, replacement, wants_targets),
            ReplacementEntry::Path(path) => {
                for replacement in read(build, kustomization, path) {
                    apply(build, &replacement, wants_targets);
                }
            }
        }
    }
}

fn read(build: &mut Build<'_>, kustomization: &Kustomization, path: &Text) -> Vec<Replacement> {
    let Some(file) = build.open(kustomization, path) else { return vec![] };
    let yaml = file.yaml();
    if yaml.is_broken {
        build.is_refused = true;
        build.diagnostics.extend(yaml.diagnostics.iter().cloned());
        return vec![];
    }
    let (replacements, problems) = replacement::read_file(yaml.documents.first(), file.start());
    for found in problems {
        match found.severity {
            Severity::Error => build.refuse(found.label(path.span, "the file is read here")),
            _ => build.diagnostics.push(found),
        }
    }
    replacements
}

fn apply(build: &mut Build<'_>, replacement: &Replacement, wants_targets: bool) {
    let Some(source) = &replacement.source else { return };
    let Some(value) = value(build, source) else { return };
    for target in &replacement.targets {
        let Some(select) = &target.select else { continue };
        let mut is_selected = false;
        for index in with_name(build, &select.id) {
            let resource = &build.objects.list()[index];
            if !select.fits_id(resource) || !select.fits_labels(resource) {
                continue;
            }
            is_selected = true;
            if !target.reject.iter().any(|it| it.rejects(resource)) {
                write(build, index, &value, target);
            }
        }
        if !is_selected && wants_targets && !build.is_incomplete {
            let nearest = nearest(build.objects.list(), &select.id);
            build.diagnostics.push(kus::replacement_unresolved::no_target(select.span, &select.id, nearest));
        }
    }
}

/// The objects that have or had the name of `id`; all of them if it has none.
fn with_name(build: &Build<'_>, id: &ResourceId) -> Vec<usize> {
    match &*id.name {
        "" => (0..build.objects.list().len()).collect(),
        name => build.objects.named(name).collect(),
    }
}

/// The value of a source.
fn value(build: &mut Build<'_>, source: &ReplacementSource) -> Option<Node> {
    let list = build.objects.list();
    let mut fitting = with_name(build, &source.id)
        .into_iter()
        .map(|it| &list[it])
        .filter(|it| it.ids().any(|id| id.is_selected_by(&source.id)));
    let found = match (fitting.next(), fitting.next()) {
        (Some(only), None) => value_of(only, source),
        (Some(first), Some(second)) => {
            Err(kus::replacement_unresolved::several_sources(source.span, &source.id, first, second))
        }
        // The object may be in what we could not see.
        (None, _) if build.is_incomplete => {
            build.is_refused = true;
            return None;
        }
        (None, _) => {
            let nearest = nearest(list, &source.id);
            Err(kus::replacement_unresolved::no_source(source.span, &source.id, nearest))
        }
    };
    found.map_err(|found| build.refuse(found)).ok()
}

fn value_of(resource: &Resource, source: &ReplacementSource) -> Result<Node, Diagnostic> {
    let (text, span) = (&source.field_path.value, source.field_path.span);
    let path = field_path::split(text);
    let found = field_path::lookup(&resource.node, &path)
        .map_err(|error| kus::replacement_unresolved::no_way(span, text, resource, &error))?;
    let is_empty = |it: &Node| match &it.value {
        Value::Scalar(scalar) => scalar.kind == ScalarKind::Null,
        Value::Map(map) => map.is_empty(),
        Value::Seq(items) => items.is_empty(),
    };
    let Some(node) = found.filter(|it| !is_empty(it)) else {
        let nearest = field_path::nearest(&resource.node, &path);
        return Err(kus::replacement_unresolved::no_source_field(span, text, resource, nearest));
    };
    if !is_bounded(node, MAX_DEPTH, &mut { MAX_NODES }) {
        let reason = format!("`{text}` of {} is too large to be copied", resource.id);
        return Err(kus::build_failed::because(span, reason));
    }
    part(node, &source.options).map_err(|reason| kus::build_failed::because(span, reason).story(&node.origin))
}

/// How deep a value may be, how many values it may hold, and how long a text may be: what is
/// copied into itself over and over doubles each time.
const MAX_DEPTH: usize = 128;
const MAX_NODES: usize = 1_000_000;
const MAX_TEXT: usize = 4 << 20;

fn is_bounded(node: &Node, depth: usize, budget: &mut usize) -> bool {
    let Some(left) = budget.checked_sub(1) else { return false };
    *budget = left;
    match (&node.value, depth.checked_sub(1)) {
        (Value::Scalar(_), _) => true,
        (_, None) => false,
        (Value::Map(map), Some(depth)) => map.entries().iter().all(|it| is_bounded(&it.node, depth, budget)),
        (Value::Seq(items), Some(depth)) => items.iter().all(|it| is_bounded(it, depth, budget)),
    }
}

/// The part of a value that the options ask for.
fn part(node: &Node, options: &FieldOptions) -> Result<Node, String> {
    let Some(delimiter) = &options.delimiter else { return Ok(node.clone()) };
    let Some(scalar) = node.as_scalar() else {
        return Err(format!("`delimiter` is for texts, and this is {}", node.describe()));
    };
    let mut parts = scalar.text.split(&*delimiter.value);
    let part = usize::try_from(options.index).ok().and_then(|it| parts.nth(it));
    let part = part.ok_or_else(|| {
        let count = scalar.text.split(&*delimiter.value).count();
        format!("`index` is {}, and {:?} has {count} parts", options.index, scalar.text)
    })?;
    let scalar = Scalar { text: part.into(), ..scalar.clone() };
    Ok(Node { value: Value::Scalar(scalar), origin: node.origin.clone() })
}

/// Writes the value to every field of one object that the target names.
fn write(build: &mut Build<'_>, index: usize, value: &Node, target: &ReplacementTarget) {
    for path in &target.field_paths {
        let resource = &build.objects.list()[index];
        // What was changed before an error is dropped with the copy.
        let mut node = resource.node.clone();
        let parts = field_path::split(&path.value);
        let create = target.options.create.then(|| Shape::of(value));
        let set = &mut |field: &mut Node, is_new: bool| set(field, is_new, value, &target.options, path.span);
        let found = match (Walk { create, directive: path.span, set }).go(&mut node, &parts) {
            Ok(0) => {
                let nearest = field_path::nearest(&resource.node, &parts);
                Err(kus::replacement_unresolved::no_target_field(path.span, &path.value, resource, nearest))
            }
            Ok(_) => Ok(()),
            Err(error) => {
                let found = kus::replacement_unresolved::no_way(path.span, &path.value, resource, &error);
                Err(found.label(value.origin.span, "the value"))
            }
        };
        if let Err(found) = found {
            return build.refuse(found);
        }
        build.objects.edit(index, |it| {
            it.node = node;
            it.refresh();
        });
        if build.objects.list()[index].id.name.is_empty() {
            build.refuse(kus::build_failed::because(
                path.span,
                "the object has no `metadata.name` after this",
            ));
        }
    }
}

/// Puts the value into a field. A scalar that is there keeps its type and its quotes.
fn set(
    field: &mut Node,
    is_new: bool,
    value: &Node,
    options: &FieldOptions,
    directive: Span,
) -> Result<(), NoField> {
    let wrong = |reason: String, field: &Node| NoField { reason, at: Some(field.origin.clone()) };
    let origin = field.origin.changed(value.origin.span, Step::Replacement, directive);
    // A list or a mapping has no text of its own, and none is written over a scalar.
    let text = value.as_scalar().map_or("", |it| &*it.text);
    let Some(scalar) = field.as_scalar() else {
        if options.delimiter.is_some() {
            return Err(wrong(format!("`delimiter` is for texts, and this is {}", field.describe()), field));
        }
        *field = Node { value: value.value.clone(), origin };
        return Ok(());
    };
    let text = match &options.delimiter {
        Some(delimiter) => joined(&scalar.text, &delimiter.value, options.index, text),
        None => text.to_owned(),
    };
    if text.len() > MAX_TEXT {
        return Err(wrong("the text grows too large".to_owned(), field));
    }
    if !is_new && *scalar.text == *text {
        return Ok(());
    }
    let scalar = if is_new {
        Scalar::plain(text.as_str(), resolve(&text))
    } else if is_of_type(scalar, &text) {
        Scalar { text: text.into(), ..scalar.clone() }
    } else {
        let reason = format!("{text:?} cannot be written over {}, whose type stays", field.describe());
        return Err(wrong(reason, field));
    };
    *field = Node { value: Value::Scalar(scalar), origin };
    Ok(())
}

/// The text with one of its parts replaced; with one more in front or at the end if the index is
/// out of range.
fn joined(old: &str, delimiter: &str, index: i64, new: &str) -> String {
    let mut parts: Vec<&str> = old.split(delimiter).collect();
    match usize::try_from(index) {
        Err(_) => parts.insert(0, new),
        Ok(index) => match parts.get_mut(index) {
            Some(part) => *part = new,
            None => parts.push(new),
        },
    }
    parts.join(delimiter)
}

/// Whether a text can stand in the place of a scalar.
fn is_of_type(scalar: &Scalar, text: &str) -> bool {
    if scalar.quoted || scalar.kind == ScalarKind::Str {
        return true;
    }
    let kind = resolve(text);
    kind == scalar.kind || (kind, scalar.kind) == (ScalarKind::Int, ScalarKind::Float)
}

/// The object that was probably meant.
fn nearest<'r>(resources: &'r [Resource], wanted: &ResourceId) -> Option<&'r Resource> {
    let any = ResourceId { name: wanted.name.clone(), ..ResourceId::default() };
    let same_name = || resources.iter().find(|it| it.ids().any(|id| id.is_selected_by(&any)));
    if !wanted.name.is_empty()
        && let Some(found) = same_name()
    {
        return Some(found);
    }
    let of_kind = |it: &&Resource| wanted.gvk.kind.is_empty() || it.id.gvk.kind == wanted.gvk.kind;
    let names = resources.iter().filter(of_kind).map(|it| &*it.id.name);
    let name = suggest::nearest(&wanted.name, names)?;
    resources.iter().filter(of_kind).find(|it| &*it.id.name == name)
}

#[cfg(test)]
mod tests;
