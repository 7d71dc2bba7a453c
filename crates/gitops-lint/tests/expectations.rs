//! The repositories under `testdata` say themselves what is to be found in them, by comments on
//! the lines that findings must point to:
//!
//! ```yaml
//! replicas: "none"   #! error[SCH001]: integer
//! ```
//!
//! Each comment wants one finding, and each finding wants a comment. A line may have several.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

mod support;

use support::Repo;

/// What a finding is, or is to be.
#[derive(Debug)]
struct Found {
    path: String,
    line: u64,
    /// `error[SCH001]`
    what: String,
    message: String,
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// The directories in a directory, in order.
fn directories(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap_or_else(|err| panic!("{}: {err}", of.display()));
    let mut found: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).filter(|it| it.is_dir()).collect();
    found.sort();
    found
}

/// What the comments in a repository want.
fn wanted(repo: &Path) -> Vec<Found> {
    let mut wanted = vec![];
    let walk = ignore::WalkBuilder::new(repo).sort_by_file_path(Path::cmp).build();
    for entry in walk.map(|it| it.unwrap()).filter(|it| it.file_type().is_some_and(|it| it.is_file())) {
        let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
        let path = entry.path().strip_prefix(repo).unwrap().to_str().unwrap().replace('\\', "/");
        for (index, line) in text.lines().enumerate() {
            for comment in line.split("#! ").skip(1) {
                let (what, message) = comment.split_once(": ").unwrap_or_else(|| panic!("{path}: {comment}"));
                let (what, message) = (what.to_owned(), message.trim_end().to_owned());
                wanted.push(Found { path: path.clone(), line: index as u64 + 1, what, message });
            }
        }
    }
    wanted
}

/// What `check` finds in a repository, with its own policies and schemas if it has any.
fn found(repo: &Path) -> Vec<Found> {
    let mut command = assert_cmd::Command::cargo_bin("gitops-lint").unwrap();
    command.current_dir(repo).args(["check", "--output-format", "json"]);
    // A baseline belongs to a whole repository, and lies at its top.
    let own = repo.join("gitops-lint.baseline.json").is_file().then(|| Repo::copy_of(repo));
    if let Some(own) = &own {
        command.current_dir(own.path(""));
    }
    if repo.join("policies").is_dir() {
        command.args(["-p", "policies"]);
    }
    if repo.join("schemas").is_dir() {
        command.args(["--schema-location", "schemas"]);
    }
    let output = command.output().unwrap();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}: {}", repo.display(), String::from_utf8_lossy(&output.stderr)));
    let findings = document["findings"].as_array().unwrap();
    for finding in findings {
        let related = finding["related"].as_array().unwrap();
        related.iter().chain([&finding["location"]]).for_each(|it| assert_exists(repo, it));
    }
    let found = findings.iter().map(|it| Found {
        path: text(&it["location"]["path"]),
        line: it["location"]["start"]["line"].as_u64().unwrap(),
        what: format!("{}[{}]", text(&it["severity"]), text(&it["code"])),
        message: text(&it["message"]),
    });
    found.collect()
}

/// What `test` finds in a repository's policies, with the severity that the rule has by itself.
fn found_by_tests(repo: &Path) -> Vec<Found> {
    let mut command = assert_cmd::Command::cargo_bin("gitops-lint").unwrap();
    command.current_dir(repo).args(["test", "--output-format", "concise"]);
    let output = command.output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let found = lines.lines().filter_map(|line| {
        let mut parts = line.splitn(4, ':');
        let (path, line, _, rest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (rule, message) = rest.trim_start().split_once(": ")?;
        let rule = gitops_render::rules::find(rule.split(' ').next()?).unwrap();
        Some(Found {
            path: path.to_owned(),
            line: line.parse().unwrap(),
            what: format!("{}[{}]", rule.severity, rule.code),
            message: message.to_owned(),
        })
    });
    found.collect()
}

/// Rules that only `gitops-lint test` knows.
const RULES_OF_TESTS: [&str; 2] = ["POL008", "POL009"];

/// Whatever a report points to is there to be looked at.
fn assert_exists(repo: &Path, place: &Value) {
    let text = fs::read_to_string(repo.join(place["path"].as_str().unwrap())).unwrap();
    for end in ["start", "end"] {
        let (line, column) = (place[end]["line"].as_u64().unwrap(), place[end]["column"].as_u64().unwrap());
        let length = text.split('\n').nth(line as usize - 1).map(|it| it.chars().count() as u64);
        assert!(length.is_some_and(|it| (1..=it + 1).contains(&column)), "there is no such place: {place}");
    }
}

/// What is wanted but not found, and what is found but not wanted, a line each.
fn differences(repo: &Path) -> Vec<String> {
    let folder = repo.file_name().unwrap().to_string_lossy().into_owned();
    let is_of_tests = RULES_OF_TESTS.iter().any(|it| folder.starts_with(it));
    let mut found = if is_of_tests { found_by_tests(repo) } else { found(repo) };
    let mut missing = vec![];
    for it in wanted(repo) {
        let is_it = |one: &Found| {
            (&one.path, one.line, &one.what) == (&it.path, it.line, &it.what)
                && one.message.contains(&it.message)
        };
        match found.iter().position(is_it) {
            Some(index) => drop(found.remove(index)),
            None => missing.push(it),
        }
    }
    let name = repo.file_name().unwrap().to_string_lossy();
    let line = |sign: &str, it: &Found| {
        format!("{sign} {name}/{}:{}: {}: {}", it.path, it.line, it.what, it.message)
    };
    missing.iter().map(|it| line("missing", it)).chain(found.iter().map(|it| line("too much", it))).collect()
}

#[track_caller]
fn check(repos: &[PathBuf]) {
    assert!(!repos.is_empty(), "nothing to check: were the folders renamed?");
    let differences: Vec<String> = repos.iter().flat_map(|it| differences(it)).collect();
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

#[test]
fn rules_find_what_their_fixtures_say() {
    let groups = directories(&testdata().join("rules"));
    check(&groups.iter().flat_map(|it| directories(it)).collect::<Vec<_>>());
}

#[test]
fn repositories_have_the_mistakes_that_they_say() {
    check(&directories(&testdata().join("repos")));
}
