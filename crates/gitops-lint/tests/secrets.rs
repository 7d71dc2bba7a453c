//! No report tells the value of a Secret, whatever is wrong with it.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::Repo;

const FORMATS: [&str; 10] =
    ["full", "concise", "json", "json-lines", "github", "sarif", "junit", "gitlab", "markdown", "rdjson"];

/// What must not be told: as text, and as a number. Both hold what the other forms of them have in common.
const CANARIES: [&str; 4] = ["k4n4rien", "4815162342", "azRuNHJpZW4", "4815162"];

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";

/// A Secret with some more lines, which stand among others.
fn secret(lines: &str) -> String {
    format!("{SECRET}stringData:\n  other: k4n4rien-other\n{lines}  last: k4n4rien-last\n")
}

/// A Secret whose value goes into a field that it does not fit.
fn replaced(field: &str) -> Vec<(&'static str, String)> {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  strategy: {type: Recreate}\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec: {containers: [{name: a, image: a}]}\n";
    let replacement = format!(
        "replacements:\n- source: {{kind: Secret, fieldPath: stringData.p}}\n  targets:\n  - select: {{kind: Deployment}}\n    fieldPaths: [{field}]\n"
    );
    vec![
        ("secret.yaml", secret("  p: k4n4rien\n")),
        ("web.yaml", web.to_owned()),
        ("kustomization.yaml", format!("resources: [secret.yaml, web.yaml]\n{replacement}")),
    ]
}

/// Repositories with a broken Secret, and a rule that finds it.
fn cases() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let base = ("secret.yaml", format!("{SECRET}type: Opaque\n"));
    let with =
        |kustomization: &str| ("kustomization.yaml", format!("resources: [secret.yaml]\n{kustomization}"));
    let one = |text: String| vec![("secret.yaml", text)];
    let patch = |name: &'static str, body: &str, how: &str| {
        vec![base.clone(), (name, body.to_owned()), with(&format!("patches:\n- path: {name}\n{how}"))]
    };
    vec![
        ("YML004", one(secret("  pin: 4815162342\n"))),
        ("SCH001", one(secret("  list: [k4n4rien]\n"))),
        ("SCH001", one(format!("{SECRET}stringData: k4n4rien\n"))),
        ("SCH001", one(format!("{SECRET}data: [k4n4rien, 4815162342]\n"))),
        ("SCH006", one(format!("{SECRET}data:\n  p: k4n4rien!\n  q: azRuNHJpZW4=\n"))),
        ("SCH002", one(format!("{}extra: 1\n", secret("")))),
        ("SCH002", one(format!("{SECRET}stringdata: {{p: 1}}\nstringData: {{q: k4n4rien}}\n"))),
        ("YML002", one(secret("  p: k4n4rien\n  p: 4815162342\n"))),
        ("YML001", one(secret("  p: *k4n4rien\n"))),
        ("YML001", one(secret("  p: 'k4n4rien\n"))),
        ("YML001", one(secret("  p: [k4n4rien\n"))),
        ("YML001", one(secret("  p: k4n4rien: 4815162342\n\t- k4n4rien\n"))),
        ("YML001", one(secret("  p: @k4n4rien\n  k4n4rien\n"))),
        ("YML001", one(secret("  p: !!int k4n4rien\n"))),
        ("YML003", one(secret("  p: yes\n"))),
        ("YML005", one(secret("<<<<<<< HEAD\n  p: k4n4rien\n=======\n  p: 4815162342\n>>>>>>> b\n"))),
        ("YML004", one(format!("apiVersion: v1\nkind: List\nitems:\n- {}\n", secret("  pin: 4815162342\n").replace('\n', "\n  ")))),
        (
            "YML004",
            patch("p.yaml", &format!("{SECRET}stringData:\n  p: 4815162342\n  q: k4n4rien\n"), ""),
        ),
        (
            "YML004",
            patch("p.yaml", "- op: add\n  path: /stringData\n  value: {p: 4815162342, q: k4n4rien}\n", "  target: {kind: Secret}\n"),
        ),
        (
            "YML004",
            vec![base.clone(), with("patches:\n- patch: |-\n    kind: Secret\n    apiVersion: v1\n    metadata: {name: a}\n    stringData:\n      p: 4815162342\n      q: k4n4rien\n")],
        ),
        (
            "KUS004",
            vec![base.clone(), with("patches:\n- patch: |-\n    kind: Secret\n    apiVersion: v1\n    metadata: {name: b}\n    stringData:\n      p: k4n4rien\n")],
        ),
        ("KUS001", vec![("kustomization.yaml", "secretGenerator:\n- name: a\n  literals:\n  - p=k4n4rien\n  - k4n4rien\n".to_owned())]),
        ("KUS001", vec![("kustomization.yaml", "secretGenerator:\n- name: a\n  literals:\n  - p=k4n4rien\n  - p=4815162342\n".to_owned())]),
        (
            "KUS001",
            vec![("kustomization.yaml", "secretGenerator:\n- name: a\n  envs: [a.env]\n".to_owned()), ("a.env", "p=k4n4rien\na b=k4n4rien\n=4815162342\n".to_owned())],
        ),
        (
            "KUS007",
            vec![("kustomization.yaml", "secretGenerator:\n- name: a\n  literals: [p=k4n4rien]\n  envs: [b.env]\n".to_owned())],
        ),
        ("KUS017", replaced("spec.replicas")),
        ("SCH001", replaced("spec.strategy.type")),
        (
            "POL000",
            vec![
                ("secret.yaml", secret("  p: k4n4rien\n")),
                ("policies/a.rego", "package main\n\ndeny contains {\"msg\": \"no\", \"path\": [\"stringData\", \"p\"]} if input.kind == \"Secret\"\n".to_owned()),
            ],
        ),
    ]
}

#[test]
fn no_report_tells_what_is_secret() {
    let mut wrong = vec![];
    for (code, files) in cases() {
        let repo = Repo::new();
        files.iter().for_each(|(name, text)| {
            repo.file(name, text);
        });
        let mut told: Vec<(String, String)> = vec![];
        let places = FORMATS.map(|it| format!("{it}=out/{it}"));
        let words = places.iter().flat_map(|it| ["--output-format", it]);
        let words: Vec<&str> = ["check", "--extend-select", "ALL"].into_iter().chain(words).collect();
        let ran = repo.run(&words);
        told.push(("check".to_owned(), ran.stdout + &ran.stderr));
        for format in FORMATS {
            let text = fs::read_to_string(repo.path("out").join(format)).unwrap();
            if format == "json" && !text.contains(code) {
                wrong.push(format!("{code} is not found in {files:?}: {text}"));
            }
            told.push((format.to_owned(), text));
        }
        let ran = repo.run(&["baseline", "--extend-select", "ALL"]);
        let accepted = fs::read_to_string(repo.path("gitops-lint.baseline.json")).unwrap_or_default();
        told.push(("baseline".to_owned(), ran.stdout + &ran.stderr + &accepted));
        let ran = repo.run(&["check", "--no-baseline", "--fix", "--unsafe-fixes"]);
        told.push(("fix".to_owned(), ran.stdout + &ran.stderr));
        for (what, text) in told {
            for line in text.lines().filter(|it| CANARIES.iter().any(|canary| it.contains(canary))) {
                wrong.push(format!("{code} {what}: {}", &line[..line.len().min(300)]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rest_of_the_lines_is_shown() {
    let repo = Repo::new();
    repo.file("secret.yaml", secret("  pin: 4815162342   # c\n"));
    let ran = repo.run(&["check"]);
    for part in ["other: (hidden)\n", "pin: (hidden)   # c\n", "last: (hidden)\n", "[secret.yaml:6:8]"] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    // A ConfigMap is no secret.
    repo.file(
        "secret.yaml",
        secret("  pin: 4815162342\n").replace("Secret", "ConfigMap").replace("stringData", "data"),
    );
    assert!(repo.run(&["check"]).stdout.contains("pin: 4815162342\n"));
}
