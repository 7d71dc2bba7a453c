//! Which files a walk would have passed over in a commit: hidden ones, and those that the ignore files of
//! that commit name. The order of precedence is that of the `ignore` crate, which walks the disk.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gitops_render::{RepoPath, SourceTree};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The ignore files of a tree, each read once.
pub(super) struct Ignored<'t> {
    tree: &'t dyn SourceTree,
    /// The top of the repository on the disk, and its path in the tree.
    top_on_disk: PathBuf,
    top: RepoPath,
    /// For each directory its `.ignore` and its `.gitignore`.
    files: HashMap<RepoPath, Rc<[Gitignore; 2]>>,
    /// `.ignore` files above the repository, the nearest first.
    above: Vec<Gitignore>,
    /// What is ignored without a file in the repository: `.git/info/exclude`, and what the user has set.
    elsewhere: [Gitignore; 2],
    /// What was said about directories.
    known: HashMap<RepoPath, bool>,
}

impl<'t> Ignored<'t> {
    /// `exclude` is the text of `.git/info/exclude`.
    pub(super) fn new(
        tree: &'t dyn SourceTree,
        top: RepoPath,
        top_on_disk: &Path,
        exclude: &str,
    ) -> Ignored<'t> {
        let above = top_on_disk.ancestors().skip(1);
        let above = above.filter_map(|it| Some(matcher(it, &fs::read_to_string(it.join(".ignore")).ok()?)));
        Ignored {
            tree,
            top,
            top_on_disk: top_on_disk.to_owned(),
            files: HashMap::new(),
            above: above.collect(),
            elsewhere: [matcher(top_on_disk, exclude), Gitignore::global().0],
            known: HashMap::new(),
        }
    }

    /// Whether a walk that begins in the directory `from` would pass over the file at `path`, which lies
    /// in it. `by_files` says whether it heeds ignore files.
    pub(super) fn is_skipped(&mut self, path: &RepoPath, from: &RepoPath, by_files: bool) -> bool {
        let ways: Vec<RepoPath> =
            std::iter::successors(Some(path.clone()), RepoPath::parent).take_while(|it| it != from).collect();
        // From the outside in: what lies in a directory that is passed over is never looked at.
        ways.into_iter().rev().any(|it| {
            let is_dir = it != *path;
            if !is_dir || !by_files {
                return self.is_left_out(&it, is_dir, by_files);
            }
            match self.known.get(&it) {
                Some(known) => *known,
                None => {
                    let is_left_out = self.is_left_out(&it, true, true);
                    self.known.insert(it, is_left_out);
                    is_left_out
                }
            }
        })
    }

    fn is_left_out(&mut self, path: &RepoPath, is_dir: bool, by_files: bool) -> bool {
        let is_hidden = path.file_name().starts_with('.');
        if !by_files || !path.is_within(&self.top) {
            return is_hidden;
        }
        match self.matched(path, is_dir) {
            Match::Ignore(()) => true,
            Match::Whitelist(()) => false,
            Match::None => is_hidden,
        }
    }

    fn matched(&mut self, path: &RepoPath, is_dir: bool) -> Match<()> {
        let on_disk = self.on_disk(path);
        let mut said = [Match::None, Match::None];
        let mut dir = path.parent();
        while let Some(at) = dir.filter(|it| it.is_within(&self.top)) {
            let files = self.files_of(&at);
            for (said, file) in said.iter_mut().zip(files.iter()) {
                if said.is_none() {
                    *said = file.matched(&on_disk, is_dir).map(|_| ());
                }
            }
            dir = at.parent();
        }
        let [by_ignore, by_git] = said;
        let of = |files: &[Gitignore]| {
            let found = files.iter().map(|it| it.matched(&on_disk, is_dir).map(|_| ()));
            found.reduce(Match::or).unwrap_or(Match::None)
        };
        by_ignore.or(of(&self.above)).or(by_git).or(of(&self.elsewhere))
    }

    fn files_of(&mut self, dir: &RepoPath) -> Rc<[Gitignore; 2]> {
        if let Some(known) = self.files.get(dir) {
            return Rc::clone(known);
        }
        let on_disk = self.on_disk(dir);
        let read = |name: &str| {
            let path = dir.join(name)?;
            let entry = self.tree.entry(&path).ok()??;
            self.tree.read(&entry.real).ok()
        };
        let files = [".ignore", ".gitignore"].map(|name| match read(name) {
            Some(text) => matcher(&on_disk, &String::from_utf8_lossy(&text)),
            None => Gitignore::empty(),
        });
        let files = Rc::new(files);
        self.files.insert(dir.clone(), Rc::clone(&files));
        files
    }

    fn on_disk(&self, path: &RepoPath) -> PathBuf {
        let mut on_disk = self.top_on_disk.clone();
        let inside = path.as_str()[self.top.as_str().len()..].split('/');
        on_disk.extend(inside.filter(|it| !it.is_empty()));
        on_disk
    }
}

fn matcher(dir: &Path, text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(dir);
    let text = text.trim_start_matches('\u{feff}');
    for line in text.lines() {
        // A line that is no pattern ignores nothing.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
