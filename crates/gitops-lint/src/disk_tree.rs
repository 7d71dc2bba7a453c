//! The repository on the disk.
//!
//! What may be read is decided by one rule: `check` reads inside of the Git repository around
//! the paths that it is given, so that `check overlays/prod` finds `../../base` and a pull request
//! cannot make it print files of the machine. Without a repository, and for `render`, which reads
//! what `kustomize build` reads, it is the whole disk.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, io};

use gitops_render::{EntryKind, RepoPath, SourceTree, TreeEntry};

use crate::packs;
use crate::real_paths::RealPaths;

/// A directory of the disk as a tree. Symbolic links are followed as long as they stay inside.
#[derive(Debug)]
pub struct DiskTree {
    /// Absolute, without symbolic links. All paths begin here.
    root: PathBuf,
    /// What may be read, likewise: all of `root`, or parts of it.
    open: Vec<PathBuf>,
    /// What may be changed, likewise.
    own: Vec<PathBuf>,
    /// The working directory, likewise.
    here: PathBuf,
    real_paths: RealPaths,
}

impl DiskTree {
    /// Everything that can be read.
    ///
    /// # Errors
    /// If there is no working directory.
    pub fn whole_disk() -> io::Result<DiskTree> {
        let here = fs::canonicalize(env::current_dir()?)?;
        let root = disk_of(&here);
        Ok(DiskTree::new(root, here))
    }

    fn new(root: PathBuf, here: PathBuf) -> DiskTree {
        DiskTree { open: vec![root.clone()], own: vec![], root, here, real_paths: RealPaths::default() }
    }

    /// The repository around `paths`, which are absolute and without symbolic links. If they lie
    /// in several, the directory that holds them all.
    ///
    /// # Errors
    /// If there is no working directory.
    pub fn around<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> io::Result<DiskTree> {
        let here = fs::canonicalize(env::current_dir()?)?;
        let around = |it: P| repository_of(it.as_ref()).unwrap_or_else(|| disk_of(it.as_ref()));
        let roots = paths.into_iter().map(around);
        let root = roots.reduce(|a, b| common(&a, &b)).unwrap_or_else(|| disk_of(&here));
        Ok(DiskTree::new(root, here))
    }

    /// The same tree, in which files may be changed that belong to `paths`, as the user wrote them: those
    /// in their repositories or, where there is none, in and below themselves.
    ///
    /// A link belongs to the repository in which it lies, wherever it leads.
    #[must_use]
    pub fn writable(mut self, paths: &[PathBuf]) -> DiskTree {
        self.own.extend(paths.iter().filter_map(|it| owner(it).ok()));
        self
    }

    /// The same tree with policies and schemas in it that lie elsewhere: their repositories, or else
    /// their folders. What lies between these and the tree stays closed.
    #[must_use]
    pub fn beside<'a>(mut self, paths: impl IntoIterator<Item = &'a PathBuf>) -> DiskTree {
        for path in paths {
            let folder = || if path.is_dir() { path } else { path.parent().unwrap_or(path) }.to_owned();
            let open = repository_of(path).unwrap_or_else(folder);
            if !self.open.iter().any(|it| open.starts_with(it)) {
                self.root = common(&self.root, &open);
                self.open.push(open);
            }
        }
        self
    }

    /// The same tree with a file in it that lies elsewhere, and nothing else that lies there.
    #[must_use]
    pub fn with_file(mut self, path: &Path) -> DiskTree {
        if !self.open.iter().any(|it| path.starts_with(it)) {
            self.root = common(&self.root, path);
            self.open.push(path.to_owned());
        }
        self
    }

    /// How paths of the checked repository are seen from a folder: they are relative to a path of the tree,
    /// with something in front if the folder lies above. From elsewhere they are seen from the top.
    pub fn seen_from(&self, folder: &Path) -> (RepoPath, String) {
        let top = self.open.first().unwrap_or(&self.root);
        let path = |it: &Path| self.path(it).unwrap_or_default();
        let Ok(above) = top.strip_prefix(folder) else {
            return (path(if folder.starts_with(top) { folder } else { top }), String::new());
        };
        let parts = above.components().map(|it| format!("{}/", it.as_os_str().to_string_lossy()));
        (path(top), parts.collect())
    }

    /// The path of an absolute path without symbolic links; `None` if it lies outside, or its name
    /// is not UTF-8.
    pub fn path(&self, on_disk: &Path) -> Option<RepoPath> {
        if !self.open.iter().any(|it| on_disk.starts_with(it)) {
            return None;
        }
        let relative = on_disk.strip_prefix(&self.root).ok()?;
        let parts: Option<Vec<&str>> = relative.components().map(|it| it.as_os_str().to_str()).collect();
        RepoPath::root().join(&parts?.join("/"))
    }

    /// Whether the file at a path may be changed: see [`DiskTree::writable`].
    pub fn may_write(&self, path: &RepoPath) -> bool {
        let on_disk = self.on_disk(path);
        self.own.iter().any(|it| on_disk.starts_with(it))
    }

    /// The top of the Git repository that is checked, if it is one.
    pub fn repository(&self) -> Option<&PathBuf> {
        self.open.first().filter(|it| it.join(".git").exists())
    }

    /// The repository that is checked, unless `paths` hold all of it.
    pub fn rest_of(&self, paths: &[PathBuf]) -> Option<PathBuf> {
        let top = self.repository()?;
        (!paths.iter().any(|it| top.starts_with(it))).then(|| top.clone())
    }

    /// What can be read: where paths begin, and what is open of it.
    pub fn extent(&self) -> (&Path, &[PathBuf]) {
        (&self.root, &self.open)
    }

    /// What may hold more than `paths` that has to do with them: their repository or, where there is none, the
    /// working directory that they lie in. `None` if that is not more.
    pub fn around_of(&self, paths: &[PathBuf]) -> Option<PathBuf> {
        let checked = self.open.first()?;
        // Nobody keeps a repository at the top of a disk.
        let is_inside = |it: &PathBuf| self.here.parent().is_some() && it.starts_with(&self.here);
        let top = match checked.join(".git").exists() {
            true => checked,
            false if paths.iter().all(is_inside) => &self.here,
            false => return None,
        };
        (!paths.iter().any(|it| top.starts_with(it))).then(|| top.clone())
    }

    /// Where a path is on the disk.
    pub fn on_disk(&self, path: &RepoPath) -> PathBuf {
        let mut on_disk = self.root.clone();
        on_disk.extend(path.as_str().split('/').filter(|it| !it.is_empty()));
        on_disk
    }

    /// The path as people are shown it: relative to the working directory, with `/`.
    pub fn shown(&self, path: &RepoPath) -> String {
        self.relative(path, &self.here)
    }

    /// The path as a forge knows it: relative to the top of the repository, with `/`. Where there is no
    /// repository, or are several, relative to the working directory.
    pub fn in_repository(&self, path: &RepoPath) -> String {
        let checked = self.open.first().unwrap_or(&self.root);
        // A submodule is checked as a part of the repository that the work is done in.
        let around = repository_of(&self.here).filter(|it| checked.starts_with(it));
        let top = around.or_else(|| checked.join(".git").exists().then(|| checked.clone()));
        self.relative(path, top.as_ref().unwrap_or(&self.here))
    }

    /// The path as it leads from a folder, which is absolute, with `/`.
    pub fn relative(&self, path: &RepoPath, from: &Path) -> String {
        if packs::is_inside(path) {
            return path.to_string();
        }
        relative_path(&self.on_disk(path), from)
    }
}

/// The way from one place on the disk to another, with `/`. Both are absolute.
pub fn relative_path(path: &Path, from: &Path) -> String {
    let full = |it: &Path| {
        let parts = it.components().filter(|it| matches!(it, Component::Normal(_)));
        let parts: Vec<_> = parts.map(|it| it.as_os_str().to_string_lossy()).collect();
        RepoPath::root().join(&parts.join("/")).unwrap_or_else(RepoPath::root)
    };
    full(path).relative_to(&full(from))
}

impl SourceTree for DiskTree {
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>> {
        if packs::is_inside(path) {
            return Ok(packs::entry(path));
        }
        let on_disk = self.on_disk(path);
        let (real, metadata) = match self.real_paths.find(&on_disk) {
            Ok(found) => found,
            Err(err) if is_nothing(&err, &on_disk) => return Ok(None),
            Err(err) => return Err(err),
        };
        let Some(inside) = self.path(&real) else { return Ok(None) };
        // Pipes and devices have no end; nobody keeps a manifest in one.
        let kind = match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => EntryKind::Dir,
            (_, true) => EntryKind::File,
            _ => return Ok(None),
        };
        let size = if kind == EntryKind::File { metadata.len() } else { 0 };
        Ok(Some(TreeEntry { kind, real: inside, size }))
    }

    fn list(&self, path: &RepoPath) -> io::Result<Vec<String>> {
        if packs::is_inside(path) {
            return Ok(packs::list(path));
        }
        let mut names = vec![];
        for entry in fs::read_dir(self.on_disk(path))? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>> {
        match packs::read(path) {
            Some(content) => Ok(content.into()),
            None => fs::read(self.on_disk(path)).map(Arc::from),
        }
    }
}

/// Whether an error says that there is nothing: no such file, a name that cannot exist, or a
/// symbolic link that leads in circles.
fn is_nothing(err: &io::Error, on_disk: &Path) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound, PermissionDenied};
    match err.kind() {
        NotFound | NotADirectory | InvalidFilename | InvalidInput => true,
        PermissionDenied => false,
        _ => fs::symlink_metadata(on_disk).is_ok_and(|it| it.is_symlink()),
    }
}

/// The top of the Git repository that holds `path`. In a worktree or a submodule `.git` is a file.
pub fn repository_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|it| it.join(".git").exists()).map(Path::to_owned)
}

/// What a path belongs to: the repository in which it lies, or it alone.
fn owner(path: &Path) -> io::Result<PathBuf> {
    let real = fs::canonicalize(path)?;
    let is_link = fs::symlink_metadata(path)?.is_symlink();
    let parent = path.parent().filter(|_| is_link).map(|it| Path::new(".").join(it));
    let lies_in = parent.map_or_else(|| Ok(real.clone()), fs::canonicalize)?;
    Ok(repository_of(&lies_in).unwrap_or(real))
}

fn disk_of(path: &Path) -> PathBuf {
    path.ancestors().last().unwrap_or(path).to_owned()
}

fn common(a: &Path, b: &Path) -> PathBuf {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree(dir: &tempfile::TempDir) -> DiskTree {
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(root.join("repo/.git")).unwrap();
        fs::create_dir_all(root.join("repo/base/deep")).unwrap();
        fs::write(root.join("repo/base/ä b.yaml"), "a: 1").unwrap();
        fs::write(root.join("outside.yaml"), "a: 1").unwrap();
        DiskTree::around([&*root.join("repo/base/deep")]).unwrap()
    }

    fn entry(tree: &DiskTree, path: &str) -> Option<(EntryKind, String)> {
        let entry = tree.entry(&RepoPath::root().join(path).unwrap()).unwrap();
        entry.map(|it| (it.kind, it.real.to_string()))
    }

    #[test]
    fn the_tree_begins_at_the_top_of_the_repository() {
        let dir = tempfile::tempdir().unwrap();
        let tree = tree(&dir);
        assert!(tree.root.ends_with("repo"));
        assert_eq!(entry(&tree, "base/ä b.yaml"), Some((EntryKind::File, "base/ä b.yaml".to_owned())));
        assert_eq!(entry(&tree, "base"), Some((EntryKind::Dir, "base".to_owned())));
        assert_eq!(entry(&tree, "base/none.yaml"), None);
        assert_eq!(entry(&tree, "base/ä b.yaml/x"), None);
        assert_eq!(tree.list(&RepoPath::root().join("base").unwrap()).unwrap(), ["deep", "ä b.yaml"]);
    }

    #[test]
    fn links_are_followed_inside_and_lead_nowhere_outside() {
        let dir = tempfile::tempdir().unwrap();
        let tree = tree(&dir);
        let link = |to: &str, name: &str| symlink(to, tree.root.join(name)).unwrap();
        link("base", "linked");
        link("../outside.yaml", "leaves.yaml");
        link("gone.yaml", "dangles.yaml");
        link("round.yaml", "round.yaml");
        assert_eq!(entry(&tree, "linked/ä b.yaml"), Some((EntryKind::File, "base/ä b.yaml".to_owned())));
        for name in ["leaves.yaml", "dangles.yaml", "round.yaml"] {
            assert_eq!(entry(&tree, name), None, "{name}");
        }
    }

    #[test]
    fn a_pipe_is_nothing_to_read() {
        let tree = DiskTree::new("/".into(), "/".into());
        assert_eq!(entry(&tree, "dev/null"), None);
    }

    #[test]
    fn paths_are_shown_from_the_working_directory() {
        let tree = DiskTree::new("/repo".into(), "/repo/apps/web".into());
        let shown = |path: &str| tree.shown(&RepoPath::root().join(path).unwrap());
        assert_eq!(shown("apps/web/a.yaml"), "a.yaml");
        assert_eq!(shown("base/a.yaml"), "../../base/a.yaml");
        let elsewhere = DiskTree::new("/repo".into(), "/home".into());
        assert_eq!(elsewhere.shown(&RepoPath::root().join("a.yaml").unwrap()), "../repo/a.yaml");
    }

    #[test]
    fn a_forge_is_shown_paths_from_the_top_of_the_repository() {
        let dir = tempfile::tempdir().unwrap();
        let root = tree(&dir).root;
        let elsewhere = root.parent().unwrap().join("schemas");
        fs::create_dir_all(&elsewhere).unwrap();
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let tree = |here: PathBuf| DiskTree::new(root.clone(), here);
        assert_eq!(tree(root.join("base")).in_repository(&path("base/a.yaml")), "base/a.yaml");
        assert_eq!(tree("/".into()).in_repository(&path("base/a.yaml")), "base/a.yaml");
        let beside = tree(root.join("base")).beside([&elsewhere]);
        assert_eq!(beside.in_repository(&path("repo/base/a.yaml")), "base/a.yaml");
        assert_eq!(beside.in_repository(&path("schemas/a.yaml")), "../schemas/a.yaml");
        let none = root.parent().unwrap().to_owned();
        let none = DiskTree::new(none.clone(), none);
        assert_eq!(none.in_repository(&path("schemas/a.yaml")), "schemas/a.yaml");
    }

    #[test]
    fn what_lies_beside_the_repository_is_open_and_what_is_between_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = tree(&dir).root;
        let elsewhere = root.parent().unwrap().join("schemas/deep");
        fs::create_dir_all(&elsewhere).unwrap();
        fs::write(elsewhere.join("a.yaml"), "a: 1").unwrap();
        let tree = DiskTree::around([root.join("base")]).unwrap().beside([&elsewhere, &root.join("base")]);
        let is_file = |path: &str| entry(&tree, path).is_some_and(|it| it.0 == EntryKind::File);
        assert!(is_file("schemas/deep/a.yaml") && is_file("repo/base/ä b.yaml"));
        assert!(!is_file("outside.yaml"));
        assert_eq!(entry(&tree, "schemas"), None);
    }

    #[test]
    fn paths_in_two_repositories_share_the_directory_above() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(root.join("a/.git")).unwrap();
        fs::create_dir_all(root.join("b/.git")).unwrap();
        let tree = DiskTree::around([&*root.join("a"), &*root.join("b")]).unwrap();
        assert_eq!(tree.root, root);
    }
}
