//! Kustomize: what a kustomization.yaml means.

pub mod json_patch;
mod mark;
pub mod merge;

/// The names under which a directory's kustomization is looked for.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
