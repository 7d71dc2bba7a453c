//! What a change reaches: the roots that may come out differently, or be judged differently.

use std::collections::{BTreeSet, HashSet};

use gitops_render::{Graph, Location, Renderer, RepoPath, Sources};

use crate::elsewhere::judges;
use crate::findings::Finding;
use crate::survey::Survey;
use crate::walk::Wanted;

/// The files that are settings, wherever they lie.
const SETTINGS: [&str; 3] = ["gitops-lint.toml", ".gitops-lint.toml", "gitops-lint.baseline.json"];

/// What a change reaches.
#[derive(Debug)]
pub enum Affected {
    /// Everything: something has changed that may decide about any object.
    Everything,
    /// These roots, and what there is to say about these files as such.
    Some { roots: HashSet<RepoPath>, files: BTreeSet<RepoPath> },
}

/// A side of the comparison.
pub struct Looked<'a> {
    pub sources: &'a Sources<'a>,
    pub survey: Survey,
    pub graph: Graph,
    /// The files of policies, their data and constraints, and the options files.
    pub deciding: HashSet<RepoPath>,
    /// Where schemas are looked for.
    pub locations: &'a [Location],
}

impl Affected {
    /// What the paths in `changed` reach on either side.
    pub fn by(changed: BTreeSet<RepoPath>, sides: &[Looked<'_>; 2]) -> Affected {
        let decides = |path: &RepoPath| {
            SETTINGS.contains(&path.file_name())
                || sides.iter().any(|it| it.decides(path) || it.reaches_far(path))
        };
        if changed.iter().any(decides) {
            return Affected::Everything;
        }
        let mut roots: HashSet<RepoPath> = HashSet::new();
        for side in sides {
            roots.extend(side.graph.affected(&changed));
        }
        let all = sides.each_ref().map(|it| all_roots(&it.graph));
        roots.extend(all[0].symmetric_difference(&all[1]).map(|it| (*it).clone()));
        Affected::Some { roots, files: changed }
    }

    /// These roots may be judged differently, too.
    pub fn add(&mut self, more: HashSet<RepoPath>) {
        if let Affected::Some { roots, .. } = self {
            roots.extend(more);
        }
    }

    /// Whether a finding may be otherwise than it was.
    pub fn has(&self, finding: &Finding, sources: &Sources<'_>) -> bool {
        match self {
            Affected::Everything => true,
            Affected::Some { .. } if finding.roots.is_empty() => {
                self.has_file(&sources.file(finding.diagnostic.span().file).path)
            }
            Affected::Some { roots, .. } => finding.roots.iter().any(|it| roots.contains(it)),
        }
    }

    /// Whether what there is to say about a file as such is told.
    pub fn has_file(&self, path: &RepoPath) -> bool {
        let Affected::Some { roots, files } = self else { return true };
        files.contains(path) || roots.contains(path) || path.parent().is_some_and(|it| roots.contains(&it))
    }

    /// The roots that have to be looked at; `None` if that is all of them.
    pub fn roots(&self) -> Option<HashSet<RepoPath>> {
        match self {
            Affected::Everything => None,
            Affected::Some { roots, .. } => Some(roots.clone()),
        }
    }
}

impl<'a> Looked<'a> {
    /// A side of which it is not known yet what the files are that no kustomization uses.
    pub fn new(
        renderer: &'a Renderer<'_>,
        survey: Survey,
        deciding: HashSet<RepoPath>,
        locations: &'a [Location],
    ) -> Looked<'a> {
        Looked { sources: renderer.sources(), survey, graph: Graph::default(), deciding, locations }
    }

    fn decides(&self, path: &RepoPath) -> bool {
        self.deciding.contains(path) || self.locations.iter().any(|it| is_within(path, it))
    }

    /// Opens what a check reads and that may judge the objects of all roots.
    pub fn read_judging(&self) {
        let used = self.survey.plan.files();
        let unread =
            used.iter().chain(&self.deciding).filter(|it| Wanted::Constraints.matches(it.file_name()));
        unread.for_each(|it| drop(self.sources.open(it)));
    }

    fn reaches_far(&self, path: &RepoPath) -> bool {
        let is_read = Wanted::Data.matches(path.file_name());
        let file = if is_read { self.sources.open(path).ok() } else { None };
        file.is_some_and(|it| judges(it.bytes()))
    }
}

fn all_roots(graph: &Graph) -> HashSet<&RepoPath> {
    graph.roots().iter().filter_map(|it| graph.item(*it).path.as_ref()).collect()
}

fn is_within(path: &RepoPath, location: &Location) -> bool {
    match location {
        Location::BuiltIn => false,
        Location::Folder(folder) => path.is_within(folder),
        Location::File(file) => path == file,
        Location::Template(template) => path.is_within(template.folder()),
    }
}
