//! `check --fix`, `--unsafe-fixes` and `--diff`.
//!
//! `testdata/fix/<CODE>-<name>/` holds a repository `before`, and what becomes of it with the fixes that are
//! `safe` and with the `unsafe` ones, too.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gitops_render::rules::RULES;
use serde_json::Value;
use support::{GOOD, Repo};

/// A label that is a number, and a service that is fine.
const NUMBER: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 1}   # one\n";
const STRING: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"1\"}   # one\n";

fn testdata(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(folder)
}

fn directories(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|it| it.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|it| it.is_dir()).collect();
    found.sort();
    assert!(!found.is_empty(), "nothing in {}", of.display());
    found
}

/// The files below a directory, by their paths.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let walk = ignore::WalkBuilder::new(dir).standard_filters(false).build().map(|it| it.unwrap());
    walk.filter(|it| it.file_type().unwrap().is_file())
        .map(|it| {
            (it.path().strip_prefix(dir).unwrap().to_str().unwrap().to_owned(), fs::read(it.path()).unwrap())
        })
        .collect()
}

/// A copy of a repository.
fn copy(dir: &Path) -> Repo {
    let repo = Repo::new();
    for (path, content) in files(dir) {
        repo.file(&path, content);
    }
    repo
}

/// The repositories of all rules, and the examples.
fn all_repositories() -> Vec<PathBuf> {
    let groups = directories(&testdata("rules"));
    groups.iter().flat_map(|it| directories(it)).chain(directories(&testdata("repos"))).collect()
}

/// The findings of `check --output-format json`.
fn findings(repo: &Repo) -> Vec<Value> {
    let ran = repo.run(&["check", "--output-format", "json"]);
    let mut document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
    let Value::Array(findings) = document["findings"].take() else { panic!("{ran:#?}") };
    findings
}

#[test]
fn fixes_do_what_they_say() {
    for dir in directories(&testdata("fix")) {
        for (words, after) in [(&["--fix"][..], "safe"), (&["--fix", "--unsafe-fixes"], "unsafe")] {
            let repo = copy(&dir.join("before"));
            repo.run(&[&["check"], words].concat());
            let (found, wanted) = (files(&repo.path("")), files(&dir.join(after)));
            for (path, wanted) in &wanted {
                let found = String::from_utf8_lossy(&found[path]);
                assert_eq!(found, String::from_utf8_lossy(wanted), "{}: {path} {after}", dir.display());
            }
            assert_eq!(found.len(), wanted.len(), "{}: a file is left behind", dir.display());
        }
    }
}

#[test]
fn every_rule_with_a_fix_has_a_case_and_no_other_rule_has_a_fix() {
    let fixed = |dirs: Vec<PathBuf>| -> BTreeSet<String> {
        let findings = dirs.iter().flat_map(|it| findings(&copy(it)));
        findings.filter(|it| !it["fix"].is_null()).map(|it| it["code"].as_str().unwrap().to_owned()).collect()
    };
    let with_fix: Vec<_> = RULES.iter().filter(|it| it.has_fix).collect();
    let expected: BTreeSet<String> = with_fix.iter().map(|it| it.code.to_owned()).collect();
    let cases =
        with_fix.iter().map(|it| testdata("fix").join(format!("{}-{}", it.code, it.name)).join("before"));
    assert_eq!(fixed(cases.collect()), expected, "in testdata/fix");
    let elsewhere = fixed(all_repositories());
    assert!(elsewhere.len() > 5 && elsewhere.is_subset(&expected), "{elsewhere:?} in testdata");
}

#[test]
fn all_fixes_of_all_repositories_end_and_leave_files_that_can_be_read() {
    let unreadable = |repo: &Repo| {
        let found = findings(repo);
        found.iter().filter(|it| ["YML001", "YML002"].contains(&it["code"].as_str().unwrap())).count()
    };
    for dir in all_repositories().iter().chain(&directories(&testdata("fix"))) {
        let (repo, original) = (copy(dir), copy(dir));
        repo.run(&["check", "--fix", "--unsafe-fixes"]);
        if files(&repo.path("")) == files(&original.path("")) {
            continue;
        }
        assert!(unreadable(&repo) <= unreadable(&original), "{}", dir.display());
        let again = repo.run(&["check", "--diff", "--unsafe-fixes"]);
        assert!(again.stdout.is_empty() && again.code == Some(0), "{}: {again:#?}", dir.display());
    }
}

/// What each kustomization of a repository renders to.
fn rendered(repo: &Repo) -> BTreeMap<String, String> {
    let all = files(&repo.path("")).into_keys();
    let kustomizations = all.filter_map(|it| it.strip_suffix("kustomization.yaml").map(str::to_owned));
    let rendered = kustomizations.map(|dir| {
        let ran = repo.run_in(&dir, &["render"]);
        (dir, format!("{:?}\n{}", ran.code, ran.stdout))
    });
    rendered.collect()
}

#[test]
fn fields_of_a_kustomization_are_replaced_and_the_same_is_rendered() {
    let dirs =
        [testdata("fix/KUS003-deprecated-field/before"), testdata("rules/kus/KUS003-deprecated-field")];
    for dir in dirs {
        let repo = copy(&dir);
        let before = rendered(&repo);
        assert!(before.values().filter(|it| it.starts_with("Some(0)")).count() > 1, "{before:#?}");
        let ran = repo.run(&["check", "--fix"]);
        assert!(ran.stderr.starts_with("fixed "), "{ran:#?}");
        assert_eq!(rendered(&repo), before, "{}", dir.display());
    }
}

#[test]
fn what_is_fixed_is_counted_and_what_remains_is_reported() {
    let repo = Repo::new();
    repo.file("a.yaml", NUMBER).file("b.yaml", NUMBER.replace("\ndata: {", "\ndata: {b: 2, "));
    let ran = repo.run(&["check"]);
    assert!(ran.stdout.ends_with("\n[*] 3 fixable with --fix\n"), "{ran:#?}");
    let ran = repo.run(&["check", "--fix"]);
    assert_eq!(ran.stderr, "fixed 3 findings in 2 files\n");
    assert_eq!(ran.stdout, "nothing found in 2 roots (2 objects, 2 files)\n");
    assert_eq!(ran.code, Some(0));
    assert_eq!(fs::read_to_string(repo.path("a.yaml")).unwrap(), STRING);

    repo.file("a.yaml", NUMBER.replace("metadata", "immutble: true\nmetadata"));
    let ran = repo.run(&["check"]);
    assert!(ran.stdout.ends_with("\n[*] 1 fixable with --fix (1 more with --unsafe-fixes)\n"), "{ran:#?}");
    let ran = repo.run(&["check", "--fix", "--output-format", "json"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(1), "fixed 1 finding in 1 file\n"), "{ran:#?}");
    assert!(repo.run(&["check"]).stdout.ends_with("\n[*] 1 fixable with --fix --unsafe-fixes\n"));
}

#[test]
fn the_difference_is_shown_and_nothing_is_changed() {
    let repo = Repo::new();
    repo.file("a.yaml", NUMBER).file("b.yaml", GOOD);
    let diff = repo.run_in("", &["check", "--diff", "--fix"]);
    let expected = "--- a.yaml\n+++ a.yaml\n@@ -1,4 +1,4 @@\n apiVersion: v1\n kind: ConfigMap\n metadata: {name: a}\n\
                    -data: {a: 1}   # one\n+data: {a: \"1\"}   # one\n";
    assert_eq!((diff.code, &*diff.stdout), (Some(1), expected), "{diff:#?}");
    assert_eq!(diff.stderr, "would fix 1 finding in 1 file\n");
    assert_eq!(fs::read_to_string(repo.path("a.yaml")).unwrap(), NUMBER);
    let nothing = repo.run(&["check", "--diff", "b.yaml"]);
    assert_eq!((nothing.code, &*nothing.stdout, &*nothing.stderr), (Some(0), "", "nothing to fix\n"));
}

#[test]
fn ends_of_lines_and_marks_of_the_file_stay() {
    let repo = Repo::new();
    for (before, after) in [
        (NUMBER.replace('\n', "\r\n"), STRING.replace('\n', "\r\n")),
        (format!("\u{feff}{NUMBER}"), format!("\u{feff}{STRING}")),
        (NUMBER.trim_end().to_owned(), STRING.trim_end().to_owned()),
        (format!("# \u{e9}\u{1f600}\n{NUMBER}"), format!("# \u{e9}\u{1f600}\n{STRING}")),
    ] {
        repo.file("a.yaml", before);
        assert_eq!(repo.run(&["check", "--fix"]).code, Some(0));
        assert_eq!(fs::read_to_string(repo.path("a.yaml")).unwrap(), after);
    }
}

#[test]
fn a_file_that_sops_has_sealed_is_left_alone() {
    let repo = Repo::new();
    let sealed = format!("{NUMBER}sops: {{mac: 'ENC[x]', version: 3.9.0}}\n");
    repo.file("a.yaml", &sealed);
    let ran = repo.run(&["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(ran.stderr, "", "{ran:#?}");
    assert_eq!(fs::read_to_string(repo.path("a.yaml")).unwrap(), sealed);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_read_only_is_named_and_the_rest_is_fixed() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::new();
    repo.file("a.yaml", NUMBER).file("b.yaml", NUMBER.replace("name: a", "name: b"));
    fs::set_permissions(repo.path("a.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
    let ran = repo.run(&["check", "--fix", "--output-format", "concise"]);
    assert_eq!(ran.code, Some(2), "{ran:#?}");
    assert_eq!(ran.stderr, "error: cannot fix `a.yaml`: the file is read-only\nfixed 1 finding in 1 file\n");
    assert!(ran.stdout.starts_with("a.yaml:4:11: YML004") && !ran.stdout.contains("b.yaml"), "{ran:#?}");
    assert_eq!(fs::read_to_string(repo.path("a.yaml")).unwrap(), NUMBER);
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_their_file_and_never_out_of_the_repository() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("c.yaml"), NUMBER).unwrap();
    let repo = Repo::new();
    repo.file("real/a.yaml", NUMBER);
    symlink("real/a.yaml", repo.path("link.yaml")).unwrap();
    symlink(outside.path().join("c.yaml"), repo.path("out.yaml")).unwrap();
    repo.run(&["check", "--fix", "link.yaml", "out.yaml"]);
    assert_eq!(fs::read_to_string(repo.path("real/a.yaml")).unwrap(), STRING);
    assert!(fs::symlink_metadata(repo.path("link.yaml")).unwrap().is_symlink());
    repo.run(&["check", "--fix"]);
    assert_eq!(fs::read_to_string(outside.path().join("c.yaml")).unwrap(), NUMBER);
}

#[test]
fn without_a_repository_only_what_was_named_is_changed() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("base/kustomization.yaml", "resources: [a.yaml]\n");
    write("base/a.yaml", NUMBER);
    write("prod/kustomization.yaml", "bases: [../base]\n");
    let mut command = assert_cmd::Command::cargo_bin("gitops-lint").unwrap();
    command.args(["check", "--fix", "prod"]).current_dir(dir.path()).assert().code(1);
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(
        (&*read("base/a.yaml"), &*read("prod/kustomization.yaml")),
        (NUMBER, "resources: [../base]\n")
    );
}

#[test]
fn a_value_that_is_changed_by_a_patch_is_fixed_where_it_stands() {
    let repo = Repo::new();
    repo.file("base/kustomization.yaml", "resources: [a.yaml]\n").file("base/a.yaml", STRING);
    let patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  b: 2\n";
    repo.file("prod/kustomization.yaml", "resources: [../base]\npatches: [{path: b.yaml}]\n");
    repo.file("prod/b.yaml", patch);
    assert_eq!(repo.run(&["check", "--fix"]).code, Some(0));
    assert_eq!(fs::read_to_string(repo.path("prod/b.yaml")).unwrap(), patch.replace('2', "\"2\""));
    assert_eq!(fs::read_to_string(repo.path("base/a.yaml")).unwrap(), STRING);
}
