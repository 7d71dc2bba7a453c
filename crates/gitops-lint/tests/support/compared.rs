//! Findings of whole runs, and what is left if those of another run are taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::git_testing::Repo;
use crate::support;

/// The findings of a run by what does not move with lines, each with how often it is there.
pub type Counted = BTreeMap<(String, String, String), usize>;

/// What a check finds, and its exit code.
pub fn found(dir: &Path, words: &[&str]) -> (Counted, Option<i32>) {
    let mut all = vec!["check", "--output-format", "json"];
    all.extend(words);
    let ran = support::run_at(dir, &all);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
    let mut counted = Counted::new();
    for it in report["findings"].as_array().unwrap() {
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        let key = (text(&it["code"]), text(&it["location"]["path"]), text(&it["message"]));
        *counted.entry(key).or_default() += 1;
    }
    (counted, ran.code)
}

/// What is in the first and not in the second.
pub fn minus(a: &Counted, b: &Counted) -> Counted {
    let left =
        a.iter().map(|(key, count)| (key.clone(), count.saturating_sub(b.get(key).copied().unwrap_or(0))));
    left.filter(|it| it.1 > 0).collect()
}

/// Checks that `--base` tells what `now` without `then` is; returns that.
pub fn subtracted(repo: &Repo, base: &str, now: &Counted, then: &Counted) -> Counted {
    let (new, code) = found(&repo.top, &["--base", base]);
    assert_eq!(new, minus(now, then), "against {base}");
    assert_eq!(code, Some(i32::from(!new.is_empty())), "{new:?}");
    new
}

/// The codes of findings, each once.
pub fn codes(found: &Counted) -> String {
    let mut codes: Vec<&str> = found.keys().map(|it| &*it.0).collect();
    codes.dedup();
    codes.join(" ")
}

/// How many roots are looked at for a comparison.
#[allow(dead_code)]
pub fn roots(repo: &Repo, base: &str) -> usize {
    let ran = support::run_at(&repo.top, &["check", "--base", base, "--output-format", "concise"]);
    let (_, rest) = ran.stdout.lines().last().unwrap().split_once(" in ").unwrap();
    rest.split_once(" root").unwrap().0.parse().unwrap()
}

/// Findings, by fingerprint, with what they say.
pub type Fingerprints = BTreeSet<(String, String)>;

/// The findings by their fingerprints; `None` if the check could not be done.
#[allow(dead_code)]
pub fn fingerprints(dir: &Path, words: &[&str]) -> Option<Fingerprints> {
    let all = [&["check", "--output-format", "gitlab"], words].concat();
    let ran = support::run_at(dir, &all);
    if !matches!(ran.code, Some(0 | 1)) {
        return None;
    }
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
    let told = |it: &Value| {
        let about = format!("{} {}: {}", it["check_name"], it["location"]["path"], it["description"]);
        (it["fingerprint"].as_str().unwrap().to_owned(), about)
    };
    Some(report.as_array().unwrap().iter().map(told).collect())
}

/// A file and its new text; none: it goes.
pub type Edit = (&'static str, Option<fn() -> String>);

/// Changes files.
#[allow(dead_code)]
pub fn edit(repo: &Repo, edits: &[Edit]) {
    for (path, text) in edits {
        match text {
            Some(text) => repo.write(path, &text()),
            None => repo.remove(path),
        };
    }
}

/// Checks that `--base` tells what is in `now`, those of a whole run, and not in `then`, by fingerprints; returns the
/// codes of that, each once.
#[allow(dead_code)]
#[track_caller]
pub fn new_codes(repo: &Repo, now: &Fingerprints, then: &Fingerprints, what: &str) -> String {
    let new = fingerprints(&repo.top, &["--base", "HEAD"]).unwrap();
    assert_eq!(new, now.difference(then).cloned().collect(), "{what}");
    let mut codes: Vec<&str> =
        new.iter().map(|it| it.1.split(' ').next().unwrap().trim_matches('"')).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(" ")
}
