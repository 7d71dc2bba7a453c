//! Walks object and patch side by side.
//!
//! The rules, oddities included, are kustomize's:
//! - a value of the patch takes the place of the object's, but keeps its quotes;
//! - null in the patch removes, and so does a value of the object that was left empty (`key:`),
//!   while one that says `null` or `~` stays;
//! - `$patch` is looked at in the patch only, and only where maps are walked.

use std::sync::Arc;

use crate::kube::merge_keys::{Field, ListKind, Type, Types};
use crate::kustomize::merge::elements;
use crate::kustomize::merge::error::{MergeError, Problem, Shape};
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::Gvk;
use crate::source::Span;

/// One application of a patch.
pub(super) struct Walk {
    /// The entry that asks for it.
    pub directive: Span,
}

/// What stands in the same place of object and patch.
pub(super) enum Sides<'p> {
    /// Both have a value.
    Both(Node, &'p Node),
    /// Only the object has one.
    Target(Node),
    /// Only the patch has one.
    Patch(&'p Node),
}

/// What is known about the type of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Schema<'s> {
    /// A type from which merged lists can be reached.
    Type(Type<'s>),
    /// A known type in which no list is merged.
    Opaque,
    /// Nothing: the value itself may say what it is.
    Unknown(&'s Types),
}

/// What comes out of a walk.
pub(super) struct Walked {
    /// The value; `None` if it is to be removed.
    pub node: Option<Node>,
    /// Whether it is the object's value, changed, rather than one of the patch.
    pub in_place: bool,
}

/// A value of `$patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

impl<'s> Schema<'s> {
    /// The schema of the value of a key, and how it is treated if it is a list.
    pub fn field(self, key: &str) -> (Schema<'s>, ListKind<'s>) {
        match self {
            Schema::Type(id) => {
                let Field { child, list } = id.field(key);
                (child.map_or(Schema::Opaque, Schema::Type), list)
            }
            other => (other, ListKind::Atomic),
        }
    }

    /// An object inside of a custom resource is known by its own apiVersion and kind.
    pub fn or_of(self, node: &Node) -> Schema<'s> {
        let text = |key| node.get(key).map_or("", raw_text);
        match self {
            Schema::Unknown(types) if !text("kind").is_empty() && !text("apiVersion").is_empty() => {
                types.root(&Gvk::new(text("apiVersion"), text("kind"))).map_or(self, Schema::Type)
            }
            known => known,
        }
    }
}

impl Walked {
    pub fn in_place(node: Option<Node>) -> Walked {
        Walked { node, in_place: true }
    }

    pub fn from_patch(node: Option<Node>) -> Walked {
        Walked { node, in_place: false }
    }
}

impl Walk {
    /// Walks a value that is no list.
    pub fn node(&self, sides: Sides<'_>, schema: Schema) -> Result<Walked, MergeError> {
        self.value(sides, schema, ListKind::Atomic)
    }

    /// Walks any value.
    pub fn value(&self, sides: Sides<'_>, schema: Schema, list: ListKind) -> Result<Walked, MergeError> {
        match sides {
            Sides::Target(target) => self.target(target, schema, list).map(Walked::in_place),
            Sides::Patch(patch) => self.graft(patch, schema, list).map(Walked::from_patch),
            Sides::Both(_, patch) if patch.is_null() => Ok(Walked::from_patch(None)),
            Sides::Both(target, patch) if target.is_null() => {
                let node = self.graft(patch, schema, list)?;
                Ok(Walked::from_patch(node.map(|it| self.over(&target, it))))
            }
            Sides::Both(target, patch) => self.both(target, patch, schema, list),
        }
    }

    fn both(&self, target: Node, patch: &Node, schema: Schema, list: ListKind) -> Result<Walked, MergeError> {
        match (&target.value, &patch.value) {
            (Value::Map(_), Value::Map(_)) => self.maps(target, patch, schema),
            (Value::Scalar(_), Value::Scalar(_)) => {
                Ok(Walked::from_patch(Some(self.over(&target, self.mark(patch)))))
            }
            (Value::Seq(_), Value::Seq(_)) if list == ListKind::Atomic => {
                Ok(Walked::from_patch(Some(self.over(&target, self.mark(patch)))))
            }
            (Value::Seq(_), Value::Seq(_)) => {
                self.lists(Sides::Both(target, patch), schema, list).map(Walked::in_place)
            }
            _ => {
                let (wanted, found) = (Shape::of(&target), Shape::of(patch));
                Err(MergeError {
                    at: patch.origin.span,
                    target: Some(target.origin.span),
                    problem: Problem::ShapesDiffer { patch: found, target: wanted },
                })
            }
        }
    }

    fn maps(&self, mut target: Node, patch: &Node, schema: Schema) -> Result<Walked, MergeError> {
        let schema = schema.or_of(&target).or_of(patch);
        match directive(patch)? {
            Directive::Delete => return Ok(Walked::from_patch(None)),
            Directive::Replace => {
                let node = self.graft_entries(patch, schema)?;
                return Ok(Walked::from_patch(Some(self.over(&target, node))));
            }
            Directive::Merge => {}
        }
        let patch = patch.as_map().expect("the caller has looked");
        let map = target.as_map_mut().expect("the caller has looked");
        let mut removed = self.tidy_entries(map, patch, schema)?;
        for entry in patch.entries().iter().filter(|it| &*it.key != DIRECTIVE) {
            let (schema, list) = schema.field(&entry.key);
            let done = match map.get(&entry.key) {
                Some(node) => self.value(Sides::Both(node.clone(), &entry.node), schema, list)?,
                None => self.value(Sides::Patch(&entry.node), schema, list)?,
            };
            removed |= put(map, entry, done.node);
        }
        self.note_removal(&mut target, removed);
        Ok(Walked::in_place(Some(target)))
    }

    /// What is gone leaves its trace on what it was in.
    pub(super) fn note_removal(&self, node: &mut Node, removed: bool) {
        if removed {
            node.origin = node.origin.touched(Step::Patch, self.directive);
        }
    }

    /// Goes through the entries of which the patch says nothing; tells whether any was removed.
    fn tidy_entries(&self, map: &mut Map, patch: &Map, schema: Schema) -> Result<bool, MergeError> {
        let length = map.len();
        let is_unsettled = |entry: &Entry| {
            let (schema, list) = schema.field(&entry.key);
            patch.get(&entry.key).is_none() && !is_settled(&entry.node, schema, list)
        };
        let unsettled: Vec<Arc<str>> =
            map.entries().iter().filter(|it| is_unsettled(it)).map(|it| Arc::clone(&it.key)).collect();
        for key in unsettled {
            let (schema, list) = schema.field(&key);
            let Some(node) = map.get_mut(&key) else { continue };
            match self.target(node.clone(), schema, list)? {
                Some(done) => *node = done,
                None => {
                    map.remove(&key);
                }
            }
        }
        Ok(map.len() < length)
    }

    /// What kustomize does to a value of the object that the patch does not mention.
    fn target(&self, target: Node, schema: Schema, list: ListKind) -> Result<Option<Node>, MergeError> {
        if is_settled(&target, schema, list) {
            return Ok(Some(target));
        }
        match &target.value {
            Value::Scalar(_) => Ok(None),
            Value::Seq(_) => self.lists(Sides::Target(target), schema, list),
            Value::Map(_) => {
                let schema = schema.or_of(&target);
                let mut target = target;
                let map = target.as_map_mut().expect("it has just been looked at");
                let removed = self.tidy_entries(map, &Map::default(), schema)?;
                self.note_removal(&mut target, removed);
                Ok(Some(target))
            }
        }
    }

    /// A value of the patch in the place of `before`.
    fn over(&self, before: &Node, mut node: Node) -> Node {
        node.origin = before.origin.changed(node.origin.span, Step::Patch, self.directive);
        node
    }
}

/// The key of directives.
pub(super) const DIRECTIVE: &str = "$patch";

/// What a map of the patch asks for.
pub(super) fn directive(patch: &Node) -> Result<Directive, MergeError> {
    let Some(node) = patch.get(DIRECTIVE) else { return Ok(Directive::Merge) };
    match raw_text(node) {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        other => Err(MergeError {
            at: node.origin.span,
            target: None,
            problem: Problem::UnknownDirective(other.into()),
        }),
    }
}

/// Puts what became of `entry`'s value into the map that it is merged into; tells whether that
/// removed one.
fn put(map: &mut Map, entry: &Entry, node: Option<Node>) -> bool {
    match (node.filter(|it| !it.is_null()), map.get_mut(&entry.key)) {
        (None, _) => return map.remove(&entry.key).is_some(),
        (Some(node), None) => map.push_new(Entry { node, ..entry.clone() }),
        (Some(node), Some(old)) => {
            let quoted = old.as_scalar().is_some_and(|it| it.quoted);
            *old = with_notation(node, quoted);
        }
    }
    false
}

/// The value as it reads in the notation of what stood in its place: in quotes all is text, and
/// what is text stays so without them.
fn with_notation(mut node: Node, quoted: bool) -> Node {
    if let Value::Scalar(Scalar { kind, quoted: own, .. }) = &mut node.value {
        *own = quoted;
        if quoted {
            *kind = ScalarKind::Str;
        }
    }
    node
}

/// The text of a scalar as it is written, null included; empty for everything else.
pub(super) fn raw_text(node: &Node) -> &str {
    node.as_scalar().map_or("", |it| &it.text)
}

/// Whether a patch that does not mention a value leaves it as it is.
pub(super) fn is_settled(node: &Node, schema: Schema, list: ListKind) -> bool {
    match &node.value {
        // `key:` with nothing behind it.
        Value::Scalar(it) => it.kind != ScalarKind::Null || !it.text.is_empty(),
        Value::Map(map) => {
            let schema = schema.or_of(node);
            map.entries().iter().all(|it| {
                let (schema, list) = schema.field(&it.key);
                is_settled(&it.node, schema, list)
            })
        }
        Value::Seq(items) => match list {
            ListKind::Atomic => true,
            ListKind::Set => elements::is_plain_set(items),
            ListKind::Keyed(keys) => {
                elements::has_unique_keys(items, &keys.list())
                    && items.iter().all(|it| is_settled(it, schema, ListKind::Atomic))
            }
        },
    }
}
