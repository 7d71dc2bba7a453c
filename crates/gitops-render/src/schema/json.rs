//! Lets the schema validator read our nodes in place, without a copy as JSON.

use std::borrow::Cow;
use std::slice;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::Value as JsonValue;

use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::yaml::resolve::Number;

/// Our nodes as a representation of JSON.
pub(super) struct Tree;

/// One value: a node, or the name of a property on its own.
#[derive(Clone, Copy)]
pub(super) enum Ref<'a> {
    Node(&'a Node),
    Key(&'a str),
}

/// A number. What JSON cannot express (`.inf`, `.nan`) is a number that is no integer.
pub(super) struct Num(Number);

impl JsonNumber for Num {
    fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Number::Int(it) => u64::try_from(it).ok(),
            Number::Uint(it) => Some(it),
            Number::Float(_) => None,
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Number::Int(it) => Some(it),
            Number::Uint(_) | Number::Float(_) => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "that is what a reader of JSON does")]
    fn as_f64(&self) -> Option<f64> {
        Some(match self.0 {
            Number::Int(it) => it as f64,
            Number::Uint(it) => it as f64,
            Number::Float(it) => it,
        })
    }

    fn as_str(&self) -> Cow<'_, str> {
        self.to_number().to_string().into()
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        let clamped = |it: f64| if it.is_nan() { 0.5 } else { it.clamp(f64::MIN, f64::MAX) };
        Cow::Owned(match self.0 {
            Number::Int(it) => it.into(),
            Number::Uint(it) => it.into(),
            Number::Float(it) => serde_json::Number::from_f64(clamped(it)).unwrap_or_else(|| 0.into()),
        })
    }

    fn is_integer(&self) -> bool {
        match self.0 {
            Number::Int(_) | Number::Uint(_) => true,
            // kustomize prints `1.0` as `1`.
            Number::Float(it) => it.fract() == 0.0,
        }
    }
}

impl Json for Tree {
    type Node<'a> = Ref<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = ();
    // A lookup in our maps goes over the keys, as a pass over the members does.
    const KEYS_PER_LOOKUP: usize = 8;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(_: &mut (), string: &str, f: impl FnOnce(Ref<'_>) -> T) -> T {
        f(Ref::Key(string))
    }
}

impl<'a> Ref<'a> {
    fn scalar(self) -> Option<&'a Scalar> {
        match self {
            Ref::Node(node) => node.as_scalar(),
            Ref::Key(_) => None,
        }
    }
}

impl<'a> JsonNode<'a, Tree> for Ref<'a> {
    type Object = &'a Map;
    type Array = &'a [Node];
    type Number = Num;

    fn as_object(&self) -> Option<&'a Map> {
        match self {
            Ref::Node(node) => node.as_map(),
            Ref::Key(_) => None,
        }
    }

    fn as_array(&self) -> Option<&'a [Node]> {
        match self {
            Ref::Node(node) => node.as_seq(),
            Ref::Key(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            Ref::Node(node) => node.as_str().map(Cow::Borrowed),
            Ref::Key(key) => Some(Cow::Borrowed(key)),
        }
    }

    fn as_number(&self) -> Option<Num> {
        self.scalar()?.number().map(Num)
    }

    fn as_boolean(&self) -> Option<bool> {
        self.scalar()?.bool()
    }

    fn is_null(&self) -> bool {
        self.scalar().is_some_and(|it| it.kind == ScalarKind::Null)
    }

    fn is_number(&self) -> bool {
        self.json_type() == JsonType::Number
    }

    fn json_type(&self) -> JsonType {
        match self {
            Ref::Node(node) => json_type(node),
            Ref::Key(_) => JsonType::String,
        }
    }

    fn to_value(&self) -> Cow<'a, JsonValue> {
        Cow::Owned(match self {
            Ref::Node(node) => to_json(node),
            Ref::Key(key) => (*key).into(),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self {
            // A node stays where it is for as long as it is borrowed for a check.
            Ref::Node(node) => Some(NodeIdentity::new(std::ptr::from_ref::<Node>(node) as usize)),
            Ref::Key(_) => None,
        }
    }
}

/// The type of a node as JSON has it; integers are numbers.
pub(super) fn json_type(node: &Node) -> JsonType {
    match &node.value {
        Value::Map(_) => JsonType::Object,
        Value::Seq(_) => JsonType::Array,
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Null => JsonType::Null,
            ScalarKind::Bool => JsonType::Boolean,
            ScalarKind::Int | ScalarKind::Float if scalar.number().is_some() => JsonType::Number,
            _ => JsonType::String,
        },
    }
}

/// A copy of a node as JSON.
pub(super) fn to_json(node: &Node) -> JsonValue {
    match &node.value {
        Value::Map(map) => {
            let members = map.entries().iter().map(|it| (it.key.to_string(), to_json(&it.node)));
            JsonValue::Object(members.collect())
        }
        Value::Seq(items) => items.iter().map(to_json).collect(),
        Value::Scalar(scalar) => match (scalar.kind, scalar.number()) {
            (ScalarKind::Null, _) => JsonValue::Null,
            (ScalarKind::Bool, _) => scalar.bool().into(),
            (_, Some(number)) => JsonValue::Number(Num(number).to_number().into_owned()),
            (_, None) => (&*scalar.text).into(),
        },
    }
}

/// The members of a mapping.
pub(super) struct Members<'a>(slice::Iter<'a, Entry>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Ref<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|it| (&*it.key, Ref::Node(&it.node)))
    }
}

/// The items of a list.
pub(super) struct Elements<'a>(slice::Iter<'a, Node>);

impl<'a> Iterator for Elements<'a> {
    type Item = Ref<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(Ref::Node)
    }
}

impl<'a> Object<'a, Tree> for &'a Map {
    type Node = Ref<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        Map::len(self)
    }

    fn get(&self, key: &Box<str>) -> Option<Ref<'a>> {
        Map::get(self, key).map(Ref::Node)
    }

    fn members(&self) -> Members<'a> {
        Members(self.entries().iter())
    }
}

impl<'a> Array<'a, Tree> for &'a [Node] {
    type Node = Ref<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        <[Node]>::len(self)
    }

    fn elements(&self) -> Elements<'a> {
        Elements(self.iter())
    }
}
