//! `openapi:` as the walk of a build meets it.

use crate::kube::merge_keys::Types;
use crate::kube::scope::is_cluster_scoped;
use crate::kustomize::file::Kustomization;
use crate::kustomize::load;
use crate::kustomize::plan::{Planner, Target};
use crate::source::RepoPath;

/// Where merge keys are looked up. kustomize has one schema for the whole build: that of the
/// root, or else that of the first base that names one, from there on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum SchemaChoice {
    /// Nothing has been chosen: that of Kubernetes.
    #[default]
    Default,
    /// That of Kubernetes has been chosen.
    BuiltIn,
    /// The schema in a file.
    File {
        path: RepoPath,
        /// Whether that of Kubernetes counts too, for what the file does not know.
        with_built_in: bool,
    },
}

impl Planner<'_, '_> {
    /// The first kustomization of a build that names a schema chooses it for the rest of it.
    pub(super) fn choose_schema(&mut self, kustomization: &Kustomization) {
        let Some(open_api) = kustomization.open_api.as_ref() else { return };
        if self.schema != SchemaChoice::Default {
            return;
        }
        if let Some(path) = &open_api.path {
            let path = kustomization.dir.join(&path.value).map(|it| self.sources.entry(&it));
            if let Some(Ok(Some(entry))) = path {
                let with_built_in = self.seen.iter().any(|it| self.asks_schema(it));
                self.schema = SchemaChoice::File { path: entry.real, with_built_in };
            }
        } else if open_api.version.as_ref().is_some_and(|it| !it.value.is_empty()) {
            self.schema = SchemaChoice::BuiltIn;
        }
    }

    /// Whether kustomize looks into its schema on account of something: a strategic merge patch, or
    /// an object of a kind that it does not know. The schema of Kubernetes, once it has been looked
    /// into, stays when another one is chosen.
    fn asks_schema(&self, seen: &Target) -> bool {
        match seen {
            Target::File(path) => self.sources.open(path).is_ok_and(|file| {
                let mut objects = load::documents(file.yaml()).resources.into_iter();
                objects.any(|it| Types::BuiltIn.root(&it.id.gvk).is_none() && !is_cluster_scoped(&it.id.gvk))
            }),
            Target::Layer(id) => self.plan.reachable(*id).into_iter().any(|id| {
                let planned = self.plan.planned(id);
                let kustomization = &planned.kustomization;
                !kustomization.patches.is_empty()
                    || !kustomization.patches_strategic_merge.is_empty()
                    || planned.targets().any(|it| it.layer().is_none() && self.asks_schema(it))
            }),
            // The configuration of a transformer is of no kind that Kubernetes has.
            Target::Inline => true,
            Target::Remote | Target::Missing => false,
        }
    }
}
