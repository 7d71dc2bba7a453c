//! The JSON Schema of the options file, for editors: draft 7, which all of them read.

use std::collections::BTreeSet;

use gitops_render::rules::RULES;
use serde_json::{Value, json};

use crate::options::file::{FAIL_ON, FORMATS, Preset};

/// What an options file may say.
pub fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "gitops-lint.toml",
        "description": "Options of gitops-lint. Flags of the command line go over them.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties(),
        "definitions": {
            "rule": rule(),
            "rules": list("#/definitions/rule", "Rules: codes, names, beginnings of codes such as SCH, or ALL."),
            "name": { "type": "string", "pattern": "\\S" },
            "paths": { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/name" }, "description": "Patterns as in .gitignore, relative to the folder of this file." },
            "versions": {
                "description": "Versions of Kubernetes: \"1.30,1.33-1.35\", or a list of such texts.",
                "anyOf": [
                    { "$ref": "#/definitions/version" },
                    { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/version" } }
                ]
            },
            "version": { "type": "string", "pattern": "^\\s*v?1\\.\\d+(\\.\\d+)?(\\s*[-,]\\s*v?1\\.\\d+(\\.\\d+)?)*\\s*$" },
            "severities": {
                "description": "How bad the findings of rules are; off if there shall be none. The more precise name counts.",
                "type": "object",
                "propertyNames": { "$ref": "#/definitions/rule" },
                "additionalProperties": { "enum": ["error", "warning", "info", "off"] }
            }
        }
    })
}

fn list(items: &str, description: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": items }, "description": description })
}

/// All names of rules, and what all codes begin with.
fn rule() -> Value {
    let groups: BTreeSet<&str> = RULES.iter().map(|it| &it.code[..3]).collect();
    let names = RULES.iter().flat_map(|it| [it.code, it.name]);
    let all: Vec<&str> = std::iter::once("ALL").chain(groups).chain(names).collect();
    json!({ "anyOf": [{ "enum": all }, { "type": "string", "pattern": "^[A-Z]{3}[0-9]{1,2}$" }] })
}

fn words<T>(words: &[(&str, T)], description: &str) -> Value {
    let all: Vec<&str> = words.iter().map(|it| it.0).collect();
    json!({ "enum": all, "description": description })
}

fn truth(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn properties() -> Value {
    json!({
        "extend": { "type": "string", "pattern": "\\S", "description": "An options file that this one builds upon." },
        "kubernetes-versions": { "$ref": "#/definitions/versions" },
        "environments": {
            "description": "Clusters whose roots are checked against versions of their own. Without paths: the folders that are called so.",
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": false,
                "required": ["kubernetes-versions"],
                "properties": { "paths": { "$ref": "#/definitions/paths" }, "kubernetes-versions": { "$ref": "#/definitions/versions" } }
            }
        },
        "preset": words(Preset::WORDS, "Which rules are on before anything else is said."),
        "select": list("#/definitions/rule", "These rules and no others."),
        "extend-select": list("#/definitions/rule", "These rules, too."),
        "ignore": ignore(),
        "severity": { "$ref": "#/definitions/severities" },
        "overrides": overrides(),
        "exclude": { "type": "array", "items": { "$ref": "#/definitions/name" }, "description": "What is left out: patterns as in .gitignore, relative to the folder of this file." },
        "force-exclude": truth("Leave it out even if it is named on the command line."),
        "policies": list("#/definitions/name", "Directories and files with policies, relative to this file, or builtin:NAME."),
        "data": list("#/definitions/name", "Files and directories that policies read under data, relative to this file."),
        "namespaces": list("#/definitions/name", "Packages whose rules are asked."),
        "all-namespaces": truth("Ask the rules of every package."),
        "combine": truth("Ask once for each overlay, with all of its objects."),
        "schema-locations": list("#/definitions/name", "Where to look for schemas: folders, files, templates as kubeconform has them, or default."),
        "strict": truth("Report fields that the schema does not have, and keys that are there twice."),
        "assume": assume(),
        "baseline": { "type": "string", "pattern": "\\S", "description": "The file with accepted findings, relative to this file; gitops-lint.baseline.json at the top of the repository if not given." },
        "fail-on": words(FAIL_ON, "From which severity on findings make the exit code 1."),
        "output-format": words(FORMATS, "How findings are written to stdout.")
    })
}

fn ignore() -> Value {
    let conditions = ["rules", "kind", "namespace", "name", "container", "path"];
    let wanted: Vec<Value> = conditions.iter().map(|it| json!({ "required": [it] })).collect();
    json!({
        "description": "Rules that are off, or findings that are put up with.",
        "type": "array",
        "items": { "anyOf": [{ "$ref": "#/definitions/rule" }, {
            "type": "object",
            "additionalProperties": false,
            "anyOf": wanted,
            "properties": {
                "rules": { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/rule" } },
                "kind": { "$ref": "#/definitions/name" },
                "namespace": { "$ref": "#/definitions/name" },
                "name": { "$ref": "#/definitions/name" },
                "container": { "$ref": "#/definitions/name" },
                "path": { "anyOf": [{ "$ref": "#/definitions/name" }, { "$ref": "#/definitions/paths" }] },
                "reason": { "type": "string", "description": "Why." },
                "expires": { "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "description": "The last day on which it counts." }
            }
        }] }
    })
}

fn overrides() -> Value {
    let changes = ["select", "extend-select", "ignore", "severity"];
    let wanted: Vec<Value> = changes.iter().map(|it| json!({ "required": [it] })).collect();
    json!({
        "description": "What is different for findings in some files.",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["paths"],
            "anyOf": wanted,
            "properties": {
                "paths": { "$ref": "#/definitions/paths" },
                "select": { "$ref": "#/definitions/rules" },
                "extend-select": { "$ref": "#/definitions/rules" },
                "ignore": { "$ref": "#/definitions/rules" },
                "severity": { "$ref": "#/definitions/severities" }
            }
        }
    })
}

fn assume() -> Value {
    json!({
        "description": "Objects that are there, although they are not in the repository.",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["apiVersion", "kind"],
            "properties": {
                "apiVersion": { "$ref": "#/definitions/name" },
                "kind": { "$ref": "#/definitions/name" },
                "namespace": { "$ref": "#/definitions/name" },
                "name": { "$ref": "#/definitions/name" },
                "labels": { "type": "object", "additionalProperties": { "type": "string" } }
            }
        }
    })
}
