//! Tests of policies, run.

use super::*;
use crate::policy::DataFile;
use crate::policy::test_case::Outcome;
use crate::source::MemoryTree;
use crate::sources::Sources;

/// A line for each result, with what is said about it and what it printed, then the findings of the compiler.
fn run(files: &[(&str, &str)]) -> Vec<String> {
    run_with(files, &|_| true, &mut |_| {})
}

fn run_with(
    files: &[(&str, &str)],
    wanted: &(dyn Fn(&Test) -> bool + Sync),
    after: &mut dyn FnMut(&TestSet),
) -> Vec<String> {
    let mut tree = MemoryTree::new();
    for (path, text) in files {
        tree.insert(path, text);
    }
    let sources = Sources::new(&tree);
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let of =
        |end: &str| files.iter().map(|it| it.0).filter(|it| it.ends_with(end)).map(open).collect::<Vec<_>>();
    let data = of(".json").into_iter().map(|file| DataFile { file, root: RepoPath::root() });
    let (data, unusable) = Data::read(&data.collect::<Vec<_>>());
    assert!(unusable.is_empty());
    let policy = PolicyOptions { data, ..PolicyOptions::default() };
    let (set, broken) = TestSet::compile(&TestOptions { policy, with_coverage: true }, &of(".rego"));
    let at = |span: Span| {
        let (path, start, end) = sources.place(span);
        format!("{path}:{}:{}-{}", start.line, start.column, end.column)
    };
    let told = |it: &Diagnostic| {
        format!("{} {}: {} [{}]", it.rule.code, at(it.span()), it.message, it.labels[0].text)
    };
    let mut lines = vec![];
    for (case, _) in set.run(wanted) {
        let (word, found) = match &case.outcome {
            Outcome::Passed => ("pass", &vec![]),
            Outcome::Skipped => ("skip", &vec![]),
            Outcome::Failed(found) => ("FAIL", found),
            Outcome::Errored(found) => ("ERROR", found),
        };
        lines.push(format!("{word} {}.{}", case.group, case.name));
        lines.extend(found.iter().map(told));
        lines.extend(case.prints.iter().map(|it| format!("> {it}")));
    }
    lines.extend(broken.iter().map(told));
    after(&set);
    lines
}

const POLICY: &str = "package main
deny contains msg if {
\tinput.kind == \"Pod\"
\tmsg := sprintf(\"%s is a pod\", [input.name])
}
is_known(name) if name in data.known.names
";

#[test]
fn each_definition_is_a_test_of_its_own() {
    let tests = "package main_test
import data.main
pod := {\"kind\": \"Pod\", \"name\": \"a\"}
test_denies if main.deny == {\"a is a pod\"} with input as pod
test_denies if main.deny with input as {}
test_false := false
test_text := \"x\"
test_object := {\"a\": 1}
todo_test_later if false
test_data if main.is_known(\"b\")
test_mocked_data if main.is_known(\"c\") with data.known as {\"names\": [\"c\"]}
helper if false
test_prints if { print(\"seen\", pod.name, input.x); pod.kind == \"Pod\" }
";
    let files = [("p/a.rego", POLICY), ("p/a_test.rego", tests), ("known/data.json", "{\"names\": [\"b\"]}")];
    assert_eq!(
        run(&files),
        [
            "pass data.main_test.test_denies",
            "pass data.main_test.test_denies#01",
            "FAIL data.main_test.test_false",
            "POL009 p/a_test.rego:6:1-11: `test_false` is false, and not `true` []",
            "FAIL data.main_test.test_text",
            "POL009 p/a_test.rego:7:1-10: `test_text` is a string, and not `true` []",
            "FAIL data.main_test.test_object",
            "POL009 p/a_test.rego:8:1-12: `test_object` is an object, and not `true` []",
            "skip data.main_test.todo_test_later",
            "pass data.main_test.test_data",
            "pass data.main_test.test_mocked_data",
            "pass data.main_test.test_prints",
            "> p/a_test.rego:13: seen a <undefined>",
        ]
    );
}

#[test]
fn the_first_expression_that_does_not_hold_is_to_blame() {
    let tests = "package main
test_count if {
\tfound := deny with input as {\"kind\": \"Pod\", \"name\": \"a\"}
\tcount(found) == 2
\tsome msg in found
\tmsg == \"b\"
}
test_text if {
\tsome msg in deny with input as {\"kind\": \"Pod\", \"name\": \"a\"}
\tmsg == \"b\"
}
test_not if not is_known(\"x\") with data.known.names as [\"x\"]
test_undefined if input.x.y
test_every if {
\tevery name in [\"a\", \"b\"] { name == \"a\" }
}
";
    assert_eq!(
        run(&[("a.rego", POLICY), ("b_test.rego", tests)]),
        [
            "FAIL data.main.test_count",
            "POL009 b_test.rego:4:2-19: `test_count` fails: `count(found)` is 1, `found` is [\"a is a pod\"] [this does not hold]",
            "FAIL data.main.test_text",
            "POL009 b_test.rego:10:2-12: `test_text` fails: `msg` is \"a is a pod\" [this does not hold]",
            "FAIL data.main.test_not",
            "POL009 b_test.rego:12:13-61: `test_not` fails: `is_known(\"x\")` is true [this does not hold]",
            "FAIL data.main.test_undefined",
            "POL009 b_test.rego:13:19-28: `test_undefined` fails: `input.x.y` is undefined [this does not hold]",
            "FAIL data.main.test_every",
            "POL009 b_test.rego:15:2-42: `test_every` fails [this does not hold]",
        ]
    );
}

#[test]
fn each_case_is_a_result() {
    let tests = "package a
test_double[case.note] if {
\tsome case in [{\"note\": \"two\", \"a\": 1, \"b\": 2}, {\"note\": \"three\", \"a\": 1, \"b\": 3}]
\tdoubled := case.a * 2
\tdoubled == case.b
}
test_deep[kind][name] if {
\tsome kind, names in {\"x\": [\"a\", \"b\"]}
\tsome name in names
\tname == \"a\"
}
test_none[name] if {
\tsome name in []
}
";
    assert_eq!(
        run(&[("a_test.rego", tests)]),
        [
            "FAIL data.a.test_double[three]",
            "POL009 a_test.rego:5:2-19: `test_double[three]` fails: `doubled` is 2, `case.b` is 3, `case` is {\"a\":1,\"b\":3,\"note\":\"three\"} [this does not hold]",
            "pass data.a.test_double[two]",
            "pass data.a.test_deep[x][a]",
            "FAIL data.a.test_deep[x][b]",
            "POL009 a_test.rego:10:2-13: `test_deep[x][b]` fails: `name` is \"b\" [this does not hold]",
            "FAIL data.a.test_none",
            "POL009 a_test.rego:13:2-17: `test_none` has no case [this does not hold]",
        ]
    );
}

#[test]
fn old_modules_are_tested_too() {
    let tests = "package a
test_old { x := 1; x == 2 }
test_mixed[note] { note := \"a\" }
test_good { count({1, 2}) == 2 }
";
    assert_eq!(
        run(&[("a.rego", tests)]),
        [
            "FAIL data.a.test_old",
            "POL009 a.rego:2:20-26: `test_old` fails: `x` is 1 [this does not hold]",
            "FAIL data.a.test_mixed",
            "POL009 a.rego:3:1-11: `test_mixed` is a set, and not `true` []",
            "pass data.a.test_good",
        ]
    );
}

#[test]
fn a_test_that_cannot_be_evaluated_is_an_error_and_the_others_go_on() {
    let tests = "package a
f(x) := 1 if x > 0
f(x) := 2 if x > 1
test_conflict if f(2) == 1
test_builtin if not to_number(\"x\")
test_good if true
";
    let lines = run(&[("a.rego", tests), ("b.rego", "package b\ntest_x if {")]);
    assert_eq!(lines[0], "ERROR data.a.test_conflict");
    assert!(lines[1].starts_with("POL001 a.rego:"), "{lines:#?}");
    assert_eq!(lines[2..4], ["pass data.a.test_builtin", "pass data.a.test_good"]);
    assert!(lines[4].starts_with("POL001 b.rego:2:"), "{lines:#?}");
}

#[test]
fn lines_are_counted_of_all_files() {
    let tests = "package main_test\ntest_a if data.main.deny == set() with input as {}\n";
    let unused = "package other\nx := 1 if {\n\tinput.a\n}\n";
    let files = [("a.rego", POLICY), ("a_test.rego", tests), ("b.rego", unused)];
    run_with(&files, &|_| true, &mut |set| {
        let coverage = set.coverage();
        let lines = |it: &FileCoverage| {
            let list = |it: &std::collections::BTreeSet<u32>| it.iter().copied().collect::<Vec<_>>();
            (it.path.to_string(), list(&it.covered), list(&it.not_covered))
        };
        assert_eq!(
            coverage.files.iter().map(lines).collect::<Vec<_>>(),
            [
                ("a.rego".to_owned(), vec![3], vec![2, 4, 6]),
                ("a_test.rego".to_owned(), vec![2], vec![]),
                ("b.rego".to_owned(), vec![], vec![2, 3]),
            ]
        );
        assert!((coverage.percent() - 100.0 * 2.0 / 7.0).abs() < 0.01);
    });
}

#[test]
fn policies_without_tests_are_named_by_folder() {
    let other = "package b\ndeny contains \"x\"\nwarn contains \"y\"\n";
    let files = [
        ("p/a.rego", POLICY),
        ("q/b.rego", other),
        ("p/t.rego", "package t\ntest_a if data.main.deny == set()"),
    ];
    let mut notes = vec![];
    run_with(&files, &|_| false, &mut |set| notes.extend(set.untested()));
    let notes: Vec<_> = notes.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(notes, ["`b.deny` and one more rule have no test in `q`"]);
}

#[test]
fn many_threads_give_the_same_results() {
    let one = |it: usize| format!("test_{it:03} if {it} % 3 > 0\n");
    let text = "package a\n".to_owned() + &(0..200).map(one).collect::<String>();
    let files = [("a.rego", &*text)];
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let alone = pool(1).install(|| run(&files));
    assert_eq!(alone.iter().filter(|it| it.starts_with("pass")).count(), 133);
    assert_eq!(alone, pool(4).install(|| run(&files)));
}

const HELPER_A: &str = "package lib.exempt\nis_exempt(it) { it.name == \"a\" }\n";
const HELPER_B: &str = "package lib.exempt\nis_exempt(it) { it.name == \"b\" }\n";
const RULE: &str = "package rules\nviolation[{\"msg\": \"no\"}] { not data.lib.exempt.is_exempt(input) }\n";
const TEST_A: &str = "package rules\ntest_a { count(violation) == 0 with input as {\"name\": \"a\"} }
test_b { count(violation) == 1 with input as {\"name\": \"b\"} }\n";
const TEST_B: &str = "package rules\ntest_a { count(violation) == 1 with input as {\"name\": \"a\"} }
test_b { count(violation) == 0 with input as {\"name\": \"b\"} }\n";

#[test]
fn folders_that_contradict_each_other_are_tested_apart() {
    let lines = run(&[
        ("one/lib.rego", HELPER_A),
        ("one/src.rego", RULE),
        ("one/src_test.rego", TEST_A),
        ("two/lib.rego", HELPER_B),
        ("two/src.rego", RULE),
        ("two/src_test.rego", TEST_B),
    ]);
    let results = ["pass data.rules.test_a", "pass data.rules.test_b"];
    assert_eq!(lines, [results, results].concat());
}

#[test]
fn a_helper_that_no_folder_contradicts_is_shared() {
    let rule = "package one\nis(it) := it.x if not data.common.off\ndeny contains 1 if is(input)\n";
    let other = rule.replace("it.x", "it.y");
    let lines = run(&[
        ("common.rego", "package common\noff if false\n"),
        ("a/src.rego", rule),
        ("a/src_test.rego", "package one\ntest_a if deny with input as {\"x\": true}\n"),
        ("b/src.rego", &other),
        ("b/src_test.rego", "package one\ntest_b if count(deny) == 0 with input as {\"x\": true}\n"),
    ]);
    assert_eq!(lines, ["pass data.one.test_a", "pass data.one.test_b"]);
}

#[test]
fn folders_that_need_each_other_are_tested_together() {
    let lines = run(&[
        ("a/src.rego", "package main\nis(it) if it.a\ndeny contains 1 if here(input)\n"),
        ("a/src_test.rego", "package main\ntest_a if count(deny) == 1 with input as {\"b\": true}\n"),
        ("b/src.rego", "package main\nis(it) if it.b\nhere(it) if is(it)\n"),
    ]);
    assert_eq!(lines, ["pass data.main.test_a"]);
}
