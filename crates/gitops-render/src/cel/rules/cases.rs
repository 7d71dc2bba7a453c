//! Expressions and what the API server makes of them: the families in `testdata/cel`.

use super::super::defaults::defaulted;
use super::super::read::read;
use super::tests::{nodes, said};
use super::*;

/// Families of rules over one object.
const FAMILIES: [&str; 3] = [
    include_str!("../../../../../testdata/cel/values.yaml"),
    include_str!("../../../../../testdata/cel/language.yaml"),
    include_str!("../../../../../testdata/cel/libraries.yaml"),
];

/// Definitions with objects.
const DEFINITIONS: &str = include_str!("../../../../../testdata/cel/definitions.yaml");

/// What came of a rule: `holds`, `broken`, or the family and the message of what went wrong.
fn outcome(rule: &str, schema: &Node, object: &Node) -> (&'static str, String) {
    let shape = Shape::of_schema(schema, true).unwrap();
    let env = Env::new().variable("self", Type::of_shape(&shape));
    let program = match Program::compile(rule, &env) {
        Ok(it) => it,
        Err(it) => return ("refused", it.message),
    };
    if !matches!(program.returns, Type::Bool) {
        return ("refused", "it must evaluate to a `bool`".to_owned());
    }
    let bindings = Bindings::new().value("self", read(&defaulted(object, schema), &shape).unwrap());
    match program.evaluate(&bindings, &Meter::new(STEPS_OF_RULE)) {
        Ok(Val::Bool(true)) => ("holds", String::new()),
        Ok(Val::Bool(false)) => ("broken", String::new()),
        Ok(other) => ("not boolean", format!("{other:?}")),
        Err(it) => ("fails", it.to_string()),
    }
}

/// The rules of a family with what is expected, and a part of the message.
fn cases(family: &Node) -> Vec<(&'static str, String, String)> {
    let mut found = vec![];
    for expected in ["holds", "broken"] {
        let rules = family.get(expected).and_then(Node::as_seq).unwrap_or_default();
        found.extend(rules.iter().map(|it| (expected, it.as_str().unwrap().to_owned(), String::new())));
    }
    for expected in ["fails", "refused"] {
        let rules = family.get(expected).and_then(Node::as_map).map_or(&[][..], |it| it.entries());
        let part = |it: &Entry| it.node.as_str().unwrap().to_owned();
        found.extend(rules.iter().map(|it| (expected, it.key.to_string(), part(it))));
    }
    found
}

#[test]
fn each_rule_comes_to_what_the_api_server_says() {
    let mut count = 0;
    let mut wrong = vec![];
    for file in FAMILIES {
        for family in nodes(file) {
            let (schema, object) = (family.get("schema").unwrap(), family.get("object").unwrap());
            for (expected, rule, part) in cases(&family) {
                let (is, message) = outcome(&rule, schema, object);
                count += 1;
                if is != expected || !message.contains(&part) {
                    wrong.push(format!("{rule}\n    is {is} ({message}), wanted {expected} ({part})"));
                }
            }
        }
    }
    assert!(count > 300, "{count}");
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn definitions_say_what_they_say_in_a_cluster() {
    for family in nodes(DEFINITIONS) {
        let schema = family.get("schema").unwrap();
        let mut defects = vec![];
        let rules = compile(schema, &mut defects).unwrap();
        assert!(defects.is_empty(), "{:?}: {defects:?}", family.get("family"));
        let objects = family.get("objects").and_then(Node::as_seq).unwrap();
        let says = family.get("says").and_then(Node::as_seq).unwrap();
        assert_eq!(objects.len(), says.len());
        for (object, says) in objects.iter().zip(says) {
            let expected: Vec<&str> = says.as_seq().unwrap().iter().filter_map(Node::as_str).collect();
            let object = defaulted(object, schema);
            let found = rules.violations(&object, &|_| false);
            let found: Vec<String> =
                found.iter().map(|it| format!("{} {}", it.pointer, said(&it.what))).collect();
            let sorted = |mut lines: Vec<String>| {
                lines.sort();
                lines
            };
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(sorted(found), sorted(expected), "{:?}", family.get("family").and_then(Node::as_str));
        }
    }
}
