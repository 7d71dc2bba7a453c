//! Schemas in comments: `containers: # {"items": …}` says how a list is merged that no schema
//! knows. kustomize looks for them beside the key and on the line above it, in object and patch.

use crate::kube::merge_keys::{Types, custom};
use crate::node::{Entry, Map, Node, ScalarKind, Value};
use crate::resource::Gvk;
use crate::source::Span;
use crate::sources::Sources;
use crate::yaml::embedded::Offsets;
use crate::yaml::{Dialect, parse_text};

/// The types that comments of the object, or else of the patch, give to an object of this kind.
pub fn types(sources: &Sources<'_>, target: &Node, patch: &Node, gvk: &Gvk) -> Option<Types> {
    let properties = [target, patch].iter().find_map(|it| properties(sources, it))?;
    let text = |key: &str, text: &str| entry(key, Node::string(text, target.origin.clone()));
    let of = |entries: Vec<Entry>| {
        let mut map = Map::default();
        entries.into_iter().for_each(|it| map.insert(it));
        Node::map(map, target.origin.clone())
    };
    let kind = of(vec![text("group", &gvk.group), text("version", &gvk.version), text("kind", &gvk.kind)]);
    let kinds = entry("x-kubernetes-group-version-kind", Node::seq(vec![kind], target.origin.clone()));
    let definition = of(vec![entry("properties", properties), kinds]);
    let document = of(vec![entry("definitions", of(vec![entry("object", definition)]))]);
    Some(Types::Custom { schema: custom::Schema::new(document), with_built_in: true })
}

/// The properties of a mapping whose lists have schemas in comments; `None` if there is none.
fn properties(sources: &Sources<'_>, node: &Node) -> Option<Node> {
    let mut found = Map::default();
    for it in node.as_map()?.entries() {
        let property = match &it.node.value {
            Value::Seq(_) => schema(sources, it.key_span),
            Value::Map(_) => properties(sources, &it.node).map(|inner| {
                let mut map = Map::default();
                map.insert(entry("properties", inner));
                Node::map(map, it.node.origin.clone())
            }),
            Value::Scalar(_) => None,
        };
        if let Some(property) = property {
            found.insert(Entry { node: property, ..it.clone() });
        }
    }
    (!found.is_empty()).then(|| Node::map(found, node.origin.clone()))
}

/// The schema in a comment beside a key, or on the line above it.
fn schema(sources: &Sources<'_>, key: Span) -> Option<Node> {
    let file = sources.file(key.file);
    let comments = &file.yaml().comments;
    let between = |from: u32, to: u32| file.bytes().get(from as usize..to as usize).unwrap_or_default();
    let breaks = |from, to| between(from, to).iter().filter(|it| **it == b'\n').count();
    let next = comments.partition_point(|it| it.start < key.start);
    let beside = comments.get(next).filter(|it| breaks(key.end, it.start) == 0);
    let above = next.checked_sub(1).and_then(|it| comments.get(it)).filter(|it| {
        breaks(it.end, key.start) == 1 && between(it.end, key.start).iter().all(u8::is_ascii_whitespace)
    });
    [beside, above].into_iter().flatten().find_map(|comment| {
        let source = std::str::from_utf8(between(comment.start, comment.end)).ok()?;
        let text = source.trim_start_matches('#');
        if !text.trim_start().starts_with('{') {
            return None;
        }
        let at = comment.start as usize + source.len() - text.len();
        let yaml = parse_text(key.file, text, &Offsets::shifted(at), Dialect::Resource);
        yaml.documents.into_iter().next().filter(|it| it.as_map().is_some())
    })
}

fn entry(key: &str, node: Node) -> Entry {
    Entry { key: key.into(), key_span: node.origin.span, key_kind: ScalarKind::Str, node }
}
