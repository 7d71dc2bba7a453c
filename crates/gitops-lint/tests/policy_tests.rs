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

/// The repository with a test that fails, and this above the expression to blame.
fn failing(above: &str) -> Repo {
    let repo = repo();
    let test =
        BAD_TEST.replace("\tcount", &format!("{above}\tcount")).replace("todo_test_more if false\n", "");
    repo.file("policy/b_test.rego", test);
    repo
}

const IGNORED: &str = "\t# gitops-lint: ignore[POL009] see issue #12\n";

#[test]
fn a_failure_that_a_comment_silences_is_skipped() {
    let repo = failing(IGNORED);
    for words in [&["test"][..], &["test", "policy"], &["test", "--run", "denied"]] {
        let ran = repo.run(words);
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        assert!(ran.stdout.contains("SUPPRESSED: 1/") && !ran.stdout.contains("POL009"), "{ran:#?}");
        assert!(ran.stdout.contains("data.main_test.test_nothing_is_denied: SUPPRESSED ("), "{ran:#?}");
    }
    let ran = repo.run(&["test", "--output-format", "json"]);
    let results: Value = serde_json::from_str(&ran.stdout).unwrap();
    let it = &results[1];
    assert_eq!((&it["skip"], &it["suppressed"], it.get("fail")), (&json!(true), &json!(true), None), "{it}");
    assert_eq!(results[0].get("suppressed"), None);
    let ran = repo.run(&["test", "--output-format", "junit"]);
    assert!(ran.stdout.contains("failures=\"0\" errors=\"0\" skipped=\"1\""), "{ran:#?}");
    // Another rule, and another line.
    assert_eq!(failing(&IGNORED.replace("POL009", "POL008")).run(&["test"]).code, Some(1));
    let below = failing("");
    below.file("policy/a_test.rego", format!("{IGNORED}{GOOD_TEST}"));
    assert_eq!(below.run(&["test"]).code, Some(1));
}

#[test]
fn a_suppression_of_a_test_that_holds_is_unused_if_all_tests_were_run() {
    let repo = repo();
    repo.file("policy/a_test.rego", GOOD_TEST.replace("\tdata", &format!("{IGNORED}\tdata")));
    let unused = "policy/a_test.rego:5:2: SUP001 unused-suppression: there is no `POL009` to silence here";
    let concise = |words: &[&str], code: i32| {
        let ran = repo.run(&[&["test", "--output-format", "concise"], words].concat());
        assert_eq!(ran.code, Some(code), "{ran:#?}");
        ran.stdout
    };
    for words in [&[][..], &["policy"], &["."]] {
        assert!(concise(words, 1).starts_with(unused), "{words:?}");
    }
    repo.file("more.json", "{}");
    for words in [&["policy/a_test.rego", "policy/a.rego"][..], &["--run", "team"], &["--data", "more.json"]]
    {
        assert_eq!(concise(words, 0), "PASS: 1/1\n", "{words:?}");
    }
    // What does not compile may be what the test is about.
    repo.file("policy/c.rego", "package c\n\nx if {\n");
    assert!(!concise(&[], 1).contains("SUP001"));
    repo.file("policy/c.rego", "package c\n");
    assert!(concise(&[], 1).contains("SUP001"));
    repo.file("policy/c.rego", "package c\n\n# gitops-lint: ignore-file[SUP001]\n");
    assert!(concise(&[], 1).contains("SUP001"), "what another file says is of no use here");
    repo.file("gitops-lint.toml", "ignore = [\"SUP001\"]\n");
    assert_eq!(concise(&[], 0), "PASS: 1/1\n");
}

#[test]
fn notes_about_policies_without_tests_are_silenced_likewise() {
    let repo = repo();
    let other = |above: &str| {
        POLICY.replace("package main", "package other").replace("deny", &format!("{above}deny"))
    };
    repo.file("policy/more/b.rego", other(""));
    assert!(repo.run(&["test"]).stdout.contains("POL008"));
    repo.file("policy/more/b.rego", other("# gitops-lint: ignore[POL008] an example\n"));
    assert_eq!(repo.run(&["test"]).stdout, "PASS: 1/1\n");
}

#[test]
fn the_options_silence_what_tests_find() {
    let repo = failing("");
    let entry = |path: &str| format!("[[ignore]]\nrules = [\"POL009\"]\npath = \"{path}\"\nreason = \"x\"\n");
    for (options, code) in [
        ("ignore = [\"POL009\"]\n", 0),
        ("ignore = [\"POL\"]\n", 0),
        ("ignore = [\"POL\"]\nextend-select = [\"POL009\"]\n", 1),
        // It is made for checks, and no test passes because of it.
        ("select = [\"KUS\"]\n", 1),
        ("severity = { POL009 = \"info\" }\n", 0),
        ("severity = { POL009 = \"off\" }\n", 0),
        ("[[overrides]]\npaths = [\"policy/\"]\nignore = [\"POL009\"]\n", 0),
        ("[[overrides]]\npaths = [\"other/\"]\nignore = [\"POL009\"]\n", 1),
        (&entry("policy/"), 0),
        (&entry("other/"), 1),
    ] {
        repo.file("gitops-lint.toml", options);
        for words in [&["test"][..], &["test", "policy"]] {
            assert_eq!(repo.run(words).code, Some(code), "{options}: {:#?}", repo.run(words));
        }
        assert_eq!(repo.run(&["test", "policy", "--isolated"]).code, Some(1));
    }
    repo.file("policy/b_test.rego", "package b\n").file("gitops-lint.toml", entry("policy/"));
    let ran = repo.run(&["test", "--output-format", "concise"]);
    assert!(ran.stdout.starts_with("gitops-lint.toml:1:1: SUP001 "), "{ran:#?}");
}
