//! Whole objects against whole schemas: the fixtures of the SCH rules, and what has no file.

mod unions;
mod values;

use std::path::{Path, PathBuf};
use std::{fs, thread};

use super::*;
use crate::node::Node;
use crate::source::{MemoryTree, RepoPath};
use crate::sources::Sources;

/// A repository of one file, and what is found in it.
fn check(yaml: &str) -> Vec<Diagnostic> {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", yaml);
    let sources = Sources::new(&tree);
    let mut store = SchemaStore::embedded();
    check_tree(&sources, &["a.yaml"], &mut store).into_iter().map(|it| it.2).collect()
}

fn check_tree(
    sources: &Sources<'_>,
    files: &[&str],
    store: &mut SchemaStore,
) -> Vec<(String, u32, Diagnostic)> {
    let open = |it: &&str| sources.open(&RepoPath::root().join(it).unwrap()).unwrap();
    let documents = files.iter().flat_map(|it| open(it).yaml().documents.clone());
    let resources: Vec<Resource> = documents.map(Resource::new).collect();
    store.add_definitions(&resources);
    let found = resources.iter().flat_map(|it| store.check(it));
    let placed = found.map(|it| {
        let (path, start, end) = sources.place(it.span());
        assert_eq!(start.line, end.line, "{}", it.message);
        (path.as_str().to_owned(), start.line, it)
    });
    placed.collect()
}

/// The fixtures of the rules that need a schema; those of the others are for the whole program.
fn fixtures() -> Vec<PathBuf> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/rules");
    let folders = |at: &Path| fs::read_dir(at).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    let needs_schema = |it: &PathBuf| {
        let name = it.file_name().unwrap().to_string_lossy();
        ["SCH001-", "SCH002-", "SCH003-", "DEP"].iter().any(|code| name.starts_with(code))
    };
    let of_rules = ["sch", "dep"].iter().flat_map(|it| folders(&rules.join(it))).filter(needs_schema);
    let mut found: Vec<PathBuf> = of_rules.flat_map(|it| folders(&it)).collect();
    found.sort();
    assert!(!found.is_empty(), "nothing to check: were the folders renamed?");
    found
}

#[test]
fn each_fixture_has_the_findings_that_its_comments_say_and_no_others() {
    let mut wrong = vec![];
    for folder in fixtures() {
        let mut tree = MemoryTree::new();
        let (mut names, mut expected) = (vec![], vec![]);
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap();
            let (name, text) =
                (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap());
            let marked = text.lines().zip(1..).filter_map(|(line, at)| Some((line.split_once("#! ")?.1, at)));
            expected.extend(marked.map(|(it, at)| (name.clone(), at, it.to_owned())));
            tree.insert(&name, text);
            names.push(name);
        }
        let sources = Sources::new(&tree);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut found = check_tree(&sources, &names, &mut SchemaStore::embedded());
        for (name, at, text) in expected {
            let (head, part) = text.split_once(": ").unwrap();
            let fits = |it: &(String, u32, Diagnostic)| {
                it.0 == name
                    && it.1 == at
                    && head == format!("{}[{}]", it.2.severity, it.2.rule.code)
                    && it.2.message.contains(part)
            };
            match found.iter().position(fits) {
                Some(index) => drop(found.remove(index)),
                None => wrong.push(format!("{}/{name}:{at}: not found: {text}", folder.display())),
            }
        }
        let more =
            found.iter().map(|(name, at, it)| format!("{}/{name}:{at}: {}", folder.display(), it.message));
        wrong.extend(more);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_finding_names_its_object_and_its_place() {
    let found =
        check("apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: {ports: [{port: x}]}");
    let [found] = &found[..] else { panic!("{found:?}") };
    let object = found.object.as_ref().unwrap();
    assert_eq!((&*object.name, object.namespace.as_deref()), ("a", Some("b")));
    assert_eq!(found.pointer.as_deref(), Some("/spec/ports/0/port"));
}

#[test]
fn helps_name_the_next_action() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";
    let template = "  selector: {}\n  template: {spec: {containers: []}}\n";
    for (text, help) in [
        (format!("{deployment}spec:\n  replicas: \"3\"\n{template}"), "drop the quotes"),
        (format!("{deployment}spec:\n  replcas: 3\n{template}"), "did you mean `replicas`?"),
        (
            format!("{deployment}annotations: {{}}\nspec:\n{template}"),
            "`annotations` belongs in `metadata`: check the indentation",
        ),
        (
            format!(
                "{deployment}spec:\n  selector: {{}}\n  template:\n    replicas: 3\n    spec: {{containers: []}}"
            ),
            "`replicas` belongs in `spec`: check the indentation",
        ),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a}]\n  ports: []".to_owned(),
            "`ports` belongs in `spec.containers[0]`: check the indentation",
        ),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a, volumes: []}]".to_owned(),
            "`volumes` belongs in `spec`: check the indentation",
        ),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: 0777".to_owned(), "put it in quotes: `\"0777\"`"),
        ("apiVersion: v1\nkind: Secret\nstringData:\n  a: 0777".to_owned(), "put it in quotes"),
        ("apiVersion: v1\nkind: ConfigMp".to_owned(), "did you mean `ConfigMap`?"),
        ("apiVersion: extensions/v1beta1\nkind: Ingress".to_owned(), "use `networking.k8s.io/v1`"),
    ] {
        let found = check(&text);
        let [found] = &found[..] else { panic!("{text}\n{found:#?}") };
        assert_eq!(found.help.as_deref(), Some(help), "{text}");
    }
}

/// What is found with several versions of Kubernetes, as `code: message`.
fn check_versions(versions: &str, yaml: &str) -> Vec<String> {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", yaml);
    let sources = Sources::new(&tree);
    let versions = versions.parse::<Minors>().unwrap().as_slice().to_vec();
    let mut store = SchemaStore::new(SchemaOptions { versions, ..SchemaOptions::default() });
    let found = check_tree(&sources, &["a.yaml"], &mut store);
    found.into_iter().map(|it| format!("{}: {}", it.2.rule.code, it.2.message)).collect()
}

#[test]
fn a_finding_names_the_versions_that_it_holds_for() {
    let budget =
        "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {minAvailable: 1}";
    let subject = "`PodDisruptionBudget` of `policy/v1beta1` is";
    // A field that came with Kubernetes 1.34, and one that there never was.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}], hostnameOverride: a, nodNam: b}";
    let unknown = "SCH002: there is no field";
    for (versions, yaml, expected) in [
        (
            "1.24",
            budget,
            vec![format!("DEP002: {subject} deprecated since Kubernetes 1.21 and gone in 1.25")],
        ),
        ("1.25", budget, vec![format!("DEP001: {subject} gone since Kubernetes 1.25")]),
        (
            "1.23-1.25,1.30",
            budget,
            vec![format!("DEP001: {subject} gone since Kubernetes 1.25 (in Kubernetes 1.25, 1.30)")],
        ),
        (
            "1.31-1.34",
            pod,
            vec![
                format!("{unknown} `hostnameOverride` in `spec` (in Kubernetes 1.31-1.33)"),
                format!("{unknown} `nodNam` in `spec`"),
            ],
        ),
        (
            "1.29,1.33-1.34",
            "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: a}\nspec: {}",
            vec![
                "SCH003: `resource.k8s.io/v1` has no kind `DeviceClass` in Kubernetes 1.29, 1.33".to_owned(),
            ],
        ),
    ] {
        assert_eq!(check_versions(versions, yaml), expected, "{versions}");
    }
}

#[test]
fn what_newer_versions_of_kubernetes_take_is_told_of_the_older_ones() {
    let service = |name: &str| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{ports: [{{port: 80}}]}}")
    };
    let digit = "SCH004: the name \"1st\" begins with a digit";
    assert_eq!(check_versions("1.33", &service("1st")), [digit]);
    assert_eq!(check_versions("1.34-1.36", &service("1st")), [format!("{digit} (in Kubernetes 1.34-1.35)")]);
    assert!(check_versions("1.36-1.37", &service("1st")).is_empty());
    assert!(check_versions("1.33", &service("st-1")).is_empty());
}

#[test]
fn what_took_the_place_of_a_removed_kind_is_there() {
    for (api_version, kind, help) in [
        ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "use `flowcontrol.apiserver.k8s.io/v1`"),
        ("rbac.authorization.k8s.io/v1alpha1", "Role", "use `rbac.authorization.k8s.io/v1`"),
        ("extensions/v1beta1", "DaemonSet", "use `apps/v1`"),
        ("policy/v1beta1", "PodSecurityPolicy", "delete it, or keep it to clusters older than 1.25"),
    ] {
        let found = check(&format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}"));
        assert_eq!((found[0].rule.code, found[0].help.as_deref()), ("DEP001", Some(help)), "{api_version}");
    }
}

#[test]
fn a_secret_value_is_nowhere_in_a_finding() {
    let found =
        check("apiVersion: v1\nkind: Secret\ndata: {a: 12345678}\nstringData: hunter2\ntype: 12345678");
    assert_eq!(found.len(), 3);
    for it in found {
        let text = format!("{} {:?} {:?}", it.message, it.help, it.labels);
        assert!(!text.contains("12345678") && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn what_is_no_object_is_left_to_others() {
    assert!(check("kind: Deployment\nspec: 1").is_empty());
    assert!(check("apiVersion: apps/v1\nspec: 1").is_empty());
    assert!(check("- apiVersion: v1\n  kind: Nothing").is_empty());
}

#[test]
fn an_object_is_fine_if_one_of_several_definitions_takes_it() {
    let definition = |field: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: as.x.io}}\nspec:\n  \
             group: x.io\n  names: {{kind: A, plural: as}}\n  scope: Cluster\n  versions:\n  - {{name: v1, served: true, \
             storage: true, schema: {{openAPIV3Schema: {{type: object, properties: {{{field}: {{type: string}}}}}}}}}}\n---\n"
        )
    };
    let both = definition("old") + &definition("new");
    assert!(check(&format!("{both}apiVersion: x.io/v1\nkind: A\nnew: a")).is_empty());
    assert!(check(&format!("{both}apiVersion: x.io/v1\nkind: A\nold: a")).is_empty());
    assert_eq!(check(&format!("{both}apiVersion: x.io/v1\nkind: A\nother: a")).len(), 1);
}

/// A CustomResourceDefinition with this schema, and an object of its kind.
fn defined(schema: &str, object: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: as.x.io}}\nspec: {{group: x.io, \
         names: {{kind: A, plural: as}}, scope: Cluster, versions: [{{name: v1, served: true, storage: true, schema: \
         {{openAPIV3Schema: {schema}}}}}]}}\n---\napiVersion: x.io/v1\nkind: A\n{object}"
    )
}

#[test]
fn a_broken_definition_says_that_nothing_is_checked_and_harms_nobody() {
    let of_object = |yaml: &str| {
        let found = check(yaml);
        found.into_iter().filter(|it| it.object.as_ref().unwrap().kind == "A").collect::<Vec<_>>()
    };
    for schema in ["{type: nonsense}", "{$ref: '#'}", "{properties: 1}", "7", "{type: object, required: x}"] {
        let found = of_object(&defined(schema, "spec: 1"));
        assert!(
            found.iter().all(|it| it.rule.code == "SCH002" || it.message.contains("is not checked")),
            "{schema}: {found:#?}"
        );
    }
    // A pattern that cannot be read is no reason to forget the rest.
    let schema = "{type: object, properties: {a: {type: string, pattern: '(?<!x)y'}, b: {type: integer}}}";
    let found = of_object(&defined(schema, "a: z\nb: z"));
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn deep_nesting_ends_well_on_a_small_stack() {
    let depth = 110;
    let open = "{type: object, properties: {a: ".repeat(depth);
    let schema = format!("{open}{{type: string}}{}", "}}".repeat(depth));
    let object = format!("{}1{}", "{a: ".repeat(depth), "}".repeat(depth));
    let yaml = defined(&schema, &object[1..object.len() - 1]);
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(move || check(&yaml).len());
    assert_eq!(thread.unwrap().join().unwrap(), 1);
}

#[test]
fn a_default_stands_in_for_what_is_missing() {
    let schema =
        "{type: object, required: [a, b], properties: {a: {type: string, default: x}, b: {type: string}}}";
    let found = check(&defined(schema, "a: null"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].message, "`b` is missing in `A`");
}

#[test]
fn a_pattern_is_told_so_that_the_line_stays_short() {
    let quantity = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$";
    for (pattern, message) in [
        ("^[a-z]$", "`a` is \"7x\", but it must match `^[a-z]$`"),
        (quantity, "`a` is \"7x\", but a quantity is wanted"),
        (&"y".repeat(80), "`a` is \"7x\", but another form is wanted"),
    ] {
        let schema = format!("{{type: object, properties: {{a: {{type: string, pattern: '{pattern}'}}}}}}");
        let found = check(&defined(&schema, "a: 7x"));
        assert_eq!(found[0].message, message);
    }
}

#[test]
fn nested_alternatives_end() {
    let depth = 60;
    let schema =
        format!("{}{{required: [x]}}{}", "{anyOf: [{required: [y]}, ".repeat(depth), "]}".repeat(depth));
    assert_eq!(check(&defined(&schema, "z: 1")).len(), 1);
}

#[test]
fn the_story_of_a_value_is_told() {
    let mut tree = MemoryTree::new();
    tree.insert("base.yaml", "apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}]}");
    tree.insert("patch.yaml", "port: x");
    tree.insert("kustomization.yaml", "patches: [{path: patch.yaml}]");
    let sources = Sources::new(&tree);
    let read =
        |it: &str| sources.open(&RepoPath::root().join(it).unwrap()).unwrap().yaml().documents[0].clone();
    let (mut base, patch, kustomization) =
        (read("base.yaml"), read("patch.yaml"), read("kustomization.yaml"));
    let directive = kustomization.at("/patches/0/path").unwrap().origin.span;
    let port = base.path_mut(&["spec", "ports"]).unwrap().as_seq_mut().unwrap()[0].get_mut("port").unwrap();
    let before = port.origin.clone();
    let written = patch.get("port").unwrap().clone();
    let origin = before.changed(written.origin.span, crate::origin::Step::Patch, directive);
    *port = Node { value: written.value, origin };
    let found = SchemaStore::embedded().check(&Resource::new(base));
    assert_eq!(found.len(), 1);
    let labels: Vec<String> = found[0].labels.iter().map(|it| sources.text_of(it.span)).collect();
    assert_eq!(labels, ["x", "patch.yaml", "80"]);
}
