//! The way from files to objects: plan, build, finish.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::Diagnostic;
use crate::kustomize::layer::{self, Layer, Layers};
pub use crate::kustomize::options::{RenderOptions, Reorder};
use crate::kustomize::plan::{LayerId, Plan};
use crate::kustomize::{finish, review};
use crate::resource::Resource;
use crate::rules;
use crate::source::{RepoPath, SourceTree, Span};
use crate::sources::Sources;
use crate::yaml::{EmitError, emit_document};

/// The objects of one entry point, as they would be applied.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rendered {
    /// The directory of the kustomization, or the manifest file.
    pub root: RepoPath,
    /// The objects in the order of the output.
    pub resources: Vec<Resource>,
    /// The `target`s of patches, and the names of images, that have selected something here. A
    /// component is used in many places, and its patch is no mistake as long as it finds its object
    /// in one of them.
    pub hits: Vec<Span>,
    /// What is wrong with what made them.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether something is missing, so that what is absent here proves nothing.
    pub is_incomplete: bool,
    /// Whether kustomize would refuse to print this; the diagnostics say why.
    pub is_refused: bool,
}

impl Rendered {
    /// What is left of a root when the work is cancelled. Nobody takes it for what the root renders: it is
    /// refused.
    pub(crate) fn cut_short(root: &RepoPath) -> Rendered {
        Rendered::refused(root, vec![])
    }

    /// A root that nothing is rendered of, and why.
    pub fn refused(root: &RepoPath, diagnostics: Vec<Diagnostic>) -> Rendered {
        Rendered {
            root: root.clone(),
            resources: vec![],
            hits: vec![],
            diagnostics,
            is_incomplete: true,
            is_refused: true,
        }
    }

    /// What stands out when all objects are looked at together: names that the build has changed
    /// and that something still uses as they were.
    ///
    /// Nothing, if something is missing: what is absent proves nothing then.
    pub fn review(&self) -> Vec<Diagnostic> {
        if self.is_incomplete { vec![] } else { review::rendered(&self.resources) }
    }

    /// What is wrong with what made these roots, and what stands out in each of them, with the root that shows
    /// it.
    ///
    /// What says that something selects nothing ([`rules::is_miss`]) is left out if it selects something in
    /// another root.
    pub fn findings(roots: &[Rendered]) -> Vec<(Diagnostic, RepoPath)> {
        let hits: HashSet<Span> = roots.iter().flat_map(|it| it.hits.iter().copied()).collect();
        let counts = |it: &Diagnostic| !rules::is_miss(it) || !hits.contains(&it.span());
        let of_root = |root: &Rendered| {
            let all = root.diagnostics.iter().cloned().chain(root.review());
            all.filter(counts).map(|it| (it, root.root.clone())).collect::<Vec<_>>()
        };
        roots.iter().flat_map(of_root).collect()
    }

    /// The objects as the text that `kustomize build` prints.
    ///
    /// # Errors
    /// If there is a value that kustomize cannot print, such as a control character.
    pub fn to_yaml(&self) -> Result<String, EmitError> {
        let mut out = String::new();
        for resource in &self.resources {
            if !out.is_empty() {
                out.push_str("---\n");
            }
            emit_document(&resource.node, &mut out)?;
        }
        Ok(out)
    }
}

/// Renders kustomizations out of one tree.
#[derive(Debug)]
pub struct Renderer<'t> {
    sources: Sources<'t>,
    options: RenderOptions,
}

impl<'t> Renderer<'t> {
    /// A renderer that has read nothing yet.
    pub fn new(tree: &'t dyn SourceTree, options: RenderOptions) -> Renderer<'t> {
        Renderer { sources: Sources::new(tree), options }
    }

    /// The renderer comes to its end when `cancel` says so. What its functions return then is cut short, with
    /// [`Rendered::is_refused`] set: ask [`Cancel::check`] before you take anything for whole.
    #[must_use]
    pub fn cancelled_by(self, cancel: Cancel) -> Renderer<'t> {
        Renderer { sources: self.sources.cancelled_by(cancel), ..self }
    }

    /// The renderer takes over what another one has read: see [`Sources::lent_by`].
    #[must_use]
    pub fn lent_by(self, other: &Sources<'_>, is_same: impl Fn(&RepoPath) -> bool) -> Renderer<'t> {
        Renderer { sources: self.sources.lent_by(other, is_same), ..self }
    }

    /// What was asked of the builds.
    pub(crate) fn options(&self) -> RenderOptions {
        self.options
    }

    /// The files read so far.
    pub fn sources(&self) -> &Sources<'t> {
        &self.sources
    }

    /// Finds out what the kustomizations in the directories `entries` reach. Directories without
    /// a kustomization are passed over.
    pub fn plan(&self, entries: &[RepoPath]) -> Plan {
        Plan::new(&self.sources, entries)
    }

    /// Builds one layer out of those that it needs, which `done` holds already.
    pub fn build(&self, plan: &Plan, id: LayerId, done: &Layers) -> Layer {
        layer::build(&self.sources, self.options, plan, id, done)
    }

    /// Makes names final and puts the objects in order.
    pub fn finish(&self, plan: &Plan, id: LayerId, done: &Layers) -> Rendered {
        if self.sources.cancel().is_cancelled() {
            return Rendered::cut_short(plan.path(id));
        }
        let layer = done.get(id);
        let (mut diagnostics, mut hits) = (vec![], vec![]);
        for below in plan.reachable(id) {
            diagnostics.extend(plan.planned(below).diagnostics.iter().cloned());
            diagnostics.extend(done.get(below).diagnostics.iter().cloned());
            hits.extend(&done.get(below).hits);
        }
        let (resources, found) =
            finish::finish(layer, self.options, &plan.planned(id).kustomization, self.sources.cancel());
        if self.sources.cancel().is_cancelled() {
            return Rendered::cut_short(plan.path(id));
        }
        let is_refused = layer.is_refused || !found.is_empty();
        diagnostics.extend(found);
        Rendered {
            root: plan.path(id).clone(),
            resources,
            hits,
            diagnostics,
            is_incomplete: layer.is_incomplete || is_refused,
            is_refused,
        }
    }

    /// Renders all roots of a plan, in order of path, on the threads of the current pool of rayon.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn render_all(&self, plan: &Plan) -> Result<Vec<Rendered>, Cancelled> {
        let cancel = self.sources.cancel();
        let layers = Layers::for_plan(plan);
        for wave in plan.waves() {
            cancel.check()?;
            wave.par_iter().for_each(|&id| layers.put(id, self.build(plan, id, &layers)));
        }
        let roots = plan.roots();
        let rendered = roots.par_iter().map(|&id| self.finish(plan, id, &layers)).collect();
        cancel.check()?;
        Ok(rendered)
    }

    /// Renders one kustomization directory, the whole way, on the current thread.
    ///
    /// Returns `None` if the directory has no kustomization file. [`Renderer::render_all`] is the way if
    /// somebody may cancel.
    pub fn render(&self, root: &RepoPath) -> Option<Rendered> {
        let plan = self.plan(std::slice::from_ref(root));
        if self.sources.cancel().is_cancelled() {
            return Some(Rendered::cut_short(root));
        }
        let id = plan.layer(root)?;
        let layers = Layers::for_plan(&plan);
        for id in plan.waves().into_iter().flatten() {
            layers.put(id, self.build(&plan, id, &layers));
        }
        Some(self.finish(&plan, id, &layers))
    }
}

#[cfg(test)]
mod tests;
