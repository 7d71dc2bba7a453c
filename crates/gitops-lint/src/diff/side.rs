//! One of the two renderings: the working tree, or the commit that it is compared with.

use std::collections::BTreeSet;

use gitops_render::diff::Side;
use gitops_render::entries::unreadable;
use gitops_render::graph::{Graph, ItemKind};
use gitops_render::{EntryKind, Rendered, Renderer, RepoPath};
use rayon::prelude::*;

use crate::building;
use crate::graph::of_files;
use crate::progress::Progress;

/// What is on one side, before anything is rendered.
pub(super) struct Half<'r, 't> {
    renderer: &'r Renderer<'t>,
    pub(super) graph: Graph,
    pub(super) manifests: BTreeSet<RepoPath>,
}

impl<'r, 't> Half<'r, 't> {
    /// Finds out what is in the files.
    pub(super) fn new(renderer: &'r Renderer<'t>, files: &[RepoPath]) -> Half<'r, 't> {
        let (graph, manifests) = of_files(renderer, files);
        Half { renderer, graph, manifests: manifests.into_iter().collect() }
    }

    /// Renders what is here of `roots`. A manifest of the `other` side that cannot be read here is among
    /// them, refused.
    pub(super) fn render(&self, roots: &BTreeSet<RepoPath>, other: &Half<'_, '_>) -> Side {
        let is_kustomization = |it: &&RepoPath| {
            let item = self.graph.at(it).map(|id| self.graph.item(id).kind);
            item == Some(ItemKind::Kustomization)
        };
        let directories: Vec<RepoPath> = roots.iter().filter(is_kustomization).cloned().collect();
        let plan = self.renderer.plan(&directories);
        let layers = building::build(self.renderer, &plan, &Progress::hidden());
        let finish = |it: &RepoPath| Some(self.renderer.finish(&plan, plan.layer(it)?, &layers));
        let mut side = Side { roots: directories.par_iter().filter_map(finish).collect(), manifests: vec![] };
        let manifests = roots.iter().filter(|it| self.manifests.contains(it)).map(|it| self.manifest(it));
        let broken = roots.iter().filter(|it| !self.manifests.contains(it) && other.manifests.contains(it));
        side.manifests = manifests.chain(broken.filter_map(|it| self.broken(it))).collect();
        side
    }

    fn manifest(&self, path: &RepoPath) -> Rendered {
        let rendered = self.renderer.manifest(path);
        if rendered.is_incomplete { self.broken(path).unwrap_or(rendered) } else { rendered }
    }

    /// A file that cannot be read, or is no YAML; `None` if it is fine, or not there.
    fn broken(&self, path: &RepoPath) -> Option<Rendered> {
        let sources = self.renderer.sources();
        let entry = sources.entry(path).ok().flatten();
        entry.filter(|it| it.kind == EntryKind::File)?;
        let diagnostics = match sources.open(path) {
            Ok(file) if file.yaml().is_broken => file.yaml().diagnostics.clone(),
            Ok(_) => return None,
            Err(err) => vec![unreadable(sources, &err)],
        };
        Some(Rendered::refused(path, diagnostics))
    }
}
