//! A YAML value and where it came from.
//!
//! Nodes are shared by reference and copied on write: cloning one is cheap however large it is,
//! and writing through [`Node::get_mut`] copies only the way from the root to the place.

mod map;

use std::sync::Arc;

use crate::origin::Origin;

pub use map::{Entry, Map};

/// A value with its origin.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    Seq(Arc<Vec<Node>>),
    /// A mapping.
    Map(Arc<Map>),
}

/// A scalar as it was written, and what its text stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes and escapes: `0x1F` stays `0x1F`.
    pub text: Arc<str>,
    /// What the text resolves to.
    pub kind: ScalarKind,
    /// Whether it is written in quotes or as a block. A patch cannot change that: kustomize keeps
    /// the notation of what stood there before, so that `1` over `"0"` becomes the string `1`.
    pub quoted: bool,
}

/// The type of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarKind {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number in any of the notations that kustomize reads.
    Int,
    /// Any other number.
    Float,
    /// A plain date or time. It is a string to everybody but the emitter, which spells it out.
    Timestamp,
    /// A string.
    Str,
}

impl Scalar {
    /// A plain scalar whose text has this meaning.
    pub fn plain(text: impl Into<Arc<str>>, kind: ScalarKind) -> Scalar {
        Scalar { text: text.into(), kind, quoted: false }
    }

    /// A string.
    pub fn string(text: impl Into<Arc<str>>) -> Scalar {
        Scalar { text: text.into(), kind: ScalarKind::Str, quoted: false }
    }

    /// The text if this is a string (or a date, which is one to everybody but YAML).
    pub fn as_str(&self) -> Option<&str> {
        matches!(self.kind, ScalarKind::Str | ScalarKind::Timestamp).then_some(&*self.text)
    }
}

impl Node {
    /// A string node.
    pub fn string(text: impl Into<Arc<str>>, origin: Origin) -> Node {
        Node { value: Value::Scalar(Scalar::string(text)), origin }
    }

    /// A mapping node.
    pub fn map(map: Map, origin: Origin) -> Node {
        Node { value: Value::Map(Arc::new(map)), origin }
    }

    /// A list node.
    pub fn seq(items: Vec<Node>, origin: Origin) -> Node {
        Node { value: Value::Seq(Arc::new(items)), origin }
    }

    /// The scalar, if this is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(it) => Some(it),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar()?.as_str()
    }

    /// The mapping, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(it) => Some(it),
            _ => None,
        }
    }

    /// The mapping, if this is one, to be changed. Copies it if somebody else holds it too.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(it) => Some(Arc::make_mut(it)),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Seq(it) => Some(it),
            _ => None,
        }
    }

    /// The items, if this is a list, to be changed. Copies it if somebody else holds it too.
    pub fn as_seq_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.value {
            Value::Seq(it) => Some(Arc::make_mut(it)),
            _ => None,
        }
    }

    /// Whether another node holds the same value, in the same notation, wherever it came from.
    pub fn has_same_value(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => a == b,
            (Value::Seq(a), Value::Seq(b)) => {
                let mut pairs = a.iter().zip(b.iter());
                Arc::ptr_eq(a, b) || a.len() == b.len() && pairs.all(|(a, b)| a.has_same_value(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let mut pairs = a.entries().iter().zip(b.entries());
                let is_same = |(a, b): (&Entry, &Entry)| a.key == b.key && a.node.has_same_value(&b.node);
                Arc::ptr_eq(a, b) || a.len() == b.len() && pairs.all(is_same)
            }
            _ => false,
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|it| it.kind == ScalarKind::Null)
    }

    /// What this is, in words for a message: “the number 3”, “a list”.
    pub fn describe(&self) -> String {
        let scalar = match &self.value {
            Value::Seq(_) => return "a list".to_owned(),
            Value::Map(_) => return "a mapping".to_owned(),
            Value::Scalar(it) => it,
        };
        match scalar.kind {
            ScalarKind::Null => "null".to_owned(),
            ScalarKind::Bool => format!("the boolean {}", scalar.text),
            ScalarKind::Int | ScalarKind::Float => format!("the number {}", scalar.text),
            ScalarKind::Timestamp => format!("the date {}", scalar.text),
            ScalarKind::Str => format!("the string {:?}", scalar.text),
        }
    }

    /// The value of `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?.get_mut(key)
    }

    /// The value at the end of `keys`, each a key of a mapping.
    pub fn path(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value at the end of `keys`, to be changed.
    pub fn path_mut(&mut self, keys: &[&str]) -> Option<&mut Node> {
        keys.iter().try_fold(self, |node, key| node.get_mut(key))
    }

    /// The value at a JSON pointer (RFC 6901); the empty pointer is the node itself.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        pointer_parts(pointer).try_fold(self, |node, part| match &node.value {
            Value::Map(map) => map.get(&part),
            Value::Seq(items) => items.get(part.parse::<usize>().ok()?),
            Value::Scalar(_) => None,
        })
    }

    /// The deepest value on the way along a JSON pointer, and the entry of its mapping that led
    /// there, if one did. For a pointer to something that is missing this is its parent.
    pub fn nearest(&self, pointer: &str) -> (&Node, Option<&Entry>) {
        let mut found = (self, None);
        for part in pointer_parts(pointer) {
            let next = match &found.0.value {
                Value::Map(map) => map.entry(&part).map(|it| (&it.node, Some(it))),
                Value::Seq(items) => {
                    part.parse::<usize>().ok().and_then(|it| items.get(it)).map(|it| (it, None))
                }
                Value::Scalar(_) => None,
            };
            match next {
                Some(next) => found = next,
                None => break,
            }
        }
        found
    }
}

/// The parts of a JSON pointer, unescaped.
pub fn pointer_parts(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|it| it.replace("~1", "/").replace("~0", "~"))
}

/// A key as a part of a JSON pointer.
pub fn pointer_part(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
