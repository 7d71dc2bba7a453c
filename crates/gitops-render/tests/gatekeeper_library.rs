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

/// The suites of the library that `wanted` takes, run. Texts of templates go through `change`.
fn run(
    wanted: impl Fn(&Path) -> bool,
    change: impl Fn(String) -> String,
) -> Option<(Vec<TestCase>, Vec<String>)> {
    let Some(kit) = env::var_os("GITOPS_LINT_CONFORMANCE") else {
        println!("skipped: GITOPS_LINT_CONFORMANCE does not name the conformance kit");
        return None;
    };
    let root = PathBuf::from(kit).join("gatekeeper-library");
    let mut all = vec![];
    files(&root, &mut all);
    all.sort();
    let mut tree = MemoryTree::new();
    let mut suites = vec![];
    for file in &all {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap();
        let text = fs::read_to_string(file).unwrap();
        tree.insert(path, if path.ends_with("/template.yaml") { change(text) } else { text });
        if path.ends_with("suite.yaml") && wanted(file.parent().unwrap()) {
            suites.push(RepoPath::root().join(path).unwrap());
        }
    }
    let sources = Sources::new(&tree);
    let cases = run_suites(&sources, &SchemaStore::embedded(), &suites);
    let wrong: Vec<String> = cases.iter().filter_map(|it| line(&sources, it)).collect();
    Some((cases, wrong))
}

#[test]
#[ignore = "needs the conformance kit"]
fn every_case_of_the_library_comes_out_as_its_suite_says() {
    let Some((cases, wrong)) = run(|_| true, |it| it) else { return };
    let passed = cases.iter().filter(|it| matches!(it.outcome, Outcome::Passed)).count();
    println!("gatekeeper {passed} of {} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const CEL: &str = "- engine: K8sNativeValidation";

#[test]
#[ignore = "needs the conformance kit"]
fn templates_in_both_languages_come_out_the_same_in_cel() {
    let has_cel = |folder: &Path| fs::read_to_string(folder.join("template.yaml")).unwrap().contains(CEL);
    // The Rego stands behind the CEL, to the end of the file.
    let without_rego = |text: String| match text.split_once("- engine: Rego") {
        Some((before, _)) if before.contains(CEL) => before.to_owned(),
        _ => text,
    };
    let Some((cases, wrong)) = run(has_cel, without_rego) else { return };
    assert!(cases.len() > 20, "{}", cases.len());
    assert!(wrong.is_empty(), "of {} cases\n{}", cases.len(), wrong.join("\n"));
}
