//! Compares our verdicts with kubeconform's: strict and not, about Kubernetes 1.30, 1.33 and 1.37.
//!
//! Needs the conformance kit: `GITOPS_LINT_CONFORMANCE=<folder> cargo test --test schema_conformance -- --ignored`.

#![allow(clippy::unwrap_used, reason = "a broken kit ends the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use gitops_render::entries::Entries;
use gitops_render::{
    Diagnostic, MemoryTree, RepoPath, Resource, SchemaOptions, SchemaStore, Severity, Sources,
};
use serde_json::Value;

/// Where ours is another verdict, and rightly so.
struct Exception {
    file: &'static str,
    /// The kind of the object; empty for the file itself.
    kind: &'static str,
    /// How our message begins; empty if theirs is an error and we find nothing.
    says: &'static str,
    because: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        file: "manifests/12-badvalues.yaml",
        kind: "Deployment",
        says: "`restartPolicy` is \"Sometimes\"",
        because: "the API server knows three values; kubeconform's schemas have no enums",
    },
    Exception {
        file: "manifests/12-badvalues.yaml",
        kind: "Deployment",
        says: "`imagePullPolicy` is \"Sometimes\"",
        because: "the API server knows three values; kubeconform's schemas have no enums",
    },
    Exception {
        file: "manifests/12-badvalues.yaml",
        kind: "Deployment",
        says: "`replicas` is 99999999999",
        because: "the API server reads 32 bits; kubeconform ignores the format",
    },
    Exception {
        file: "kubeconform-fixtures/missing_kind.yaml",
        kind: "",
        says: "",
        because: "nothing shows that it is meant for the cluster: `check` says that there is nothing to check",
    },
    Exception {
        file: "kubeconform-fixtures/missing_kind_value.yaml",
        kind: "",
        says: "",
        because: "nothing shows that it is meant for the cluster: `check` says that there is nothing to check",
    },
    Exception {
        file: "kubeconform-fixtures/multi_invalid_resources.yaml",
        kind: "",
        says: "",
        because: "nothing shows that it is meant for the cluster: `check` says that there is nothing to check",
    },
    Exception {
        file: "manifests/23-scalar.yaml",
        kind: "",
        says: "",
        because: "a line of text is no manifest: `check` says that there is nothing to check",
    },
    Exception {
        file: "manifests/24-seq.yaml",
        kind: "",
        says: "",
        because: "a list is no manifest: `check` says that there is nothing to check",
    },
];

struct Kit {
    root: PathBuf,
    version: &'static str,
    strict: bool,
    store: SchemaStore,
}

/// What we make of a file.
struct Checked {
    objects: Vec<Object>,
    /// Whether there is something in it that could not be read, or is no object.
    is_refused: bool,
}

/// An object with what we say about it.
struct Object {
    resource: Resource,
    found: Vec<Diagnostic>,
    /// Whether it could be read in part only.
    is_broken: bool,
}

fn check(kit: &Kit, file: &Path) -> Checked {
    let mut tree = MemoryTree::new();
    tree.insert("objects.yaml", fs::read(file).unwrap());
    let sources = Sources::new(&tree);
    let path = RepoPath::root().join("objects.yaml").unwrap();
    let source = sources.open(&path).unwrap();
    let mut wrong = Entries::find(&sources, &[path], &BTreeSet::new()).diagnostics;
    wrong.retain(|it| kit.strict || it.rule.code != "YML002");
    let mut checked = Checked { objects: vec![], is_refused: false };
    for document in &source.yaml().documents {
        let inside: Vec<Diagnostic> =
            wrong.extract_if(.., |it| document.origin.span.holds(it.span())).collect();
        let resource = Resource::new(document.clone());
        if resource.id.gvk.kind.is_empty() || resource.id.gvk.version.is_empty() {
            checked.is_refused |= !inside.is_empty();
            continue;
        }
        let resources = match document.get("items").and_then(|it| it.as_seq()) {
            Some(items) if &*resource.id.gvk.kind == "List" => {
                items.iter().map(|it| Resource::new(it.clone())).collect()
            }
            _ => vec![resource],
        };
        for resource in resources {
            let found = kit.store.check(&resource);
            for it in &found {
                let (_, start, end) = sources.place(it.span());
                assert_eq!(start.line, end.line, "{}: {}", file.display(), it.message);
            }
            checked.objects.push(Object { resource, found, is_broken: !inside.is_empty() });
        }
    }
    checked.is_refused |= !wrong.is_empty();
    checked
}

/// The kit, with the schemas of a version of Kubernetes; none, aloud, if there is no kit.
fn kit(version: &'static str, strict: bool) -> Option<Kit> {
    let Some(root) = env::var_os("GITOPS_LINT_CONFORMANCE") else {
        println!("skipped: GITOPS_LINT_CONFORMANCE does not name the conformance kit");
        return None;
    };
    let versions = vec![version.parse().unwrap()];
    let store = SchemaStore::new(SchemaOptions { versions, strict });
    Some(Kit { root: root.into(), version, strict, store })
}

fn lines(file: &Path) -> Vec<Value> {
    fs::read_to_string(file).unwrap().lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// The name by which kubeconform tells of an object.
fn name(resource: &Resource) -> String {
    let generated = resource.node.path(&["metadata", "generateName"]).and_then(|it| it.as_str());
    generated.map_or_else(|| resource.id.name.to_string(), |it| format!("{it}{{{{ generateName }}}}"))
}

/// Groups that look like Kubernetes' own.
const CUSTOM_GROUPS: [&str; 3] =
    ["gateway.networking.k8s.io", "snapshot.storage.k8s.io", "groupsnapshot.storage.k8s.io"];

/// What kubeconform would call what we say about an object.
fn verdict(object: &Object) -> &'static str {
    let group = &*object.resource.id.gvk.group;
    // kubeconform knows no custom resources.
    let is_custom = group.contains('.') && !group.ends_with(".k8s.io") || CUSTOM_GROUPS.contains(&group);
    let is_unknown = || object.found.iter().any(|it| ["SCH003", "DEP001", "DEP003"].contains(&it.rule.code));
    if object.is_broken || is_custom || is_unknown() {
        "Error"
    } else if object.found.iter().all(|it| ["DEP002", "DEP004", "SCH006", "YML003"].contains(&it.rule.code)) {
        // kubeconform does not look at the forms of texts, and takes `yes` for a boolean.
        "Valid"
    } else {
        "Invalid"
    }
}

/// Kind, name and verdict of an object.
type Verdict = (String, String, String);

/// What kubeconform says about the objects of a file, and whether there is anything else in it that it refuses.
fn theirs(case: &Value) -> (Vec<Verdict>, bool) {
    let (mut objects, mut is_refused) = (vec![], false);
    for it in case["resources"].as_array().unwrap() {
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        if text("kind").is_empty() || text("version").is_empty() {
            is_refused |= text("status") == "Error";
        } else {
            objects.push((text("kind"), text("name"), text("status")));
        }
    }
    objects.sort_unstable();
    (objects, is_refused)
}

/// What we say about the objects of a file that is in the list of exceptions where `is_excepted` says so.
fn ours(checked: &mut Checked, mut is_excepted: impl FnMut(&str, &str) -> bool) -> (Vec<Verdict>, bool) {
    let mut objects = vec![];
    for object in &mut checked.objects {
        let kind = object.resource.id.gvk.kind.to_string();
        object.found.retain(|it| !is_excepted(&kind, &it.message));
        objects.push((kind, name(&object.resource), verdict(object).to_owned()));
    }
    objects.sort_unstable();
    (objects, checked.is_refused)
}

#[test]
#[ignore = "needs the conformance kit"]
fn each_object_of_the_cases_has_the_verdict_of_kubeconform() {
    let all = ["1.30", "1.33", "1.37"].into_iter().flat_map(|it| [(it, true), (it, false)]);
    let Some(kits) = all.map(|(version, strict)| kit(version, strict)).collect::<Option<Vec<_>>>() else {
        return;
    };
    let (mut files, mut compared, mut wrong) = (0, 0, vec![]);
    let mut needed = BTreeSet::new();
    for case in lines(&kits[0].root.join("schema-cases/kubeconform.jsonl")) {
        let is_its = |it: &&Kit| case["strict"] == it.strict && case["kubernetes"] == it.version;
        let kit = kits.iter().find(is_its).unwrap();
        let file = case["file"].as_str().unwrap();
        let mut except = |kind: &str, message: &str| {
            let fits = |it: &Exception| {
                (it.file, it.kind) == (file, kind)
                    && message.starts_with(it.says)
                    && it.says.is_empty() == message.is_empty()
            };
            let found = EXCEPTIONS.iter().position(fits);
            needed.extend(found);
            found.is_some()
        };
        let theirs = theirs(&case);
        let mut checked = check(kit, &kit.root.join("schema-cases").join(file));
        let mut ours = ours(&mut checked, &mut except);
        if theirs.1 && !ours.1 {
            ours.1 = except("", "");
        }
        (files, compared) = (files + 1, compared + ours.0.len());
        if theirs != ours {
            let strict = if kit.strict { "strict" } else { "not strict" };
            wrong.push(format!("{file} {} {strict}\n  theirs {theirs:?}\n  ours   {ours:?}", kit.version));
        }
    }
    println!("{files} verdicts about files, {compared} about objects, {} exceptions", EXCEPTIONS.len());
    assert!(wrong.is_empty(), "{compared} objects\n{}", wrong.join("\n"));
    assert!(compared > 250, "{compared}");
    for (index, it) in EXCEPTIONS.iter().enumerate() {
        assert!(needed.contains(&index), "{} {} is no exception any more: {}", it.file, it.kind, it.because);
    }
}

#[test]
#[ignore = "needs the conformance kit"]
fn what_kustomize_prints_for_real_repositories_has_the_verdict_of_kubeconform() {
    let Some(kit) = kit("1.33", true) else { return };
    let (mut directories, mut compared, mut wrong) = (0, 0, vec![]);
    for case in lines(&kit.root.join("schema-cases/real-repos.jsonl")) {
        let id = case["id"].as_str().unwrap();
        let checked = check(&kit, &kit.root.join("real/expected").join(format!("{id}.yaml")));
        let mut ours: BTreeMap<&str, u64> = BTreeMap::new();
        let mut invalid = vec![];
        let mut said = vec![];
        for object in &checked.objects {
            // kubeconform was told to skip kinds that it has no schema for.
            let status = if verdict(object) == "Error" { "Skipped" } else { verdict(object) };
            *ours.entry(status).or_default() += 1;
            if status == "Invalid" {
                invalid.push((object.resource.id.gvk.kind.to_string(), name(&object.resource)));
                let found = object.found.iter();
                said.extend(found.map(|it| format!("\n  {}: {}", object.resource.id, it.message)));
            }
        }
        (directories, compared) = (directories + 1, compared + checked.objects.len());
        let theirs = case["counts"].as_object().unwrap().iter();
        let theirs: BTreeMap<&str, u64> = theirs
            .filter(|it| !it.0.is_empty())
            .map(|(status, count)| (status.as_str(), count.as_u64().unwrap()))
            .collect();
        let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
        let not_valid = case["not_valid"].as_array().unwrap().iter();
        let mut their_invalid: Vec<_> = not_valid
            .filter(|it| it["status"] == "Invalid")
            .map(|it| (text(it, "kind"), text(it, "name")))
            .collect();
        invalid.sort_unstable();
        their_invalid.sort_unstable();
        if theirs != ours || invalid != their_invalid || checked.is_refused {
            wrong.push(format!("{id}: theirs {theirs:?}, ours {ours:?}{}", said.concat()));
        }
    }
    println!("{directories} directories, {compared} objects");
    assert!(wrong.is_empty(), "{compared} objects\n{}", wrong.join("\n"));
    assert!(compared > 5000, "{compared}");
}

#[test]
#[ignore = "needs the conformance kit"]
fn custom_resources_of_real_repositories_fit_the_definitions_beside_them() {
    let Some(mut kit) = kit("1.33", true) else { return };
    let mut files: Vec<PathBuf> =
        fs::read_dir(kit.root.join("real/expected")).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let all: Vec<Resource> =
        files.iter().flat_map(|it| check(&kit, it).objects).map(|it| it.resource).collect();
    kit.store.add_definitions(&all);
    let (mut checked, mut wrong) = (0, 0);
    for resource in &all {
        let native = ["", "apps", "batch"].contains(&&*resource.id.gvk.group);
        let found = kit.store.check(resource);
        if native || found.iter().any(|it| it.rule.code == "SCH003") {
            continue;
        }
        checked += 1;
        wrong += usize::from(found.iter().any(|it| it.severity == Severity::Error));
        for it in found {
            println!(
                "{} {}: {} ({})",
                resource.id.gvk,
                resource.id.name,
                it.message,
                it.help.unwrap_or_default()
            );
        }
    }
    println!("{checked} custom resources, {wrong} of them not as their definition wants them");
    assert!(checked > 100);
}
