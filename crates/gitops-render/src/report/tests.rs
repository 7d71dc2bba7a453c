//! Reports are read back as they were written, and by those who know less or more.

use std::collections::BTreeSet;

use super::*;
use crate::origin::Step;
use crate::render::{RenderOptions, Renderer};
use crate::rules::kus;
use crate::source::{MemoryTree, RepoPath};

fn tree() -> MemoryTree {
    let mut tree = MemoryTree::new();
    tree.insert("kustomization.yaml", "namePrefix: a-\nresources: [web.yaml]\n");
    tree.insert("web.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n");
    tree
}

#[test]
fn an_object_is_read_back_as_it_was_written() {
    let tree = tree();
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let rendered = renderer.render(&RepoPath::root()).unwrap();
    let object = Places::new(renderer.sources()).object(&rendered.resources[0]);
    let name = object.fields.iter().find(|it| it.pointer == "/metadata/name").unwrap();
    assert_eq!((&*name.origin.path, name.origin.start.line), ("web.yaml", 3));
    assert_eq!(name.trail[0].step, Step::NamePrefix);
    let text = serde_json::to_string(&object).unwrap();
    assert!(text.contains(r#""origin":{"path":"web.yaml","line":1,"column":1}"#), "{text}");
    assert_eq!(serde_json::from_str::<Object>(&text).unwrap(), object);
}

#[test]
fn a_finding_is_read_back_as_it_was_written() {
    let tree = tree();
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let rendered = renderer.render(&RepoPath::root()).unwrap();
    let resource = &rendered.resources[0];
    let node = resource.node.path(&["metadata", "name"]).unwrap();
    let found = kus::subject_stale::RULE.on(node, "it is so").help("mend it");
    let found = found.object(&resource.object_name(), "/metadata/name");
    let shown = |path: &RepoPath| format!("repo/{path}");
    let places = Places::new(renderer.sources()).named(&shown);
    let finding = places.finding(&found, &[RepoPath::root()], &[resource.node.origin.span]);
    let related: Vec<&str> = finding.related.iter().map(|it| &*it.message).collect();
    assert_eq!(related, ["the prefix is added here", "the same here"]);
    assert_eq!(finding.location.path, "repo/web.yaml");
    let text = serde_json::to_string(&finding).unwrap();
    assert_eq!(serde_json::from_str::<Finding>(&text).unwrap(), finding);
}

#[test]
fn a_reader_passes_over_what_he_does_not_know_and_misses_nothing_that_may_be_left_out() {
    let place = r#"{"line": 1, "column": 2, "offset": 3}"#;
    let text = format!(
        r#"{{"code": "X", "name": "x", "severity": "error", "message": "m", "new": [1],
            "location": {{"path": "p", "start": {place}, "end": {place}, "url": "u"}}}}"#
    );
    let finding: Finding = serde_json::from_str(&text).unwrap();
    assert_eq!((finding.location.end.column, finding.related.len(), finding.fix), (2, 0, None));
}

#[test]
fn a_step_is_written_by_its_keyword() {
    for step in Step::ALL {
        assert_eq!(serde_json::to_value(step).unwrap(), step.keyword());
    }
    assert_eq!(serde_json::to_value(Severity::Warning).unwrap(), Severity::Warning.as_str());
}

#[test]
fn counts_are_those_of_the_published_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../docs/report.schema.json")).unwrap();
    let fields =
        |it: &serde_json::Value| -> BTreeSet<String> { it.as_object().unwrap().keys().cloned().collect() };
    let described = fields(&schema["$defs"]["summary"]["properties"]);
    let counts = |before| fields(&serde_json::to_value(Summary { before, ..Summary::default() }).unwrap());
    assert_eq!(counts(Some(1)), described);
    let without: BTreeSet<String> = described.into_iter().filter(|it| it != "before").collect();
    assert_eq!(counts(None), without, "a run that compares with nothing does not speak of it");
}
