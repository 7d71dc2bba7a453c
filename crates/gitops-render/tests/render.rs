//! Every folder of `testdata/render` is a kustomization, with `expected.yaml`, which kustomize
//! wrote, or `refused.txt`, which holds a part of what we say of it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitops_render::{MemoryTree, RenderOptions, Renderer, RepoPath};

/// The folders, in order.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/render");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|it| it.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 15, "only {} cases were found", cases.len());
    cases
}

fn name(case: &Path) -> String {
    case.file_name().unwrap().to_string_lossy().into_owned()
}

/// Puts what is in a directory into a tree.
fn load(tree: &mut MemoryTree, directory: &Path, prefix: &str) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            load(tree, &entry.path(), &format!("{path}/"));
        } else {
            tree.insert(&path, fs::read(entry.path()).unwrap());
        }
    }
}

/// What we print, or what we say of a kustomization that we do not print.
fn render(case: &Path) -> Result<String, String> {
    let mut tree = MemoryTree::new();
    load(&mut tree, case, "");
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let rendered = renderer.render(&RepoPath::root()).expect("a case has a kustomization");
    let said: Vec<&str> = rendered.diagnostics.iter().map(|it| &*it.message).collect();
    if rendered.is_refused {
        return Err(said.join("\n"));
    }
    rendered.to_yaml().map_err(|err| err.message)
}

#[test]
fn every_case_is_rendered_as_kustomize_renders_it() {
    let mut failures = vec![];
    for case in cases() {
        let name = name(&case);
        let expected = fs::read_to_string(case.join("expected.yaml")).ok();
        let refused = fs::read_to_string(case.join("refused.txt")).ok();
        match (render(&case), expected, refused) {
            (Ok(text), Some(expected), None) if text == expected => {}
            (Ok(text), Some(expected), None) => {
                failures.push(format!("{name}: {}", first_difference(&text, &expected)))
            }
            (Err(said), None, Some(part)) if said.contains(part.trim()) => {}
            (Err(said), _, _) => failures.push(format!("{name}: we refuse it: {said}")),
            (Ok(_), _, _) => failures.push(format!("{name}: we do not refuse it")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn first_difference(text: &str, expected: &str) -> String {
    let lines = text.lines().zip(expected.lines()).enumerate();
    match lines.into_iter().find(|(_, (a, b))| a != b) {
        Some((index, (a, b))) => format!("line {}: {a:?}, but kustomize prints {b:?}", index + 1),
        None => format!("{} lines, but kustomize prints {}", text.lines().count(), expected.lines().count()),
    }
}

#[test]
#[ignore = "needs kubectl, or another kustomize named by KUSTOMIZE"]
fn every_expectation_is_what_kustomize_prints() {
    let command = std::env::var("KUSTOMIZE").unwrap_or_else(|_| "kubectl kustomize".to_owned());
    let words: Vec<&str> = command.split_whitespace().collect();
    let mut failures = vec![];
    for case in cases() {
        let Ok(output) = Command::new(words[0]).args(&words[1..]).arg(&case).output() else {
            println!("skipped: there is no `{}`", words[0]);
            return;
        };
        // A kustomize inside of kubectl does not know its own version.
        let printed =
            String::from_utf8_lossy(&output.stdout).replace("kustomize-(devel)", "kustomize-v5.6.0");
        match fs::read_to_string(case.join("expected.yaml")) {
            Ok(expected) if printed == expected => {}
            Ok(expected) => {
                failures.push(format!("{}: {}", name(&case), first_difference(&expected, &printed)))
            }
            Err(_) if output.status.success() => {
                failures.push(format!("{}: kustomize does not refuse it", name(&case)));
            }
            Err(_) => {}
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
