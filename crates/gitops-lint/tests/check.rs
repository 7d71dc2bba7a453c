//! `gitops-lint check`: formats, exit codes, and what is looked at.
#![allow(clippy::unwrap_used)]

mod support;

use support::{GOOD, Repo};

const HALF: &str = "# half\n\u{e9}: 1\nmetadata: {name: a}\nkind: Pod\nspec: {}\n";

#[test]
fn nothing_found_is_zero_and_says_what_was_looked_at() {
    let repo = Repo::new();
    repo.file("a.yaml", GOOD);
    let ran = repo.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert_eq!(ran.stdout, "nothing found in 1 root (1 object, 1 file)\n");
    assert_eq!(ran.stderr, "");
}

#[test]
fn warnings_and_errors_are_one() {
    let repo = Repo::new();
    repo.file("a.yaml", HALF);
    assert_eq!(repo.findings(1), ["a.yaml:2:1: YML006 not-an-object: this document has no `apiVersion`"]);
    repo.file("b.yaml", "a: [\n");
    assert_eq!(repo.findings(1).len(), 2);
}

#[test]
fn the_versions_of_kubernetes_can_be_chosen() {
    let repo = Repo::new();
    repo.file("a.yaml", "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n");
    let run =
        |versions: &str| repo.run(&["check", "--output-format", "concise", "--kubernetes-version", versions]);
    let ran = run("1.24-1.25,1.33");
    let expected = "a.yaml:1:13: DEP001 api-removed: `PodDisruptionBudget` of `policy/v1beta1` is gone since \
                    Kubernetes 1.25 (in Kubernetes 1.25, 1.33)\n";
    assert!(ran.stdout.starts_with(expected), "{ran:#?}");
    assert_eq!(run("1.24").code, Some(1));
    let ran = run("1.20");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("the schemas of Kubernetes 1.21 to 1.37 are built in"), "{ran:#?}");
}

#[test]
fn without_strictness_unknown_fields_and_repeated_keys_pass() {
    let repo = Repo::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndate: {}\ndata: {a: 1, a: b}\n";
    repo.file("a.yaml", map).file("b.yaml", map.replace("a: 1,", ""));
    let run = |words: &[&str]| repo.run(&[&["check", "--output-format", "concise"], words].concat());
    let ran = run(&[]);
    assert!(
        ran.stdout.contains("a.yaml:5:14: YML002") && ran.stdout.contains("b.yaml:4:1: SCH002"),
        "{ran:#?}"
    );
    let ran = run(&["--no-strict"]);
    assert_eq!(ran.stdout, "nothing found in 2 roots (2 objects, 2 files)\n");
    // The last one counts, and kustomize takes none of it.
    repo.file("a.yaml", map.replace("a: 1, a: b", "a: b, a: 1"));
    let ran = run(&["--no-strict", "a.yaml"]);
    assert!(ran.stdout.starts_with("a.yaml:5:17: YML004"), "{ran:#?}");
    repo.file("kustomization.yaml", "resources: [a.yaml]\n");
    let ran = run(&["--no-strict"]);
    assert!(ran.stdout.starts_with("a.yaml:5:14: YML002"), "{ran:#?}");
    repo.file("c.yaml", "a: [\n");
    assert!(run(&["--no-strict"]).stdout.contains("YML001"));
}

#[test]
fn a_part_of_a_repository_knows_the_definitions_of_the_rest() {
    let repo = Repo::new();
    let widget = "apiVersion: acme.io/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: big}\n";
    repo.file("apps/a.yaml", widget);
    assert_eq!(
        repo.findings_of(&["apps"], 1),
        ["apps/a.yaml:2:7: SCH003 schema-missing: no schema is known for `Widget` of `acme.io/v1`"]
    );
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.acme.io}\n\
        spec:\n  group: acme.io\n  names: {kind: Widget, plural: widgets}\n  scope: Namespaced\n  versions:\n  - name: v1\n    \
        served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          \
        spec: {type: object, properties: {size: {type: integer}}}\n";
    repo.file("crds/widget.yaml", definition);
    let found = repo.findings_of(&["apps"], 1);
    assert!(found.len() == 1 && found[0].starts_with("apps/a.yaml:4:14: SCH001"), "{found:?}");
    assert_eq!(repo.findings_of(&["apps/a.yaml"], 1), found);
    assert_eq!(repo.findings(1), found);
}

#[test]
fn a_path_that_is_not_there_is_two() {
    let repo = Repo::new();
    repo.file("a.yaml", GOOD);
    let ran = repo.run(&["check", "a.yaml", "gone"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
    assert!(ran.stderr.starts_with("error: cannot read `gone`: No such file"), "{ran:#?}");
}

#[test]
fn nothing_to_check_is_two_and_says_what_was_looked_for() {
    let repo = Repo::new();
    repo.file("values.yaml", "a: 1\n").file("readme.md", "a");
    for words in [&["check"][..], &["check", "--policy", ".", "."]] {
        let ran = repo.run(words);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
    }
    let ran = repo.run(&["check"]);
    assert!(ran.stderr.starts_with("error: nothing to check in `.`: looked for kustomizations"), "{ran:#?}");
}

#[test]
fn a_directory_without_policies_is_two() {
    let repo = Repo::new();
    repo.file("a.yaml", GOOD).file("policies/readme.md", "");
    let ran = repo.run(&["check", "-p", "policies"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error: no policies in `policies`"), "{ran:#?}");
}

#[test]
fn policies_are_asked_about_every_object() {
    let repo = Repo::new();
    // Brought along by some other tool, and so not in the repository.
    repo.file(".gitignore", "rules/\n").file("web.yaml", GOOD).file(
        "rules/deep/names.rego",
        "package main\n\nimport rego.v1\n\ndeny contains msg if {\n    input.metadata.name == \"web\"\n    \
         msg := \"the name `web` says nothing\"\n}\n",
    );
    assert!(repo.findings(0).is_empty());
    let ran = repo.run(&["check", "-p", "rules", "--output-format", "concise"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("POL000") && ran.stdout.contains("the name `web` says nothing"), "{ran:#?}");
}

#[test]
fn ignored_and_hidden_files_are_left_out_unless_they_are_named() {
    let repo = Repo::new();
    repo.file("a.yaml", GOOD).file(".gitignore", "out/\n");
    repo.file("out/b.yaml", "a: [\n").file(".github/c.yaml", "a: [\n").file("d.txt", "a: [\n");
    assert!(repo.findings(0).is_empty());
    let ran = repo.run(&["check", "--output-format", "concise", "out/b.yaml", ".github", "d.txt"]);
    let places: Vec<&str> = ran.stdout.lines().filter_map(|it| it.split(':').next()).collect();
    assert_eq!(places[..3], [".github/c.yaml", "d.txt", "out/b.yaml"], "{ran:#?}");
}

#[test]
fn paths_are_shown_from_the_working_directory() {
    let repo = Repo::new();
    repo.file("a b/c.yaml", HALF).file("d/e.yaml", GOOD);
    let ran = repo.run_in("d", &["check", "--output-format", "concise", "..", "."]);
    assert!(ran.stdout.starts_with("../a b/c.yaml:2:1: YML006"), "{ran:#?}");
}

#[test]
fn json_has_every_field_and_nothing_else() {
    let repo = Repo::new();
    repo.file("a.yaml", format!("a: \u{e9}\n---\n{GOOD}")).file("b.yaml", "\u{e9}: 1\nb: 2\nb: 3\n");
    let ran = repo.run(&["check", "--output-format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let expected = serde_json::json!({
        "version": 1,
        "findings": [
            {
                "code": "YML006", "name": "not-an-object", "severity": "warning",
                "message": "this document has no `apiVersion` and no `kind`",
                "location": {"path": "a.yaml", "start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 2}},
                "related": [], "object": null, "pointer": null, "roots": [], "fix": null,
                "help": "add what is missing, or keep files that are no manifests somewhere else",
            },
            {
                "code": "YML002", "name": "duplicate-key", "severity": "error",
                "message": "the key `b` is here a second time",
                "location": {"path": "b.yaml", "start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 2}},
                "related": [{
                    "path": "b.yaml", "start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 2},
                    "message": "the first one",
                }],
                "object": null, "pointer": null, "roots": [], "fix": null, "help": "delete one of the two, or merge them",
            },
        ],
        "suppressed": [],
        "summary": {"errors": 1, "warnings": 1, "infos": 0, "suppressed": 0, "files": 2, "roots": 1, "objects": 1},
    });
    assert_eq!(document, expected);
}

#[test]
fn json_tells_how_a_finding_can_be_mended() {
    let repo = Repo::new();
    repo.file("base/kustomization.yaml", "resources: [a.yaml]\n").file("base/a.yaml", GOOD);
    repo.file("kustomization.yaml", "bases: [base]\n");
    let ran = repo.run(&["check", "--output-format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let expected = serde_json::json!({
        "message": "replace `bases` by `resources`",
        "safe": true,
        "edits": [{
            "path": "kustomization.yaml", "start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 6},
            "text": "resources",
        }],
    });
    assert_eq!(document["findings"][0]["fix"], expected);
}

#[test]
fn the_report_shows_the_source() {
    let repo = Repo::new();
    repo.file("a.yaml", HALF);
    let ran = repo.run(&["check"]);
    let expected = "\
YML006 not-an-object

  ⚠ this document has no `apiVersion`
   ╭─[a.yaml:2:1]
 1 │ # half
 2 │ é: 1
   · ─
 3 │ metadata: {name: a}
   ╰────
  help: add what is missing, or keep files that are no manifests somewhere else

1 warning in 0 roots (0 objects, 1 file)
";
    assert_eq!(ran.stdout, expected, "\n{}", ran.stdout);
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let repo = Repo::new();
    repo.file("a.yaml", HALF);
    assert!(!repo.run(&["check"]).stdout.contains('\u{1b}'));
    assert!(repo.run(&["check", "--color", "always"]).stdout.contains('\u{1b}'));
    assert!(!repo.run(&["check", "--color", "never"]).stdout.contains('\u{1b}'));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let repo = Repo::new();
    for index in 0..50 {
        repo.file(&format!("{index}.yaml"), HALF);
    }
    let one = repo.run(&["check", "-j", "1"]);
    assert_eq!(one.stdout, repo.run(&["check", "-j", "7"]).stdout);
    assert!(one.stdout.ends_with("50 warnings in 0 roots (0 objects, 50 files)\n"), "{one:#?}");
}

#[test]
fn version_and_help_are_there() {
    let repo = Repo::new();
    let ran = repo.run(&["--version"]);
    assert_eq!(ran.stdout, format!("gitops-lint {}\n", env!("CARGO_PKG_VERSION")));
    for words in [&["--help"][..], &["check", "--help"], &["render", "--help"]] {
        let ran = repo.run(words);
        assert!(ran.code == Some(0) && ran.stdout.contains("Examples:"), "{ran:#?}");
    }
}

/// A base with a defect, and three overlays.
fn overlays() -> Repo {
    let repo = Repo::new();
    repo.file("base/web.yaml", format!("{GOOD}---\na: 1\n"))
        .file("base/kustomization.yaml", "resources: [web.yaml]");
    for name in ["dev", "prod", "staging"] {
        repo.file(&format!("overlays/{name}/kustomization.yaml"), "resources: [../../base]\n");
    }
    repo
}

#[test]
fn a_defect_of_the_base_is_one_finding_that_names_the_overlays() {
    let repo = overlays();
    let ran = repo.run(&["check"]);
    assert!(
        ran.stdout.contains("☞ seen in overlays/dev, also in 2 overlays: overlays/prod, overlays/staging\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("base/web.yaml:9:1"), "{}", ran.stdout);
    let ran = repo.run_in("overlays", &["check", "--output-format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["findings"].as_array().unwrap().len(), 1);
    assert_eq!(document["findings"][0]["roots"], serde_json::json!(["dev", "prod", "staging"]));
    assert_eq!(document["summary"]["roots"], 3);
}

#[test]
fn an_overlay_alone_finds_its_base() {
    let repo = overlays();
    for (dir, path) in
        [("", "overlays/prod"), ("overlays/prod", "."), ("overlays", "prod/kustomization.yaml")]
    {
        let ran = repo.run_in(dir, &["check", "--output-format", "concise", path]);
        assert!(ran.stdout.contains("base/web.yaml:9:1: YML006"), "{ran:#?}");
        assert!(ran.stdout.contains("1 root"), "{ran:#?}");
    }
}

#[test]
fn a_patch_that_is_named_stands_for_its_overlay() {
    let repo = overlays();
    let patch = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort}\n";
    repo.file("overlays/prod/type.yaml", patch);
    repo.file("overlays/prod/kustomization.yaml", "resources: [../../base]\npatches: [{path: type.yaml}]\n");
    let ran = repo.run(&["check", "--output-format", "concise", "overlays/prod/type.yaml"]);
    assert!(ran.stdout.contains("1 root"), "{ran:#?}");
}

#[test]
fn the_level_that_fails_can_be_chosen() {
    let repo = Repo::new();
    repo.file("a.yaml", HALF);
    for (words, code) in [
        (&["--fail-on", "error"][..], 0),
        (&["--fail-on", "warning"], 1),
        (&["--fail-on", "info"], 1),
        (&["--fail-on", "never"], 0),
        (&["--exit-zero"], 0),
        (&[], 1),
    ] {
        let ran = repo.run(&[&["check"], words].concat());
        assert_eq!(ran.code, Some(code), "{words:?}");
        assert!(ran.stdout.contains("YML006"), "{ran:#?}");
    }
    repo.file("b.yaml", "a: [\n");
    assert_eq!(repo.run(&["check", "--fail-on", "error"]).code, Some(1));
    // What could not be done is no finding.
    assert_eq!(repo.run(&["check", "--exit-zero", "gone"]).code, Some(2));
    assert_eq!(repo.run(&["check", "--exit-zero", "--fail-on", "info"]).code, Some(2));
}

#[test]
fn findings_are_counted_by_rule() {
    let repo = Repo::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 1, b: 2}\n";
    repo.file("a.yaml", map).file("b.yaml", HALF);
    let ran = repo.run(&["check", "--statistics"]);
    let expected = "2  YML004  [*] non-string-value\n1  YML006  [ ] not-an-object\n2 errors and 1 warning in 1 root (1 object, \
                    2 files)\n[*] 2 fixable with --fix\n";
    assert_eq!((ran.code, &*ran.stdout), (Some(1), expected), "{ran:#?}");
    let ran = repo.run(&["check", "--statistics", "--output-format", "json"]);
    let counts: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let first = serde_json::json!({ "code": "YML004", "name": "non-string-value", "count": 2, "fixable": 2 });
    assert_eq!((&counts[0], counts.as_array().unwrap().len()), (&first, 2));
}

#[test]
fn a_quiet_check_writes_findings_only() {
    let repo = Repo::new();
    repo.file("a.yaml", HALF);
    let ran = repo.run(&["check", "-q", "--output-format", "concise"]);
    assert_eq!(ran.stdout, "a.yaml:2:1: YML006 not-an-object: this document has no `apiVersion`\n");
    let full = repo.run(&["check", "--quiet"]).stdout;
    assert!(full.starts_with("YML006 ") && !full.contains("1 warning"), "{full}");
    repo.file("a.yaml", GOOD.replace("port: 80", "port: '80'"));
    let ran = repo.run(&["check", "--quiet", "--fix"]);
    assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), "", ""));
}

#[test]
fn a_file_may_come_from_an_editor() {
    let repo = Repo::new();
    repo.file("base/kustomization.yaml", "resources: [web.yaml]\n").file("base/web.yaml", "a: [");
    let run = |dir: &str, name: &str, text: &str| {
        let words = ["check", "--output-format", "concise", "--stdin-filename", name];
        repo.run_given(dir, &words, &[], text)
    };
    let ran = run("", "base/web.yaml", GOOD);
    assert_eq!(ran.stdout, "nothing found in 1 root (1 object, 1 file)\n", "{ran:#?}");
    let ran = run("base", "web.yaml", &GOOD.replace("80", "eighty"));
    assert!(ran.code == Some(1) && ran.stdout.starts_with("web.yaml:7:11: SCH001"), "{ran:#?}");
    let ran = run("", "base/new.yaml", GOOD);
    assert!(ran.stdout.contains("base/new.yaml:1:1: KUS006"), "{ran:#?}");
    assert_eq!(run("", "gone/new.yaml", GOOD).code, Some(2));
    assert_eq!(run("", "base", GOOD).code, Some(2));
    assert_eq!(repo.run(&["check", "base", "--stdin-filename", "a.yaml"]).code, Some(2));
}

#[test]
fn what_is_done_is_told_if_somebody_wants_to_know() {
    let repo = Repo::new();
    repo.file("a.yaml", GOOD);
    let ran = repo.run(&["check", "--verbose"]);
    assert!(ran.stdout.starts_with("nothing found"), "{ran:#?}");
    let facts =
        ["info: the repository is `/", "info: no options file", "info: no baseline", "info: no policies"];
    let phases = ["reading 1: ", "planning 0: ", "building 0: ", "checking 1: ", "merging 0: "];
    for told in [&facts[..], &phases].concat() {
        assert!(ran.stderr.contains(told), "{told}: {ran:#?}");
    }
    repo.file("kustomization.yaml", "resources: [a.yaml]\n").file("gitops-lint.toml", "strict = true\n");
    repo.file(
        "policy/a.rego",
        "package main\n\nimport rego.v1\n\ndeny contains \"no\" if input.kind == \"Pod\"\n",
    );
    // What has nothing to accept needs no baseline.
    repo.file("a.yaml", GOOD.replace("80", "eighty"));
    let ran = repo.run(&["baseline"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    let ran = repo.run(&["check", "--verbose", "-p", "policy", "a.yaml"]);
    let facts = [
        "the options are those of `gitops-lint.toml`",
        "the baseline is `gitops-lint.baseline.json`",
        "1 file of policies",
        "1 named file, to be seen in 1 kustomization: `.`",
    ];
    for told in facts {
        assert!(ran.stderr.contains(&format!("info: {told}\n")), "{told}: {ran:#?}");
    }
    let ran = repo.file("conf/app.env", "a=b\n").run(&["check", "--verbose", "conf/app.env"]);
    for told in ["no YAML files to check, ", "1 named file, to be seen in no kustomization\n"] {
        assert!(ran.stderr.contains(&format!("info: {told}")), "{told}: {ran:#?}");
    }
    assert_eq!(repo.run(&["check", "--verbose", "--quiet"]).code, Some(2));
}
