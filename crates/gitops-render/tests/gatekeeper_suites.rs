//! The suite of the repository with faulty templates: the cases fail that its README says.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use gitops_render::policy::{Outcome, run_suites};
use gitops_render::{MemoryTree, RepoPath, SchemaStore, Sources};

#[test]
fn faults_of_templates_show_in_the_cases_that_the_readme_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/repos/gatekeeper-faults");
    let mut tree = MemoryTree::new();
    for folder in ["templates", "tests", "tests/samples"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                tree.insert(&name, fs::read(&path).unwrap());
            }
        }
    }
    let sources = Sources::new(&tree);
    let suite = RepoPath::root().join("tests/suite.yaml").unwrap();
    let cases = run_suites(&sources, &SchemaStore::embedded(), &[suite]);
    let failed = cases.iter().filter(|it| matches!(it.outcome, Outcome::Failed(_)));
    let failed: Vec<&str> = failed.map(|it| it.name.as_str()).collect();
    assert_eq!(failed, ["half-a-core", "small-in-megabytes", "a-terabyte", "model-with-sidecar"]);
    assert_eq!(cases.iter().filter(|it| matches!(it.outcome, Outcome::Passed)).count(), 3);
}
