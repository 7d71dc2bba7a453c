//! Nodes as JSON: for hashes, which need Go's spelling, and for schemas and policies, which need
//! values.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::node::{Node, ScalarKind, Value};
use crate::yaml::emit::{as_rendered, go_json_float, rendered_string, string_of};
use crate::yaml::resolve::Number;

/// Compact JSON as Go's `encoding/json` writes it: keys in the order of their bytes, `<`, `>` and
/// `&` escaped. Numbers that JSON does not have become `null`.
pub fn to_json_go(node: &Node) -> String {
    let mut out = String::new();
    write_go(node, &mut out);
    out
}

fn write_go(node: &Node, out: &mut String) {
    match &node.value {
        Value::Map(map) => {
            let mut entries: Vec<_> = map.entries().iter().collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            out.push('{');
            for (index, entry) in entries.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_go_string(&entry.key, out);
                out.push(':');
                write_go(&entry.node, out);
            }
            out.push('}');
        }
        Value::Seq(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_go(item, out);
            }
            out.push(']');
        }
        Value::Scalar(scalar) => match (string_of(scalar), scalar.bool(), scalar.number()) {
            (Some(text), _, _) => write_go_string(&text, out),
            (_, Some(it), _) => out.push_str(if it { "true" } else { "false" }),
            (_, _, Some(Number::Int(it))) => write!(out, "{it}").expect("a string takes everything"),
            (_, _, Some(Number::Uint(it))) => write!(out, "{it}").expect("a string takes everything"),
            (_, _, Some(Number::Float(it))) if it.is_finite() => out.push_str(&go_json_float(it)),
            _ => out.push_str("null"),
        },
    }
}

fn write_go_string(text: &str, out: &mut String) {
    out.push('"');
    for it in text.chars() {
        match it {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{08}' => out.push_str("\\b"),
            '\u{0c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                write!(out, "\\u{:04x}", it as u32).expect("a string takes everything");
            }
            _ => out.push(it),
        }
    }
    out.push('"');
}

/// The value as schemas and policies see it, which is that of the rendered text: `1.0` is the
/// integer 1, a date is a string, and numbers that JSON does not have are null.
pub fn to_value(node: &Node) -> Json {
    match &node.value {
        Value::Map(map) => map
            .entries()
            .iter()
            .map(|it| (it.key.to_string(), to_value(&it.node)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Seq(items) => items.iter().map(to_value).collect::<Vec<_>>().into(),
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Null => Json::Null,
            ScalarKind::Bool => scalar.bool().into(),
            ScalarKind::Int | ScalarKind::Float => match scalar.number().and_then(as_rendered) {
                Some(Number::Int(it)) => it.into(),
                Some(Number::Uint(it)) => it.into(),
                Some(Number::Float(it)) => it.into(),
                None => Json::Null,
            },
            ScalarKind::Str | ScalarKind::Timestamp => {
                rendered_string(scalar).unwrap_or_default().into_owned().into()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, embedded::Offsets, parse_text};

    fn node(source: &str) -> Node {
        parse_text(FileId(0), source, &Offsets::shifted(0), Dialect::Resource).documents.remove(0)
    }

    #[test]
    fn json_is_spelled_as_go_spells_it() {
        let source =
            "{b: \"<a>&\\u2028\\x01\\t\\\"\", B: [1.0, 1e21, 0x10, ~, yes, true], a10: 2001-1-1, a2: 1e-7}";
        let expected = r#"{"B":[1,1e+21,16,null,"yes",true],"a10":"2001-01-01T00:00:00Z","a2":1e-7,"b":"\u003ca\u003e\u0026\u2028\u0001\t\""}"#;
        assert_eq!(to_json_go(&node(source)), expected);
    }

    #[test]
    fn values_are_those_of_the_rendered_text() {
        let expected =
            serde_json::json!({"a": 1, "b": "2001-01-01T00:00:00Z", "c": 0.5, "d": null, "e": [true]});
        assert_eq!(to_value(&node("{a: 1.0, b: 2001-1-1, c: 0.5, d: ~, e: [true]}")), expected);
    }
}
