//! What is left of an object after a journey through JSON.
//!
//! kustomize writes the object as JSON, patches that, and reads it back. Numbers come back as
//! 64-bit floats, dates are spelled out, and every notation is forgotten: a string is in quotes
//! afterwards if it needs them.

use std::sync::Arc;

use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::yaml::resolve::{self, Number};

/// The value after the journey. It is the same text to edit, so its origin stays.
pub(super) fn through_json(node: &Node) -> Node {
    let value = match &node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar_through_json(scalar)),
        Value::Seq(items) if items.iter().all(is_unchanged) => Value::Seq(Arc::clone(items)),
        Value::Seq(items) => Value::Seq(items.iter().map(through_json).collect::<Vec<_>>().into()),
        Value::Map(map) if map.entries().iter().all(|it| is_unchanged(&it.node)) => {
            Value::Map(Arc::clone(map))
        }
        Value::Map(map) => {
            let mut out = Map::default();
            for entry in map.entries() {
                out.push_new(Entry { node: through_json(&entry.node), ..entry.clone() });
            }
            Value::Map(out.into())
        }
    };
    Node { value, origin: node.origin.clone() }
}

/// Whether a scalar comes back as it went.
fn is_unchanged(node: &Node) -> bool {
    node.as_scalar().is_some_and(|it| scalar_through_json(it) == *it)
}

fn scalar_through_json(scalar: &Scalar) -> Scalar {
    let plain = |text: Arc<str>, kind| Scalar { text, kind, quoted: false };
    match scalar.kind {
        ScalarKind::Null => plain("null".into(), ScalarKind::Null),
        ScalarKind::Bool => match scalar.bool() {
            Some(value) => plain(value.to_string().into(), ScalarKind::Bool),
            None => scalar.clone(),
        },
        ScalarKind::Int | ScalarKind::Float => {
            match scalar.number().map(as_float).and_then(|it| number_text(Number::Float(it))) {
                Some((text, kind)) => plain(text.into(), kind),
                None => scalar.clone(),
            }
        }
        ScalarKind::Timestamp => {
            let text = resolve::timestamp(&scalar.text).map_or_else(|| Arc::clone(&scalar.text), Arc::from);
            Scalar { text, kind: ScalarKind::Str, quoted: true }
        }
        ScalarKind::Str => {
            let quoted = needs_quotes(&scalar.text);
            Scalar { text: Arc::clone(&scalar.text), kind: ScalarKind::Str, quoted }
        }
    }
}

fn as_float(number: Number) -> f64 {
    match number {
        Number::Int(value) => value as f64,
        Number::Uint(value) => value as f64,
        Number::Float(value) => value,
    }
}

/// How a number is written in JSON, and what that is read as; `None` for what JSON cannot write.
pub(super) fn number_text(number: Number) -> Option<(String, ScalarKind)> {
    match number {
        Number::Int(value) => Some((value.to_string(), ScalarKind::Int)),
        Number::Uint(value) => Some((value.to_string(), ScalarKind::Int)),
        Number::Float(value) if !value.is_finite() => None,
        Number::Float(value) => {
            let size = value.abs();
            if value == 0.0 {
                Some(("0".to_owned(), ScalarKind::Int))
            } else if (1e-6..1e21).contains(&size) {
                let text = value.to_string();
                let kind = resolve::resolve(&text);
                Some((text, kind))
            } else {
                Some((format!("{value:e}"), ScalarKind::Float))
            }
        }
    }
}

/// Whether a YAML writer puts a string in quotes, or writes it as a block.
fn needs_quotes(text: &str) -> bool {
    let is_other = resolve::resolve_yaml11(text) != ScalarKind::Str || is_sexagesimal(text);
    let indicators = "-?:,[]{}#&*!|>'\"%@`";
    is_other
        || text.starts_with(|first: char| indicators.contains(first) && !is_harmless(text, first))
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace)
        || text.ends_with(':')
        || text.contains(": ")
        || text.contains(" #")
        || text.contains(|it: char| it.is_control() || it > '\u{ffff}')
}

/// `-`, `?` and `:` may start a plain scalar if no space follows.
fn is_harmless(text: &str, first: char) -> bool {
    matches!(first, '-' | '?' | ':')
        && text[1..].starts_with(|it: char| !it.is_whitespace())
        && !text.starts_with("---")
}

/// `190:20:30`, which YAML 1.1 reads as a number in base 60.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.trim_start_matches(['+', '-']).split(':');
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| matches!(it, b'0'..=b'9' | b'_' | b'.'));
    parts.next().is_some_and(is_digits) && parts.clone().count() > 0 && parts.all(is_digits)
}
