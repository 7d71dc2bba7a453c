//! A schema file and all that it refers to, as one document without outer references.
//!
//! References are followed here and not by the validator, so that a wrong one is found at its place,
//! and nothing is ever looked for elsewhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::circles;
use super::file::documents;
use crate::diagnostic::Diagnostic;
use crate::node::{Node, Value as NodeValue};
use crate::rules::sch::unusable_schema as rule;
use crate::schema::bundle::DEFS;
use crate::schema::convert;
use crate::schema::json::to_json;
use crate::schema::kind::Kind;
use crate::source::{RepoPath, Span};
use crate::sources::Sources;

/// No kind of Kubernetes needs a tenth of this. The validator nests as deep as definitions do.
const MOST_DEFINITIONS: usize = 2000;

/// Keywords whose value maps names to schemas.
const MAPS: [&str; 4] = ["properties", "patternProperties", "dependentSchemas", "dependencies"];

/// Keywords whose value is a schema, or a list of schemas.
const SCHEMAS: [&str; 16] = [
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Keywords that say where a schema is, or hold what is only there to be referred to.
const LEFT_OUT: [&str; 9] = [
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$defs",
    "definitions",
    "components",
];

/// A schema in one piece.
#[derive(Debug)]
pub(super) struct Document {
    pub value: Value,
    /// What is wrong, but does not keep the schema from being used.
    pub warnings: Vec<Diagnostic>,
    /// Whether parts of it refer to others.
    pub refers: bool,
    /// The definitions by name, as they were written.
    sources: BTreeMap<String, Node>,
    pub whole: Span,
}

impl Document {
    /// The text that a JSON pointer into the document leads to.
    pub(super) fn place(&self, pointer: &str) -> Span {
        let inner = pointer.strip_prefix("/$defs/").map(|it| it.split_once('/').unwrap_or((it, "")));
        let found = inner.and_then(|(name, rest)| {
            let node = self.sources.get(name)?;
            Some(node.nearest(&format!("/{rest}")).0.origin.span)
        });
        found.unwrap_or(self.whole)
    }
}

/// The schema at `pointer` in the file at `path`. References may lead to files below `base`.
///
/// # Errors
/// What keeps it from being used.
pub(super) fn join(
    sources: &Sources<'_>,
    base: &RepoPath,
    path: &RepoPath,
    pointer: &str,
) -> Result<Document, Vec<Diagnostic>> {
    let mut joiner = Joiner::new(sources, base);
    let root = joiner.file(path)?;
    let Some(schema) = root.at(pointer).filter(|it| it.as_map().is_some()) else {
        return Err(vec![rule::no_schema(root.origin.span.at_start(), &root.describe())]);
    };
    let whole = schema.origin.span.at_start();
    let name = joiner.name(path, pointer, schema);
    joiner.finish();
    if joiner.problems.is_empty() {
        joiner.problems.extend(circles::find(&joiner.definitions, &joiner.places, whole));
    }
    if !joiner.problems.is_empty() {
        return Err(joiner.problems);
    }
    let value = json!({ "$ref": format!("{DEFS}{name}"), "$defs": joiner.definitions });
    let refers = !joiner.places.is_empty();
    Ok(Document { value, refers, warnings: joiner.warnings, sources: joiner.written, whole })
}

struct Joiner<'s> {
    sources: &'s Sources<'s>,
    base: &'s RepoPath,
    files: HashMap<RepoPath, Node>,
    /// The name of each definition by file and pointer.
    names: HashMap<(RepoPath, String), String>,
    taken: HashSet<String>,
    todo: Vec<(String, RepoPath, Node)>,
    written: BTreeMap<String, Node>,
    definitions: Map<String, Value>,
    /// The references between definitions: from, to, place.
    places: HashMap<(String, String), Span>,
    problems: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

/// The definition that is being converted.
#[derive(Clone, Copy)]
struct Here<'a> {
    name: &'a str,
    path: &'a RepoPath,
}

impl<'s> Joiner<'s> {
    fn new(sources: &'s Sources<'s>, base: &'s RepoPath) -> Joiner<'s> {
        Joiner {
            sources,
            base,
            files: HashMap::new(),
            names: HashMap::new(),
            taken: HashSet::new(),
            todo: vec![],
            written: BTreeMap::new(),
            definitions: Map::new(),
            places: HashMap::new(),
            problems: vec![],
            warnings: vec![],
        }
    }

    /// The first document of a file.
    fn file(&mut self, path: &RepoPath) -> Result<Node, Vec<Diagnostic>> {
        if let Some(known) = self.files.get(path) {
            return Ok(known.clone());
        }
        let first = documents(self.sources, path)?.into_iter().next();
        let nothing = || {
            let start = self.sources.open_unreadable(path).start();
            vec![rule::no_schema(start, "an empty file")]
        };
        let first = first.ok_or_else(nothing)?;
        self.files.insert(path.clone(), first.clone());
        Ok(first)
    }

    /// The name of the definition at a place; it is converted later if it is new.
    fn name(&mut self, path: &RepoPath, pointer: &str, node: &Node) -> String {
        let key = (path.clone(), pointer.to_owned());
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let last = pointer.rsplit('/').next().filter(|it| !it.is_empty());
        let stem = last.unwrap_or_else(|| path.file_name().split('.').next().unwrap_or_default());
        let plain = |it: char| if it.is_ascii_alphanumeric() || "._-".contains(it) { it } else { '-' };
        let stem: String = stem.chars().map(plain).collect();
        let mut name = stem.clone();
        let mut number = self.taken.len();
        while !self.taken.insert(name.clone()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        self.names.insert(key, name.clone());
        self.todo.push((name.clone(), path.clone(), node.clone()));
        name
    }

    /// Converts definitions until none is left to be converted.
    fn finish(&mut self) {
        while let Some((name, path, node)) = self.todo.pop() {
            if self.definitions.len() >= MOST_DEFINITIONS {
                self.problems.push(rule::too_large(node.origin.span.at_start(), MOST_DEFINITIONS));
                return;
            }
            let value = self.schema(Here { name: &name, path: &path }, &node);
            self.definitions.insert(name.clone(), value);
            self.written.insert(name, node);
        }
    }

    fn schema(&mut self, here: Here<'_>, node: &Node) -> Value {
        let Some(map) = node.as_map() else { return to_json(node) };
        let mut schema = Map::new();
        for entry in map.entries().iter().filter(|it| !LEFT_OUT.contains(&&*it.key)) {
            let keyword = &*entry.key;
            let value = match keyword {
                "$ref" => match self.reference(here, &entry.node) {
                    Ok(name) => json!(format!("{DEFS}{name}")),
                    Err(found) => {
                        self.problems.extend(found);
                        continue;
                    }
                },
                "pattern" if !self.is_pattern(&entry.node) => continue,
                _ if MAPS.contains(&keyword) => self.each_member(here, &entry.node),
                _ if SCHEMAS.contains(&keyword) => self.one_or_many(here, &entry.node),
                _ => to_json(&entry.node),
            };
            schema.insert(keyword.to_owned(), value);
        }
        convert::modernize(&mut schema);
        Value::Object(schema)
    }

    fn each_member(&mut self, here: Here<'_>, node: &Node) -> Value {
        let Some(map) = node.as_map() else { return to_json(node) };
        let members = map.entries().iter();
        members.map(|it| (it.key.to_string(), self.one_or_many(here, &it.node))).collect()
    }

    fn one_or_many(&mut self, here: Here<'_>, node: &Node) -> Value {
        match &node.value {
            NodeValue::Seq(items) => items.iter().map(|it| self.schema(here, it)).collect(),
            _ => self.schema(here, node),
        }
    }

    /// Whether a pattern can be compiled. One that cannot is left out, the rest of the schema holds.
    fn is_pattern(&mut self, node: &Node) -> bool {
        let Some(reason) = node.as_str().and_then(Kind::why_no_pattern) else { return true };
        self.warnings.push(rule::pattern(node.origin.span, &reason));
        false
    }

    /// The name of the definition that a `$ref` leads to.
    fn reference(&mut self, here: Here<'_>, node: &Node) -> Result<String, Vec<Diagnostic>> {
        let at = node.origin.span;
        let Some(text) = node.as_str() else {
            return Err(vec![rule::refused(at, "a `$ref` is a text")]);
        };
        let (file, pointer) = text.split_once('#').unwrap_or((text, ""));
        if file.contains("://") || file.starts_with("urn:") || file.starts_with("//") {
            return Err(vec![rule::remote(at, text)]);
        }
        let path = match file {
            "" => here.path.clone(),
            file => {
                let folder = here.path.parent().unwrap_or_else(RepoPath::root);
                let path = folder.join(&decoded(file)).filter(|it| it.is_within(self.base));
                path.ok_or_else(|| vec![rule::outside(at, text)])?
            }
        };
        if !self.files.contains_key(&path) && !matches!(self.sources.entry(&path), Ok(Some(_))) {
            return Err(vec![rule::nowhere(at, text)]);
        }
        let root = self.file(&path)?;
        let pointer = decoded(pointer);
        let is_pointer = pointer.is_empty() || pointer.starts_with('/');
        let is_schema =
            |it: &&Node| it.as_map().is_some() || it.as_scalar().is_some_and(|it| it.bool().is_some());
        let Some(target) = root.at(&pointer).filter(|_| is_pointer).filter(is_schema) else {
            return Err(vec![rule::nowhere(at, text)]);
        };
        let name = self.name(&path, &pointer, target);
        self.places.entry((here.name.to_owned(), name.clone())).or_insert(at);
        Ok(name)
    }
}

/// A part of a URL without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|_| *first == b'%').and_then(|it| std::str::from_utf8(it).ok());
        match hex.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
