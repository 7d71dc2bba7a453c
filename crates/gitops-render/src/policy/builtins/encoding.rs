//! Base64, hexadecimal numbers, queries of URLs, JSON and YAML.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regorus::Value as Rego;

use super::{MOST_BYTES, Outcome, array, engine, fits, items, object, string, strings, text};
use crate::policy::value::to_rego;
use crate::source::FileId;
use crate::yaml::{Dialect, parse_bytes};

/// Go's decoder: with padding, and without a look at the bits that are left over.
fn decoder(alphabet: &Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
    GeneralPurpose::new(alphabet, config)
}

/// What base64 stands for. Go passes over line ends.
pub(super) fn decode(text: &str, alphabet: &Alphabet) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|it| !matches!(it, '\r' | '\n')).collect();
    decoder(alphabet).decode(plain).ok()
}

/// What base64 for URLs stands for, with padding or without.
pub(super) fn decode_url(text: &str) -> Option<Vec<u8>> {
    let padding = match text.len() % 4 {
        _ if text.ends_with('=') => "",
        0 => "",
        2 => "==",
        3 => "=",
        _ => return None,
    };
    decode(&format!("{text}{padding}"), &URL_SAFE)
}

/// Bytes as text; what is no UTF-8 is replaced, as it is when OPA prints it.
fn lossy(bytes: Option<Vec<u8>>) -> Outcome {
    bytes.map_or(Ok(Rego::Undefined), |it| text(String::from_utf8_lossy(&it).into_owned()))
}

fn encoded(args: &[Rego], encode: fn(&str) -> String) -> Outcome {
    strings(args).map_or(Ok(Rego::Undefined), |[it]| text(encode(it)))
}

pub(super) fn base64_decode(args: &[Rego]) -> Outcome {
    lossy(strings(args).and_then(|[it]| decode(it, &STANDARD)))
}

pub(super) fn base64_encode(args: &[Rego]) -> Outcome {
    encoded(args, |it| base64::engine::general_purpose::STANDARD.encode(it))
}

pub(super) fn base64_is_valid(args: &[Rego]) -> Outcome {
    Ok(strings(args).is_some_and(|[it]| decode(it, &STANDARD).is_some()).into())
}

pub(super) fn base64url_decode(args: &[Rego]) -> Outcome {
    lossy(strings(args).and_then(|[it]| decode_url(it)))
}

pub(super) fn base64url_encode(args: &[Rego]) -> Outcome {
    encoded(args, |it| base64::engine::general_purpose::URL_SAFE.encode(it))
}

pub(super) fn base64url_encode_no_pad(args: &[Rego]) -> Outcome {
    encoded(args, |it| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(it))
}

pub(super) fn hex_encode(args: &[Rego]) -> Outcome {
    encoded(args, |it| hex(it.as_bytes()))
}

/// Bytes as hexadecimal numbers.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

pub(super) fn hex_decode(args: &[Rego]) -> Outcome {
    let decoded = strings(args).and_then(|[it]| {
        let digits: Option<Vec<u32>> = it.chars().map(|it| it.to_digit(16)).collect();
        let digits = digits.filter(|it| it.len() % 2 == 0)?;
        Some(digits.chunks(2).map(|it| (it[0] * 16 + it[1]) as u8).collect())
    });
    lossy(decoded)
}

/// Go's `QueryEscape`.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            it if it.is_ascii_alphanumeric() || b"-_.~".contains(&it) => out.push(it.into()),
            it => out.push_str(&format!("%{it:02X}")),
        }
    }
    out
}

fn unescape(text: &str) -> Option<String> {
    let mut out = vec![];
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let (high, low) = (char::from(bytes.next()?), char::from(bytes.next()?));
                (high.to_digit(16)? * 16 + low.to_digit(16)?) as u8
            }
            b'+' => b' ',
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

pub(super) fn urlquery_encode(args: &[Rego]) -> Outcome {
    encoded(args, escape)
}

pub(super) fn urlquery_decode(args: &[Rego]) -> Outcome {
    strings(args).and_then(|[it]| unescape(it)).map_or(Ok(Rego::Undefined), text)
}

pub(super) fn urlquery_encode_object(args: &[Rego]) -> Outcome {
    let [Rego::Object(entries)] = args else { return Ok(Rego::Undefined) };
    let mut pairs = vec![];
    for (key, value) in entries.iter_sorted() {
        let Some(key) = string(key) else { return Ok(Rego::Undefined) };
        let values = if let Rego::String(_) = value { Some(vec![value]) } else { items(value) };
        let values = values.and_then(|it| it.into_iter().map(string).collect::<Option<Vec<_>>>());
        let Some(values) = values else { return Ok(Rego::Undefined) };
        pairs.extend(values.into_iter().map(|it| format!("{}={}", escape(key), escape(it))));
    }
    text(pairs.join("&"))
}

pub(super) fn urlquery_decode_object(args: &[Rego]) -> Outcome {
    let Some([query]) = strings(args) else { return Ok(Rego::Undefined) };
    let mut found: std::collections::BTreeMap<String, Vec<Rego>> = Default::default();
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(key), Some(value), false) = (unescape(key), unescape(value), pair.contains(';')) else {
            return Ok(Rego::Undefined);
        };
        found.entry(key).or_default().push(value.into());
    }
    Ok(object(found.into_iter().map(|(key, values)| (key.into(), array(values)))))
}

pub(super) fn json_is_valid(args: &[Rego]) -> Outcome {
    let is_valid = |[it]: [&str; 1]| serde_json::from_str::<serde::de::IgnoredAny>(it).is_ok();
    Ok(strings(args).is_some_and(is_valid).into())
}

/// Writes a value as Go does: `<`, `>`, `&` and two line ends as escapes, sets as arrays, and
/// numbers with all their digits.
fn write_json(value: &Rego, out: &mut String) -> Option<()> {
    let list = |items: &[&Rego], out: &mut String| {
        out.push('[');
        for (index, item) in items.iter().enumerate() {
            out.push_str(if index > 0 { "," } else { "" });
            write_json(item, out)?;
        }
        out.push(']');
        Some(())
    };
    match value {
        Rego::String(text) => out.push_str(&escaped_for_html(&serde_json::to_string(&**text).ok()?)),
        Rego::Number(number) if number.is_integer() => out.push_str(&number.format_decimal()),
        Rego::Array(_) | Rego::Set(_) => list(&items(value)?, out)?,
        Rego::Object(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter_sorted().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                let mut name = String::new();
                write_json(key, &mut name)?;
                if !name.starts_with('"') {
                    name = escaped_for_html(&serde_json::to_string(&name).ok()?);
                }
                out.push_str(&name);
                out.push(':');
                write_json(value, out)?;
            }
            out.push('}');
        }
        other => out.push_str(&serde_json::to_string(other).ok()?),
    }
    Some(())
}

fn escaped_for_html(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for sign in json.chars() {
        match sign {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(sign))),
            other => out.push(other),
        }
    }
    out
}

pub(super) fn json_marshal(args: &[Rego]) -> Outcome {
    fits(engine::size(args), MOST_BYTES, "bytes")?;
    let mut out = String::new();
    match write_json(&args[0], &mut out) {
        Some(()) => text(out),
        None => Ok(Rego::Undefined),
    }
}

pub(super) fn json_marshal_with_options(args: &[Rego]) -> Outcome {
    let [value, Rego::Object(options)] = args else { return Ok(Rego::Undefined) };
    let (mut prefix, mut indent, mut pretty, mut is_implied) = ("", "\t", None, false);
    for (key, option) in options.iter() {
        match (string(key), option) {
            (Some("prefix"), Rego::String(it)) => (prefix, is_implied) = (it, true),
            (Some("indent"), Rego::String(it)) => (indent, is_implied) = (it, true),
            (Some("pretty"), Rego::Bool(it)) => pretty = Some(*it),
            _ => return Ok(Rego::Undefined),
        }
    }
    if !pretty.unwrap_or(is_implied) {
        return json_marshal(&args[..1]);
    }
    fits(engine::size(args), MOST_BYTES, "bytes")?;
    let Ok(json) = serde_json::to_string_pretty(value) else { return Ok(Rego::Undefined) };
    let mut out = String::new();
    for line in json.lines() {
        let inner = line.trim_start_matches(' ');
        let depth = (line.len() - inner.len()) / 2;
        fits(out.len() + prefix.len() + depth * indent.len(), MOST_BYTES, "bytes")?;
        let start = if out.is_empty() { "" } else { "\n" };
        out.push_str(&format!("{start}{prefix}{}{}", indent.repeat(depth), escaped_for_html(inner)));
    }
    text(out)
}

/// A value of JSON. Numbers that would lose digits, or have absurdly many, are nobody's.
pub(super) fn json_unmarshal(args: &[Rego]) -> Outcome {
    let Some([json]) = strings(args) else { return Ok(Rego::Undefined) };
    if has_huge_number(json) {
        return Err(super::Stop("a number in JSON is too large".to_owned()));
    }
    Ok(Rego::from_json_str(json).unwrap_or(Rego::Undefined))
}

fn has_huge_number(json: &str) -> bool {
    let mut bytes = json.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'"' {
            while let Some(byte) = bytes.next() {
                match byte {
                    b'"' => break,
                    b'\\' => drop(bytes.next()),
                    _ => {}
                }
            }
        } else if byte.is_ascii_digit() {
            let (mut digits, mut is_whole, mut exponent) = (1, true, 0);
            while let Some(byte) = bytes.next_if(|it| it.is_ascii_digit() || b".eE+-".contains(it)) {
                match byte {
                    b'.' => is_whole = false,
                    b'e' | b'E' => exponent = 1,
                    _ if exponent > 0 => exponent += usize::from(byte.is_ascii_digit()),
                    _ => digits += 1,
                }
            }
            if is_whole && digits > 19 || exponent > 4 {
                return true;
            }
        }
    }
    false
}

/// A value of YAML, as Kubernetes reads it.
pub(super) fn yaml_unmarshal(args: &[Rego]) -> Outcome {
    let Some([yaml]) = strings(args) else { return Ok(Rego::Undefined) };
    Ok(read_yaml(yaml).unwrap_or(Rego::Undefined))
}

pub(super) fn yaml_is_valid(args: &[Rego]) -> Outcome {
    Ok(strings(args).is_some_and(|[it]| read_yaml(it).is_some()).into())
}

/// The first document of a text, null if there is none; nothing if it cannot be read. It is YAML 1.1,
/// where `yes` is a boolean.
pub(in crate::policy) fn read_yaml(yaml: &str) -> Option<Rego> {
    let read = parse_bytes(FileId(0), yaml.as_bytes(), Dialect::Kustomization);
    if read.is_broken {
        return None;
    }
    Some(read.documents.first().map_or(Rego::Null, to_rego))
}
