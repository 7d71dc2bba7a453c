//! What `docs/` shows is what the binary prints.
//!
//! A block of code below `<!-- gitops-lint … -->` is the output of that command in the broken example; a
//! line with nothing but `…` stands for lines that are left out.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use support::Repo;

const LEFT_OUT: &str = "…";

/// A command, and what the page shows of its output.
struct Example<'a> {
    words: Vec<&'a str>,
    shown: Vec<&'a str>,
}

fn examples(page: &str) -> Vec<Example<'_>> {
    let mut examples = vec![];
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("<!-- gitops-lint ").and_then(|it| it.strip_suffix(" -->"))
        else {
            continue;
        };
        let fence = lines.next().unwrap_or_default();
        assert!(fence.starts_with("```"), "no code below `{line}`");
        let end = fence.trim_end_matches(|it| it != '`');
        let shown = lines.by_ref().take_while(|it| *it != end).collect();
        examples.push(Example { words: command.split(' ').collect(), shown });
    }
    examples
}

/// Whether the lines are there, one part behind the other, with nothing between them where nothing is left out.
fn is_shown(shown: &[&str], printed: &str) -> Result<(), String> {
    let printed: Vec<&str> = printed.lines().collect();
    let mut at = 0;
    let parts: Vec<&[&str]> = shown.split(|it| *it == LEFT_OUT).collect();
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        let rest = &printed[at..];
        let found = match (index, is_last) {
            (_, true) if part.is_empty() => Some(rest.len()),
            (0, true) => (rest == *part).then_some(0),
            (0, false) => rest.starts_with(part).then_some(0),
            (_, true) => rest.ends_with(part).then(|| rest.len() - part.len()),
            (_, false) => rest.windows(part.len().max(1)).position(|it| it.starts_with(part)),
        };
        let found = found.ok_or_else(|| format!("not printed:\n{}", part.join("\n")))?;
        at += found + part.len();
    }
    Ok(())
}

#[test]
fn left_out_lines_are_left_out_and_others_are_not() {
    let printed = "a\nb\nc\nd\n";
    for good in [
        &["a", "b", "c", "d"][..],
        &["a", "…"],
        &["…", "d"],
        &["…", "b", "c", "…"],
        &["a", "…", "c", "…", "d"],
    ] {
        assert_eq!(is_shown(good, printed), Ok(()), "{good:?}");
    }
    for bad in [&["a", "b"][..], &["b", "…"], &["…", "c"], &["…", "b", "d", "…"], &["…", "c", "…", "b", "…"]]
    {
        assert!(is_shown(bad, printed).is_err(), "{bad:?}");
    }
}

#[test]
fn the_examples_of_changes_are_what_the_binary_prints() {
    let repo = Repo::example("ml-platform");
    let git = |words: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let command =
            std::process::Command::new("git").args(who).args(words).current_dir(repo.path("")).output();
        command.ok().filter(|it| it.status.success())
    };
    let is_committed = git(&["init", "--quiet"]).is_some()
        && git(&["add", "--all"]).is_some()
        && git(&["commit", "--quiet", "--message", "x"]).is_some();
    if !is_committed {
        eprintln!("SKIPPED: there is no `git` here");
        return;
    }
    for (path, from, to) in [
        ("apps/model-serving/overlays/prod/capacity.yaml", "minReplicas: 4", "minReplicas: 6"),
        ("apps/model-serving/base/deployment.yaml", "log-shipper:0.9.4", "log-shipper:0.9.5"),
    ] {
        let text = fs::read_to_string(repo.path(path)).unwrap();
        assert!(text.contains(from), "{path}");
        repo.file(path, text.replace(from, to));
    }
    let page = page("diff.md");
    let examples = examples(&page);
    assert_printed(&repo, &examples, 0);
    assert_eq!(examples.len(), 4);
}

/// The page, which shows what is printed.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    fs::read_to_string(path).unwrap()
}

#[track_caller]
fn assert_printed(repo: &Repo, examples: &[Example<'_>], code: i32) {
    for Example { words, shown } in examples {
        // The first of January 2026, for the format that says when.
        let ran = repo.run_with("", words, &[("SOURCE_DATE_EPOCH", "1767225600")]);
        assert_eq!(ran.code, Some(code), "{ran:#?}");
        is_shown(shown, &ran.stdout)
            .unwrap_or_else(|err| panic!("{}: {err}\n\n{}", words.join(" "), ran.stdout));
    }
}

#[test]
fn the_page_about_baselines_shows_what_is_printed() {
    let page = page("baseline.md");
    let examples = examples(&page);
    assert_printed(&Repo::example("ml-platform-broken"), &examples, 1);
    assert_eq!(examples.len(), 1);
}

#[test]
fn the_examples_are_what_the_binary_prints() {
    let repo = Repo::example("ml-platform-broken");
    let page = page("formats.md");
    let examples = examples(&page);
    assert_printed(&repo, &examples, 1);
    let help = repo.run(&["check", "-h"]).stdout;
    let formats = help.split("[possible values: ").nth(1).unwrap().split(']').next().unwrap();
    for format in formats.split(',').map(str::trim) {
        let is_shown = examples.iter().any(|it| it.words.last() == Some(&format));
        assert!(is_shown || format == "full", "{format} has no example");
        assert!(page.contains(&format!("(#{format})")), "{format} is not in the table");
    }
    assert!(examples.len() >= 10);
}
