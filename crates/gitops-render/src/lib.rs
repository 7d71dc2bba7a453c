//! Renders, validates and checks GitOps repositories, and knows where every value came from.
//!
//! ```text
//! SourceTree ─▶ SourceFile(Node) ─▶ Plan ─▶ Layer ─▶ Rendered ─▶ Diagnostic
//!   bytes         parsed once       waves   shared    a root      schema · policy · rules
//! ```
//!
//! A [`SourceTree`] is the only way to files: a folder, memory, a commit. [`Sources`] reads each
//! file once and parses it once, into [`Node`]s that know their place. [`Renderer::plan`] finds
//! out which kustomizations there are and what each is made of; [`Renderer::build`] builds one
//! [`Layer`] out of those below it, so that a base is built once for all of its overlays;
//! [`Renderer::finish`] does what only the root can: hashes, references, order. What comes out is
//! a [`Rendered`], whose objects [`SchemaStore`] and [`PolicySet`] check in place. Every finding
//! is a [`Diagnostic`] whose first label is the text to edit.
//!
//! The library starts no program, opens no connection and prints nothing. A problem in the
//! repository is a `Diagnostic`; an `Err` means that we could not do our job.
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "schema")]
//! use gitops_render::SchemaStore;
//! use gitops_render::{MemoryTree, RenderOptions, Renderer, RepoPath};
//!
//! let mut tree = MemoryTree::new();
//! tree.insert("base/kustomization.yaml", "resources: [web.yaml]\n");
//! tree.insert("base/web.yaml", "
//! apiVersion: v1
//! kind: Service
//! metadata: {name: web}
//! spec:
//!   ports:
//!   - port: 80
//! ");
//! tree.insert("prod/kustomization.yaml", "
//! resources: [../base]
//! namePrefix: prod-
//! patches:
//! - path: port.yaml
//! ");
//! tree.insert("prod/port.yaml", "apiVersion: v1
//! kind: Service
//! metadata: {name: web}
//! spec:
//!   ports:
//!   - port: 80
//!     targetPort: true
//! ");
//!
//! let renderer = Renderer::new(&tree, RenderOptions::default());
//! let prod = RepoPath::root().join("prod").unwrap();
//! let rendered = renderer.render(&prod).expect("the directory has a kustomization");
//! assert_eq!(&*rendered.resources[0].id.name, "prod-web");
//!
//! # #[cfg(feature = "bundle")] {
//! let schemas = SchemaStore::embedded();
//! let found = schemas.check(&rendered.resources[0]);
//! let (path, start, _) = renderer.sources().place(found[0].span());
//! assert_eq!((path.as_str(), start.line, start.column), ("prod/port.yaml", 7, 17));
//! # }
//! ```

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
// What lies below the engines is there in every build, all rules included, so that a code means the same
// everywhere. Without an engine some of it has nothing to do.
#![cfg_attr(not(all(feature = "schema", feature = "policy")), allow(dead_code, unused_imports))]

mod cancel;
mod cel;
#[cfg(all(feature = "schema", feature = "policy"))]
mod constraint_schemas;
pub mod diagnostic;
pub mod diff;
pub mod entries;
pub mod graph;
pub mod kube;
pub mod kustomize;
mod manifest;
pub mod node;
pub mod origin;
#[cfg(feature = "policy")]
pub mod policy;
pub mod provenance;
pub mod render;
pub mod report;
pub mod resource;
pub mod rules;
#[cfg(feature = "schema")]
pub mod schema;
pub mod source;
pub mod sources;
mod suggest;
pub mod suppress;
pub mod yaml;

pub use cancel::{Cancel, Cancelled};
pub use diagnostic::{Diagnostic, Edit, Fix, Label, ObjectName, Rule, Safety, Scope, Severity};
pub use entries::Entries;
pub use graph::Graph;
pub use kube::minor::{Minor, Minors};
pub use kustomize::layer::{Layer, Layers};
pub use kustomize::plan::{LayerId, Plan};
pub use node::{Entry, Map, Node, Scalar, ScalarKind, Value};
pub use origin::{Origin, Step, Trail};
#[cfg(feature = "policy")]
pub use policy::{Gatekeeper, GatekeeperOptions, PolicyOptions, PolicySet, World};
pub use render::{RenderOptions, Rendered, Renderer, Reorder};
pub use resource::{Gvk, Resource, ResourceId};
pub use rules::check_object;
#[cfg(feature = "schema")]
pub use schema::known::{KnownKind, SchemaOrigin};
#[cfg(feature = "schema")]
pub use schema::location::{Location, Template, TemplateError};
#[cfg(feature = "schema")]
pub use schema::{SchemaOptions, SchemaStore};
pub use source::{EntryKind, FileId, MemoryTree, Position, RepoPath, SourceTree, Span, TreeEntry};
pub use sources::{ReadError, SourceFile, Sources};
pub use suggest::nearest as nearest_name;

/// The examples of the README are run with the tests.
#[cfg(all(doctest, feature = "bundle", feature = "policy"))]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
