//! What a schema says about fields, for people to read: as `kubectl explain` does, without prose where
//! the schema has none.

use serde_json::Value;

use super::place::Place;
use crate::suggest;

/// A field, or a kind as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name; that of the kind is empty.
    pub name: String,
    /// Its type in the words of `kubectl explain`: `string`, `[]Object`, `map[string]string`.
    pub type_name: String,
    /// Whether it must be there.
    pub is_required: bool,
    /// The values that it may have, if they are listed.
    pub options: Vec<String>,
    /// By which fields the items of the list are told apart.
    pub merge_keys: Vec<String>,
    /// The value that stands for it if it is missing, as JSON.
    pub default: Option<String>,
    /// What the schema says in words.
    pub description: Option<String>,
    /// The fields of the mapping, or of the items of the list.
    pub fields: Vec<Field>,
}

/// A path that leads to no field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no field `{name}` in `{parent}`")]
pub struct NoSuchField {
    /// The part of the path that there is not.
    pub name: String,
    /// What it was looked for in.
    pub parent: String,
    /// What was most likely meant.
    pub nearest: Option<String>,
}

/// How many levels of fields are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The fields.
    One,
    /// Their fields too, and so on, until a type comes again.
    All,
}

/// The field that a path leads to, lists stepped into; an empty path is the kind itself, `kind`.
///
/// # Errors
/// If there is no such field.
pub fn describe(document: &Value, kind: &str, path: &[String], depth: Depth) -> Result<Field, NoSuchField> {
    let mut place = Place::root(document);
    let mut parent = kind.to_owned();
    let mut is_required = false;
    for name in path {
        let inner = innermost(&place);
        let fields = inner.fields();
        if !fields.contains(name.as_str()) && is_map_of_values(&place) {
            // A key of the mapping, in place of a field of what it holds.
            parent = format!("{parent}.{name}");
            is_required = false;
            place = inner;
            continue;
        }
        if !fields.contains(name.as_str()) && !takes_any(&inner) {
            let nearest = suggest::nearest(name, fields).map(str::to_owned);
            return Err(NoSuchField { name: name.clone(), parent, nearest });
        }
        is_required = requires(&inner, name);
        parent = format!("{parent}.{name}");
        place = inner.member(name);
    }
    let mut field = one(path.last().map_or("", String::as_str), &place, is_required);
    field.fields = fields(&place, depth, &mut vec![]);
    Ok(field)
}

/// The fields at a place. `above` has the schemas on the way here.
fn fields<'s>(place: &Place<'s>, depth: Depth, above: &mut Vec<&'s Value>) -> Vec<Field> {
    let inner = innermost(place);
    let own: Vec<&Value> = inner.schemas().filter(|it| it.get("properties").is_some()).collect();
    if own.iter().any(|it| above.iter().any(|other| std::ptr::eq(*it, *other))) {
        return vec![];
    }
    let length = above.len();
    above.extend(own);
    let describe = |name: &'s str| {
        let member = inner.member(name);
        let mut field = one(name, &member, requires(&inner, name));
        if depth == Depth::All {
            field.fields = fields(&member, depth, above);
        }
        field
    };
    let found = inner.fields().into_iter().map(describe).collect();
    above.truncate(length);
    found
}

/// The place, or that of what the list or the mapping there holds.
fn innermost<'s>(place: &Place<'s>) -> Place<'s> {
    let mut place = place.clone();
    for _ in 0..MOST_LEVELS {
        place = match container(&place) {
            Some(Container::List) => place.member("0"),
            Some(Container::Map) => place.member(""),
            None => break,
        };
    }
    place
}

/// Nobody has lists of lists of lists as deep as this.
const MOST_LEVELS: usize = 8;

/// Whether the place, or the items of its list, take keys of any name.
fn is_map_of_values(place: &Place<'_>) -> bool {
    match container(place) {
        Some(Container::List) => is_map_of_values(&place.member("0")),
        Some(Container::Map) => true,
        None => false,
    }
}

enum Container {
    List,
    Map,
}

fn container(place: &Place<'_>) -> Option<Container> {
    if place.schemas().any(|it| it.get("items").is_some()) {
        return Some(Container::List);
    }
    (place.fields().is_empty() && takes_any(place)).then_some(Container::Map)
}

/// Whether a mapping has a schema for fields of any name.
fn takes_any(place: &Place<'_>) -> bool {
    place.schemas().any(|it| it.get("additionalProperties").is_some_and(Value::is_object))
}

fn requires(place: &Place<'_>, name: &str) -> bool {
    let lists = place.whole().filter_map(|it| it.get("required")?.as_array());
    lists.flatten().any(|it| it.as_str() == Some(name))
}

fn one(name: &str, place: &Place<'_>, is_required: bool) -> Field {
    let inner = innermost(place);
    let enumerated = inner.schemas().find_map(|it| it.get("enum")?.as_array());
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let options = enumerated.into_iter().flatten().filter(|it| !it.is_null()).map(text);
    let first = |keyword: &str| place.schemas().find_map(|it| it.get(keyword));
    let keys = first("x-kubernetes-list-map-keys").or_else(|| first("x-kubernetes-patch-merge-key"));
    let keys = keys.map_or(&[][..], |it| it.as_array().map_or(std::slice::from_ref(it), Vec::as_slice));
    Field {
        name: name.to_owned(),
        type_name: type_name(place, 0),
        is_required,
        options: options.filter(|it| !it.is_empty()).collect(),
        merge_keys: keys.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        default: first("default").map(Value::to_string),
        description: first("description").and_then(Value::as_str).map(str::to_owned),
        fields: vec![],
    }
}

/// The type in the words of `kubectl explain`.
fn type_name(place: &Place<'_>, level: usize) -> String {
    if level < MOST_LEVELS {
        match container(place) {
            Some(Container::List) => return format!("[]{}", type_name(&place.member("0"), level + 1)),
            Some(Container::Map) => return format!("map[string]{}", type_name(&place.member(""), level + 1)),
            None => {}
        }
    }
    let mut names: Vec<&str> = vec![];
    for schema in place.schemas() {
        let listed = schema
            .get("type")
            .map_or(&[][..], |it| it.as_array().map_or(std::slice::from_ref(it), Vec::as_slice));
        for name in listed.iter().filter_map(Value::as_str).filter(|it| *it != "null") {
            let name = if name == "object" { "Object" } else { name };
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.sort_unstable();
    match names.as_slice() {
        [] if !place.fields().is_empty() => "Object".to_owned(),
        [] => "any".to_owned(),
        ["integer", "string"] => "IntOrString".to_owned(),
        names => names.join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "$ref": "#/$defs/tree",
            "$defs": { "tree": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": { "type": ["string", "null"], "enum": ["a", "b", "", null], "default": "a" },
                    "children": { "type": "array", "items": { "$ref": "#/$defs/tree" },
                        "x-kubernetes-list-map-keys": ["name"] },
                    "labels": { "type": "object", "additionalProperties": { "type": "string" } },
                    "port": { "oneOf": [{ "type": "integer" }, { "type": "string" }], "description": "Where." },
                    "one": { "anyOf": [{ "required": ["x"] }], "properties": { "x": {} } },
                },
            } },
        })
    }

    fn path(text: &str) -> Vec<String> {
        text.split('.').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn fields_have_types_marks_and_options() {
        let all = describe(&document(), "Tree", &[], Depth::All).unwrap();
        let line =
            |it: &Field| format!("{} <{}>{}", it.name, it.type_name, if it.is_required { "!" } else { "" });
        let lines: Vec<String> = all.fields.iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "children <[]Object>",
                "labels <map[string]string>",
                "name <string>!",
                "one <Object>",
                "port <IntOrString>"
            ]
        );
        assert_eq!(all.fields[0].merge_keys, ["name"]);
        assert_eq!(all.fields[0].fields, [], "the type comes again");
        assert_eq!(
            (&*all.fields[2].options, all.fields[2].default.as_deref()),
            (&["a".to_owned(), "b".to_owned()][..], Some("\"a\""))
        );
        assert_eq!(line(&all.fields[3].fields[0]), "x <any>");
        assert_eq!(all.fields[4].description.as_deref(), Some("Where."));
    }

    #[test]
    fn a_path_leads_through_lists_and_a_slip_is_told() {
        let found = describe(&document(), "Tree", &path("children.children.name"), Depth::One).unwrap();
        assert!(found.is_required && found.type_name == "string");
        assert_eq!(
            describe(&document(), "Tree", &path("labels.any"), Depth::One).unwrap().type_name,
            "string"
        );
        let err = describe(&document(), "Tree", &path("children.nmae"), Depth::One).unwrap_err();
        assert_eq!(err.to_string(), "there is no field `nmae` in `Tree.children`");
        assert_eq!(err.nearest.as_deref(), Some("name"));
    }
}
