//! Documents that policies read under `data`, put there as OPA's loader does.
//!
//! What a file holds stands under the path of its folder, seen from the folder that was named:
//! of `settings`, `settings/regions/eu.yaml` becomes a part of `data.regions`. A file's own name says
//! nothing. Mappings are merged; two values for one key are an error, and the second file is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::{Engine, Value as Rego};

use crate::diagnostic::Diagnostic;
use crate::node::{Node, Value};
use crate::policy::value::to_rego;
use crate::rules::pol::does_not_compile;
use crate::source::{RepoPath, Span};
use crate::sources::SourceFile;

/// What stands under `data` before any rule is evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data {
    /// Each an object at the root; none contradicts another.
    documents: Vec<Rego>,
}

/// A file of JSON or YAML, and the folder that was named for it.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// The file. Of several YAML documents the first counts.
    pub file: Arc<SourceFile>,
    /// The folder whose path is `data` itself; the file's own folder if the file was named.
    pub root: RepoPath,
}

/// A document with the keys under which it stands.
struct Document {
    keys: Vec<String>,
    node: Node,
}

impl Data {
    /// Reads files, and says what is wrong with those that are left out.
    pub fn read(files: &[DataFile]) -> (Data, Vec<Diagnostic>) {
        let mut found = vec![];
        let mut documents: Vec<Document> = vec![];
        for it in files {
            let yaml = it.file.yaml();
            found.extend(yaml.diagnostics.iter().cloned());
            let Some(node) = yaml.documents.first().filter(|it| !it.is_null()) else { continue };
            let document = Document { keys: keys(it), node: node.clone() };
            if document.keys.is_empty() && node.as_map().is_none() {
                found.push(does_not_compile::data_no_mapping(node));
                continue;
            }
            match documents.iter().find_map(|earlier| conflict(earlier, &document)) {
                Some((first, second)) => found.push(does_not_compile::data_conflict(second, first)),
                None => documents.push(document),
            }
        }
        (Data { documents: documents.iter().map(Document::to_rego).collect() }, found)
    }

    /// Puts the documents into an engine.
    pub(super) fn add_to(&self, engine: &mut Engine) {
        for document in &self.documents {
            engine.add_data(document.clone()).expect("the documents are objects without conflicts");
        }
    }
}

impl Document {
    fn to_rego(&self) -> Rego {
        self.keys.iter().rev().fold(to_rego(&self.node), |value, key| {
            BTreeMap::from([(Rego::String(key.as_str().into()), value)]).into()
        })
    }
}

/// The path of the file's folder from its root.
fn keys(it: &DataFile) -> Vec<String> {
    let folder = it.file.path.parent().unwrap_or_else(RepoPath::root);
    let inside = folder.is_within(&it.root).then(|| &folder.as_str()[it.root.as_str().len()..]);
    inside.unwrap_or_default().split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// Where two documents have different things to say about one key.
fn conflict(one: &Document, other: &Document) -> Option<(Span, Span)> {
    let shared = one.keys.iter().zip(&other.keys).take_while(|(a, b)| a == b).count();
    match (&one.keys[shared..], &other.keys[shared..]) {
        ([], rest) => differ_below(&one.node, rest, &other.node),
        (rest, []) => differ_below(&other.node, rest, &one.node).map(|(a, b)| (b, a)),
        _ => None,
    }
}

/// The same for a document and one that stands `rest` below it.
fn differ_below(above: &Node, rest: &[String], below: &Node) -> Option<(Span, Span)> {
    let mut node = above;
    for key in rest {
        match &node.value {
            Value::Map(map) => node = map.get(key)?,
            _ => return Some((node.origin.span, below.origin.span)),
        }
    }
    differ(node, below)
}

fn differ(one: &Node, other: &Node) -> Option<(Span, Span)> {
    match (&one.value, &other.value) {
        (Value::Map(one), Value::Map(other)) => other.entries().iter().find_map(|entry| {
            let first = one.entry(&entry.key)?;
            match differ(&first.node, &entry.node)? {
                // The keys say more than the values.
                (a, b) if (a, b) == (first.node.origin.span, entry.node.origin.span) => {
                    Some((first.key_span, entry.key_span))
                }
                deeper => Some(deeper),
            }
        }),
        _ => Some((one.origin.span, other.origin.span)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryTree;
    use crate::sources::Sources;

    /// The data as JSON, and the findings as `path:line: message`.
    fn read(root: &str, files: &[(&str, &str)]) -> (String, Vec<String>) {
        let mut tree = MemoryTree::new();
        for (path, text) in files {
            tree.insert(path, text);
        }
        let sources = Sources::new(&tree);
        let path = |it: &str| RepoPath::root().join(it).unwrap();
        let open = |it: &&str| DataFile { file: sources.open(&path(it)).unwrap(), root: path(root) };
        let files: Vec<_> = files.iter().map(|(path, _)| open(path)).collect();
        let (data, found) = Data::read(&files);
        let mut engine = Engine::new();
        data.add_to(&mut engine);
        let found = found.iter().map(|it| {
            let (path, start, _) = sources.place(it.span());
            format!("{path}:{}: {}", start.line, it.message)
        });
        (engine.get_data().to_json_str().unwrap().replace(char::is_whitespace, ""), found.collect())
    }

    #[test]
    fn folders_are_keys_and_mappings_are_merged() {
        let files = [
            ("d/data.json", r#"{"a": 1, "eu": {"x": true}}"#),
            ("d/eu/regions.yaml", "y: [1]\n"),
            ("d/us/list.yaml", "- a\n"),
            ("d/empty.yaml", ""),
        ];
        assert_eq!(read("d", &files), (r#"{"a":1,"eu":{"x":true,"y":[1]},"us":["a"]}"#.to_owned(), vec![]));
        assert_eq!(read("d/eu", &files[1..2]).0, r#"{"y":[1]}"#);
    }

    #[test]
    fn two_values_for_one_key_are_told_and_the_first_counts() {
        let files = [
            ("a.yaml", "a: {b: 1}\n"),
            ("b.yaml", "c: 1\na:\n  b: 2\n"),
            ("a/x.yaml", "c: 1\nb: {}\n"),
            ("a/b/y.yaml", "d: 1\n"),
            ("list.yaml", "[1]\n"),
        ];
        let (data, found) = read("", &files);
        assert_eq!(data, r#"{"a":{"b":1}}"#);
        assert_eq!(
            found,
            [
                "b.yaml:3: the data has another value in this place",
                "a/x.yaml:2: the data has another value in this place",
                "a/b/y.yaml:1: the data has another value in this place",
                "list.yaml:1: data is a mapping at its root, and this is a list"
            ]
        );
    }
}
