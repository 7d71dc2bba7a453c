//! `gitops-lint init`: what is detected, what is written, and what is left alone.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::{GOOD, Ran, Repo};

const OPTIONS: &str = "gitops-lint.toml";
const HOOK: &str = ".pre-commit-config.yaml";
const WORKFLOW: &str = ".github/workflows/gitops-lint.yml";

fn on(remote: &str) -> Repo {
    let repo = Repo::new();
    repo.file(".git/config", format!("[remote \"origin\"]\n\turl = {remote}\n"));
    repo.file("web.yaml", GOOD);
    repo
}

fn read(repo: &Repo, path: &str) -> String {
    fs::read_to_string(repo.path(path)).unwrap_or_else(|err| panic!("{path}: {err}"))
}

#[track_caller]
fn init(repo: &Repo, words: &[&str]) -> Ran {
    let ran = repo.run(&[&["init"], words].concat());
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    ran
}

/// The files of the repository, but for Git's.
fn files(repo: &Repo) -> Vec<String> {
    let walk =
        ignore::WalkBuilder::new(repo.path("")).hidden(false).sort_by_file_path(|a, b| a.cmp(b)).build();
    let files = walk.map(|it| it.unwrap()).filter(|it| it.file_type().unwrap().is_file());
    let names = files.map(|it| it.path().strip_prefix(repo.path("")).unwrap().to_str().unwrap().to_owned());
    names.filter(|it| !it.starts_with(".git/")).collect()
}

#[test]
fn a_repository_on_github_gets_options_a_hook_and_a_workflow() {
    let repo = on("git@github.com:team/deploy.git");
    let ran = init(&repo, &[]);
    let told: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        told,
        [
            "found: 1 plain manifest, GitHub",
            "gitops-lint.toml is written",
            ".pre-commit-config.yaml is written",
            ".github/workflows/gitops-lint.yml is written",
            "next: `gitops-lint check`, and `pre-commit install`",
        ]
    );
    assert_eq!(files(&repo), [WORKFLOW, HOOK, OPTIONS, "web.yaml"]);
    assert!(read(&repo, HOOK).contains("- id: gitops-lint\n"));
    assert_eq!(repo.run(&["check"]).code, Some(0));
}

#[test]
fn a_second_run_writes_nothing() {
    let repo = on("https://github.com/team/deploy");
    init(&repo, &[]);
    let before: Vec<String> = files(&repo).iter().map(|it| read(&repo, it)).collect();
    let ran = init(&repo, &[]);
    assert_eq!(ran.stdout.matches("left alone").count(), 3, "{ran:#?}");
    assert_eq!(files(&repo).iter().map(|it| read(&repo, it)).collect::<Vec<_>>(), before);
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let repo = on("https://gitlab.example.org/team/deploy");
    let ran = init(&repo, &["--dry-run"]);
    for words in ["gitops-lint.toml would be written:\n", "    codequality: ", "    - id: gitops-lint"] {
        assert!(ran.stdout.contains(words), "{words}: {ran:#?}");
    }
    assert_eq!(files(&repo), ["web.yaml"]);
}

#[test]
fn files_that_are_there_are_not_replaced() {
    let repo = on("https://gitlab.com/team/deploy");
    for (path, text) in
        [(".gitlab-ci.yml", "stages: [build]\n"), (OPTIONS, "# mine\n"), (HOOK, "repos: [] # mine\n")]
    {
        repo.file(path, text);
    }
    let ran = init(&repo, &[]);
    assert_eq!(read(&repo, ".gitlab-ci.yml"), "stages: [build]\n");
    assert_eq!(read(&repo, OPTIONS), "# mine\n");
    assert_eq!(read(&repo, HOOK), "repos: [] # mine\n");
    for words in [
        ".gitlab-ci.yml left alone: it is there. Add to it:\n    gitops-lint:\n      stage: test\n",
        "gitops-lint.toml left alone: it is there\n",
        ".pre-commit-config.yaml left alone: it is there. Add to it:\n    repos:\n",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {ran:#?}");
    }
}

#[test]
fn a_hook_joins_those_that_are_there() {
    let repo = on("https://codeberg.org/team/deploy");
    let old = "# ours\nrepos:\n  - repo: local\n    hooks: [] # none yet\n\nfail_fast: true\n";
    repo.file(HOOK, old);
    let ran = init(&repo, &[]);
    assert!(ran.stdout.contains(".pre-commit-config.yaml is extended\n"), "{ran:#?}");
    let new = read(&repo, HOOK);
    let (before, after) = old.split_once("\n\n").unwrap();
    assert!(new.starts_with(before) && new.ends_with(after), "{new}");
    assert!(new.contains("\n  - repo: https://github.com/gitops-lint/gitops-lint\n    rev: v"), "{new}");
    assert_eq!(files(&repo), [HOOK, OPTIONS, "web.yaml"], "nothing is written for a forge that is not known");
    let told = "\nCI: no workflow, because the forge is not known: `--ci` says for which one to write\n";
    assert!(ran.stdout.contains(told), "{ran:#?}");
    assert!(!init(&repo, &["--ci", "none"]).stdout.contains("CI: "));
}

#[test]
fn flags_decide_over_what_is_detected() {
    let repo = on("https://github.com/team/deploy");
    init(&repo, &["--ci", "none", "--no-hook"]);
    assert_eq!(files(&repo), [OPTIONS, "web.yaml"]);
    let ran = init(&repo, &["--ci", "gitlab"]);
    let told = "found: 1 plain manifest, GitHub\nCI: GitLab, because `--ci` asks for it\n";
    assert!(ran.stdout.starts_with(told), "{ran:#?}");
    assert_eq!(files(&repo), [".gitlab-ci.yml", HOOK, OPTIONS, "web.yaml"]);
}

#[test]
fn from_a_folder_everything_is_written_at_the_top() {
    let repo = on("https://github.com/team/deploy");
    repo.file("apps/web/web.yaml", GOOD);
    let ran = repo.run_in("apps/web", &["init"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.stdout.ends_with(", at the top of the repository\n"), "{ran:#?}");
    assert!(repo.path(OPTIONS).exists() && !repo.path("apps/web/gitops-lint.toml").exists());
}

#[test]
fn the_workflow_is_for_the_main_branch() {
    let repo = on("https://github.com/team/deploy");
    repo.file(".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/trunk\n");
    init(&repo, &[]);
    assert!(read(&repo, WORKFLOW).contains("branches: [trunk]\n"));
}

#[test]
fn a_workflow_that_runs_us_is_enough() {
    let repo = on("https://github.com/team/deploy");
    repo.file(".github/workflows/checks.yaml", "jobs: {a: {steps: [{run: gitops-lint check}]}}\n");
    let ran = init(&repo, &[]);
    assert!(
        ran.stdout.contains(".github/workflows left alone: a workflow runs gitops-lint already"),
        "{ran:#?}"
    );
    assert!(!repo.path(WORKFLOW).exists());
}

#[test]
fn what_a_repository_is_made_of_is_told_and_written() {
    let repo = on("https://github.com/team/deploy");
    repo.file("apps/kustomization.yaml", "resources: [web.yaml]\n").file("apps/web.yaml", GOOD);
    repo.file(
        "flux.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n",
    );
    repo.file("argo.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n");
    repo.file("chart/Chart.yaml", "apiVersion: v2\nname: a\n").file("chart/values.yaml", "a: 1\n");
    repo.file("lib/vendor/x/service.yaml", GOOD);
    repo.file("clusters/prod/kustomization.yaml", "resources: [../../apps]\n");
    repo.file("policies/lib.rego", "package lib\n\none := 1\n");
    repo.file("checks/deny.rego", "package main\n\ndeny[msg] { input.kind == \"X\"; msg := \"no\" }\n");
    repo.file("gatekeeper/src.rego", "package k8sfoo\n\nviolation[{\"msg\": msg}] { msg := \"no\" }\n");
    let ran = init(&repo, &["--ci", "none"]);
    let found = ran.stdout.lines().next().unwrap();
    assert_eq!(
        found,
        "found: 2 kustomizations, 3 plain manifests, 1 Helm chart (not checked), Flux, Argo CD, policies in \
         `checks`, policies in `policies`, `lib/vendor`, which others wrote, GitHub"
    );
    let options = read(&repo, OPTIONS);
    assert!(options.contains("\nexclude = [\"/lib/vendor/\"]\n"), "{options}");
    assert!(options.contains("\npolicies = [\"checks\", \"policies\"]\n"), "{options}");
    assert!(options.ends_with("\n# [environments.prod]\n# kubernetes-versions = [\"1.33\"]\n"), "{options}");
    // What is commented out can be put in force.
    let all = options.replace("\n# kubernetes-versions", "\nkubernetes-versions").replace("\n# [", "\n[");
    repo.file(OPTIONS, all);
    let ran = repo.run(&["check"]);
    assert!(!ran.stderr.contains("error"), "{ran:#?}");
}

#[test]
fn the_examples_can_be_checked_with_what_was_written_for_them() {
    for (name, code) in [("ml-platform", 0), ("ml-platform-broken", 1), ("gatekeeper-faults", 1)] {
        let repo = Repo::example(name);
        let before = repo.run(&["check", "--output-format", "concise"]);
        init(&repo, &[]);
        let ran = repo.run(&["check", "--output-format", "concise"]);
        assert_eq!(ran.code, Some(code), "{name}: {ran:#?}");
        assert_eq!(ran.stdout, before.stdout, "{name}: nothing that was detected changes what is found");
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_named_and_the_rest_is_written() {
    let repo = on("https://github.com/team/deploy");
    // A file where a folder has to be.
    repo.file(".github", "");
    let ran = repo.run(&["init"]);
    assert_eq!(ran.code, Some(2), "{ran:#?}");
    assert!(ran.stderr.starts_with("error: cannot write `.github/workflows/gitops-lint.yml`: "), "{ran:#?}");
    assert!(repo.path(OPTIONS).exists() && repo.path(HOOK).exists());
    assert!(!ran.stdout.contains("next:"), "{ran:#?}");
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let repo = Repo::new();
    for (words, message) in
        [(["init", "no"], "error: cannot read `no`"), (["init", ".git/config"], "error: ")]
    {
        repo.file(".git/config", "");
        let ran = repo.run(&words);
        assert_eq!(ran.code, Some(2), "{ran:#?}");
        assert!(ran.stderr.starts_with(message), "{ran:#?}");
    }
}

#[test]
fn a_repository_without_a_working_tree_is_refused() {
    let repo = Repo::new();
    for folder in ["bare.git", ".git"] {
        for name in ["HEAD", "config", "objects/info/x", "refs/heads/x"] {
            repo.file(&format!("{folder}/{name}"), "");
        }
        for (place, words) in [(folder, &["init", "--dry-run"][..]), (&format!("{folder}/refs"), &["init"])] {
            let ran = repo.run_in(place, words);
            assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
            let why = "error: `.` belongs to a Git repository without a working tree: ";
            assert!(ran.stderr.starts_with(why), "{ran:#?}");
        }
    }
    assert!(!repo.path("bare.git/gitops-lint.toml").exists());
}

#[test]
fn without_git_there_are_options_only() {
    let repo = Repo::new();
    fs::remove_dir(repo.path(".git")).unwrap();
    repo.file("web.yaml", GOOD);
    init(&repo, &[]);
    assert_eq!(files(&repo), [OPTIONS, "web.yaml"]);
    init(&repo, &["--hook"]);
    assert_eq!(files(&repo), [HOOK, OPTIONS, "web.yaml"]);
}
