//! Schemas as Kubernetes writes them (OpenAPI) to schemas that a JSON Schema validator understands.
//!
//! Three things are said differently: which values may be null, that a mapping has no fields but
//! those that are listed, and the `x-kubernetes-…` keywords.

use serde_json::{Map, Value, json};

use super::bundle::{DEFS, OBJECT_META};
use crate::kube::format;

/// A schema that is a mapping. What else a schema may be (`true`, `{}`) says nothing.
type Schema = Map<String, Value>;

/// Converts a definition of Kubernetes' own.
///
/// The API server takes null for "not set" everywhere but in a required property.
pub(super) fn native(schema: &mut Value) {
    native_value(schema, true);
}

fn native_value(schema: &mut Value, may_be_null: bool) {
    let Value::Object(schema) = schema else { return };
    let required = required(schema);
    for (name, property) in properties(schema) {
        native_value(property, !required.contains(name));
    }
    for keyword in ["items", "additionalProperties"] {
        schema.get_mut(keyword).into_iter().for_each(|it| native_value(it, true));
    }
    if schema.contains_key("properties") {
        close(schema);
    }
    bound_integers(schema);
    drop_other_formats(schema, true);
    if may_be_null {
        allow_null(schema);
    }
}

/// Converts the schema of a custom resource: a structural schema, as the API server demands it.
///
/// Where it is not structural, the offending parts are left out: they would not be enforced.
/// With `keeps_unknown` fields that the schema does not list are let through everywhere.
pub(super) fn custom(schema: Value, keeps_unknown: bool) -> Value {
    convert_custom(schema, Custom { keeps_unknown, refers: false })
}

/// Converts the schema of a custom resource that is built in. It may refer to Kubernetes' own definitions.
pub(super) fn catalogued(schema: Value) -> Value {
    convert_custom(schema, Custom { keeps_unknown: false, refers: true })
}

fn convert_custom(mut schema: Value, custom: Custom) -> Value {
    if let Value::Object(root) = &mut schema {
        custom.value(root, Nulls::Refused);
        custom.add_object_fields(root);
    }
    schema
}

#[derive(Clone, Copy)]
struct Custom {
    keeps_unknown: bool,
    /// Whether `$ref`s, and formats that only we know, mean something.
    refers: bool,
}

/// Whether null may stand in a place, whatever the schema there says.
#[derive(Clone, Copy, PartialEq)]
enum Nulls {
    /// The API server drops a null member of a mapping.
    Dropped,
    Refused,
}

impl Custom {
    fn value(self, schema: &mut Schema, nulls: Nulls) {
        if !self.refers {
            drop_references(schema);
        }
        drop_defaulted(schema);
        exclusive_bounds(schema);
        if is_set(schema, "x-kubernetes-int-or-string") {
            int_or_string(schema);
        }
        let required = required(schema);
        for (name, property) in properties(schema) {
            let nulls = if required.contains(name) { Nulls::Refused } else { Nulls::Dropped };
            self.nested(property, nulls);
        }
        schema.get_mut("additionalProperties").into_iter().for_each(|it| self.nested(it, Nulls::Dropped));
        schema.get_mut("items").into_iter().for_each(|it| self.nested(it, Nulls::Refused));
        each_branch(schema, &mut loose);
        let is_object = schema.contains_key("properties") || schema.get("type") == Some(&json!("object"));
        if is_object && !self.keeps_unknown && !is_set(schema, "x-kubernetes-preserve-unknown-fields") {
            close(schema);
        }
        if is_set(schema, "x-kubernetes-embedded-resource") {
            self.add_object_fields(schema);
            schema.insert("required".into(), json!(["apiVersion", "kind"]));
        }
        bound_integers(schema);
        drop_other_formats(schema, self.refers);
        if nulls == Nulls::Dropped || is_set(schema, "nullable") {
            allow_null(schema);
        }
    }

    fn nested(self, schema: &mut Value, nulls: Nulls) {
        if let Value::Object(schema) = schema {
            self.value(schema, nulls);
        }
    }

    /// The fields that every object has. What a schema says about `metadata` comes on top.
    fn add_object_fields(self, schema: &mut Schema) {
        let properties = schema.entry("properties").or_insert_with(|| json!({}));
        let Value::Object(properties) = properties else { return };
        let standard = json!({ "$ref": format!("{DEFS}{OBJECT_META}") });
        let metadata = match properties.remove("metadata") {
            Some(Value::Object(mut own)) => {
                own.remove("additionalProperties");
                json!({ "allOf": [standard, own] })
            }
            _ => standard,
        };
        properties.insert("metadata".into(), metadata);
        for field in ["apiVersion", "kind"] {
            properties.entry(field).or_insert_with(|| json!({ "type": "string" }));
        }
    }
}

/// Says in today's words what one level of a JSON Schema says in those of older drafts or of OpenAPI.
///
/// What is not said is not added: fields that the schema does not list are fine unless it says otherwise.
pub(super) fn modernize(schema: &mut Schema) {
    exclusive_bounds(schema);
    if is_set(schema, "x-kubernetes-int-or-string") || schema.get("format") == Some(&json!("int-or-string")) {
        int_or_string(schema);
    }
    if schema.get("items").is_some_and(Value::is_array) {
        let items = schema.remove("items").unwrap_or_default();
        schema.insert("prefixItems".into(), items);
        if let Some(others) = schema.remove("additionalItems") {
            schema.insert("items".into(), others);
        }
    }
    if let Some(Value::Object(dependencies)) = schema.remove("dependencies") {
        let (fields, schemas): (Schema, Schema) = dependencies.into_iter().partition(|it| it.1.is_array());
        schema.insert("dependentRequired".into(), fields.into());
        schema.insert("dependentSchemas".into(), schemas.into());
    }
    bound_integers(schema);
    if is_set(schema, "nullable") {
        allow_null(schema);
    }
}

/// Converts a schema inside of `allOf` and the like, which only narrows what stands around it.
fn loose(schema: &mut Schema) {
    drop_references(schema);
    exclusive_bounds(schema);
    drop_other_formats(schema, false);
    properties(schema).filter_map(|it| it.1.as_object_mut()).for_each(loose);
    for keyword in ["items", "additionalProperties"] {
        schema.get_mut(keyword).and_then(Value::as_object_mut).into_iter().for_each(loose);
    }
    each_branch(schema, &mut loose);
}

/// The API server refuses a CRD with `$ref` and the like, so there is nothing that they could mean.
fn drop_references(schema: &mut Schema) {
    schema.retain(|keyword, _| !keyword.starts_with('$'));
}

/// The API server fills a default in before it looks for what is missing.
fn drop_defaulted(schema: &mut Schema) {
    let defaulted = |name: &Value| {
        let property = name.as_str().and_then(|it| schema.get("properties")?.get(it));
        property.is_some_and(|it| it.get("default").is_some())
    };
    let Some(Value::Array(required)) = schema.get("required") else { return };
    let kept: Vec<Value> = required.iter().filter(|it| !defaulted(it)).cloned().collect();
    schema.insert("required".into(), kept.into());
}

/// The keywords that combine schemas.
const BRANCHES: [&str; 4] = ["allOf", "anyOf", "oneOf", "not"];

fn each_branch(schema: &mut Schema, f: &mut dyn FnMut(&mut Schema)) {
    for keyword in BRANCHES {
        match schema.get_mut(keyword) {
            Some(Value::Array(branches)) => {
                branches.iter_mut().filter_map(Value::as_object_mut).for_each(&mut *f);
            }
            Some(Value::Object(branch)) => f(branch),
            _ => {}
        }
    }
}

fn properties(schema: &mut Schema) -> impl Iterator<Item = (&String, &mut Value)> {
    schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
}

fn required(schema: &Schema) -> Vec<String> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_set(schema: &Schema, keyword: &str) -> bool {
    schema.get(keyword) == Some(&Value::Bool(true))
}

/// Only the listed fields may stand in the mapping.
fn close(schema: &mut Schema) {
    schema.entry("additionalProperties").or_insert(Value::Bool(false));
    // Without `properties` the validator would blame the mapping, not the field.
    schema.entry("properties").or_insert_with(|| json!({}));
}

/// Lets null in beside what the schema allows.
fn allow_null(schema: &mut Schema) {
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push("null".into()),
        Some(it) => *it = Value::Array(vec![it.take(), "null".into()]),
        None => {}
    }
    if let Some(Value::Array(options)) = schema.get_mut("enum") {
        options.push(Value::Null);
    }
    // Null might match two branches of a `oneOf`, or none of an `anyOf`.
    let branches: Schema = BRANCHES.iter().filter_map(|it| schema.remove_entry(*it)).collect();
    if !branches.is_empty() {
        schema.insert("if".into(), json!({ "type": "null" }));
        schema.insert("else".into(), Value::Object(branches));
    }
}

/// The API server reads integers of 64 bits; of 32 where the format says so, and for its own
/// type of an integer or a string.
fn bound_integers(schema: &mut Schema) {
    let is_integer = match schema.get("type") {
        Some(Value::Array(types)) => types.contains(&json!("integer")),
        one => one == Some(&json!("integer")),
    };
    let format = schema.get("format").and_then(Value::as_str);
    let (least, most): (i64, i64) = match format {
        Some("int32" | "int-or-string") => (i32::MIN.into(), i32::MAX.into()),
        _ if is_integer => (i64::MIN, i64::MAX),
        _ => return,
    };
    schema.entry("minimum").or_insert_with(|| least.into());
    schema.entry("maximum").or_insert_with(|| most.into());
}

/// Keeps a format that the API server checks, or that our own schemas have. Others are remarks.
fn drop_other_formats(schema: &mut Schema, is_own: bool) {
    let Some(format) = schema.get("format").and_then(Value::as_str) else { return };
    let own = if is_own { &format::OWN[..] } else { &[] };
    if !format::FORMATS.iter().chain(own).any(|it| it.0 == format) {
        schema.remove("format");
    }
}

/// `exclusiveMinimum: true` beside `minimum: 0` is `exclusiveMinimum: 0` today.
fn exclusive_bounds(schema: &mut Schema) {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        let Some(Value::Bool(is_exclusive)) = schema.get(exclusive) else { continue };
        let moved = if *is_exclusive { schema.remove(bound) } else { None };
        match moved {
            Some(value) => schema.insert(exclusive.into(), value),
            None => schema.remove(exclusive),
        };
    }
}

/// An integer or a string. CRDs say so a second time in an `anyOf`, which may stand in an `allOf`.
fn int_or_string(schema: &mut Schema) {
    let is_echo = |branches: Option<&Value>| {
        let branches = branches.and_then(Value::as_array);
        branches.is_some_and(|it| it.iter().all(|branch| branch.get("type").is_some()))
    };
    schema.insert("type".into(), json!(["integer", "string"]));
    if is_echo(schema.get("anyOf")) {
        schema.remove("anyOf");
    }
    if let Some(Value::Array(branches)) = schema.get_mut("allOf") {
        branches.retain(|it| !is_echo(it.get("anyOf")));
    }
    if schema.get("allOf") == Some(&json!([])) {
        schema.remove("allOf");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_may_stand_for_what_is_not_required() {
        let mut schema = json!({
            "type": "object",
            "required": ["a"],
            "properties": { "a": { "type": "string" }, "b": { "type": "string", "enum": ["x"] } },
        });
        native(&mut schema);
        assert_eq!(
            schema,
            json!({
                "type": ["object", "null"],
                "required": ["a"],
                "properties": {
                    "a": { "type": "string" },
                    "b": { "type": ["string", "null"], "enum": ["x", null] },
                },
                "additionalProperties": false,
            })
        );
    }

    #[test]
    fn a_bound_that_is_excluded_the_old_way_is_excluded_the_new_way() {
        let mut schema =
            json!({ "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false });
        exclusive_bounds(schema.as_object_mut().unwrap());
        assert_eq!(schema, json!({ "exclusiveMinimum": 0, "maximum": 9 }));
    }

    #[test]
    fn an_integer_or_a_string_is_said_once() {
        let echo = json!([{ "type": "integer" }, { "type": "string" }]);
        let mut schema = json!({ "allOf": [{ "anyOf": echo }, { "pattern": "^x$" }], "anyOf": echo });
        int_or_string(schema.as_object_mut().unwrap());
        assert_eq!(schema, json!({ "type": ["integer", "string"], "allOf": [{ "pattern": "^x$" }] }));
    }
}
