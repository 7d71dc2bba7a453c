//! Files to objects: what kustomize accepts as a resource.

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::Text;
use crate::node::{Map, Node, ScalarKind, Value};
use crate::resource::Resource;
use crate::rules::{kus, mend, yml};
use crate::source::RepoPath;
use crate::sources::{SourceFile, Sources};
use crate::yaml::{Dialect, Yaml, embedded::Offsets, parse_text};

/// What a file or a text brings in.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub resources: Vec<Resource>,
    pub diagnostics: Vec<Diagnostic>,
    /// Whether kustomize would refuse it.
    pub is_refused: bool,
}

/// Parses a text that is a scalar of another file; its nodes point into that file.
pub(crate) fn inline(sources: &Sources<'_>, text: &Text) -> Yaml {
    let source = sources.text_of(text.span);
    let offsets = Offsets::of_scalar(&text.value, &source, text.span.start);
    parse_text(text.span.file, &text.value, &offsets, Dialect::Resource)
}

/// A path of a kustomization in `dir` that leads nowhere, with one that does.
pub(crate) fn no_such_file(sources: &Sources<'_>, dir: &RepoPath, path: &Text) -> Diagnostic {
    let nearest = sources.nearest(dir, &path.value);
    let written = sources.text_of(path.span);
    let fix = nearest.as_deref().and_then(|it| mend::another_path(path.span, &written, &path.value, it));
    kus::path_missing::no_such_file(&path.value, path.span, nearest.as_deref()).fix(fix)
}

/// The objects of a file under `resources`.
pub(crate) fn file(file: &SourceFile) -> Loaded {
    documents(file.yaml())
}

/// The objects of a parsed text. Items of a List come behind the remaining documents.
pub(crate) fn documents(yaml: &Yaml) -> Loaded {
    let mut loaded =
        Loaded { diagnostics: yaml.diagnostics.clone(), is_refused: yaml.is_broken, ..Loaded::default() };
    let mut queue: Vec<Node> = yaml.documents.clone();
    let mut next = 0;
    while next < queue.len() {
        let node = queue[next].clone();
        next += 1;
        match list_items(&node) {
            Some(items) => queue.extend(items.iter().cloned()),
            None => loaded.take(node),
        }
    }
    loaded
}

/// The items of a List: any kind that ends in `List` and has `items`.
pub(crate) fn list_items(node: &Node) -> Option<&[Node]> {
    let kind = node.get("kind")?.as_str()?;
    if !kind.ends_with("List") {
        return None;
    }
    node.get("items")?.as_seq()
}

impl Loaded {
    fn take(&mut self, node: Node) {
        let problem = unusable(&node);
        match problem {
            Some(found) => {
                self.diagnostics.push(found);
                self.is_refused = true;
            }
            None => self.resources.push(Resource::with_told_history(node)),
        }
    }
}

/// Why kustomize would not take a document for an object.
fn unusable(node: &Node) -> Option<Diagnostic> {
    let Some(map) = node.as_map() else {
        return Some(kus::build_failed::because(
            node.origin.span,
            format!("an object is a mapping, and this is {}", node.describe()),
        ));
    };
    let start = map.entries().first().map_or(node.origin.span, |it| it.key_span);
    let text = |keys: &[&str]| node.path(keys).and_then(Node::as_scalar).filter(|it| !it.text.is_empty());
    if text(&["kind"]).is_none() {
        let fields = if map.get("apiVersion").is_some() { "`kind`" } else { "`apiVersion` and no `kind`" };
        return Some(yml::not_an_object::in_resources(start, fields));
    }
    if text(&["metadata", "name"]).is_none() {
        let at = map.entry("metadata").map_or(start, |it| it.key_span);
        return Some(
            kus::build_failed::because(at, "the object has no `metadata.name`")
                .help("kustomize finds objects by name; `generateName` is not enough"),
        );
    }
    first_bad_value(map)
}

/// kustomize goes through JSON, where keys are strings, and refuses a null in a list.
fn first_bad_value(map: &Map) -> Option<Diagnostic> {
    map.entries().iter().find_map(|entry| {
        if entry.key_kind != ScalarKind::Str && entry.key_kind != ScalarKind::Timestamp {
            let reason = format!("the key `{}` is no string", entry.key);
            return Some(kus::build_failed::because(entry.key_span, reason).help("put it in quotes"));
        }
        bad_value(&entry.node)
    })
}

fn bad_value(node: &Node) -> Option<Diagnostic> {
    match &node.value {
        Value::Map(map) => first_bad_value(map),
        Value::Seq(items) => items.iter().find_map(bad_value),
        Value::Scalar(_) => None,
    }
}
