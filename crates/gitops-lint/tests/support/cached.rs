//! A repository with a cache beside it. A record that is used shows: a mark is put into it.
// Not every test file uses all of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{GOOD, Ran, Repo, definition};

/// A number of objects that no repository here has.
pub const MARK: &str = "987654";

/// A repository, and a cache beside it.
pub struct Cached {
    pub repo: Repo,
    pub cache: TempDir,
}

impl Cached {
    pub fn new(repo: Repo) -> Cached {
        Cached { repo, cache: tempfile::tempdir().unwrap() }
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        let cache = self.cache.path().to_str().unwrap();
        self.repo.run(&[words, &["--cache-dir", cache]].concat())
    }

    pub fn records(&self) -> Vec<PathBuf> {
        records(self.cache.path())
    }

    /// Removes all records but the one that was used last.
    pub fn keep_last(&self) {
        let mut records = self.records();
        records.sort_by_key(|it| fs::metadata(it).unwrap().modified().unwrap());
        records.pop();
        records.iter().for_each(|it| fs::remove_file(it).unwrap());
    }

    /// Puts the mark into all records.
    pub fn mark(&self) {
        for path in self.records() {
            let text = fs::read_to_string(&path).unwrap();
            let (_, body) = text.split_once('\n').unwrap();
            let (front, counts) = body.rsplit_once(',').unwrap();
            assert!(counts.ends_with("]}"), "the last of the counts is the last number: {counts}");
            write_record(&path, &format!("{front},{MARK}]}}"));
        }
    }

    /// Whether a run with these words uses a record.
    pub fn is_used(&self, words: &[&str]) -> bool {
        self.mark();
        self.run(words).stdout.contains(MARK)
    }

    /// Checks twice with the cache and once without it.
    #[track_caller]
    pub fn agrees(&self, words: &[&str], what: &str) {
        let plain = self.repo.run(&[words, &["--no-cache"]].concat());
        for turn in ["first", "second"] {
            let cached = self.run(words);
            let told = |it: &Ran| (it.code, it.stdout.clone(), it.stderr.clone());
            assert_eq!(told(&cached), told(&plain), "{what}, the {turn} time");
        }
    }
}

pub fn records(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.join("results-v1")).into_iter().flatten();
    let paths = entries.map(|it| it.unwrap().path());
    paths.filter(|it| it.extension().is_some_and(|it| it == "record")).collect()
}

pub fn write_record(path: &Path, body: &str) {
    let digest: String = Sha256::digest(body).iter().map(|it| format!("{it:02x}")).collect();
    fs::write(path, format!("gitops-lint-result-v1 {digest}\n{body}")).unwrap();
}

/// Puts text into the place of other text.
pub fn edit(repo: &Repo, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(repo.path(name)).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    repo.file(name, text.replace(from, to));
}

pub fn widgets() -> String {
    definition("Widget", "{type: object, properties: {size: {type: string}}}")
}

const TEMPLATE: &str = "\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8sowner}
spec:
  crd: {spec: {names: {kind: K8sOwner}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package k8sowner
      violation[{\"msg\": msg}] {
        not input.review.object.metadata.labels.owner
        msg := \"nobody owns it\"
      }
";

/// A repository with an input of every kind, and something to find by each.
pub fn everything() -> Cached {
    let repo = Repo::new();
    let deployment = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"web:1\"}]}
";
    repo.file("base/web.yaml", deployment)
        .file("base/app.env", "COLOR=red\n")
        .file(
            "base/kustomization.yaml",
            "resources: [web.yaml]\nconfigMapGenerator:\n- name: app\n  envs: [app.env]\n",
        )
        .file("component/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: image.yaml\n")
        .file("component/image.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {paused: 1}\n")
        .file("prod/kustomization.yaml", "resources: [../base]\ncomponents: [../component]\npatches:\n- path: more.yaml\n")
        .file("prod/more.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: five}\n")
        .file("broken/kustomization.yaml", "resources: [servcie.yaml]\n")
        .file("crds/widget.yaml", widgets())
        .file("widget.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 1}\n")
        .file("gadget.yaml", "apiVersion: other.example.com/v1\nkind: Gadget\nmetadata: {name: a}\nspec: {size: 1}\n")
        .file("schemas/other.example.com/gadget_v1.json", gadget("string"))
        .file("gate/template.yaml", TEMPLATE)
        .file("gate/owner.yaml", "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sOwner\nmetadata: {name: owner}\nspec: {match: {kinds: [{apiGroups: [\"*\"], kinds: [Service]}]}}\n")
        .file("service.yaml", GOOD)
        .file("ignored/half.yaml", "kind: Pod\n")
        .file(".gitignore", "ignored\n")
        .file("rules/deny.rego", "package main\n\nimport rego.v1\n\ndeny contains msg if {\n\tinput.kind == \"Service\"\n\tmsg := sprintf(\"at most %v\", [data.limits.most])\n}\n")
        .file("facts/limits.json", "{\"limits\": {\"most\": 1}}\n")
        .file("README.md", "read me\n");
    Cached::new(repo)
}

pub fn gadget(kind: &str) -> String {
    format!(
        "{{\"type\": \"object\", \"properties\": {{\"spec\": {{\"type\": \"object\", \"properties\": {{\"size\": {{\"type\": \"{kind}\"}}}}}}}}}}\n"
    )
}

pub const WORDS: [&str; 9] =
    ["check", "-p", "rules", "--data", "facts", "--schema-location", "schemas", "--output-format", "concise"];
