//! The published schema, the documentation and the reader of options agree.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::{GOOD, Repo};
use toml::de::{DeTable, DeValue};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn json_of(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(it) => it.as_ref().into(),
        DeValue::Boolean(it) => (*it).into(),
        DeValue::Array(list) => list.iter().map(|it| json_of(it.get_ref())).collect(),
        DeValue::Table(table) => {
            table.iter().map(|(key, it)| (key.get_ref().to_string(), json_of(it.get_ref()))).collect()
        }
        DeValue::Datetime(it) => it.to_string().into(),
        _ => json!(0),
    }
}

/// Whether the schema, and whether the reader takes a text.
fn judged(text: &str) -> (bool, bool) {
    let schema: Value = serde_json::from_str(&read("docs/gitops-lint.schema.json")).unwrap();
    let table = DeTable::parse(text).unwrap().into_inner();
    let is_valid = jsonschema::draft7::new(&schema).unwrap().is_valid(&json_of(&DeValue::Table(table)));
    let repo = Repo::new();
    repo.file("web.yaml", GOOD).file("policies/x.rego", "package main\n").file("data/x.json", "{}");
    repo.file("schemas/x.json", "{}").file("config/base.toml", "").file("gitops-lint.toml", text);
    let ran = repo.run(&["config"]);
    assert!(matches!(ran.code, Some(0 | 2)), "{ran:#?}");
    (is_valid, ran.code == Some(0))
}

/// The blocks of TOML in the documentation.
fn examples() -> Vec<String> {
    let page = read("docs/options.md");
    let blocks = page.split("```toml\n").skip(1).map(|it| it.split("```").next().unwrap().to_owned());
    blocks.chain([read("examples/options/gitops-lint.toml")]).collect()
}

#[test]
fn the_published_schema_is_the_one_that_is_printed() {
    let printed = Repo::new().run(&["config", "--schema"]).stdout;
    let is_same = printed == read("docs/gitops-lint.schema.json");
    assert!(is_same, "run `gitops-lint config --schema > docs/gitops-lint.schema.json`");
}

#[test]
fn schema_and_reader_take_the_examples_and_every_key_has_one() {
    let all = examples();
    for text in &all {
        assert_eq!(judged(text), (true, true), "{text}");
    }
    let schema: Value = serde_json::from_str(&read("docs/gitops-lint.schema.json")).unwrap();
    for key in schema["properties"].as_object().unwrap().keys() {
        let says = |it: &String| DeTable::parse(it).unwrap().get_ref().contains_key(key.as_str());
        assert!(all.iter().any(says), "`{key}` has no example");
    }
}

#[test]
fn schema_and_reader_refuse_the_same() {
    for text in [
        "selct = []",
        "preset = \"all\"",
        "select = [\"XYZ001\"]",
        "select = \"KUS\"",
        "kubernetes-versions = \"33\"",
        "kubernetes-versions = []",
        "strict = \"true\"",
        "fail-on = \"warn\"",
        "[[ignore]]\nreason = \"x\"",
        "[[ignore]]\nrules = []",
        "[[ignore]]\nname = \"a\"\nexpires = \"soon\"",
        "[[overrides]]\npaths = [\"a\"]",
        "[[overrides]]\nignore = [\"KUS\"]",
        "[severity]\nKUS = \"warn\"",
        "[environments.prod]\npaths = [\"a\"]",
        "[[assume]]\nkind = \"Secret\"",
    ] {
        assert_eq!(judged(text), (false, false), "{text}");
    }
}

#[test]
fn config_tells_where_each_value_is_said_and_is_an_options_file_itself() {
    let repo = Repo::new();
    repo.file("web.yaml", GOOD).file("base.toml", "ignore = [\"SCH003\"]\nseverity = { KUS = \"info\" }\n");
    repo.file(
        "gitops-lint.toml",
        "extend = \"base.toml\"\nkubernetes-versions = \"1.30\"\nfail-on = \"info\"\n",
    );
    let words = ["config", "--fail-on", "error", "--ignore", "KUS001"];
    let printed = repo.run(&words).stdout;
    for line in [
        "kubernetes-versions = \"1.30\" # gitops-lint.toml:2",
        "fail-on = \"error\" # --fail-on",
        "  \"SCH003\", # base.toml:1",
        "  \"KUS001\", # --ignore",
        "severity.KUS = \"info\" # base.toml:2",
        "strict = true # default",
    ] {
        assert!(printed.lines().any(|it| it == line), "{line}\n{printed}");
    }
    let json = repo.run(&[&words[..], &["--output-format", "json"]].concat()).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["options"]["fail-on"][0]["from"], json!({ "kind": "flag", "flag": "--fail-on" }));
    assert_eq!(json["files"], json!(["gitops-lint.toml", "base.toml"]));
    let codes: Vec<&str> =
        json["rules"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"SCH001") && !codes.contains(&"SCH003") && !codes.contains(&"KUS001"));
    repo.file("gitops-lint.toml", &printed);
    let again = repo.run(&["config"]);
    assert_eq!(again.code, Some(0), "{again:#?}");
    assert!(again.stdout.contains("fail-on = \"error\" # gitops-lint.toml:"), "{again:#?}");
}
