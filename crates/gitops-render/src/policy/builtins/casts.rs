//! Conversions, most of them of Rego v0.

use regorus::Value as Rego;

use super::{Outcome, array, items, set};

/// OPA reads what Go's `ParseFloat` reads, but for hexadecimal numbers, infinity and the like.
pub(super) fn to_number(args: &[Rego]) -> Outcome {
    Ok(match args {
        [Rego::Null | Rego::Bool(false)] => 0.into(),
        [Rego::Bool(true)] => 1.into(),
        [number @ Rego::Number(_)] => number.clone(),
        [Rego::String(text)] => read(text),
        _ => Rego::Undefined,
    })
}

fn read(text: &str) -> Rego {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (unsigned, None),
    };
    let are_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = are_digits(whole) && are_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let is_scaled = exponent.is_none_or(|it| {
        let it = it.strip_prefix(['-', '+']).unwrap_or(it);
        !it.is_empty() && are_digits(it) && it.len() <= 3
    });
    if !is_number || !is_scaled || text.len() > 400 {
        return Rego::Undefined;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    Rego::from_numeric_string(text).unwrap_or(Rego::Undefined)
}

pub(super) fn cast_array(args: &[Rego]) -> Outcome {
    Ok(match args {
        [Rego::Array(_)] => args[0].clone(),
        [Rego::Set(it)] => array(it.iter_sorted().cloned().collect()),
        _ => Rego::Undefined,
    })
}

pub(super) fn cast_set(args: &[Rego]) -> Outcome {
    Ok(match args {
        [Rego::Set(_)] => args[0].clone(),
        [Rego::Array(it)] => set(it.iter().cloned()),
        _ => Rego::Undefined,
    })
}

/// What is of the type, and undefined otherwise.
fn only(args: &[Rego], is: fn(&Rego) -> bool) -> Outcome {
    Ok(args.first().filter(|it| is(it)).cloned().unwrap_or(Rego::Undefined))
}

pub(super) fn cast_string(args: &[Rego]) -> Outcome {
    only(args, |it| matches!(it, Rego::String(_)))
}

pub(super) fn cast_boolean(args: &[Rego]) -> Outcome {
    only(args, |it| matches!(it, Rego::Bool(_)))
}

pub(super) fn cast_null(args: &[Rego]) -> Outcome {
    only(args, |it| matches!(it, Rego::Null))
}

pub(super) fn cast_object(args: &[Rego]) -> Outcome {
    only(args, |it| matches!(it, Rego::Object(_)))
}

pub(super) fn all(args: &[Rego]) -> Outcome {
    let items = args.first().and_then(items);
    Ok(items.map_or(Rego::Undefined, |it| it.iter().all(|it| **it == Rego::Bool(true)).into()))
}

pub(super) fn any(args: &[Rego]) -> Outcome {
    let items = args.first().and_then(items);
    Ok(items.map_or(Rego::Undefined, |it| it.iter().any(|it| **it == Rego::Bool(true)).into()))
}

/// `trace` holds, whatever it notes down.
pub(super) fn trace(args: &[Rego]) -> Outcome {
    Ok(if matches!(args, [Rego::String(_)]) { true.into() } else { Rego::Undefined })
}
