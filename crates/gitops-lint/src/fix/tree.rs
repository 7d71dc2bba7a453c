//! A tree with some of its files changed.

use std::io;
use std::sync::Arc;

use gitops_render::{RepoPath, SourceTree, TreeEntry};

use super::Files;

/// The files of a tree, some of them with other content.
pub struct Changed<'t> {
    tree: &'t dyn SourceTree,
    files: Files,
}

impl<'t> Changed<'t> {
    /// `files` are named by paths without symbolic links, and exist in the tree.
    pub fn new(tree: &'t dyn SourceTree, files: Files) -> Changed<'t> {
        Changed { tree, files }
    }
}

impl SourceTree for Changed<'_> {
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>> {
        let mut entry = self.tree.entry(path)?;
        if let Some(it) = &mut entry
            && let Some(content) = self.files.get(&it.real)
        {
            it.size = content.len() as u64;
        }
        Ok(entry)
    }

    fn list(&self, path: &RepoPath) -> io::Result<Vec<String>> {
        self.tree.list(path)
    }

    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>> {
        match self.files.get(path) {
            Some(content) => Ok(Arc::clone(content)),
            None => self.tree.read(path),
        }
    }
}
