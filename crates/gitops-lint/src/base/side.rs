//! The base's side of a check: what the same command line finds there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use gitops_render::{EntryKind, Location, RepoPath, SourceTree};

use crate::baseline::BaselinePlace;
use crate::constraints::ConstraintWork;
use crate::disk_tree::DiskTree;
use crate::git::BaseTree;
use crate::lint::{Policies, Work};
use crate::options::{Options, Settings};
use crate::policies::{self, Place};
use crate::walk::{self, Wanted};
use crate::{Failure, complain};

/// What the command line says, and what it finds in the working tree.
pub struct Now<'a> {
    /// The working tree.
    pub tree: &'a DiskTree,
    /// What is checked: absolute and without symbolic links.
    pub paths: &'a [PathBuf],
    /// What is in force.
    pub options: &'a Options,
    /// Where policies are looked for.
    pub places: &'a [Place],
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
    locations: Vec<Location>,
    options: Options,
    places: Vec<Place>,
    settings: Settings,
}

impl Side {
    /// Looks for them. `roots` are the kustomization files and manifests that are the roots of now.
    ///
    /// # Errors
    /// If a schema location of then cannot be one.
    pub fn find(tree: &BaseTree<'_>, now: &Now<'_>, roots: &[RepoPath]) -> Result<Side, Failure> {
        let work = now.work;
        let options = options_of(tree, now);
        let settings = Settings::new(&options, now.tree);
        let excluded = &work.settings.excluded;
        // What is left out now may not have been.
        let all = excluded.paths.is_some().then(|| walk::walk(now.tree, now.paths, Wanted::Yaml, 0).files);
        let all = all.as_deref().unwrap_or(work.files);
        let walked = tree.walk_but(now.paths, Wanted::Yaml, all, &settings.excluded);
        let rest: Vec<PathBuf> = now.tree.rest_of(now.paths).into_iter().collect();
        let repository = (work.repository)(Wanted::Yaml).unwrap_or_default();
        // A file that is new reached nothing, and what it reaches now was checked for what it was.
        let named = if work.named.is_empty() { vec![] } else { [work.named, roots].concat() };
        let places = match &options.policies {
            Some(places) => places.clone(),
            None => policies::usual(now.paths)
                .into_iter()
                .filter(|it| is_folder(tree, it))
                .map(Place::Disk)
                .collect(),
        };
        let rego = find(tree, &places, Wanted::Rego, &firsts(work.policies.files));
        let data = find(tree, &options.data, Wanted::Data, &firsts(work.policies.data));
        let yaml = find(tree, &places, Wanted::Constraints, &work.constraints.files);
        let locations = options.locations.iter().map(|it| it.location(now.tree)).collect::<Result<_, _>>()?;
        Ok(Side {
            repository: tree.walk(&rest, Wanted::Yaml, &repository).files,
            files: walked.files,
            named,
            rego,
            data,
            packages: policies::packages(&options.namespaces, &places),
            constraints: ConstraintWork { files: firsts(&yaml), options: work.constraints.options.clone() },
            locations,
            options,
            places,
            settings,
        })
    }

    /// The places of policies, and of their data.
    pub fn policies(&self) -> (&[Place], &[Place]) {
        (&self.places, &self.options.data)
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
                all_namespaces: self.options.all_namespaces,
                combine: self.options.combine,
                are_named: self.options.policies.is_some(),
            },
            constraints: &self.constraints,
            locations: &self.locations,
            settings: &self.settings,
            ..*now
        })
    }

    fn of_repository(&self, wanted: Wanted) -> Vec<RepoPath> {
        self.repository.iter().filter(|it| wanted.matches(it.file_name())).cloned().collect()
    }

    /// Where schemas are looked for.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// The files that have a say in everything.
    pub fn deciding(&self, tree: &DiskTree) -> HashSet<RepoPath> {
        deciding((&self.rego, &self.data, &self.constraints), &self.options, tree)
    }
}

impl Now<'_> {
    /// The files that have a say in everything.
    pub fn deciding(&self) -> HashSet<RepoPath> {
        let policies = &self.work.policies;
        deciding((policies.files, policies.data, self.work.constraints), self.options, self.tree)
    }
}

/// What was in force, by the options file as it was. If nobody could have checked with that one, it is as now.
fn options_of(tree: &BaseTree<'_>, now: &Now<'_>) -> Options {
    now.options.elsewhere(now.paths, tree).unwrap_or_else(|failure| {
        let why = match failure {
            Failure::Options(_) => "there are mistakes in the options file of the base".to_owned(),
            other => format!("the options of the base cannot be used ({other})"),
        };
        complain("warning", &format!("{why}: both sides are checked with the options as they are now"));
        now.options.clone()
    })
}

type Files = [(RepoPath, RepoPath)];

/// The files of policies, of their data and of constraints, and the options files.
fn deciding(
    (rego, data, constraints): (&Files, &Files, &ConstraintWork),
    options: &Options,
    tree: &DiskTree,
) -> HashSet<RepoPath> {
    let policies = rego.iter().chain(data).map(|it| &it.0).chain(&constraints.files).cloned();
    policies.chain(options.files().filter_map(|it| tree.path(it))).collect()
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
