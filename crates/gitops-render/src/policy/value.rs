//! Our nodes as Rego values, straight: no text and no JSON in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::Value as Rego;

use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::yaml::resolve::Number;

/// The value that a policy sees. Whole numbers keep every digit, dates are strings, and mappings
/// have strings as keys whatever YAML makes of them, as in the JSON that Kubernetes is sent.
pub(super) fn to_rego(node: &Node) -> Rego {
    match &node.value {
        Value::Scalar(scalar) => scalar_to_rego(scalar),
        Value::Seq(items) => items.iter().map(to_rego).collect::<Vec<_>>().into(),
        Value::Map(map) => {
            let entries = map.entries().iter();
            entries
                .map(|it| (Rego::String(Arc::clone(&it.key)), to_rego(&it.node)))
                .collect::<BTreeMap<_, _>>()
                .into()
        }
    }
}

fn scalar_to_rego(scalar: &Scalar) -> Rego {
    let text = || Rego::String(Arc::clone(&scalar.text));
    match scalar.kind {
        ScalarKind::Null => Rego::Null,
        ScalarKind::Bool => scalar.bool().map_or_else(text, Rego::from),
        // JSON has neither infinity nor NaN, so a policy gets to see what is written.
        ScalarKind::Int | ScalarKind::Float => match scalar.number() {
            Some(Number::Int(it)) => it.into(),
            Some(Number::Uint(it)) => it.into(),
            Some(Number::Float(it)) if it.is_finite() => it.into(),
            _ => text(),
        },
        ScalarKind::Timestamp | ScalarKind::Str => text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, parse_bytes};

    #[test]
    fn values_arrive_as_kubernetes_would_get_them() {
        let text =
            "{a: 0644, b: 18446744073709551615, c: 1.5, d: .inf, e: 2001-1-1, f: True, g: ~, 1: [x, '1']}";
        let yaml = parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource);
        let expected = r#"{"1": ["x", "1"], "a": 420, "b": 18446744073709551615, "c": 1.5, "d": ".inf", "e": "2001-1-1", "f": true, "g": null}"#;
        assert_eq!(to_rego(&yaml.documents[0]), Rego::from_json_str(expected).unwrap());
        assert_eq!(to_rego(&yaml.documents[0])["b"].as_u64().unwrap(), u64::MAX);
    }
}
