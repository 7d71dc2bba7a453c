//! Little repositories, and what of them is checked as what.

use super::*;
use crate::source::MemoryTree;

const POD: &str =
    "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a:1}]}}";

/// The plain manifests of a repository, and the findings as `path code`.
fn entries(files: &[(&str, &str)], used: &[&str]) -> (Vec<String>, Vec<String>) {
    let mut tree = MemoryTree::new();
    files.iter().for_each(|(path, text)| {
        tree.insert(path, text);
    });
    let sources = Sources::new(&tree);
    let paths: Vec<RepoPath> = tree.paths().cloned().collect();
    let used = used.iter().map(|it| RepoPath::root().join(it).unwrap()).collect();
    let entries = Entries::find(&sources, &paths, &used);
    let manifests = entries.manifests.iter().map(ToString::to_string).collect();
    let place = |it: &Diagnostic| format!("{} {}", sources.place(it.span()).0, it.rule.code);
    (manifests, entries.diagnostics.iter().map(place).collect())
}

#[test]
fn a_file_with_an_object_is_a_manifest_unless_a_kustomization_uses_it() {
    let files = [
        ("k/kustomization.yaml", "resources: [a.yaml]"),
        ("k/a.yaml", POD),
        ("b.yaml", POD),
        ("v.yaml", "a: 1"),
    ];
    assert_eq!(entries(&files, &["k/kustomization.yaml", "k/a.yaml"]), (vec!["b.yaml".to_owned()], vec![]));
}

#[test]
fn of_a_chart_only_the_definitions_are_manifests() {
    let files = [
        ("c/Chart.yaml", "apiVersion: v2\nname: c\n"),
        ("c/values.yaml", "kind: x\n"),
        ("c/templates/a.yaml", "a: {{ .Values.a }}"),
        ("c/templates/b.yaml", POD),
        ("c/crds/a.yaml", POD),
        ("c/ci/a.yaml", POD),
    ];
    assert_eq!(entries(&files, &[]), (vec!["c/crds/a.yaml".to_owned()], vec![]));
}

#[test]
fn a_patch_that_nobody_uses_is_no_manifest() {
    let patch = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 2}}";
    let delete = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, $patch: delete}";
    let files = [
        ("k/kustomization.yaml", ""),
        ("k/used.yaml", POD),
        ("k/variant.yaml", POD),
        ("k/replicas.yaml", patch),
        ("k/delete.yaml", delete),
        ("k/patches/a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"),
        ("k/other.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"),
        ("elsewhere/replicas.yaml", patch),
    ];
    let (manifests, findings) = entries(&files, &["k/kustomization.yaml", "k/used.yaml"]);
    assert_eq!(manifests, ["elsewhere/replicas.yaml", "k/other.yaml"]);
    let forgotten = ["k/delete.yaml", "k/other.yaml", "k/replicas.yaml", "k/variant.yaml"];
    assert_eq!(findings, forgotten.map(|it| format!("{it} KUS006")));
}

#[test]
fn other_tools_files_are_no_manifests_even_in_the_form_of_objects() {
    let files = [
        ("catalog-info.yaml", "{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a}}"),
        ("skaffold.yaml", "{apiVersion: skaffold/v4beta6, kind: Config, metadata: {name: a}}"),
        ("labels.yaml", "{apiVersion: builtin, kind: LabelTransformer, metadata: {name: a}}"),
        ("kind.yaml", "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster}"),
        ("compose.yaml", "services: {web: {image: a}}"),
        ("api.yaml", "openapi: 3.0.0\ninfo: {title: a}"),
        ("drone.yaml", "kind: pipeline\ntype: docker\nname: a"),
        ("grafana.yaml", "apiVersion: 1\nproviders: []"),
    ];
    assert_eq!(entries(&files, &[]), (vec![], vec![]));
}

#[test]
fn a_document_that_lacks_its_kind_is_found() {
    let files = [
        ("a.yaml", &*format!("{POD}\n---\na: 1\n")),
        ("b.yaml", "kind: Pod\nmetadata: {name: a}\nspec: {}"),
        ("c.yaml", "apiVersion: v1\nmetadata: {name: a}"),
    ];
    let (manifests, findings) = entries(&files, &[]);
    assert_eq!(manifests, ["a.yaml"]);
    assert_eq!(findings, ["a.yaml YML006", "b.yaml YML006", "c.yaml YML006"]);
}

#[test]
fn a_broken_file_is_reported_wherever_it_is() {
    let files = [
        ("a.yaml", "a: ["),
        ("b.yaml", "a: 1\na: 2"),
        ("c.yaml", "apiVersion: v1\nkind: Pod\nkind: Pod\nmetadata: {}"),
        ("d.yaml", "a: {{ x }}"),
    ];
    let (_, findings) = entries(&files, &[]);
    assert_eq!(findings, ["a.yaml YML001", "b.yaml YML002", "c.yaml YML002", "d.yaml YML005"]);
}

#[test]
fn what_calls_itself_a_template_is_one() {
    let files = [
        ("a.template.yaml", "a: {{ x }}"),
        ("b.tpl.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ x }}\n"),
        ("jobs/templates/a.yaml", "a: {{ x }}"),
        ("jobs/templates/b.yaml", "a: ["),
        ("k/alerts.yaml", "a: {{ x }}"),
    ];
    // The last is a generator's input.
    let (_, findings) = entries(&files, &["k/alerts.yaml"]);
    assert_eq!(findings, ["jobs/templates/b.yaml YML001"]);
}

#[test]
fn a_file_that_cannot_be_opened_is_reported() {
    let tree = MemoryTree::new();
    let sources = Sources::new(&tree);
    let path = RepoPath::root().join("gone.yaml").unwrap();
    let entries = Entries::find(&sources, &[path], &BTreeSet::new());
    assert_eq!(entries.diagnostics[0].message, "the file cannot be read: there is no such file");
}

#[test]
fn a_used_file_is_parsed_only_if_what_lies_around_may_be_a_variant_of_what_is_in_it() {
    let called = |name: &str| POD.replace("name: a", &format!("name: {name}"));
    for (used, is_variant) in [(called("other"), false), (called("\"w\\x65b\""), true)] {
        let mut tree = MemoryTree::new();
        tree.insert("k/kustomization.yaml", "").insert("k/around.yaml", called("web"));
        tree.insert("k/used.yaml", &*used);
        let sources = Sources::new(&tree);
        let files: Vec<RepoPath> = tree.paths().cloned().collect();
        let path = RepoPath::root().join("k/used.yaml").unwrap();
        let entries = Entries::find(&sources, &files, &BTreeSet::from([path.clone()]));
        assert_eq!(entries.manifests.is_empty(), is_variant, "{used}");
        assert_eq!(sources.open(&path).unwrap().yaml_if_parsed().is_some(), is_variant, "{used}");
    }
}
