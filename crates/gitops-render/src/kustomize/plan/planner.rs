//! Walks from kustomization to kustomization, and finds out what each is made of.

use std::collections::{HashMap, HashSet};

use super::{LayerId, Plan, Planned, SchemaChoice, Target, is_remote};
use crate::diagnostic::Diagnostic;
use crate::kustomize::FILE_NAMES;
use crate::kustomize::file::{self, Kind, Kustomization, Text};
use crate::kustomize::{load, review};
use crate::rules::{kus, yml};
use crate::source::{EntryKind, RepoPath, Span};
use crate::sources::Sources;
use crate::yaml::Yaml;

/// Walks from kustomization to kustomization.
pub(super) struct Planner<'s, 't> {
    pub(super) sources: &'s Sources<'t>,
    pub(super) plan: Plan,
    /// The directories on the way from the entry to here.
    pub(super) open: Vec<RepoPath>,
    /// The schema that has been chosen by what was planned of the build so far.
    pub(super) schema: SchemaChoice,
    /// What the build has been led to so far, the oldest first.
    pub(super) seen: Vec<Target>,
    /// What is planned already: the same directory under another schema is another layer.
    pub(super) known: HashMap<(RepoPath, SchemaChoice), LayerId>,
    /// The directories that others include.
    pub(super) included: HashSet<RepoPath>,
}

/// A kustomization file that was found.
struct Found {
    path: RepoPath,
    start: Span,
    /// The directory has two of them, and this is what there is to say about it.
    problem: Option<Diagnostic>,
}

impl Planner<'_, '_> {
    pub(super) fn entry(&mut self, dir: &RepoPath) {
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
        let plugins = generators.iter().chain(&transformers).chain(&validators);
        let plugin_inputs = plugins.flat_map(|(text, target)| self.plugin_inputs(text, target)).collect();
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
            plugin_inputs,
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
        if self.sources.cancel().is_cancelled() {
            return Target::Missing;
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
