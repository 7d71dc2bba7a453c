//! `gitops-lint check FILE…`: a file is checked through the roots that it reaches, as hooks want it.
#![allow(clippy::unwrap_used)]

mod support;

use support::{GOOD, Repo};

/// Two clusters that share a base and a component, and a third that has nothing to do with them.
fn clusters() -> Repo {
    let repo = Repo::new();
    repo.file("base/kustomization.yaml", "resources: [web.yaml]\n").file("base/web.yaml", GOOD);
    repo.file("parts/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {name: only-b}\n  patch: |-\n    - {op: add, path: /metadata/labels, value: {a: b}}\n");
    repo.file("a/kustomization.yaml", "resources: [../base]\ncomponents: [../parts]\nnamePrefix: a-\n");
    let generator = "configMapGenerator:\n- name: app\n  envs: [app.env]\n";
    let b = format!("resources: [../base, own.yaml]\ncomponents: [../parts]\nnamePrefix: b-\n{generator}");
    repo.file("b/kustomization.yaml", b).file("b/app.env", "A=1\n");
    repo.file("b/own.yaml", GOOD.replace("web", "only-b"));
    repo.file("c/kustomization.yaml", "resources: [web.yaml]\n")
        .file("c/web.yaml", GOOD.replace("80", "eighty"));
    repo
}

fn summary(repo: &Repo, words: &[&str]) -> String {
    let ran = repo.run(&[&["check", "--output-format", "concise"], words].concat());
    assert!(ran.code != Some(2), "{ran:#?}");
    ran.stdout.lines().last().unwrap().to_owned()
}

#[test]
fn a_file_is_checked_through_the_roots_that_it_reaches() {
    let repo = clusters();
    for (names, expected) in [
        (&["base/web.yaml"][..], "nothing found in 2 roots (4 objects, 1 file)"),
        (&["base/kustomization.yaml"], "nothing found in 2 roots (4 objects, 1 file)"),
        (&["parts/kustomization.yaml"], "nothing found in 2 roots (4 objects, 1 file)"),
        (&["b/app.env"], "nothing found in 1 root (3 objects, 0 files)"),
        (&["b/app.env", "a/kustomization.yaml"], "nothing found in 2 roots (4 objects, 1 file)"),
        (&["c/web.yaml"], "1 error in 1 root (1 object, 1 file)"),
        (&["base"], "nothing found in 1 root (1 object, 2 files)"),
    ] {
        assert_eq!(summary(&repo, names), expected, "{names:?}");
    }
    repo.file("base/web.yaml", GOOD.replace("80", "eighty"));
    let found = repo.findings_of(&["base/web.yaml"], 1);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("base/web.yaml:7:11: SCH001"), "{found:?}");
}

#[test]
fn a_component_may_be_for_a_root_that_is_not_checked() {
    let repo = clusters();
    assert_eq!(summary(&repo, &["a/kustomization.yaml"]), "nothing found in 1 root (1 object, 1 file)");
    repo.file("b/own.yaml", GOOD.replace("web", "renamed"));
    let found = repo.findings_of(&["b/own.yaml", "a/kustomization.yaml"], 1);
    assert!(found.len() == 1 && found[0].starts_with("parts/kustomization.yaml:4:"), "{found:?}");
}

#[test]
fn what_decides_about_everything_reaches_everything() {
    let repo = clusters();
    repo.file(
        "policy/main.rego",
        "package main\n\nimport rego.v1\n\ndeny contains \"no\" if input.kind == \"ConfigMap\"\n",
    );
    repo.file("gitops-lint.toml", "");
    for name in ["policy/main.rego", "gitops-lint.toml"] {
        assert_eq!(summary(&repo, &[name]), "2 errors in 3 roots (5 objects, 8 files)", "{name}");
    }
}

#[test]
fn what_has_nothing_to_do_with_a_cluster_is_no_mistake() {
    let repo = clusters();
    repo.file(".env", "A=1\nB: [\n").file("values.yaml", "replicas: 1\n").file("notes.properties", "a");
    for name in [".env", "values.yaml", "notes.properties"] {
        let ran = repo.run(&["check", name]);
        assert_eq!(ran.code, Some(0), "{name}: {ran:#?}");
    }
}
