//! The values of expressions: what they are, which of them are equal, which comes first.

use core::net::IpAddr;
use std::cmp::Ordering;
use std::sync::Arc;

use super::library::{quantity::Quantity, semver::Semver, time::Timestamp, url::Url};
use super::read::{NodeList, NodeMap};
use super::shape::{ListForm, escaped};
use super::{Error, Meter};

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    /// In nanoseconds.
    Duration(i64),
    Timestamp(Timestamp),
    /// The name of a type.
    Type(Arc<str>),
    List(List),
    Map(Map),
    Optional(Option<Arc<Val>>),
    Quantity(Quantity),
    Ip(IpAddr),
    /// An address and the length of the prefix.
    Cidr(IpAddr, u8),
    Url(Arc<Url>),
    Semver(Arc<Semver>),
    /// One of the named formats.
    Format(&'static str),
}

/// A list: of values, or a node's.
#[derive(Clone, Debug)]
pub(crate) enum List {
    Values(Arc<Vec<Val>>),
    /// What came of adding to a list whose order means nothing.
    Formed(Arc<Vec<Val>>, Arc<ListForm>),
    Node(NodeList),
}

/// A mapping: of values, or a node's.
#[derive(Clone, Debug)]
pub(crate) enum Map {
    Values(Arc<Vec<(Val, Val)>>),
    Node(NodeMap),
}

impl Val {
    pub(crate) fn string(text: impl Into<Arc<str>>) -> Val {
        Val::Str(text.into())
    }

    pub(super) fn list(items: Vec<Val>) -> Val {
        Val::List(List::Values(Arc::new(items)))
    }

    pub(super) fn some(value: Val) -> Val {
        Val::Optional(Some(Arc::new(value)))
    }

    /// The name of the value's type, as `type()` tells it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Val::Null => "null_type",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Uint(_) => "uint",
            Val::Double(_) => "double",
            Val::Str(_) => "string",
            Val::Bytes(_) => "bytes",
            Val::Duration(_) => "google.protobuf.Duration",
            Val::Timestamp(_) => "google.protobuf.Timestamp",
            Val::Type(_) => "type",
            Val::List(_) => "list",
            Val::Map(_) => "map",
            Val::Optional(_) => "optional_type",
            Val::Quantity(_) => "kubernetes.Quantity",
            Val::Ip(_) => "net.IP",
            Val::Cidr(..) => "net.CIDR",
            Val::Url(_) => "kubernetes.URL",
            Val::Semver(_) => "kubernetes.Semver",
            Val::Format(_) => "kubernetes.NamedFormat",
        }
    }

    /// Whether two values are the same. Values of different types are not, but numbers are numbers.
    pub(super) fn equals(&self, other: &Val, meter: &Meter) -> Result<bool, Error> {
        meter.spend(1)?;
        Ok(match (self, other) {
            (Val::Null, Val::Null) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Str(a), Val::Str(b)) => {
                meter.spend_bytes(a.len().min(b.len()))?;
                a == b
            }
            (Val::Bytes(a), Val::Bytes(b)) => a == b,
            (Val::Duration(a), Val::Duration(b)) => a == b,
            (Val::Timestamp(a), Val::Timestamp(b)) => a == b,
            (Val::Type(a), Val::Type(b)) => a == b,
            (Val::List(a), Val::List(b)) => a.equals(b, meter)?,
            (Val::Map(a), Val::Map(b)) => a.equals(b, meter)?,
            (Val::Optional(Some(a)), Val::Optional(Some(b))) => a.equals(b, meter)?,
            (Val::Optional(None), Val::Optional(None)) => true,
            (Val::Quantity(a), Val::Quantity(b)) => a == b,
            (Val::Ip(a), Val::Ip(b)) => a == b,
            (Val::Cidr(a, n), Val::Cidr(b, m)) => (a, n) == (b, m),
            (Val::Url(a), Val::Url(b)) => a == b,
            (Val::Semver(a), Val::Semver(b)) => a.compare(b) == Ordering::Equal,
            (Val::Format(a), Val::Format(b)) => a == b,
            (a, b) => a.compare_numbers(b) == Some(Ordering::Equal),
        })
    }

    /// Which of two values comes first, if they have an order.
    pub(super) fn compare(&self, other: &Val) -> Option<Ordering> {
        match (self, other) {
            (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
            (Val::Str(a), Val::Str(b)) => Some(a.cmp(b)),
            (Val::Bytes(a), Val::Bytes(b)) => Some(a.cmp(b)),
            (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
            (Val::Timestamp(a), Val::Timestamp(b)) => a.partial_cmp(b),
            (a, b) => a.compare_numbers(b),
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Val::Int(_) | Val::Uint(_) | Val::Double(_))
    }

    /// Compares numbers of any two types; `None` if one is none, or NaN.
    #[expect(clippy::cast_precision_loss, reason = "cel-go compares so, too")]
    fn compare_numbers(&self, other: &Val) -> Option<Ordering> {
        let whole = |it: &Val| match it {
            Val::Int(it) => Some(i128::from(*it)),
            Val::Uint(it) => Some(i128::from(*it)),
            _ => None,
        };
        let real = |it: &Val| match it {
            Val::Double(it) => Some(*it),
            it => whole(it).map(|it| it as f64),
        };
        match (whole(self), whole(other)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => real(self)?.partial_cmp(&real(other)?),
        }
    }

    /// Whether `optional.ofNonZeroValue` takes it for nothing.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Val::Null => true,
            Val::Bool(it) => !it,
            Val::Str(it) => it.is_empty(),
            Val::Bytes(it) => it.is_empty(),
            Val::Duration(it) => *it == 0,
            Val::List(it) => it.len() == 0,
            Val::Map(it) => it.len() == 0,
            Val::Optional(it) => it.is_none(),
            it => it.compare_numbers(&Val::Int(0)) == Some(Ordering::Equal),
        }
    }
}

impl List {
    pub(super) fn len(&self) -> usize {
        match self {
            List::Values(it) | List::Formed(it, _) => it.len(),
            List::Node(it) => it.len(),
        }
    }

    /// The item at an index that is in range.
    pub(super) fn get(&self, index: usize) -> Option<Result<Val, Error>> {
        match self {
            List::Values(it) | List::Formed(it, _) => it.get(index).cloned().map(Ok),
            List::Node(it) => it.get(index),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Result<Val, Error>> {
        (0..self.len()).filter_map(|it| self.get(it))
    }

    /// All items, which costs as much as they are.
    pub(super) fn values(&self, meter: &Meter) -> Result<Vec<Val>, Error> {
        meter.spend(self.len() as u64)?;
        self.iter().collect()
    }

    pub(super) fn contains(&self, wanted: &Val, meter: &Meter) -> Result<bool, Error> {
        for item in self.iter() {
            if item?.equals(wanted, meter)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the items are the same, in their order unless it means nothing.
    fn equals(&self, other: &List, meter: &Meter) -> Result<bool, Error> {
        if self.len() != other.len() {
            return Ok(false);
        }
        if self.unordered().is_some() {
            return self.has_all_of(other, meter);
        }
        for (a, b) in self.iter().zip(other.iter()) {
            if !a?.equals(&b?, meter)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether each item of the other is one of these. Items that make a list a set, or a map, are
    /// there once, so with lists of one length this means that they are equal.
    fn has_all_of(&self, other: &List, meter: &Meter) -> Result<bool, Error> {
        for item in other.iter() {
            if !self.contains(&item?, meter)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The list with the items of another behind it. A set takes what it has not, a list of the type
    /// `map` puts an item in the place of that with the same key.
    pub(super) fn plus(&self, other: &List, meter: &Meter) -> Result<List, Error> {
        let mut items = self.values(meter)?;
        let added = other.values(meter)?;
        let Some(form) = self.unordered() else {
            items.extend(added);
            return Ok(List::Values(Arc::new(items)));
        };
        for item in added {
            meter.spend(items.len() as u64)?;
            let same = |it: &Val| form.is_same_item(it, &item, meter);
            let place = items.iter().map(same).collect::<Result<Vec<_>, _>>()?;
            match place.iter().position(|it| *it) {
                Some(index) => items[index] = item,
                None => items.push(item),
            }
        }
        Ok(List::Formed(Arc::new(items), Arc::clone(form)))
    }

    /// What makes its items what they are, if their order means nothing.
    fn unordered(&self) -> Option<&Arc<ListForm>> {
        let form = match self {
            List::Values(_) => None,
            List::Formed(_, form) => Some(form),
            List::Node(list) => list.form(),
        };
        form.filter(|it| ***it != ListForm::Atomic)
    }
}

impl ListForm {
    /// Whether an item takes the place of another when lists are put together.
    fn is_same_item(&self, a: &Val, b: &Val, meter: &Meter) -> Result<bool, Error> {
        let (ListForm::Map(keys), Val::Map(a), Val::Map(b)) = (self, a, b) else {
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

impl Map {
    pub(super) fn len(&self) -> usize {
        match self {
            Map::Values(it) => it.len(),
            Map::Node(it) => it.keys().count(),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &Val, meter: &Meter) -> Result<Option<Val>, Error> {
        match self {
            Map::Values(entries) => {
                for (other, value) in entries.iter() {
                    if other.equals(key, meter)? {
                        return Ok(Some(value.clone()));
                    }
                }
                Ok(None)
            }
            Map::Node(map) => match key {
                Val::Str(key) => map.get(key).transpose(),
                _ => Ok(None),
            },
        }
    }

    /// The keys.
    pub(super) fn keys(&self) -> Vec<Val> {
        match self {
            Map::Values(it) => it.iter().map(|it| it.0.clone()).collect(),
            Map::Node(it) => it.keys().map(Val::Str).collect(),
        }
    }

    fn equals(&self, other: &Map, meter: &Meter) -> Result<bool, Error> {
        if let (Map::Node(a), Map::Node(b)) = (self, other)
            && !a.unknown_equal(b, meter)?
        {
            return Ok(false);
        }
        if self.len() != other.len() {
            return Ok(false);
        }
        for key in self.keys() {
            let (Some(a), Some(b)) = (self.get(&key, meter)?, other.get(&key, meter)?) else {
                return Ok(false);
            };
            if !a.equals(&b, meter)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
