//! The constraints of a repository, asked about its objects.

use std::collections::BTreeSet;

use gitops_render::policy::test_material;
use gitops_render::{
    Diagnostic, Gatekeeper, GatekeeperOptions, Rendered, Renderer, RepoPath, Resource, SchemaStore,
};
use rayon::prelude::*;

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
}

impl Constraints {
    /// Compiles the templates and constraints of the repository, whose YAML files are `files`, and of
    /// the policies.
    pub fn compile(
        renderer: &Renderer<'_>,
        work: &ConstraintWork,
        files: &[RepoPath],
        schemas: &SchemaStore,
        rendered: &[Rendered],
    ) -> (Constraints, Vec<Diagnostic>) {
        let sources = renderer.sources();
        let material = test_material(sources, &[files, &work.files].concat());
        let is_new =
            |it: &&RepoPath| !material.contains(it) && rendered.iter().all(|known| known.root != **it);
        let brought: Vec<Rendered> =
            work.files.iter().filter(is_new).map(|it| renderer.manifest(it)).collect();
        let all = rendered.iter().filter(|it| !material.contains(&it.root)).chain(&brought);
        let sets: Vec<&[Resource]> = all.map(|it| &it.resources[..]).collect();
        let (gatekeeper, mut found) = Gatekeeper::compile(sources, schemas, &work.options, &sets);
        for path in &work.files {
            match sources.open(path) {
                Ok(file) if file.yaml().is_broken => found.extend(file.yaml().diagnostics.iter().cloned()),
                Ok(_) => {}
                Err(err) => found.push(gitops_render::entries::unreadable(sources, &err)),
            }
        }
        (Constraints { gatekeeper, material }, found)
    }

    /// What constraints say about an object of these roots, whatever else they render.
    pub fn about(&self, resource: &Resource, roots: &[RepoPath]) -> Vec<Diagnostic> {
        let is_material = roots.iter().all(|it| self.material.contains(it));
        if is_material { vec![] } else { self.gatekeeper.check(resource) }
    }

    /// What the constraints say for which it matters what stands around an object.
    pub fn in_roots(&self, rendered: &[Rendered]) -> Vec<(Diagnostic, Vec<RepoPath>)> {
        if !self.gatekeeper.needs_worlds() {
            return vec![];
        }
        let roots = rendered.par_iter().filter(|it| !self.material.contains(&it.root));
        let found = roots.flat_map_iter(|root| {
            let world = self.gatekeeper.world(&root.resources);
            let found = root.resources.par_iter().flat_map_iter(|it| self.gatekeeper.check_in(it, &world));
            let found: Vec<Diagnostic> = found.collect();
            found.into_iter().map(|it| (it, vec![root.root.clone()]))
        });
        found.collect()
    }

    /// What came up while objects were checked.
    pub fn findings(&self, rendered: &[Rendered]) -> Vec<Diagnostic> {
        self.gatekeeper.findings(rendered.iter().any(|it| it.is_incomplete))
    }
}
