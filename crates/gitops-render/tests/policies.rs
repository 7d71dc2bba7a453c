//! The packs in `policies/`: they compile, their own tests hold, and their findings have a place.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files fails")]

use std::path::{Path, PathBuf};

use gitops_render::{Diagnostic, MemoryTree, PolicyOptions, PolicySet, RepoPath, Resource, Sources};

/// The packs, each a folder.
fn packs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut packs: Vec<_> = entries.filter(|it| it.is_dir()).collect();
    packs.sort();
    packs
}

/// Name and text of every module of a pack.
fn modules(pack: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(pack).unwrap().map(|it| it.unwrap().path());
    let rego = entries.filter(|it| it.extension().is_some_and(|it| it == "rego"));
    let name = |it: &Path| it.file_name().unwrap().to_str().unwrap().to_owned();
    let mut modules: Vec<_> = rego.map(|it| (name(&it), std::fs::read_to_string(&it).unwrap())).collect();
    modules.sort();
    modules
}

/// What a pack says about the first document of a manifest: severity, message, line and column.
fn findings(pack: &str, manifest: &str) -> Vec<String> {
    let pack = packs().into_iter().find(|it| it.ends_with(pack)).unwrap();
    let mut tree = MemoryTree::new();
    tree.insert("object.yaml", manifest);
    let modules = modules(&pack);
    for (name, text) in &modules {
        tree.insert(&format!("policies/{name}"), text);
    }
    let sources = Sources::new(&tree);
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let files: Vec<_> = modules.iter().map(|(name, _)| open(&format!("policies/{name}"))).collect();
    let (set, broken) = PolicySet::compile(&PolicyOptions::default(), &files);
    assert!(broken.is_empty(), "{broken:?}");
    let found = set.check(&Resource::new(open("object.yaml").yaml().documents[0].clone()));
    assert!(set.failures().is_empty(), "{:?}", set.failures());
    let line = |it: &Diagnostic| {
        let (_, start, _) = sources.place(it.span());
        format!("{} {}:{} {}", it.severity, start.line, start.column, it.message)
    };
    found.iter().map(line).collect()
}

#[test]
fn every_test_of_every_pack_holds() {
    for pack in packs() {
        let modules = modules(&pack);
        let mut engine = regorus::Engine::new();
        for (name, text) in &modules {
            engine.add_policy(name.clone(), text.clone()).unwrap();
        }
        let mut count = 0;
        for (name, text) in modules.iter().filter(|(name, _)| name.ends_with("_test.rego")) {
            let package = text.lines().find_map(|it| it.strip_prefix("package ")).unwrap();
            for test in text.lines().filter(|it| it.starts_with("test_")) {
                let test = test.split_whitespace().next().unwrap();
                let value = engine.eval_rule(format!("data.{package}.{test}")).unwrap();
                assert_eq!(value, regorus::Value::from(true), "{}: {name}: {test}", pack.display());
                count += 1;
            }
        }
        assert!(count > 0, "{} has no tests", pack.display());
    }
}

#[test]
fn every_module_of_a_pack_is_described() {
    for pack in packs() {
        for (name, text) in modules(&pack).iter().filter(|(name, _)| !name.ends_with("_test.rego")) {
            let rules = text.lines().filter(|it| it.starts_with("deny") || it.starts_with("warn")).count();
            let titles = text.matches("# METADATA\n# title: ").count();
            assert!(
                text.starts_with("# METADATA\n# title: ") && titles > rules,
                "{name} of {}",
                pack.display()
            );
        }
    }
}

#[test]
fn team_basics_points_at_the_text_to_edit() {
    let deployment = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    tier: front
spec:
  template:
    spec:
      initContainers:
      - name: wait
        image: localhost:5000/wait
      containers:
      - name: app
        image: nginx:latest
      - name: side
        image: envoy:v1.31
        resources: {limits: {memory: 64Mi}}
";
    assert_eq!(
        findings("team-basics", deployment),
        [
            "error 15:16 image `nginx:latest` is another one tomorrow",
            "error 12:16 image `localhost:5000/wait` has no tag",
            "error 5:3 Deployment has no label `app.kubernetes.io/name`",
            "warning 14:15 container `app` has no memory limit",
        ]
    );
    assert_eq!(findings("team-basics", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"), [""; 0]);
}
