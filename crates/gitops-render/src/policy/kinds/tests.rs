//! Rules of many shapes, asked about their kinds only and about everything.

use proptest::prelude::*;

use crate::policy::{PolicyOptions, PolicySet};
use crate::resource::Resource;
use crate::source::{FileId, MemoryTree, RepoPath};
use crate::sources::Sources;
use crate::yaml::{Dialect, parse_bytes};

const LIBRARY: &str = "package lib
kinds := {\"Deployment\", \"Job\"}
by_kind := {\"Pod\": \"spec\", \"CronJob\": \"jobTemplate\"}
template := input.spec.template if input.kind in kinds
template := input.spec.jobTemplate.spec.template if input.kind == \"CronJob\"
containers contains it if some it in template.spec.containers
is_service if input.kind == \"Service\"
default is_job := false
is_job if input.kind == \"Job\"
";

/// A body, and the kinds that it is about.
const BODIES: [(&str, Option<&[&str]>); 24] = [
    ("input.kind == \"Pod\"", Some(&["Pod"])),
    ("\"Pod\" == input[\"kind\"]; input.spec", Some(&["Pod"])),
    ("input.kind = \"Pod\"", Some(&["Pod"])),
    ("input.kind in {\"Pod\", \"Job\"}", Some(&["Job", "Pod"])),
    ("input.kind in [\"Pod\"]; input.kind in lib.kinds", Some(&[])),
    ("lib.kinds[input.kind]", Some(&["Deployment", "Job"])),
    ("field := lib.by_kind[input.kind]; input[field]", Some(&["CronJob", "Pod"])),
    ("lib.template.spec", Some(&["CronJob", "Deployment", "Job"])),
    ("count(lib.template.spec.containers) > 0", Some(&["CronJob", "Deployment", "Job"])),
    ("some it in lib.containers; it.image", Some(&["CronJob", "Deployment", "Job"])),
    ("lib.containers[_].image", Some(&["CronJob", "Deployment", "Job"])),
    ("lib.is_service; input.kind != \"Job\"", Some(&["Service"])),
    ("count(lib.containers) == 0", None),
    ("lib.is_job", None),
    ("lib.is_job == false", None),
    ("not lib.is_service", None),
    ("not input.kind == \"Pod\"", None),
    ("input.kind != \"Pod\"", None),
    ("some kind in [\"Pod\"]; input.kind == kind", None),
    ("input.kind == \"Pod\" with input as {\"kind\": \"Pod\"}", None),
    ("x := input.kind == \"Pod\"; x == false", None),
    ("every x in input.spec { input.kind == \"Pod\" }", None),
    ("count([1 | input.kind == \"Pod\"]) == 0", None),
    ("startswith(input.kind, \"P\")", None),
];

fn compile(sources: &Sources<'_>) -> PolicySet {
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let (set, found) = PolicySet::compile(&PolicyOptions::default(), &[open("lib.rego"), open("main.rego")]);
    assert!(found.is_empty(), "{found:#?}");
    set
}

fn tree() -> MemoryTree {
    let mut tree = MemoryTree::new();
    let rule = |(index, (body, _)): (usize, &(&str, Option<&[&str]>))| {
        format!("deny_{index:02} contains \"{index}\" if {{ {body} }}\n")
    };
    let rules: String = BODIES.iter().enumerate().map(rule).collect();
    let more = "deny_two contains \"a\" if input.kind == \"Pod\"\ndeny_two contains \"b\" if input.kind == \"Job\"\n\
                deny_else := \"a\" if { input.kind == \"Pod\" } else := \"b\"\ndeny_plain contains \"c\"\n";
    tree.insert("lib.rego", LIBRARY)
        .insert("main.rego", format!("package main\nimport data.lib\n{rules}{more}"));
    tree
}

#[test]
fn the_kinds_are_read_off_the_bodies() {
    let tree = tree();
    let sources = Sources::new(&tree);
    let set = compile(&sources);
    let kinds = |name: &str| {
        let entry = set.entries.iter().find(|it| it.name == format!("main.{name}")).unwrap();
        entry.kinds.as_ref().map(|it| it.iter().map(String::as_str).collect::<Vec<_>>())
    };
    for (index, (body, expected)) in BODIES.iter().enumerate() {
        assert_eq!(kinds(&format!("deny_{index:02}")).as_deref(), *expected, "{body}");
    }
    assert_eq!(kinds("deny_two").unwrap(), ["Job", "Pod"]);
    assert_eq!((kinds("deny_else"), kinds("deny_plain")), (None, None));
}

#[test]
fn rules_that_are_not_asked_would_have_said_nothing() {
    let tree = tree();
    let sources = Sources::new(&tree);
    let set = compile(&sources);
    let mut of_all = compile(&sources);
    of_all.entries.iter_mut().for_each(|it| it.kinds = None);
    let kind = prop::sample::select(vec![
        "Pod",
        "Job",
        "CronJob",
        "Deployment",
        "Service",
        "Other",
        "{a: 1}",
        "7",
        "null",
        "[Pod]",
        "pod",
    ]);
    let spec = prop::sample::select(vec![
        "{}",
        "{template: {spec: {containers: [{image: a}]}}}",
        "{template: {spec: {containers: []}}}",
        "{jobTemplate: {spec: {template: {spec: {containers: [{image: b}, {}]}}}}}",
        "[1]",
        "null",
    ]);
    let has_kind = any::<bool>();
    proptest!(ProptestConfig::with_cases(200), |(kind in kind, spec in spec, has_kind in has_kind)| {
        let kind = if has_kind { format!("kind: {kind}\n") } else { String::new() };
        let text = format!("apiVersion: v1\n{kind}metadata: {{name: a}}\nspec: {spec}\njobTemplate: 1\n");
        let node = parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource).documents.remove(0);
        let resource = Resource::new(node);
        let said = |set: &PolicySet| -> Vec<String> {
            set.check(&resource).into_iter().map(|it| format!("{} {:?}", it.message, it.labels)).collect()
        };
        prop_assert_eq!(said(&set), said(&of_all));
        prop_assert!(set.failures().is_empty() && of_all.failures().is_empty());
    });
}
