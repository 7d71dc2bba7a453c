//! Operators, and `size`.

use super::{Called, Val};
use crate::cel::value::{List, Map};
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
-_ int -> int
-_ double -> double
!_ bool -> bool
+ int int -> int
+ uint uint -> uint
+ double double -> double
+ string string -> string
+ bytes bytes -> bytes
+ list<A> list<A> -> list<A>
+ duration duration -> duration
+ timestamp duration -> timestamp
+ duration timestamp -> timestamp
- int int -> int
- uint uint -> uint
- double double -> double
- duration duration -> duration
- timestamp timestamp -> duration
- timestamp duration -> timestamp
* int int -> int
* uint uint -> uint
* double double -> double
/ int int -> int
/ uint uint -> uint
/ double double -> double
% int int -> int
% uint uint -> uint
== A A -> bool
!= A A -> bool
< bool bool -> bool
< number number -> bool
< string string -> bool
< bytes bytes -> bool
< timestamp timestamp -> bool
< duration duration -> bool
in A list<A> -> bool
in A map<A,B> -> bool
size string -> int
size bytes -> int
size list<A> -> int
size map<A,B> -> int
.size string -> int
.size bytes -> int
.size list<A> -> int
.size map<A,B> -> int
";

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    Ok(Some(match (name, args) {
        ("==", [a, b]) => Val::Bool(a.equals(b, meter)?),
        ("!=", [a, b]) => Val::Bool(!a.equals(b, meter)?),
        ("<" | "<=" | ">" | ">=", [a, b]) => match order(name, a, b, meter)? {
            Some(it) => Val::Bool(it),
            None => return Ok(None),
        },
        ("in", [item, Val::List(list)]) => Val::Bool(list.contains(item, meter)?),
        ("in", [key, Val::Map(map)]) => {
            meter.spend(map.len() as u64)?;
            Val::Bool(map.get(key, meter)?.is_some())
        }
        ("!_", [Val::Bool(it)]) => Val::Bool(!it),
        ("-_", [Val::Int(it)]) => Val::Int(it.checked_neg().ok_or_else(overflow)?),
        ("-_", [Val::Double(it)]) => Val::Double(-it),
        ("size", [it]) => match size(it) {
            Some(it) => Val::Int(it as i64),
            None => return Ok(None),
        },
        ("+", [a, b]) => return plus(a, b, meter),
        ("-" | "*" | "/" | "%", [a, b]) => return arithmetic(name, a, b),
        _ => return Ok(None),
    }))
}

fn overflow() -> Error {
    Error::failed("integer overflow")
}

fn order(name: &str, a: &Val, b: &Val, meter: &Meter) -> Result<Option<bool>, Error> {
    if let (Val::Str(a), Val::Str(b)) = (a, b) {
        meter.spend_bytes(a.len().min(b.len()))?;
    }
    let Some(order) = a.compare(b) else {
        // NaN comes neither before nor behind anything.
        return Ok((a.is_number() && b.is_number()).then_some(false));
    };
    Ok(Some(match name {
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }))
}

fn size(value: &Val) -> Option<usize> {
    Some(match value {
        Val::Str(it) => it.chars().count(),
        Val::Bytes(it) => it.len(),
        Val::List(it) => it.len(),
        Val::Map(it @ Map::Values(_)) => it.len(),
        Val::Map(it @ Map::Node(_)) => it.len(),
        _ => return None,
    })
}

fn plus(a: &Val, b: &Val, meter: &Meter) -> Called {
    Ok(Some(match (a, b) {
        (Val::Int(a), Val::Int(b)) => Val::Int(a.checked_add(*b).ok_or_else(overflow)?),
        (Val::Uint(a), Val::Uint(b)) => Val::Uint(a.checked_add(*b).ok_or_else(overflow)?),
        (Val::Double(a), Val::Double(b)) => Val::Double(a + b),
        (Val::Str(a), Val::Str(b)) => {
            meter.spend_bytes(a.len() + b.len())?;
            Val::string(format!("{a}{b}"))
        }
        (Val::Bytes(a), Val::Bytes(b)) => {
            meter.spend_bytes(a.len() + b.len())?;
            Val::Bytes([&**a, b].concat().into())
        }
        (Val::List(a), Val::List(b)) => Val::List(List::plus(a, b, meter)?),
        (Val::Duration(a), Val::Duration(b)) => Val::Duration(a.checked_add(*b).ok_or_else(overflow)?),
        (Val::Timestamp(at), Val::Duration(by)) | (Val::Duration(by), Val::Timestamp(at)) => {
            Val::Timestamp(at.plus(i128::from(*by)).ok_or_else(overflow)?)
        }
        _ => return Ok(None),
    }))
}

fn arithmetic(name: &str, a: &Val, b: &Val) -> Called {
    let by_zero = || Error::failed(if name == "/" { "division by zero" } else { "modulus by zero" });
    Ok(Some(match (a, b) {
        (Val::Int(_), Val::Int(0)) | (Val::Uint(_), Val::Uint(0)) if matches!(name, "/" | "%") => {
            return Err(by_zero());
        }
        (Val::Int(a), Val::Int(b)) => {
            let result = match name {
                "-" => a.checked_sub(*b),
                "*" => a.checked_mul(*b),
                "/" => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            Val::Int(result.ok_or_else(overflow)?)
        }
        (Val::Uint(a), Val::Uint(b)) => {
            let result = match name {
                "-" => a.checked_sub(*b),
                "*" => a.checked_mul(*b),
                "/" => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            Val::Uint(result.ok_or_else(overflow)?)
        }
        (Val::Double(a), Val::Double(b)) => match name {
            "-" => Val::Double(a - b),
            "*" => Val::Double(a * b),
            "/" => Val::Double(a / b),
            _ => return Ok(None),
        },
        (Val::Duration(a), Val::Duration(b)) if name == "-" => {
            Val::Duration(a.checked_sub(*b).ok_or_else(overflow)?)
        }
        (Val::Timestamp(at), Val::Duration(by)) if name == "-" => {
            Val::Timestamp(at.plus(-i128::from(*by)).ok_or_else(overflow)?)
        }
        (Val::Timestamp(a), Val::Timestamp(b)) if name == "-" => {
            Val::Duration(i64::try_from(a.since(*b)).map_err(|_| overflow())?)
        }
        _ => return Ok(None),
    }))
}
