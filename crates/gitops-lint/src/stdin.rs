//! `--stdin-filename`: a file as an editor has it, before it is saved.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Failure;
use crate::disk_tree::DiskTree;
use crate::fix::Files;

/// What came on stdin, and the file that it stands for.
#[derive(Debug)]
pub struct Stdin {
    /// Absolute, without symbolic links. The file need not exist, its folder does.
    pub path: PathBuf,
    content: Arc<[u8]>,
}

impl Stdin {
    /// Reads stdin to its end.
    ///
    /// # Errors
    /// If the file cannot be one, or stdin cannot be read.
    pub fn read(path: &Path) -> Result<Stdin, Failure> {
        let failure = |source| Failure::NoSuchPath { path: path.to_owned(), source };
        let real = absolute(path).map_err(failure)?;
        let mut content = vec![];
        io::stdin().lock().read_to_end(&mut content).map_err(Failure::Stdin)?;
        Ok(Stdin { path: real, content: content.into() })
    }

    /// The file as the library knows it, with its content; none if it lies outside of the tree.
    pub fn files(&self, tree: &DiskTree) -> Files {
        tree.path(&self.path).map(|it| (it, Arc::clone(&self.content))).into_iter().collect()
    }
}

fn absolute(path: &Path) -> io::Result<PathBuf> {
    if let Ok(metadata) = fs::metadata(path) {
        return match metadata.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => fs::canonicalize(path),
        };
    }
    let name: &OsStr = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(fs::canonicalize(parent)?.join(name))
}
