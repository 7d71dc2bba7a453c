//! `gitops-lint render`: what `kustomize build` prints, and its flags.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::{GOOD, Repo};

fn repo() -> Repo {
    let repo = Repo::new();
    repo.file("base/web.yaml", GOOD).file("base/kustomization.yaml", "resources: [web.yaml]\n");
    repo.file("prod/kustomization.yaml", "resources: [../base]\nnamePrefix: p-\n");
    repo
}

const PROD: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: p-web\nspec:\n  ports:\n  - port: 80\n";

#[test]
fn the_objects_go_to_stdout() {
    let ran = repo().run(&["render", "prod"]);
    assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), PROD, ""));
    let ran = repo().run_in("prod", &["render"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), PROD));
}

#[test]
fn a_base_may_lie_outside_of_the_repository() {
    let (repo, outside) = (repo(), Repo::new());
    outside.file("k/kustomization.yaml", "resources: [web.yaml]\n").file("k/web.yaml", GOOD);
    // From one temporary directory to the other.
    let name = outside.path("").file_name().unwrap().to_str().unwrap().to_owned();
    repo.file("far/kustomization.yaml", format!("resources: [../../{name}/k]\n"));
    let ran = repo.run(&["render", "far"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), GOOD), "{ran:#?}");
    // `check` stays inside.
    let ran = repo.run(&["check", "--output-format", "concise", "far"]);
    assert!(ran.code == Some(1) && ran.stdout.starts_with("far/kustomization.yaml:1:13: KUS"), "{ran:#?}");
}

#[test]
fn what_is_neither_fetched_nor_run_is_named_and_nothing_is_printed() {
    let repo = repo();
    for (field, missing) in [
        ("helmCharts: [{name: cache}]", "the chart `cache` is not inflated"),
        ("helmChartInflationGenerator: [{chartName: cache}]", "the chart `cache` is not inflated"),
        ("components: ['https://github.com/a/b?ref=v1']", "is not fetched"),
        ("transformers: ['{apiVersion: example.org/v1, kind: Mine, metadata: {name: m}}']", "never run"),
    ] {
        repo.file("far/kustomization.yaml", format!("resources: [../base]\n{field}\n"));
        let ran = repo.run(&["render", "far"]);
        assert_eq!((ran.code, &*ran.stdout), (Some(1), ""), "{field}");
        assert!(ran.stderr.contains(missing), "{field}: {}", ran.stderr);
        // To `check` it is a note, and everything else is checked.
        assert_eq!(repo.run(&["check", "far", "base"]).code, Some(0), "{field}");
    }
}

#[test]
fn output_goes_to_a_file_or_into_a_directory() {
    let repo = repo();
    assert_eq!(repo.run(&["render", "prod", "-o", "out.yaml"]).code, Some(0));
    assert_eq!(fs::read_to_string(repo.path("out.yaml")).unwrap(), PROD);

    let object = |kind: &str, name: &str, namespace: &str| {
        format!("---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\n")
    };
    let all = object("Secret", "A", ", namespace: one")
        + &object("Secret", "b", "")
        + &object("Namespace", "c", "");
    repo.file("many/all.yaml", all).file("many/kustomization.yaml", "resources: [all.yaml]\n");
    fs::create_dir(repo.path("out")).unwrap();
    assert_eq!(repo.run(&["render", "many", "-o", "out"]).code, Some(0));
    let mut names: Vec<String> = fs::read_dir(repo.path("out"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["default_v1_secret_b.yaml", "one_v1_secret_a.yaml", "v1_namespace_c.yaml"]);
}

#[test]
fn what_kustomize_refuses_is_reported_to_stderr_and_nothing_is_printed() {
    let repo = repo();
    repo.file("prod/kustomization.yaml", "resources:\n- ../base\n- gone.yaml\n");
    let ran = repo.run(&["render", "prod", "-o", "out.yaml"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(1), ""));
    assert!(ran.stderr.contains("KUS007") && ran.stderr.contains("prod/kustomization.yaml:3:3"), "{ran:#?}");
    assert!(!repo.path("out.yaml").exists());
}

#[test]
fn a_directory_that_is_none_is_one() {
    let repo = repo();
    for (dir, words) in
        [("gone", "cannot read `gone`"), (".", "has no kustomization.yaml"), ("base/web.yaml", "not a")]
    {
        let ran = repo.run(&["render", dir]);
        assert_eq!((ran.code, &*ran.stdout), (Some(1), ""));
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(words), "{ran:#?}");
    }
}

#[test]
fn files_may_lie_outside_of_the_directory_if_that_is_asked_for() {
    let repo = repo();
    repo.file("web.yaml", GOOD).file("k/kustomization.yaml", "resources: [../web.yaml]\n");
    let ran = repo.run(&["render", "k"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(1), ""), "{ran:#?}");
    let ran = repo.run(&["render", "k", "--load-restrictor", "LoadRestrictionsNone"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), GOOD), "{ran:#?}");
}

#[test]
fn the_order_can_be_asked_for() {
    let repo = repo();
    let second = GOOD.replace("name: web", "name: api");
    repo.file("k/a.yaml", format!("{GOOD}---\n{second}"))
        .file("k/kustomization.yaml", "resources: [a.yaml]\n");
    let kept = format!("{GOOD}---\n{second}");
    let ran = repo.run(&["render", "k", "--reorder", "none"]);
    assert_eq!(ran.stdout, kept);
    let ran = repo.run(&["render", "k", "--reorder", "legacy"]);
    assert_eq!(ran.stdout, format!("{second}---\n{GOOD}"));
}
