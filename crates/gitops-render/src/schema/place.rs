//! Which part of a schema speaks about a place in an object, and which fields it lists there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bundle::DEFS;
use crate::node::pointer_parts;

/// More schemas than this never speak about one place, unless they refer to each other in a circle.
const MOST_SCHEMAS: usize = 64;

/// The schemas that speak about one place.
#[derive(Clone)]
pub(super) struct Place<'s> {
    document: &'s Value,
    schemas: Vec<&'s Value>,
}

impl<'s> Place<'s> {
    /// The object itself.
    pub(super) fn root(document: &'s Value) -> Place<'s> {
        Place::new(document, vec![document])
    }

    /// The place at a JSON pointer.
    pub(super) fn at(document: &'s Value, pointer: &str) -> Place<'s> {
        pointer_parts(pointer).fold(Place::root(document), |place, part| place.member(&part))
    }

    /// The place of a member of the mapping here, or of an item of the list here.
    pub(super) fn member(&self, name: &str) -> Place<'s> {
        let step = |schema: &&'s Value| {
            let property = schema.get("properties").and_then(|it| it.get(name));
            let item = || schema.get("items").filter(|_| name.parse::<usize>().is_ok());
            property.or_else(item).or_else(|| schema.get("additionalProperties"))
        };
        Place::new(self.document, self.schemas.iter().filter_map(step).collect())
    }

    /// All schemas that speak about the place, branches too.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &'s Value> + use<'s, '_> {
        self.schemas.iter().copied()
    }

    /// Those that hold in any case, whichever branch does.
    pub(super) fn whole(&self) -> impl Iterator<Item = &'s Value> + use<'s, '_> {
        let branches = |it: &&'s Value| {
            let lists = ["anyOf", "oneOf"].into_iter().filter_map(|keyword| it.get(keyword)?.as_array());
            lists.flatten().collect::<Vec<_>>()
        };
        let branches: Vec<&Value> = self.schemas.iter().flat_map(branches).collect();
        self.schemas.iter().copied().filter(move |it| !branches.iter().any(|other| std::ptr::eq(*it, *other)))
    }

    /// The fields that the mapping here may have.
    pub(super) fn fields(&self) -> BTreeSet<&'s str> {
        let listed = self.schemas.iter().filter_map(|it| it.get("properties")?.as_object());
        listed.flat_map(|it| it.keys().map(String::as_str)).collect()
    }

    /// For each `oneOf` about the mapping here: the groups of fields of which it wants one.
    pub(super) fn excluding_groups(&self) -> Vec<Vec<Vec<&'s str>>> {
        let group = |branch: &'s Value| {
            let fields = branch.get("required")?.as_array()?;
            fields.iter().map(Value::as_str).collect::<Option<Vec<_>>>()
        };
        self.unions("oneOf").map(|it| it.iter().filter_map(group).collect()).collect()
    }

    /// Whether the branches of a union about the mapping here are told apart by the value of a field.
    pub(super) fn is_told_apart_by(&self, field: &str) -> bool {
        let is_told = |branch: &Value| branch.get("properties").is_some_and(|it| it.get(field).is_some());
        self.unions("oneOf").chain(self.unions("anyOf")).any(|it| it.iter().all(is_told))
    }

    fn unions(&self, keyword: &str) -> impl Iterator<Item = &'s Vec<Value>> {
        self.schemas.iter().filter_map(move |it| it.get(keyword)?.as_array())
    }

    /// Follows references and looks into branches: what they hold speaks about the same place.
    fn new(document: &'s Value, mut schemas: Vec<&'s Value>) -> Place<'s> {
        let mut next = 0;
        while next < schemas.len() && schemas.len() < MOST_SCHEMAS {
            let schema = schemas[next];
            next += 1;
            let target = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(DEFS));
            schemas.extend(target.and_then(|it| document.get("$defs")?.get(it)));
            schemas.extend(schema.get("else"));
            for keyword in ["allOf", "anyOf", "oneOf"] {
                schemas.extend(schema.get(keyword).and_then(Value::as_array).into_iter().flatten());
            }
        }
        Place { document, schemas }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_found_through_references_branches_and_lists() {
        let document = json!({
            "$defs": { "item": { "properties": { "name": {} } } },
            "properties": { "items": { "items": { "$ref": "#/$defs/item" }, "type": "array" } },
            "allOf": [{ "properties": { "more": {} } }],
        });
        assert_eq!(Place::root(&document).fields(), BTreeSet::from(["items", "more"]));
        assert_eq!(Place::at(&document, "/items/3").fields(), BTreeSet::from(["name"]));
        assert!(Place::at(&document, "/items/3/name").fields().is_empty());
    }

    #[test]
    fn a_circle_of_references_ends() {
        let document = json!({
            "$ref": "#/$defs/a",
            "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a", "properties": { "x": {} } } },
        });
        assert_eq!(Place::root(&document).fields(), BTreeSet::from(["x"]));
    }
}
