//! `gitops-lint explain`, `rules`, `completions` and `man`.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use gitops_render::rules::RULES;
use serde_json::Value;
use support::{Ran, Repo};

fn run(words: &[&str]) -> Ran {
    Repo::new().run(words)
}

#[test]
fn a_rule_is_explained_by_its_code_in_any_case_and_by_its_name() {
    let page = run(&["explain", "KUS004"]);
    assert_eq!((page.code, &*page.stderr), (Some(0), ""), "{page:#?}");
    let beginning = "KUS004 patch-target-missing\n  error · looks at the whole repository · on by default\n\nWhat it finds\n  ";
    assert!(page.stdout.starts_with(beginning), "{page:#?}");
    for heading in ["\n\nWhy it matters\n  ", "\n\nHow to fix it\n  "] {
        assert!(page.stdout.contains(heading), "{page:#?}");
    }
    assert!(page.stdout.lines().all(|it| it.chars().count() <= 92), "{page:#?}");
    assert_eq!(run(&["explain", "kus004"]).stdout, page.stdout);
    assert_eq!(run(&["explain", "patch-target-missing"]).stdout, page.stdout);
    let two = run(&["explain", "KUS004", "YML004"]).stdout;
    assert!(two.starts_with(&format!("{}\nYML004 non-string-value\n  error · ", page.stdout)), "{two}");
    assert!(two.contains("some findings can be fixed with --fix"), "{two}");
    assert!(run(&["explain", "KUS020"]).stdout.contains("off by default"));
}

#[test]
fn the_beginning_of_a_code_lists_those_that_begin_so() {
    let codes = |words: &[&str]| -> Vec<String> {
        run(words).stdout.lines().map(|it| it.split_whitespace().next().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&["explain", "dep"]), ["DEP001", "DEP002", "DEP003", "DEP004"]);
    let all: Vec<&str> = RULES.iter().map(|it| it.code).collect();
    assert_eq!(codes(&["rules"]), all);
    let list = run(&["rules"]).stdout;
    let columns: Vec<usize> =
        list.lines().filter_map(|it| it.find(" error ").or_else(|| it.find(" warning "))).collect();
    assert!(columns.len() > 30 && columns.iter().all(|it| *it == columns[0]), "{list}");
}

#[test]
fn a_rule_that_there_is_not_is_two_and_the_nearest_is_named() {
    for (wanted, nearest) in [("KUS0O3", "KUS003"), ("SHC001", "SCH001"), ("unknown-feild", "unknown-field")]
    {
        let ran = run(&["explain", "KUS001", wanted]);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
        assert_eq!(ran.stderr, format!("error: there is no rule `{wanted}`: did you mean `{nearest}`?\n"));
    }
    assert_eq!(run(&["explain", "nonsense"]).stderr, "error: there is no rule `nonsense`\n");
    assert_eq!(run(&["explain", ""]).code, Some(2));
}

#[test]
fn programs_get_all_that_there_is_to_know() {
    let json = |words: &[&str]| -> Value { serde_json::from_str(&run(words).stdout).unwrap() };
    let all = json(&["rules", "--output-format", "json"]);
    let rules = all["rules"].as_array().unwrap();
    assert_eq!((all["version"].as_u64(), rules.len()), (Some(1), RULES.len()));
    for (told, rule) in rules.iter().zip(RULES) {
        assert_eq!(told["code"], rule.code);
        assert_eq!(
            (told["fix"].as_bool(), told["default"].as_bool()),
            (Some(rule.has_fix), Some(rule.is_default))
        );
        assert!(told["docs"].as_str().unwrap().starts_with("## What it finds\n"), "{told}");
    }
    let one = json(&["explain", "SCH002", "--output-format", "json"]);
    assert_eq!(one["rules"].as_array().unwrap().len(), 1);
    assert_eq!(&one["rules"][0], rules.iter().find(|it| it["code"] == "SCH002").unwrap());
    let page = run(&["explain", "SCH002", "--output-format", "markdown"]).stdout;
    assert!(page.starts_with("# SCH002 unknown-field\n\nError · looks at one object · "), "{page}");
    assert!(page.contains("\n\n## Why it matters\n\n"), "{page}");
}

#[test]
fn the_book_of_rules_is_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let book = fs::read_to_string(path).unwrap();
    let written = run(&["rules", "--output-format", "markdown"]).stdout;
    let how = "run `cargo run -p gitops-lint -- rules --output-format markdown > docs/rules.md`";
    assert!(book == written, "docs/rules.md is out of date: {how}");
    for rule in RULES {
        let heading = format!("\n## {} {}\n", rule.code, rule.name);
        assert_eq!(book.matches(&heading).count(), 1, "{heading}");
        assert!(book.contains(&format!("](#{}-{})", rule.code.to_lowercase(), rule.name)), "{}", rule.code);
    }
}

#[test]
fn every_shell_completes_commands_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(&["completions", shell]);
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{shell}");
        for word in ["explain", "unsafe-fixes", "kubernetes-version"] {
            assert!(ran.stdout.contains(word), "{shell} does not know `{word}`");
        }
    }
    let ran = run(&["completions", "nosh"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("possible values: bash"), "{ran:#?}");
}

#[test]
fn shells_complete_the_codes_of_rules() {
    let script = run(&["completions", "bash"]).stdout;
    let codes = "compgen -W \"DEP001 DEP002 ";
    let after = |word: &str| {
        script.split(word).skip(1).any(|it| it.trim_start().starts_with(&format!("COMPREPLY=($({codes}")))
    };
    for flag in ["--select)", "--extend-select)", "--ignore)"] {
        assert!(after(flag), "{flag}");
    }
    let ran = run(&["check", "--select", "KUX003"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("there is no rule `KUX003`: did you mean `KUS003`?"), "{ran:#?}");
}

#[test]
fn flags_stand_under_the_headings_that_they_belong_to() {
    for command in ["check", "baseline", "config"] {
        let help = run(&[command, "-h"]).stdout;
        let (place, mut heading) = ("  [PATHS]...", "");
        let mut found = vec![];
        for line in help.lines() {
            if line.ends_with(':') && !line.starts_with(' ') {
                heading = line;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            let flag = words.iter().take(2).find(|it| it.starts_with("--")).copied();
            found.extend(flag.map(|it| (it, heading)));
            assert!(!line.starts_with(place) || heading == "Arguments:", "{command}: {heading}");
        }
        let under = |flag: &str| found.iter().find(|it| it.0 == flag).map(|it| it.1);
        let own = match command {
            "check" => "--fix",
            "baseline" => "--locked",
            _ => "--schema",
        };
        for (flag, heading) in [
            (own, "Options:"),
            ("--select", "Rules:"),
            ("--config", "Options file:"),
            ("--exclude", "Files:"),
            ("--schema-location", "Schemas:"),
            ("--policy", "Policies:"),
            ("--jobs", "Miscellaneous:"),
        ] {
            assert_eq!(under(flag), Some(heading), "{command} {flag}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let main = run(&["man"]).stdout;
    assert!(main.contains(".TH gitops-lint 1") && main.contains("gitops\\-lint\\-check(1)"), "{main}");
    let repo = Repo::new();
    assert_eq!(repo.run(&["man", "--out-dir", "man/man1"]).code, Some(0));
    for page in ["gitops-lint", "gitops-lint-check", "gitops-lint-explain", "gitops-lint-schema-show"] {
        let text = fs::read_to_string(repo.path(&format!("man/man1/{page}.1"))).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
}
