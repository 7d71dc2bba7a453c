//! Operators and what else calculates, as OPA does: with 64 bits of precision.

use regorus::Value as Rego;

use super::float::{self, Float};
use super::{MOST_ITEMS, Outcome, Stop, array, fits, integer, items, order};

/// What of a number does not fit is nobody's quantity.
fn too_long() -> Stop {
    Stop("a number has more digits than this can calculate with".to_owned())
}

fn number(value: &Rego) -> Option<Result<float::Number, Stop>> {
    let Rego::Number(number) = value else { return None };
    Some(Float::read(&number.format_decimal()).ok_or_else(too_long))
}

fn calculate(args: &[Rego], operation: fn(float::Number, float::Number) -> Option<float::Number>) -> Outcome {
    let [a, b] = args else { return Ok(Rego::Undefined) };
    let (Some(a), Some(b)) = (number(a), number(b)) else { return Ok(Rego::Undefined) };
    match operation(a?, b?) {
        Some(value) => float::to_rego(value).ok_or_else(too_long),
        None => Ok(Rego::Undefined),
    }
}

fn sum_of(a: float::Number, b: float::Number) -> float::Number {
    match (a, b) {
        (Some(a), Some(b)) => a.add(b),
        (a, b) => a.or(b),
    }
}

fn product_of(a: float::Number, b: float::Number) -> float::Number {
    a.zip(b).and_then(|(a, b)| a.mul(b))
}

/// Whole numbers are calculated with directly, which is the same and faster.
fn whole(args: &[Rego], operation: fn(i64, i64) -> Option<i64>) -> Option<Rego> {
    let [Rego::Number(a), Rego::Number(b)] = args else { return None };
    operation(a.as_i64()?, b.as_i64()?).map(Rego::from)
}

pub(super) fn plus(args: &[Rego]) -> Outcome {
    match whole(args, i64::checked_add) {
        Some(sum) => Ok(sum),
        None => calculate(args, |a, b| Some(sum_of(a, b))),
    }
}

pub(super) fn minus(args: &[Rego]) -> Outcome {
    if let [Rego::Set(a), Rego::Set(b)] = args {
        return Ok(Rego::from(a.difference(b)));
    }
    match whole(args, i64::checked_sub) {
        Some(difference) => Ok(difference),
        None => calculate(args, |a, b| Some(sum_of(a, b.map(Float::neg)))),
    }
}

pub(super) fn mul(args: &[Rego]) -> Outcome {
    match whole(args, i64::checked_mul) {
        Some(product) => Ok(product),
        None => calculate(args, |a, b| Some(product_of(a, b))),
    }
}

pub(super) fn div(args: &[Rego]) -> Outcome {
    calculate(args, |a, b| b.map(|b| a.and_then(|a| a.div(b))))
}

/// The remainder of whole numbers, with the sign of the first.
pub(super) fn rem(args: &[Rego]) -> Outcome {
    let [Rego::Number(a), Rego::Number(b)] = args else { return Ok(Rego::Undefined) };
    if !a.is_integer() || !b.is_integer() {
        return Ok(Rego::Undefined);
    }
    match (a.as_i128(), b.as_i128()) {
        (Some(_), Some(0)) => Ok(Rego::Undefined),
        (Some(a), Some(b)) => a.checked_rem(b).map(Rego::from).ok_or_else(too_long),
        _ => Err(too_long()),
    }
}

pub(super) fn or(args: &[Rego]) -> Outcome {
    match args {
        [Rego::Set(a), Rego::Set(b)] => Ok(Rego::from(a.union(b))),
        _ => Ok(Rego::Undefined),
    }
}

pub(super) fn and(args: &[Rego]) -> Outcome {
    match args {
        [Rego::Set(a), Rego::Set(b)] => Ok(Rego::from(a.intersection(b))),
        _ => Ok(Rego::Undefined),
    }
}

fn fold(args: &[Rego], start: i64, operation: fn(float::Number, float::Number) -> float::Number) -> Outcome {
    let [collection] = args else { return Ok(Rego::Undefined) };
    let Some(items) = items(collection) else { return Ok(Rego::Undefined) };
    let mut total = Float::read(&start.to_string()).ok_or_else(too_long)?;
    for item in items {
        let Some(number) = number(item) else { return Ok(Rego::Undefined) };
        total = operation(total, number?);
    }
    float::to_rego(total).ok_or_else(too_long)
}

pub(super) fn sum(args: &[Rego]) -> Outcome {
    fold(args, 0, sum_of)
}

pub(super) fn product(args: &[Rego]) -> Outcome {
    fold(args, 1, product_of)
}

/// How many there are; characters in a string.
pub(super) fn count(args: &[Rego]) -> Outcome {
    Ok(match args {
        [Rego::Array(it)] => it.len().into(),
        [Rego::Set(it)] => it.len().into(),
        [Rego::Object(it)] => it.len().into(),
        [Rego::String(it)] => it.chars().count().into(),
        _ => Rego::Undefined,
    })
}

pub(super) fn max(args: &[Rego]) -> Outcome {
    let largest = args.first().and_then(items).and_then(|it| it.into_iter().max_by(|a, b| order(a, b)));
    Ok(largest.cloned().unwrap_or(Rego::Undefined))
}

pub(super) fn min(args: &[Rego]) -> Outcome {
    let smallest = args.first().and_then(items).and_then(|it| it.into_iter().min_by(|a, b| order(a, b)));
    Ok(smallest.cloned().unwrap_or(Rego::Undefined))
}

pub(super) fn sort(args: &[Rego]) -> Outcome {
    let Some(mut items) = args.first().and_then(items) else { return Ok(Rego::Undefined) };
    items.sort_by(|a, b| order(a, b));
    Ok(array(items.into_iter().cloned().collect()))
}

pub(super) fn range(args: &[Rego]) -> Outcome {
    let [from, to] = args else { return Ok(Rego::Undefined) };
    steps(from, to, 1)
}

pub(super) fn range_step(args: &[Rego]) -> Outcome {
    let [from, to, step] = args else { return Ok(Rego::Undefined) };
    match integer(step) {
        Some(step) if step > 0 => steps(from, to, step),
        _ => Ok(Rego::Undefined),
    }
}

fn steps(from: &Rego, to: &Rego, step: i64) -> Outcome {
    let (Some(from), Some(to)) = (integer(from), integer(to)) else { return Ok(Rego::Undefined) };
    let (from, to, step) = (i128::from(from), i128::from(to), i128::from(step));
    let count = (to - from).abs() / step + 1;
    fits(usize::try_from(count).unwrap_or(usize::MAX), MOST_ITEMS, "items")?;
    let step = if from <= to { step } else { -step };
    Ok(array((0..count).map(|it| Rego::from((from + it * step) as i64)).collect()))
}

/// A shift within reason.
pub(super) fn left(args: &[Rego]) -> Outcome {
    match args {
        [value, by] if integer(by).is_some_and(|it| it > 10_000) && matches!(value, Rego::Number(_)) => {
            Err(too_long())
        }
        _ => super::engine::Call::of("bits.lsh").map_or(Ok(Rego::Undefined), |it| it.run(args)),
    }
}

/// The comparisons as functions.
pub(super) mod compare {
    use std::cmp::Ordering;

    use super::{Outcome, Rego, order};

    fn compare(args: &[Rego], holds: fn(Ordering) -> bool) -> Outcome {
        let [a, b] = args else { return Ok(Rego::Undefined) };
        Ok(holds(order(a, b)).into())
    }

    pub fn equal(args: &[Rego]) -> Outcome {
        compare(args, Ordering::is_eq)
    }

    pub fn not_equal(args: &[Rego]) -> Outcome {
        compare(args, Ordering::is_ne)
    }

    pub fn less(args: &[Rego]) -> Outcome {
        compare(args, Ordering::is_lt)
    }

    pub fn at_most(args: &[Rego]) -> Outcome {
        compare(args, Ordering::is_le)
    }

    pub fn greater(args: &[Rego]) -> Outcome {
        compare(args, Ordering::is_gt)
    }

    pub fn at_least(args: &[Rego]) -> Outcome {
        compare(args, Ordering::is_ge)
    }
}
