//! Options files as they were.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use gitops_render::{RepoPath, SourceTree};

use super::BaseTree;
use crate::options::look::{Disk, Look, Real};

impl BaseTree<'_> {
    /// The path in the tree; `None` for what lies beside all that is checked, which is as it is.
    fn looked_for(&self, path: &Path) -> Option<RepoPath> {
        self.path(&without_dots(path))
    }
}

impl Look for BaseTree<'_> {
    fn real(&self, path: &Path) -> io::Result<Real> {
        let Some(inside) = self.looked_for(path) else { return Disk.real(path) };
        let entry = self.entry(&inside)?.ok_or(io::ErrorKind::NotFound)?;
        Ok(Real { path: self.on_disk(&entry.real), kind: Some(entry.kind), size: entry.size })
    }

    fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        match self.looked_for(path) {
            Some(inside) => SourceTree::read(self, &inside),
            None => Disk.read(path),
        }
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        match self.looked_for(folder) {
            Some(inside) => self.list(&inside).unwrap_or_default(),
            None => Disk.names(folder),
        }
    }
}

fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
