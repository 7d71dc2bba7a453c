//! The way from files to objects: plan, build, finish.

use crate::diagnostic::Diagnostic;
use crate::kustomize::layer::{self, Layer, Layers};
pub use crate::kustomize::options::{RenderOptions, Reorder};
use crate::kustomize::plan::{LayerId, Plan};
use crate::kustomize::{finish, review};
use crate::resource::Resource;
use crate::source::{RepoPath, SourceTree, Span};
use crate::sources::Sources;
use crate::yaml::{EmitError, emit_document};

/// The objects of one entry point, as they would be applied.
#[derive(Clone, Debug)]
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
    /// What stands out when all objects are looked at together: names that the build has changed
    /// and that something still uses as they were.
    ///
    /// Nothing, if something is missing: what is absent proves nothing then.
    pub fn review(&self) -> Vec<Diagnostic> {
        if self.is_incomplete { vec![] } else { review::rendered(&self.resources) }
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
        let layer = done.get(id);
        let (mut diagnostics, mut hits) = (vec![], vec![]);
        for below in plan.reachable(id) {
            diagnostics.extend(plan.planned(below).diagnostics.iter().cloned());
            diagnostics.extend(done.get(below).diagnostics.iter().cloned());
            hits.extend(&done.get(below).hits);
        }
        let (resources, found) = finish::finish(layer, self.options, &plan.planned(id).kustomization);
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

    /// Renders one kustomization directory, the whole way, on the current thread.
    ///
    /// Returns `None` if the directory has no kustomization file.
    pub fn render(&self, root: &RepoPath) -> Option<Rendered> {
        let plan = self.plan(std::slice::from_ref(root));
        let id = plan.layer(root)?;
        let layers = Layers::for_plan(&plan);
        for id in plan.waves().into_iter().flatten() {
            layers.put(id, self.build(&plan, id, &layers));
        }
        Some(self.finish(&plan, id, &layers))
    }
}
