//! Tests of `replacements:` that folders of input and output cannot hold.

use super::*;
use crate::render::{RenderOptions, Rendered, Renderer};
use crate::source::{MemoryTree, RepoPath};

const OBJECTS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {host: example.com}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {hostname: unset, priority: 3}
";

fn tree(replacement: &str) -> MemoryTree {
    let mut tree = MemoryTree::new();
    tree.insert("all.yaml", OBJECTS);
    tree.insert("kustomization.yaml", format!("resources: [all.yaml]\nreplacements:\n{replacement}"));
    tree
}

fn render(renderer: &Renderer<'_>) -> Rendered {
    renderer.render(&RepoPath::root()).unwrap()
}

#[test]
fn a_replaced_value_points_to_its_source_and_remembers_what_stood_there() {
    let tree = tree(
        "- source: {kind: ConfigMap, fieldPath: data.host}\n  targets:\n  - select: {kind: Pod}\n    \
         fieldPaths: [spec.hostname]\n",
    );
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let rendered = render(&renderer);
    let field = rendered.resources.iter().find_map(|it| it.node.path(&["spec", "hostname"])).unwrap();
    let text = |span| renderer.sources().text_of(span);
    assert_eq!(field.as_str(), Some("example.com"));
    assert_eq!(text(field.origin.span), "example.com");
    let step = field.origin.steps().next().unwrap();
    assert_eq!((step.step, text(step.directive).as_str()), (Step::Replacement, "spec.hostname"));
    assert_eq!(text(step.before.as_ref().unwrap().span), "unset");
}

#[test]
fn a_typo_in_a_path_or_a_name_is_told_with_what_was_meant() {
    for (source, path, help) in [
        ("name: setings, fieldPath: data.host", "spec.hostname", "did you mean ConfigMap `settings`?"),
        ("name: settings, fieldPath: data.hots", "spec.hostname", "did you mean `host`?"),
        ("name: settings, fieldPath: data.host", "spec.hostnaem", "did you mean `hostname`?"),
        ("name: settings", "spec.other", "set `options.create: true` to have the field created"),
    ] {
        let tree = tree(&format!(
            "- source: {{kind: ConfigMap, {source}}}\n  targets:\n  - select: {{kind: Pod}}\n    \
             fieldPaths: [{path}]\n"
        ));
        let rendered = render(&Renderer::new(&tree, RenderOptions::default()));
        assert!(rendered.is_refused, "{help}");
        assert_eq!(rendered.diagnostics[0].help.as_deref(), Some(help));
    }
}

#[test]
fn a_target_that_selects_nothing_is_a_warning_and_no_refusal() {
    let tree = tree(
        "- source: {kind: ConfigMap, fieldPath: data.host}\n  targets:\n  - select: {kind: Pod, name: wbe}\n",
    );
    let rendered = render(&Renderer::new(&tree, RenderOptions::default()));
    assert!(!rendered.is_refused);
    assert_eq!(rendered.diagnostics[0].severity, Severity::Warning);
    assert_eq!(rendered.diagnostics[0].help.as_deref(), Some("did you mean Pod `web`?"));
}

#[test]
fn parts_between_delimiters_are_replaced_or_added_at_either_end() {
    for (index, expected) in [(-1, "new-a-b"), (0, "new-b"), (1, "a-new"), (2, "a-b-new"), (9, "a-b-new")] {
        assert_eq!(joined("a-b", "-", index, "new"), expected);
    }
}

#[test]
fn a_scalar_takes_only_what_has_its_type() {
    let plain = |text: &str| Scalar::plain(text, resolve(text));
    for (old, new, fits) in [
        ("1", "2", true),
        ("1", "0x10", true),
        ("1", "1.5", false),
        ("1", "", false),
        ("1.5", "2", true),
        ("true", "false", true),
        ("true", "yes", false),
        ("text", "2", true),
        ("", "x", false),
        ("2020-01-01", "x", false),
    ] {
        assert_eq!(is_of_type(&plain(old), new), fits, "{old:?} to {new:?}");
    }
    assert!(is_of_type(&Scalar { quoted: true, ..plain("1") }, "x"));
}

#[test]
fn a_value_that_is_copied_into_itself_does_not_grow_without_end() {
    let one = |index: usize| {
        format!(
            "- source: {{kind: Pod, fieldPath: spec}}\n  targets:\n  - select: {{kind: Pod}}\n    \
             fieldPaths: [spec.x{index}]\n    options: {{create: true}}\n"
        )
    };
    let tree = tree(&(0..64).map(one).collect::<String>());
    let rendered = render(&Renderer::new(&tree, RenderOptions::default()));
    assert_eq!(rendered.diagnostics[0].message, "`spec` of Pod `web` is too large to be copied");
}

#[test]
fn a_text_that_is_added_to_itself_does_not_grow_without_end() {
    let one = "- source: {kind: Pod, fieldPath: spec.hostname}\n  targets:\n  - select: {kind: Pod}\n    \
               fieldPaths: [spec.hostname]\n    options: {delimiter: '|', index: 99999}\n";
    let tree = tree(&one.repeat(24));
    let rendered = render(&Renderer::new(&tree, RenderOptions::default()));
    assert!(rendered.diagnostics[0].message.ends_with("the text grows too large"));
}

#[test]
fn a_path_without_end_is_refused() {
    let path = "a.".repeat(10_000);
    let tree = tree(&format!(
        "- source: {{kind: ConfigMap}}\n  targets:\n  - select: {{kind: Pod}}\n    fieldPaths: [{path}]\n    \
         options: {{create: true}}\n"
    ));
    let rendered = render(&Renderer::new(&tree, RenderOptions::default()));
    assert!(rendered.diagnostics[0].message.ends_with("a path has 128 parts at most"));
}
