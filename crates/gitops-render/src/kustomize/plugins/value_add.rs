//! `ValueAddTransformer`: writes one value to many places, or puts it into paths that are there.

use crate::kustomize::field_spec::NoWay;
use crate::kustomize::file::{Kustomization, NamespaceChange, Spanned, Subjects, Target, Text, ValueAdd};
use crate::kustomize::layer::Build;
use crate::kustomize::steps::{namespace, no_way, patches};
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::rules::kus;

pub(super) fn add(build: &mut Build<'_>, kustomization: &Kustomization, settings: &ValueAdd) {
    let mut targets = settings.targets.clone();
    if let Some(path) = &settings.target_file {
        targets.extend(targets_in(build, kustomization, path));
    }
    for target in &targets {
        let value = value(kustomization, settings, target);
        if value.value.is_empty() {
            let reason = "without a `value` the name of the directory is written, and the root of a \
                          repository has none";
            build.refuse(kus::build_failed::because(value.span, reason).help("set `value`"));
            return;
        }
        let selected = match &target.selector {
            Some(selector) => patches::selected(build, selector),
            None => (0..build.objects.list().len()).collect(),
        };
        for index in selected {
            let done = build.objects.edit(index, |resource| {
                let done = if &*target.field_path.value == "metadata/namespace" {
                    let namespace = value.clone();
                    let change = NamespaceChange { namespace, subjects: Subjects::None, unset_only: false };
                    namespace::set_all(resource, &[], &change)
                } else {
                    let path = parts(&target.field_path.value);
                    write(&mut resource.node, &path, &value, target)
                };
                resource.refresh();
                done
            });
            if let Err(error) = done {
                no_way(build, &error, target.field_path.span);
            }
        }
    }
}

fn targets_in(build: &mut Build<'_>, kustomization: &Kustomization, path: &Text) -> Vec<Target> {
    let Some(file) = build.open(kustomization, path) else { return vec![] };
    let yaml = file.yaml();
    build.is_refused |= yaml.is_broken;
    build.diagnostics.extend(yaml.diagnostics.iter().cloned());
    let Some(document) = yaml.documents.first() else {
        build.refuse(kus::build_failed::because(path.span, "the file has no targets"));
        return vec![];
    };
    let (targets, found) = ValueAdd::targets_in(document);
    for found in found {
        match found.severity {
            crate::diagnostic::Severity::Error => build.refuse(found),
            _ => build.diagnostics.push(found),
        }
    }
    targets
}

/// The value: the name of the kustomization's directory if none is given.
fn value(kustomization: &Kustomization, settings: &ValueAdd, target: &Target) -> Text {
    let trimmed = |it: &Text| -> Text { Spanned { value: it.value.trim().into(), span: it.span } };
    settings.value.as_ref().map(trimmed).filter(|it| !it.value.is_empty()).unwrap_or_else(|| Spanned {
        value: kustomization.dir.file_name().into(),
        span: target.field_path.span,
    })
}

/// The keys of a path between slashes; `\/` is a slash in a key.
fn parts(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![];
    for part in path.split('/') {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('/');
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
}

/// Writes the value to the end of the path, and makes what is missing on the way.
fn write(node: &mut Node, path: &[String], value: &Text, target: &Target) -> Result<(), NoWay> {
    let directive = target.field_path.span;
    let no_way =
        |node: &Node, key: &str| NoWay { at: node.origin.clone(), found: node.describe(), key: key.into() };
    let Some((key, rest)) = path.split_first() else {
        let Value::Scalar(scalar) = &mut node.value else {
            return Err(no_way(node, &value.value));
        };
        let old = if scalar.kind == ScalarKind::Null { "" } else { &scalar.text };
        let text = with_part(old, target.position, &value.value);
        *scalar = Scalar { quoted: scalar.quoted, ..Scalar::string(text) };
        node.origin = node.origin.changed(value.span, Step::Transformer, directive);
        return Ok(());
    };
    if key.is_empty() {
        return write(node, rest, value, target);
    }
    if let (Some((name, wanted)), Value::Seq(items)) = (element(key), &mut node.value) {
        let is_meant =
            |it: &Node| it.get(name).and_then(Node::as_scalar).is_some_and(|it| *it.text == *wanted);
        let items = std::sync::Arc::make_mut(items);
        let index = items.iter().position(is_meant).unwrap_or_else(|| {
            items.push(new_element(name, wanted, target));
            items.len() - 1
        });
        return write(&mut items[index], rest, value, target);
    }
    if node.is_null() {
        node.value = Value::Map(Default::default());
    }
    if node.as_map().is_none() {
        return Err(no_way(node, key));
    }
    let map = node.as_map_mut().expect("it is a mapping, as was seen above");
    if map.get(key).is_none() {
        map.push_new(Entry {
            key: key.as_str().into(),
            key_span: directive,
            key_kind: ScalarKind::Str,
            node: created(rest, value, target),
        });
    }
    write(map.get_mut(key).expect("it was put there just now"), rest, value, target)
}

/// What is put where a key is missing: it depends on what follows.
fn created(rest: &[String], value: &Text, target: &Target) -> Node {
    let origin = Origin::created(value.span, Step::Transformer, target.field_path.span);
    match rest.iter().find(|it| !it.is_empty()) {
        None => Node { value: Value::Scalar(Scalar::plain("", ScalarKind::Null)), origin },
        Some(key) if element(key).is_some() => Node::seq(vec![], origin),
        Some(_) => Node::map(Map::default(), origin),
    }
}

fn new_element(key: &str, text: &str, target: &Target) -> Node {
    let at = target.field_path.span;
    let origin = Origin::created(at, Step::Transformer, at);
    let mut map = Map::default();
    let node = Node::string(text, origin.clone());
    map.push_new(Entry { key: key.into(), key_span: at, key_kind: ScalarKind::Str, node });
    Node::map(map, origin)
}

/// `[name=nginx]`: the element of a list whose `name` is `nginx`.
fn element(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix('[')?.strip_suffix(']')?.split_once('=')
}

/// The path `old` with `part` as the part of that number, counted from 1; 0 replaces all of it.
fn with_part(old: &str, position: i64, part: &str) -> String {
    if position <= 0 || old.is_empty() {
        return part.to_owned();
    }
    let (root, rest) = match old.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", old),
    };
    let mut parts: Vec<&str> = rest.split('/').filter(|it| !it.is_empty()).collect();
    let index = usize::try_from(position - 1).unwrap_or(usize::MAX).min(parts.len());
    parts.insert(index, part);
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_becomes_a_part_of_a_path() {
        for (old, position, new) in [
            ("", 1, "PEACH"),
            ("/", 1, "/PEACH"),
            ("pie", 1, "PEACH/pie"),
            ("/pie", 1, "/PEACH/pie"),
            ("raw", 2, "raw/PEACH"),
            ("/raw", 9999, "/raw/PEACH"),
            ("a/nice/warm/pie", 4, "a/nice/warm/PEACH/pie"),
            ("a/b", 0, "PEACH"),
        ] {
            assert_eq!(with_part(old, position, "PEACH"), new, "{old:?} at {position}");
        }
    }

    #[test]
    fn a_slash_in_a_key_is_escaped() {
        assert_eq!(parts(r"metadata/annotations/a.io\/b"), ["metadata", "annotations", "a.io/b"]);
    }
}
