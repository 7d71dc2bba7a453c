//! Clusters with versions of their own: which one a root belongs to.

use gitops_render::{Minors, RepoPath};

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
