//! Trials with kustomize, and the RFC's own behaviour against the json-patch crate.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::node::{Scalar, ScalarKind, Value};
use crate::origin::Step;
use crate::source::FileId;
use crate::yaml::embedded::Offsets;
use crate::yaml::resolve::Number;
use crate::yaml::{Dialect, parse_text};

const DIRECTIVE: Span = Span { file: FileId(2), start: 7, end: 9 };

fn node(file: u32, text: &str) -> Node {
    let yaml = parse_text(FileId(file), text, &Offsets::shifted(0), Dialect::Resource);
    assert!(!yaml.is_broken, "{:?}", yaml.diagnostics);
    yaml.documents.into_iter().next().unwrap()
}

fn patched(target: &str, patch: &str) -> Result<Node, PatchError> {
    let mut target = node(0, target);
    let operations = parse(&node(1, patch), Notation::of(patch))?;
    apply(&operations, &mut target, DIRECTIVE)?;
    Ok(target)
}

fn as_json(node: &Node) -> Json {
    let number = |it: &Scalar| match it.number() {
        Some(Number::Int(value)) => json!(value),
        Some(Number::Uint(value)) => json!(value),
        Some(Number::Float(value)) => json!(value),
        None => json!(&*it.text),
    };
    match &node.value {
        Value::Map(map) => map.entries().iter().map(|it| (it.key.to_string(), as_json(&it.node))).collect(),
        Value::Seq(items) => items.iter().map(as_json).collect(),
        Value::Scalar(it) if it.kind == ScalarKind::Null => Json::Null,
        Value::Scalar(it) => it.bool().map_or_else(|| number(it), |it| json!(it)),
    }
}

#[test]
fn operations_do_what_kustomize_does() {
    for (target, patch, expected) in [
        ("x: [1, 2]", "- {op: add, path: /x/-, value: 3}", json!({"x": [1, 2, 3]})),
        ("x: [1, 2]", "- {op: add, path: /x/-1, value: 3}", json!({"x": [1, 2, 3]})),
        ("x: [1, 2]", "- {op: add, path: /x/-3, value: 3}", json!({"x": [3, 1, 2]})),
        ("x: [1, 2]", "- {op: add, path: /x/01, value: 3}", json!({"x": [1, 3, 2]})),
        ("x: [1, 2]", "- {op: add, path: /x/+1, value: 3}", json!({"x": [1, 3, 2]})),
        ("x: [1, 2]", "- {op: remove, path: /x/-2}", json!({"x": [2]})),
        ("x: [1, 2]", "- {op: replace, path: /x/-1, value: 3}", json!({"x": [1, 3]})),
        ("x: [{a: 1}]", "- {op: replace, path: /x/-1/a, value: 3}", json!({"x": [{"a": 3}]})),
        ("x: 1", "- {op: replace, path: /y, value: 3}", json!({"x": 1, "y": 3})),
        ("x: 1", "- {op: replace, path: /y}", json!({"x": 1, "y": null})),
        ("x: 1", "- {op: replace, path: '', value: {z: 1}}", json!({"z": 1})),
        ("x: 1", "- {op: test, path: /y, value: null}", json!({"x": 1})),
        ("x: 1.0", "- {op: test, path: /x, value: 1}", json!({"x": 1})),
        (
            "x: {a: 1, b: [c]}",
            "- {op: test, path: /x, value: {b: [c], a: 1}}",
            json!({"x": {"a": 1, "b": ["c"]}}),
        ),
        ("x: {a: 1}", "- {op: copy, from: /x, path: /x/b}", json!({"x": {"a": 1, "b": {"a": 1}}})),
        ("x: {a: 1}", "- {op: move, from: /x/a, path: /x}", json!({"x": 1})),
        ("x: {a: 1}", "- {op: copy, from: /q, path: /y}", json!({"x": {"a": 1}, "y": null})),
        ("x: [1, 2]", "- {op: move, from: /x/0, path: /x/1}", json!({"x": [2, 1]})),
        ("x: {a: 1}", "- {op: remove, path: dropped/x/a}", json!({"x": {}})),
        ("x: {a: 1}", "- {op: add, path: /x/, value: 1}", json!({"x": {"a": 1, "": 1}})),
        ("x: {'~1': 3}", "- {op: remove, path: /x/~01}", json!({"x": {}})),
        ("x: {}", "- {op: add, path: /x/a~2b, value: 1}", json!({"x": {"a~2b": 1}})),
    ] {
        let found = patched(target, patch).unwrap_or_else(|err| panic!("{target} <- {patch}: {err}"));
        assert_eq!(as_json(&found), expected, "{target} <- {patch}");
    }
}

#[test]
fn what_kustomize_refuses_is_refused_in_words() {
    for (target, patch, message) in [
        ("x: 1", "- {op: Add, path: /v}", "there is no operation `Add`"),
        ("x: 1", "- {Op: add, path: /v}", "the operation has no `op`"),
        ("x: 1", "- {op: add}", "the operation has no `path`"),
        ("x: 1", "- {op: add, path: 5}", "`path` is not a string"),
        ("x: 1", "- {op: copy, path: /y}", "the operation has no `from`"),
        ("x: 1", "- null", "a JSON patch is a list of operations"),
        ("x: 1", "op: add", "a JSON patch is a list of operations"),
        ("x: 1", "- {op: add, path: v, value: 1}", "the path `v` leads nowhere: it has no `/`"),
        ("x: 1", "- {op: remove, path: ''}", "the path `` leads nowhere: it has no `/`"),
        ("x: 1", "- {op: add, path: /a/b, value: 1}", "add: the object has no `/a`"),
        ("x: {}", "- {op: add, path: /x/b/c, value: 1}", "add: the object has no `/x/b`, only `/x`"),
        ("x: 1", "- {op: add, path: /x/b, value: 1}", "add: `/x` is a single value, and has nothing in it"),
        ("x: null", "- {op: add, path: /x/b, value: 1}", "add: `/x` is null, and has nothing in it"),
        ("x: 1", "- {op: remove, path: /y}", "remove: the object has no `/y`"),
        ("x: 1", "- {op: move, from: /q, path: /y}", "move: the object has no `/q`"),
        ("x: {a: 1}", "- {op: move, from: /x, path: /x/b}", "move: the object has no `/x`"),
        ("x: [1]", "- {op: add, path: /x/2}", "add: there is no index 2 in a list of 1"),
        ("x: [1]", "- {op: remove, path: /x/-2}", "remove: there is no index -2 in a list of 1"),
        ("x: [1]", "- {op: remove, path: /x/-}", "remove: `-` is no index of a list"),
        ("x: [1]", "- {op: replace, path: /x/a}", "replace: `a` is no index of a list"),
        ("x: 1", "- {op: test, path: /x, value: '1'}", "test: the object has another value at `/x`"),
        ("x: 1", "- {op: test, path: /y, value: 1}", "test: the object has another value at `/y`"),
        ("x: {}", "- {op: test, path: /x, value: null}", "test: the object has another value at `/x`"),
        ("x: 1", "- {op: test, path: /x}", "the operation has no `value`"),
        ("x: 1", "- {op: test, path: '', value: {x: 1}}", "test: the object has another value at ``"),
        (
            "x: 1",
            "- {op: replace, path: '', value: []}",
            "replace: an object can only be replaced by a mapping",
        ),
        ("x: 1", "- {op: add, path: /y, value: .inf}", "JSON cannot write `.inf`"),
    ] {
        let error = patched(target, patch).map(|it| as_json(&it)).unwrap_err();
        assert_eq!(error.to_string(), message, "{target} <- {patch}");
        assert_eq!(error.at.file, FileId(1), "{target} <- {patch}");
        let found = error.diagnostic(DIRECTIVE);
        assert!(found.labels.iter().any(|it| it.span == DIRECTIVE));
    }
}

#[test]
fn a_missing_parent_points_to_the_path_and_to_what_is_there() {
    let (target, patch) = ("x: {a: {b: 1}}", "- {op: add, path: /x/a/c/d, value: 1}");
    let error = patched(target, patch).unwrap_err();
    assert_eq!(&patch[error.at.start as usize..error.at.end as usize], "/x/a/c/d");
    let found = error.target.unwrap();
    assert_eq!(&target[found.start as usize..found.end as usize], "{b: 1}");
}

#[test]
fn yaml_is_read_by_version_1_1_and_json_as_it_is() {
    let kinds = |patch: &str| {
        let node = patched("x: 1", patch).unwrap();
        let scalar = node.get("v").unwrap().as_scalar().unwrap().clone();
        (scalar.kind, scalar.text.to_string())
    };
    let of = |value: &str| kinds(&format!("- {{op: add, path: /v, value: {value}}}"));
    assert_eq!(of("yes"), (ScalarKind::Bool, "true".to_owned()));
    assert_eq!(of("'yes'"), (ScalarKind::Str, "yes".to_owned()));
    assert_eq!(of("2020-1-1"), (ScalarKind::Str, "2020-1-1".to_owned()));
    assert_eq!(of("0x10"), (ScalarKind::Int, "16".to_owned()));
    assert_eq!(of("9007199254740993"), (ScalarKind::Int, "9007199254740992".to_owned()));
    assert_eq!(kinds(r#"[{"op": "add", "path": "/v", "value": "on"}]"#), (ScalarKind::Str, "on".to_owned()));
    let test = |patch: &str| patched("x: 1", patch).is_ok();
    assert!(test("- {op: test, path: /x, value: 1.0}"));
    assert!(!test(r#"[{"op": "test", "path": "/x", "value": 1.0}]"#));
}

#[test]
fn the_object_comes_back_from_json() {
    let node =
        patched("{a: 0x10, b: 'x', c: '1', d: , e: 2020-1-1, f: 1e3, g: 9007199254740993}", "[]").unwrap();
    let scalar = |key: &str| {
        let it = node.get(key).unwrap().as_scalar().unwrap();
        (it.text.to_string(), it.kind, it.quoted)
    };
    assert_eq!(scalar("a"), ("16".to_owned(), ScalarKind::Int, false));
    assert_eq!(scalar("b"), ("x".to_owned(), ScalarKind::Str, false));
    assert_eq!(scalar("c"), ("1".to_owned(), ScalarKind::Str, true));
    assert_eq!(scalar("e"), ("2020-01-01T00:00:00Z".to_owned(), ScalarKind::Str, true));
    assert_eq!(scalar("f"), ("1000".to_owned(), ScalarKind::Int, false));
    assert_eq!(scalar("g"), ("9007199254740992".to_owned(), ScalarKind::Int, false));
    assert!(node.get("a").unwrap().origin.trail.is_none());
}

#[test]
fn values_tell_how_they_came_to_be() {
    let (target, patch) =
        ("{a: 1, b: 2}", "- {op: replace, path: /a, value: {c: 3}}\n- {op: move, from: /b, path: /d}");
    let node = patched(target, patch).unwrap();
    let step = |pointer: &str| {
        let origin = node.at(pointer).unwrap().origin.clone();
        let trail = origin.trail.unwrap();
        assert_eq!((trail.step, trail.directive), (Step::JsonPatch, DIRECTIVE));
        (origin.span, trail.before.clone())
    };
    let (span, before) = step("/a");
    assert_eq!(&patch[span.start as usize..span.end as usize], "{c: 3}");
    assert_eq!(before.unwrap().span.file, FileId(0));
    assert_eq!(step("/a/c").0.file, FileId(1));
    let (span, _) = step("/d");
    assert_eq!(&target[span.start as usize..span.end as usize], "2");
    let key = node.as_map().unwrap().entry("d").unwrap().key_span;
    assert_eq!(&patch[key.start as usize..key.end as usize], "/d");
}

#[test]
fn an_object_is_not_changed_by_a_patch_that_fails() {
    let mut target = node(0, "x: 1");
    let operations =
        parse(&node(1, "- {op: add, path: /y, value: 1}\n- {op: remove, path: /z}"), Notation::Yaml);
    assert!(apply(&operations.unwrap(), &mut target, DIRECTIVE).is_err());
    assert!(target.get("y").is_none());
}

#[test]
fn copies_of_copies_come_to_an_end() {
    let patch = "- {op: copy, from: /x, path: /x/-}\n".repeat(400);
    let error = patched("x: [1]", &patch).unwrap_err();
    assert_eq!(error.problem, Problem::TooLarge("copy"));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        (0..4i64).prop_map(|it| json!(it)),
        "[ab]{1,2}".prop_map(|it| json!(it)),
        Just(Json::Null)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::hash_map("[abc]", inner, 0..4).prop_map(|it| it.into_iter().collect()),
        ]
    })
}

fn any_operation() -> impl Strategy<Value = Json> {
    let part = prop::sample::select(vec!["a", "b", "c", "0", "1", "2", "-"]);
    let path = || prop::collection::vec(part.clone(), 1..4).prop_map(|it| format!("/{}", it.join("/")));
    let op = prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test"]);
    (op, path(), path(), any_json())
        .prop_map(|(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}))
}

/// Whether kustomize is known to accept an operation that the RFC refuses.
fn is_lenient(operation: &Json) -> bool {
    let text = |key: &str| operation[key].as_str().unwrap().to_owned();
    match &*text("op") {
        "replace" | "copy" => true,
        "test" => operation["value"].is_null(),
        // Into itself: what moves up into its place takes it.
        "move" => text("path").starts_with(&format!("{}/", text("from"))),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_rest_is_what_the_rfc_says(
        object in prop::collection::hash_map("[abc]", any_json(), 1..4),
        operations in prop::collection::vec(any_operation(), 1..4),
    ) {
        let object: Json = object.into_iter().collect();
        let patch: ::json_patch::Patch = serde_json::from_value(json!(operations)).unwrap();
        let mut wanted = object.clone();
        // The one that undoes what failed panics at times.
        let is_accepted = ::json_patch::patch_unsafe(&mut wanted, &patch).is_ok();
        let found = patched(&object.to_string(), &json!(operations).to_string());
        match (is_accepted, found) {
            (true, Ok(found)) => prop_assert_eq!(as_json(&found), wanted),
            (true, Err(err)) => prop_assert!(false, "refused: {}", err),
            (false, Ok(_)) => prop_assert!(operations.iter().any(is_lenient)),
            (false, Err(_)) => {}
        }
    }
}
