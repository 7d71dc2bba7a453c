//! `string.format`: a text with places for values.

use super::time;
use crate::cel::types::Type;
use crate::cel::value::Val;
use crate::cel::{Error, Meter};

/// More digits are not written.
const MOST_DIGITS: usize = 1000;

/// Fills values into a text.
///
/// # Errors
/// If the text asks for what cel-go does not know, or for more or other values than there are.
pub(super) fn format(text: &str, values: &[Val], meter: &Meter) -> Result<String, Error> {
    let mut out = String::new();
    let mut rest = text;
    let mut next = values.iter();
    while let Some(place) = place(&mut rest, &mut out)? {
        let value = next.next().ok_or_else(|| Error::failed("index out of range in string.format"))?;
        let length = out.len();
        one(place.verb, place.precision, value, &mut out, meter)?;
        meter.spend_bytes(out.len() - length)?;
    }
    Ok(out)
}

/// The letters of the places that a text has.
///
/// # Errors
/// If the text asks for what cel-go does not know.
pub(in crate::cel) fn verbs(text: &str) -> Result<Vec<char>, Error> {
    let mut verbs = vec![];
    let mut rest = text;
    while let Some(place) = place(&mut rest, &mut String::new())? {
        if !"sdfebxXo".contains(place.verb) {
            return Err(unknown(place.verb));
        }
        verbs.push(place.verb);
    }
    Ok(verbs)
}

/// Whether values of a type may be written so.
pub(in crate::cel) fn may_be_written(verb: char, of: &Type) -> bool {
    match (verb, of) {
        (_, Type::Dyn) => true,
        ('s', it) => !matches!(it, Type::Object(_) | Type::Optional(_) | Type::Named(_)),
        ('d' | 'o' | 'b' | 'x' | 'X', Type::Int | Type::Uint) | ('b', Type::Bool) => true,
        ('x' | 'X', Type::Str | Type::Bytes) | ('f' | 'e', Type::Double | Type::Str) => true,
        _ => false,
    }
}

/// A place for a value.
struct Place {
    precision: Option<usize>,
    verb: char,
}

/// The next place in a text; what stands before it goes into `out`.
fn place(rest: &mut &str, out: &mut String) -> Result<Option<Place>, Error> {
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        *rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('%') {
            out.push('%');
            *rest = behind;
            continue;
        }
        let mut precision = None;
        if let Some(behind) = rest.strip_prefix('.') {
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            let wanted = behind[..digits].parse::<usize>().ok().filter(|it| *it <= MOST_DIGITS);
            precision =
                Some(wanted.ok_or_else(|| Error::failed("error while converting precision to integer"))?);
            *rest = &behind[digits..];
        }
        let Some(verb) = rest.chars().next() else {
            return Err(Error::failed("unexpected end of format string"));
        };
        *rest = &rest[verb.len_utf8()..];
        return Ok(Some(Place { precision, verb }));
    }
    out.push_str(rest);
    *rest = "";
    Ok(None)
}

fn unknown(verb: char) -> Error {
    Error::failed(format!("unrecognized formatting clause \"{verb}\""))
}

fn one(
    verb: char,
    precision: Option<usize>,
    value: &Val,
    out: &mut String,
    meter: &Meter,
) -> Result<(), Error> {
    let digits = precision.unwrap_or(6);
    let written = match (verb, value) {
        ('s', value) => return shown(value, out, meter),
        ('d', Val::Int(it)) => it.to_string(),
        ('d', Val::Uint(it)) => it.to_string(),
        ('f' | 'e', Val::Double(it)) if !it.is_finite() => special(*it).to_owned(),
        ('f', value) => format!("{:.digits$}", real(value).ok_or_else(|| mismatch(verb, value))?),
        ('e', value) => scientific(real(value).ok_or_else(|| mismatch(verb, value))?, digits),
        ('b', Val::Int(it)) => signed(*it, |it| format!("{it:b}")),
        ('b', Val::Uint(it)) => format!("{it:b}"),
        ('b', Val::Bool(it)) => u8::from(*it).to_string(),
        ('o', Val::Int(it)) => signed(*it, |it| format!("{it:o}")),
        ('o', Val::Uint(it)) => format!("{it:o}"),
        ('x', value) => hex(value).ok_or_else(|| mismatch(verb, value))?,
        ('X', value) => hex(value).ok_or_else(|| mismatch(verb, value))?.to_uppercase(),
        ('d' | 'b' | 'o', value) => return Err(mismatch(verb, value)),
        _ => return Err(unknown(verb)),
    };
    out.push_str(&written);
    Ok(())
}

fn mismatch(verb: char, value: &Val) -> Error {
    Error::failed(format!("%{verb} does not take a value of type {}", value.type_name()))
}

fn real(value: &Val) -> Option<f64> {
    match value {
        Val::Double(it) => Some(*it),
        _ => None,
    }
}

fn special(number: f64) -> &'static str {
    match number {
        it if it.is_nan() => "NaN",
        it if it < 0.0 => "-Infinity",
        _ => "Infinity",
    }
}

/// As C writes it: the exponent has a sign and two digits.
fn scientific(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |it| ('-', it));
    format!("{mantissa}e{sign}{exponent:0>2}")
}

fn signed(number: i64, write: impl Fn(u64) -> String) -> String {
    let digits = write(number.unsigned_abs());
    if number < 0 { format!("-{digits}") } else { digits }
}

fn hex(value: &Val) -> Option<String> {
    let bytes = |it: &[u8]| it.iter().map(|it| format!("{it:02x}")).collect();
    Some(match value {
        Val::Int(it) => signed(*it, |it| format!("{it:x}")),
        Val::Uint(it) => format!("{it:x}"),
        Val::Str(it) => bytes(it.as_bytes()),
        Val::Bytes(it) => bytes(it),
        _ => return None,
    })
}

/// A value as `%s` writes it.
fn shown(value: &Val, out: &mut String, meter: &Meter) -> Result<(), Error> {
    meter.spend_bytes(out.len().min(64))?;
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
        Val::Int(it) => out.push_str(&it.to_string()),
        Val::Uint(it) => out.push_str(&it.to_string()),
        Val::Double(it) if !it.is_finite() => out.push_str(special(*it)),
        Val::Double(it) => out.push_str(&super::convert::double_text(*it)),
        Val::Str(it) => out.push_str(it),
        Val::Bytes(it) => out.push_str(&String::from_utf8_lossy(it)),
        Val::Duration(it) => out.push_str(&time::duration_text(*it)),
        Val::Timestamp(it) => out.push_str(&it.text()),
        Val::Type(it) => out.push_str(it),
        Val::List(list) => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                quoted(&item?, out, meter)?;
            }
            out.push(']');
        }
        Val::Map(map) => {
            let mut entries = vec![];
            for key in map.keys() {
                let (mut text, value) = (String::new(), map.get(&key, meter)?.unwrap_or(Val::Null));
                quoted(&key, &mut text, meter)?;
                let key = text.clone();
                text.push(':');
                quoted(&value, &mut text, meter)?;
                entries.push((key, text));
            }
            entries.sort();
            let entries: Vec<String> = entries.into_iter().map(|it| it.1).collect();
            out.push('{');
            out.push_str(&entries.join(", "));
            out.push('}');
        }
        other => return Err(mismatch('s', other)),
    }
    Ok(())
}

/// A value inside of a list or a map: a text is quoted there.
fn quoted(value: &Val, out: &mut String, meter: &Meter) -> Result<(), Error> {
    if !matches!(value, Val::Str(_) | Val::Bytes(_)) {
        return shown(value, out, meter);
    }
    let mut text = String::new();
    shown(value, &mut text, meter)?;
    out.push_str(if matches!(value, Val::Bytes(_)) { "b" } else { "" });
    out.push_str(&super::strings::quoted(&text));
    Ok(())
}
