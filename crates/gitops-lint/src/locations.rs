//! `--schema-location`: from words to places on the disk.

use std::path::{Path, PathBuf};

use gitops_render::{Location, Template, TemplateError};

use crate::Failure;
use crate::check::existing;
use crate::disk_tree::DiskTree;

/// kubeconform's word for the schemas that come with the program.
const DEFAULT: &str = "default";

/// Why a schema location is none.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// It is on another machine.
    #[error(
        "`{0}` is on the network, and schema locations are local: fetch the files first, for example by \
         `git clone`, and name their folder, or a template of their paths"
    )]
    Remote(String),
    /// The folder before the first field is a file.
    #[error("`{0}` is a file, and the files of a template lie in a folder")]
    NoFolder(String),
    /// It has something that kubeconform does not know either.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// A location whose place on the disk is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// What is built in.
    BuiltIn,
    /// A file or a folder.
    Path(PathBuf),
    /// A template in a folder.
    Template(PathBuf, String),
}

/// Looks for the locations on the disk.
///
/// # Errors
/// If there is nothing, or it cannot be a location.
pub fn find(words: &[String]) -> Result<Vec<Found>, Failure> {
    words.iter().map(|it| find_in("".as_ref(), it)).collect()
}

/// The same for one location, whose path begins in a folder.
///
/// # Errors
/// See [`find`].
pub fn find_in(base: &Path, word: &str) -> Result<Found, Failure> {
    if word == DEFAULT {
        return Ok(Found::BuiltIn);
    }
    if word.contains("://") {
        return Err(LocationError::Remote(word.to_owned()).into());
    }
    let Some((folder, rest)) = Template::split(word) else {
        return Ok(Found::Path(existing(&base.join(word))?));
    };
    let on_disk = existing(&base.join(if folder.is_empty() { "." } else { folder }))?;
    if !on_disk.is_dir() {
        return Err(LocationError::NoFolder(folder.to_owned()).into());
    }
    Ok(Found::Template(on_disk, rest.to_owned()))
}

impl Found {
    /// The file or folder that has to be read.
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Found::BuiltIn => None,
            Found::Path(path) | Found::Template(path, _) => Some(path),
        }
    }

    /// The location in a tree that holds its path.
    pub fn location(&self, tree: &DiskTree) -> Result<Location, Failure> {
        let path = |it: &PathBuf| tree.path(it).ok_or_else(|| Failure::NotUtf8(it.clone()));
        Ok(match self {
            Found::BuiltIn => Location::BuiltIn,
            Found::Path(it) if it.is_dir() => Location::Folder(path(it)?),
            Found::Path(it) => Location::File(path(it)?),
            Found::Template(folder, rest) => {
                Location::Template(Template::new(path(folder)?, rest).map_err(LocationError::from)?)
            }
        })
    }
}
