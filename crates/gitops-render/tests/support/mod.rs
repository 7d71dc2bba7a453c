//! Directories of the disk as trees, for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use gitops_render::kustomize::FILE_NAMES;
use gitops_render::{EntryKind, RepoPath, SourceTree, TreeEntry};

/// A directory. Symbolic links are followed as long as they stay inside.
pub struct Disk(PathBuf);

impl Disk {
    pub fn new(root: &Path) -> Disk {
        Disk(fs::canonicalize(root).unwrap())
    }
}

impl SourceTree for Disk {
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>> {
        let Ok(real) = fs::canonicalize(self.0.join(path.as_str())) else { return Ok(None) };
        let Ok(inside) = real.strip_prefix(&self.0) else { return Ok(None) };
        let inside = RepoPath::root().join(inside.to_str().unwrap()).unwrap();
        let metadata = fs::metadata(&real)?;
        let kind = if metadata.is_dir() { EntryKind::Dir } else { EntryKind::File };
        Ok(Some(TreeEntry { kind, real: inside, size: metadata.len() }))
    }

    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>> {
        fs::read(self.0.join(path.as_str())).map(Arc::from)
    }
}

/// The folders in a directory, in order.
pub fn folders(directory: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|it| it.unwrap().path()).collect();
    folders.retain(|it| it.is_dir() && !it.is_symlink());
    folders.sort();
    folders
}

/// Where the kustomizations below a directory are.
pub fn kustomizations(root: &Path) -> Vec<RepoPath> {
    let (mut found, mut open) = (vec![], vec![RepoPath::root()]);
    while let Some(path) = open.pop() {
        let on_disk = root.join(path.as_str());
        if FILE_NAMES.iter().any(|it| on_disk.join(it).is_file()) {
            found.push(path.clone());
        }
        let names =
            folders(&on_disk).into_iter().filter_map(|it| it.file_name()?.to_str().map(str::to_owned));
        open.extend(names.filter_map(|it| path.join(&it)));
    }
    found
}
