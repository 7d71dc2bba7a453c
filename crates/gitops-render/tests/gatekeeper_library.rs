//! Runs the suites of the Gatekeeper library: every case comes out as its suite says.
//!
//! Needs the conformance kit: `GITOPS_LINT_CONFORMANCE=<folder> cargo test --test gatekeeper_library -- --ignored`.

#![allow(clippy::unwrap_used, reason = "a broken kit ends the test")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use gitops_render::policy::{Outcome, TestCase, run_suites};
use gitops_render::{Diagnostic, MemoryTree, RepoPath, SchemaStore, Sources};

/// The YAML files below a directory.
fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            found.push(path);
        }
    }
}

fn line(sources: &Sources<'_>, case: &TestCase) -> Option<String> {
    let (how, found): (&str, &[Diagnostic]) = match &case.outcome {
        Outcome::Passed | Outcome::Skipped => return None,
        Outcome::Failed(found) => ("failed", found),
        Outcome::Errored(found) => ("errored", found),
    };
    let said = |it: &Diagnostic| {
        let (path, start, _) = sources.place(it.span());
        format!("\n  {path}:{}: {} ({})", start.line, it.message, it.help.as_deref().unwrap_or_default())
    };
    let said: String = found.iter().map(said).collect();
    Some(format!("{} {} {how}{said}", case.group, case.name))
}

#[test]
#[ignore = "needs the conformance kit"]
fn every_case_of_the_library_comes_out_as_its_suite_says() {
    let Some(kit) = env::var_os("GITOPS_LINT_CONFORMANCE") else {
        println!("skipped: GITOPS_LINT_CONFORMANCE does not name the conformance kit");
        return;
    };
    let root = PathBuf::from(kit).join("gatekeeper-library");
    let mut all = vec![];
    files(&root, &mut all);
    all.sort();
    let mut tree = MemoryTree::new();
    let mut suites = vec![];
    for file in &all {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap();
        tree.insert(path, fs::read(file).unwrap());
        if path.ends_with("suite.yaml") {
            suites.push(RepoPath::root().join(path).unwrap());
        }
    }
    let sources = Sources::new(&tree);
    let cases = run_suites(&sources, &SchemaStore::embedded(), &suites);
    let wrong: Vec<String> = cases.iter().filter_map(|it| line(&sources, it)).collect();
    let passed = cases.iter().filter(|it| matches!(it.outcome, Outcome::Passed)).count();
    println!("gatekeeper {passed} of {} cases in {} suites", cases.len(), suites.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
