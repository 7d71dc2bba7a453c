//! Finding and setting elements of a list by their merge keys.

use crate::kustomize::merge::error::{MergeError, Problem, Shape};
use crate::kustomize::merge::walk::raw_text;
use crate::node::{Map, Node};

/// The merge keys of one element: those that it has, or all of them, with empty values, if it
/// has none.
pub(super) struct Key<'a> {
    keys: Vec<&'a str>,
    values: Vec<&'a str>,
}

impl<'a> Key<'a> {
    /// Out of what [`values`] says about an element.
    pub fn of(keys: &[&'a str], values: &'a [String]) -> Key<'a> {
        let there = || keys.iter().zip(values).filter(|(_, value)| !value.is_empty());
        if there().next().is_none() {
            return Key { keys: keys.to_vec(), values: values.iter().map(String::as_str).collect() };
        }
        let (keys, values) = there().map(|(key, value)| (*key, value.as_str())).unzip();
        Key { keys, values }
    }
}

/// The values of an element's merge keys; empty where there is none.
pub(super) fn values(element: &Node, keys: &[&str]) -> Vec<String> {
    let value = |key: &&str| element.get(key).filter(|it| !it.is_null()).map_or("", raw_text).to_owned();
    keys.iter().map(value).collect()
}

/// The first element with exactly these values.
pub(super) fn find<'n>(mut elements: impl Iterator<Item = &'n Node>, key: &Key<'_>) -> Option<usize> {
    let agrees = |element: &Node| {
        key.keys.iter().zip(&key.values).all(|(key, value)| element.get(key).map(raw_text) == Some(value))
    };
    elements.position(agrees)
}

/// Null, or a mapping without entries: kustomize drops such elements when it sets another.
pub(super) fn is_empty(element: &Node) -> bool {
    element.is_null() || element.as_map().is_some_and(Map::is_empty)
}

/// Replaces every element with these values by `new`, or adds it; removes them if there is none.
pub(super) fn set(elements: &mut Vec<Node>, key: &Key<'_>, new: Option<&Node>) -> Result<(), MergeError> {
    let mut out = Vec::with_capacity(elements.len() + 1);
    let mut found = false;
    for element in elements.drain(..) {
        if is_empty(&element) {
            continue;
        }
        if element.as_map().is_none() {
            if key.values.first().is_some_and(|it| !it.is_empty()) {
                out.push(element);
                continue;
            }
            return Err(not_a_map(&element));
        }
        if !key.matches(&element) {
            // An element without a key is set without values, and nothing stays beside it.
            if !key.values.is_empty() {
                out.push(element);
            }
            continue;
        }
        found = true;
        out.extend(new.cloned());
    }
    *elements = out;
    if let (false, Some(new)) = (found, new.filter(|it| !it.is_null())) {
        elements.push(new.clone());
    }
    Ok(())
}

/// Sets each of `from` into `elements` by the value that it has for the key; nothing if there are
/// several keys.
pub(super) fn set_each(elements: &mut Vec<Node>, from: &[Node], key: &Key<'_>) -> Result<(), MergeError> {
    let [name] = key.keys[..] else { return Ok(()) };
    for element in from {
        if element.as_map().is_none() && !element.is_null() {
            return Err(not_a_map(element));
        }
        let value = element.get(name).map(raw_text);
        if value.is_none() {
            elements.push(element.clone());
        }
        let key = Key { keys: vec![name], values: value.into_iter().collect() };
        set(elements, &key, Some(element))?;
    }
    Ok(())
}

impl Key<'_> {
    /// Whether an element is to be replaced: an empty value agrees with any.
    fn matches(&self, element: &Node) -> bool {
        let agrees = |(key, value): (&&str, &&str)| {
            element.get(key).is_some_and(|it| value.is_empty() || raw_text(it) == *value)
        };
        !self.values.is_empty() && self.keys.iter().zip(&self.values).all(agrees)
    }
}

/// Whether each element is found by its own keys, and nothing else is: walking such a list and
/// setting its elements leaves it as it is.
pub(super) fn has_unique_keys(elements: &[Node], keys: &[&str]) -> bool {
    let mut seen = std::collections::HashSet::new();
    let is_new = |it: &Node| {
        let first = it.get(keys[0]).filter(|it| !it.is_null()).map_or("", raw_text);
        !first.is_empty() && seen.insert(first.to_owned())
    };
    elements.iter().all(is_new)
}

/// Whether a set has no member twice, and nothing but scalars.
pub(super) fn is_plain_set(elements: &[Node]) -> bool {
    let mut seen = std::collections::HashSet::new();
    elements.iter().all(|it| it.as_scalar().is_some() && !it.is_null() && seen.insert(raw_text(it)))
}

fn not_a_map(element: &Node) -> MergeError {
    MergeError {
        at: element.origin.span,
        target: None,
        problem: Problem::WrongElement {
            found: Shape::of(element),
            wanted: Shape::Map,
            why: "the list is merged by a key of its elements",
        },
    }
}
