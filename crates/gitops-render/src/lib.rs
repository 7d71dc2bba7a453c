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
//!
//! # Features
//!
//! | Feature | What it adds |
//! |---|---|
//! | `schema` | [`SchemaStore`]: definitions of the repository with their CEL, files in several layouts |
//! | `bundle` | the schemas of Kubernetes and of custom resources in wide use, embedded; implies `schema` |
//! | `policy` | [`PolicySet`] (Rego) and [`Gatekeeper`] (templates, constraints, admission policies) |
//!
//! All are on by default, and neither engine needs the other. What is rendered does not depend on them, nor do
//! the rules: [`rules::RULES`] has all of them in every build, and [`check_object`] asks those that need
//! nothing but an object.
//!
//! # A repository from end to end
//!
//! 1. [`Renderer::plan`] takes the directories that [`entries::kustomizations`] finds among the files, and
//!    [`Renderer::render_all`] renders its roots. Or drive [`Plan::waves`], [`Renderer::build`] and
//!    [`Renderer::finish`] yourself, on threads of your own.
//! 2. [`Entries::find`] tells plain manifests from other YAML, [`Renderer::manifest`] reads them.
//! 3. [`Rendered::findings`], [`check_object`], [`SchemaStore::check`] and [`PolicySet::check`] find what is
//!    wrong. A base's defect shows in each of its overlays: findings with the same rule, place and message
//!    are one.
//! 4. [`report::Places`] names places, and makes of findings what can be written as JSON.
//!
//! `examples/lint_a_git_tree.rs` does just that.
//!
//! # Threads and cancellation
//!
//! All types are `Send` and `Sync`. There is no global state but tables that are filled once and never
//! change, and what a thread remembers of expressions that it has compiled: two renderers know nothing of
//! each other. What runs in parallel runs in the current pool of rayon;
//! its threads need a stack of some megabytes, because values may nest 256 deep.
//!
//! Work ends early where a [`Cancel`] is given: [`Renderer::cancelled_by`], [`PolicyOptions::cancel`]. It is
//! looked at between one piece and the next. A piece is a file that is read, a patch, one object, or one rule
//! of a policy and one object, which [`PolicyOptions::time_limit`] ends. What was cut short must not be taken
//! for whole: ask [`Cancel::check`] when the work is done.
//!
//! # What is stable
//!
//! Until 1.0 a minor release may change anything that is public; after that semantic versioning holds for
//! everything in this documentation:
//!
//! - Types that are `non_exhaustive` may grow in a minor release, and so may options: write them with
//!   `..Default::default()`. Enums that are not (`Severity`, `Safety`, `Scope`) are complete.
//! - New rules, and rules that find more, come in minor releases. A code is never used for something else.
//!   The words of a message may change at any time.
//! - The JSON of [`report`] has a version of its own, [`report::VERSION`].
//! - What is hidden here is there for the binary of the same version, and not covered.
//! - The oldest supported compiler may rise in a minor release.

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
#[doc(hidden)]
pub mod kube;
#[doc(hidden)]
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
pub mod secrets;
pub mod source;
pub mod sources;
mod suggest;
pub mod suppress;
#[doc(hidden)]
pub mod words;
#[doc(hidden)]
pub mod yaml;

pub use cancel::{Cancel, Cancelled};
pub use diagnostic::{Diagnostic, Edit, Fix, Label, ObjectName, Rule, Safety, Scope, Severity};
pub use entries::Entries;
pub use graph::Graph;
pub use kube::minor::{Minor, Minors};
pub use kustomize::FILE_NAMES as KUSTOMIZATION_FILES;
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

pub use yaml::EmitError;

/// The examples of the crate's own README, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct OwnReadme;

/// The examples of the README are run with the tests.
#[cfg(all(doctest, feature = "bundle", feature = "policy"))]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
