//! The fields in which two objects differ.

use super::same::is_same;
use super::secrets::Secrets;
use super::{ChangeKind, FieldChange, ObjectChange, lists};
use crate::kube::merge_keys::{Field, Type, Types};
use crate::node::{Node, Value, pointer_part};
use crate::resource::Resource;

/// A place in both objects.
#[derive(Clone, Debug, Default)]
pub(super) struct At {
    /// As people write it.
    shown: String,
    old: Vec<String>,
    new: Vec<String>,
}

impl At {
    /// The field `key` of the mapping here.
    fn key(&self, key: &str) -> At {
        let is_plain = key.chars().all(|it| it.is_alphanumeric() || matches!(it, '-' | '_' | '$' | '/'));
        let shown = match (is_plain && !key.is_empty(), self.shown.is_empty()) {
            (true, true) => key.to_owned(),
            (true, false) => format!("{}.{key}", self.shown),
            (false, _) => format!("{}[{key:?}]", self.shown),
        };
        self.below(shown, key.to_owned(), key.to_owned())
    }

    /// An element of the list here, which people know by `name`.
    pub(super) fn element(&self, name: &str, old: usize, new: usize) -> At {
        self.below(format!("{}[{name}]", self.shown), old.to_string(), new.to_string())
    }

    fn below(&self, shown: String, old: String, new: String) -> At {
        let with = |way: &[String], last: String| way.iter().cloned().chain([last]).collect();
        At { shown, old: with(&self.old, old), new: with(&self.new, new) }
    }
}

/// Two objects that are being compared.
pub(super) struct Walk<'a> {
    old: &'a Resource,
    new: &'a Resource,
    secrets: &'a Secrets,
    found: Vec<FieldChange>,
}

/// What happened to an object; `None` if it is the same on both sides.
pub(super) fn compare<'r>(
    old: Option<&'r Resource>,
    new: Option<&'r Resource>,
    secrets: &Secrets,
) -> Option<ObjectChange<'r>> {
    let known = old.or(new)?;
    let mut walk = Walk { old: old.unwrap_or(known), new: new.unwrap_or(known), secrets, found: vec![] };
    match (old, new) {
        (Some(old), Some(new)) => {
            let types = Types::BuiltIn;
            walk.value(&At::default(), &old.node, &new.node, types.root(&new.id.gvk));
        }
        (old, new) => walk.push(&At::default(), old.map(|it| &it.node), new.map(|it| &it.node)),
    }
    let fields = walk.found;
    (!fields.is_empty()).then_some(ObjectChange { old, new, fields })
}

impl Walk<'_> {
    /// Compares two values; `is` is what is known about them if they are mappings.
    pub(super) fn value(&mut self, at: &At, old: &Node, new: &Node, is: Option<Type<'_>>) {
        self.field(at, old, new, Field { child: is, ..Field::default() });
    }

    /// Compares two values of a field.
    fn field(&mut self, at: &At, old: &Node, new: &Node, field: Field<'_>) {
        if is_same(old, new) {
            return;
        }
        match (&old.value, &new.value) {
            (Value::Map(before), Value::Map(now)) => {
                for entry in now.entries() {
                    let at = at.key(&entry.key);
                    let field = field.child.map(|it| it.field(&entry.key)).unwrap_or_default();
                    match before.get(&entry.key) {
                        Some(old) => self.field(&at, old, &entry.node, field),
                        None => self.push(&at, None, Some(&entry.node)),
                    }
                }
                for entry in before.entries().iter().filter(|it| now.get(&it.key).is_none()) {
                    self.push(&at.key(&entry.key), Some(&entry.node), None);
                }
            }
            (Value::Seq(before), Value::Seq(now)) if !before.is_empty() && !now.is_empty() => {
                lists::compare(self, at, (old, before), (new, now), field);
            }
            _ => self.push(at, Some(old), Some(new)),
        }
    }

    /// Notes a value that is on one side only, or is something else now.
    pub(super) fn push(&mut self, at: &At, old: Option<&Node>, new: Option<&Node>) {
        let kind = match (old, new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        self.note(kind, at, old, new);
    }

    /// Notes a change of this kind.
    pub(super) fn note(&mut self, kind: ChangeKind, at: &At, old: Option<&Node>, new: Option<&Node>) {
        let hide = |resource, way: &[String], node| self.secrets.hide(resource, way, node);
        let old = old.map(|it| hide(self.old, &at.old, it));
        let new = new.map(|it| hide(self.new, &at.new, it));
        let is_secret = [&old, &new].into_iter().flatten().any(|it| it.1);
        self.found.push(FieldChange {
            kind,
            field: at.shown.clone(),
            old_pointer: pointer(&at.old),
            new_pointer: pointer(&at.new),
            old: old.map(|it| it.0),
            new: new.map(|it| it.0),
            is_secret,
        });
    }
}

fn pointer(way: &[String]) -> String {
    way.iter().map(|it| format!("/{}", pointer_part(it))).collect()
}
