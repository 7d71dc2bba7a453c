//! The compiled schema of one kind.

use std::collections::BTreeMap;
use std::fmt;

use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::bundle::{Bundle, DEFS, Version, Versions};
use super::convert;
use super::json::{Ref, Tree};
use crate::kube::{format, go_regex};
use crate::node::Node;
use crate::rules::sch::invalid_definition;

/// A schema, compiled.
pub(super) struct Kind {
    /// The whole schema, definitions included: what fields there are is looked up here.
    pub document: Value,
    /// `None` if the schema cannot be compiled, so that nothing can be said.
    validator: Option<Validator<Tree>>,
}

impl Kind {
    /// A definition of Kubernetes' own, and the versions in which it says the same.
    pub(super) fn native(bundle: &Bundle, version: Version, definition: &str) -> (Kind, Versions) {
        let closure = bundle.closure(version, definition);
        let definitions = converted(closure.definitions).collect();
        let mut document = json!({ "$ref": format!("{DEFS}{definition}") });
        document["$defs"] = Value::Object(definitions);
        (Kind { validator: compile(&document).ok(), document }, closure.versions)
    }

    /// The schema of a custom resource, converted already.
    ///
    /// It may refer to definitions of Kubernetes' own. Those that the version does not have allow anything.
    pub(super) fn custom(bundle: &Bundle, version: Version, mut document: Value) -> Kind {
        let mut needed = Map::new();
        references_in(&document, &mut |name| {
            if !needed.contains_key(name) {
                let closure = bundle.closure(version, name);
                needed.insert(name.to_owned(), json!({}));
                needed.extend(converted(closure.definitions));
            }
        });
        if let Value::Object(root) = &mut document {
            root.insert("$defs".into(), Value::Object(needed));
        }
        let validator = compile(&document).or_else(|_| {
            // Most often it is a pattern that our regex engine does not read as Go does. If it is none
            // at all, the rest still holds.
            each_pattern(&mut document, &|it| go_regex::translated(it).ok());
            compile(&document).or_else(|_| {
                each_pattern(&mut document, &|_| None);
                compile(&document)
            })
        });
        Kind { validator: validator.ok(), document }
    }

    /// A schema in one piece, as a validator understands it.
    ///
    /// # Errors
    /// Where it is no schema, as a pointer into it.
    pub(super) fn written(document: Value) -> Result<Kind, ValidationError<'static>> {
        // Keywords beside a `$ref` count, as they do in OpenAPI today.
        Ok(Kind { validator: Some(compile_as(&document, Draft::Draft202012)?), document })
    }

    /// Why a pattern is none that can be compiled; `None` if it can.
    pub(super) fn why_no_pattern(pattern: &str) -> Option<String> {
        // The schema validator reads some escapes that only JavaScript has.
        invalid_definition::why_no_pattern(pattern)
            .filter(|_| compile(&json!({ "pattern": pattern })).is_err())
    }

    /// Whether there is a schema that objects can be held against.
    pub(super) fn compiles(&self) -> bool {
        self.validator.is_some()
    }

    /// Whether the schema allows `node` as it is; no schema allows nothing.
    pub(super) fn accepts(&self, node: &Node) -> bool {
        self.validator.as_ref().is_some_and(|it| it.is_valid(Ref::Node(node)))
    }

    /// Everything in `node` that the schema does not allow.
    pub(super) fn errors<'a>(&'a self, node: &'a Node) -> Vec<ValidationError<'a>> {
        match &self.validator {
            // To answer yes or no is several times cheaper than to collect errors.
            Some(validator) if !validator.is_valid(Ref::Node(node)) => {
                validator.iter_errors(Ref::Node(node)).collect()
            }
            _ => vec![],
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kind").field("compiles", &self.validator.is_some()).finish_non_exhaustive()
    }
}

fn converted(definitions: BTreeMap<String, Value>) -> impl Iterator<Item = (String, Value)> {
    definitions.into_iter().map(|(name, mut definition)| {
        convert::native(&mut definition);
        (name, definition)
    })
}

/// Calls `f` with the name of each definition that a schema refers to.
fn references_in(schema: &Value, f: &mut dyn FnMut(&str)) {
    match schema {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            target.and_then(|it| it.strip_prefix(DEFS)).into_iter().for_each(&mut *f);
            members.values().for_each(|it| references_in(it, f));
        }
        Value::Array(items) => items.iter().for_each(|it| references_in(it, f)),
        _ => {}
    }
}

fn compile(document: &Value) -> Result<Validator<Tree>, ValidationError<'static>> {
    // Schemas of Kubernetes use nothing that a later draft has, and this one compiles the fastest.
    compile_as(document, Draft::Draft7)
}

fn compile_as(document: &Value, draft: Draft) -> Result<Validator<Tree>, ValidationError<'static>> {
    let options = jsonschema::options_for::<Tree>().offline().with_draft(draft);
    let mut options = options.should_validate_formats(true);
    for (name, check) in format::FORMATS.into_iter().chain(format::OWN) {
        options = options.with_format(name, check);
    }
    // The API server's patterns are those of Go, which this engine shares, and it is never slow.
    options.with_pattern_options(PatternOptions::regex()).build(document)
}

/// Writes each pattern in another way, or leaves it out.
fn each_pattern(schema: &mut Value, rewrite: &dyn Fn(&str) -> Option<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(pattern)) = members.get("pattern") {
                match rewrite(pattern) {
                    Some(it) => members.insert("pattern".to_owned(), Value::String(it)),
                    None => members.remove("pattern"),
                };
            }
            members.values_mut().for_each(|it| each_pattern(it, rewrite));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| each_pattern(it, rewrite)),
        _ => {}
    }
}
