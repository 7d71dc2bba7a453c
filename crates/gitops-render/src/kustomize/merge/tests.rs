//! What the folders of `testdata/render` cannot say: errors, and where values come from.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::node::Value;
use crate::origin::Step;
use crate::resource::Resource;
use crate::source::FileId;
use crate::yaml::embedded::Offsets;
use crate::yaml::{Dialect, parse_text};

const DIRECTIVE: Span = Span { file: FileId(2), start: 7, end: 9 };

fn node(file: u32, text: &str) -> Node {
    let yaml = parse_text(FileId(file), text, &Offsets::shifted(0), Dialect::Resource);
    assert!(!yaml.is_broken, "{:?}", yaml.diagnostics);
    yaml.documents.into_iter().next().unwrap()
}

/// Merges two texts of the given kind.
fn merged(kind: &str, target: &str, patch: &str) -> Result<Node, MergeError> {
    let (api_version, kind) = kind.rsplit_once('.').unwrap();
    let mut target = node(0, target);
    apply(&mut target, &node(1, patch), &Gvk::new(api_version, kind), DIRECTIVE)?;
    Ok(target)
}

/// The text of a span in one of the two texts.
fn text_at(span: Span, target: &str, patch: &str) -> String {
    [target, patch][span.file.0 as usize][span.start as usize..span.end as usize].to_owned()
}

#[test]
fn a_replaced_value_knows_what_stood_there() {
    let (target, patch) = ("spec: {replicas: 1, paused: true}", "spec: {replicas: two}");
    let node = merged("apps/v1.Deployment", target, patch).unwrap();
    let replicas = node.path(&["spec", "replicas"]).unwrap();
    let trail = replicas.origin.trail.as_ref().unwrap();
    assert_eq!(text_at(replicas.origin.span, target, patch), "two");
    assert_eq!((trail.step, trail.directive), (Step::Patch, DIRECTIVE));
    assert_eq!(text_at(trail.before.as_ref().unwrap().span, target, patch), "1");
    let entry = node.get("spec").unwrap().as_map().unwrap().entry("replicas").unwrap();
    assert_eq!(entry.key_span.file, FileId(0));
    assert!(node.get("spec").unwrap().origin.trail.is_none());
    assert!(node.path(&["spec", "paused"]).unwrap().origin.trail.is_none());
}

#[test]
fn every_leaf_that_a_patch_brings_says_so() {
    let patch = "spec: {template: {spec: {containers: [{name: b, ports: [{containerPort: 1}], args: [x]}]}}}";
    let target = "spec: {template: {spec: {containers: [{name: a}]}}}";
    let node = merged("apps/v1.Deployment", target, patch).unwrap();
    for pointer in ["", "/name", "/ports", "/ports/0", "/ports/0/containerPort", "/args/0"] {
        let found = node.at(&format!("/spec/template/spec/containers/0{pointer}")).unwrap();
        let trail = found.origin.trail.as_ref().unwrap();
        assert_eq!((trail.step, trail.directive), (Step::Patch, DIRECTIVE), "{pointer}");
        assert_eq!(found.origin.span.file, FileId(1), "{pointer}");
        assert!(trail.before.is_none(), "{pointer}");
    }
    let (_, entry) = node.nearest("/spec/template/spec/containers/0/args");
    assert_eq!(entry.unwrap().key_span.file, FileId(1));
    assert!(node.at("/spec/template/spec/containers/1/name").unwrap().origin.trail.is_none());
}

#[test]
fn what_a_patch_does_not_touch_stays_shared() {
    let base = node(0, "{metadata: {labels: {a: b}}, spec: {strategy: {type: Recreate}, replicas: 1}}");
    let mut target = base.clone();
    let patch = node(1, "spec: {replicas: 2}");
    apply(&mut target, &patch, &Gvk::new("apps/v1", "Deployment"), DIRECTIVE).unwrap();
    let shared = |keys: &[&str]| match (&base.path(keys).unwrap().value, &target.path(keys).unwrap().value) {
        (Value::Map(left), Value::Map(right)) => Arc::ptr_eq(left, right),
        _ => unreachable!("the paths lead to mappings"),
    };
    assert!(shared(&["metadata"]));
    assert!(shared(&["spec", "strategy"]));
    assert!(!shared(&["spec"]));
    assert_eq!(&*base.path(&["spec", "replicas"]).unwrap().as_scalar().unwrap().text, "1");
}

#[test]
fn shapes_that_differ_are_an_error_with_both_places() {
    for (target, patch, message) in [
        ("a: {b: 1}", "a: 1", "the patch has a single value where the object has a mapping"),
        ("a: [1]", "a: {$patch: delete}", "the patch has a mapping where the object has a list"),
        ("a: 1", "a: []", "the patch has a list where the object has a single value"),
    ] {
        let error = merged("v1.ConfigMap", target, patch).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(text_at(error.at, target, patch), patch[3..]);
        assert_eq!(text_at(error.target.unwrap(), target, patch), target[3..]);
        let labels = error.diagnostic(DIRECTIVE).labels;
        assert_eq!(labels.len(), 3);
    }
}

#[test]
fn a_directive_that_means_nothing_is_an_error_where_something_is_merged() {
    let error = merged("v1.ConfigMap", "a: {b: 1}", "a: {$patch: remove}").unwrap_err();
    assert_eq!(error.problem, Problem::UnknownDirective("remove".into()));
    assert_eq!(error.to_string(), "`$patch: remove` means nothing to kustomize");
    assert!(merged("v1.ConfigMap", "b: 1", "a: {$patch: remove}").is_ok());
    assert!(merged("v1.ConfigMap", "b: 1", "a: {c: {$patch: remove}}").is_err());
}

#[test]
fn an_element_of_the_wrong_shape_is_an_error() {
    let error =
        merged("v1.Pod", "spec: {containers: [web]}", "spec: {containers: [{name: web}]}").unwrap_err();
    let wanted = Problem::WrongElement {
        found: Shape::Scalar,
        wanted: Shape::Map,
        why: "the list is merged by a key of its elements",
    };
    assert_eq!(error.problem, wanted);
}

#[test]
fn an_object_is_not_changed_by_a_patch_that_fails_or_deletes() {
    let target = node(0, "{a: 1, b: {c: 1}}");
    let gvk = Gvk::new("v1", "ConfigMap");
    for (patch, outcome) in [("{a: 2, b: 1}", None), ("$patch: delete", Some(Outcome::Deleted))] {
        let mut changed = target.clone();
        assert_eq!(apply(&mut changed, &node(1, patch), &gvk, DIRECTIVE).ok(), outcome);
        assert_eq!(changed.get("a").unwrap().origin.span, target.get("a").unwrap().origin.span);
    }
}

#[test]
fn kind_name_and_namespace_come_back_unless_they_may_change() {
    let target = "{kind: ConfigMap, metadata: {name: a}}";
    let patch = "{kind: Other, metadata: {name: b, namespace: c, labels: {d: e}}}";
    for (allowed, id) in [(false, "ConfigMap `a`"), (true, "Other `b`")] {
        let options = IdentityOptions { allow_name_change: allowed, allow_kind_change: allowed };
        let mut object = node(0, target);
        let identity = Identity::of(&object);
        apply(&mut object, &node(1, patch), &Gvk::new("v1", "ConfigMap"), DIRECTIVE).unwrap();
        identity.restore(&mut object, options);
        assert_eq!(Resource::new(object.clone()).id.to_string(), id);
        assert!(object.path(&["metadata", "labels", "d"]).is_some());
    }
    let mut object = node(0, target);
    let identity = Identity::of(&object);
    apply(&mut object, &node(1, "metadata: null"), &Gvk::new("v1", "ConfigMap"), DIRECTIVE).unwrap();
    identity.restore(&mut object, IdentityOptions::default());
    assert_eq!(Resource::new(object).id.to_string(), "ConfigMap `a`");
}

/// YAML in flow style with the words that matter to merging.
fn any_value() -> impl Strategy<Value = String> {
    let scalar =
        prop::sample::select(vec!["1", "'1'", "x", "null", "~", "''", "true"]).prop_map(str::to_owned);
    scalar.prop_recursive(5, 40, 4, |inner| {
        let keys = vec![
            "spec",
            "template",
            "containers",
            "ports",
            "name",
            "containerPort",
            "protocol",
            "env",
            "metadata",
            "finalizers",
            "kind",
            "$patch",
            "volumes",
        ];
        let directives = prop::sample::select(vec!["delete", "replace", "merge", "other"]);
        let entry = (prop::sample::select(keys), inner.clone(), directives)
            .prop_map(|(key, value, word)| (key, if key == "$patch" { word.to_owned() } else { value }));
        prop_oneof![
            prop::collection::vec(entry, 0..4).prop_map(|entries| {
                let entries: std::collections::BTreeMap<_, _> = entries.into_iter().collect();
                let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn no_patch_makes_it_panic(target in any_value(), patch in any_value(), deep in any::<bool>()) {
        let wrap = |it: &str| match deep {
            true => format!("spec: {{template: {{spec: {it}}}}}"),
            false => format!("spec: {it}"),
        };
        let (target, patch) = (wrap(&target), wrap(&patch));
        for kind in ["apps/v1.Deployment", "v1.Pod", "v1.Service", "example.org/v1.Widget"] {
            let _ = merged(kind, &target, &patch);
        }
    }

    #[test]
    fn a_patch_applied_twice_is_applied_once(target in any_value(), patch in any_value()) {
        let (target, patch) = (format!("a: {target}"), format!("a: {patch}"));
        if let Ok(once) = merged("v1.ConfigMap", &target, &patch) {
            let mut twice = once.clone();
            if apply(&mut twice, &node(1, &patch), &Gvk::new("v1", "ConfigMap"), DIRECTIVE).is_ok() {
                prop_assert_eq!(shown(&twice), shown(&once));
            }
        }
    }
}

/// The value without its origins.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Scalar(it) => format!("{it:?}"),
        Value::Seq(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        Value::Map(map) => map
            .entries()
            .iter()
            .map(|it| format!("{}:{}", it.key, shown(&it.node)))
            .collect::<Vec<_>>()
            .join(";"),
    }
}
