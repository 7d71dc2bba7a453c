//! Field paths, as `replacements` write them: `spec.template.spec.containers.[name=web].image`.
//!
//! kustomize has two readers of the same notation, and so there are two here. A source is looked
//! up: an element of a list is the first whose value is the text. Targets are matched: the value
//! is a pattern, `*` is every element, and what is missing can be created.

use std::sync::Arc;

use regex::Regex;

use crate::node::{Entry, Map, Node, Scalar, Value};
use crate::origin::{Origin, Step};
use crate::rules::kus::replacement_unresolved::NoField;
use crate::source::Span;
use crate::suggest;
use crate::yaml::resolve::resolve;

/// Splits a path at its dots. `\.` is a dot in a key, and so are those in `[a.b/c]`; a part with
/// `=` in its brackets keeps them.
pub(crate) fn split(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![];
    for piece in path.split('.') {
        match parts.last_mut().filter(|it| it.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push('.');
                last.push_str(piece);
            }
            None => parts.push(piece.to_owned()),
        }
    }
    let mut joined = vec![];
    let mut rest = parts.into_iter();
    while let Some(mut part) = rest.next() {
        if part.starts_with('[') && !part.ends_with(']') {
            for next in rest.by_ref() {
                part.push('.');
                part.push_str(&next);
                if next.ends_with(']') {
                    break;
                }
            }
            if !part.contains('=') {
                part = part.trim_matches(['[', ']']).to_owned();
            }
        }
        joined.push(part);
    }
    // `.metadata.name` is written a lot, and empty parts mean nothing to kustomize.
    joined.retain(|it| !it.trim().is_empty());
    joined
}

impl NoField {
    fn because(reason: impl Into<String>) -> NoField {
        NoField { reason: reason.into(), at: None }
    }

    fn wrong(node: &Node, part: &str, wanted: &str) -> NoField {
        let reason = format!("`{part}` is looked for in {}, and wants {wanted}", node.describe());
        NoField { reason, at: Some(node.origin.clone()) }
    }
}

/// One part of a path.
enum Part<'p> {
    Index(usize),
    Every,
    /// A key and a value of an element; without a key the element itself.
    Element(&'p str, &'p str),
    Key(&'p str),
}

impl<'p> Part<'p> {
    fn read(part: &'p str) -> Result<Part<'p>, NoField> {
        let digits = part.strip_prefix('+').unwrap_or(part);
        if let Ok(index) = digits.parse()
            && !digits.starts_with('+')
        {
            return Ok(Part::Index(index));
        }
        if part == "*" {
            return Ok(Part::Every);
        }
        match part.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            None => Ok(Part::Key(part)),
            Some(inner) => match inner.split_once('=') {
                Some((key, value)) => Ok(Part::Element(key, value)),
                None => Err(NoField::because(format!("`{part}` has no `=`, as in `[name=value]`"))),
            },
        }
    }
}

/// The value at a path, as a replacement finds its source; `None` if there is none.
///
/// # Errors
/// If a value on the way is of the wrong kind for the path, or the path cannot be read.
pub(crate) fn lookup<'n>(node: &'n Node, path: &[String]) -> Result<Option<&'n Node>, NoField> {
    let mut node = node;
    for part in path.iter().map(|it| it.trim()).filter(|it| !it.is_empty()) {
        if node.is_null() {
            return Ok(None);
        }
        let items = || node.as_seq().ok_or_else(|| NoField::wrong(node, part, "a list"));
        let next = match Part::read(part)? {
            Part::Index(index) => items()?.get(index),
            Part::Every => {
                return Err(NoField::because("a source is one value, so `*` cannot stand in its path"));
            }
            Part::Element(key, value) => items()?.iter().find(|it| is_element(it, key, value)),
            Part::Key("-") => items()?.last(),
            Part::Key(key) => match &node.value {
                Value::Map(map) => map.get(key),
                _ => return Err(NoField::wrong(node, part, "a mapping")),
            },
        };
        match next {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

fn is_element(item: &Node, key: &str, value: &str) -> bool {
    let found = if key.is_empty() { Some(item) } else { item.get(key) };
    found.and_then(Node::as_scalar).is_some_and(|it| &*it.text == value)
}

/// How long a path may be. Manifests are no deeper than that, and what is created should not be.
const MAX_PARTS: usize = 128;

/// What is created at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Scalar,
    Map,
    Seq,
}

impl Shape {
    pub fn of(node: &Node) -> Shape {
        match node.value {
            Value::Scalar(_) => Shape::Scalar,
            Value::Map(_) => Shape::Map,
            Value::Seq(_) => Shape::Seq,
        }
    }

    fn empty(self, origin: Origin) -> Node {
        match self {
            Shape::Scalar => Node { value: Value::Scalar(Scalar::plain("", resolve(""))), origin },
            Shape::Map => Node::map(Map::default(), origin),
            Shape::Seq => Node::seq(vec![], origin),
        }
    }
}

/// What is done with a field that was found; the flag says whether it was created for it.
type Set<'s> = dyn FnMut(&mut Node, bool) -> Result<(), NoField> + 's;

/// A walk to the fields of one path.
pub(crate) struct Walk<'w> {
    /// What is created at the end of the path if it is missing; `None` to create nothing.
    pub create: Option<Shape>,
    /// The directive that asks for what is created.
    pub directive: Span,
    /// What is done with each field.
    pub set: &'w mut Set<'w>,
}

impl Walk<'_> {
    /// Goes to every field that the path matches. Returns how many there were.
    ///
    /// # Errors
    /// If a value on the way is of the wrong kind for the path, the path cannot be read, or
    /// `set` fails. The node may have been changed in part by then.
    pub fn go(&mut self, node: &mut Node, path: &[String]) -> Result<usize, NoField> {
        if path.len() > MAX_PARTS {
            return Err(NoField::because(format!("a path has {MAX_PARTS} parts at most")));
        }
        self.step(node, path, false)
    }

    fn step(&mut self, node: &mut Node, path: &[String], is_new: bool) -> Result<usize, NoField> {
        let Some((part, rest)) = path.split_first() else {
            (self.set)(node, is_new)?;
            return Ok(1);
        };
        if node.is_null() {
            return self.below_null(path);
        }
        match Part::read(part)? {
            Part::Key(key) => self.key(node, key, rest, is_new),
            Part::Index(index) => self.index(node, index, path, is_new),
            Part::Element(key, value) => self.elements(node, (key, value), path, is_new),
            Part::Every => {
                let items = items(node, part)?;
                items.iter_mut().try_fold(0, |count, it| Ok(count + self.step(it, rest, is_new)?))
            }
        }
    }

    /// kustomize takes a null for an empty list or mapping here. What it creates in there is
    /// never seen again.
    fn below_null(&mut self, path: &[String]) -> Result<usize, NoField> {
        let shape = self.shape_for(path.first());
        let may_miss = !matches!(Part::read(&path[0])?, Part::Index(_));
        if self.create.is_none() && may_miss {
            return Ok(0);
        }
        let shape = if path[0] == "*" { Shape::Seq } else { shape };
        self.step(&mut shape.empty(self.origin()), path, true)
    }

    fn key(&mut self, node: &mut Node, key: &str, rest: &[String], is_new: bool) -> Result<usize, NoField> {
        let Some(map) = node.as_map() else { return Err(NoField::wrong(node, key, "a mapping")) };
        let is_there = map.get(key).is_some();
        if !is_there && self.create.is_none() {
            return Ok(0);
        }
        let made = self.shape_for(rest.first()).empty(self.origin());
        let Some(map) = node.as_map_mut() else { return Ok(0) };
        if !is_there {
            map.insert(self.entry(key, made));
        }
        let Some(field) = map.get_mut(key) else { return Ok(0) };
        self.step(field, rest, is_new || !is_there)
    }

    fn index(
        &mut self,
        node: &mut Node,
        index: usize,
        path: &[String],
        is_new: bool,
    ) -> Result<usize, NoField> {
        let rest = &path[1..];
        let made = self.shape_for(rest.first()).empty(self.origin());
        let at = node.origin.clone();
        let items = items(node, &path[0])?;
        let is_there = index < items.len();
        if index == items.len() && self.create.is_some() {
            items.push(made);
        }
        let len = items.len();
        match items.get_mut(index) {
            Some(item) => self.step(item, rest, is_new || !is_there),
            None => {
                let reason = format!("the index is {index}, and the list has {len} elements");
                Err(NoField { reason, at: Some(at) })
            }
        }
    }

    fn elements(
        &mut self,
        node: &mut Node,
        (key, value): (&str, &str),
        path: &[String],
        is_new: bool,
    ) -> Result<usize, NoField> {
        let items = items(node, &path[0])?;
        if items.is_empty() && self.create.is_none() {
            return Ok(0);
        }
        let pattern =
            Regex::new(value).map_err(|_| NoField::because(format!("`{value}` is no regular expression")))?;
        // An element that is a value itself ends the path, whatever follows.
        let rest = if key.is_empty() { &[] } else { &path[1..] };
        let mut count = 0;
        for item in items.iter_mut() {
            if matches(item, key, &pattern) {
                count += self.step(item, rest, is_new)?;
            }
        }
        if count > 0 || self.create.is_none() {
            return Ok(count);
        }
        let made = self.element(key, value);
        if !matches(&made, key, &pattern) {
            let reason = format!("no element can be created for `{}`, which is a pattern", path[0]);
            return Err(NoField::because(reason));
        }
        items.push(made);
        items.last_mut().map_or(Ok(0), |it| self.step(it, rest, true))
    }

    fn element(&self, key: &str, value: &str) -> Node {
        let scalar = Scalar::plain(value, resolve(value));
        let node = Node { value: Value::Scalar(scalar), origin: self.origin() };
        if key.is_empty() {
            return node;
        }
        let mut map = Map::default();
        map.insert(self.entry(key, node));
        Node::map(map, self.origin())
    }

    /// What has to be created for the rest of a path to go on in it.
    fn shape_for(&self, next: Option<&String>) -> Shape {
        match next.map(|it| Part::read(it)) {
            None => self.create.unwrap_or(Shape::Scalar),
            Some(Ok(Part::Index(_) | Part::Element(..))) => Shape::Seq,
            Some(_) => Shape::Map,
        }
    }

    fn origin(&self) -> Origin {
        Origin::created(self.directive, Step::Replacement, self.directive)
    }

    fn entry(&self, key: &str, node: Node) -> Entry {
        Entry { key: key.into(), key_span: self.directive, key_kind: resolve(key), node }
    }
}

fn items<'n>(node: &'n mut Node, part: &str) -> Result<&'n mut Vec<Node>, NoField> {
    if node.as_seq().is_none() {
        return Err(NoField::wrong(node, part, "a list"));
    }
    match &mut node.value {
        Value::Seq(items) => Ok(Arc::make_mut(items)),
        _ => Err(NoField::because(format!("`{part}` wants a list"))),
    }
}

/// Whether an element, or the value of its key, matches. kustomize matches the text as YAML, in
/// which the quotes of the file still stand.
fn matches(item: &Node, key: &str, pattern: &Regex) -> bool {
    let found = if key.is_empty() { Some(item) } else { item.get(key) };
    found.and_then(Node::as_scalar).is_some_and(|it| match it.quoted {
        true => pattern.is_match(&format!("\"{}\"", it.text)),
        false => pattern.is_match(it.text.trim()),
    })
}

/// The key that was probably meant where a path stops leading anywhere, with its place.
pub(crate) fn nearest(node: &Node, path: &[String]) -> Option<(String, Span)> {
    let mut node = node;
    for part in path {
        let next = match Part::read(part).ok()? {
            Part::Key(key) => match node.get(key) {
                Some(next) => Some(next),
                None => {
                    let map = node.as_map()?;
                    let nearest = suggest::nearest(key, map.entries().iter().map(|it| &*it.key))?;
                    return Some((nearest.to_owned(), map.entry(nearest)?.key_span));
                }
            },
            Part::Index(index) => node.as_seq()?.get(index),
            Part::Every => node.as_seq()?.first(),
            Part::Element(key, value) => {
                let items = node.as_seq()?;
                let pattern = Regex::new(value).ok()?;
                let values = || items.iter().filter_map(|it| it.get(key));
                match items.iter().find(|it| matches(it, key, &pattern)) {
                    Some(next) => Some(next),
                    None => {
                        let texts = values().filter_map(Node::as_str);
                        let nearest = suggest::nearest(value, texts)?;
                        let found = values().find(|it| it.as_str() == Some(nearest))?;
                        return Some((nearest.to_owned(), found.origin.span));
                    }
                }
            }
        };
        node = next?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_at_dots_that_are_not_part_of_a_key() {
        for (path, parts) in [
            ("spec.replicas", &["spec", "replicas"][..]),
            ("metadata.annotations.a\\.b/c", &["metadata", "annotations", "a.b/c"]),
            ("metadata.annotations.[a.b/c]", &["metadata", "annotations", "a.b/c"]),
            ("spec.[name=a.b].image", &["spec", "[name=a.b]", "image"]),
            ("spec.[name]", &["spec", "[name]"]),
            ("a..b.", &["a", "b"]),
            (".a.b", &["a", "b"]),
            ("[a.b", &["a.b"]),
        ] {
            assert_eq!(split(path), parts, "{path}");
        }
    }
}
