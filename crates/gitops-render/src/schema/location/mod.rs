//! Schemas of the user: templates of paths, folders and files (`--schema-location`).
//!
//! `template` makes paths, `folder` finds CustomResourceDefinitions, `identity` says for which kind a
//! file is, `file` reads one, `document` joins it with what it refers to, `circles` looks for
//! references that never end, and `load` brings it together: for each kind the first location that
//! has it.

mod circles;
mod document;
mod file;
mod folder;
mod identity;
mod load;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use template::{Template, TemplateError};

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

/// What a location has for a kind.
#[derive(Clone)]
pub(super) enum Located {
    /// A JSON Schema.
    Schema(Arc<Kind>),
    /// CustomResourceDefinitions.
    Defined(Arc<Vec<Definition>>),
    /// Something that nothing can be checked against, for the reason that stands here.
    Unusable(Span),
}
