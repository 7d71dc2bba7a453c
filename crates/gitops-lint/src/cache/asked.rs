//! What a run asked the disk, and what it was answered: as long as the answers are the same, so is the result.

use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io};

use gitops_render::{EntryKind, RepoPath, SourceTree, TreeEntry};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::cache::stamp::Stamp;
use crate::disk_tree::DiskTree;
use crate::packs;
use crate::walk::Wanted;

/// Questions with their answers, in order of path, each once.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    entries: Vec<(String, Entry)>,
    lists: Vec<(String, List)>,
    reads: Vec<(String, Content)>,
    /// Digests of the lists of files that were asked for.
    files: Vec<(Wanted, String)>,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Entry {
    Nothing,
    /// The real path is left out where it is the path itself.
    File(u64, Option<String>),
    Dir(Option<String>),
    Failed(String),
}

/// What lies in a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum List {
    Names(Vec<String>),
    Failed(String),
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Content {
    /// The digest, and a stamp that spares reading the file again.
    Digest(String, Option<Stamp>),
    Failed(String),
}

impl Content {
    fn is_same(&self, other: &Content) -> bool {
        match (self, other) {
            (Content::Digest(a, _), Content::Digest(b, _)) => a == b,
            (Content::Failed(a), Content::Failed(b)) => a == b,
            _ => false,
        }
    }
}

/// The digest of a file's content.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The digest of a list of files. `None` is none.
fn digest_of(files: &Option<Vec<RepoPath>>) -> String {
    digest(format!("{files:?}").as_bytes())
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |it: u8| char::from(DIGITS[usize::from(it)]);
    bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]).collect()
}

impl Asked {
    /// Asks the same again. `None` if an answer differs; else the answers, and whether stamps have changed.
    /// `find` lists files.
    pub fn again(
        &self,
        tree: &DiskTree,
        find: &(dyn Fn(Wanted) -> Option<Vec<RepoPath>> + Sync),
    ) -> Option<(Asked, bool)> {
        let path = |it: &str| RepoPath::root().join(it);
        let is_same =
            |(at, known): &(String, Entry)| path(at).is_some_and(|it| entry(&it, &tree.entry(&it)) == *known);
        if !self.entries.par_iter().all(is_same) {
            return None;
        }
        if !self.files.iter().all(|(which, known)| digest_of(&find(*which)) == *known) {
            return None;
        }
        if !self.lists.iter().all(|(at, known)| path(at).is_some_and(|it| list(&tree.list(&it)) == *known)) {
            return None;
        }
        let reads = self.reads.par_iter().map(|(at, known)| {
            let path = path(at)?;
            if let Content::Digest(_, Some(stamp)) = known
                && Stamp::of(&tree.on_disk(&path)) == Some(*stamp)
            {
                return Some((at.clone(), known.clone()));
            }
            let now = read(tree, &path).0;
            now.is_same(known).then(|| (at.clone(), now))
        });
        let reads = reads.collect::<Option<Vec<_>>>()?;
        let has_changed = reads != self.reads;
        let (entries, lists, files) = (self.entries.clone(), self.lists.clone(), self.files.clone());
        Some((Asked { entries, lists, reads, files }, has_changed))
    }
}

fn entry(path: &RepoPath, found: &io::Result<Option<TreeEntry>>) -> Entry {
    let real = |it: &TreeEntry| (it.real != *path).then(|| it.real.to_string());
    match found {
        Ok(None) => Entry::Nothing,
        Ok(Some(it)) if it.kind == EntryKind::File => Entry::File(it.size, real(it)),
        Ok(Some(it)) => Entry::Dir(real(it)),
        Err(err) => Entry::Failed(err.to_string()),
    }
}

fn list(found: &io::Result<Vec<String>>) -> List {
    match found {
        Ok(names) => List::Names(names.clone()),
        Err(err) => List::Failed(err.to_string()),
    }
}

fn read(tree: &DiskTree, path: &RepoPath) -> (Content, io::Result<Arc<[u8]>>) {
    // Before the file is read: whatever happens to it from here on makes the stamp another one.
    let stamp = Stamp::of(&tree.on_disk(path));
    let found = tree.read(path);
    let content = match &found {
        Ok(bytes) => Content::Digest(digest(bytes), stamp),
        Err(err) => Content::Failed(err.to_string()),
    };
    (content, found)
}

/// A question with its answer.
enum Question {
    Entry(RepoPath, Entry),
    List(RepoPath, List),
    Read(RepoPath, Content),
    Files(Wanted, String),
}

/// The disk, and a memory of what it was asked.
pub struct Seen<'t> {
    tree: &'t DiskTree,
    /// `None` if nobody wants to know.
    questions: Option<Mutex<Vec<Question>>>,
}

impl<'t> Seen<'t> {
    /// A tree that remembers, or one that does not.
    pub fn new(tree: &'t DiskTree, remembers: bool) -> Seen<'t> {
        Seen { tree, questions: remembers.then(Mutex::default) }
    }

    /// The disk.
    pub fn tree(&self) -> &'t DiskTree {
        self.tree
    }

    /// What was asked so far. `None` if the same question got two answers: then something has changed
    /// meanwhile, and what came of it is worth nothing.
    pub fn asked(&self) -> Option<Asked> {
        let questions =
            std::mem::take(&mut *self.questions.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut entries, mut lists, mut reads, mut files) = (vec![], vec![], vec![], vec![]);
        for it in questions {
            match it {
                Question::Entry(path, answer) => entries.push((path.to_string(), answer)),
                Question::List(path, answer) => lists.push((path.to_string(), answer)),
                Question::Read(path, answer) => reads.push((path.to_string(), answer)),
                Question::Files(which, answer) => files.push((which, answer)),
            }
        }
        let entries = once(entries, PartialEq::eq)?;
        let lists = once(lists, PartialEq::eq)?;
        let (reads, files) = (once(reads, Content::is_same)?, once(files, PartialEq::eq)?);
        Some(Asked { entries, lists, reads, files })
    }

    /// Remembers which files were found.
    pub fn found(&self, which: Wanted, files: &Option<Vec<RepoPath>>) {
        self.remember(|| Question::Files(which, digest_of(files)));
    }

    fn remember(&self, question: impl FnOnce() -> Question) {
        if let Some(questions) = &self.questions {
            let question = question();
            questions.lock().unwrap_or_else(PoisonError::into_inner).push(question);
        }
    }
}

/// Each question once, in order; `None` if two answers to one differ.
fn once<Q: Ord, A>(mut asked: Vec<(Q, A)>, is_same: impl Fn(&A, &A) -> bool) -> Option<Vec<(Q, A)>> {
    asked.sort_by(|a, b| a.0.cmp(&b.0));
    let differs = |it: &[(Q, A)]| it[0].0 == it[1].0 && !is_same(&it[0].1, &it[1].1);
    if asked.windows(2).any(differs) {
        return None;
    }
    asked.dedup_by(|a, b| a.0 == b.0);
    Some(asked)
}

impl SourceTree for Seen<'_> {
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>> {
        let found = self.tree.entry(path);
        // What is built in changes with the binary.
        if !packs::is_inside(path) {
            self.remember(|| Question::Entry(path.clone(), entry(path, &found)));
        }
        found
    }

    fn list(&self, path: &RepoPath) -> io::Result<Vec<String>> {
        let found = self.tree.list(path);
        if !packs::is_inside(path) {
            self.remember(|| Question::List(path.clone(), list(&found)));
        }
        found
    }

    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>> {
        if self.questions.is_none() || packs::is_inside(path) {
            return self.tree.read(path);
        }
        let (content, found) = read(self.tree, path);
        self.remember(|| Question::Read(path.clone(), content));
        found
    }
}

impl fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Seen").field(self.tree).finish()
    }
}
