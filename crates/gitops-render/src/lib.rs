//! Renders, validates and checks GitOps repositories in process.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::print_stdout,
        clippy::print_stderr,
        clippy::dbg_macro
    )
)]

pub mod diagnostic;
pub mod entries;
pub mod kube;
pub mod kustomize;
mod manifest;
pub mod node;
pub mod origin;
pub mod policy;
pub mod render;
pub mod resource;
pub mod rules;
pub mod schema;
pub mod source;
pub mod sources;
pub mod suggest;
pub mod yaml;

pub use diagnostic::{Diagnostic, Label, ObjectName, Rule, Scope, Severity};
pub use entries::Entries;
pub use kustomize::layer::{Layer, Layers};
pub use kustomize::plan::{LayerId, Plan};
pub use node::{Entry, Map, Node, Scalar, ScalarKind, Value};
pub use origin::{Origin, Step, Trail};
pub use policy::{PolicyOptions, PolicySet};
pub use render::{RenderOptions, Rendered, Renderer, Reorder};
pub use resource::{Gvk, Resource, ResourceId};
pub use schema::SchemaStore;
pub use source::{EntryKind, FileId, MemoryTree, Position, RepoPath, SourceTree, Span, TreeEntry};
pub use sources::{ReadError, SourceFile, Sources};
