//! Objects.

use regorus::Value as Rego;

use super::{Outcome, engine};

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

/// `array.concat`, within the limits.
pub(super) fn concat(args: &[Rego]) -> Outcome {
    let [Rego::Array(a), Rego::Array(b)] = args else { return Ok(Rego::Undefined) };
    super::fits(a.len() + b.len(), super::MOST_ITEMS, "items")?;
    engine::Call::of("array.concat").map_or(Ok(Rego::Undefined), |it| it.run(args))
}

/// Rego v0's difference of sets.
pub(super) fn set_diff(args: &[Rego]) -> Outcome {
    match args {
        [Rego::Set(a), Rego::Set(b)] => Ok(Rego::from(a.difference(b))),
        _ => Ok(Rego::Undefined),
    }
}
