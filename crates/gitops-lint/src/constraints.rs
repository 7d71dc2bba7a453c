//! The constraints of a repository, asked about its objects.

use std::collections::{BTreeMap, BTreeSet};

use gitops_render::policy::test_material;
use gitops_render::{
    Diagnostic, Gatekeeper, GatekeeperOptions, Rendered, Renderer, RepoPath, Resource, SchemaStore,
};
use rayon::prelude::*;

use crate::walk::Wanted;

/// Where constraints are, and how they are asked.
#[derive(Clone, Debug, Default)]
pub struct ConstraintWork {
    /// YAML files of policies, beside those of the repository.
    pub files: Vec<RepoPath>,
    pub options: GatekeeperOptions,
}

/// The constraints, ready to be asked.
pub struct Constraints {
    gatekeeper: Gatekeeper,
    /// Files that are there for tests of policies: no constraint is asked about what is in them.
    material: BTreeSet<RepoPath>,
    /// Objects that are elsewhere, and stand around those of every root.
    assumed: Vec<Resource>,
}

impl Constraints {
    /// Compiles the templates and constraints of the repository, whose YAML files are `files`, and of
    /// the policies. What is rendered is in order of path.
    pub fn compile(
        renderer: &Renderer<'_>,
        work: &ConstraintWork,
        files: &[RepoPath],
        schemas: &SchemaStore,
        rendered: &[&Rendered],
        assumed: Vec<Resource>,
    ) -> (Constraints, Vec<Diagnostic>) {
        let sources = renderer.sources();
        let material = test_material(sources, &[files, &work.files].concat());
        let is_new = |it: &&RepoPath| {
            !material.contains(it) && rendered.binary_search_by(|known| known.root.cmp(it)).is_err()
        };
        let brought: Vec<Rendered> =
            work.files.iter().filter(is_new).map(|it| renderer.manifest(it)).collect();
        let all = rendered.iter().copied().filter(|it| !material.contains(&it.root)).chain(&brought);
        let sets = all.map(|it| &it.resources[..]).chain([&assumed[..]]);
        let sets: Vec<&[Resource]> = sets.collect();
        let (gatekeeper, mut found) = Gatekeeper::compile(sources, schemas, &work.options, &sets);
        for path in &work.files {
            match sources.open(path) {
                Ok(file) if file.yaml().is_broken => found.extend(file.yaml().diagnostics.iter().cloned()),
                Ok(_) => {}
                Err(err) => found.push(gitops_render::entries::unreadable(sources, &err)),
            }
        }
        (Constraints { gatekeeper, material, assumed }, found)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.gatekeeper.is_empty()
    }

    /// What constraints say about an object of these roots, whatever else they render.
    pub fn about(&self, resource: &Resource, roots: &[RepoPath]) -> Vec<Diagnostic> {
        let is_material = roots.iter().all(|it| self.material.contains(it));
        if is_material { vec![] } else { self.gatekeeper.check(resource) }
    }

    /// What the constraints say for which it matters what stands around an object. Manifests in one
    /// folder stand together: they are applied together, too.
    pub fn in_roots(&self, rendered: &[Rendered]) -> Vec<(Diagnostic, Vec<RepoPath>)> {
        if !self.gatekeeper.needs_worlds() {
            return vec![];
        }
        let mut together: BTreeMap<(bool, RepoPath), Vec<&Rendered>> = BTreeMap::new();
        for it in rendered.iter().filter(|it| !self.material.contains(&it.root)) {
            let is_manifest = Wanted::Constraints.matches(it.root.file_name());
            let folder = it.root.parent().filter(|_| is_manifest).unwrap_or_else(|| it.root.clone());
            together.entry((is_manifest, folder)).or_default().push(it);
        }
        let groups: Vec<Vec<&Rendered>> = together.into_values().collect();
        groups.par_iter().flat_map_iter(|it| self.in_world(it)).collect()
    }

    fn in_world(&self, roots: &[&Rendered]) -> Vec<(Diagnostic, Vec<RepoPath>)> {
        let here = roots.iter().flat_map(|it| &it.resources);
        let all: Vec<Resource> = here.chain(&self.assumed).cloned().collect();
        let world = self.gatekeeper.world(&all);
        let objects: Vec<(&RepoPath, &Resource)> =
            roots.iter().flat_map(|it| it.resources.iter().map(|resource| (&it.root, resource))).collect();
        let found = objects.par_iter().flat_map_iter(|(root, resource)| {
            let found = self.gatekeeper.check_in(resource, &world);
            found.into_iter().map(|it| (it, vec![(*root).clone()]))
        });
        found.collect()
    }

    /// What came up while objects were checked.
    pub fn findings(&self, rendered: &[Rendered]) -> Vec<Diagnostic> {
        self.gatekeeper.findings(rendered.iter().any(|it| it.is_incomplete))
    }
}
