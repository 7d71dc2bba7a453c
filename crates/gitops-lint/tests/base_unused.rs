//! `check --base` where a change decides what files are that no kustomization uses: what is found about them is
//! what the subtraction gives.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "support/compared.rs"]
mod compared;
#[allow(dead_code)]
#[path = "../src/git/testing.rs"]
mod git_testing;
mod support;

use compared::{Edit, edit, fingerprints, new_codes};
use git_testing::Repo;

/// An object that lacks something, so that a finding tells whether it is looked at.
fn object(kind: &str, name: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\nunknown: field\n")
}

/// A kustomization with files around it that may be forgotten, variants of others, or manifests; a folder of plain
/// manifests; one of files that are no objects.
fn start(repo: &Repo) {
    repo.write("app/kustomization.yaml", "resources: [web.yaml]\n");
    repo.write("app/web.yaml", &object("ConfigMap", "web"));
    repo.write("app/variant.yaml", &object("ConfigMap", "web"));
    repo.write("app/other.yaml", &object("ConfigMap", "other"));
    repo.write("app/deep/one.yaml", &object("ConfigMap", "one"));
    repo.write("far/kustomization.yaml", "resources: [far.yaml]\n");
    repo.write("far/far.yaml", &object("ConfigMap", "far"));
    repo.write("far/left.yaml", &object("ConfigMap", "left"));
    repo.write("plain/a.yaml", &object("ConfigMap", "a")).write("plain/b.yaml", &object("Secret", "b"));
    repo.write("chart/templates/t.yaml", &object("ConfigMap", "t")).write("chart/values.yaml", "a: 1\n");
    repo.write("values/values.yaml", "a: [\n");
}

/// A change, and the codes of what it brings in.
type Step = (&'static str, &'static [Edit], &'static str);

const APP: &str = "app/kustomization.yaml";

const STEPS: &[Step] = &[
    ("a manifest", &[("plain/a.yaml", Some(|| object("Secret", "a")))], "SCH002"),
    ("a file is used", &[(APP, Some(|| "resources: [web.yaml, other.yaml]\n".to_owned()))], ""),
    ("it is not used any more", &[(APP, Some(|| "resources: [web.yaml]\n".to_owned()))], "KUS006"),
    ("it is mentioned", &[(APP, Some(|| "resources: [web.yaml]\n#- other.yaml\n".to_owned()))], ""),
    ("it is not", &[(APP, Some(|| "resources: [web.yaml]\n".to_owned()))], "KUS006"),
    (
        "a file becomes a variant of one that is used far away",
        &[("far/far.yaml", Some(|| object("ConfigMap", "other")))],
        "SCH002",
    ),
    ("it is none any more", &[("far/far.yaml", Some(|| object("ConfigMap", "far")))], "SCH002"),
    (
        "a file far away that has it is used",
        &[
            ("far/more.yaml", Some(|| object("ConfigMap", "\"\\x6fther\""))),
            ("far/kustomization.yaml", Some(|| "resources: [far.yaml, more.yaml]\n".to_owned())),
        ],
        "SCH002",
    ),
    (
        "and is not",
        &[("far/kustomization.yaml", Some(|| "resources: [far.yaml]\n".to_owned()))],
        "KUS006 SCH002",
    ),
    ("a duplicate elsewhere", &[("plain/web.yaml", Some(|| object("ConfigMap", "other")))], "SCH002"),
    (
        "a folder of manifests gets a kustomization",
        &[("plain/kustomization.yaml", Some(|| "resources: [a.yaml]\n".to_owned()))],
        "KUS006",
    ),
    ("and loses it", &[("plain/kustomization.yaml", None)], ""),
    (
        "a folder below a kustomization is used",
        &[
            (APP, Some(|| "resources: [web.yaml, deep/two.yaml]\n".to_owned())),
            ("app/deep/two.yaml", Some(|| object("Secret", "two"))),
        ],
        "KUS006 SCH002",
    ),
    (
        "Flux is told to apply it",
        &[(
            "plain/flux.yaml",
            Some(|| {
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec:\n  \
                 interval: 1m\n  prune: true\n  path: app/deep\n  sourceRef: {kind: GitRepository, name: a}\n"
                    .to_owned()
            }),
        )],
        "",
    ),
    ("Flux is told no more", &[("plain/flux.yaml", None)], "KUS006"),
    (
        "what a generator reads, with something like a comment",
        &[
            (
                "far/kustomization.yaml",
                Some(|| "configMapGenerator:\n- {name: far, files: [words.txt]}\n".to_owned()),
            ),
            ("far/words.txt", Some(|| "word  # gitops-lint: ignore[ALL] x\n".to_owned())),
        ],
        "KUS006",
    ),
    (
        "and something else",
        &[("far/words.txt", Some(|| "other  # gitops-lint: ignore[ALL] x\n".to_owned()))],
        "",
    ),
    ("a chart", &[("chart/Chart.yaml", Some(|| "apiVersion: v2\nname: c\nversion: 1.0.0\n".to_owned()))], ""),
    ("a chart no more", &[("chart/Chart.yaml", None)], "SCH002"),
    ("what is no YAML is mended", &[("values/values.yaml", Some(|| "a: []\n".to_owned()))], ""),
    ("and broken", &[("values/values.yaml", Some(|| "a: [\n".to_owned()))], "YML001"),
    (
        "a comment",
        &[(
            "plain/b.yaml",
            Some(|| format!("# gitops-lint: ignore-file[SCH002] x\n{}", object("Secret", "b"))),
        )],
        "",
    ),
    ("what is ignored by Git", &[(".gitignore", Some(|| "far/\n".to_owned()))], ""),
    ("what is not", &[(".gitignore", None)], "KUS006 SCH002"),
];

#[test]
fn what_a_change_makes_of_files_that_nobody_uses_is_told() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.commit("first");
    let mut then = fingerprints(&repo.top, &[]).unwrap();
    let mut wrong = vec![];
    for (what, change, expected) in STEPS {
        edit(&repo, change);
        let now = fingerprints(&repo.top, &[]).unwrap();
        let codes = new_codes(&repo, &now, &then, what);
        if codes != *expected {
            wrong.push(format!("{what}: {codes:?} and not {expected:?}"));
        }
        repo.commit(what);
        then = now;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_lies_beside_an_affected_kustomization_is_told_with_it() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.write("over/kustomization.yaml", "resources: [../app]\n");
    repo.write("over/left.yaml", &object("ConfigMap", "left"));
    repo.commit("first");
    repo.write("app/web.yaml", &format!("# x\n{}", object("ConfigMap", "web")));
    let affected = fingerprints(&repo.top, &["--base", "HEAD", "--all-affected"]).unwrap();
    let told = |path: &str| affected.iter().any(|it| it.1.contains("KUS006") && it.1.contains(path));
    assert!(told("over/left.yaml"), "{affected:#?}");
    assert!(!told("far/left.yaml"), "{affected:#?}");
    assert_eq!(fingerprints(&repo.top, &["--base", "HEAD"]), Some([].into()));
}
