//! Conversions between types.

use super::{Called, Val, time};
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
int int -> int
int uint -> int
int double -> int
int string -> int
int timestamp -> int
uint uint -> uint
uint int -> uint
uint double -> uint
uint string -> uint
double double -> double
double int -> double
double uint -> double
double string -> double
string string -> string
string bool -> string
string int -> string
string uint -> string
string double -> string
string bytes -> string
string timestamp -> string
string duration -> string
string net.IP -> string
string net.CIDR -> string
bytes bytes -> bytes
bytes string -> bytes
bool bool -> bool
bool string -> bool
dyn A -> dyn
type A -> type
";

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    let [value] = args else { return Ok(None) };
    Ok(Some(match name {
        "dyn" => value.clone(),
        "type" => Val::Type(value.type_name().into()),
        "string" => match text(value)? {
            Some(text) => {
                meter.spend_bytes(text.len())?;
                Val::string(text)
            }
            None => return Ok(None),
        },
        "int" => return int(value),
        "uint" => return uint(value),
        "double" => return double(value),
        "bytes" => match value {
            Val::Bytes(_) => value.clone(),
            Val::Str(it) => Val::Bytes(it.as_bytes().into()),
            _ => return Ok(None),
        },
        "bool" => match value {
            Val::Bool(_) => value.clone(),
            Val::Str(it) => match &**it {
                "1" | "t" | "true" | "TRUE" | "True" => Val::Bool(true),
                "0" | "f" | "false" | "FALSE" | "False" => Val::Bool(false),
                _ => return Err(unreadable(it, "bool")),
            },
            _ => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

fn unreadable(text: &str, wanted: &str) -> Error {
    Error::failed(format!("type conversion error from 'string' to '{wanted}': {text:?}"))
}

fn out_of_range() -> Error {
    Error::failed("integer overflow")
}

/// 2^63: the first double that no int holds.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

fn int(value: &Val) -> Called {
    Ok(Some(Val::Int(match value {
        Val::Int(it) => *it,
        Val::Uint(it) => i64::try_from(*it).map_err(|_| out_of_range())?,
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked, the fraction goes")]
        Val::Double(it) if *it > -TWO_63 && *it < TWO_63 => *it as i64,
        Val::Double(_) => return Err(out_of_range()),
        Val::Str(it) => it.parse().map_err(|_| unreadable(it, "int"))?,
        Val::Timestamp(it) => it.seconds,
        _ => return Ok(None),
    })))
}

fn uint(value: &Val) -> Called {
    Ok(Some(Val::Uint(match value {
        Val::Uint(it) => *it,
        Val::Int(it) => u64::try_from(*it).map_err(|_| out_of_range())?,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
        Val::Double(it) if *it >= 0.0 && *it < TWO_63 * 2.0 => *it as u64,
        Val::Double(_) => return Err(out_of_range()),
        Val::Str(it) => it.parse().map_err(|_| unreadable(it, "uint"))?,
        _ => return Ok(None),
    })))
}

#[expect(clippy::cast_precision_loss, reason = "that is what the conversion is")]
fn double(value: &Val) -> Called {
    Ok(Some(Val::Double(match value {
        Val::Double(it) => *it,
        Val::Int(it) => *it as f64,
        Val::Uint(it) => *it as f64,
        Val::Str(it) => it.parse().map_err(|_| unreadable(it, "double"))?,
        _ => return Ok(None),
    })))
}

/// A value as `string()` writes it.
fn text(value: &Val) -> Result<Option<String>, Error> {
    Ok(Some(match value {
        Val::Str(it) => it.to_string(),
        Val::Bool(it) => it.to_string(),
        Val::Int(it) => it.to_string(),
        Val::Uint(it) => it.to_string(),
        Val::Double(it) => double_text(*it),
        Val::Bytes(it) => match std::str::from_utf8(it) {
            Ok(it) => it.to_owned(),
            Err(_) => return Err(Error::failed("invalid UTF-8 in bytes, cannot convert to string")),
        },
        Val::Timestamp(it) => it.text(),
        Val::Duration(it) => time::duration_text(*it),
        Val::Ip(it) => it.to_string(),
        Val::Cidr(it, length) => format!("{it}/{length}"),
        _ => return Ok(None),
    }))
}

/// A double as Go's `%g` writes it with as many digits as it takes: from a million on with an exponent.
pub(super) fn double_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |it| ('-', it));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    number.to_string()
}
