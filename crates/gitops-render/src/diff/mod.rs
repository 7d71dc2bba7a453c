//! What differs between two renderings: which objects, and which of their fields.
//!
//! `objects` finds out which object of one side is which of the other, `fields` walks both of them,
//! `groups` puts together what is the same in many roots. Order of keys, quotes and comments are no
//! difference: what is compared is what would be applied.

mod fields;
mod groups;
mod lists;
mod objects;
mod same;
mod secrets;

use crate::node::Node;
use crate::resource::Resource;
use crate::source::RepoPath;

pub use crate::secrets::HIDDEN;
pub use groups::{Comparison, Group, RootChange, Side, compare};

/// What happened to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It is something else.
    Changed,
    /// The elements of a list that are on both sides come in another order.
    Reordered,
}

impl ChangeKind {
    /// The kind in one word, as reports for programs have it.
    pub fn keyword(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
            ChangeKind::Reordered => "reordered",
        }
    }
}

/// A field that differs.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// What happened to it.
    pub kind: ChangeKind,
    /// The field as people write it: `spec.template.spec.containers[web].image`.
    pub field: String,
    /// Where it is in the old object, a JSON pointer; where it would be, if it was added.
    pub old_pointer: String,
    /// The same in the new object.
    pub new_pointer: String,
    /// What it was; for a list in another order, what its elements are called. Secret values are
    /// [`HIDDEN`].
    pub old: Option<Node>,
    /// What it is.
    pub new: Option<Node>,
    /// Whether something in it is hidden.
    pub is_secret: bool,
}

/// An object that differs.
#[derive(Clone, Debug)]
pub struct ObjectChange<'r> {
    /// As it was.
    pub old: Option<&'r Resource>,
    /// As it is.
    pub new: Option<&'r Resource>,
    /// The fields that differ, in the order of the new object. For an object that is on one side only:
    /// the whole, as one field without a name.
    pub fields: Vec<FieldChange>,
}

impl<'r> ObjectChange<'r> {
    /// What happened to the object.
    pub fn kind(&self) -> ChangeKind {
        match (self.old, self.new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        }
    }

    /// The object as it is, or as it was if it is gone.
    pub fn resource(&self) -> &'r Resource {
        self.new.or(self.old).expect("a change is made of an object on one side at least")
    }
}

/// An object in a root.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'r> {
    /// The kustomization or manifest file.
    pub root: &'r RepoPath,
    /// The object.
    pub resource: &'r Resource,
}
