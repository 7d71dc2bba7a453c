//! A tree with some of its files changed.

use std::io;
use std::sync::Arc;

use gitops_render::{EntryKind, RepoPath, SourceTree, TreeEntry};

use super::Files;

/// The files of a tree, some of them with other content.
pub struct Changed<'t> {
    tree: &'t dyn SourceTree,
    files: Files,
}

impl<'t> Changed<'t> {
    /// `files` are named by paths without symbolic links. Those that do not exist in the tree lie in
    /// directories that do.
    pub fn new(tree: &'t dyn SourceTree, files: Files) -> Changed<'t> {
        Changed { tree, files }
    }
}

impl SourceTree for Changed<'_> {
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>> {
        let mut entry = self.tree.entry(path)?;
        if entry.is_none() && self.files.contains_key(path) {
            entry = Some(TreeEntry { kind: EntryKind::File, real: path.clone(), size: 0 });
        }
        if let Some(it) = &mut entry
            && let Some(content) = self.files.get(&it.real)
        {
            it.size = content.len() as u64;
        }
        Ok(entry)
    }

    fn list(&self, path: &RepoPath) -> io::Result<Vec<String>> {
        let mut names = self.tree.list(path)?;
        let here = self.files.keys().filter(|it| it.parent().as_ref() == Some(path));
        names.extend(here.map(|it| it.file_name().to_owned()));
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>> {
        match self.files.get(path) {
            Some(content) => Ok(Arc::clone(content)),
            None => self.tree.read(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::MemoryTree;

    #[test]
    fn a_file_may_be_changed_and_may_be_new() {
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let mut tree = MemoryTree::new();
        tree.insert("a/old.yaml", "a: 1").insert("a/other.yaml", "");
        let files = [(path("a/old.yaml"), Arc::from(*b"a: 22")), (path("a/new.yaml"), Arc::from(*b"b"))];
        let changed = Changed::new(&tree, Files::from(files));
        let size = |name: &str| changed.entry(&path(name)).unwrap().map(|it| it.size);
        assert_eq!((size("a/old.yaml"), size("a/new.yaml"), size("a/gone.yaml")), (Some(5), Some(1), None));
        assert_eq!(&*changed.read(&path("a/new.yaml")).unwrap(), b"b");
        assert_eq!(changed.list(&path("a")).unwrap(), ["new.yaml", "old.yaml", "other.yaml"]);
    }
}
