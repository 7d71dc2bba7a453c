//! What is handed out beside the binary (the action, hooks, examples, the image) speaks of this version, and of
//! flags that there are.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::Repo;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The files that name versions, or run `gitops-lint check`.
const HANDED_OUT: [&str; 8] = [
    ".pre-commit-hooks.yaml",
    "action.yml",
    "README.md",
    "docs/integrations.md",
    "examples/github/pull-request.yml",
    "examples/github/sarif.yml",
    "examples/gitlab/.gitlab-ci.yml",
    "examples/pre-commit/.pre-commit-config.yaml",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|err| panic!("{path}: {err}"))
}

/// The version at the start of a text: digits and points.
fn version(text: &str) -> &str {
    let end = text.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

#[test]
fn the_version_is_that_of_the_crate_wherever_it_is_named() {
    let mut count = 0;
    for path in HANDED_OUT {
        let text = read(path);
        for before in ["gitops-lint/gitops-lint@v", "gitops-lint/gitops-lint:", "rev: v"] {
            for (at, _) in text.match_indices(before) {
                let found = version(&text[at + before.len()..]);
                assert_eq!(found, VERSION, "{path}: `{before}{found}`");
                count += 1;
            }
        }
    }
    assert!(count >= 5, "the action, the image and the hook are named in {count} places only");
}

/// The flags in the lines of a text that belong to gitops-lint: those that name it, and what follows with
/// more flags; in the action, the words of its list.
fn flags(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_ours = false;
    for line in text.lines().map(str::trim).filter(|it| !it.starts_with('#')) {
        let goes_on = is_ours && (line.starts_with("--") || line.starts_with("${"));
        is_ours = line.contains("gitops-lint check") || line.contains("gitops-lint-hook check") || goes_on;
        if !is_ours && !line.starts_with("words") {
            continue;
        }
        let words =
            line.split(|it: char| it.is_whitespace() || matches!(it, '(' | ')' | '"' | '+' | '`' | '='));
        found.extend(words.filter(|it| it.len() > 2 && it.starts_with("--")).map(str::to_owned));
    }
    found
}

#[test]
fn every_flag_that_is_handed_out_exists() {
    let help =
        assert_cmd::Command::cargo_bin("gitops-lint").unwrap().args(["check", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let words = help.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
    let known: BTreeSet<&str> = words.filter(|it| it.starts_with("--")).collect();
    for (path, least) in [
        (".pre-commit-hooks.yaml", &["--force-exclude"][..]),
        ("action.yml", &["--base", "--config", "--fail-on", "--output-format"]),
        ("examples/gitlab/.gitlab-ci.yml", &["--base", "--output-format"]),
        ("README.md", &["--output-format"]),
        ("docs/integrations.md", &[]),
    ] {
        let found = flags(&read(path));
        for flag in least {
            assert!(
                found.contains(*flag),
                "{path} has no {flag} any more, or this test cannot read it: {found:?}"
            );
        }
        for flag in found {
            assert!(
                known.contains(flag.as_str()),
                "{path} uses {flag}, which `gitops-lint check` does not know"
            );
        }
    }
}

/// The keys of a mapping that stands at the top of a YAML text.
fn keys(text: &str, of: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|it| *it != format!("{of}:")).skip(1);
    let inside = lines.take_while(|it| it.is_empty() || it.starts_with(' '));
    let keys = inside.filter_map(|it| it.strip_prefix("  ")?.strip_suffix(':'));
    keys.filter(|it| !it.starts_with(' ')).map(str::to_owned).collect()
}

#[test]
fn the_docs_name_what_the_action_takes_and_gives() {
    let (action, docs) = (read("action.yml"), read("docs/integrations.md"));
    let names = [keys(&action, "inputs"), keys(&action, "outputs")].concat();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(docs.contains(&format!("`{name}`")), "docs/integrations.md has no `{name}`");
    }
}

#[test]
fn the_example_of_options_can_be_used() {
    let repo = Repo::example("ml-platform");
    repo.file("gitops-lint.toml", read("examples/options/gitops-lint.toml"));
    let ran = repo.run(&["check", "--output-format", "json"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:#?}");
    // It is read: what it asks of the built-in policies is found.
    assert!(ran.stdout.contains("POL000"), "{ran:#?}");
}

#[test]
fn the_workspace_has_one_version() {
    let text = read("Cargo.toml");
    for name in ["gitops-lint", "gitops-render"] {
        let wanted = format!("{name} = {{ path = \"crates/{name}\", version = \"{VERSION}\" }}");
        assert!(text.contains(&wanted), "Cargo.toml has no `{wanted}`");
    }
}

#[test]
fn the_image_is_built_by_the_compiler_that_we_promise() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert!(read("Dockerfile").contains(&format!("FROM rust:{version}-alpine AS build\n")));
}

/// What cargo would pack, or `None` where it cannot tell.
fn packed() -> Option<BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = ["package", "--list", "--offline", "--allow-dirty", "--package", "gitops-lint"];
    let ran = std::process::Command::new(cargo).args(words).current_dir(root()).output();
    let ran = ran.inspect_err(|err| println!("skipped: cargo does not start: {err}")).ok()?;
    if !ran.status.success() {
        println!("skipped: {}", String::from_utf8_lossy(&ran.stderr));
        return None;
    }
    let listed = String::from_utf8(ran.stdout).unwrap();
    Some(listed.lines().map(|it| it.replace('\\', "/")).collect())
}

#[test]
fn a_package_has_all_that_is_embedded_and_the_repository_has_it_once() {
    let embedded = root().join("crates/gitops-lint/embedded");
    for folder in ["policies", "examples"] {
        let link = embedded.join(folder);
        if !link.is_symlink() {
            println!("skipped: this checkout has no links");
            return;
        }
        assert_eq!(fs::canonicalize(link).unwrap(), fs::canonicalize(root().join(folder)).unwrap());
    }
    let Some(packed) = packed() else { return };
    let walk = |folder: &str| ignore::WalkBuilder::new(root().join(folder)).hidden(false).build();
    let mut count = 0;
    for entry in ["policies", "examples"].into_iter().flat_map(walk).map(|it| it.unwrap()) {
        if entry.file_type().unwrap().is_file() {
            let name = entry.path().strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            assert!(packed.contains(&format!("embedded/{name}")), "{name} is not in the package");
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
    for name in ["build.rs", "src/bin/gitops-lint.rs", "README.md"] {
        assert!(packed.contains(name), "{name} is not in the package");
    }
}
