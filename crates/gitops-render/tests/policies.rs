//! The packs in `policies/`: they compile, their own tests hold and cover every line, and their
//! findings have a place.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files fails")]

use std::path::{Path, PathBuf};

use gitops_render::policy::testing::{TestOptions, TestSet};
use gitops_render::policy::{Outcome, TestCase};
use gitops_render::{Diagnostic, MemoryTree, PolicyOptions, PolicySet, RepoPath, Resource, Sources};

/// What the packs share, and is no pack itself.
const LIBRARY: &str = "lib";

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

/// The folders with modules: the packs, and what they share.
fn folders() -> Vec<String> {
    let entries = std::fs::read_dir(policies()).unwrap().map(|it| it.unwrap());
    let folders = entries.filter(|it| it.file_type().unwrap().is_dir());
    let mut folders: Vec<_> = folders.map(|it| it.file_name().into_string().unwrap()).collect();
    folders.sort();
    folders
}

/// Path and text of every module of a folder.
fn modules(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(policies().join(folder)).unwrap().map(|it| it.unwrap().path());
    let rego = entries.filter(|it| it.extension().is_some_and(|it| it == "rego"));
    let path = |it: &Path| format!("{folder}/{}", it.file_name().unwrap().to_str().unwrap());
    let mut modules: Vec<_> = rego.map(|it| (path(&it), std::fs::read_to_string(&it).unwrap())).collect();
    modules.sort();
    modules
}

/// A folder's modules, and those of the library.
fn with_library(folder: &str) -> Vec<(String, String)> {
    let library = if folder == LIBRARY { vec![] } else { modules(LIBRARY) };
    [library, modules(folder)].concat()
}

fn is_test(path: &str) -> bool {
    path.ends_with("_test.rego")
}

/// What a pack says about the first document of a manifest: severity, message, line and column.
fn findings(pack: &str, manifest: &str) -> Vec<String> {
    let mut tree = MemoryTree::new();
    tree.insert("object.yaml", manifest);
    let modules = with_library(pack);
    for (path, text) in &modules {
        tree.insert(path, text);
    }
    let sources = Sources::new(&tree);
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let files: Vec<_> = modules.iter().map(|(path, _)| open(path)).collect();
    let options = PolicyOptions { all_namespaces: true, ..PolicyOptions::default() };
    let (set, broken) = PolicySet::compile(&options, &files);
    assert!(broken.is_empty(), "{broken:?}");
    let found = set.check(&Resource::new(open("object.yaml").yaml().documents[0].clone()));
    assert!(set.failures().is_empty(), "{:?}", set.failures());
    let line = |it: &Diagnostic| {
        let (_, start, _) = sources.place(it.span());
        format!("{} {}:{} {}", it.severity, start.line, start.column, it.message)
    };
    found.iter().map(line).collect()
}

/// Runs the tests of a folder, and returns those that do not hold and the lines that none of them
/// evaluates.
fn run_tests(folder: &str) -> Vec<String> {
    let modules = with_library(folder);
    let mut tree = MemoryTree::new();
    for (path, text) in &modules {
        tree.insert(path, text);
    }
    let sources = Sources::new(&tree);
    let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
    let files: Vec<_> = modules.iter().map(|(path, _)| open(path)).collect();
    let (set, broken) = TestSet::compile(&TestOptions { with_coverage: true, ..Default::default() }, &files);
    assert!(broken.is_empty(), "{broken:#?}");
    let is_own = |path: &str| path.strip_prefix(folder).is_some_and(|it| it.starts_with('/'));
    let cases = set.run(|_| true);
    let own = cases.iter().filter(|(it, _)| is_own(sources.place(it.at).0.as_str()));
    let holds = |it: &TestCase| matches!(it.outcome, Outcome::Passed);
    assert!(own.clone().count() > 0, "{folder} has no tests");
    let failed = own.filter(|(it, _)| !holds(it)).map(|(it, _)| format!("{}.{}", it.group, it.name));
    let coverage = set.coverage();
    let measured = coverage.files.iter().filter(|it| is_own(it.path.as_str()));
    let uncovered = measured.flat_map(|it| it.not_covered.iter().map(|line| format!("{}:{line}", it.path)));
    failed.chain(uncovered).collect()
}

#[test]
fn every_test_holds_and_together_they_cover_every_line() {
    for folder in folders() {
        assert_eq!(run_tests(&folder), [""; 0]);
    }
}

/// The lines of a module that begin something, each with what the METADATA before it says.
fn described(text: &str) -> Vec<(&str, Option<serde_yaml::Value>)> {
    let mut described = vec![];
    let mut metadata: Option<String> = None;
    for line in text.lines() {
        match (&mut metadata, line.strip_prefix('#')) {
            (None, Some(" METADATA")) => metadata = Some(String::new()),
            (Some(metadata), Some(more)) => metadata.extend([more, "\n"]),
            (_, None) if line.starts_with(|it: char| it.is_ascii_lowercase()) => {
                let read = |it: String| serde_yaml::from_str(&it).unwrap_or_else(|err| panic!("{err}: {it}"));
                described.push((line, metadata.take().map(read)));
            }
            _ => {}
        }
    }
    described
}

/// The rules of a module that are asked about objects, by the comments of their first definitions.
fn asked(text: &str) -> Vec<(&str, Option<serde_yaml::Value>)> {
    let mut asked: Vec<(&str, _)> = vec![];
    for (line, metadata) in described(text) {
        let name = line.split(' ').next().unwrap_or_default();
        let is_asked = name.starts_with("deny_") || name.starts_with("warn_");
        if is_asked && asked.iter().all(|it| it.0 != name) {
            asked.push((name, metadata));
        }
    }
    asked
}

#[test]
fn every_rule_is_described() {
    for (path, text) in folders().iter().flat_map(|it| modules(it)).filter(|(path, _)| !is_test(path)) {
        let (package, metadata) = described(&text).remove(0);
        assert!(package.starts_with("package packs."), "{path}");
        assert!(metadata.is_some(), "{path} does not say what it is");
        let blocks = described(&text).into_iter().filter_map(|(line, metadata)| Some((line, metadata?)));
        for (line, metadata) in blocks {
            assert!(metadata["title"].is_string(), "{path}: {line}");
        }
        for (name, metadata) in asked(&text) {
            let metadata = metadata.unwrap_or_else(|| panic!("{path}: {name} is not described"));
            let severity = if name.starts_with("deny_") { "error" } else { "warning" };
            assert_eq!(metadata["custom"]["severity"].as_str(), Some(severity), "{path}: {name}");
        }
    }
}

#[test]
fn every_rule_and_every_setting_is_in_the_documentation_of_its_pack() {
    for folder in folders().iter().filter(|it| *it != LIBRARY) {
        let page = std::fs::read_to_string(policies().join(folder).join("README.md")).unwrap();
        let modules = modules(folder);
        let rules = modules.iter().filter(|(path, _)| !is_test(path)).flat_map(|(_, text)| asked(text));
        for (name, _) in rules {
            assert!(page.contains(&format!("| `{name}` |")), "{folder}: {name}");
        }
        let mut engine = regorus::Engine::new();
        for (path, text) in with_library(folder) {
            engine.add_policy(path, text).unwrap();
        }
        let package = folder.replace('-', "_");
        let defaults = engine.eval_rule(format!("data.packs.{package}.defaults")).unwrap();
        for (name, _) in defaults.as_object().unwrap().iter() {
            let name = name.as_string().unwrap();
            assert!(page.contains(&format!("| `{name}` |")), "{folder}: {name}");
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
            "error 5:3 Deployment has no cost center: add a label like `*/cost-center`, `cost-center`",
            "error 15:16 image `nginx:latest` is another one tomorrow: name a version or a digest",
            "error 12:16 image `localhost:5000/wait` has no tag: name a version or a digest",
            "error 5:3 Deployment has no label `app.kubernetes.io/name`: add it",
            "error 5:3 Deployment has no owner: add a label like `*/owner`, `*/team`, `owner`, `team`",
            "warning 14:15 container `app` has no memory limit: set `resources.limits.memory`",
        ]
    );
    assert_eq!(findings("team-basics", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"), [""; 0]);
}

#[test]
fn ml_governance_points_at_the_text_to_edit() {
    let job = "\
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata:
  name: finetune
  namespace: research
spec:
  pytorchReplicaSpecs:
    Master:
      template:
        spec:
          volumes:
          - name: sensitive-users
          containers:
          - name: pytorch
            image: registry.example.com/ml/trainer:4
            resources:
              limits: {memory: 64Gi, nvidia.com/gpu: 8}
    Worker:
      template:
        spec:
          containers:
          - name: pytorch
            image: registry.example.com/ml/trainer:4
            resources:
              requests: {cpu: 48000m}
              limits: {memory: 300000M, nvidia.com/gpu: '16'}
";
    let ceiling = |what: &str, amount: &str, most: &str, key: &str| {
        format!(
            "`{what}` of container `pytorch` is `{amount}`, and `{most}` is the most for workloads of type \
             `training`: lower it, or raise `ceilings.training.{key}`"
        )
    };
    assert_eq!(
        findings("ml-governance", job),
        [
            format!("error 26:32 {}", ceiling("limits.memory", "300000M", "256Gi", "memory")),
            format!("error 26:57 {}", ceiling("limits.nvidia.com/gpu", "16", "8", "gpu")),
            format!("error 25:31 {}", ceiling("requests.cpu", "48000m", "32", "cpu")),
            "error 4:9 volume `sensitive-users` holds sensitive data, and nothing says that it is encrypted: \
             add the annotation `data.encryption.enabled: \"true\"`"
                .to_owned(),
        ]
    );
    assert_eq!(findings("ml-governance", &job.replace("300000M", "4Gi")).len(), 3);
}
