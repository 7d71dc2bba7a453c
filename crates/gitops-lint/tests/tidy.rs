//! Keeps the repository tidy: what a reader relies on, and no compiler checks.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitops_render::rules::RULES;
use serde_json::Value;

/// More than this, and a file is about two things.
const MOST_LINES: usize = 500;

const HEADINGS: [&str; 3] = ["## What it finds", "## Why it matters", "## How to fix it"];

fn root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate lies in crates/");
    crates.parent().expect("crates/ lies in the repository").to_owned()
}

fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

/// The files below a folder of the repository, .gitignore respected, as paths from its root.
fn files(folder: &str) -> Vec<String> {
    let root = root();
    let walk = ignore::WalkBuilder::new(root.join(folder))
        .hidden(false)
        .require_git(false)
        .filter_entry(|it| it.file_name() != ".git")
        .sort_by_file_path(Path::cmp)
        .build();
    walk.map(|it| it.unwrap())
        .filter(|it| it.file_type().is_some_and(|it| it.is_file()))
        .map(|it| it.path().strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"))
        .collect()
}

fn rust_files(folder: &str) -> Vec<String> {
    let found: Vec<String> = files(folder).into_iter().filter(|it| it.ends_with(".rs")).collect();
    assert!(!found.is_empty(), "no Rust in {folder}: was it renamed?");
    found
}

/// Fails with all that was found, one to a line.
fn expect_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let silent: Vec<String> =
        rust_files("crates").into_iter().filter(|it| !read(it).starts_with("//!")).collect();
    expect_none("these files do not open with `//!`", &silent);
}

#[test]
fn no_file_of_the_library_is_long() {
    let long: Vec<String> = rust_files("crates/gitops-render/src")
        .into_iter()
        .map(|it| (read(&it).lines().count(), it))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, it)| format!("{it}: {lines} lines"))
        .collect();
    expect_none("these files are about more than one thing", &long);
}

/// Code and name of the rule that a file declares: `    KUS001 "build-failed" Error Repo`.
fn declared(text: &str) -> Option<(&str, &str)> {
    let (_, declaration) = text.split_once("\nrule! {")?;
    let line = declaration.lines().map(str::trim).find(|it| !it.is_empty() && !it.starts_with("///"))?;
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?.trim_matches('"')))
}

#[test]
fn every_rule_file_is_in_the_list() {
    let folder = "crates/gitops-render/src/rules/";
    let mut in_files = BTreeSet::new();
    for path in rust_files(folder) {
        let inside = path.strip_prefix(folder).unwrap();
        let Some((group, file)) = inside.split_once('/') else { continue };
        if file == "mod.rs" {
            continue;
        }
        let text = read(&path);
        let (code, name) = declared(&text).unwrap_or_else(|| panic!("{path} declares no rule"));
        let prefix = code.trim_end_matches(|it: char| it.is_ascii_digit()).to_ascii_lowercase();
        assert_eq!(prefix, group, "{path} declares {code}, and lies in the folder of another group");
        assert!(in_files.insert((code.to_owned(), name.to_owned())), "{code} is declared twice");
    }
    let in_list: BTreeSet<_> = RULES.iter().map(|it| (it.code.to_owned(), it.name.to_owned())).collect();
    assert_eq!(in_files, in_list, "rules/mod.rs lists other rules than the folders hold");
}

#[test]
fn rules_are_listed_by_code_each_once() {
    let codes: Vec<&str> = RULES.iter().map(|it| it.code).collect();
    let names: BTreeSet<&str> = RULES.iter().map(|it| it.name).collect();
    assert!(codes.windows(2).all(|it| it[0] < it[1]), "not in order, or twice: {codes:?}");
    assert_eq!(names.len(), RULES.len(), "two rules share a name");
    for rule in RULES {
        let (group, number) = rule.code.split_at(3.min(rule.code.len()));
        let well_formed = group.chars().all(|it| it.is_ascii_uppercase())
            && number.len() == 3
            && number.chars().all(|it| it.is_ascii_digit());
        assert!(well_formed, "`{}` is not three letters and three digits", rule.code);
        let is_kebab =
            rule.name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-');
        assert!(is_kebab, "the name `{}` is not in kebab case", rule.name);
    }
}

#[test]
fn every_rule_says_what_why_and_how() {
    for rule in RULES {
        let headings: Vec<&str> =
            rule.docs.lines().map(str::trim).filter(|it| it.starts_with("## ")).collect();
        assert_eq!(headings, HEADINGS, "the documentation of {}", rule.code);
        for (index, section) in rule.docs.split("## ").skip(1).enumerate() {
            let words = section.split_once('\n').map_or("", |it| it.1).trim();
            assert!(!words.is_empty(), "{}: nothing stands under `{}`", rule.code, HEADINGS[index]);
        }
    }
}

#[test]
fn every_rule_has_fixtures() {
    let missing: Vec<String> = RULES
        .iter()
        .map(|it| format!("testdata/rules/{}/{}-{}", it.code[..3].to_ascii_lowercase(), it.code, it.name))
        .filter(|it| !root().join(it).is_dir() || files(it).is_empty())
        .collect();
    expect_none("rules without a fixture folder", &missing);
}

#[test]
fn unsafe_code_is_in_one_file() {
    let allowed = "crates/gitops-render/src/yaml/events.rs";
    // Spelled in two pieces, or this file would find itself.
    let signs = [" {", " fn", " impl", " extern", " trait", "_code)"].map(|it| format!("{}{it}", "unsafe"));
    let found: Vec<String> = rust_files("crates")
        .into_iter()
        .filter(|it| it != allowed && signs.iter().any(|sign| read(it).contains(sign.as_str())))
        .collect();
    expect_none("unsafe code outside of yaml/events.rs", &found);
}

/// What a file of the library says outside of its unit tests, which stand at its end.
fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests").map_or(text, |it| it.0)
}

#[test]
fn the_library_touches_nothing_but_its_tree() {
    let forbidden =
        ["std::fs", "std::net", "std::process", "std::env", "println!", "print!(", "eprint", "dbg!("];
    let mut found = vec![];
    for path in rust_files("crates/gitops-render/src") {
        if path.ends_with("/tests.rs") {
            continue;
        }
        let text = read(&path);
        for word in forbidden.iter().filter(|it| without_tests(&text).contains(**it)) {
            found.push(format!("{path}: {word}"));
        }
    }
    expect_none("the library reads through SourceTree, starts nothing and prints nothing", &found);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let places = ["work", "tmp"].map(|it| format!("/{it}/"));
    let mut found = vec![];
    for path in files("") {
        // What is not text has no paths to speak of.
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for (index, line) in text.lines().enumerate() {
            let named = places
                .iter()
                .any(|place| line.match_indices(place.as_str()).any(|(at, _)| begins_a_path(line, at)));
            if named {
                found.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    expect_none("paths of a machine", &found);
}

/// Whether the slash at `at` is the first of an absolute path, and not one inside a URL or longer path.
fn begins_a_path(line: &str, at: usize) -> bool {
    let before = line[..at].chars().next_back();
    !before.is_some_and(|it| it.is_alphanumeric() || matches!(it, '.' | '_' | '-' | '}' | '*' | '/'))
}

#[test]
fn the_floors_are_counts() {
    let text = read(".ci/floors");
    let floors: Vec<(&str, u32)> = text
        .lines()
        .filter(|it| !it.starts_with('#'))
        .map(|it| it.split_once(' ').unwrap_or_else(|| panic!("`{it}` is not a name and a count")))
        .map(|(name, count)| (name, count.parse().unwrap_or_else(|_| panic!("`{count}` is not a count"))))
        .collect();
    let names: Vec<&str> = floors.iter().map(|it| it.0).collect();
    assert_eq!(names, ["cases", "real", "gatekeeper"]);
}

#[test]
fn the_lock_file_names_one_registry() {
    let lock = read("Cargo.lock");
    let sources: BTreeSet<&str> = lock.lines().filter_map(|it| it.strip_prefix("source = ")).collect();
    assert_eq!(Vec::from_iter(sources), ["\"registry+https://github.com/rust-lang/crates.io-index\""]);
}

/// The strings of the list `allow = [ … ]` in deny.toml.
fn allowed_licences() -> BTreeSet<String> {
    let text = read("deny.toml");
    let list =
        text.split_once("\nallow = [").and_then(|it| it.1.split_once(']')).expect("deny.toml has a list").0;
    list.split(',').map(|it| it.trim().trim_matches('"').to_owned()).filter(|it| !it.is_empty()).collect()
}

/// Whether a licence expression can be met with the licences in `allowed`.
///
/// `OR` leaves a choice, `AND` binds closer and does not, and `/` is how `OR` was once written.
fn can_be_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let met = either(&mut words, allowed);
    assert!(words.is_empty(), "`{expression}` is no licence expression");
    met
}

fn either(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> bool {
    let mut met = both(words, allowed);
    while words.pop_if(|it| *it == "OR").is_some() {
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> bool {
    let mut met = licence(words, allowed);
    while words.pop_if(|it| *it == "AND").is_some() {
        met &= licence(words, allowed);
    }
    met
}

fn licence(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> bool {
    match words.pop() {
        Some("(") => {
            let met = either(words, allowed);
            assert_eq!(words.pop(), Some(")"), "a parenthesis is not closed");
            met
        }
        Some(name) if words.pop_if(|it| *it == "WITH").is_some() => {
            let exception = words.pop().expect("an exception stands behind WITH");
            allowed.contains(&format!("{name} WITH {exception}"))
        }
        Some(name) => allowed.contains(name),
        None => panic!("a licence is missing"),
    }
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for good in
        ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "(MIT OR Zlib) AND MIT", "Apache-2.0 WITH LLVM-exception"]
    {
        assert!(can_be_met(good, &allowed), "{good}");
    }
    for bad in ["Zlib", "MIT AND Zlib", "Apache-2.0", "(MIT AND Zlib) OR Zlib"] {
        assert!(!can_be_met(bad, &allowed), "{bad}");
    }
}

/// What cargo knows about every package of the lock file, or `None` where it cannot tell offline.
fn packages() -> Option<Vec<Value>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--offline", "--locked", "--format-version", "1"];
    let output = match Command::new(cargo).args(arguments).current_dir(root()).output() {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            println!("skipped: {}", String::from_utf8_lossy(&output.stderr));
            return None;
        }
        Err(err) => {
            println!("skipped: cargo does not start: {err}");
            return None;
        }
    };
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else {
        panic!("cargo metadata has no packages")
    };
    assert!(packages.len() > 2, "cargo metadata lists our own packages only");
    Some(packages)
}

#[test]
fn dependencies_have_licences_that_we_allow() {
    let Some(packages) = packages() else { return };
    let allowed = allowed_licences();
    let found: Vec<String> = packages
        .iter()
        .filter(|it| !it["license"].as_str().is_some_and(|it| can_be_met(it, &allowed)))
        .map(|it| format!("{} {}: {}", it["name"], it["version"], it["license"]))
        .collect();
    expect_none("licences that deny.toml does not allow", &found);
}

#[test]
fn dependencies_build_with_the_oldest_compiler_that_we_promise() {
    let Some(packages) = packages() else { return };
    let parts = |it: &str| -> Vec<u32> { it.split('.').map(|it| it.parse().unwrap()).collect() };
    let ours = packages.iter().find(|it| it["name"] == "gitops-lint").expect("we are a package");
    let ours = parts(ours["rust_version"].as_str().expect("the workspace states its rust-version"));
    let found: Vec<String> = packages
        .iter()
        .filter(|it| it["rust_version"].as_str().is_some_and(|it| parts(it)[..2] > ours[..2]))
        .map(|it| format!("{} {}: {}", it["name"], it["version"], it["rust_version"]))
        .collect();
    expect_none("dependencies that want a newer compiler", &found);
}

/// What lies on a floor, and what it must not reach up or over to.
const FLOORS: &[(&[&str], &[&str])] = &[
    (
        &[
            "yaml/",
            "kube/",
            "cel/",
            "rules/",
            "source.rs",
            "sources.rs",
            "node.rs",
            "origin.rs",
            "resource.rs",
            "diagnostic.rs",
        ],
        &["kustomize", "schema", "policy", "entries", "render", "manifest"],
    ),
    (&["kustomize/"], &["schema", "policy", "entries", "render", "manifest"]),
    (&["schema/"], &["kustomize", "policy", "entries", "render", "manifest"]),
    (&["policy/"], &["kustomize", "schema", "entries", "render", "manifest"]),
];

#[test]
fn nobody_reaches_up_or_over_a_floor() {
    let folder = "crates/gitops-render/src/";
    let mut reaches = vec![];
    for path in rust_files(folder) {
        let inside = path.strip_prefix(folder).unwrap();
        // A test may use what it likes.
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        if inside.ends_with("tests.rs") {
            continue;
        }
        for (floor, above) in FLOORS {
            if floor.iter().any(|it| inside.starts_with(it)) {
                let reached = above.iter().filter(|it| code.contains(&format!("crate::{it}::")));
                reaches.extend(reached.map(|it| format!("{path} uses `{it}`")));
            }
        }
    }
    assert!(reaches.is_empty(), "{}", reaches.join("\n"));
}
