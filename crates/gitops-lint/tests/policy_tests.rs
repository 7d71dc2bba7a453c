//! `gitops-lint test`: formats, exit codes, and what is looked at.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::{GOOD, Repo};

const POLICY: &str = "package main\n\ndeny contains \"no team\" if {\n\tnot input.metadata.labels.team\n}\n";
const GOOD_TEST: &str = "package main_test\n\ntest_a_team_is_wanted if {\n\tprint(\"asked\")\n\tdata.main.deny with input as {}\n}\n";
const BAD_TEST: &str = "package main_test\n\ntest_nothing_is_denied if {\n\tcount(data.main.deny) == 0 with input as {}\n}\n\ntodo_test_more if false\n";

fn repo() -> Repo {
    let repo = Repo::new();
    repo.file("policy/a.rego", POLICY).file("policy/a_test.rego", GOOD_TEST).file("web.yaml", GOOD);
    repo
}

#[test]
fn tests_that_pass_are_zero_and_counted() {
    let repo = repo();
    let ran = repo.run(&["test"]);
    assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), "PASS: 1/1\n", ""), "{ran:#?}");
    let ran = repo.run(&["test", "policy/a.rego", "policy/a_test.rego", "-v"]);
    assert!(
        ran.stdout.starts_with("policy/a_test.rego:\ndata.main_test.test_a_team_is_wanted: PASS ("),
        "{ran:#?}"
    );
    assert!(ran.stdout.contains("\n  policy/a_test.rego:4: asked\n"), "{ran:#?}");
    // Rego that is named is not also read as data.
    assert!(ran.code == Some(0) && !ran.stdout.contains("YML001"), "{ran:#?}");
    let ran = repo.run(&["test", "policy", "--data", "policy/a.rego"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("no data in `policy/a.rego`"), "{ran:#?}");
}

#[test]
fn a_test_that_fails_is_one_and_shows_the_expression() {
    let repo = repo();
    repo.file("policy/b_test.rego", BAD_TEST);
    let ran = repo.run(&["test"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    for part in [
        "data.main_test.test_nothing_is_denied: FAIL (",
        "data.main_test.todo_test_more: SKIPPED\n",
        "POL009 policy-test-failed",
        "[policy/b_test.rego:4:2]",
        "`count(data.main.deny)` is 1",
        "PASS: 1/3\nFAIL: 1/3\nSKIPPED: 1/3\n",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn a_pattern_chooses_among_the_tests() {
    let repo = repo();
    repo.file("policy/b_test.rego", BAD_TEST);
    assert_eq!(repo.run(&["test", "--run", "^data.main_test.test_a_"]).stdout, "PASS: 1/1\n");
    let ran = repo.run(&["test", "--run", "main.test_none"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
    assert!(ran.stderr.contains("no test matches `main.test_none`: there are 3 tests"), "{ran:#?}");
    assert_eq!(repo.run(&["test", "--run", "("]).code, Some(2));
}

#[test]
fn a_folder_without_tests_is_two() {
    let repo = Repo::new();
    repo.file("policy/a.rego", POLICY).file("web.yaml", GOOD).file("other/readme.md", "");
    let ran = repo.run(&["test"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
    assert!(ran.stderr.contains("no tests in `policy`: 1 `*.rego` file is there"), "{ran:#?}");
    assert!(ran.stderr.contains("manifests are checked by `gitops-lint check`"), "{ran:#?}");
    let ran = repo.run(&["test", "other"]);
    assert!(ran.stderr.starts_with("error: no policies in `other`"), "{ran:#?}");
    assert_eq!(repo.run(&["test", "gone"]).code, Some(2));
}

#[test]
fn a_policy_that_does_not_compile_is_told_and_the_other_tests_run() {
    let repo = repo();
    repo.file("policy/broken.rego", "package broken\n\nx if {\n");
    let ran = repo.run(&["test", "--output-format", "concise"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.starts_with("policy/broken.rego:3:7: POL001 policy-does-not-compile: "), "{ran:#?}");
    assert!(ran.stdout.ends_with("PASS: 1/1\n"), "{ran:#?}");
}

#[test]
fn data_beside_the_policies_is_loaded_and_manifests_are_none() {
    let repo = repo();
    repo.file("policy/regions/data.yaml", "names: [eu]\n")
        .file("policy/web.yaml", GOOD)
        .file("more.json", "{\"x\": 1}");
    repo.file(
        "policy/d_test.rego",
        "package d\ntest_regions if data.regions.names == [\"eu\"]\ntest_kind if not data.kind\n",
    );
    assert_eq!(repo.run(&["test"]).stdout, "PASS: 3/3\n");
    repo.file("policy/x_test.rego", "package y\ntest_x if data.x == 1\n");
    assert_eq!(repo.run(&["test"]).code, Some(1));
    assert_eq!(repo.run(&["test", "--data", "more.json"]).stdout, "PASS: 4/4\n");
}

#[test]
fn json_is_that_of_opa_with_findings() {
    let repo = repo();
    repo.file("policy/b_test.rego", BAD_TEST);
    let ran = repo.run(&["test", "--output-format", "json"]);
    assert_eq!(ran.code, Some(1));
    let results: Value = serde_json::from_str(&ran.stdout).unwrap();
    let good = &results[0];
    assert_eq!(good["location"], json!({"file": "policy/a_test.rego", "row": 3, "col": 1}));
    assert_eq!(
        (&good["package"], &good["name"]),
        (&json!("data.main_test"), &json!("test_a_team_is_wanted"))
    );
    assert!(good["duration"].as_u64().unwrap() > 0 && good.get("fail").is_none(), "{good}");
    assert_eq!(results[1]["fail"], true);
    assert_eq!(results[1]["findings"][0]["code"], "POL009");
    assert_eq!(results[2]["skip"], true);
}

#[test]
fn junit_has_a_suite_for_each_package() {
    let repo = repo();
    repo.file("policy/b_test.rego", BAD_TEST);
    let ran = repo.run(&["test", "--output-format", "junit"]);
    assert!(ran.stdout.contains(
        "<testsuite name=\"data.main_test\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""
    ));
    assert!(
        ran.stdout.contains("<failure message=\"`test_nothing_is_denied` fails: `count(data.main.deny)` is 1\">policy/b_test.rego:4:2: ")
    );
}

#[test]
fn coverage_is_told_and_may_be_demanded() {
    let repo = repo();
    repo.file("policy/b.rego", "package other\n\nx := 1 if {\n\tinput.a\n\tinput.b\n}\n");
    let ran = repo.run(&["test", "--coverage"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains("policy/a.rego: 100 %\n"), "{ran:#?}");
    assert!(ran.stdout.contains("policy/b.rego: 0 %, not evaluated: policy/b.rego:3-5\n"), "{ran:#?}");
    let ran = repo.run(&["test", "--coverage", "--threshold", "90"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("and 90 % are wanted"), "{ran:#?}");
    let ran = repo.run(&["test", "--coverage", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let file = &report["files"]["policy/b.rego"];
    assert_eq!(file["not_covered"], json!([{"start": {"row": 3}, "end": {"row": 5}}]));
    assert_eq!((&file["not_covered_lines"], &file["coverage"]), (&json!(3), &json!(0.0)));
    assert_eq!(report["not_covered_lines"], 3);
}

#[test]
fn packs_that_are_built_in_have_tests_of_every_line() {
    let repo = Repo::new();
    let ran = repo.run(&["test", "builtin:team-basics", "--coverage", "--threshold", "100"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.stdout.contains("builtin:team-basics/labels.rego: 100 %\n"), "{ran:#?}");
    let ran = repo.run(&["test", "builtin:team-basic"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("did you mean `builtin:team-basics`?"), "{ran:#?}");
}

#[test]
fn folders_with_copies_of_one_library_are_tested_apart() {
    let repo = Repo::new();
    for (folder, name) in [("one", "a"), ("two", "b")] {
        let helper = format!("package lib.exempt\nis_exempt(it) {{ it.name == \"{name}\" }}\n");
        let test = format!(
            "package rules\ntest_exempt {{ count(violation) == 0 with input as {{\"name\": \"{name}\"}} }}\n\
             test_other {{ count(violation) == 1 with input as {{\"name\": \"c\"}} }}\n"
        );
        repo.file(&format!("src/{folder}/lib.rego"), &helper);
        let rule = "package rules\nviolation[{\"msg\": \"no\"}] { not data.lib.exempt.is_exempt(input) }\n";
        repo.file(&format!("src/{folder}/src.rego"), rule);
        repo.file(&format!("src/{folder}/src_test.rego"), &test);
    }
    let ran = repo.run(&["test", "src"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), "PASS: 4/4\n"), "{ran:#?}");
}
