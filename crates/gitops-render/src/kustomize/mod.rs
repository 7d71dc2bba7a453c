//! Kustomize: what a kustomization.yaml means.
//!
//! `plan` decides what is built in which order, `layer` builds one kustomization out of those
//! below it, `finish` does what only the root can. What the fields do is in `steps`, one file
//! each, and in `generate`.

pub(crate) mod config;
pub(crate) mod field_path;
pub(crate) mod field_spec;
pub(crate) mod file;
pub(crate) mod finish;
mod generate;
pub mod json_patch;
pub(crate) mod layer;
pub(crate) mod load;
mod mark;
pub mod merge;
mod metadata;
mod name_pattern;
mod objects;
pub(crate) mod options;
mod order;
pub(crate) mod plan;
mod plugins;
mod references;
pub(crate) mod review;
pub(crate) mod selector;
mod steps;
mod vars;

pub use crate::yaml::KUSTOMIZATION_FILES as FILE_NAMES;
