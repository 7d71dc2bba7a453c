//! Objects.

use std::collections::BTreeMap;

use regorus::Value as Rego;

use super::{Outcome, array, engine, items, object, set};

/// Whether the second is in the first. Of different kinds only an array and a set are compared.
pub(super) fn subset(args: &[Rego]) -> Outcome {
    let [larger, smaller] = args else { return Ok(Rego::Undefined) };
    let is_comparable = matches!(
        (larger, smaller),
        (Rego::Object(_), Rego::Object(_))
            | (Rego::Set(_), Rego::Set(_))
            | (Rego::Array(_), Rego::Array(_) | Rego::Set(_))
    );
    Ok(if is_comparable { holds(larger, smaller).into() } else { Rego::Undefined })
}

fn holds(larger: &Rego, smaller: &Rego) -> bool {
    match (larger, smaller) {
        (Rego::Object(larger), Rego::Object(smaller)) => {
            smaller.iter().all(|(key, value)| larger.get(key).is_some_and(|it| holds(it, value)))
        }
        (Rego::Set(larger), Rego::Set(smaller)) => smaller.iter().all(|it| larger.contains(it)),
        (Rego::Array(_), Rego::Array(smaller)) if smaller.is_empty() => true,
        (Rego::Array(larger), Rego::Array(smaller)) => {
            larger.as_slice().windows(smaller.len()).any(|it| it == smaller.as_slice())
        }
        (Rego::Array(larger), Rego::Set(smaller)) => {
            smaller.iter().all(|it| larger.iter().any(|other| it == other))
        }
        (larger, smaller) => larger == smaller,
    }
}

/// What can be gone through: nothing in what is no collection.
pub(super) fn items_of(args: &[Rego]) -> Outcome {
    Ok(match args {
        [it @ (Rego::Array(_) | Rego::Set(_) | Rego::Object(_))] => it.clone(),
        _ => Rego::new_array(),
    })
}

/// `value in collection`. Nothing is in what is no collection.
pub(super) fn member(args: &[Rego]) -> Outcome {
    let [value, collection] = args else { return Ok(Rego::Undefined) };
    let is_in = match collection {
        Rego::Array(items) => items.iter().any(|it| it == value),
        Rego::Set(items) => items.contains(value),
        Rego::Object(entries) => entries.iter().any(|(_, it)| it == value),
        _ => false,
    };
    Ok(is_in.into())
}

/// `key, value in collection`.
pub(super) fn member_with_key(args: &[Rego]) -> Outcome {
    let [key, value, collection] = args else { return Ok(Rego::Undefined) };
    let found = match collection {
        Rego::Array(_) | Rego::Object(_) => &collection[key],
        Rego::Set(items) if items.contains(key) => key,
        _ => &Rego::Undefined,
    };
    Ok((found == value).into())
}

/// `array.flatten`: the items of the arrays in an array, one level deep.
pub(super) fn flatten(args: &[Rego]) -> Outcome {
    let [Rego::Array(items)] = args else { return Ok(Rego::Undefined) };
    let size = items.iter().map(|it| it.as_array().map_or(1, |it| it.len())).sum();
    super::fits(size, super::MOST_ITEMS, "items")?;
    let mut out = Vec::with_capacity(size);
    for item in items.iter() {
        match item {
            Rego::Array(inner) => out.extend(inner.iter().cloned()),
            other => out.push(other.clone()),
        }
    }
    Ok(array(out))
}

/// `array.concat`, within the limits.
pub(super) fn concat(args: &[Rego]) -> Outcome {
    let [Rego::Array(a), Rego::Array(b)] = args else { return Ok(Rego::Undefined) };
    super::fits(a.len() + b.len(), super::MOST_ITEMS, "items")?;
    engine::Call::of("array.concat").map_or(Ok(Rego::Undefined), |it| it.run(args))
}

/// `json.filter`: what paths lead to. An index of an array is found by its text only.
pub(super) fn json_filter(args: &[Rego]) -> Outcome {
    let [value @ Rego::Object(_), paths] = args else { return Ok(Rego::Undefined) };
    let Some(paths) = items(paths) else { return Ok(Rego::Undefined) };
    let mut tree = Paths::default();
    for path in paths {
        let parts: Vec<Rego> = match path {
            Rego::String(path) if path.is_empty() => vec![],
            Rego::String(path) => {
                let parts = path.trim_start_matches('/').split('/');
                parts.map(|it| it.replace("~1", "/").replace("~0", "~").into()).collect()
            }
            Rego::Array(parts) => parts.to_vec(),
            _ => return Ok(Rego::Undefined),
        };
        tree.add(&parts);
    }
    Ok(tree.filter(value))
}

/// Paths put together; where one ends, everything below it counts.
#[derive(Default)]
struct Paths {
    is_end: bool,
    below: BTreeMap<Rego, Paths>,
}

impl Paths {
    fn add(&mut self, parts: &[Rego]) {
        match parts {
            [] => self.is_end = true,
            [first, rest @ ..] => self.below.entry(first.clone()).or_default().add(rest),
        }
    }

    /// What of a value the paths lead to. A scalar at which a path does not end stays.
    fn filter(&self, value: &Rego) -> Rego {
        if self.is_end {
            return value.clone();
        }
        match value {
            Rego::Object(entries) => object(
                entries.iter().filter_map(|(key, it)| Some((key.clone(), self.below.get(key)?.filter(it)))),
            ),
            Rego::Array(items) => {
                let below = |at: usize| self.below.get(&at.to_string().into());
                array(items.iter().enumerate().filter_map(|(at, it)| Some(below(at)?.filter(it))).collect())
            }
            Rego::Set(items) => set(items.iter().filter_map(|it| Some(self.below.get(it)?.filter(it)))),
            other => other.clone(),
        }
    }
}

/// Rego v0's difference of sets.
pub(super) fn set_diff(args: &[Rego]) -> Outcome {
    match args {
        [Rego::Set(a), Rego::Set(b)] => Ok(Rego::from(a.difference(b))),
        _ => Ok(Rego::Undefined),
    }
}
