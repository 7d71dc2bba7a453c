//! What a change reaches: the roots that may come out differently, or be judged differently.

use std::collections::{BTreeSet, HashSet};

use gitops_render::{Graph, Location, RepoPath, Sources};
use memchr::memmem;

use crate::findings::Finding;
use crate::lint::Checked;
use crate::walk::Wanted;

/// The files that are settings, wherever they lie.
const SETTINGS: [&str; 3] = ["gitops-lint.toml", ".gitops-lint.toml", "gitops-lint.baseline.json"];

/// What stands in objects that have a say in the objects of other roots: definitions, templates, constraints,
/// admission policies.
const FAR_REACHING: [&[u8]; 3] =
    [b"CustomResourceDefinition", b"gatekeeper.sh", b"ValidatingAdmissionPolicy"];

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
    pub checked: &'a Checked,
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
        let graphs = sides.each_ref().map(|it| it.checked.graph.as_ref());
        let [Some(now), Some(then)] = graphs else { return Affected::Everything };
        let mut roots: HashSet<RepoPath> = HashSet::new();
        for graph in [now, then] {
            roots.extend(graph.affected(&changed));
        }
        let all = [now, then].map(all_roots);
        roots.extend(all[0].symmetric_difference(&all[1]).map(|it| (*it).clone()));
        Affected::Some { roots, files: changed }
    }

    /// Whether a finding may be otherwise than it was.
    pub fn has(&self, finding: &Finding, sources: &Sources<'_>) -> bool {
        match self {
            Affected::Everything => true,
            Affected::Some { roots, files } if finding.roots.is_empty() => {
                let path = &sources.file(finding.diagnostic.span().file).path;
                files.contains(path)
                    || roots.contains(path)
                    || path.parent().is_some_and(|it| roots.contains(&it))
            }
            Affected::Some { roots, .. } => finding.roots.iter().any(|it| roots.contains(it)),
        }
    }
}

impl Looked<'_> {
    fn decides(&self, path: &RepoPath) -> bool {
        self.deciding.contains(path) || self.locations.iter().any(|it| is_within(path, it))
    }

    fn reaches_far(&self, path: &RepoPath) -> bool {
        let is_read = Wanted::Data.matches(path.file_name());
        let file = if is_read { self.sources.open(path).ok() } else { None };
        file.is_some_and(|file| FAR_REACHING.iter().any(|it| memmem::find(file.bytes(), it).is_some()))
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
