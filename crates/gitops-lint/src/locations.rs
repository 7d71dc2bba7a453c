//! `--schema-location`: from words to places on the disk.

use std::env;
use std::path::{Path, PathBuf};

use gitops_render::{EntryKind, Location, Template, TemplateError};

use crate::Failure;
use crate::disk_tree::DiskTree;
use crate::options::look::{Disk, Look, Real};

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
    /// A file.
    File(PathBuf),
    /// A folder.
    Folder(PathBuf),
    /// A template in a folder.
    Template(PathBuf, String),
}

/// Looks for the locations on the disk.
///
/// # Errors
/// If there is nothing, or it cannot be a location.
pub fn find(words: &[String]) -> Result<Vec<Found>, Failure> {
    let here = env::current_dir().map_err(Failure::NoWorkingDirectory)?;
    words.iter().map(|it| find_in(&here, it, &Disk)).collect()
}

/// The same for one location, whose path begins in a folder.
///
/// # Errors
/// See [`find`].
pub fn find_in(base: &Path, word: &str, look: &dyn Look) -> Result<Found, Failure> {
    if word == DEFAULT {
        return Ok(Found::BuiltIn);
    }
    if word.contains("://") {
        return Err(LocationError::Remote(word.to_owned()).into());
    }
    let real = |word: &str| {
        let failed = |err| Failure::NoSuchPath { path: word.into(), source: err };
        look.real(&base.join(word)).map_err(failed)
    };
    let Some((folder, rest)) = Template::split(word) else {
        let Real { path, kind, .. } = real(word)?;
        return Ok(if kind == Some(EntryKind::Dir) { Found::Folder(path) } else { Found::File(path) });
    };
    let Real { path, kind, .. } = real(if folder.is_empty() { "." } else { folder })?;
    if kind != Some(EntryKind::Dir) {
        return Err(LocationError::NoFolder(folder.to_owned()).into());
    }
    Ok(Found::Template(path, rest.to_owned()))
}

impl Found {
    /// The file or folder that has to be read.
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Found::BuiltIn => None,
            Found::File(path) | Found::Folder(path) | Found::Template(path, _) => Some(path),
        }
    }

    /// The location in a tree that holds its path.
    pub fn location(&self, tree: &DiskTree) -> Result<Location, Failure> {
        let path = |it: &PathBuf| tree.path(it).ok_or_else(|| Failure::NotUtf8(it.clone()));
        Ok(match self {
            Found::BuiltIn => Location::BuiltIn,
            Found::Folder(it) => Location::Folder(path(it)?),
            Found::File(it) => Location::File(path(it)?),
            Found::Template(folder, rest) => {
                Location::Template(Template::new(path(folder)?, rest).map_err(LocationError::from)?)
            }
        })
    }
}
