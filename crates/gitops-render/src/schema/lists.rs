//! Items that a list may hold once: what a definition says with `x-kubernetes-list-type`.
//!
//! No validator knows the keyword. Kubernetes' own kinds have it, too, but there the API server
//! does not enforce it: the lists for which it does are in SCH008 itself.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::kube::views::At;
use crate::resource::Resource;
use crate::rules::sch::duplicate_in_list;

/// What is there twice in the sets and the keyed lists of an object.
pub(super) fn duplicates(resource: &Resource, schema: &Value) -> Vec<Diagnostic> {
    let mut found = vec![];
    walk(&At::root(resource), schema, &mut found);
    found
}

/// The depth is that of the object, which the parser limits.
fn walk(at: &At<'_>, schema: &Value, found: &mut Vec<Diagnostic>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, it) in at.members() {
            properties.get(name).into_iter().for_each(|schema| walk(&it, schema, found));
        }
    }
    if let Some(of_others) = schema.get("additionalProperties").filter(|it| it.is_object()) {
        let is_listed = |name: &str| schema.get("properties").is_some_and(|it| it.get(name).is_some());
        at.members().filter(|it| !is_listed(it.0)).for_each(|(_, it)| walk(&it, of_others, found));
    }
    let Some(of_items) = schema.get("items") else { return };
    match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => duplicate_in_list::in_set(at.items(), found),
        Some("map") => duplicate_in_list::in_keyed_list(at.items(), &keys(schema, of_items), found),
        _ => {}
    }
    at.items().for_each(|it| walk(&it, of_items, found));
}

/// The fields by which items are told apart, with the text that stands in for one that is missing.
fn keys<'s>(schema: &'s Value, of_items: &'s Value) -> Vec<(&'s str, Option<String>)> {
    let names = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    let default = |name: &str| match of_items.get("properties")?.get(name)?.get("default")? {
        Value::String(it) => Some(it.clone()),
        other => Some(other.to_string()),
    };
    names.into_iter().flatten().filter_map(Value::as_str).map(|it| (it, default(it))).collect()
}
