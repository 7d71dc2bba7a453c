//! The base's side of a check: what the same command line finds there.

use std::path::{Path, PathBuf};

use gitops_render::{EntryKind, RepoPath, SourceTree};

use crate::baseline::BaselinePlace;
use crate::constraints::ConstraintWork;
use crate::disk_tree::DiskTree;
use crate::git::BaseTree;
use crate::lint::{Policies, Work};
use crate::policies::{self, Place};
use crate::walk::Wanted;

/// What the command line says, and what it finds in the working tree.
pub struct Now<'a> {
    /// The working tree.
    pub tree: &'a DiskTree,
    /// What is checked: absolute and without symbolic links.
    pub paths: &'a [PathBuf],
    /// The packages that were named.
    pub namespaces: &'a [String],
    /// The policies that were named or, if none were, those that lie in folders of well-known names.
    pub places: &'a [Place],
    /// The data that was named.
    pub data: &'a [Place],
    /// Where accepted findings are written down; `None` if it does not matter.
    pub baseline: Option<&'a BaselinePlace>,
    /// What there is to check.
    pub work: &'a Work<'a>,
}

/// The files that a check of the base looks at.
#[derive(Debug)]
pub struct Side {
    pub files: Vec<RepoPath>,
    named: Vec<RepoPath>,
    repository: Vec<RepoPath>,
    rego: Vec<(RepoPath, RepoPath)>,
    data: Vec<(RepoPath, RepoPath)>,
    packages: Vec<String>,
    constraints: ConstraintWork,
}

impl Side {
    /// Looks for them. `roots` are the kustomization files and manifests that are the roots of now.
    pub fn find(tree: &BaseTree<'_>, now: &Now<'_>, roots: &[RepoPath]) -> Side {
        let work = now.work;
        let walked = tree.walk(now.paths, Wanted::Yaml, work.files);
        let rest: Vec<PathBuf> = now.tree.rest_of(now.paths).into_iter().collect();
        let repository = (work.repository)(Wanted::Yaml).unwrap_or_default();
        // A file that is new reached nothing, and what it reaches now was checked for what it was.
        let named = if work.named.is_empty() { vec![] } else { [work.named, roots].concat() };
        let places = match work.policies.are_named {
            true => now.places.to_vec(),
            false => policies::usual(now.paths)
                .into_iter()
                .filter(|it| is_folder(tree, it))
                .map(Place::Disk)
                .collect(),
        };
        let rego = find(tree, &places, Wanted::Rego, &firsts(work.policies.files));
        let data = find(tree, now.data, Wanted::Data, &firsts(work.policies.data));
        let yaml = find(tree, &places, Wanted::Constraints, &work.constraints.files);
        Side {
            repository: tree.walk(&rest, Wanted::Yaml, &repository).files,
            files: walked.files,
            named,
            rego,
            data,
            packages: policies::packages(now.namespaces, &places),
            constraints: ConstraintWork { files: firsts(&yaml), options: work.constraints.options.clone() },
        }
    }

    /// Lets `then` do the work that it is to check them as `now` is checked.
    pub fn with_work<T>(&self, now: &Work<'_>, then: impl FnOnce(&Work<'_>) -> T) -> T {
        then(&Work {
            files: &self.files,
            named: &self.named,
            // What is left out may use what is checked, and is asked only now: whatever is called unused there
            // and not here is nothing new.
            repository: &|wanted| Some(self.of_repository(wanted)),
            policies: Policies {
                files: &self.rego,
                data: &self.data,
                namespaces: &self.packages,
                ..now.policies
            },
            constraints: &self.constraints,
            ..*now
        })
    }

    fn of_repository(&self, wanted: Wanted) -> Vec<RepoPath> {
        self.repository.iter().filter(|it| wanted.matches(it.file_name())).cloned().collect()
    }

    /// The files that have a say in everything.
    pub fn of_policies(&self) -> impl Iterator<Item = &RepoPath> {
        of_policies(&self.rego, &self.data, &self.constraints)
    }
}

/// The files of policies, of their data and of constraints.
pub fn of_policies<'a>(
    rego: &'a [(RepoPath, RepoPath)],
    data: &'a [(RepoPath, RepoPath)],
    constraints: &'a ConstraintWork,
) -> impl Iterator<Item = &'a RepoPath> {
    rego.iter().chain(data).map(|it| &it.0).chain(&constraints.files)
}

fn firsts(files: &[(RepoPath, RepoPath)]) -> Vec<RepoPath> {
    files.iter().map(|it| it.0.clone()).collect()
}

fn is_folder(tree: &BaseTree<'_>, path: &Path) -> bool {
    let entry = tree.path(path).and_then(|it| tree.entry(&it).ok().flatten());
    entry.is_some_and(|it| it.kind == EntryKind::Dir)
}

/// What [`policies::find`] would have found; `now` is what it finds.
fn find(
    tree: &BaseTree<'_>,
    places: &[Place],
    wanted: Wanted,
    now: &[RepoPath],
) -> Vec<(RepoPath, RepoPath)> {
    let walk = |path: &PathBuf| {
        let root = tree.path(path).filter(|_| is_folder(tree, path));
        (tree.walk(std::slice::from_ref(path), wanted, now), root)
    };
    policies::find_by(places, wanted, walk).files
}
