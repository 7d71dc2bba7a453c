//! Operators and what else calculates, as OPA does: with 64 bits of precision.

use regorus::Value as Rego;

use super::float::{self, Float};
use super::{MOST_ITEMS, Outcome, Stop, array, fits, integer, items, order};

/// How many digits a number may get.
const MOST_DIGITS: usize = 100_000;

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

/// Whole numbers are exact, whatever their size.
macro_rules! whole {
    ($args:expr, $operation:ident) => {
        match $args {
            [Rego::Number(a), Rego::Number(b)] if a.is_integer() && b.is_integer() => {
                let value = a.$operation(b).map(Rego::Number).unwrap_or(Rego::Undefined);
                return if is_reasonable(&value) { Ok(value) } else { Err(too_long()) };
            }
            _ => {}
        }
    };
}

/// Whether a number has not grown beyond all bounds.
fn is_reasonable(value: &Rego) -> bool {
    match value {
        Rego::Number(number) if number.as_i128().is_none() => number.format_decimal().len() <= MOST_DIGITS,
        _ => true,
    }
}

pub(super) fn plus(args: &[Rego]) -> Outcome {
    whole!(args, add);
    calculate(args, |a, b| Some(sum_of(a, b)))
}

pub(super) fn minus(args: &[Rego]) -> Outcome {
    if let [Rego::Set(a), Rego::Set(b)] = args {
        return Ok(Rego::from(a.difference(b)));
    }
    whole!(args, sub);
    calculate(args, |a, b| Some(sum_of(a, b.map(Float::neg))))
}

pub(super) fn mul(args: &[Rego]) -> Outcome {
    whole!(args, mul);
    calculate(args, |a, b| Some(product_of(a, b)))
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
        (_, Some(0)) => Ok(Rego::Undefined),
        (Some(a), Some(b)) => a.checked_rem(b).map(Rego::from).ok_or_else(too_long),
        _ => Ok(a.clone().modulo(b).map(Rego::Number).unwrap_or(Rego::Undefined)),
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
    if items.iter().all(|it| integer(it).is_some_and(|it| it.unsigned_abs() < 1 << 31)) && start == 0 {
        return Ok(items.into_iter().filter_map(integer).sum::<i64>().into());
    }
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

/// OPA has its own idea of what lies above and below numbers between -1 and 0.
fn between(args: &[Rego], value: i64, name: &str) -> Outcome {
    match args {
        [Rego::Number(number)] if number.as_f64().is_some_and(|it| -1.0 < it && it < 0.0) => Ok(value.into()),
        _ => super::engine::Call::of(name).map_or(Ok(Rego::Undefined), |it| it.run(args)),
    }
}

pub(super) fn ceil(args: &[Rego]) -> Outcome {
    between(args, 1, "ceil")
}

pub(super) fn floor(args: &[Rego]) -> Outcome {
    between(args, 0, "floor")
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
