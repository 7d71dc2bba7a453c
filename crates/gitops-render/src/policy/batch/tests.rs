//! Asked in one go, rules say what they say when they are asked one by one.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::Diagnostic;
use crate::policy::{PolicyOptions, PolicySet};
use crate::resource::Resource;
use crate::source::{FileId, MemoryTree, RepoPath};
use crate::sources::Sources;
use crate::yaml::{Dialect, parse_bytes};

/// What rules share. Some of it fails for some objects: `torn` has two values, `data.lib.early` is
/// given an argument that it cannot take.
const SHARED: &str = "\
containers := input.spec.containers
names contains c.name if some c in containers
total := sum([c.size | some c in containers])
torn := 1 if input.kind == \"Torn\"
torn := 2 if input.spec.a
default size := 0
size := input.spec.size
exception contains [\"four\"] if input.spec.exempt
";

const LIBRARY: &str = "\
package lib
import data.other
big(x) if x > other.bound
images contains c.image if some c in input.spec.containers
";

const OTHER: &str = "package other\ndefault bound := 2\nbound := input.spec.bound\nset contains input.kind\n";

/// Rules, without their heads' names.
const RULES: [&str; 14] = [
    "{NAME} contains name if some name in names",
    "{NAME} contains sprintf(\"%d\", [total]) if total > 3",
    "{NAME} contains \"torn\" if torn > 0",
    "{NAME} contains sprintf(\"size %v\", [size])",
    "{NAME} := \"big\" if data.lib.big(size)",
    "{NAME} contains {\"msg\": image, \"at\": \"/kind\"} if some image in data.lib.images",
    "{NAME} := input.spec.answer",
    "default {NAME} := [\"never seen\"]\n{NAME} := [] if input.kind",
    "{NAME} contains \"mocked\" if { some name in names with input as {\"spec\": {\"containers\": [{\"name\": \"x\"}]}}; name == \"x\" }",
    "{NAME} contains \"pod\" if { input.kind == \"Pod\"; not data.lib.images[\"a\"] }",
    "{NAME} contains \"two\" if { input.kind == \"Job\"; count(names) > 0 }\n{NAME} contains \"three\" if size > 4",
    "{NAME} contains \"other\" if { some kind in data.other.set; kind == \"Pod\" }",
    "{NAME} contains \"torn pod\" if { input.kind in {\"Pod\", \"Torn\"}; torn == 1 }",
    "{NAME} := \"same\" if { size > 1 } else := \"less\" if { total }",
];

const NAMES: [&str; 7] = ["deny", "deny_four", "warn", "violation", "deny_b", "warn_four", "deny_c"];

fn compile(sources: &Sources<'_>, paths: &[String]) -> PolicySet {
    let files: Vec<_> =
        paths.iter().map(|it| sources.open(&RepoPath::root().join(it).unwrap()).unwrap()).collect();
    let options = PolicyOptions { all_namespaces: true, ..PolicyOptions::default() };
    let (set, found) = PolicySet::compile(&options, &files);
    assert_eq!(lines(&found), [""; 0]);
    set
}

fn lines(found: &[Diagnostic]) -> Vec<String> {
    found.iter().map(|it| format!("{it:?}")).collect()
}

/// The same policies twice: asked in one go, and one by one.
fn both(modules: &[(&str, String)]) -> (PolicySet, PolicySet) {
    let mut tree = MemoryTree::new();
    for (path, text) in modules {
        tree.insert(path, text.clone());
    }
    let sources = Sources::new(&tree);
    let paths: Vec<String> = modules.iter().map(|it| it.0.to_owned()).collect();
    let (together, mut one_by_one) = (compile(&sources, &paths), compile(&sources, &paths));
    one_by_one.evaluator.batches = Batches::default();
    (together, one_by_one)
}

fn resource(text: &str) -> Resource {
    Resource::new(parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource).documents.remove(0))
}

/// Modules with some of the rules, in two packages.
fn modules(rules: &[(usize, bool)]) -> Vec<(&'static str, String)> {
    let package = |is_first: bool, name: &str| {
        let mine = rules.iter().filter(|it| it.1 == is_first).zip(NAMES);
        let text: String =
            mine.map(|((rule, _), name)| RULES[*rule].replace("{NAME}", name) + "\n").collect();
        format!("package {name}\nimport rego.v1\n{SHARED}{text}")
    };
    vec![
        ("a.rego", package(true, "main")),
        ("b.rego", package(false, "team.more")),
        ("lib.rego", LIBRARY.to_owned()),
        ("other.rego", OTHER.to_owned()),
    ]
}

#[test]
fn rules_say_together_what_they_say_alone() {
    let rules = prop::collection::vec((0..RULES.len(), any::<bool>()), 2..10);
    let kind = prop::sample::select(vec!["Pod", "Job", "Torn", "Other", "[1]"]);
    let container =
        prop::sample::select(vec!["{name: a, image: a}", "{name: b, size: 3}", "{size: 1.5}", "{size: x}"]);
    let field = prop::sample::select(vec![
        "size: 3",
        "size: 7",
        "bound: 1",
        "answer: [x]",
        "answer: {msg: y}",
        "a: true",
        "exempt: true",
        "answer: 3",
    ]);
    let fields = prop::collection::btree_set(field, 0..4);
    let object = (kind, prop::collection::vec(container, 0..3), fields);
    let objects = prop::collection::vec(object, 1..12);
    proptest!(ProptestConfig::with_cases(60), |(rules in rules, objects in objects)| {
        let (together, one_by_one) = both(&modules(&rules));
        for (kind, containers, fields) in objects {
            let fields: String = fields.into_iter().map(|it| format!("{it}, ")).collect();
            let spec = format!("{{{fields}containers: [{}]}}", containers.join(", "));
            let object = resource(&format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n"));
            prop_assert_eq!(lines(&together.check(&object)), lines(&one_by_one.check(&object)));
        }
        prop_assert_eq!(lines(&together.failures()), lines(&one_by_one.failures()));
    });
}

/// The modules of a pack, and of the libraries that packs share.
fn pack(name: &str) -> Vec<(String, String)> {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    let folders = [name, "lib"].map(|it| std::fs::read_dir(format!("{policies}/{it}")).unwrap());
    let paths = folders.into_iter().flatten().map(|it| it.unwrap().path());
    let is_policy = |it: &String| it.ends_with(".rego") && !it.ends_with("_test.rego");
    let paths = paths.map(|it| it.to_str().unwrap().to_owned()).filter(is_policy);
    paths
        .enumerate()
        .map(|(index, it)| (format!("{index}.rego"), std::fs::read_to_string(it).unwrap()))
        .collect()
}

#[test]
fn packs_say_together_what_they_say_alone() {
    let objects = [
        "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a, labels: {team: x}}\nspec: {template: {spec: \
         {containers: [{name: a, image: nginx}, {name: b, image: 'x:latest', resources: {limits: {cpu: 900, memory: 4Ti}}}]}}}\n",
        "kind: Pod\napiVersion: v1\nmetadata: {name: a, namespace: training}\nspec: {containers: [{name: a, \
         env: [{name: MODEL_URI, value: 'http://x/y'}], resources: {limits: {nvidia.com/gpu: 99}}}], nodeSelector: {}}\n",
        "kind: InferenceService\napiVersion: serving.kserve.io/v1beta1\nmetadata: {name: a}\nspec: {predictor: {model: \
         {storageUri: 'gs://x', modelFormat: {name: sklearn}}}}\n",
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {a: b}\n",
        "kind: GitRepository\napiVersion: source.toolkit.fluxcd.io/v1\nmetadata: {name: a}\nspec: {url: 'http://x'}\n",
        "kind: Deployment\napiVersion: 3\nspec: []\n",
    ];
    let mut said = 0;
    for name in ["ml-governance", "team-basics"] {
        let files = pack(name);
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        let (together, one_by_one) = both(&files);
        assert!(members(&together, "Deployment").len() > 4, "{name}");
        for object in objects.map(resource) {
            let found = together.check(&object);
            assert_eq!(lines(&found), lines(&one_by_one.check(&object)), "{name}");
            said += found.len();
        }
        assert_eq!(lines(&together.failures()), lines(&one_by_one.failures()));
    }
    assert!(said > 5, "{said}");
}

/// The rules that are asked about a kind in one go.
fn members(set: &PolicySet, kind: &str) -> Vec<String> {
    let members = set.evaluator.batches.of(Some(kind)).map_or(&[][..], |it| &it.members);
    members.iter().map(|&it| set.entries[it].name.clone()).collect()
}

#[test]
fn rules_about_a_kind_are_asked_with_those_about_all() {
    let text = "package main\ndeny_a contains \"a\" if input.kind == \"Pod\"\ndeny_b contains \"b\" if input.x\n\
                deny_c contains \"c\" if input.kind in {\"Pod\", \"Job\"}\n";
    let (set, _) = both(&[("a.rego", text.to_owned())]);
    assert_eq!(members(&set, "Pod"), ["main.deny_a", "main.deny_b", "main.deny_c"]);
    assert_eq!(members(&set, "Job"), ["main.deny_b", "main.deny_c"]);
    assert_eq!(members(&set, "Service"), [""; 0]);
}

#[test]
fn packages_that_are_looked_at_as_a_whole_are_left_alone() {
    let rules = "deny_a contains \"a\" if input.x\ndeny_b contains \"b\" if input.x\n";
    let of = |package: &str, more: &str| {
        let (set, _) = both(&[("a.rego", format!("package {package}\n{more}{rules}"))]);
        members(&set, "Pod").len()
    };
    assert_eq!(of("main", ""), 2);
    assert_eq!(of("main", "x := data.other.y\n"), 2);
    assert_eq!(of("a[\"b-c\"]", ""), 0);
    assert_eq!(of("main", "import data.main as me\nx := me.y\ny := 1\n"), 0);
    assert_eq!(of("a.b", "test_c if count(deny_a) == 0 with data as {}\n"), 2);
}

#[test]
fn of_many_packages_the_largest_are_asked_in_one_go() {
    let small = |index: usize| {
        (format!("{index}.rego"), format!("package p{index}\ndeny contains \"a\" if input.x\n"))
    };
    let mut modules: Vec<_> = (0..2 * PACKAGES).map(small).collect();
    let large = "package z\ndeny contains \"a\" if input.x\nwarn contains \"b\" if input.x\n";
    modules.push(("z.rego".to_owned(), large.to_owned()));
    let modules: Vec<_> = modules.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let (set, _) = both(&modules);
    let members = members(&set, "Pod");
    assert_eq!(members.len(), PACKAGES + 1);
    assert_eq!(members[PACKAGES - 1..], ["z.deny", "z.warn"]);
}

#[test]
fn what_fails_too_often_is_asked_one_by_one() {
    let text = "package main\nx := 1 if input.kind\nx := 2 if input.kind\ndeny contains \"x\" if x\n\
                warn contains \"y\" if input.kind\n";
    let (set, alone) = both(&[("a.rego", text.to_owned())]);
    let object = resource("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n");
    let is_useful = |set: &PolicySet| set.evaluator.batches.of(Some("Pod")).unwrap().is_useful(&set.entries);
    for _ in 0..=FAILURES {
        assert!(is_useful(&set));
        assert_eq!(lines(&set.check(&object)), lines(&alone.check(&object)));
    }
    assert!(!is_useful(&set));
    assert_eq!(set.check(&object).len(), 1);
    assert_eq!(lines(&set.failures()), lines(&alone.failures()));
    assert_eq!(set.failures().len(), 1);
}
