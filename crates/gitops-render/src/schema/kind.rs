//! The compiled schema of one kind.

use std::collections::BTreeMap;
use std::fmt;

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Value, json};

use super::bundle::{Bundle, DEFS, Version, references};
use super::convert;
use super::json::{Ref, Tree};
use crate::kube::format;
use crate::kube::quantity::is_quantity;
use crate::node::Node;

/// A schema, compiled.
pub(super) struct Kind {
    /// The whole schema, definitions included: what fields there are is looked up here.
    pub document: Value,
    /// `None` if the schema cannot be compiled, so that nothing can be said.
    validator: Option<Validator<Tree>>,
}

impl Kind {
    /// A definition of Kubernetes' own.
    pub(super) fn native(bundle: &Bundle, version: Version, definition: &str) -> Kind {
        let definitions = definitions(bundle, version, definition);
        let document = json!({ "$ref": format!("{DEFS}{definition}"), "$defs": definitions });
        Kind { validator: compile(&document).ok(), document }
    }

    /// The schema of a custom resource, converted already.
    ///
    /// It may refer to definitions of Kubernetes' own. Those that the version does not have allow anything.
    pub(super) fn custom(bundle: &Bundle, version: Version, mut document: Value) -> Kind {
        let mut needed = BTreeMap::new();
        for name in references(&document.to_string()) {
            if !needed.contains_key(name) {
                needed.insert(name.to_owned(), json!({}));
                needed.extend(definitions(bundle, version, name));
            }
        }
        if let Value::Object(root) = &mut document {
            root.insert("$defs".into(), json!(needed));
        }
        let validator = compile(&document).or_else(|_| {
            // Most often it is a pattern that our regex engine does not read. The rest still holds.
            drop_patterns(&mut document);
            compile(&document)
        });
        Kind { validator: validator.ok(), document }
    }

    /// Whether there is a schema that objects can be held against.
    #[cfg(test)]
    pub(super) fn compiles(&self) -> bool {
        self.validator.is_some()
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

fn definitions(bundle: &Bundle, version: Version, name: &str) -> BTreeMap<String, Value> {
    let mut definitions = bundle.closure(version, name);
    definitions.values_mut().for_each(convert::native);
    definitions
}

fn compile(document: &Value) -> Result<Validator<Tree>, ValidationError<'static>> {
    let mut options = jsonschema::options_for::<Tree>().offline().should_validate_formats(true);
    for (name, check) in format::FORMATS.into_iter().chain([("quantity", is_quantity as format::Check)]) {
        options = options.with_format(name, check);
    }
    // The API server's patterns are those of Go, which this engine shares, and it is never slow.
    options.with_pattern_options(PatternOptions::regex()).build(document)
}

fn drop_patterns(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("pattern").is_some_and(Value::is_string) {
                members.remove("pattern");
            }
            members.values_mut().for_each(drop_patterns);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_patterns),
        _ => {}
    }
}
