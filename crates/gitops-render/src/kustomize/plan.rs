//! Decides which kustomizations are built, and in what order.
//!
//! Reads kustomization files only. Building them is `layer`'s work.

mod named;
mod planner;
mod schema;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::diagnostic::Diagnostic;
use crate::kustomize::FILE_NAMES;
use crate::kustomize::file::{Kind, Kustomization, Text};
use crate::source::RepoPath;
use crate::sources::Sources;

pub use named::Reference;
pub(crate) use named::named;
use planner::Planner;
pub(crate) use schema::SchemaChoice;

/// One kustomization of a plan, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(pub(crate) u32);

/// Which kustomizations the entries reach, and in what order they can be built.
#[derive(Debug, Default)]
pub struct Plan {
    planned: Vec<Planned>,
    /// The layer of a directory that is built for itself, or as part of something else if it is
    /// never built for itself.
    by_dir: HashMap<RepoPath, LayerId>,
    notes_transformers: bool,
}

/// A kustomization with what it is made of.
#[derive(Debug)]
pub(crate) struct Planned {
    pub kustomization: Kustomization,
    /// What each entry of `resources` leads to.
    pub resources: Vec<(Text, Target)>,
    /// What each entry of `components` leads to.
    pub components: Vec<(Text, Target)>,
    /// What each entry of `generators` leads to.
    pub generators: Vec<(Text, Target)>,
    /// What each entry of `transformers` leads to.
    pub transformers: Vec<(Text, Target)>,
    /// What each entry of `validators` leads to.
    pub validators: Vec<(Text, Target)>,
    /// The files that configurations of transformers and generators name.
    pub plugin_inputs: Vec<Text>,
    /// What is wrong with the file and with its paths.
    pub diagnostics: Vec<Diagnostic>,
    /// What else there is to say about them, although kustomize does not mind.
    notes: Vec<Diagnostic>,
    /// How many layers have to be built before this one can be.
    depth: usize,
    pub is_included: bool,
    /// Which schema is in use when the steps of the kustomization run.
    pub schema: SchemaChoice,
}

impl Planned {
    /// Everything that the kustomization is made of.
    fn targets(&self) -> impl Iterator<Item = &Target> {
        self.entries().map(|(_, _, target)| target)
    }

    /// The same, with the entries that lead there.
    pub fn entries(&self) -> impl Iterator<Item = (Reference, &Text, &Target)> {
        let lists = [
            (Reference::Resource, &self.resources),
            (Reference::Component, &self.components),
            (Reference::Generator, &self.generators),
            (Reference::Transformer, &self.transformers),
            (Reference::Validator, &self.validators),
        ];
        lists.into_iter().flat_map(|(reference, list)| list.iter().map(move |it| (reference, &it.0, &it.1)))
    }
}

/// What an entry of `resources`, `components`, `transformers`, … leads to.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The entry is no path but the YAML itself, which `transformers` and the like may hold.
    Inline,
    /// A file with objects.
    File(RepoPath),
    /// A directory with a kustomization.
    Layer(LayerId),
    /// A URL, which is never fetched.
    Remote,
    /// Nothing that could be used; it has been reported.
    Missing,
}

impl Target {
    pub fn file(&self) -> Option<&RepoPath> {
        match self {
            Target::File(path) => Some(path),
            _ => None,
        }
    }

    pub fn layer(&self) -> Option<LayerId> {
        match self {
            Target::Layer(id) => Some(*id),
            _ => None,
        }
    }
}

impl Plan {
    /// Plans what the kustomizations in the directories `entries` reach, unless it is cancelled: then some
    /// are missing.
    pub fn new(sources: &Sources<'_>, entries: &[RepoPath]) -> Plan {
        let mut planner = Planner {
            sources,
            plan: Plan::default(),
            open: vec![],
            schema: SchemaChoice::Default,
            seen: vec![],
            known: HashMap::new(),
            included: HashSet::new(),
        };
        for entry in entries.iter().take_while(|_| !sources.cancel().is_cancelled()) {
            planner.entry(entry);
        }
        let included = planner.included;
        for planned in &mut planner.plan.planned {
            planned.is_included = included.contains(&planned.kustomization.dir);
        }
        planner.plan
    }

    /// Groups of layers; each needs only layers of the groups before it.
    pub fn waves(&self) -> Vec<Vec<LayerId>> {
        let deepest = self.planned.iter().map(|it| it.depth).max().map_or(0, |it| it + 1);
        let mut waves = vec![vec![]; deepest];
        for (index, planned) in self.planned.iter().enumerate() {
            waves[planned.depth].push(LayerId(index as u32));
        }
        waves
    }

    /// The kustomizations that no other includes, components left out, in order of path.
    pub fn roots(&self) -> Vec<LayerId> {
        let is_root = |it: &Planned| !it.is_included && it.kustomization.kind == Kind::Kustomization;
        let mut roots: Vec<LayerId> =
            (0..self.planned.len() as u32).map(LayerId).filter(|id| is_root(self.planned(*id))).collect();
        roots.sort_by(|a, b| self.path(*a).cmp(self.path(*b)));
        roots
    }

    /// What is wrong with kustomization files and with the paths in them: fields that nobody
    /// knows, cycles, directories without a kustomization, …
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.planned.iter().flat_map(|it| it.diagnostics.iter().chain(&it.notes))
    }

    /// Some layers and all that they need, each once.
    pub fn needed_by(&self, layers: &[LayerId]) -> BTreeSet<LayerId> {
        let mut found = BTreeSet::new();
        let mut open = layers.to_vec();
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.planned(id).targets().filter_map(Target::layer));
            }
        }
        found
    }

    /// A layer and all that it needs, each once.
    pub(crate) fn reachable(&self, id: LayerId) -> BTreeSet<LayerId> {
        self.needed_by(&[id])
    }

    /// The layer of a directory, if it is part of the plan.
    pub fn layer(&self, dir: &RepoPath) -> Option<LayerId> {
        self.by_dir.get(dir).copied()
    }

    /// Whether a directory is planned no more than once: each schema of merge keys wants a layer of its own.
    pub fn is_built_once(&self, dir: &RepoPath) -> bool {
        self.planned.iter().filter(|it| it.kustomization.dir == *dir).count() <= 1
    }

    /// The directory of a kustomization.
    pub fn path(&self, id: LayerId) -> &RepoPath {
        &self.planned(id).kustomization.dir
    }

    /// Whether some kustomization asks which transformers its objects went through.
    pub(crate) fn notes_transformers(&self) -> bool {
        self.notes_transformers
    }

    /// Whether the layer is built for itself. A component is built where it is included, and alone
    /// only if nobody includes it.
    pub fn is_built_alone(&self, id: LayerId) -> bool {
        let planned = self.planned(id);
        planned.kustomization.kind == Kind::Kustomization || !planned.is_included
    }

    /// Every kustomization, in the order of the walk.
    pub(crate) fn all(&self) -> &[Planned] {
        &self.planned
    }

    /// How many kustomizations there are.
    pub fn len(&self) -> usize {
        self.planned.len()
    }

    /// Whether there is nothing to build.
    pub fn is_empty(&self) -> bool {
        self.planned.is_empty()
    }

    /// Every file that some kustomization of the plan names: resources, patches, generator
    /// inputs, configurations, and the kustomization files themselves.
    pub fn used_files(&self) -> BTreeSet<RepoPath> {
        self.planned.iter().flat_map(used_files).collect()
    }

    /// The files whose objects are nothing but objects: no kustomization names them outside of `resources`, and
    /// they configure no generator or transformer.
    pub fn plain_files(&self) -> BTreeSet<RepoPath> {
        let of_resources = |it: &Planned| -> Vec<RepoPath> {
            it.resources.iter().filter_map(|it| it.1.file().cloned()).collect()
        };
        let mut plain: BTreeSet<RepoPath> = self.planned.iter().flat_map(of_resources).collect();
        let is_object = |it: Reference| matches!(it, Reference::Resource | Reference::Component);
        let entries = self.planned.iter().flat_map(Planned::entries);
        let configure: Vec<&Target> = entries.filter(|it| !is_object(it.0)).map(|it| it.2).collect();
        let layers: Vec<LayerId> = configure.iter().filter_map(|it| it.layer()).collect();
        let of_layers = self.needed_by(&layers).into_iter().flat_map(|it| of_resources(self.planned(it)));
        let others = of_layers.chain(configure.iter().filter_map(|it| it.file().cloned()));
        others.chain(self.planned.iter().flat_map(named_files)).for_each(|it| {
            plain.remove(&it);
        });
        plain.retain(|it| !FILE_NAMES.contains(&it.file_name()));
        plain
    }

    /// Every file that a layer names, or one of those that it is made of, and their kustomization files,
    /// by all names that these may have.
    pub fn files_of(&self, id: LayerId) -> BTreeSet<RepoPath> {
        self.reachable(id).into_iter().flat_map(|it| all_files(self.planned(it))).collect()
    }

    /// The same of all layers.
    pub fn files(&self) -> BTreeSet<RepoPath> {
        self.planned.iter().flat_map(all_files).collect()
    }

    pub(crate) fn planned(&self, id: LayerId) -> &Planned {
        &self.planned[id.0 as usize]
    }
}

fn all_files(planned: &Planned) -> impl Iterator<Item = RepoPath> + '_ {
    let own = FILE_NAMES.iter().filter_map(|it| planned.kustomization.dir.join(it));
    used_files(planned).chain(own)
}

fn used_files(planned: &Planned) -> impl Iterator<Item = RepoPath> + '_ {
    planned.targets().filter_map(|it| it.file().cloned()).chain(named_files(planned))
}

fn named_files(planned: &Planned) -> impl Iterator<Item = RepoPath> + '_ {
    named(planned).into_iter().filter_map(|it| planned.kustomization.dir.join(it.path))
}

/// Whether a path is something that kustomize would fetch.
pub(crate) fn is_remote(path: &str) -> bool {
    let has_scheme = path.split_once("://").is_some_and(|(scheme, _)| !scheme.contains('/'));
    let is_git = path.starts_with("git@") || path.starts_with("git::") || path.contains("?ref=");
    let is_host = path.starts_with("github.com/") || path.starts_with("gh:");
    has_scheme || is_git || is_host
}
