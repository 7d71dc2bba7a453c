//! Decides which kustomizations are built, and in what order.
//!
//! Reads kustomization files only. Building them is `layer`'s work.

mod schema;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::diagnostic::Diagnostic;
use crate::kustomize::FILE_NAMES;
use crate::kustomize::file::replacement::ReplacementEntry;
use crate::kustomize::file::{self, Kind, Kustomization, PatchText, Text};
use crate::kustomize::{load, review};
use crate::rules::{kus, yml};
use crate::source::{EntryKind, RepoPath, Span};
use crate::sources::Sources;
use crate::yaml::Yaml;

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
        let lists =
            [&self.resources, &self.components, &self.generators, &self.transformers, &self.validators];
        lists.into_iter().flatten().map(|(_, target)| target)
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
    pub fn layer(&self) -> Option<LayerId> {
        match self {
            Target::Layer(id) => Some(*id),
            _ => None,
        }
    }
}

impl Plan {
    /// Plans what the kustomizations in the directories `entries` reach.
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
        for entry in entries {
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

    /// A layer and all that it needs, each once.
    pub(crate) fn reachable(&self, id: LayerId) -> BTreeSet<LayerId> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.planned(id).targets().filter_map(Target::layer));
            }
        }
        found
    }

    /// The layer of a directory, if it is part of the plan.
    pub fn layer(&self, dir: &RepoPath) -> Option<LayerId> {
        self.by_dir.get(dir).copied()
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

    pub(crate) fn planned(&self, id: LayerId) -> &Planned {
        &self.planned[id.0 as usize]
    }
}

fn used_files(planned: &Planned) -> Vec<RepoPath> {
    let kustomization = &planned.kustomization;
    let mut files: Vec<RepoPath> = planned
        .targets()
        .filter_map(|target| match target {
            Target::File(path) => Some(path.clone()),
            _ => None,
        })
        .collect();
    let patches = kustomization.patches.iter().chain(&kustomization.patches_json6902).map(|it| &it.text);
    let paths = patches.chain(&kustomization.patches_strategic_merge).filter_map(|it| match it {
        PatchText::Path(path) => Some(&*path.value),
        PatchText::Inline(_) => None,
    });
    let generators = kustomization.config_maps.iter().chain(&kustomization.secrets);
    let inputs = generators.flat_map(|it| it.files.iter().chain(&it.envs));
    let inputs = inputs.map(|it| it.value.split_once('=').map_or(&*it.value, |(_, path)| path));
    let configurations = kustomization.configurations.iter().chain(&kustomization.crds);
    let schema = kustomization.open_api.iter().filter_map(|it| it.path.as_ref());
    let configurations = configurations.chain(schema);
    let others = kustomization.other_files.iter().chain(configurations).map(|it| &*it.value);
    let replacements = kustomization.replacements.iter().filter_map(|it| match it {
        ReplacementEntry::Path(path) => Some(&*path.value),
        ReplacementEntry::Inline(_) => None,
    });
    files.extend(
        paths.chain(inputs).chain(others).chain(replacements).filter_map(|it| kustomization.dir.join(it)),
    );
    files
}

/// Walks from kustomization to kustomization.
struct Planner<'s, 't> {
    sources: &'s Sources<'t>,
    plan: Plan,
    /// The directories on the way from the entry to here.
    open: Vec<RepoPath>,
    /// The schema that has been chosen by what was planned of the build so far.
    schema: SchemaChoice,
    /// What the build has been led to so far, the oldest first.
    seen: Vec<Target>,
    /// What is planned already: the same directory under another schema is another layer.
    known: HashMap<(RepoPath, SchemaChoice), LayerId>,
    /// The directories that others include.
    included: HashSet<RepoPath>,
}

/// A kustomization file that was found.
struct Found {
    path: RepoPath,
    start: Span,
    /// The directory has two of them, and this is what there is to say about it.
    problem: Option<Diagnostic>,
}

impl Planner<'_, '_> {
    fn entry(&mut self, dir: &RepoPath) {
        self.schema = SchemaChoice::Default;
        self.seen.clear();
        if !self.known.contains_key(&(dir.clone(), SchemaChoice::Default))
            && let Some(found) = self.kustomization_file(dir)
        {
            self.layer(dir, found);
        }
    }

    /// Plans a kustomization that was not planned yet, and all that it needs.
    fn layer(&mut self, dir: &RepoPath, found: Found) -> LayerId {
        let (mut kustomization, mut diagnostics) = self.read(dir, &found);
        self.plan.notes_transformers |= kustomization.build_metadata.transformers.is_some();
        kustomization.is_refused |= found.problem.is_some();
        diagnostics.extend(found.problem);
        let key = (dir.clone(), self.schema.clone());
        self.choose_schema(&kustomization);
        self.open.push(dir.clone());
        let mut resolve = |paths: &[Text], kind: Kind| -> Vec<(Text, Target)> {
            paths.iter().map(|path| (path.clone(), self.target(dir, path, kind, &mut diagnostics))).collect()
        };
        let resources = resolve(&kustomization.resources, Kind::Kustomization);
        let components = resolve(&kustomization.components, Kind::Component);
        let mut plugins = |texts: &[Text]| -> Vec<(Text, Target)> {
            // kustomize reads those that stand in the file itself before it follows any path.
            let (inline, paths): (Vec<Text>, Vec<Text>) = texts.iter().cloned().partition(file::is_inline);
            let inline = inline.into_iter().map(|it| (it, Target::Inline));
            inline.chain(resolve(&paths, Kind::Kustomization)).collect()
        };
        let generators = plugins(&kustomization.generators);
        let transformers = plugins(&kustomization.transformers);
        let validators = plugins(&kustomization.validators);
        self.open.pop();
        for (text, target) in generators.iter().chain(&transformers).chain(&validators) {
            kustomization.other_files.extend(self.plugin_inputs(text, target));
        }
        let mut notes = review::pins(resources.iter().chain(&components));
        if !kustomization.is_refused
            && let Ok(source) = self.sources.open(&found.path)
        {
            notes.extend(review::file(dir, &source));
        }
        let mut planned = Planned {
            kustomization,
            resources,
            components,
            generators,
            transformers,
            validators,
            diagnostics,
            notes,
            depth: 0,
            is_included: false,
            schema: self.schema.clone(),
        };
        let needs = planned.targets().filter_map(Target::layer);
        planned.depth = needs.map(|id| self.plan.planned(id).depth + 1).max().unwrap_or(0);
        let id = LayerId(self.plan.planned.len() as u32);
        if key.1 == SchemaChoice::Default {
            self.plan.by_dir.insert(dir.clone(), id);
        } else {
            self.plan.by_dir.entry(dir.clone()).or_insert(id);
        }
        self.known.insert(key, id);
        self.plan.planned.push(planned);
        id
    }

    /// The files that the configurations of transformers and generators name. They lie beside
    /// the kustomization that uses the configuration, wherever that comes from.
    fn plugin_inputs(&self, text: &Text, target: &Target) -> Vec<Text> {
        let of = |yaml: &Yaml| yaml.documents.iter().flat_map(file::plugin_inputs).collect();
        match target {
            Target::Inline => of(&load::inline(self.sources, text)),
            Target::File(path) => self.sources.open(path).map_or(vec![], |it| of(it.yaml())),
            Target::Layer(id) => {
                let resources = &self.plan.planned(*id).resources;
                resources.iter().flat_map(|(text, target)| self.plugin_inputs(text, target)).collect()
            }
            Target::Remote | Target::Missing => vec![],
        }
    }

    fn read(&mut self, dir: &RepoPath, found: &Found) -> (Kustomization, Vec<Diagnostic>) {
        // What stands in a broken file besides the broken place would only lead to findings
        // that follow from it.
        let refused = || Kustomization { dir: dir.clone(), is_refused: true, ..Kustomization::default() };
        let source = match self.sources.open(&found.path) {
            Ok(source) => source,
            Err(error) => {
                return (refused(), vec![yml::invalid_yaml::unreadable(found.start, &error.reason)]);
            }
        };
        let yaml = source.yaml();
        if yaml.is_broken {
            return (refused(), yaml.diagnostics.clone());
        }
        let mut kustomization = file::read(dir, source.start(), yaml.documents.first());
        let mut diagnostics = yaml.diagnostics.clone();
        diagnostics.append(&mut kustomization.diagnostics);
        (kustomization, diagnostics)
    }

    /// Finds out what a path in `resources` or `components` leads to.
    fn target(&mut self, dir: &RepoPath, path: &Text, wanted: Kind, out: &mut Vec<Diagnostic>) -> Target {
        if is_remote(&path.value) {
            return Target::Remote;
        }
        let problem = match dir.join(&path.value).map(|it| self.sources.entry(&it)) {
            Some(Ok(Some(entry))) => match (entry.kind, wanted) {
                (EntryKind::File, Kind::Kustomization) => {
                    self.seen.push(Target::File(entry.real.clone()));
                    return Target::File(entry.real);
                }
                (EntryKind::File, Kind::Component) => kus::build_failed::because(
                    path.span,
                    format!("`{}` is a file, and a component is a directory", path.value),
                ),
                (EntryKind::Dir, _) => match self.directory(dir, &entry.real, path, wanted) {
                    Ok(id) => {
                        self.seen.push(Target::Layer(id));
                        return Target::Layer(id);
                    }
                    Err(problem) => *problem,
                },
            },
            Some(Err(error)) => yml::invalid_yaml::unreadable(path.span, &error.reason),
            Some(Ok(None)) => load::no_such_file(self.sources, dir, path),
            None => kus::path_outside::of_repository(path.span, &path.value),
        };
        out.push(problem);
        Target::Missing
    }

    fn directory(
        &mut self,
        from: &RepoPath,
        dir: &RepoPath,
        path: &Text,
        wanted: Kind,
    ) -> Result<LayerId, Box<Diagnostic>> {
        if self.open.contains(dir) || from.is_within(dir) {
            let start = self.open.iter().position(|it| it == dir).unwrap_or(self.open.len() - 1);
            let way: Vec<&RepoPath> = self.open[start..].iter().chain([dir]).collect();
            return Err(Box::new(kus::cycle::closes(path.span, &names(&way).join(" → "))));
        }
        let id = match self.known.get(&(dir.clone(), self.schema.clone())) {
            Some(id) => {
                self.schema = self.plan.planned(*id).schema.clone();
                *id
            }
            None => {
                let missing = || Box::new(kus::path_missing::no_kustomization(&path.value, path.span));
                let found = self.kustomization_file(dir).ok_or_else(missing)?;
                self.layer(dir, found)
            }
        };
        self.included.insert(dir.clone());
        let planned = self.plan.planned(id);
        // A file that cannot be read has no kind; that it cannot be read has been said.
        if planned.kustomization.kind != wanted && planned.kustomization.start.is_some() {
            let found = kus::build_failed::wrong_kind(path.span, &path.value, wanted == Kind::Component);
            return Err(Box::new(found));
        }
        Ok(id)
    }

    /// The kustomization file of a directory, if it has one. Two are one too many.
    fn kustomization_file(&mut self, dir: &RepoPath) -> Option<Found> {
        let is_file = |path: &RepoPath| matches!(self.sources.entry(path), Ok(Some(entry)) if entry.kind == EntryKind::File);
        let found: Vec<RepoPath> = FILE_NAMES.iter().filter_map(|it| dir.join(it)).filter(is_file).collect();
        let start = |path: &RepoPath| match self.sources.open(path) {
            Ok(file) => file.start(),
            Err(_) => self.sources.open_unreadable(path).start(),
        };
        let first = found.first()?;
        let problem = found.get(1).map(|second| kus::build_failed::two_files(start(second), start(first)));
        Some(Found { path: first.clone(), start: start(first), problem })
    }
}

/// The paths without the directories that they all have in common.
fn names(way: &[&RepoPath]) -> Vec<String> {
    let mut common = way.first().and_then(|it| it.parent());
    while let Some(dir) = common.take_if(|dir| !way.iter().all(|it| it.is_within(dir) && *it != dir)) {
        common = dir.parent();
    }
    let common = common.unwrap_or_default();
    way.iter().map(|it| it.relative_to(&common)).collect()
}

/// Whether a path is something that kustomize would fetch.
pub(crate) fn is_remote(path: &str) -> bool {
    let has_scheme = path.split_once("://").is_some_and(|(scheme, _)| !scheme.contains('/'));
    let is_git = path.starts_with("git@") || path.starts_with("git::") || path.contains("?ref=");
    let is_host = path.starts_with("github.com/") || path.starts_with("gh:");
    has_scheme || is_git || is_host
}
