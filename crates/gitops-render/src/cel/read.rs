//! Nodes as values of expressions: in place, and no deeper than they are asked for.

use std::sync::Arc;

use super::library::time;
use super::shape::{Fields, ListForm, Shape, ShapeForm, escaped};
use super::value::{List, Map, Val};
use super::{Error, Meter};
use crate::node::{self, Node, ScalarKind, Value};
use crate::yaml::resolve::Number;

/// A list that is a node's.
#[derive(Clone, Debug)]
pub(crate) struct NodeList {
    items: Arc<Vec<Node>>,
    shape: Arc<Shape>,
    form: Option<Arc<ListForm>>,
}

/// A mapping that is a node's.
#[derive(Clone, Debug)]
pub(crate) struct NodeMap {
    map: Arc<node::Map>,
    of: Members,
}

/// What is known about the members of a mapping.
#[derive(Clone, Debug)]
enum Members {
    /// All are alike, and their keys are data.
    Alike(Arc<Shape>),
    Fields(Arc<Fields>),
}

/// The value of a node that should have this shape.
///
/// # Errors
/// If it has another: a schema would have said so before.
pub(crate) fn read(node: &Node, shape: &Shape) -> Result<Val, Error> {
    if node.is_null() {
        return if shape.nullable { Ok(Val::Null) } else { Err(Error::failed("the value is null")) };
    }
    let wrong = || Error::failed(format!("the value is {} and not what the schema wants", node.describe()));
    let text = || node.as_str().ok_or_else(wrong);
    Ok(match (&shape.form, &node.value) {
        (ShapeForm::Any, _) => return read_any(node),
        (ShapeForm::List(shape, form), Value::Seq(items)) => Val::List(List::Node(NodeList {
            items: Arc::clone(items),
            shape: Arc::clone(shape),
            form: Some(Arc::clone(form)),
        })),
        (ShapeForm::Map(shape), Value::Map(map)) => {
            Val::Map(Map::Node(NodeMap { map: Arc::clone(map), of: Members::Alike(Arc::clone(shape)) }))
        }
        (ShapeForm::Object(fields), Value::Map(map)) => {
            Val::Map(Map::Node(NodeMap { map: Arc::clone(map), of: Members::Fields(Arc::clone(fields)) }))
        }
        (ShapeForm::Str, Value::Scalar(scalar)) => {
            text()?;
            Val::Str(Arc::clone(&scalar.text))
        }
        (ShapeForm::Bytes, _) => Val::Bytes(super::library::encoders::decode(text()?)?.into()),
        (ShapeForm::Duration, _) => Val::Duration(time::schema_duration(text()?).ok_or_else(wrong)?),
        (ShapeForm::Date, _) => Val::Timestamp(time::date(text()?).ok_or_else(wrong)?),
        (ShapeForm::DateTime, _) => Val::Timestamp(time::timestamp(text()?).ok_or_else(wrong)?),
        (ShapeForm::Bool, Value::Scalar(scalar)) => Val::Bool(scalar.bool().ok_or_else(wrong)?),
        (ShapeForm::Int, Value::Scalar(scalar)) => match number(scalar) {
            Some(Val::Int(it)) => Val::Int(it),
            _ => return Err(wrong()),
        },
        (ShapeForm::Double, Value::Scalar(scalar)) => match number(scalar) {
            #[expect(clippy::cast_precision_loss, reason = "that is what the API server does")]
            Some(Val::Int(it)) => Val::Double(it as f64),
            Some(it @ Val::Double(_)) => it,
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    })
}

pub(crate) fn read_any(node: &Node) -> Result<Val, Error> {
    let shape = || Arc::new(Shape::any());
    Ok(match &node.value {
        Value::Seq(items) => {
            Val::List(List::Node(NodeList { items: Arc::clone(items), shape: shape(), form: None }))
        }
        Value::Map(map) => Val::Map(Map::Node(NodeMap { map: Arc::clone(map), of: Members::Alike(shape()) })),
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Null => Val::Null,
            ScalarKind::Bool => Val::Bool(scalar.bool().unwrap_or_default()),
            _ => number(scalar).unwrap_or_else(|| Val::Str(Arc::clone(&scalar.text))),
        },
    })
}

/// The number that a scalar is. One without a fraction is whole, as it is after a way through JSON.
fn number(scalar: &node::Scalar) -> Option<Val> {
    const LARGEST: f64 = 9.0e15;
    Some(match scalar.number()? {
        Number::Int(it) => Val::Int(it),
        #[expect(clippy::cast_precision_loss, reason = "no reader of JSON keeps more")]
        Number::Uint(it) => Val::Double(it as f64),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
        Number::Float(it) if it.fract() == 0.0 && it.abs() < LARGEST => Val::Int(it as i64),
        Number::Float(it) => Val::Double(it),
    })
}

impl NodeList {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<Result<Val, Error>> {
        self.items.get(index).map(|it| read(it, &self.shape))
    }

    /// Whether the order of the items means something.
    pub(super) fn is_ordered(&self) -> bool {
        self.form.as_deref().is_none_or(|it| *it == ListForm::Atomic)
    }

    /// Whether an item takes the place of another when lists are put together.
    pub(super) fn is_same_item(&self, a: &Val, b: &Val, meter: &Meter) -> Result<bool, Error> {
        let (Some(ListForm::Map(keys)), Val::Map(a), Val::Map(b)) = (self.form.as_deref(), a, b) else {
            return a.equals(b, meter);
        };
        for key in keys.iter().filter_map(|it| escaped(it)) {
            let key = Val::string(key);
            let is_same = match (a.get(&key, meter)?, b.get(&key, meter)?) {
                (Some(a), Some(b)) => a.equals(&b, meter)?,
                (a, b) => a.is_none() && b.is_none(),
            };
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl NodeMap {
    /// The member that expressions call so.
    pub(super) fn get(&self, name: &str) -> Option<Result<Val, Error>> {
        match &self.of {
            Members::Alike(shape) => self.map.get(name).map(|it| read(it, shape)),
            Members::Fields(fields) => {
                let (name, shape) = fields.find(name)?;
                let is_called_so = |it: &&node::Entry| escaped(&it.key).as_deref() == Some(name);
                // Most fields are called as they are written: the way over all names is rare.
                let entry = match self.map.entry(name) {
                    Some(it) if escaped(&it.key).as_deref() == Some(name) => Some(it),
                    _ if name.contains("__") => self.map.entries().iter().find(is_called_so),
                    _ => None,
                };
                entry.map(|it| read(&it.node, shape))
            }
        }
    }

    /// The names of the members that expressions may see.
    pub(super) fn keys(&self) -> impl Iterator<Item = Arc<str>> {
        let name = |entry: &node::Entry| match &self.of {
            Members::Alike(_) => Some(Arc::clone(&entry.key)),
            Members::Fields(fields) => {
                escaped(&entry.key).filter(|it| fields.find(it).is_some()).map(Arc::from)
            }
        };
        self.map.entries().iter().filter_map(name)
    }
}
