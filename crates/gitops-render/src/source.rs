//! A repository as bytes: where files come from, and how a place in them is named.
//!
//! Everything that this crate reads goes through [`SourceTree`]; `sources.rs` reads each file once
//! and remembers it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::{fmt, io};

use serde::{Deserialize, Serialize};

/// A path inside a tree: `/`-separated, normalized, never leaving the tree's root.
///
/// The root itself is the empty path. Two paths that name the same place by different
/// spellings (`a/./b`, `a/c/../b`) are equal once they are made by [`RepoPath::join`].
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoPath(Arc<str>);

impl RepoPath {
    /// The root of the tree.
    pub fn root() -> RepoPath {
        RepoPath("".into())
    }

    /// The path written as `relative` in a file that lives in the directory `self`.
    ///
    /// Returns `None` if it would leave the tree, or if it is absolute.
    pub fn join(&self, relative: &str) -> Option<RepoPath> {
        if relative.starts_with('/') {
            return None;
        }
        let mut parts: Vec<&str> = self.0.split('/').filter(|it| !it.is_empty()).collect();
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        Some(RepoPath(parts.join("/").into()))
    }

    /// The path as text, without a slash at either end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directory that holds this path, or `None` for the root.
    pub fn parent(&self) -> Option<RepoPath> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.rfind('/').unwrap_or(0);
        Some(RepoPath(self.0[..end].into()))
    }

    /// The last part of the path; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// Whether `self` is `directory` or lies below it.
    pub fn is_within(&self, directory: &RepoPath) -> bool {
        directory.0.is_empty()
            || self.0.strip_prefix(&*directory.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The path that leads from the directory `from` to `self`, with `..` where needed.
    ///
    /// Returns `.` if both are the same.
    pub fn relative_to(&self, from: &RepoPath) -> String {
        let parts = |path: &'_ RepoPath| -> Vec<String> {
            path.0.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
        };
        let (to, from) = (parts(self), parts(from));
        let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
        let mut out: Vec<&str> = vec![".."; from.len() - common];
        out.extend(to[common..].iter().map(String::as_str));
        if out.is_empty() { ".".to_owned() } else { out.join("/") }
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
}

/// What stands at a path, after symbolic links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// File or directory.
    pub kind: EntryKind,
    /// The path with every symbolic link resolved. Load restrictions and identity go by this one.
    pub real: RepoPath,
    /// The size in bytes; 0 for directories.
    pub size: u64,
}

/// The repository, as the library sees it: the only way to its files.
///
/// Implementations answer from wherever they like (a disk, memory, a Git revision), must be
/// consistent for as long as they are used, and must not answer for anything outside the tree.
pub trait SourceTree: Send + Sync {
    /// What stands at `path`; `None` if there is nothing, or a symbolic link that leads nowhere.
    ///
    /// # Errors
    /// If the tree cannot tell, for example for want of permission.
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>>;

    /// The names of what lies in the directory at `path`, in order. They serve to suggest what a wrong
    /// path was meant to be, and to find definitions in a folder of schemas: a tree that cannot list may
    /// say that there is nothing.
    ///
    /// # Errors
    /// If there is no such directory, or it cannot be read.
    fn list(&self, path: &RepoPath) -> io::Result<Vec<String>> {
        let _ = path;
        Ok(vec![])
    }

    /// The bytes of the file at `path`.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be read.
    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>>;
}

/// A tree held in memory: for tests, editors, and whoever embeds the library.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    files: BTreeMap<RepoPath, Arc<[u8]>>,
}

impl MemoryTree {
    /// An empty tree.
    pub fn new() -> MemoryTree {
        MemoryTree::default()
    }

    /// Adds a file, or replaces it. Directories exist as soon as they hold a file.
    ///
    /// # Panics
    /// If `path` leaves the tree: the caller wrote it.
    pub fn insert(&mut self, path: &str, content: impl AsRef<[u8]>) -> &mut MemoryTree {
        let path = RepoPath::root().join(path).expect("a memory tree's paths are written by its maker");
        self.files.insert(path, content.as_ref().into());
        self
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        self.files.keys()
    }
}

impl SourceTree for MemoryTree {
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>> {
        if let Some(bytes) = self.files.get(path) {
            let size = bytes.len() as u64;
            return Ok(Some(TreeEntry { kind: EntryKind::File, real: path.clone(), size }));
        }
        let holds_files = path.as_str().is_empty()
            || self
                .files
                .range(path.clone()..)
                .take_while(|(it, _)| it.as_str().starts_with(path.as_str()))
                .any(|(it, _)| it.is_within(path));
        Ok(holds_files.then(|| TreeEntry { kind: EntryKind::Dir, real: path.clone(), size: 0 }))
    }

    fn list(&self, path: &RepoPath) -> io::Result<Vec<String>> {
        let below = self.files.keys().filter(|it| it.is_within(path));
        let names = below.map(|it| it.as_str()[path.as_str().len()..].trim_start_matches('/'));
        let mut names: Vec<String> = names.filter_map(|it| it.split('/').next()).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A file that was read, by number. Numbers follow the order of reading, so they say nothing
/// about the order of anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub(crate) u32);

/// A byte range of one file. Twelve bytes, `Copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one; equal to `start` where something is missing.
    pub end: u32,
}

impl Span {
    /// The place where the span begins, without its text.
    #[must_use]
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The span from the start of `self` to the end of `other`, which lies in the same file.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file, "a span lies in one file");
        Span { end: other.end.max(self.start), ..self }
    }

    /// Whether `other` begins inside of this span.
    pub fn holds(self, other: Span) -> bool {
        self.file == other.file && (self.start..self.end).contains(&other.start)
    }
}

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::root().join(text).unwrap()
    }

    #[test]
    fn a_path_is_normalized_and_never_leaves_the_tree() {
        assert_eq!(path("a/./b//../c").as_str(), "a/c");
        assert_eq!(path("a/b").join("../../.."), None);
        assert_eq!(path("a").join("/etc/passwd"), None);
        assert_eq!(path("a").join(".."), Some(RepoPath::root()));
    }

    #[test]
    fn a_neighbour_with_the_same_beginning_is_not_within() {
        assert!(path("apps/web").is_within(&path("apps")));
        assert!(path("apps").is_within(&path("apps")));
        assert!(!path("apps-old/web").is_within(&path("apps")));
    }

    #[test]
    fn a_relative_path_leads_back() {
        assert_eq!(path("a/b/c").relative_to(&path("a/x")), "../b/c");
        assert_eq!(path("a").relative_to(&path("a")), ".");
        assert_eq!(path("a/b").relative_to(&RepoPath::root()), "a/b");
    }

    #[test]
    fn a_memory_tree_has_the_directories_of_its_files() {
        let mut tree = MemoryTree::new();
        tree.insert("apps-old/a.yaml", "").insert("apps/web/b.yaml", "x");
        let kind = |text: &str| tree.entry(&path(text)).unwrap().map(|it| it.kind);
        assert_eq!(kind("apps"), Some(EntryKind::Dir));
        assert_eq!(kind("apps/web/b.yaml"), Some(EntryKind::File));
        assert_eq!(kind("app"), None);
        assert_eq!(tree.list(&path("apps")).unwrap(), ["web"]);
        assert_eq!(tree.list(&RepoPath::root()).unwrap(), ["apps", "apps-old"]);
    }
}
