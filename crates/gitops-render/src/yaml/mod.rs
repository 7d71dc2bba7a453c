//! YAML: text to nodes, and nodes to the text that kustomize prints.
//!
//! `events` is the only file that knows the YAML crate, `fast` reads what is simple without it, `parse` splits
//! a text into documents, `build` makes nodes of them, `resolve` says what a plain scalar means, `emit` writes.

mod build;
mod comments;
pub mod embedded;
pub mod emit;
mod events;
mod fast;
mod folded;
pub mod json;
mod merge;
mod parse;
pub mod resolve;
mod scalar;
mod syntax;

pub use build::{MAX_DEPTH, MAX_EXPANDED};
pub use emit::{EmitError, emit_document, emit_with_remarks};
pub use json::{to_json_go, to_value};
pub use parse::{Dialect, KUSTOMIZATION_FILES, Yaml, parse_bytes, parse_text};

#[cfg(test)]
mod tests;
