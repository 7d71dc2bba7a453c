//! Where each field of an object came from.

use serde::{Deserialize, Serialize};

use super::{Location, Places};
use crate::diagnostic::ObjectName;
use crate::origin::{Step, Trail};
use crate::provenance::fields;
use crate::resource::Resource;
use crate::source::Position;

/// An object with the origins of its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Object {
    /// The object as it is rendered.
    pub object: ObjectName,
    /// Where it stands, or the text out of which it was generated.
    pub origin: Start,
    /// All scalars and empty collections, and those collections that a step has changed.
    pub fields: Vec<Field>,
}

/// The beginning of a range of a file. The fields of the place stand beside the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The file.
    pub path: String,
    /// The first character.
    #[serde(flatten)]
    pub at: Position,
}

/// A value of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Field {
    /// Where it is in the object, a JSON pointer.
    pub pointer: String,
    /// The text to edit.
    pub origin: Location,
    /// What happened to it, the newest step first; empty if it stands in its file as it is.
    pub trail: Vec<Link>,
}

/// A step on the way of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// What happened.
    pub step: Step,
    /// What asked for it.
    pub directive: Location,
    /// What stood there before; `None` if the step created the value.
    pub before: Option<Location>,
}

impl Places<'_> {
    /// An object with the origins of its fields.
    pub fn object(&self, resource: &Resource) -> Object {
        let (path, at, _) = self.sources.place(resource.node.origin.oldest());
        let link = |it: &Trail| Link {
            step: it.step,
            directive: self.location(it.directive),
            before: it.before.as_ref().map(|it| self.location(it.span)),
        };
        let field = |it: crate::provenance::Field<'_>| Field {
            pointer: it.pointer,
            origin: self.location(it.node.origin.span),
            trail: it.node.origin.steps().map(link).collect(),
        };
        Object {
            object: ObjectName::clone(&resource.object_name()),
            origin: Start { path: self.path(&path), at },
            fields: fields(&resource.node).into_iter().map(field).collect(),
        }
    }
}
