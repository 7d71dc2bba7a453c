//! Mathematics.

use super::{Called, Val};
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
math.greatest dyn -> dyn
math.greatest A A -> A
math.greatest number number -> dyn
math.greatest number number number -> dyn
math.greatest number number number number -> dyn
math.least dyn -> dyn
math.least A A -> A
math.least number number -> dyn
math.least number number number -> dyn
math.least number number number number -> dyn
math.ceil double -> double
math.floor double -> double
math.round double -> double
math.trunc double -> double
math.sqrt number -> double
math.abs int -> int
math.abs uint -> uint
math.abs double -> double
math.sign int -> int
math.sign uint -> uint
math.sign double -> double
math.isInf double -> bool
math.isNaN double -> bool
math.isFinite double -> bool
math.bitAnd int int -> int
math.bitAnd uint uint -> uint
math.bitOr int int -> int
math.bitOr uint uint -> uint
math.bitXor int int -> int
math.bitXor uint uint -> uint
math.bitNot int -> int
math.bitNot uint -> uint
math.bitShiftLeft int int -> int
math.bitShiftLeft uint int -> uint
math.bitShiftRight int int -> int
math.bitShiftRight uint int -> uint
";

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    let Some(name) = name.strip_prefix("math.") else { return Ok(None) };
    Ok(Some(match (name, args) {
        ("greatest" | "least", [Val::List(list)]) => return extreme(name, list.values(meter)?),
        ("greatest" | "least", [_, ..]) => return extreme(name, args.to_vec()),
        ("ceil", [Val::Double(it)]) => Val::Double(it.ceil()),
        ("floor", [Val::Double(it)]) => Val::Double(it.floor()),
        ("round", [Val::Double(it)]) => Val::Double(it.round()),
        ("trunc", [Val::Double(it)]) => Val::Double(it.trunc()),
        #[expect(clippy::cast_precision_loss, reason = "that is what a square root is")]
        ("sqrt", [it]) => match it {
            Val::Double(it) => Val::Double(it.sqrt()),
            Val::Int(it) => Val::Double((*it as f64).sqrt()),
            Val::Uint(it) => Val::Double((*it as f64).sqrt()),
            _ => return Ok(None),
        },
        ("abs", [Val::Int(it)]) => {
            Val::Int(it.checked_abs().ok_or_else(|| Error::failed("integer overflow"))?)
        }
        ("abs", [Val::Double(it)]) => Val::Double(it.abs()),
        ("abs", [it @ Val::Uint(_)]) => it.clone(),
        ("sign", [Val::Int(it)]) => Val::Int(it.signum()),
        ("sign", [Val::Uint(it)]) => Val::Uint((*it).min(1)),
        ("sign", [Val::Double(it)]) if *it == 0.0 || it.is_nan() => Val::Double(*it),
        ("sign", [Val::Double(it)]) => Val::Double(it.signum()),
        ("isInf", [Val::Double(it)]) => Val::Bool(it.is_infinite()),
        ("isNaN", [Val::Double(it)]) => Val::Bool(it.is_nan()),
        ("isFinite", [Val::Double(it)]) => Val::Bool(it.is_finite()),
        ("bitNot", [Val::Int(it)]) => Val::Int(!it),
        ("bitNot", [Val::Uint(it)]) => Val::Uint(!it),
        (_, [Val::Int(a), Val::Int(b)]) => return bits(name, *a as u64, *b, |it| Val::Int(it as i64)),
        (_, [Val::Uint(a), Val::Uint(b)]) if !name.starts_with("bitShift") => {
            return bits(name, *a, *b as i64, Val::Uint);
        }
        (_, [Val::Uint(a), Val::Int(b)]) if name.starts_with("bitShift") => {
            return bits(name, *a, *b, Val::Uint);
        }
        _ => return Ok(None),
    }))
}

#[expect(clippy::cast_sign_loss, reason = "bits have no sign")]
fn bits(name: &str, a: u64, b: i64, wrap: impl Fn(u64) -> Val) -> Called {
    let by = u32::try_from(b);
    Ok(Some(wrap(match name {
        "bitAnd" => a & b as u64,
        "bitOr" => a | b as u64,
        "bitXor" => a ^ b as u64,
        "bitShiftLeft" | "bitShiftRight" if b < 0 => {
            return Err(Error::failed(format!("math.{name}() negative offset: {b}")));
        }
        "bitShiftLeft" => by.ok().and_then(|it| a.checked_shl(it)).unwrap_or(0),
        "bitShiftRight" => by.ok().and_then(|it| a.checked_shr(it)).unwrap_or(0),
        _ => return Ok(None),
    })))
}

fn extreme(name: &str, items: Vec<Val>) -> Called {
    if !items.iter().all(Val::is_number) {
        return Ok(None);
    }
    let mut items = items.into_iter();
    let empty = || Error::failed(format!("math.{name}() argument must not be empty"));
    let mut best = items.next().ok_or_else(empty)?;
    for item in items {
        let order = item.compare(&best);
        if order.is_some_and(|it| if name == "least" { it.is_lt() } else { it.is_gt() }) {
            best = item;
        }
    }
    Ok(Some(best))
}
