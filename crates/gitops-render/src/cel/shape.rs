//! What is known about a node before it is read: which fields it has, which type a text stands for.
//!
//! A shape is read out of a structural schema as the API server reads it. What has no schema, such as
//! a field below `x-kubernetes-preserve-unknown-fields`, has no shape and cannot be asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cel::parse::{LITERALS, RESERVED};
use crate::node::Node;

/// The keyword for fields that no schema names.
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";

/// What is known about a node.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(super) form: ShapeForm,
    pub(super) nullable: bool,
}

#[derive(Clone, Debug)]
pub(super) enum ShapeForm {
    /// Anything: it is read as it is written.
    Any,
    Bool,
    Int,
    Double,
    Str,
    /// Base64.
    Bytes,
    Duration,
    Date,
    DateTime,
    List(Arc<Shape>, Arc<ListForm>),
    Map(Arc<Shape>),
    Object(Arc<Fields>),
    /// An object about which the schema says nothing: expressions can neither read it nor ask for it.
    Opaque(Arc<Fields>),
}

/// Whether the order of a list means something.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ListForm {
    Atomic,
    Set,
    /// The properties that make an item what it is.
    Map(Vec<String>),
}

/// The fields of an object.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// By the name that expressions use.
    fields: BTreeMap<String, Shape>,
}

impl Fields {
    /// The field that expressions call so, with its name as `escaped` spells it. A word of CEL may
    /// stand for the field of that name: newer API servers take `self.namespace`.
    pub(super) fn find(&self, name: &str) -> Option<(&str, &Shape)> {
        let spelt = || escaped(name).filter(|_| is_word(name));
        let found = self.fields.get_key_value(name);
        let found = found.or_else(|| self.fields.get_key_value(&spelt()?));
        found.map(|(name, shape)| (name.as_str(), shape))
    }

    /// The names that expressions use.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }
}

impl Shape {
    /// Nothing is known: the value is read as it is written.
    pub(crate) fn any() -> Shape {
        Shape { form: ShapeForm::Any, nullable: true }
    }

    /// The shape that a structural schema gives to a value, if expressions may see the value.
    ///
    /// The root of an object, and an embedded one, have `apiVersion`, `kind` and two fields of the
    /// metadata, whatever the schema says.
    pub(crate) fn of_schema(schema: &Node, is_root: bool) -> Option<Shape> {
        let nullable = is_true(schema, "nullable");
        let form = if is_true(schema, "x-kubernetes-int-or-string") {
            ShapeForm::Any
        } else {
            let is_root = is_root || is_true(schema, "x-kubernetes-embedded-resource");
            form(schema, is_root)?
        };
        Some(Shape { form, nullable })
    }
}

fn form(schema: &Node, is_root: bool) -> Option<ShapeForm> {
    Some(match text(schema, "type")? {
        "array" => {
            let items = Shape::of_schema(schema.get("items")?, false)?;
            ShapeForm::List(Arc::new(items), Arc::new(list_form(schema)))
        }
        "object" => match schema.get("additionalProperties").filter(|it| it.as_map().is_some()) {
            Some(values) if !is_root => ShapeForm::Map(Arc::new(Shape::of_schema(values, false)?)),
            _ if !is_root && says_nothing(schema) => ShapeForm::Opaque(Arc::default()),
            _ => ShapeForm::Object(Arc::new(fields(schema, is_root))),
        },
        "string" => match text(schema, "format") {
            Some("byte") => ShapeForm::Bytes,
            Some("duration") => ShapeForm::Duration,
            Some("date") => ShapeForm::Date,
            Some("date-time") => ShapeForm::DateTime,
            _ => ShapeForm::Str,
        },
        "boolean" => ShapeForm::Bool,
        "number" => ShapeForm::Double,
        "integer" => ShapeForm::Int,
        _ => return None,
    })
}

/// Whether nothing is known about an object, not even that it has unknown fields.
fn says_nothing(schema: &Node) -> bool {
    let has_fields = schema.get("properties").and_then(Node::as_map).is_some_and(|it| !it.is_empty());
    !has_fields && !is_true(schema, PRESERVE)
}

fn list_form(schema: &Node) -> ListForm {
    match text(schema, "x-kubernetes-list-type") {
        Some("set") => ListForm::Set,
        Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Node::as_seq).unwrap_or_default();
            ListForm::Map(keys.iter().filter_map(Node::as_str).map(str::to_owned).collect())
        }
        _ => ListForm::Atomic,
    }
}

fn fields(schema: &Node, is_root: bool) -> Fields {
    let entries = schema.get("properties").and_then(Node::as_map).map_or(&[][..], |it| it.entries());
    let listed =
        entries.iter().filter_map(|it| Some((escaped(&it.key)?, Shape::of_schema(&it.node, false)?)));
    let mut fields: BTreeMap<String, Shape> = listed.collect();
    if is_root {
        let string = || Shape { form: ShapeForm::Str, nullable: false };
        let names = ["name", "generateName"].map(|it| (it.to_owned(), string()));
        let metadata = ShapeForm::Object(Arc::new(Fields { fields: names.into() }));
        fields.insert("apiVersion".into(), string());
        fields.insert("kind".into(), string());
        fields.insert("metadata".into(), Shape { form: metadata, nullable: false });
    }
    Fields { fields }
}

pub(super) fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(|it| it.as_scalar()?.bool()) == Some(true)
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.as_str()
}

/// Whether a word of CEL's stands in the way of a field of that name.
fn is_word(name: &str) -> bool {
    LITERALS.contains(&name) || RESERVED.contains(&name)
}

/// Characters that no name has, and what is written instead.
const SPELT: [(&str, &str); 4] =
    [("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__")];

/// How expressions call a property; `None` if they cannot.
pub(super) fn escaped(property: &str) -> Option<String> {
    if is_word(property) {
        return Some(format!("__{property}__"));
    }
    let first = property.chars().next()?;
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || "_.-/".contains(it);
    if !(first.is_ascii_alphabetic() || "_.-/".contains(first)) || !property.chars().all(is_allowed) {
        return None;
    }
    let mut name = String::new();
    let mut rest = property;
    while let Some(next) = rest.chars().next() {
        let spelt = SPELT.iter().find(|it| rest.starts_with(it.0));
        name.push_str(spelt.map_or(&rest[..next.len_utf8()], |it| it.1));
        rest = &rest[spelt.map_or(next.len_utf8(), |it| it.0.len())..];
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_as_the_api_server_calls_them() {
        for (property, name) in [
            ("replicas", Some("replicas")),
            ("namespace", Some("__namespace__")),
            ("x-y", Some("x__dash__y")),
            ("a.b/c", Some("a__dot__b__slash__c")),
            ("a__b", Some("a__underscores__b")),
            ("a_b", Some("a_b")),
            ("$ref", None),
            ("1a", None),
            ("", None),
        ] {
            assert_eq!(escaped(property).as_deref(), name, "{property}");
        }
    }
}
