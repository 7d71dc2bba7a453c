//! Finds the files of policies and of their data: what `-p`, `--data` and `gitops-lint test` name.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use gitops_render::kustomize::FILE_NAMES;
use gitops_render::policy::{Data, DataFile};
use gitops_render::{Diagnostic, RepoPath, SourceFile, Sources, entries};

use crate::Failure;
use crate::check::{existing, tell_what_is_missing};
use crate::disk_tree::DiskTree;
use crate::packs::{self, Pack};
use crate::walk::{self, Walked, Wanted};

/// The folders in which teams keep policies.
pub const FOLDERS: [&str; 2] = ["policy", "policies"];

/// A place with policies or data.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder or a file, absolute and without symbolic links.
    Disk(PathBuf),
    /// A pack that is built in.
    Pack(&'static Pack),
}

impl Place {
    /// The package whose rules are asked because the place was named; none on the disk.
    fn package(&self) -> Option<String> {
        match self {
            Place::Disk(_) => None,
            Place::Pack(pack) => Some(pack.package()),
        }
    }

    /// The place as the reader knows it.
    pub fn shown(&self, tree: &DiskTree) -> String {
        match self {
            Place::Disk(path) => {
                tree.path(path).map_or_else(|| path.display().to_string(), |it| tree.shown(&it))
            }
            Place::Pack(pack) => pack.root().to_string(),
        }
    }
}

/// Files that were found.
#[derive(Debug, Default)]
pub struct Found {
    /// Each with the folder that was named for it.
    pub files: Vec<(RepoPath, RepoPath)>,
    /// The numbers of the places that the files were found in.
    pub places: Vec<usize>,
    /// Places in which there is none, by their numbers.
    pub empty: Vec<usize>,
    /// Whether everything could be looked at.
    pub is_complete: bool,
    /// What could not be looked at, one line each.
    pub unreadable: Vec<String>,
    /// What was passed over, one line each.
    pub skipped: Vec<String>,
}

/// The places that the command line names.
///
/// # Errors
/// If one of them is not there.
pub fn named(paths: &[PathBuf]) -> Result<Vec<Place>, Failure> {
    let place = |it: &PathBuf| match packs::named(it) {
        Some(pack) => pack.map(Place::Pack),
        None => existing(it).map(Place::Disk),
    };
    paths.iter().map(place).collect()
}

/// The packages to ask: those that were named or else `main`, which is not looked for in packs, and
/// those of the packs. None stands for `main`.
pub fn packages(named: &[String], places: &[Place]) -> Vec<String> {
    let packs: Vec<String> = places.iter().filter_map(Place::package).collect();
    let is_team = |it: &Place| matches!(it, Place::Disk(_));
    match packs.is_empty() || !named.is_empty() || !places.iter().any(is_team) {
        true => [named, &packs].concat(),
        false => [&["main".to_owned()][..], &packs].concat(),
    }
}

/// The folders of [`usual`] names that there are.
pub fn by_default(directories: &[PathBuf]) -> Vec<Place> {
    let folders = usual(directories).into_iter().filter_map(|it| existing(&it).ok());
    folders.filter(|it| it.is_dir()).map(Place::Disk).collect()
}

/// What folders called `policy` and `policies` would be called in these directories, and in the working
/// directory if one of these lies below it.
pub fn usual(directories: &[PathBuf]) -> Vec<PathBuf> {
    let here = existing(".".as_ref()).ok();
    let here = here.filter(|here| directories.iter().any(|it| it.starts_with(here)));
    let all: BTreeSet<&PathBuf> = directories.iter().chain(&here).collect();
    all.into_iter().flat_map(|it| FOLDERS.map(|name| it.join(name))).collect()
}

/// The places that are on the disk.
pub fn on_disk(places: &[Place]) -> impl Iterator<Item = &PathBuf> {
    places.iter().filter_map(|it| match it {
        Place::Disk(path) => Some(path),
        Place::Pack(_) => None,
    })
}

/// The files in these places, in their order; what cannot be looked at is told on stderr.
pub fn find(tree: &DiskTree, places: &[Place], wanted: Wanted, threads: usize) -> Found {
    find_by(places, wanted, |path| {
        let walked = walk::walk(tree, std::slice::from_ref(path), wanted, threads);
        tell_what_is_missing(&walked);
        (walked, tree.path(path).filter(|_| path.is_dir()))
    })
}

/// The files in these places, by a `walk` through one of them, which also tells its path if it is a folder.
pub fn find_by(
    places: &[Place],
    wanted: Wanted,
    walk: impl Fn(&PathBuf) -> (Walked, Option<RepoPath>),
) -> Found {
    let mut found = Found { is_complete: true, ..Found::default() };
    for (index, place) in places.iter().enumerate() {
        let before = found.files.len();
        match place {
            Place::Pack(pack) => {
                found.files.extend(pack.files(|it| wanted.matches(it)).map(|it| (it, pack.root())));
            }
            Place::Disk(path) => {
                let (walked, root) = walk(path);
                found.is_complete &= walked.unreadable.is_empty();
                let root_of = |it: &RepoPath| root.clone().or_else(|| it.parent()).unwrap_or_default();
                found.unreadable.extend(walked.unreadable);
                found.skipped.extend(walked.skipped);
                let files = walked.files.into_iter().filter(|it| is_meant(it.file_name(), wanted));
                found.files.extend(files.map(|it| (it.clone(), root_of(&it))));
            }
        }
        found.places.resize(found.files.len(), index);
        if found.files.len() == before {
            found.empty.push(index);
        }
    }
    found
}

/// Whether a file that is named one by one may be what is wanted: YAML holds constraints, whatever else is
/// named as a policy is Rego, and Rego is no data.
fn is_meant(name: &str, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Rego => !Wanted::Constraints.matches(name),
        Wanted::Constraints => wanted.matches(name),
        Wanted::Data => !Wanted::Rego.matches(name),
        Wanted::Yaml | Wanted::Kustomizations | Wanted::Users => true,
    }
}

/// The files, opened; and what cannot be opened.
pub fn open(sources: &Sources<'_>, paths: &[(RepoPath, RepoPath)]) -> (Vec<DataFile>, Vec<Diagnostic>) {
    let (mut files, mut unreadable) = (vec![], vec![]);
    for (path, root) in paths {
        match sources.open(path) {
            Ok(file) => files.push(DataFile { file, root: root.clone() }),
            Err(err) => unreadable.push(entries::unreadable(sources, &err)),
        }
    }
    (files, unreadable)
}

/// The data in files that lie with policies, where manifests may lie, too, which are none, and in
/// files that were named as data.
pub fn data(
    sources: &Sources<'_>,
    beside: &[(RepoPath, RepoPath)],
    named: &[(RepoPath, RepoPath)],
) -> (Data, Vec<Diagnostic>) {
    let (mut files, mut found) = open(sources, beside);
    files.retain(|it| !is_manifest(&it.file));
    let (named, unreadable) = open(sources, named);
    files.retain(|it| named.iter().all(|named| named.file.id != it.file.id));
    files.extend(named);
    let (data, broken) = Data::read(&files);
    found.extend(unreadable);
    found.extend(broken);
    (data, found)
}

fn is_manifest(file: &Arc<SourceFile>) -> bool {
    let is_object = |it: &gitops_render::Node| it.get("apiVersion").is_some() && it.get("kind").is_some();
    FILE_NAMES.contains(&file.path.file_name()) || file.yaml().documents.iter().any(is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_packs_are_asked_besides_those_of_the_team() {
        let disk = Place::Disk(PathBuf::from("policies"));
        let pack = named(&[PathBuf::from("builtin:team-basics")]).unwrap().remove(0);
        let asked = |named: &[&str], places: &[&Place]| {
            let named: Vec<String> = named.iter().map(|&it| it.to_owned()).collect();
            let places: Vec<Place> = places.iter().map(|&it| it.clone()).collect();
            packages(&named, &places).join(" ")
        };
        assert_eq!(asked(&[], &[&disk]), "");
        assert_eq!(asked(&["a"], &[&disk]), "a");
        assert_eq!(asked(&[], &[&pack]), "packs.team_basics");
        assert_eq!(asked(&[], &[&disk, &pack]), "main packs.team_basics");
        assert_eq!(asked(&["a"], &[&disk, &pack]), "a packs.team_basics");
    }
}
