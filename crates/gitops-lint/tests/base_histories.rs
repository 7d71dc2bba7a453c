//! `check --base` through longer histories: of options, and of edits by chance.
#![allow(clippy::unwrap_used)]

#[path = "support/chance.rs"]
mod chance;
#[path = "support/compared.rs"]
mod compared;
#[allow(dead_code)]
#[path = "../src/git/testing.rs"]
mod git_testing;
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use chance::Chance;
use compared::{codes, fingerprints, found, subtracted};
use git_testing::Repo;

/// A workload that lacks what its schema wants, and has a field that there is not.
fn broken(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{replicaas: 1}}\n---\n\
         apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {{name: {name}}}\n"
    )
}

const POLICY: &str = "package team\ndeny contains \"no team\" if not input.metadata.labels.team\n";

const SCHEMA: &str = "{\"type\": \"object\", \"required\": [\"color\"]}";

/// What changes, as the new texts of files (none: it goes), and the codes of what that brings in.
type Step = (&'static str, &'static [(&'static str, Option<&'static str>)], &'static str);

const OPTIONS: &str = "gitops-lint.toml";

const STEPS: &[Step] = &[
    ("a rule is ignored", &[(OPTIONS, Some("ignore = [\"SCH002\"]\n"))], ""),
    ("another is", &[(OPTIONS, Some("ignore = [\"SCH001\"]\n"))], "SCH002"),
    ("a severity", &[(OPTIONS, Some("[severity]\nSCH002 = \"off\"\n"))], "SCH001"),
    ("a folder is left out", &[(OPTIONS, Some("exclude = [\"plain/\"]\n"))], "SCH002"),
    ("another folder is", &[(OPTIONS, Some("exclude = [\"overlay/\"]\n"))], "DEP001 SCH001 SCH002"),
    ("a version", &[(OPTIONS, Some("kubernetes-versions = [\"1.24\"]\n"))], "DEP002 SCH001 SCH002"),
    ("a version with less", &[(OPTIONS, Some("kubernetes-versions = [\"1.25\"]\n"))], "DEP001"),
    (
        "an entry",
        &[(OPTIONS, Some("[[ignore]]\nrules = [\"SCH002\"]\npath = \"plain/\"\nreason = \"x\"\n"))],
        "",
    ),
    (
        "an entry that ignores nothing",
        &[(OPTIONS, Some("[[ignore]]\nrules = [\"SCH002\"]\npath = \"none/\"\nreason = \"x\"\n"))],
        "SCH002 SUP001",
    ),
    ("an override", &[(OPTIONS, Some("[[overrides]]\npaths = [\"plain/\"]\nignore = [\"SCH\"]\n"))], ""),
    ("another name", &[(OPTIONS, None), (".gitops-lint.toml", Some("ignore = [\"SCH001\"]\n"))], "SCH002"),
    (
        "a file below",
        &[
            (".gitops-lint.toml", Some("extend = \"o/a.toml\"\n")),
            ("o/a.toml", Some("ignore = [\"SCH002\"]\n")),
        ],
        "SCH001",
    ),
    ("the file below changes", &[("o/a.toml", Some("ignore = [\"SCH001\"]\n"))], "SCH002"),
    (
        "policies",
        &[
            (".gitops-lint.toml", Some("policies = [\"rego\"]\nnamespaces = [\"team\"]\n")),
            ("rego/team.rego", Some(POLICY)),
        ],
        "POL000 SCH001",
    ),
    (
        "policies of another package",
        &[(".gitops-lint.toml", Some("policies = [\"rego\"]\nall-namespaces = true\n"))],
        "",
    ),
    ("no policies", &[(".gitops-lint.toml", Some("strict = false\n"))], ""),
    (
        "schemas",
        &[
            (
                ".gitops-lint.toml",
                Some("schema-locations = [\"schemas/{{.ResourceKind}}.json\", \"default\"]\n"),
            ),
            ("schemas/deployment.json", Some(SCHEMA)),
        ],
        "SCH001",
    ),
    ("no options", &[(".gitops-lint.toml", None)], "SCH001 SCH002"),
];

fn change(repo: &Repo, files: &[(&str, Option<&str>)]) {
    for (path, text) in files {
        match text {
            Some(text) => drop(repo.write(path, text)),
            None => drop(repo.remove(path)),
        }
    }
}

#[test]
fn options_count_as_they_were_on_each_side() {
    let Some(repo) = Repo::new() else { return };
    repo.write("plain/web.yaml", &broken("web"));
    repo.write("overlay/kustomization.yaml", "resources: [job.yaml]\n")
        .write("overlay/job.yaml", &broken("job"));
    repo.commit("first");
    let mut then = found(&repo.top, &[]).0;
    let mut wrong = vec![];
    for (what, files, expected) in STEPS {
        change(&repo, files);
        let now = found(&repo.top, &[]).0;
        let new = subtracted(&repo, "HEAD", &now, &then);
        if codes(&new) != *expected {
            wrong.push(format!("{what}: {:?} and not {expected:?}", codes(&new)));
        }
        repo.commit(what);
        then = now;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn options_of_the_base_that_nobody_could_have_used_are_those_of_now() {
    let Some(repo) = Repo::new() else { return };
    repo.write("web.yaml", &broken("web")).write(OPTIONS, "ignoer = []\n");
    repo.commit("first");
    repo.write(OPTIONS, "ignore = [\"SCH002\"]\n");
    let ran = support::run_at(&repo.top, &["check", "--base", "HEAD"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.stderr.contains("mistakes in the options file of the base: both sides"), "{ran:#?}");
}

/// Makes so many changes by chance, each of a few edits, and compares `--base` with the subtraction.
fn by_chance(name: &str, seed: u64, steps: usize, has_constraints: bool) {
    let Some(repo) = Repo::new() else { return };
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/repos").join(name);
    chance::copy(&from, &repo.top);
    if !has_constraints {
        // What judges all roots may hide what is wrong without it.
        chance::replace(&repo.top, &[("gatekeeper.sh", "example.sh"), ("ValidatingAdmission", "Validating")]);
    }
    repo.commit("first");
    let mut chance = Chance::new(seed, &repo.top);
    let mut then = fingerprints(&repo.top, &[]).unwrap();
    for step in 0..steps {
        let edits: Vec<String> = (0..=chance.below(3)).map(|_| chance.edit()).collect();
        let Some(now) = fingerprints(&repo.top, &[]) else {
            repo.git(&["reset", "--quiet", "--hard"]);
            repo.git(&["clean", "--quiet", "-fd"]);
            continue;
        };
        let new = fingerprints(&repo.top, &["--base", "HEAD"]);
        let known: BTreeSet<&String> = then.iter().map(|it| &it.0).collect();
        let expected = now.iter().filter(|it| !known.contains(&it.0)).cloned().collect();
        assert_eq!(new, Some(expected), "{name}, seed {seed}, step {step}: {edits:#?}");
        repo.commit("step");
        then = now;
    }
}

/// Where to begin, and how many changes to make: more than in every run, if somebody asks for them.
fn asked_for() -> (u64, usize) {
    let number = |name: &str| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let steps = number("GITOPS_LINT_STEPS").unwrap_or(8);
    (number("GITOPS_LINT_SEED").unwrap_or(1), usize::try_from(steps).unwrap())
}

#[test]
fn edits_by_chance_bring_in_what_the_subtraction_gives() {
    let (seed, steps) = asked_for();
    by_chance("ml-platform", seed, steps / 2, true);
    by_chance("ml-platform", seed + 1, steps, false);
    by_chance("ml-platform-broken", seed + 2, steps, false);
}
