//! Renders, validates and checks GitOps repositories in process.

pub mod diagnostic;
pub mod kustomize;
pub mod node;
pub mod origin;
pub mod policy;
pub mod render;
pub mod resource;
pub mod rules;
pub mod schema;
pub mod source;
pub mod sources;
pub mod yaml;

pub use diagnostic::{Diagnostic, Label, ObjectName, Rule, Scope, Severity};
pub use node::{Entry, Map, Node, Scalar, ScalarKind, Value};
pub use origin::{Origin, Step, Trail};
pub use policy::{PolicyOptions, PolicySet};
pub use render::{Layer, LayerId, Layers, Plan, RenderOptions, Rendered, Renderer, Reorder};
pub use resource::{Gvk, Resource, ResourceId};
pub use schema::SchemaStore;
pub use source::{EntryKind, FileId, MemoryTree, Position, RepoPath, SourceTree, Span, TreeEntry};
pub use sources::{ReadError, SourceFile, Sources};
