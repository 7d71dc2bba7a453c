//! Compares our verdicts with kubeconform's, which are strict and about Kubernetes 1.30, 1.33 and 1.37.
//!
//! Needs the conformance kit: `GITOPS_LINT_CONFORMANCE=<folder> cargo test --test schema_conformance -- --ignored`.

#![allow(clippy::unwrap_used, reason = "a broken kit ends the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use gitops_render::{
    Diagnostic, MemoryTree, RepoPath, Resource, SchemaOptions, SchemaStore, Severity, Sources,
};
use serde_json::Value;

/// Where ours is rightly stricter than kubeconform: file, kind, what we say, and why it is so.
const STRICTER: &[(&str, &str, &str, &str)] = &[
    (
        "manifests/12-badvalues.yaml",
        "Deployment",
        "`restartPolicy` is \"Sometimes\"",
        "the API server knows three values; kubeconform's schemas have no enums",
    ),
    (
        "manifests/12-badvalues.yaml",
        "Deployment",
        "`imagePullPolicy` is \"Sometimes\"",
        "the API server knows three values; kubeconform's schemas have no enums",
    ),
    (
        "manifests/12-badvalues.yaml",
        "Deployment",
        "`replicas` is 99999999999",
        "the API server reads 32 bits; kubeconform ignores the format",
    ),
];

struct Kit {
    root: PathBuf,
    store: SchemaStore,
}

/// The objects of a file with what we say about them; `None` if the file is no clean YAML.
fn check(kit: &Kit, file: &Path) -> Option<Vec<(Resource, Vec<Diagnostic>)>> {
    let mut tree = MemoryTree::new();
    tree.insert("objects.yaml", fs::read(file).unwrap());
    let sources = Sources::new(&tree);
    let source = sources.open(&RepoPath::root().join("objects.yaml").unwrap()).unwrap();
    let yaml = source.yaml();
    if yaml.is_broken || !yaml.diagnostics.is_empty() {
        return None;
    }
    let objects = yaml.documents.iter().flat_map(|document| {
        let resource = Resource::new(document.clone());
        match document.get("items").and_then(|it| it.as_seq()) {
            Some(items) if &*resource.id.gvk.kind == "List" => {
                items.iter().map(|it| Resource::new(it.clone())).collect()
            }
            _ => vec![resource],
        }
    });
    let checked = objects.map(|it| {
        let found = kit.store.check(&it);
        for one in &found {
            let (_, start, end) = sources.place(one.span());
            assert_eq!(start.line, end.line, "{}: {}", file.display(), one.message);
        }
        (it, found)
    });
    Some(checked.collect())
}

fn kit() -> Option<Kit> {
    kit_of("1.33")
}

/// The kit, with the schemas of a version of Kubernetes.
fn kit_of(version: &str) -> Option<Kit> {
    let Some(root) = env::var_os("GITOPS_LINT_CONFORMANCE") else {
        println!("skipped: GITOPS_LINT_CONFORMANCE does not name the conformance kit");
        return None;
    };
    let versions = vec![version.parse().unwrap()];
    Some(Kit { root: root.into(), store: SchemaStore::new(SchemaOptions { versions }) })
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

fn verdict(resource: &Resource, found: &[Diagnostic]) -> &'static str {
    let group = &*resource.id.gvk.group;
    // kubeconform knows no custom resources.
    let is_custom = group.contains('.') && !group.ends_with(".k8s.io") || CUSTOM_GROUPS.contains(&group);
    if is_custom || found.iter().any(|it| ["SCH003", "DEP001", "DEP003"].contains(&it.rule.code)) {
        "Error"
    } else if found.iter().all(|it| ["DEP002", "DEP004"].contains(&it.rule.code)) {
        "Valid"
    } else {
        "Invalid"
    }
}

#[test]
#[ignore = "needs the conformance kit"]
fn each_object_of_the_cases_has_the_verdict_of_kubeconform() {
    let [Some(old), Some(middle), Some(new)] = ["1.30", "1.33", "1.37"].map(kit_of) else { return };
    let kits = [("1.30", old), ("1.33", middle), ("1.37", new)];
    let (mut compared, mut wrong) = (0, vec![]);
    for case in lines(&kits[0].1.root.join("schema-cases/kubeconform.jsonl")) {
        if case["strict"] != true {
            continue;
        }
        let version = case["kubernetes"].as_str().unwrap();
        let kit = &kits.iter().find(|it| it.0 == version).unwrap().1;
        let file = case["file"].as_str().unwrap();
        let Some(objects) = check(kit, &kit.root.join("schema-cases").join(file)) else { continue };
        let mut theirs: Vec<(&str, String, &str)> = vec![];
        for it in case["resources"].as_array().unwrap() {
            let text = |key: &str| it[key].as_str().unwrap();
            // What is no object is another rule's to report.
            if !text("kind").is_empty() && !text("version").is_empty() {
                theirs.push((text("kind"), text("name").to_owned(), text("status")));
            }
        }
        let is_stricter = |kind: &str, it: &Diagnostic| {
            STRICTER
                .iter()
                .any(|(in_file, of, says, _)| *in_file == file && *of == kind && it.message.starts_with(says))
        };
        let mut ours: Vec<(&str, String, &str)> = vec![];
        for (resource, found) in &objects {
            let id = &resource.id;
            let found: Vec<Diagnostic> =
                found.iter().filter(|it| !is_stricter(&id.gvk.kind, it)).cloned().collect();
            if !id.gvk.kind.is_empty() && !id.gvk.version.is_empty() {
                ours.push((&id.gvk.kind, name(resource), verdict(resource, &found)));
            }
        }
        theirs.sort_unstable();
        ours.sort_unstable();
        compared += ours.len();
        if theirs != ours {
            wrong.push(format!("{file} {version}\n  theirs {theirs:?}\n  ours   {ours:?}"));
        }
    }
    assert!(compared > 120, "{compared}");
    assert!(wrong.is_empty(), "{compared} objects\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the conformance kit"]
fn what_kustomize_prints_for_real_repositories_has_the_verdict_of_kubeconform() {
    let Some(kit) = kit() else { return };
    let (mut compared, mut wrong) = (0, vec![]);
    for case in lines(&kit.root.join("real/../schema-cases/real-repos.jsonl")) {
        let id = case["id"].as_str().unwrap();
        let file = kit.root.join("real/expected").join(format!("{id}.yaml"));
        let Some(objects) = check(&kit, &file) else {
            wrong.push(format!("{id}: not read"));
            continue;
        };
        let mut ours: BTreeMap<&str, u64> = BTreeMap::new();
        let mut said = vec![];
        for (resource, found) in &objects {
            // kubeconform was told to skip kinds that it has no schema for.
            let status =
                if verdict(resource, found) == "Error" { "Skipped" } else { verdict(resource, found) };
            *ours.entry(status).or_default() += 1;
            compared += 1;
            if status == "Invalid" {
                said.extend(found.iter().map(|it| format!("\n  {}: {}", resource.id, it.message)));
            }
        }
        let theirs = case["counts"].as_object().unwrap().iter();
        let theirs: BTreeMap<&str, u64> = theirs
            .filter(|it| !it.0.is_empty())
            .map(|(status, count)| (status.as_str(), count.as_u64().unwrap()))
            .collect();
        if theirs != ours {
            wrong.push(format!("{id}: theirs {theirs:?}, ours {ours:?}{}", said.concat()));
        }
    }
    assert!(wrong.is_empty(), "{compared} objects\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the conformance kit"]
fn custom_resources_of_real_repositories_fit_the_definitions_beside_them() {
    let Some(mut kit) = kit() else { return };
    let mut files: Vec<PathBuf> =
        fs::read_dir(kit.root.join("real/expected")).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let all: Vec<Resource> = files.iter().filter_map(|it| check(&kit, it)).flatten().map(|it| it.0).collect();
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
