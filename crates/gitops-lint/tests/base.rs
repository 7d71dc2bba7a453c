//! `check --base`: what a change brings in is what a check of both sides, subtracted, gives.
#![allow(clippy::unwrap_used)]

#[path = "support/compared.rs"]
mod compared;
#[path = "../src/git/testing.rs"]
mod git_testing;
mod support;

use std::fs;

use compared::{Counted, codes, found, minus, subtracted};
use git_testing::Repo;
use support::definition;

/// A workload that lacks what its schema wants, and has a field that there is not.
fn broken(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  replicaas: 1\n  template:\n    \
         spec:\n      containers:\n      - name: {name}\n        image: {name}\n"
    )
}

fn patch(replicas: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{replicas: {replicas}}}\n"
    )
}

fn widgets() -> String {
    definition("Widget", "{type: object, properties: {size: {type: integer}}}")
}

const POLICY: &str = "\
package main

import rego.v1

deny contains msg if {
	input.kind == \"Deployment\"
	not input.metadata.labels.team
	msg := \"a team is missing\"
}
";

/// The repository that all changes start from: a base with two overlays, a component, plain manifests, a
/// definition, a policy.
fn start(repo: &Repo) {
    repo.write("base/kustomization.yaml", "resources: [web.yaml]\n").write("base/web.yaml", &broken("web"));
    for name in ["dev", "prod"] {
        let text = format!(
            "resources: [../../base]\ncomponents: [../../component]\nnamePrefix: {name}-\nconfigMapGenerator:\n- \
             name: settings\n  envs: [settings.env]\n"
        );
        repo.write(&format!("overlays/{name}/kustomization.yaml"), &text);
        repo.write(&format!("overlays/{name}/settings.env"), "A=1\n");
    }
    let component =
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n";
    repo.write("component/kustomization.yaml", component);
    repo.write("component/patch.yaml", &patch("two"));
    repo.write("plain/other.yaml", &broken("other"));
    repo.write(
        "plain/widget.yaml",
        "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: big}\n",
    );
    repo.write("crds/widgets.yaml", &widgets());
    repo.write("policy/team.rego", POLICY);
    repo.write("README.md", "words\n");
}

/// What is done to a file.
enum Edit {
    Write(&'static str, fn() -> String),
    Remove(&'static str),
    Move(&'static str, &'static str),
    #[cfg(unix)]
    Link(&'static str, &'static str),
    /// All files are as they were in the first commit.
    Restore,
}

use Edit::{Move, Remove, Restore, Write};

impl Edit {
    fn make(&self, repo: &Repo) {
        match self {
            Write(path, text) => drop(repo.write(path, &text())),
            Remove(path) => drop(repo.remove(path)),
            Move(from, to) => drop(repo.git(&["mv", from, to])),
            #[cfg(unix)]
            Edit::Link(to, path) => std::os::unix::fs::symlink(to, repo.top.join(path)).unwrap(),
            Restore => drop(repo.git(&["checkout", "--quiet", "first", "--", "."])),
        }
    }
}

/// A change, and the codes of what it brings in.
type Step = (&'static str, &'static [Edit], &'static str);

fn silenced() -> String {
    let reason = "  # gitops-lint: ignore[SCH002] it is meant so";
    broken("twin").replace("replicaas: 1", &format!("replicaas: 1{reason}"))
}

fn misspelled() -> String {
    broken("web").replace("replicaas", "replicass")
}

const STEPS: &[Step] = &[
    ("nothing at all", &[], ""),
    ("a file that nothing reads", &[Write("README.md", || "other words\n".to_owned())], ""),
    ("a base", &[Write("base/web.yaml", misspelled)], "SCH002"),
    ("lines that move", &[Write("base/web.yaml", || format!("# a\n# b\n{}", misspelled()))], ""),
    ("a component", &[Write("component/patch.yaml", || patch("[two]"))], "SCH001"),
    ("a file that moves", &[Move("plain/other.yaml", "plain/moved.yaml")], "POL000 SCH001 SCH002"),
    ("a policy", &[Write("policy/team.rego", || POLICY.replace("a team", "an owner"))], "POL000"),
    ("a kustomization that is deleted", &[Remove("overlays/dev")], ""),
    ("what an overlay uses", &[Remove("component"), Remove("overlays/prod/settings.env")], "KUS007"),
    ("all as it was", &[Restore], "POL000 SCH001 SCH002"),
    (
        "a definition",
        &[Write("crds/widgets.yaml", || widgets().replace("type: integer", "type: string, maxLength: 2"))],
        "SCH001",
    ),
    ("a definition that is gone", &[Remove("crds")], "SCH003"),
    ("a generator's file", &[Write("overlays/prod/settings.env", || "not a pair\n".to_owned())], "KUS001"),
    ("a manifest that is deleted", &[Remove("plain/moved.yaml")], ""),
    (
        "a new overlay",
        &[Write("overlays/new/kustomization.yaml", || "resources: [../none]\n".to_owned())],
        "KUS007",
    ),
    (
        "two of the same",
        &[Write("plain/twin.yaml", || format!("{0}---\n{0}", broken("twin")))],
        "POL000 SCH001 SCH002",
    ),
    (
        "one more of the same",
        &[Write("plain/twin.yaml", || format!("{0}---\n{0}---\n{0}", broken("twin")))],
        "POL000 SCH001 SCH002",
    ),
    ("a finding that is silenced", &[Write("plain/twin.yaml", silenced)], ""),
    ("a finding that is not silenced any more", &[Write("plain/twin.yaml", || broken("twin"))], "SCH002"),
    #[cfg(unix)]
    (
        "a file that becomes a link",
        &[Remove("base/web.yaml"), Edit::Link("../plain/twin.yaml", "base/web.yaml")],
        "KUS010",
    ),
    ("ignored files", &[Write(".gitignore", || "plain/\n".to_owned())], ""),
    ("files that are not ignored any more", &[Remove(".gitignore")], "POL000 SCH001 SCH002 SCH003"),
    ("no policy", &[Remove("policy")], ""),
    ("a policy again", &[Write("policies/team.rego", || POLICY.to_owned())], "POL000"),
    ("less", &[Remove("overlays"), Remove("base")], "POL000 SCH001 SCH002"),
];

#[test]
fn a_base_is_subtracted_exactly() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.commit("first");
    repo.git(&["tag", "first"]);
    let first = found(&repo.top, &[]).0;
    let mut then = first.clone();
    for (number, (what, change, expected)) in STEPS.iter().enumerate() {
        change.iter().for_each(|it| it.make(&repo));
        // Before it is committed, and after: the working tree is what counts.
        let base = if number % 2 == 0 { "HEAD" } else { "HEAD~1" };
        if number % 2 == 1 {
            repo.commit(what);
        }
        let now = found(&repo.top, &[]).0;
        let new = subtracted(&repo, base, &now, &then);
        assert_eq!(codes(&new), *expected, "{what}: {new:#?}");

        if number % 3 == 0 {
            subtracted(&repo, "first", &now, &first);
        }
        if number % 3 == 1 {
            let affected = found(&repo.top, &["--base", base, "--all-affected"]).0;
            assert_eq!(minus(&new, &affected), Counted::new(), "{what}: what is new is affected");
            assert_eq!(minus(&affected, &now), Counted::new(), "{what}: what is affected is found");
        }
        repo.commit(what);
        then = now;
    }
}

#[test]
fn what_is_affected_is_told_with_what_was_there_before() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.commit("first");
    repo.git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("overlays/prod/settings.env", "A=2\n");
    repo.write("plain/new.yaml", &broken("new"));
    let (new, _) = found(&repo.top, &["--base", "main"]);
    let of = |found: &Counted| found.keys().map(|it| it.1.clone()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(of(&new).into_iter().collect::<Vec<_>>(), ["plain/new.yaml"]);
    let (affected, _) = found(&repo.top, &["--base", "main", "--all-affected"]);
    // `plain/other.yaml` has findings, too, and nothing of it has changed.
    let expected = ["base/web.yaml", "component/patch.yaml", "plain/new.yaml"];
    assert_eq!(of(&affected).into_iter().collect::<Vec<_>>(), expected);

    let ran = support::run_at(&repo.top, &["check", "--base", "main", "--output-format", "concise"]);
    let last = ran.stdout.lines().last().unwrap();
    let count: usize = new.values().sum();
    let before = affected.values().sum::<usize>() - count;
    assert!(last.starts_with(&format!("{count} new errors in ")), "{last}");
    assert!(
        last.ends_with(&format!(", {before} more of what is affected were there before (--all-affected)")),
        "{last}"
    );
}

#[test]
fn only_what_a_change_reaches_is_rendered() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.commit("first");
    let roots = || {
        let ran = support::run_at(&repo.top, &["check", "--base", "HEAD", "--output-format", "concise"]);
        let (_, rest) = ran.stdout.lines().last().unwrap().split_once(" in ").unwrap();
        rest.split_once(" root").unwrap().0.parse::<usize>().unwrap()
    };
    repo.write("overlays/dev/settings.env", "A=2\n");
    assert_eq!(roots(), 1);
    repo.write("base/web.yaml", &broken("web").replace("web\n", "web # x\n"));
    assert_eq!(roots(), 2);
    repo.write("policy/team.rego", &POLICY.replace("a team", "an owner"));
    assert_eq!(roots(), 5);
}

#[test]
fn what_another_overlay_shows_already_is_not_new() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    let kustomization = "resources: [../../base]\n";
    repo.write("overlays/prod/kustomization.yaml", kustomization);
    let without = "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    \
                   spec: {replicaas: null}\n";
    repo.write("overlays/dev/kustomization.yaml", &format!("{kustomization}{without}"));
    repo.commit("first");
    let then = found(&repo.top, &[]).0;
    repo.write("overlays/dev/kustomization.yaml", kustomization);
    let now = found(&repo.top, &[]).0;
    assert_eq!(subtracted(&repo, "HEAD", &now, &then), Counted::new());
    let alone = support::run_at(&repo.top, &["check", "--base", "HEAD", "--exclude", "overlays/prod"]);
    assert!(alone.stdout.contains("SCH002"), "{alone:#?}");
}

#[test]
fn a_baseline_of_each_side_counts_there() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    let all = found(&repo.top, &[]).0;
    assert_eq!(support::run_at(&repo.top, &["baseline"]).code, Some(0));
    repo.commit("first");
    repo.write("plain/new.yaml", &broken("new"));
    let new = subtracted(&repo, "HEAD", &found(&repo.top, &[]).0, &Counted::new());
    assert!(new.keys().all(|it| it.1 == "plain/new.yaml"), "{new:#?}");
    repo.remove("plain/new.yaml").remove("gitops-lint.baseline.json");
    assert_eq!(subtracted(&repo, "HEAD", &all, &Counted::new()), all);
    assert_eq!(found(&repo.top, &["--no-baseline", "--base", "HEAD"]).0, Counted::new());
}

#[test]
fn files_that_are_named_are_compared_through_the_roots_that_they_reach() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.commit("first");
    let kustomization = "resources: [../../base]\npatches: [{path: more.yaml}]\n";
    repo.write("overlays/prod/kustomization.yaml", kustomization);
    repo.write("overlays/prod/more.yaml", &patch("many"));
    let (all, _) = found(&repo.top, &["overlays/prod/more.yaml"]);
    assert!(all.keys().any(|it| it.1 == "base/web.yaml"), "{all:#?}");
    let (new, _) = found(&repo.top, &["--base", "HEAD", "overlays/prod/more.yaml"]);
    assert!(!new.is_empty() && new.keys().all(|it| it.1 == "overlays/prod/more.yaml"), "{new:#?}");
    let (new, _) = found(&repo.top, &["--base", "HEAD", "base"]);
    assert_eq!(new, Counted::new());
}

#[test]
fn annotations_of_touched_lines_come_first() {
    let Some(repo) = Repo::new() else { return };
    repo.write("a.yaml", &broken("a")).write("b.yaml", &broken("b"));
    repo.commit("first");
    repo.write("b.yaml", &broken("b").replace("replicaas", "replicass"));
    let ran =
        support::run_at(&repo.top, &["check", "--base=HEAD", "--all-affected", "--output-format=github"]);
    let first = ran.stdout.lines().next().unwrap();
    assert!(first.contains("file=b.yaml,line=6"), "{ran:#?}");
}

#[test]
fn what_cannot_be_compared_is_told_in_one_line() {
    let Some(repo) = Repo::new() else { return };
    repo.write("a.yaml", support::GOOD);
    let fails = |words: &[&str], expected: &str| {
        let ran = support::run_at(&repo.top, &[&["check"], words].concat());
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
        assert!(ran.stderr.contains(expected), "{ran:#?}");
    };
    fails(&["--base", "main"], "error: there is no commit `main`: the repository has no commits yet\n");
    repo.commit("first");
    fails(&["--base", "mian"], "error: there is no commit `mian`: did you mean `main`?\n");
    fails(&["--base=-x"], "error: there is no commit `-x`");
    fails(&["--base", "main", "--fix"], "cannot be used with");
    fails(&["--all-affected"], "--base");
    fails(&["--base", "main", "nowhere"], "cannot read `nowhere`");
    let outside = repo.beside("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("a.yaml"), support::GOOD).unwrap();
    fails(&["--base", "main", "../outside"], "is in no Git repository");
    fails(&["--base", "main", ".", "../outside"], "is in no Git repository");
    let ran = support::run_without_path(&repo.top, &["check", "--base", "main"]);
    assert!(ran.stderr.contains("there is no `git` in PATH"), "{ran:#?}");
}
