//! Finds the files to check, as ripgrep does: in parallel, `.gitignore` respected, what is hidden
//! skipped, and what is on no disk. Files that are named on the command line are always taken.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gitops_render::RepoPath;
use gitops_render::kustomize::FILE_NAMES;
use ignore::{DirEntry, WalkBuilder, WalkState};
use serde::{Deserialize, Serialize};

use crate::disk_tree::DiskTree;
use crate::mounts::Virtual;
use crate::options::Excluded;
use crate::scope;

/// What was found, in order of path.
#[derive(Debug, Default)]
pub struct Walked {
    /// The files.
    pub files: Vec<RepoPath>,
    /// What was named one by one: some of them, and files that are parts of something, but no YAML.
    pub named: Vec<RepoPath>,
    /// What could not be looked at, one line each.
    pub unreadable: Vec<String>,
    /// What was passed over, one line each.
    pub skipped: Vec<String>,
    /// How many of the named files and folders are left out.
    pub excluded: usize,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wanted {
    /// YAML files and kustomizations, but for ignored ones.
    Yaml,
    /// Kustomizations, but for ignored ones.
    Kustomizations,
    /// Those that may use what is checked and are not: around it, or left out of it.
    Users,
    /// Policies. Whoever names a directory of them wants all that are in it.
    Rego,
    /// YAML that may hold constraints, likewise.
    Constraints,
    /// Data for policies.
    Data,
}

impl Wanted {
    /// Whether ignored files are left out.
    pub fn heeds_ignore_files(self) -> bool {
        matches!(self, Wanted::Yaml | Wanted::Kustomizations | Wanted::Users)
    }

    /// Whether a file with this name is looked for.
    pub fn matches(self, name: &str) -> bool {
        match self {
            Wanted::Yaml => name.ends_with(".yaml") || name.ends_with(".yml") || FILE_NAMES.contains(&name),
            Wanted::Kustomizations | Wanted::Users => FILE_NAMES.contains(&name),
            Wanted::Rego => name.ends_with(".rego"),
            Wanted::Constraints => name.ends_with(".yaml") || name.ends_with(".yml"),
            Wanted::Data => [".json", ".yaml", ".yml"].iter().any(|it| name.ends_with(it)),
        }
    }
}

/// The files under `paths` whose name is wanted. The paths are absolute and without symbolic links.
pub fn walk(tree: &DiskTree, paths: &[PathBuf], wanted: Wanted, threads: usize) -> Walked {
    walk_but(tree, paths, wanted, threads, &Excluded::default())
}

/// The same without what is left out.
pub fn walk_but(
    tree: &DiskTree,
    paths: &[PathBuf],
    wanted: Wanted,
    threads: usize,
    excluded: &Excluded,
) -> Walked {
    let mut walked = Walked::default();
    let is_left_out = |it: &&PathBuf| tree.path(it).is_some_and(|path| excluded.named(&path, it.is_dir()));
    let (left_out, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(is_left_out);
    walked.excluded = left_out.len();
    let (mut dirs, files): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.into_iter().partition(|it| it.is_dir());
    let nowhere = Virtual::below(dirs.iter().copied(), tree.repository().is_some());
    dirs.retain(|it| !nowhere.holds(it));
    for file in files {
        match tree.path(file) {
            Some(path) => walked.named.push(path),
            None => walked.skipped.push(not_utf8(file)),
        }
    }
    // Who looks for policies or data may well name them.
    let is_read = |it: &&RepoPath| wanted != Wanted::Yaml || !scope::is_other(it.file_name());
    walked.files.extend(walked.named.iter().filter(is_read).cloned());
    if let Some((first, rest)) = dirs.split_first() {
        let mut builder = WalkBuilder::new(first);
        rest.iter().for_each(|it| {
            builder.add(it);
        });
        builder.threads(threads).standard_filters(wanted.heeds_ignore_files()).hidden(true);
        builder.filter_entry(move |it| !nowhere.holds(it.path()));
        walk_directories(tree, &builder, wanted, excluded, &mut walked);
    }
    for list in [&mut walked.files, &mut walked.named] {
        *list = std::mem::take(list).into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    }
    walked.unreadable.sort();
    walked.skipped.sort();
    walked
}

/// More entries than a person keeps manifests among.
const MOST_ENTRIES: usize = 50_000;

/// The files of the repository around `paths`, what is left out among them; none if that is no more than what
/// is checked, and `None` if there is too much to look through.
///
/// Those that may use what is checked are also looked for where there is no repository: in the working
/// directory.
pub fn repository(
    tree: &DiskTree,
    paths: &[PathBuf],
    wanted: Wanted,
    threads: usize,
    excluded: &Excluded,
) -> Option<Vec<RepoPath>> {
    if wanted == Wanted::Users {
        let is_checked = || if excluded.paths.is_some() { paths.to_vec() } else { vec![] };
        return users(tree, &tree.around_of(paths).map_or_else(is_checked, |it| vec![it]));
    }
    let top = tree.rest_of(paths);
    Some(top.map_or_else(Vec::new, |it| walk(tree, &[it], wanted, threads).files))
}

/// The kustomizations in and below directories; `None` if there is too much to look through.
fn users(tree: &DiskTree, tops: &[PathBuf]) -> Option<Vec<RepoPath>> {
    let mut found = BTreeSet::new();
    let nowhere = Virtual::below(tops, tree.repository().is_some());
    let walk = |top: &PathBuf| {
        let nowhere = nowhere.clone();
        WalkBuilder::new(top).filter_entry(move |it| !nowhere.holds(it.path())).build()
    };
    for (count, entry) in tops.iter().flat_map(walk).enumerate() {
        (count < MOST_ENTRIES).then_some(())?;
        let Ok(entry) = entry else { continue };
        if entry.file_name().to_str().is_some_and(|it| Wanted::Users.matches(it)) {
            found.extend(tree.path(entry.path()));
        }
    }
    Some(found.into_iter().collect())
}

fn walk_directories(
    tree: &DiskTree,
    builder: &WalkBuilder,
    wanted: Wanted,
    excluded: &Excluded,
    walked: &mut Walked,
) {
    let found = Mutex::new(std::mem::take(walked));
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match entry {
                Ok(entry) if is_excluded(tree, &entry, excluded) => return WalkState::Skip,
                Ok(entry) => add(tree, &entry, wanted, &mut found),
                Err(err) => found.unreadable.push(format!("cannot look into {err}")),
            }
            WalkState::Continue
        })
    });
    *walked = found.into_inner().unwrap_or_else(PoisonError::into_inner);
}

fn add(tree: &DiskTree, entry: &DirEntry, wanted: Wanted, found: &mut Walked) {
    if !wanted.matches(&entry.file_name().to_string_lossy()) || !is_file(entry) {
        return;
    }
    match tree.path(entry.path()) {
        Some(path) => found.files.push(path),
        None => found.skipped.push(not_utf8(entry.path())),
    }
}

/// Whether something is left out that nobody has named.
fn is_excluded(tree: &DiskTree, entry: &DirEntry, excluded: &Excluded) -> bool {
    let is_folder = entry.file_type().is_some_and(|it| it.is_dir());
    let is_found = entry.depth() > 0 && excluded.paths.is_some();
    is_found && tree.path(entry.path()).is_some_and(|it| excluded.found(&it, is_folder))
}

/// A file, or a symbolic link to one, or to nothing: that is then found when it is opened.
fn is_file(entry: &DirEntry) -> bool {
    match entry.file_type() {
        Some(kind) if kind.is_symlink() => !entry.path().is_dir(),
        Some(kind) => kind.is_file(),
        None => false,
    }
}

fn not_utf8(path: &Path) -> String {
    format!("skipped {path:?}: its name is not UTF-8")
}
