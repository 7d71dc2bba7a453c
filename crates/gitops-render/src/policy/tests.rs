//! Policies as teams write them, asked about an object.

use std::time::{Duration, Instant};

use super::*;
use crate::source::{MemoryTree, RepoPath};
use crate::sources::Sources;

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 9223372036854775809
  template:
    spec:
      containers:
      - name: app
        image: nginx:latest
      - name: side
        image: busybox
";

/// What a check of `DEPLOYMENT` with the policies gives: a line for every finding, then one for
/// every module that does not compile and every rule that failed.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    check_with(&PolicyOptions::default(), files)
}

fn check_with(options: &PolicyOptions, files: &[(&str, &str)]) -> Vec<String> {
    let mut tree = MemoryTree::new();
    tree.insert("web.yaml", DEPLOYMENT);
    for (path, text) in files {
        tree.insert(path, text);
    }
    let sources = Sources::new(&tree);
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let resource = Resource::new(open("web.yaml").yaml().documents[0].clone());
    let policies: Vec<_> = files.iter().map(|(path, _)| open(path)).collect();

    let (set, mut found) = PolicySet::compile(options, &policies);
    let said = set.check(&resource);
    assert_eq!(said.len(), set.check(&resource).len(), "the second time is like the first");
    found.splice(0..0, said);
    found.extend(set.failures());
    found.iter().map(|it| line(&sources, it)).collect()
}

fn line(sources: &Sources<'_>, found: &Diagnostic) -> String {
    let place = |label: &crate::diagnostic::Label| {
        let (path, start, _) = sources.place(label.span);
        format!("{path}:{}:{} {}", start.line, start.column, label.text).trim().to_owned()
    };
    let labels: Vec<_> = found.labels.iter().map(place).collect();
    let pointer = found.pointer.as_deref().unwrap_or("-");
    format!("{} {}: {} [{pointer}] {}", found.rule.code, found.severity, found.message, labels.join(" | "))
}

#[test]
fn a_set_rule_of_v0_and_one_of_v1_are_asked_side_by_side() {
    let old = "package main\nimport data.lib\ndeny[msg] { lib.big(input.spec.replicas); msg := \"old\" }\n";
    let new = "package main\nimport data.lib\ndeny contains msg if {\n\tlib.big(input.spec.replicas)\n\tmsg := \"new\"\n}\n";
    let lib = "package lib\n\nbig(x) if x > 3\n";
    let older = "package main\nimport future.keywords.in\nwarn[msg] { some c in input.spec.template.spec.containers; msg := c.image }\n";
    assert_eq!(
        check(&[("a.rego", old), ("b.rego", new), ("c.rego", lib), ("d.rego", older)]),
        [
            "POL000 error: new [/spec/replicas] web.yaml:6:13 | b.rego:3:1 denied by `main.deny` here",
            "POL000 error: old [/spec/replicas] web.yaml:6:13 | a.rego:3:1 denied by `main.deny` here",
            "POL000 warning: busybox [/metadata/name] web.yaml:4:9 | d.rego:3:1 warned about by `main.warn` here",
            "POL000 warning: nginx:latest [/spec/template/spec/containers/0/image] web.yaml:11:16 | d.rego:3:1 warned about by `main.warn` here",
        ]
    );
}

#[test]
fn a_result_names_its_place() {
    let text = "package main
deny_image contains {\"msg\": \"no tag\", \"at\": sprintf(\"/spec/template/spec/containers/%d/image\", [i])} if {
\tsome i, c in input.spec.template.spec.containers
\tnot contains(c.image, \":\")
}
violation contains {\"msg\": \"too many\", \"path\": [\"spec\", \"replicas\"]} if input.spec.replicas == 9223372036854775809
warn_dots contains {\"msg\": \"side\", \"path\": \"spec.template.spec.containers[1]\"}
";
    assert_eq!(
        check(&[("a.rego", text)]),
        [
            "POL000 error: no tag [/spec/template/spec/containers/1/image] web.yaml:13:16 | a.rego:2:1 denied by `main.deny_image` here",
            "POL000 error: too many [/spec/replicas] web.yaml:6:13 | a.rego:6:1 denied by `main.violation` here",
            "POL000 warning: side [/spec/template/spec/containers/1] web.yaml:12:15 | a.rego:7:1 warned about by `main.warn_dots` here",
        ]
    );
}

#[test]
fn complete_rules_and_objects_of_messages_count() {
    let text = "package main\ndeny_a := \"a\"\ndeny_b if input.kind == \"Deployment\"\ndeny_c[msg] if { msg := \"c\" }\ndeny_d := []\ndefault deny_e := false\n";
    let found = check(&[("a.rego", text)]);
    let messages: Vec<_> = found.iter().map(|it| it.split(" [").next().unwrap()).collect();
    assert_eq!(
        messages,
        ["POL000 error: a", "POL000 error: the object is denied by `main.deny_b`", "POL000 error: c"]
    );
}

#[test]
fn an_exception_exempts_the_rules_that_it_names() {
    let text = "package main
deny_a contains \"a\"
deny_b contains \"b\"
exception contains rules if {
\tinput.metadata.name == \"web\"
\trules := [\"a\"]
}
";
    let found = check(&[("a.rego", text)]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("POL000 error: b "), "{found:?}");
}

#[test]
fn one_name_for_two_packages_is_refused() {
    let files = [
        ("a.rego", "package main\nimport data.x.lib\ndeny contains lib.name"),
        ("b.rego", "package main\nimport data.y.lib\ndeny contains lib.name"),
        ("c.rego", "package x.lib\nname := \"x\""),
        ("d.rego", "package y.lib\nname := \"y\""),
    ];
    assert_eq!(
        check(&files),
        [
            "POL000 error: x [/metadata/name] web.yaml:4:9 | a.rego:3:1 denied by `main.deny` here",
            "POL001 error: `lib` is another package in `a.rego` [-] b.rego:2:8 | a.rego:2:8 here",
        ]
    );
}

#[test]
fn a_package_of_several_modules_keeps_its_imports() {
    let files = [
        ("a.rego", "package lib\nnothing contains 1 if input.kind == \"no\"\n"),
        ("b.rego", "package lib\nimport data.q\nfound contains q.kind if q.kind\n"),
        ("c.rego", "package q\nkind := input.kind\n"),
        ("d.rego", "package main\nimport data.lib\ndeny contains msg if some msg in lib.found\n"),
    ];
    assert_eq!(
        check(&files),
        ["POL000 error: Deployment [/metadata/name] web.yaml:4:9 | d.rego:3:1 denied by `main.deny` here"]
    );
}

#[test]
fn only_the_chosen_namespaces_are_asked() {
    let files = [
        ("a.rego", "package main\ndeny contains \"a\""),
        ("b.rego", "package team.k8s\ndeny contains \"b\""),
    ];
    let names = |options: &PolicyOptions| -> Vec<String> {
        check_with(options, &files)
            .iter()
            .map(|it| it.split_whitespace().nth(2).unwrap().to_owned())
            .collect()
    };
    let options = |namespaces: &[&str], all_namespaces| PolicyOptions {
        namespaces: namespaces.iter().map(|&it| it.to_owned()).collect(),
        all_namespaces,
        ..PolicyOptions::default()
    };
    assert_eq!(names(&PolicyOptions::default()), ["a"]);
    assert_eq!(names(&options(&["team.k8s"], false)), ["b"]);
    assert_eq!(names(&options(&[], true)), ["a", "b"]);
}

#[test]
fn a_broken_module_is_left_out_with_those_that_use_it() {
    let files = [
        ("a.rego", "package main\ndeny contains \"a\"\n"),
        ("b.rego", "package main\nimport data.lib\ndeny contains \"b\" if lib.f(1)\n"),
        ("c.rego", "package lib\nf(x) if {\n  x := = 3\n}\n"),
        ("d.rego", "package main\n\ndeny contains \"é\" ) 3\n"),
    ];
    assert_eq!(
        check(&files),
        [
            "POL000 error: a [/metadata/name] web.yaml:4:9 | a.rego:2:1 denied by `main.deny` here",
            "POL001 error: expecting expression [-] c.rego:3:8 | b.rego:2:8 this module uses the package, so it is left out too",
            "POL001 error: expecting identifier [-] d.rego:3:19",
        ]
    );
}

#[test]
fn modules_that_cannot_be_compiled_are_told_with_their_reason() {
    for (text, expected) in [
        ("", "POL001 error: expecting `package` [-] a.rego:1:1"),
        (
            "package main\ndeny[msg] {\n  msg := 1 )\n}\n",
            "POL001 error: expecting `}` while parsing query [-] a.rego:3:12",
        ),
        (
            "package main\nimport rego.v1\ndeny[msg] { msg := 1 }\n",
            "POL001 error: `if` keyword is required before rule body [-] a.rego:3:11",
        ),
        (
            "package main\ndeny contains m if {\n  m := 1\n  y == 2\n}\n",
            "POL001 error: the variable `y` has no value [-] a.rego:4:3",
        ),
        (
            "package main\ndeny contains m if m := crypto.sha3(\"a\")\n",
            "POL001 error: there is no function `crypto.sha3` [-] a.rego:2:25",
        ),
        (
            "package main\nf(x) := g(x)\ng(x) := f(x)\ndeny contains m if m := f(1)\n",
            "POL001 error: `main.f` rests on itself [-] a.rego:3:9 by way of main.f → main.g → main.f",
        ),
        (
            "package main\ndeny[x] {\n  x := \"a\"\n  not x in input.y\n}\n",
            "POL001 error: `in` is no keyword in Rego v0, and the module is no v1 either [-] a.rego:4:9 | \
             a.rego:2:9 v1 wants `if` before a body, and `contains` in the head of a set",
        ),
        ("package main\ndeny.a contains 1\n", "POL001 error: `deny.a` is never asked for [-] a.rego:2:1"),
    ] {
        assert_eq!(check(&[("a.rego", text)]), [expected], "{text}");
    }
}

#[test]
fn a_rule_that_fails_is_told_once_and_the_others_are_asked() {
    let text = "package main
deny contains \"a\"
deny contains msg if {
\tinput.kind == \"Deployment\"
\tmsg := f(1)
}
f(x) := x
f(_) := 2
deny contains \"number\" if to_number(input.kind) > 1
warn := \"a\" if true
warn := \"b\" if true
violation contains 3
";
    assert_eq!(
        check(&[("a.rego", text)]),
        [
            "POL000 error: a [/metadata/name] web.yaml:4:9 | a.rego:2:1 denied by `main.deny` here",
            "POL000 warning: a [/metadata/name] web.yaml:4:9 | a.rego:10:1 warned about by `main.warn` here",
            "POL000 warning: b [/metadata/name] web.yaml:4:9 | a.rego:11:1 warned about by `main.warn` here",
            "POL001 error: `main.deny` cannot be evaluated: functions must not produce multiple outputs for same inputs [-] a.rego:5:10",
            "POL001 error: `main.warn` cannot be evaluated: the rule has conflicting values [-] a.rego:11:1",
            "POL001 error: `main.violation` gives a number, and no message [-] a.rego:12:1",
        ]
    );
}

#[test]
fn a_builtin_that_fails_makes_its_expression_undefined() {
    let text = "package main\ndeny contains \"a\" if to_number(input.kind) > 1\ndeny contains \"b\" if not to_number(input.kind)\n";
    assert_eq!(
        check(&[("a.rego", text)]),
        ["POL000 error: b [/metadata/name] web.yaml:4:9 | a.rego:3:1 denied by `main.deny` here"]
    );
}

#[test]
fn a_rule_that_does_not_end_is_given_up() {
    let text = "package main
deny contains \"x\" if {
\tsome i in numbers.range(1, 20000)
\tsome j in numbers.range(1, 20000)
\ti * j == -1
}
warn contains \"a\"
";
    let options = PolicyOptions { time_limit: Duration::from_millis(200), ..PolicyOptions::default() };
    let start = Instant::now();
    assert_eq!(
        check_with(&options, &[("a.rego", text)]),
        [
            "POL000 warning: a [/metadata/name] web.yaml:4:9 | a.rego:7:1 warned about by `main.warn` here",
            "POL001 error: `main.deny` cannot be evaluated: it takes longer than 200ms [-] a.rego:2:1",
        ]
    );
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_chain_that_is_too_long_is_refused_and_a_long_one_is_not() {
    let chain = |length: usize| {
        let rules: String = (0..length).map(|it| format!("p{it} if p{}\n", it + 1)).collect();
        format!("package main\n{rules}p{length} := true\ndeny contains \"a\" if p0\n")
    };
    assert_eq!(check(&[("a.rego", &chain(40))]).len(), 1);
    let found = check(&[("a.rego", &chain(10_000))]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("POL001 error: rules rest on each other more than 60 deep"), "{found:?}");
}

#[test]
fn no_size_or_depth_breaks_the_parser() {
    let found =
        |text: String| check(&[("a.rego", &format!("package main\ndeny contains \"a\" if {text}\n"))]);
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
    for text in [deep("(", ")"), deep("[", "]"), deep("{1: ", "}"), deep("count(", ")"), deep("-", "")] {
        let found = found(text);
        assert!(found.len() == 1 && found[0].starts_with("POL001"), "{:?}", found[0]);
    }
    for long in ["1".to_owned() + &" + 1".repeat(50_000), "input".to_owned() + &".a".repeat(50_000)] {
        let found = found(long);
        assert!(found.len() == 1 && found[0].starts_with("POL001"), "{:?}", found[0]);
    }
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(80), close.repeat(80));
    for allowed in [nested("(", ")"), nested("f(", ")"), nested("(1 + ", ")"), nested("not g(", ")")] {
        found(format!("{allowed}\nf(x) := x\ng(x) := x"));
    }
    let body: String = (0..20_000).map(|it| format!("\tinput.x{it} == {it}\n")).collect();
    assert_eq!(found(format!("{{\n{body}}}")), Vec::<String>::new());
    let others = " else := 1 if false".repeat(5_000);
    assert!(found(format!("false\nx := 1 if false{others}")).len() <= 1);
    assert_eq!(found("{\r\n\tinput.kind == \"Deployment\"\r\n}\r".to_owned()).len(), 1);
}

#[test]
fn a_local_variable_may_be_called_like_a_rule() {
    let text = "package main\nname := input.kind\nf(name) := x if x := name\ndeny contains f(name) if name\n";
    let found = check(&[("a.rego", text)]);
    assert!(found[0].starts_with("POL000 error: Deployment "), "{found:?}");
}

#[test]
fn recursion_through_a_rule_is_refused() {
    let text = "package main\nf(x) := p\np := f(1)\ndeny contains \"a\" if p == 1\n";
    let found = check(&[("a.rego", text)]);
    assert!(found[0].contains("rests on itself"), "{found:?}");
}

#[test]
fn the_policys_own_byte_order_mark_moves_nothing() {
    let text = "\u{feff}package main\ndeny contains \"a\"\n";
    assert_eq!(
        check(&[("a.rego", text)]),
        ["POL000 error: a [/metadata/name] web.yaml:4:9 | a.rego:2:1 denied by `main.deny` here"]
    );
}

#[test]
fn no_text_makes_it_panic() {
    use proptest::prelude::*;
    let words = [
        "package main",
        "import data.lib",
        "import rego.v1",
        "import input",
        "deny",
        "contains",
        "if",
        "msg",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        ":=",
        "==",
        "input.spec",
        "\"a\"",
        "\"",
        "`",
        "# x",
        "\n",
        "\n",
        "lib.f(",
        "some",
        "in",
        "every",
        "not",
        "with",
        "as",
        "else",
        "default",
        "1",
        "é",
        ",",
        ".",
        "|",
        "sprintf(\"%d\", [1])",
        "f(x)",
    ];
    let text = proptest::collection::vec(prop::sample::select(words.to_vec()), 0..40);
    proptest!(ProptestConfig::with_cases(300), |(words in text, head in any::<bool>())| {
        let head = if head { "package main\ndeny contains msg if { " } else { "" };
        let text = format!("{head}{}", words.join(" "));
        check(&[("a.rego", &text), ("b.rego", "package lib\nf(x) := x")]);
    });
}

#[test]
fn a_set_is_shared_by_threads() {
    let mut tree = MemoryTree::new();
    tree.insert("web.yaml", DEPLOYMENT).insert("a.rego", "package main\ndeny contains input.metadata.name\n");
    let sources = Sources::new(&tree);
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let resource = Resource::new(open("web.yaml").yaml().documents[0].clone());
    let (set, _) = PolicySet::compile(&PolicyOptions::default(), &[open("a.rego")]);
    assert_eq!(set.rules().collect::<Vec<_>>(), ["main.deny"]);
    let found: Vec<usize> = std::thread::scope(|scope| {
        let ask = || (0..50).map(|_| set.check(&resource).len()).sum();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(found, [50; 4]);
}

#[test]
fn rules_are_asked_until_somebody_cancels() {
    let rego = "package main\nimport rego.v1\ndeny_a contains \"a\" if input.kind\ndeny_b contains \"b\" if input.kind\ndeny_c contains \"c\" if input.kind\n";
    let mut tree = MemoryTree::new();
    tree.insert("web.yaml", DEPLOYMENT).insert("a.rego", rego);
    let sources = Sources::new(&tree);
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let resource = Resource::new(open("web.yaml").yaml().documents[0].clone());
    let check = |cancel: Cancel| {
        let options = PolicyOptions { cancel: cancel.clone(), ..PolicyOptions::default() };
        let (set, broken) = PolicySet::compile(&options, &[open("a.rego")]);
        let said = set.check(&resource).len();
        assert!(broken.is_empty() && set.failures().is_empty());
        cancel.check().map(|()| said)
    };
    assert_eq!(check(Cancel::default()), Ok(3));
    let results: Vec<_> = (0..8).map(|it| check(Cancel::at_look(it))).collect();
    let whole = results.iter().position(|it| it.is_ok()).unwrap();
    assert!(whole >= 4, "one look for each rule, and one before and behind: {results:?}");
    assert!(results[whole..].iter().all(|it| *it == Ok(3)));
}
