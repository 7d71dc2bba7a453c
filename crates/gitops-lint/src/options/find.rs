//! Which options file is meant.

use std::env;
use std::path::{Path, PathBuf};

use crate::Failure;
use crate::check::existing;
use crate::disk_tree::repository_of;
use crate::options::look::Look;

/// What options files are called.
pub const NAMES: [&str; 2] = ["gitops-lint.toml", ".gitops-lint.toml"];

/// The options file for these paths, which are absolute and without symbolic links: the first one upwards
/// from the folder that holds them all, or else from the first of them.
///
/// The search ends at the top of the git repository. Where there is none it ends at the working
/// directory, or begins and ends where it is if that is not below the working directory.
///
/// # Errors
/// If a folder has two.
pub fn find(paths: &[PathBuf], look: &dyn Look) -> Result<Option<PathBuf>, Failure> {
    let Some(first) = paths.first().and_then(|it| folder(it)) else { return Ok(None) };
    let mut start = first.to_owned();
    for other in paths.iter().filter_map(|it| folder(it)) {
        start =
            start.components().zip(other.components()).take_while(|(a, b)| a == b).map(|it| it.0).collect();
    }
    let is_inside = |it: &Path| repository_of(it).is_some();
    if is_inside(first) && !is_inside(&start) {
        first.clone_into(&mut start);
    }
    let here = || env::current_dir().ok().and_then(|it| existing(&it).ok());
    let top = repository_of(&start)
        .or_else(|| here().filter(|here| start.starts_with(here)))
        .unwrap_or_else(|| start.clone());
    for folder in start.ancestors().take_while(|it| it.starts_with(&top)) {
        // A link to nothing, and a folder, are mistakes, and not nothing.
        let found: Vec<PathBuf> =
            NAMES.iter().map(|it| folder.join(it)).filter(|it| look.is_there(it)).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok(Some(one.clone())),
            _ => return Err(Failure::TwoOptionsFiles(folder.to_owned())),
        }
    }
    Ok(None)
}

fn folder(path: &Path) -> Option<&Path> {
    if path.is_dir() { Some(path) } else { path.parent() }
}
