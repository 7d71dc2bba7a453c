//! What is checked when single files are named, as hooks do.
//!
//! A file is checked through the roots that it reaches (`lint.rs`). What decides about all objects
//! reaches all of them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::disk_tree::repository_of;

/// Files that decide about everything, wherever they are.
const DECIDING: [&str; 3] = ["gitops-lint.toml", ".gitops-lint.toml", "gitops-lint.baseline.json"];

/// The paths, and the repository of each file among them that decides about all of it: options, and
/// what lies in `deciding`, which are the places of policies, of their data and of schemas.
pub fn widened(mut paths: Vec<PathBuf>, deciding: &[&PathBuf]) -> Vec<PathBuf> {
    let decides =
        |it: &&PathBuf| it.is_file() && (decides(it) || deciding.iter().any(|place| it.starts_with(place)));
    let tops: Vec<PathBuf> = paths.iter().filter(decides).filter_map(|it| repository_of(it)).collect();
    paths.extend(tops);
    paths
}

fn decides(path: &Path) -> bool {
    is_rego(path) || path.file_name().and_then(OsStr::to_str).is_some_and(|it| DECIDING.contains(&it))
}

fn is_rego(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "rego")
}

/// Whether a file of this name is never YAML: what generators read, policies and options.
pub fn is_other(name: &str) -> bool {
    let is_input = name.starts_with(".env") || name.ends_with(".env") || name.ends_with(".properties");
    is_input || name.ends_with(".toml") || is_rego(Path::new(name)) || DECIDING.contains(&name)
}
