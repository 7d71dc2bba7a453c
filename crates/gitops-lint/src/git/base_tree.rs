//! The repository as it was in a commit, under the paths that the disk gives its files.
//!
//! It is the working tree with everything put back that Git says has changed. So a file that has not
//! changed is the same on both sides, whatever Git keeps for it: one of LFS, an encrypted one, one with
//! other line ends, one of a submodule. Ignored files, and what lies beside the repository, are on both
//! sides, too.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use gitops_render::{EntryKind, RepoPath, SourceTree, TreeEntry};

use super::changes::{Change, Changes};
use super::commit::{Kind, Listing};
use super::ignored::Ignored;
use super::objects::Objects;
use super::{Commit, Git, GitError};
use crate::disk_tree::DiskTree;
use crate::options::Excluded;
use crate::packs;
use crate::scope;
use crate::walk::{Walked, Wanted};

/// So many links lead to a file at most, as in Linux.
const MOST_LINKS: usize = 40;

/// The repository as it was. Symbolic links are followed as on the disk.
#[derive(Debug)]
pub struct BaseTree<'d> {
    disk: &'d DiskTree,
    /// The repository in the paths of the disk.
    top: RepoPath,
    top_on_disk: PathBuf,
    listing: Listing,
    changes: Changes,
    /// The directories that hold something new.
    grown: HashSet<String>,
    /// The text of `.git/info/exclude`.
    exclude: String,
    objects: Objects,
}

/// What stands at a path from the top of the repository, links not followed.
#[derive(Debug)]
enum Found {
    Dir,
    /// A directory of which we know nothing more.
    Closed,
    /// A file that is on the disk as it was.
    Same(u64),
    /// A file that Git has, with its name there and its size.
    Kept(String, u64),
    Link(String),
}

/// Where a path leads to.
enum Place {
    /// To a path from the top of the repository.
    Inside(String, Found),
    /// Out of it.
    Outside(RepoPath),
}

impl<'d> BaseTree<'d> {
    /// The tree of `commit`, which lies in `git`. The repository is a part of what `disk` may read.
    ///
    /// # Errors
    /// If Git cannot tell what is in the commit.
    pub fn new(git: &Git, disk: &'d DiskTree, commit: &Commit) -> Result<BaseTree<'d>, GitError> {
        let top = disk.path(git.top()).ok_or_else(|| GitError::NoRepository(git.top().to_owned()))?;
        let changes = Changes::since(git, commit)?;
        let mut grown = HashSet::new();
        for path in changes.paths.iter().filter(|it| *it.1 == Change::Added).map(|it| it.0) {
            let mut dir = path.trim_end_matches('/');
            while let Some((above, _)) = dir.rsplit_once('/') {
                if !grown.insert(above.to_owned()) {
                    break;
                }
                dir = above;
            }
        }
        let listing = Listing::of(git, commit)?;
        let is_left_out = |it: &String| listing.files.get(it).is_some_and(|it| it.size.is_none());
        if changes.paths.keys().any(is_left_out) {
            return Err(GitError::Partial(commit.name.clone()));
        }
        let objects = Objects::start(git)?;
        let top_on_disk = git.top().to_owned();
        let exclude = git.exclude()?;
        Ok(BaseTree { disk, top, top_on_disk, listing, changes, grown, exclude, objects })
    }

    /// The path of an absolute path without symbolic links; `None` if it lies outside of what may be read.
    pub fn path(&self, on_disk: &Path) -> Option<RepoPath> {
        self.disk.path(on_disk)
    }

    /// Where a path is, or was, on the disk.
    pub fn on_disk(&self, path: &RepoPath) -> PathBuf {
        self.disk.on_disk(path)
    }

    /// The paths that stand otherwise on the disk, in order: changed, new, or gone. One that is a whole
    /// repository inside of this one, such as a submodule, stands for all that is in it.
    pub fn changed(&self) -> BTreeSet<RepoPath> {
        self.changes.paths.keys().filter_map(|it| self.top.join(it)).collect()
    }

    /// Whether something has changed of which it is not known here what is in it, or where it leads: a symbolic
    /// link, or a repository inside of this one.
    pub fn has_opaque_changes(&self) -> bool {
        self.changes.paths.keys().any(|it| {
            let was = self.listing.files.get(it.as_str()).is_some_and(|it| it.kind != Kind::File);
            let is_file = || fs::symlink_metadata(self.top_on_disk.join(it)).is_ok_and(|it| it.is_file());
            let is_gone = || !self.top_on_disk.join(it).exists();
            was || it.ends_with('/') || !(is_file() || is_gone())
        })
    }

    /// Whether the file at this path, which has no symbolic links in it, is what it was.
    pub fn is_same(&self, path: &RepoPath) -> bool {
        match self.inside(path) {
            Some(inside) => matches!(self.find(&inside), Ok(Some(Found::Same(_)))),
            None => true,
        }
    }

    /// Submodules that were at another commit. What was in them is not known here.
    pub fn unknown_submodules(&self) -> Vec<RepoPath> {
        let files = self.listing.files.iter().filter(|it| it.1.kind == Kind::Submodule);
        let changed = files.filter(|it| self.changes.paths.contains_key(it.0));
        changed.filter_map(|it| self.top.join(it.0)).collect()
    }

    /// The files that a walk along `paths` would have found, given what it finds now. `paths` are those
    /// of the walk: absolute and without symbolic links.
    pub fn walk(&self, paths: &[PathBuf], wanted: Wanted, now: &[RepoPath]) -> Walked {
        self.walk_but(paths, wanted, now, &Excluded::default())
    }

    /// The same without what is left out.
    pub fn walk_but(
        &self,
        paths: &[PathBuf],
        wanted: Wanted,
        now: &[RepoPath],
        excluded: &Excluded,
    ) -> Walked {
        let mut ignored = Ignored::new(self, self.top.clone(), &self.top_on_disk, &self.exclude);
        let (mut files, mut named) = (BTreeSet::new(), BTreeSet::new());
        for path in paths.iter().filter_map(|it| self.disk.path(it)) {
            let Ok(Some(entry)) = self.entry(&path) else { continue };
            if excluded.named(&path, entry.kind == EntryKind::Dir) {
                continue;
            }
            if entry.kind == EntryKind::File {
                if wanted != Wanted::Yaml || !scope::is_other(path.file_name()) {
                    files.insert(path.clone());
                }
                named.insert(path);
                continue;
            }
            let path = entry.real;
            let kept = self.listing.files.keys().filter_map(|it| self.top.join(it));
            let here = |it: &RepoPath| it.is_within(&path) && wanted.matches(it.file_name());
            let all: BTreeSet<RepoPath> = kept.chain(now.iter().cloned()).filter(here).collect();
            files.extend(all.into_iter().filter(|it| {
                !ignored.is_skipped(it, &path, wanted.heeds_ignore_files())
                    && !is_excluded(it, &path, excluded)
                    && self.is_file_or_broken_link(it)
            }));
        }
        let (files, named) = (files.into_iter().collect(), named.into_iter().collect());
        Walked { files, named, ..Walked::default() }
    }

    /// As the walk on the disk has it: a link to nothing is found when it is opened.
    fn is_file_or_broken_link(&self, path: &RepoPath) -> bool {
        match self.entry(path) {
            Ok(Some(entry)) => entry.kind == EntryKind::File,
            Ok(None) => {
                let inside = self.inside(path);
                inside.is_some_and(|it| matches!(self.find(&it), Ok(Some(Found::Link(_)))))
            }
            Err(_) => true,
        }
    }

    /// The path from the top of the repository; `None` if it lies outside.
    fn inside(&self, path: &RepoPath) -> Option<String> {
        if packs::is_inside(path) || !path.is_within(&self.top) {
            return None;
        }
        let rest = &path.as_str()[self.top.as_str().len()..];
        Some(rest.trim_start_matches('/').to_owned())
    }

    fn outside(&self, inside: &str) -> RepoPath {
        self.top.join(inside).unwrap_or_default()
    }

    /// What stood at a path from the top of the repository. Its parent was a directory.
    fn find(&self, inside: &str) -> io::Result<Option<Found>> {
        if self.listing.directories.contains(inside) {
            return Ok(Some(Found::Dir));
        }
        let change = self.changes.paths.get(inside);
        let Some(listed) = self.listing.files.get(inside) else {
            let is_new = change.is_some()
                || self.grown.contains(inside)
                || self.changes.paths.contains_key(&format!("{inside}/"));
            return if is_new { Ok(None) } else { self.find_on_disk(inside) };
        };
        Ok(Some(match listed.kind {
            Kind::Link => Found::Link(String::from_utf8_lossy(&self.objects.read(&listed.id)?).into_owned()),
            Kind::Submodule if change.is_some() => Found::Closed,
            Kind::File if change.is_some() => Found::Kept(listed.id.clone(), listed.size.unwrap_or(0)),
            // Not there if the checkout is sparse, and then it was not there before either.
            Kind::File | Kind::Submodule => return self.find_on_disk(inside),
        }))
    }

    /// What stands at a path of the disk that has not changed.
    fn find_on_disk(&self, inside: &str) -> io::Result<Option<Found>> {
        let on_disk = self.disk.on_disk(&self.outside(inside));
        let Ok(metadata) = fs::symlink_metadata(&on_disk) else { return Ok(None) };
        let kind = metadata.file_type();
        Ok(if kind.is_symlink() {
            let target = fs::read_link(&on_disk)?;
            target.to_str().map(|it| Found::Link(it.to_owned()))
        } else if kind.is_dir() {
            Some(Found::Dir)
        } else {
            kind.is_file().then_some(Found::Same(metadata.len()))
        })
    }

    /// Where a path leads to, links followed.
    fn resolve(&self, path: &RepoPath) -> io::Result<Option<Place>> {
        let Some(inside) = self.inside(path) else { return Ok(Some(Place::Outside(path.clone()))) };
        let mut way = Way { done: vec![], open: parts(&inside), links: 0 };
        loop {
            let Some(part) = way.open.pop_front() else {
                let inside = way.done.join("/");
                return Ok(self.find(&inside)?.map(|it| Place::Inside(inside, it)));
            };
            if part == ".." {
                if way.done.pop().is_none() {
                    let rest: Vec<String> = way.open.into();
                    return Ok(self.top.join(&format!("../{}", rest.join("/"))).map(Place::Outside));
                }
                continue;
            }
            way.done.push(part);
            match self.find(&way.done.join("/"))? {
                Some(Found::Dir) => {}
                Some(Found::Closed) if way.open.is_empty() => {}
                Some(Found::Link(target)) => {
                    if let Some(outside) = self.follow(&mut way, &target) {
                        return Ok(outside.map(Place::Outside));
                    }
                }
                Some(found) if way.open.is_empty() => {
                    return Ok(Some(Place::Inside(way.done.join("/"), found)));
                }
                _ => return Ok(None),
            }
        }
    }

    /// Takes the way that a link shows. Some if that ends here: outside of the repository, or nowhere.
    fn follow(&self, way: &mut Way, target: &str) -> Option<Option<RepoPath>> {
        way.done.pop();
        way.links += 1;
        if way.links > MOST_LINKS {
            return Some(None);
        }
        let mut target_parts = parts(target);
        if Path::new(target).is_absolute() {
            let Some(path) = self.disk.path(Path::new(target)) else { return Some(None) };
            let Some(inside) = self.inside(&path) else {
                let rest: Vec<String> = std::mem::take(&mut way.open).into();
                return Some(path.join(&rest.join("/")));
            };
            way.done.clear();
            target_parts = parts(&inside);
        }
        target_parts.append(&mut way.open);
        way.open = target_parts;
        None
    }
}

impl SourceTree for BaseTree<'_> {
    fn entry(&self, path: &RepoPath) -> io::Result<Option<TreeEntry>> {
        let mut path = path.clone();
        for _ in 0..MOST_LINKS {
            let (inside, found) = match self.resolve(&path)? {
                None => return Ok(None),
                Some(Place::Inside(inside, found)) => (inside, found),
                Some(Place::Outside(outside)) => match self.disk.entry(&outside)? {
                    // A link from outside leads back in, where something else may have stood.
                    Some(entry) if self.inside(&entry.real).is_some() && entry.real != path => {
                        path = entry.real;
                        continue;
                    }
                    entry => return Ok(entry),
                },
            };
            let (kind, size) = match found {
                Found::Same(size) | Found::Kept(_, size) => (EntryKind::File, size),
                Found::Dir | Found::Closed => (EntryKind::Dir, 0),
                Found::Link(_) => return Ok(None),
            };
            return Ok(Some(TreeEntry { kind, real: self.outside(&inside), size }));
        }
        Ok(None)
    }

    fn list(&self, path: &RepoPath) -> io::Result<Vec<String>> {
        let real = self.entry(path)?.ok_or(io::ErrorKind::NotFound)?.real;
        let Some(inside) = self.inside(&real) else { return self.disk.list(&real) };
        if matches!(self.find(&inside)?, Some(Found::Closed)) {
            return Ok(vec![]);
        }
        let before = if inside.is_empty() { inside } else { format!("{inside}/") };
        let below = self.listing.files.range(before.clone()..).map(|it| &**it.0);
        let below = below.map_while(|it| it.strip_prefix(&*before));
        let mut names: BTreeSet<String> =
            below.filter_map(|it| it.split('/').next()).map(str::to_owned).collect();
        for name in self.disk.list(&real).unwrap_or_default() {
            if !names.contains(&name) && self.find(&format!("{before}{name}"))?.is_some() {
                names.insert(name);
            }
        }
        Ok(names.into_iter().collect())
    }

    fn read(&self, path: &RepoPath) -> io::Result<Arc<[u8]>> {
        match self.resolve(path)? {
            None => Err(io::ErrorKind::NotFound.into()),
            Some(Place::Inside(_, Found::Kept(id, _))) => self.objects.read(&id),
            Some(Place::Inside(inside, _)) => self.disk.read(&self.outside(&inside)),
            Some(Place::Outside(path)) => self.disk.read(&path),
        }
    }
}

/// Whether a walk that begins in the directory `from` leaves the file out, or a directory on the way to it.
fn is_excluded(path: &RepoPath, from: &RepoPath, excluded: &Excluded) -> bool {
    let ways = std::iter::successors(Some(path.clone()), RepoPath::parent).take_while(|it| it != from);
    excluded.paths.is_some() && ways.into_iter().any(|it| excluded.found(&it, it != *path))
}

/// How far a path has been followed.
struct Way {
    /// Directories, from the top of the repository.
    done: Vec<String>,
    open: VecDeque<String>,
    links: usize,
}

fn parts(path: &str) -> VecDeque<String> {
    path.split('/').filter(|it| !matches!(*it, "" | ".")).map(str::to_owned).collect()
}
