//! YAML: text to nodes, and nodes to the text that kustomize prints.
//!
//! `events` is the only file that knows the YAML crate, `parse` builds nodes out of its events,
//! `resolve` says what a plain scalar means, `emit` writes.

mod build;
pub mod embedded;
mod events;
mod folded;
mod parse;
pub mod resolve;

pub use build::{MAX_DEPTH, MAX_EXPANDED};
pub use parse::{Dialect, Yaml, parse_bytes, parse_text};
