//! What a rule's value says, by the conventions of conftest.
//!
//! conftest takes a set or an array for results and everything else for “all is well”. Here a
//! single string, an object with `msg` and `true` count as well, so that no denial is lost.

use regorus::Value as Rego;

use crate::node::pointer_parts;

/// One result of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// `None` if the rule holds and says nothing.
    pub message: Option<String>,
    /// The place in the object that the result names.
    pub at: Option<Named>,
    /// The file and the line, from 1, that conftest's `_loc` names.
    pub line: Option<(String, u32)>,
}

impl Said {
    fn text(text: &str) -> Said {
        Said { message: Some(one_line(text)), at: None, line: None }
    }
}

/// A place as a policy writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A JSON pointer or an array: the parts are certain.
    Parts(Vec<String>),
    /// `spec.containers[0].image`: a key may have dots of its own.
    Dotted(Vec<String>),
}

/// Reads a rule's value. The second list says what could not be taken for a result.
pub(super) fn read(value: &Rego) -> (Vec<Said>, Vec<&'static str>) {
    let (mut said, mut strange) = (vec![], vec![]);
    match value {
        Rego::Undefined | Rego::Null | Rego::Bool(false) => {}
        Rego::Bool(true) => said.push(Said { message: None, at: None, line: None }),
        Rego::Array(items) => items.iter().for_each(|it| read_item(it, &mut said, &mut strange)),
        Rego::Set(items) => items.iter_sorted().for_each(|it| read_item(it, &mut said, &mut strange)),
        // `deny[msg] if { … }` makes an object of messages, each with the value true.
        Rego::Object(entries) if entries.iter().all(|(_, it)| *it == Rego::Bool(true)) => {
            entries.iter_sorted().for_each(|(key, _)| read_item(key, &mut said, &mut strange));
        }
        item => read_item(item, &mut said, &mut strange),
    }
    (said, strange)
}

fn read_item(item: &Rego, said: &mut Vec<Said>, strange: &mut Vec<&'static str>) {
    match item {
        // conftest takes an empty message for a success.
        Rego::String(text) if text.is_empty() => {}
        Rego::String(text) => said.push(Said::text(text)),
        Rego::Object(_) => match &item["msg"] {
            Rego::String(text) => said.push(Said { at: named(item), line: line(item), ..Said::text(text) }),
            Rego::Undefined => strange.push("an object without `msg`"),
            _ => strange.push("a `msg` that is no string"),
        },
        Rego::Array(_) => strange.push("an array"),
        Rego::Set(_) => strange.push("a set"),
        Rego::Number(_) => strange.push("a number"),
        Rego::Bool(_) => strange.push("a boolean"),
        Rego::Null | Rego::Undefined => strange.push("null"),
    }
}

/// A message stands in one line of a report.
pub(super) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// The place in `at` or `path`, which a template of Gatekeeper has in `details`.
fn named(item: &Rego) -> Option<Named> {
    named_in(item).or_else(|| named_in(&item["details"]))
}

fn named_in(item: &Rego) -> Option<Named> {
    ["at", "path"].iter().find_map(|&key| match &item[key] {
        Rego::String(text) => Some(parse(text)),
        Rego::Array(parts) if !parts.is_empty() => {
            let part = |it: &Rego| match it {
                Rego::String(text) => Some(text.to_string()),
                Rego::Number(number) => number.as_u64().map(|it| it.to_string()),
                _ => None,
            };
            parts.iter().map(part).collect::<Option<Vec<_>>>().map(Named::Parts)
        }
        _ => None,
    })
}

/// What `_loc` says. conftest wants both a file and a line.
fn line(item: &Rego) -> Option<(String, u32)> {
    let place = &item["_loc"];
    let file = place["file"].as_string().ok()?.to_string();
    let line = match &place["line"] {
        Rego::Number(number) => number.as_u64()?,
        Rego::String(text) => text.parse().ok()?,
        _ => return None,
    };
    Some((file, u32::try_from(line).ok()?))
}

/// A pointer (`/spec/replicas`) or a dotted path (`spec.containers[0]["image"]`).
fn parse(text: &str) -> Named {
    if text.is_empty() || text.starts_with('/') {
        return Named::Parts(pointer_parts(text).collect());
    }
    let text = text.strip_prefix("$.").or_else(|| text.strip_prefix("input.")).unwrap_or(text);
    let brackets = text.replace("[\"", ".").replace("\"]", "").replace("['", ".").replace("']", "");
    let parts = brackets.replace('[', ".").replace(']', "");
    Named::Dotted(parts.split('.').filter(|it| !it.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(json: &str) -> (Vec<String>, Vec<&'static str>) {
        let (said, strange) = read(&Rego::from_json_str(json).unwrap());
        (said.into_iter().map(|it| it.message.unwrap_or_else(|| "-".to_owned())).collect(), strange)
    }

    #[test]
    fn every_shape_of_a_result_is_understood() {
        assert_eq!(messages("[\"a\", {\"msg\": \"b\\n c\"}, \"\"]").0, ["a", "b c"]);
        assert_eq!(messages("\"a\"").0, ["a"]);
        assert_eq!(messages("{\"msg\": \"a\", \"more\": 1}").0, ["a"]);
        assert_eq!(messages("{\"a\": true, \"b\": true}").0, ["a", "b"]);
        assert_eq!(messages("true").0, ["-"]);
        assert_eq!(messages("false"), (vec![], vec![]));
        assert_eq!(messages("[3, {\"message\": \"a\"}]").1, ["a number", "an object without `msg`"]);
    }

    #[test]
    fn places_come_in_three_notations() {
        let at = |json: &str| read(&Rego::from_json_str(json).unwrap()).0.remove(0).at;
        let parts = |it: &[&str]| it.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        assert_eq!(at(r#"{"msg": "a", "at": "/a~1b/0"}"#), Some(Named::Parts(parts(&["a/b", "0"]))));
        assert_eq!(at(r#"{"msg": "a", "path": ["a", 0]}"#), Some(Named::Parts(parts(&["a", "0"]))));
        assert_eq!(
            at(r#"{"msg": "a", "path": "a[0][\"b\"].c"}"#),
            Some(Named::Dotted(parts(&["a", "0", "b", "c"])))
        );
        assert_eq!(at(r#"{"msg": "a", "details": {"at": "/a"}}"#), Some(Named::Parts(parts(&["a"]))));
        assert_eq!(at(r#"{"msg": "a", "path": 3}"#), None);
    }
}
