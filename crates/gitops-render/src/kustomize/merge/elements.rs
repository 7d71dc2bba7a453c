//! Finding and setting elements of a list by their merge keys.

use crate::kustomize::merge::error::{MergeError, Problem, Shape};
use crate::kustomize::merge::walk::raw_text;
use crate::node::{Map, Node};

/// The merge keys of one element, and what they say.
pub(super) struct Key<'a> {
    keys: Vec<&'a str>,
    /// Empty texts where it says nothing.
    values: Vec<&'a str>,
}

impl<'a> Key<'a> {
    /// The used ones of `keys`, with their values.
    pub fn of(keys: &[&'a str], values: &'a [String], used: &[bool]) -> Key<'a> {
        let all = keys.iter().zip(values).zip(used).filter(|(_, used)| **used);
        let (keys, values) = all.map(|((key, value), _)| (*key, value.as_str())).unzip();
        Key { keys, values }
    }
}

/// The values of an element's merge keys; empty where there is none.
pub(super) fn values(element: &Node, keys: &[&str]) -> Vec<String> {
    let value = |key: &&str| element.get(key).filter(|it| !it.is_null()).map_or("", raw_text).to_owned();
    keys.iter().map(value).collect()
}

/// Makes elements that differ only in a key that one of them lacks the same: port 80 without a
/// protocol is port 80/TCP if there is such a port.
pub(super) fn reconcile(mut all: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for left in 0..all.len() {
        let first = all[left].clone();
        for right in 0..all.len() {
            if let Some(both) = reconciled(&first, &all[right]) {
                all[left].clone_from(&both);
                all[right] = both;
            }
        }
    }
    all
}

/// The values of both, if there is one in common and none in contradiction.
fn reconciled(left: &[String], right: &[String]) -> Option<Vec<String>> {
    let is_contradicted =
        |(left, right): (&String, &String)| left != right && !left.is_empty() && !right.is_empty();
    let is_common = |(left, right): (&String, &String)| left == right;
    if left.len() < 2 || left.iter().zip(right).any(is_contradicted) || !left.iter().zip(right).any(is_common)
    {
        return None;
    }
    let either = |(left, right): (&String, &String)| if left.is_empty() { right } else { left }.clone();
    Some(left.iter().zip(right).map(either).collect())
}

/// The first element that has all these values; if there are none, the first whose keys are empty.
pub(super) fn find<'n>(mut elements: impl Iterator<Item = &'n Node>, key: &Key<'_>) -> Option<usize> {
    let is_blank = key.values.iter().all(|it| it.is_empty());
    let agrees = |element: &Node| {
        let mut wanted = key.keys.iter().zip(&key.values).filter(|(_, value)| is_blank || !value.is_empty());
        wanted.all(|(key, value)| element.get(key).map(raw_text) == Some(value))
    };
    elements.position(agrees)
}

/// Null, or a mapping without entries: kustomize drops such elements when it sets another.
pub(super) fn is_empty(element: &Node) -> bool {
    element.is_null() || element.as_map().is_some_and(Map::is_empty)
}

/// Replaces every element with these values by `new`, or adds it; removes them if there is none.
pub(super) fn set(elements: &mut Vec<Node>, key: &Key<'_>, new: Option<&Node>) -> Result<(), MergeError> {
    let (mut found, mut error) = (false, None);
    let only_maps = key.values.first().is_none_or(|it| it.is_empty());
    elements.retain_mut(|element| {
        if is_empty(element) {
            return false;
        }
        if element.as_map().is_none() {
            if only_maps {
                error = Some(not_a_map(element));
            }
            return true;
        }
        if !key.matches(element) {
            // An element without a key is set without values, and nothing stays beside it.
            return !key.values.is_empty();
        }
        found = true;
        if let Some(new) = new {
            *element = new.clone();
        }
        new.is_some()
    });
    if let Some(error) = error {
        return Err(error);
    }
    if let (false, Some(new)) = (found, new.filter(|it| !it.is_null())) {
        elements.push(new.clone());
    }
    Ok(())
}

/// Sets each of `from` into `elements` by the values that it has for `keys`.
pub(super) fn set_each(elements: &mut Vec<Node>, from: &[Node], keys: &[&str]) -> Result<(), MergeError> {
    for element in from {
        if element.as_map().is_none() && !element.is_null() {
            return Err(not_a_map(element));
        }
        let mut values = vec![];
        for key in keys {
            match element.get(key).map(raw_text) {
                Some(value) => values.push(value),
                None => elements.push(element.clone()),
            }
        }
        let key = Key { keys: keys.to_vec(), values };
        if keys.len() > 1 {
            set(elements, &key, None)?;
        }
        set(elements, &key, Some(element))?;
    }
    Ok(())
}

impl Key<'_> {
    /// Whether an element is to be replaced. An empty value agrees with any, and where an element
    /// lacks some of the keys, its values are compared with the first ones.
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
