//! `gitops-lint config` prints an options file that gives the same settings, whatever they come from.
#![allow(clippy::unwrap_used)]

#[path = "support/chance.rs"]
mod chance;
mod support;

use std::fs;

use chance::Numbers;
use serde_json::Value;
use support::{GOOD, Repo};

const RULES: &[&str] =
    &["ALL", "KUS", "KUS00", "KUS001", "KUS004", "KUS020", "SCH", "SCH003", "YML001", "DEP"];

fn rules(numbers: &mut Numbers) -> Vec<&'static str> {
    (0..=numbers.below(3)).map(|_| numbers.one(RULES)).collect()
}

/// Lines of an options file in any folder; some of them, each key once.
fn options(numbers: &mut Numbers) -> String {
    let mut lines = vec![];
    for key in ["select", "extend-select", "ignore"] {
        if numbers.below(2) == 0 {
            lines.push(format!("{key} = {:?}", rules(numbers)));
        }
    }
    lines.extend(numbers.some(
        3,
        &[
            "strict = false",
            "combine = true",
            "force-exclude = true",
            "preset = \"restricted\"",
            "kubernetes-versions = [\"1.30\", \"1.32-1.33\"]",
            "fail-on = \"info\"",
            "output-format = \"concise\"",
            "exclude = [\"a\", \"/b/\", \"c/d\", \"!./e\", \"*.gen.yaml\"]",
            "policies = [\"p\", \"builtin:team-basics\"]",
            "data = [\"p/d.json\"]",
            "schema-locations = [\"default\", \"p\", \"p/{{ .ResourceKind }}.json\"]",
            "namespaces = [\"main\", \"x\\\"y\\u007f\"]",
            "environments.prod = { kubernetes-versions = \"1.25\" }",
            "environments.\"a.b\" = { paths = [\"c/d\", \"e\"], kubernetes-versions = \"1.26\" }",
            "assume = [{ apiVersion = \"v1\", kind = \"A\", labels = { \"a/b\" = \"c\" } }]",
        ],
    ));
    if numbers.below(2) == 0 {
        let (select, ignore) = (rules(numbers), rules(numbers));
        lines.push(format!("overrides = [{{ paths = [\"a/b\"], select = {select:?}, ignore = {ignore:?} }}, {{ paths = [\"x\"], select = [\"KUS\"] }}]"));
    }
    if numbers.below(2) == 0 && !lines.iter().any(|it| it.starts_with("ignore")) {
        lines.push(
            "ignore = [\"SCH004\", { path = \"a/b\", name = \"x-*\", expires = 2099-12-31 }]".to_owned(),
        );
    }
    let mut severities = vec![];
    for _ in 0..numbers.below(3) {
        let rule = numbers.one(RULES);
        if !severities.contains(&rule) {
            severities.push(rule);
            lines
                .push(format!("severity.{rule} = \"{}\"", numbers.one(&["info", "warning", "error", "off"])));
        }
    }
    lines.join("\n") + "\n"
}

fn flags(numbers: &mut Numbers) -> Vec<String> {
    let mut words = vec![];
    for flag in ["--select", "--extend-select", "--ignore"] {
        if numbers.below(3) == 0 {
            words.extend([flag.to_owned(), rules(numbers).join(",")]);
        }
    }
    words.extend(numbers.some(
        5,
        &[
            "--strict",
            "--no-combine",
            "--no-force-exclude",
            "--exclude=q,/r",
            "--kubernetes-version=1.31",
            "--policy=p",
            "--fail-on=never",
        ],
    ));
    words
}

/// What is in force, without where it is said, and the rules that are on. What is said of rules in several
/// places may be said in another way.
fn in_force(repo: &Repo, words: &[&str]) -> (Value, Value) {
    let ran = repo.run(&[&["config", "--output-format", "json"], words].concat());
    let mut told: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {ran:#?}"));
    let options = told["options"].as_object_mut().unwrap();
    for key in ["select", "extend-select", "severity"] {
        options.remove(key);
    }
    let is_entry = |it: &Value| it["value"].is_object();
    options["ignore"].as_array_mut().unwrap().retain(is_entry);
    for value in options.values_mut().flat_map(|it| it.as_array_mut().unwrap()) {
        value.as_object_mut().unwrap().remove("from");
    }
    options.retain(|_, it| !it.as_array().unwrap().is_empty());
    (Value::Object(options.clone()), told["rules"].clone())
}

#[test]
fn what_config_prints_gives_the_same_settings() {
    let mut numbers = Numbers::new(7);
    for round in 0..60 {
        let repo = Repo::new();
        repo.file("web.yaml", GOOD).file("p/a.rego", "package main\n").file("p/d.json", "{}");
        repo.file("config/p/a.rego", "package main\n").file("config/p/d.json", "{}");
        let file = match numbers.below(3) {
            0 => {
                repo.file("config/base.toml", options(&mut numbers));
                format!("extend = \"config/base.toml\"\n{}", options(&mut numbers))
            }
            _ => options(&mut numbers),
        };
        repo.file("gitops-lint.toml", &file);
        let words = flags(&mut numbers);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let before = in_force(&repo, &words);
        let printed = repo.run(&[&["config"], &*words].concat()).stdout;
        repo.file("gitops-lint.toml", &printed);
        if repo.path("config/base.toml").exists() {
            fs::remove_file(repo.path("config/base.toml")).unwrap();
        }
        let after = in_force(&repo, &[]);
        assert_eq!(before.1, after.1, "{round} {words:?}\n{file}\n{printed}");
        assert_eq!(before.0, after.0, "{round} {words:?}\n{file}\n{printed}");
    }
}

#[test]
fn the_last_that_says_something_is_told_and_what_goes_over_what() {
    let repo = Repo::new();
    repo.file("web.yaml", GOOD).file("config/p/a.rego", "package main\n");
    repo.file("config/base.toml", "policies = [\"p\"]\nexclude = [\"a\", \"/b\"]\nignore = [\"SCH001\"]\n");
    repo.file("gitops-lint.toml", "extend = \"config/base.toml\"\nstrict = true\n");
    let printed = repo.run(&["config", "--select", "SCH001", "--no-strict"]).stdout;
    for line in [
        "policies = [\"config/p\"] # config/base.toml:1",
        "exclude = [\"/config/**/a\", \"/config/b\"] # config/base.toml:2",
        "strict = false # --no-strict",
        "fail-on = \"warning\" # default",
        "# ignore: \"SCH001\" # config/base.toml:3",
        "select = [\"SCH001\"]",
    ] {
        assert!(printed.lines().any(|it| it == line), "{line}\n{printed}");
    }
}
