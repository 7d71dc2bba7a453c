//! Clusters with versions of their own: which one a root belongs to.

use gitops_render::{Diagnostic, Minors, RepoPath};

use crate::options::globs::Paths;

/// A cluster, or several that run the same versions.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its roots: kustomizations in and below these folders, and these manifests.
    pub paths: Paths,
    /// The versions of Kubernetes that it has.
    pub versions: Minors,
}

/// The versions that roots are checked against. The first ones are for all roots of which nothing is said.
#[derive(Clone, Debug)]
pub struct Targets {
    environments: Vec<Environment>,
    distinct: Vec<Minors>,
}

/// What is found against the versions of this number, for these roots.
pub type OfVersions = (usize, Vec<RepoPath>, Vec<Diagnostic>);

/// How a finding ends that does not hold for all versions.
const LIMIT: &str = " (in Kubernetes ";

impl Targets {
    /// The environments in their order: the first that has a root counts.
    pub fn new(otherwise: &Minors, environments: &[Environment]) -> Targets {
        let mut distinct = vec![otherwise.clone()];
        for it in environments {
            if !distinct.contains(&it.versions) {
                distinct.push(it.versions.clone());
            }
        }
        Targets { environments: environments.to_vec(), distinct }
    }

    /// The versions, each set of them once; never empty.
    pub fn distinct(&self) -> &[Minors] {
        &self.distinct
    }

    /// The number of the versions that a root is checked against.
    pub fn of(&self, root: &RepoPath) -> usize {
        let environment = self.environments.iter().find(|it| it.paths.holds_folder(root));
        let versions = environment.map(|it| &it.versions);
        versions.and_then(|it| self.distinct.iter().position(|other| other == it)).unwrap_or(0)
    }

    /// What is found about one object. Where roots differ in what holds for them, the versions are named; where
    /// they do not, it is one finding, whichever versions of a root it holds for.
    pub fn told(&self, groups: Vec<OfVersions>) -> Vec<(Diagnostic, Vec<RepoPath>)> {
        let keys: Vec<Vec<(&str, String)>> = groups
            .iter()
            .map(|it| {
                it.2.iter().map(|it| (it.rule.code, format!("{:?} {}", it.span(), plain(it)))).collect()
            })
            .collect();
        let is_single = groups.len() == 1;
        let mut told = vec![];
        for (index, (number, roots, found)) in groups.into_iter().enumerate() {
            for (place, mut it) in found.into_iter().enumerate() {
                let key = &keys[index][place];
                if !is_single && keys.iter().all(|it| it.contains(key)) {
                    it.message = plain(&it).to_owned();
                } else if !is_single && !it.message.contains("in Kubernetes ") {
                    it.message.push_str(&format!("{LIMIT}{})", self.distinct[number]));
                }
                told.push((it, roots.clone()));
            }
        }
        told
    }

    /// The roots by the numbers of their versions, in order.
    pub fn group(&self, roots: &[RepoPath]) -> Vec<(usize, Vec<RepoPath>)> {
        if self.distinct.len() == 1 {
            return vec![(0, roots.to_vec())];
        }
        let mut groups: Vec<(usize, Vec<RepoPath>)> = vec![];
        for root in roots {
            let number = self.of(root);
            match groups.iter_mut().find(|it| it.0 == number) {
                Some(group) => group.1.push(root.clone()),
                None => groups.push((number, vec![root.clone()])),
            }
        }
        groups
    }
}

/// The message without the versions that it holds for.
fn plain(found: &Diagnostic) -> &str {
    found.message.rsplit_once(LIMIT).filter(|it| it.1.ends_with(')')).map_or(&found.message, |it| it.0)
}
