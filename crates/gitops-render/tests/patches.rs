//! The two patch engines against what kustomize printed: every folder of `testdata/render` that
//! is about patches, without the rest of the build.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gitops_render::kustomize::json_patch::{self, Notation};
use gitops_render::kustomize::merge::{self, Identity, IdentityOptions, Outcome};
use gitops_render::yaml::resolve::Number;
use gitops_render::{MemoryTree, Node, RepoPath, Resource, ScalarKind, Sources, Value};
use serde_json::{Value as Json, json};

#[test]
fn patches_do_what_kustomize_does() {
    let render = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/render");
    let mut seen = 0;
    for entry in fs::read_dir(render).unwrap() {
        let directory = entry.unwrap().path();
        let name = directory.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("merge-") || name.starts_with("json-patch-") {
            check(&name, &directory);
            seen += 1;
        }
    }
    assert!(seen >= 15, "only {seen} cases were found");
}

fn check(name: &str, directory: &Path) {
    let mut tree = MemoryTree::new();
    for file in fs::read_dir(directory).unwrap() {
        let file = file.unwrap();
        tree.insert(&file.file_name().to_string_lossy(), fs::read(file.path()).unwrap());
    }
    let sources = Sources::new(&tree);
    let read = |file: &str| {
        let file = sources.open(&RepoPath::root().join(file).unwrap()).unwrap();
        assert!(!file.yaml().is_broken, "{name}: {:?}", file.yaml().diagnostics);
        file
    };
    let mut objects: Vec<Resource> =
        read("resources.yaml").yaml().documents.iter().cloned().map(Resource::new).collect();
    let kustomization = read("kustomization.yaml").yaml().documents[0].clone();
    for entry in kustomization.get("patches").unwrap().as_seq().unwrap() {
        let file = read(entry.get("path").unwrap().as_str().unwrap());
        for patch in &file.yaml().documents {
            let target = entry.path(&["target", "name"]).or(patch.path(&["metadata", "name"])).unwrap();
            let kind = patch.get("kind").and_then(Node::as_str);
            let is_target = |it: &Resource| {
                Some(&*it.id.name) == target.as_str() && kind.is_none_or(|kind| *it.id.gvk.kind == *kind)
            };
            let index = objects.iter().position(is_target).unwrap();
            if !apply(&mut objects[index], patch, Notation::of(file.text().unwrap()), entry) {
                objects.remove(index);
            }
        }
    }
    let by_name = |nodes: Vec<Node>| -> BTreeMap<String, Json> {
        nodes.into_iter().map(Resource::new).map(|it| (it.id.to_string(), as_json(&it.node))).collect()
    };
    let expected = by_name(read("expected.yaml").yaml().documents.clone());
    let actual = by_name(objects.into_iter().map(|it| it.node).collect());
    for (object, expected) in &expected {
        let actual = actual.get(object).unwrap_or_else(|| panic!("{name}: `{object}` is missing"));
        assert_eq!(actual, expected, "{name}: `{object}`\ngot    {actual}\nwanted {expected}");
    }
    assert!(actual.keys().eq(expected.keys()), "{name}: {:?}", actual.keys());
}

/// Applies a patch; `false` if it deletes the object.
fn apply(object: &mut Resource, patch: &Node, notation: Notation, entry: &Node) -> bool {
    let directive = entry.origin.span;
    if patch.as_seq().is_some() {
        let operations = json_patch::parse(patch, notation).unwrap();
        json_patch::apply(&operations, &mut object.node, directive).unwrap();
        return true;
    }
    let identity = Identity::of(&object.node);
    let outcome = merge::apply(&mut object.node, patch, &object.id.gvk, directive).unwrap();
    identity.restore(&mut object.node, IdentityOptions::default());
    outcome == Outcome::Kept
}

fn as_json(node: &Node) -> Json {
    match &node.value {
        Value::Map(map) => map.entries().iter().map(|it| (it.key.to_string(), as_json(&it.node))).collect(),
        Value::Seq(items) => items.iter().map(as_json).collect(),
        Value::Scalar(it) => match (it.kind, it.number()) {
            (ScalarKind::Null, _) => Json::Null,
            (ScalarKind::Bool, _) => json!(it.bool().unwrap()),
            (_, Some(Number::Int(value))) => json!(value),
            (_, Some(Number::Uint(value))) => json!(value),
            (_, Some(Number::Float(value))) => json!(value),
            _ => json!(&*it.text),
        },
    }
}
