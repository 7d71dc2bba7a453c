//! The types of expressions, and the table of signatures.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use super::library::LIBRARIES;
use super::shape::{Fields, Shape, ShapeForm};

/// A type.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    /// Anything: what it is shows when it is evaluated.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Str,
    Bytes,
    Duration,
    Timestamp,
    /// The type of types.
    Meta,
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Optional(Arc<Type>),
    Object(Arc<Fields>),
    /// A type of one of Kubernetes' libraries.
    Named(&'static str),
    /// Any number, in signatures.
    Number,
    /// Any type, but always the same one, in signatures.
    Var(u8),
}

/// The form of a function.
#[derive(Debug)]
pub(super) struct Signature {
    pub is_method: bool,
    pub args: Vec<Type>,
    pub returns: Type,
}

/// The types that a name stands for, and those of libraries.
const NAMES: [(&str, Type); 11] = [
    ("dyn", Type::Dyn),
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("uint", Type::Uint),
    ("double", Type::Double),
    ("string", Type::Str),
    ("bytes", Type::Bytes),
    ("duration", Type::Duration),
    ("timestamp", Type::Timestamp),
    ("type", Type::Meta),
    ("number", Type::Number),
];

const LIBRARY_TYPES: [&str; 6] = [
    "net.IP",
    "net.CIDR",
    "kubernetes.URL",
    "kubernetes.Quantity",
    "kubernetes.Semver",
    "kubernetes.NamedFormat",
];

/// Whether an expression may name a type so.
pub(super) fn is_type_name(name: &str) -> bool {
    const MORE: [&str; 6] = [
        "list",
        "map",
        "null_type",
        "optional_type",
        "google.protobuf.Duration",
        "google.protobuf.Timestamp",
    ];
    let is_plain = NAMES[1..7].iter().any(|it| it.0 == name) || name == "type";
    is_plain || MORE.contains(&name) || LIBRARY_TYPES[..2].contains(&name)
}

/// The signatures of all functions by name, read when the first expression is checked.
pub(super) static SIGNATURES: LazyLock<HashMap<&'static str, Vec<Signature>>> = LazyLock::new(|| {
    let mut found: HashMap<&str, Vec<Signature>> = HashMap::new();
    for line in LIBRARIES.iter().flat_map(|it| it.0.lines()).filter(|it| !it.is_empty()) {
        let (left, right) = line.split_once("-> ").expect("a signature has an arrow");
        let mut words = left.split_whitespace();
        let name = words.next().expect("a signature has a name");
        let (name, is_method) = name.strip_prefix('.').map_or((name, false), |it| (it, true));
        let args = words.map(parsed).collect();
        found.entry(name).or_default().push(Signature { is_method, args, returns: parsed(right) });
    }
    // The other comparisons are as the first.
    let less = found["<"].iter().map(|it| it.args.clone()).collect::<Vec<_>>();
    for name in ["<=", ">", ">="] {
        let same =
            less.iter().map(|it| Signature { is_method: false, args: it.clone(), returns: Type::Bool });
        found.insert(name, same.collect());
    }
    found
});

/// A type as signatures write it.
fn parsed(text: &str) -> Type {
    let text = text.trim();
    let inner = |prefix: &str| text.strip_prefix(prefix).and_then(|it| it.strip_suffix('>'));
    if let Some(it) = inner("list<") {
        return Type::List(Arc::new(parsed(it)));
    }
    if let Some(it) = inner("optional<") {
        return Type::Optional(Arc::new(parsed(it)));
    }
    if let Some((key, value)) = inner("map<").and_then(|it| it.split_once(',')) {
        return Type::Map(Arc::new(parsed(key)), Arc::new(parsed(value)));
    }
    match text {
        "A" => Type::Var(0),
        "B" => Type::Var(1),
        _ => {
            let known = NAMES.iter().find(|it| it.0 == text).map(|it| it.1.clone());
            let library = || LIBRARY_TYPES.iter().find(|it| **it == text).map(|it| Type::Named(it));
            known.or_else(library).expect("signatures use types that there are")
        }
    }
}

impl Type {
    /// The type of a value of a shape.
    pub(crate) fn of_shape(shape: &Shape) -> Type {
        match &shape.form {
            ShapeForm::Any => Type::Dyn,
            ShapeForm::Bool => Type::Bool,
            ShapeForm::Int => Type::Int,
            ShapeForm::Double => Type::Double,
            ShapeForm::Str => Type::Str,
            ShapeForm::Bytes => Type::Bytes,
            ShapeForm::Duration => Type::Duration,
            ShapeForm::Date | ShapeForm::DateTime => Type::Timestamp,
            ShapeForm::List(items, _) => Type::List(Arc::new(Type::of_shape(items))),
            ShapeForm::Map(values) => Type::Map(Arc::new(Type::Str), Arc::new(Type::of_shape(values))),
            ShapeForm::Object(fields) | ShapeForm::Opaque(fields) => Type::Object(Arc::clone(fields)),
        }
    }

    /// A value that may be missing.
    pub(crate) fn optional(self) -> Type {
        Type::Optional(Arc::new(self))
    }

    /// Whether a value of this type may be asked for as `wanted`. Binds the variables of `wanted`.
    pub(super) fn fits(&self, wanted: &Type, bound: &mut [Option<Type>; 2]) -> bool {
        match (self, wanted) {
            (_, Type::Var(index)) => match bound[usize::from(*index)].clone() {
                None => {
                    bound[usize::from(*index)] = Some(self.clone());
                    true
                }
                Some(known) => {
                    let common = known.common(self);
                    let is_same = common.is_some();
                    bound[usize::from(*index)] = common.or(Some(known));
                    is_same
                }
            },
            (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => a.fits(b, bound),
            (Type::Map(a, b), Type::Map(c, d)) => a.fits(c, bound) && b.fits(d, bound),
            (Type::Dyn, wanted) => {
                wanted.each_var(&mut |it| {
                    bound[usize::from(it)].get_or_insert(Type::Dyn);
                });
                true
            }
            (Type::Int | Type::Uint | Type::Double, Type::Number) => true,
            (a, b) => a.common(b).is_some(),
        }
    }

    fn each_var(&self, f: &mut dyn FnMut(u8)) {
        match self {
            Type::Var(it) => f(*it),
            Type::List(it) | Type::Optional(it) => it.each_var(f),
            Type::Map(key, value) => {
                key.each_var(f);
                value.each_var(f);
            }
            _ => {}
        }
    }

    /// The type with its variables replaced. One that nothing has bound may be anything.
    pub(super) fn resolved(&self, bound: &[Option<Type>; 2]) -> Type {
        match self {
            Type::Var(it) => bound[usize::from(*it)].clone().unwrap_or(Type::Dyn),
            Type::List(it) => Type::List(Arc::new(it.resolved(bound))),
            Type::Optional(it) => Type::Optional(Arc::new(it.resolved(bound))),
            Type::Map(key, value) => {
                Type::Map(Arc::new(key.resolved(bound)), Arc::new(value.resolved(bound)))
            }
            other => other.clone(),
        }
    }

    /// Whether it may be anything, or a list of anything.
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            Type::List(it) => matches!(**it, Type::Dyn),
            it => matches!(it, Type::Dyn),
        }
    }

    /// Whether a type is of the other's sort, and does not only stand for it.
    pub(super) fn is_like(&self, other: &Type) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// The type that values of both types have, if there is one.
    pub(super) fn common(&self, other: &Type) -> Option<Type> {
        use Type::{
            Bool, Bytes, Double, Duration, Dyn, Int, List, Map, Named, Null, Object, Optional, Str,
            Timestamp, Uint,
        };
        match (self, other) {
            (Dyn, _) | (_, Dyn) => Some(Dyn),
            (Null, Null) => Some(Null),
            // Null stands for an object, and for what protobuf has as one.
            (Null, it @ (Object(_) | Duration | Timestamp | Named(_) | Optional(_)))
            | (it @ (Object(_) | Duration | Timestamp | Named(_) | Optional(_)), Null) => Some(it.clone()),
            (Bool, Bool)
            | (Int, Int)
            | (Uint, Uint)
            | (Double, Double)
            | (Str, Str)
            | (Bytes, Bytes)
            | (Duration, Duration)
            | (Timestamp, Timestamp)
            | (Type::Meta, Type::Meta) => Some(self.clone()),
            (List(a), List(b)) => Some(List(Arc::new(a.common(b)?))),
            (Optional(a), Optional(b)) => Some(Optional(Arc::new(a.common(b)?))),
            (Map(a, b), Map(c, d)) => Some(Map(Arc::new(a.common(c)?), Arc::new(b.common(d)?))),
            // Two objects at two places of a schema have two types, even if their fields are the same.
            (Object(a), Object(b)) => Arc::ptr_eq(a, b).then(|| self.clone()),
            (Named(a), Named(b)) => (a == b).then(|| self.clone()),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Null => f.write_str("null"),
            Type::List(it) => write!(f, "list({it})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Optional(it) => write!(f, "optional_type({it})"),
            Type::Object(_) => f.write_str("object"),
            Type::Named(it) => f.write_str(it),
            Type::Var(_) => f.write_str("dyn"),
            Type::Duration => f.write_str("google.protobuf.Duration"),
            Type::Timestamp => f.write_str("google.protobuf.Timestamp"),
            other => {
                let same =
                    |it: &&(&str, Type)| std::mem::discriminant(&it.1) == std::mem::discriminant(other);
                f.write_str(NAMES.iter().find(same).map_or("dyn", |it| it.0))
            }
        }
    }
}
