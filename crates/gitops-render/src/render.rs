//! The way from files to objects: plan, build, finish.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::diagnostic::Diagnostic;
use crate::resource::Resource;
use crate::source::{RepoPath, SourceTree};
use crate::sources::Sources;

/// One kustomization of a plan, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(pub(crate) u32);

/// Which kustomizations the entries reach, and in what order they can be built.
#[derive(Debug, Default)]
pub struct Plan {
    /// Cycles, paths that lead nowhere, fields that nobody knows.
    pub diagnostics: Vec<Diagnostic>,
}

impl Plan {
    /// Groups of layers; each needs only layers of the groups before it.
    pub fn waves(&self) -> Vec<Vec<LayerId>> {
        vec![]
    }

    /// The kustomizations that no other includes, components left out, in order of path.
    pub fn roots(&self) -> Vec<LayerId> {
        vec![]
    }

    /// The directory of a kustomization.
    pub fn path(&self, _id: LayerId) -> &RepoPath {
        todo!()
    }

    /// Every file that some kustomization of the plan names: resources, patches, generator
    /// inputs, configurations, and the kustomization files themselves.
    pub fn used_files(&self) -> BTreeSet<RepoPath> {
        BTreeSet::new()
    }
}

/// The result of one kustomization, before names are final.
#[derive(Clone, Debug)]
pub struct Layer {}

/// The layers of a plan, filled wave by wave.
#[derive(Debug)]
pub struct Layers(Vec<OnceLock<Layer>>);

impl Layers {
    /// Room for every layer of `plan`.
    pub fn for_plan(_plan: &Plan) -> Layers {
        Layers(vec![])
    }

    /// Puts a layer in. Each is built once.
    pub fn put(&self, id: LayerId, layer: Layer) {
        let _ = self.0[id.0 as usize].set(layer);
    }
}

/// What `kustomize build` would print for one root.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The directory of the kustomization, or the manifest file.
    pub root: RepoPath,
    /// The objects in the order of the output.
    pub resources: Vec<Resource>,
    /// What is wrong with the kustomizations that made them.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether something is missing, so that what is absent here proves nothing.
    pub is_incomplete: bool,
}

impl Rendered {
    /// The objects as the text that `kustomize build` prints.
    pub fn to_yaml(&self) -> String {
        todo!("the emitter")
    }
}

/// What may be asked of a build: kustomize's own flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// `--load-restrictor LoadRestrictionsNone`: files may lie outside of the kustomization's directory.
    pub load_anywhere: bool,
    /// `--enable-managedby-label`.
    pub managed_by_label: bool,
    /// `--reorder`: `None` leaves it to the root's `sortOptions`, and those to kustomize's default.
    pub reorder: Option<Reorder>,
}

/// The order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reorder {
    /// As the kustomizations list the objects.
    None,
    /// Namespaces and definitions first, webhooks last.
    Legacy,
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

    /// The files read so far.
    pub fn sources(&self) -> &Sources<'t> {
        &self.sources
    }

    /// Finds out what the kustomizations in the directories `entries` reach.
    pub fn plan(&self, entries: &[RepoPath]) -> Plan {
        let _ = (entries, self.options);
        todo!()
    }

    /// Builds one layer out of those that it needs, which `done` holds already.
    pub fn build(&self, plan: &Plan, id: LayerId, done: &Layers) -> Layer {
        let _ = (plan, id, done);
        todo!()
    }

    /// Makes names final and puts the objects in order.
    pub fn finish(&self, plan: &Plan, id: LayerId, done: &Layers) -> Rendered {
        let _ = (plan, id, done);
        todo!()
    }

    /// Renders one kustomization directory, the whole way, on the current thread.
    pub fn render(&self, root: &RepoPath) -> Rendered {
        let _ = root;
        todo!("plan, build, finish")
    }
}
