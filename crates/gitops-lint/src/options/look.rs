//! Where options files are read: on the disk, or in a repository as it was.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use gitops_render::EntryKind;

/// What stands at a path, symbolic links followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Real {
    /// The path without symbolic links.
    pub path: PathBuf,
    /// What it is; `None` for what is neither a file nor a folder.
    pub kind: Option<EntryKind>,
    /// How many bytes a file has.
    pub size: u64,
}

/// Something that options files lie in. All paths are absolute, and may have `..` in them.
pub trait Look {
    /// What stands at a path.
    ///
    /// # Errors
    /// If there is nothing, or nobody can tell.
    fn real(&self, path: &Path) -> io::Result<Real>;

    /// The content of a file.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>>;

    /// The names in a folder, as far as anybody can tell.
    fn names(&self, folder: &Path) -> Vec<String>;

    /// Whether there is anything, a link to nothing included where that can be told.
    fn is_there(&self, path: &Path) -> bool {
        self.real(path).is_ok()
    }

    /// Whether there is a file.
    fn is_file(&self, path: &Path) -> bool {
        self.real(path).is_ok_and(|it| it.kind == Some(EntryKind::File))
    }

    /// Whether there is a folder.
    fn is_dir(&self, path: &Path) -> bool {
        self.real(path).is_ok_and(|it| it.kind == Some(EntryKind::Dir))
    }
}

/// The disk as it is.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

/// More names than anybody has slipped among.
const MOST_NAMES: usize = 10_000;

impl Look for Disk {
    fn real(&self, path: &Path) -> io::Result<Real> {
        let path = fs::canonicalize(path)?;
        let metadata = fs::metadata(&path)?;
        let kind = match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => Some(EntryKind::Dir),
            (_, true) => Some(EntryKind::File),
            _ => None,
        };
        Ok(Real { path, kind, size: metadata.len() })
    }

    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        fs::read(path).map(Arc::from)
    }

    fn is_there(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let Ok(entries) = fs::read_dir(folder) else { return vec![] };
        entries.take(MOST_NAMES).filter_map(|it| it.ok()?.file_name().into_string().ok()).collect()
    }
}
