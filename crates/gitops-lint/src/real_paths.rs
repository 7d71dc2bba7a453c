//! Where paths of the disk really lead: symbolic links resolved, and what stands there.
//!
//! To resolve a path the system is asked about each folder on the way. The files of a repository share their
//! folders, so it is remembered where those lead.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// What was found out about folders so far.
#[derive(Debug, Default)]
pub struct RealPaths {
    folders: RwLock<HashMap<PathBuf, PathBuf>>,
}

impl RealPaths {
    /// The path without symbolic links, and what stands there.
    ///
    /// # Errors
    /// Those of [`fs::canonicalize`].
    pub fn find(&self, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        // Elsewhere a name may be written in several ways, and only the system knows which is the real one.
        if cfg!(target_os = "linux")
            && let (Some(folder), Some(name)) = (path.parent(), path.file_name())
        {
            let real = self.folder(folder)?.join(name);
            let found = fs::symlink_metadata(&real)?;
            if !found.is_symlink() {
                return Ok((real, found));
            }
        }
        let real = fs::canonicalize(path)?;
        let found = fs::metadata(&real)?;
        Ok((real, found))
    }

    fn folder(&self, path: &Path) -> io::Result<PathBuf> {
        if let Some(known) = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Ok(known.clone());
        }
        let real = fs::canonicalize(path)?;
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        folders.insert(path.to_owned(), real.clone());
        Ok(real)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn paths_lead_where_the_system_says_they_lead() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir_all(path("a/b")).unwrap();
        fs::write(path("a/b/file"), "text").unwrap();
        let links =
            [("a/b", "b"), ("b/file", "file"), ("../a", "a/up"), ("gone", "gone"), ("none", "dangles")];
        links.iter().for_each(|(to, name)| symlink(to, path(name)).unwrap());
        let real = RealPaths::default();
        let names = ["a", "a/b", "a/b/file", "b", "b/file", "file", "a/up/b/file", "a/up/up", "."];
        let others =
            ["none", "none/x", "dangles", "dangles/x", "gone", "gone/x", "a/b/file/x", "file/x", "a/x"];
        for name in [&names[..], &others].concat() {
            // What is known of folders must not change an answer.
            for _ in 0..2 {
                let found = real.find(&path(name)).map(|it| (it.0, it.1.len(), it.1.is_dir()));
                let known = fs::canonicalize(path(name)).map(|it| {
                    let found = fs::metadata(&it).unwrap();
                    (it, found.len(), found.is_dir())
                });
                assert_eq!(found.map_err(|it| it.kind()), known.map_err(|it| it.kind()), "{name}");
            }
        }
        assert!(names.iter().all(|it| real.find(&path(it)).is_ok()));
        assert!(others.iter().all(|it| real.find(&path(it)).is_err()));
        let long = path(&"a/".repeat(100_000));
        assert!(real.find(&long).is_err());
    }
}
