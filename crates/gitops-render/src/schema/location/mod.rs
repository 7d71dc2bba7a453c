//! Schemas of the user: templates of paths, folders and files (`--schema-location`).
//!
//! `template` makes paths, `folder` finds CustomResourceDefinitions, `identity` says for which kind a
//! file is, `file` reads one, `document` joins it with what it refers to, `circles` looks for
//! references that never end, and `cost` counts work before it is done. `load` brings it together: for
//! each kind the first location that has it. `list` tells what a location has.

mod circles;
mod cost;
mod document;
mod file;
mod folder;
mod identity;
mod list;
mod load;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;

pub use template::{Template, TemplateError};

pub(super) use cost::is_too_much;
pub(super) use list::{Listed, list};
pub(super) use load::{Answer, Loader};

use super::definitions::Definition;
use super::kind::Kind;
use crate::source::{RepoPath, Span};

/// Where schemas are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// The schemas that are built in: kubeconform's `default`.
    BuiltIn,
    /// One file for each kind, at a path that a template makes.
    Template(Template),
    /// A folder: JSON Schema with the names of kubeconform's catalogue or those of the CRDs catalogue,
    /// and YAML files with CustomResourceDefinitions, however deep.
    Folder(RepoPath),
    /// A file: CustomResourceDefinitions, or the JSON Schema of one kind.
    File(RepoPath),
}

/// The locations with what is built in, which comes last unless they say where.
pub(super) fn with_built_in(locations: &[Location]) -> Vec<Location> {
    let is_said = locations.contains(&Location::BuiltIn);
    locations.iter().cloned().chain((!is_said).then_some(Location::BuiltIn)).collect()
}

/// A JSON Schema that objects can be held against.
pub(super) struct Schema {
    pub kind: Kind,
    /// Where it begins.
    pub place: Span,
    /// Whether parts of it refer to others: then the work may multiply.
    pub refers: bool,
}

impl Schema {
    /// The schema of the object itself, which `document::join` names.
    pub(super) fn root(&self) -> &Value {
        let document = &self.kind.document;
        let name = document.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix('#'));
        name.and_then(|it| document.pointer(it)).unwrap_or(document)
    }
}

/// What a location has for a kind.
#[derive(Clone)]
pub(super) enum Located {
    /// A JSON Schema, which begins here.
    Schema(Arc<Schema>),
    /// CustomResourceDefinitions.
    Defined(Arc<Vec<Definition>>),
    /// Something that nothing can be checked against, for the reason that stands here.
    Unusable(Span),
}
