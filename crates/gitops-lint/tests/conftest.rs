//! What conftest's documentation promises, convention by convention, and what we promise beyond it:
//! that nothing passes because nobody asked.
#![allow(clippy::unwrap_used)]

mod support;

use support::Repo;

const OBJECTS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    team: shop
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: app
        image: nginx:1.27
---
apiVersion: v1
kind: Service
metadata:
  name: front
spec:
  selector: {app: back}
  ports:
  - port: 22
";

/// A convention: the flags, the policy, further files, and the findings as `line: severity: message`.
struct Case {
    name: &'static str,
    flags: &'static [&'static str],
    policy: &'static str,
    files: &'static [(&'static str, &'static str)],
    found: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "deny and violation are errors, warn is a warning, with suffixes and without",
        flags: &[],
        policy: "package main
deny contains \"a\" if input.kind == \"Service\"
deny_with_name contains \"b\" if input.kind == \"Service\"
deny_2_words contains \"c\" if input.kind == \"Service\"
violation contains {\"msg\": \"d\"} if input.kind == \"Service\"
violation_x contains {\"msg\": \"e\"} if input.kind == \"Service\"
warn contains \"f\" if input.kind == \"Service\"
warn_y contains \"g\" if input.kind == \"Service\"
",
        files: &[],
        found: &[
            "22: error: a", "22: error: b", "22: error: c", "22: error: d", "22: error: e", "22: warning: f",
            "22: warning: g",
        ],
    },
    Case {
        name: "other names are no rules",
        flags: &[],
        policy: "package main
deny contains \"a\" if input.kind == \"Service\"
denies contains \"b\"
deny_ contains \"c\"
deny__x contains \"d\"
allow := false
mydeny contains \"e\"
",
        files: &[],
        found: &["22: error: a"],
    },
    Case {
        name: "Rego v0 is asked beside v1",
        flags: &[],
        policy: "package main
deny[msg] { input.kind == \"Service\"; msg := \"old\" }
violation[{\"msg\": msg, \"details\": {\"x\": 1}}] { input.kind == \"Service\"; msg := \"structured\" }
",
        files: &[("policy/new.rego", "package main\nimport rego.v1\ndeny contains \"new\" if input.kind == \"Service\"\n")],
        found: &["22: error: new", "22: error: old", "22: error: structured"],
    },
    Case {
        name: "results are strings, or objects with a message and metadata",
        flags: &[],
        policy: "package main
deny contains \"text\" if input.kind == \"Service\"
deny contains {\"msg\": \"object\", \"code\": 7, \"nested\": {\"a\": [1]}} if input.kind == \"Service\"
deny contains \"\" if input.kind == \"Service\"
",
        files: &[],
        found: &["22: error: object", "22: error: text"],
    },
    Case {
        name: "an exception exempts the rules that it names",
        flags: &[],
        policy: "package main
deny_root contains \"a\" if input.kind == \"Service\"
violation_root contains \"b\" if input.kind == \"Service\"
deny_other contains \"c\" if input.kind == \"Service\"
deny_last contains \"d\" if input.kind == \"Service\"
exception contains rules if { input.metadata.name == \"front\"; rules := [\"root\", \"last\"] }
",
        files: &[],
        found: &["22: error: c"],
    },
    Case {
        name: "an exception for the empty name exempts rules without a suffix",
        flags: &[],
        policy: "package main
deny contains \"a\"
violation contains \"b\"
deny_other contains \"c\" if input.kind == \"Service\"
exception contains rules if rules := [\"\"]
",
        files: &[],
        found: &["22: error: c"],
    },
    Case {
        name: "an exception holds for its object, and for its package",
        flags: &["--all-namespaces"],
        policy: "package main
deny_x contains input.kind
exception contains [\"x\"] if input.kind == \"Service\"
",
        files: &[("policy/b.rego", "package b\ndeny_x contains \"b\" if input.kind == \"Service\"\n")],
        found: &["22: error: b", "4: error: Deployment"],
    },
    Case {
        name: "--namespace chooses packages, several of them too",
        flags: &["--namespace", "a.b", "-n", "c"],
        policy: "package main\ndeny contains \"main\"\n",
        files: &[
            ("policy/b.rego", "package a.b\ndeny contains \"b\" if input.kind == \"Service\"\n"),
            ("policy/c.rego", "package c\nwarn contains \"c\" if input.kind == \"Service\"\n"),
        ],
        found: &["22: error: b", "22: warning: c"],
    },
    Case {
        name: "--data is merged, and folders are keys",
        flags: &["--data", "settings", "-d", "extra.json"],
        policy: "package main
import data.services
deny contains msg if { some p in input.spec.ports; p.port in services.ports; msg := sprintf(\"port %d\", [p.port]) }
warn contains \"extra\" if { input.kind == data.extra.kind; data.eu.zones == [\"a\"] }
",
        files: &[
            ("settings/services.yaml", "services:\n  ports:\n  - 22\n"),
            ("settings/eu/zones.json", "{\"zones\": [\"a\"]}"),
            ("extra.json", "{\"extra\": {\"kind\": \"Deployment\"}}"),
        ],
        found: &["26: error: port 22", "4: warning: extra"],
    },
    Case {
        name: "--combine gives all objects at once, with their paths",
        flags: &["--combine"],
        policy: "package main
deny contains msg if {
\tinput[i].contents.kind == \"Deployment\"
\tdeployment := input[i].contents
\tnot selected(deployment.spec.selector.matchLabels.app)
\tmsg := sprintf(\"Deployment %v is selected by no Service\", [deployment.metadata.name])
}
selected(app) if {
\tinput[j].contents.kind == \"Service\"
\tinput[j].contents.spec.selector.app == app
}
warn contains {\"msg\": msg, \"at\": [i, \"contents\", \"spec\", \"ports\", 0, \"port\"]} if {
\tsome i, file in input
\tfile.contents.kind == \"Service\"
\tmsg := sprintf(\"seen in %s\", [file.path])
}
warn contains {\"msg\": \"a pointer\", \"at\": sprintf(\"/%d/contents/spec/selector\", [i])} if {
\tinput[i].contents.kind == \"Service\"
}
deny contains \"many\" if count(input) != 2
",
        files: &[],
        found: &["24: warning: a pointer", "26: warning: seen in all.yaml", "4: error: Deployment web is selected by no Service"],
    },
    Case {
        name: "_loc is taken where it names a line of the repository",
        flags: &[],
        policy: "package main
deny contains {\"msg\": \"named\", \"_loc\": {\"file\": \"all.yaml\", \"line\": 26}} if input.kind == \"Service\"
deny contains {\"msg\": \"nowhere\", \"_loc\": {\"file\": \"gone.yaml\", \"line\": 3}} if input.kind == \"Service\"
deny contains {\"msg\": \"too far\", \"_loc\": {\"file\": \"all.yaml\", \"line\": 300}} if input.kind == \"Service\"
deny contains {\"msg\": \"place\", \"at\": \"/spec/selector\", \"_loc\": {\"file\": \"all.yaml\", \"line\": 1}} if input.kind == \"Service\"
",
        files: &[],
        found: &["22: error: nowhere", "22: error: too far", "24: error: place", "26: error: named"],
    },
    Case {
        name: "data.conftest.file says which file it is",
        flags: &["--data", "extra.json"],
        policy: "package main
import data.conftest.file
deny contains sprintf(\"%s in %s\", [data.conftest.file.name, data.conftest.file.dir]) if input.kind == data.kind
warn contains file.name if input.kind == data.kind
",
        files: &[("extra.json", "{\"kind\": \"Service\"}")],
        found: &["22: error: all.yaml in .", "22: warning: all.yaml"],
    },
    Case {
        name: "METADATA decides how bad it is",
        flags: &[],
        policy: "# METADATA
# custom:
#   severity: warning
package main

# METADATA
# title: First
# custom:
#   severity: info
deny_a contains \"a\" if input.kind == \"Service\"

deny_b contains \"b\" if input.kind == \"Service\"

# METADATA
# scope: document
# custom: {severity: error}
warn_c contains \"c\" if input.kind == \"Service\"

warn_c contains \"d\" if input.kind == \"Service\"
",
        files: &[],
        found: &["22: error: c", "22: error: d", "22: info: a", "22: warning: b"],
    },
    Case {
        name: "what is found by default is asked for `main` only, and the rest is nobody's surprise",
        flags: &[],
        policy: "package main\ndeny contains \"a\" if input.kind == \"Service\"\n",
        files: &[
            ("policies/library/src.rego", "package k8sfoo\nviolation[{\"msg\": m}] { m := input.review.x }\n"),
            ("policies/library/broken.rego", "package k8sbar\nviolation[{ }\n"),
            ("policies/library/other.rego", "package main.sub\ndeny contains \"b\"\n"),
        ],
        found: &["22: error: a"],
    },
];

fn found(case: &Case) -> Vec<String> {
    let repo = Repo::new();
    repo.file("all.yaml", OBJECTS).file("policy/main.rego", case.policy);
    for (path, text) in case.files {
        repo.file(path, text);
    }
    let words = [&["check", "all.yaml", "--output-format", "json"], case.flags].concat();
    let ran = repo.run(&words);
    let document: serde_json::Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}: {ran:#?}", case.name));
    let mut found: Vec<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let line = &it["location"]["start"]["line"];
            format!("{line}: {}: {}", it["severity"].as_str().unwrap(), it["message"].as_str().unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn conventions_of_conftest_hold() {
    for case in CASES {
        assert_eq!(found(case), case.found, "{}", case.name);
    }
}

/// What a run says that has nothing to ask.
#[test]
fn nothing_passes_because_nobody_asked() {
    let other = "package other\ndeny contains \"a\"\n";
    let plain = "package main\nallow := true\n";
    for (flags, policy, expected) in [
        (&["-p", "policy"][..], other, "no rules to ask in the package `main`: "),
        (&["-p", "policy"], other, "there are some in `other`: ask for them with `--namespace`"),
        (&["-n", "othre"], other, "no rules to ask in the package `othre`: "),
        (&["-n", "other", "-n", "x"], other, "in the package `x`"),
        (&["-p", "policy", "--all-namespaces"], plain, "no rules to ask in any package: "),
        (&["-p", "none"], other, "cannot read `none`"),
        (&["-p", "empty"], other, "no policies in `empty`"),
        (&["-p", "policy", "-p", "empty"], other, "no policies in `empty`"),
        (&["-p", "builtin:team-basic"], other, "did you mean `builtin:team-basics`?"),
        (&["-n", "other", "--data", "empty"], other, "no data in `empty`"),
    ] {
        let repo = Repo::new();
        repo.file("all.yaml", OBJECTS).file("policy/a.rego", policy).file("empty/readme.md", "");
        let ran = repo.run(&[&["check", "all.yaml"], flags].concat());
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{flags:?} {ran:#?}");
        assert!(ran.stderr.contains(expected), "{flags:?} {ran:#?}");
    }
}

#[test]
fn rules_elsewhere_in_what_is_found_by_default_are_told() {
    let repo = Repo::new();
    repo.file("all.yaml", OBJECTS).file("policy/a.rego", "package other\ndeny contains \"a\"\n");
    let ran = repo.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.stderr.contains("warning: no rules to ask in the package `main`: "), "{ran:#?}");
    assert!(ran.stderr.contains("there are some in `other`"), "{ran:#?}");
}

#[test]
fn a_pack_that_is_built_in_is_asked_and_named() {
    let repo = Repo::new();
    repo.file("all.yaml", OBJECTS);
    let ran = repo.run(&["check", "-p", "builtin:team-basics", "--output-format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let label = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["message"].as_str().unwrap().contains("has no label"));
    let label = label.unwrap();
    assert_eq!(label["related"][0]["path"], "builtin:team-basics/labels.rego");
    let help = label["help"].as_str().unwrap();
    assert!(help.starts_with("Workloads carry `app.kubernetes.io/name`"), "{help}");
    let ran = repo.run(&["check", "-p", "builtin:team-basics"]);
    assert!(ran.stdout.contains("[builtin:team-basics/labels.rego:"), "{ran:#?}");
}

#[test]
fn data_that_contradicts_itself_is_a_finding() {
    let repo = Repo::new();
    repo.file("all.yaml", OBJECTS)
        .file("policy/a.rego", "package main\ndeny contains \"a\" if data.x == 1\n");
    repo.file("d/a.yaml", "x: 1\n").file("d/b.yaml", "x: 2\n");
    let ran = repo.run(&["check", "all.yaml", "--data", "d", "--output-format", "concise"]);
    assert!(
        ran.stdout.contains("d/b.yaml:1:1: POL001 policy-does-not-compile: the data has another value"),
        "{ran:#?}"
    );
    assert!(ran.stdout.contains("all.yaml:4:9: POL000"), "{ran:#?}");
}

#[test]
fn a_path_of_policies_with_nothing_but_manifests_is_two() {
    let repo = Repo::new();
    repo.file("web.yaml", OBJECTS).file("other/web.yaml", OBJECTS);
    for path in ["web.yaml", "other"] {
        let ran = repo.run(&["check", "web.yaml", "-p", path]);
        assert!(ran.code == Some(2) && ran.stderr.contains("no policies in"), "{ran:#?}");
    }
}
