//! Builds one kustomization: gathers objects, generates, runs the steps.
//!
//! A layer depends on the tree, its directory and nothing else, so that it can be built once and
//! shared by every overlay. What only the root can know (hashes, references, order) is `finish`'s.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use crate::diagnostic::Diagnostic;
use crate::kube::merge_keys::{Types, custom};
use crate::kustomize::config::{self, Config};
use crate::kustomize::file::vars::Var;
use crate::kustomize::file::{Kustomization, Text};
use crate::kustomize::load::{self, Loaded};
use crate::kustomize::objects::Objects;
use crate::kustomize::options::RenderOptions;
use crate::kustomize::plan::{self, LayerId, Plan, Planned, SchemaChoice, Target};
use crate::kustomize::{generate, metadata, plugins, steps, vars};
use crate::resource::{Configured, Maker, Resource};
use crate::rules::kus;
use crate::source::{RepoPath, Span};
use crate::sources::{SourceFile, Sources};

/// The result of one kustomization, before names are final.
#[derive(Clone, Debug)]
pub struct Layer {
    pub(crate) resources: Vec<Resource>,
    pub(crate) config: Arc<Config>,
    /// The variables of this kustomization and of those below.
    pub(crate) vars: Vec<Arc<Var>>,
    /// What went wrong here; what went wrong in the layers below is told by those.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The `target`s that have selected something.
    pub(crate) hits: Vec<Span>,
    /// Whether something is missing, here or below.
    pub(crate) is_incomplete: bool,
    /// Whether kustomize would stop, here or below.
    pub(crate) is_refused: bool,
}

/// The layers of a plan, filled wave by wave.
#[derive(Debug)]
pub struct Layers {
    all: Vec<OnceLock<Layer>>,
    left_out: HashSet<RepoPath>,
}

impl Layers {
    /// Room for every layer of `plan`.
    pub fn for_plan(plan: &Plan) -> Layers {
        Layers { all: (0..plan.len()).map(|_| OnceLock::new()).collect(), left_out: HashSet::new() }
    }

    /// The layers will be built as if `resources` did not have these files, for those who want to know what
    /// becomes of others. Patches may miss what was in them, and say so.
    #[must_use]
    pub fn without(self, left_out: HashSet<RepoPath>) -> Layers {
        Layers { left_out, ..self }
    }

    /// Puts a layer in. Each is built once; a second one is dropped.
    pub fn put(&self, id: LayerId, layer: Layer) {
        let _ = self.all[id.0 as usize].set(layer);
    }

    pub(crate) fn get(&self, id: LayerId) -> &Layer {
        self.all[id.0 as usize].get().expect("waves build what a layer needs before it")
    }
}

/// Reads a file that adds to the configuration.
type ReadConfig = fn(&SourceFile) -> Result<Config, Vec<Diagnostic>>;

/// A kustomization that is being built.
pub(crate) struct Build<'a> {
    pub sources: &'a Sources<'a>,
    pub options: RenderOptions,
    plan: &'a Plan,
    done: &'a Layers,
    pub objects: Objects,
    pub config: Arc<Config>,
    pub vars: Vec<Arc<Var>>,
    /// Where merge keys are looked up, read when the first patch needs them.
    types: Option<Arc<Types>>,
    schema: &'a SchemaChoice,
    pub diagnostics: Vec<Diagnostic>,
    pub hits: Vec<Span>,
    pub is_incomplete: bool,
    pub is_refused: bool,
}

/// Builds one layer out of those that it needs, which `done` holds already.
pub(crate) fn build(
    sources: &Sources<'_>,
    options: RenderOptions,
    plan: &Plan,
    id: LayerId,
    done: &Layers,
) -> Layer {
    let planned = plan.planned(id);
    let mut build = Build {
        sources,
        options,
        plan,
        done,
        objects: Objects::default(),
        config: Arc::default(),
        vars: vec![],
        types: None,
        schema: &planned.schema,
        diagnostics: vec![],
        hits: vec![],
        is_incomplete: false,
        is_refused: false,
    };
    if plan.is_built_alone(id) {
        build.accumulate(planned);
    }
    Layer {
        resources: build.objects.into_list(),
        config: build.config,
        vars: build.vars,
        diagnostics: build.diagnostics,
        hits: build.hits,
        is_incomplete: build.is_incomplete || build.is_refused,
        is_refused: build.is_refused,
    }
}

impl Build<'_> {
    /// The order of work, which is kustomize's.
    fn accumulate(&mut self, planned: &Planned) {
        let kustomization = &planned.kustomization;
        self.is_refused |= kustomization.is_refused;
        for (text, target) in &planned.resources {
            if self.is_cancelled() {
                return;
            }
            let resources = self.resource(kustomization, text, target);
            self.add_all(resources, text.span);
        }
        for chart in &kustomization.charts {
            self.missing(kus::build_failed::chart(chart.span, &chart.value));
        }
        self.configurations(kustomization);
        self.check_schema(kustomization);
        generate::run(self, kustomization);
        plugins::generate(self, planned);
        for (text, target) in &planned.components {
            if self.is_cancelled() {
                return;
            }
            match target {
                Target::Layer(id) => self.accumulate(self.plan.planned(*id)),
                Target::Remote => self.remote(text),
                _ => {
                    self.is_incomplete = true;
                    self.is_refused = true;
                }
            }
        }
        for step in steps::ORDER {
            if self.is_cancelled() {
                return;
            }
            step(self, kustomization);
        }
        metadata::note_fields(self, kustomization);
        plugins::transform(self, planned);
        plugins::validate(self, planned);
        vars::record(self, &kustomization.vars);
    }

    /// Whether nobody waits for the layer any more. Then it is not whole, and says so.
    pub fn is_cancelled(&mut self) -> bool {
        let is_cancelled = self.sources.cancel().is_cancelled();
        self.is_refused |= is_cancelled;
        is_cancelled
    }

    /// What an entry of `resources` brings in.
    fn resource(&mut self, kustomization: &Kustomization, text: &Text, target: &Target) -> Vec<Resource> {
        if let Target::File(path) = target
            && self.done.left_out.contains(path)
        {
            return vec![];
        }
        if let Some(id) = target.layer() {
            let layer = self.done.get(id);
            self.merge_config(&layer.config, text.span);
            vars::merge(self, &layer.vars, text.span);
        }
        self.gather(kustomization, text, target)
    }

    /// The objects that an entry of `resources`, or of `transformers` and the like, leads to.
    pub fn gather(&mut self, kustomization: &Kustomization, text: &Text, target: &Target) -> Vec<Resource> {
        match target {
            Target::Inline => {
                let yaml = load::inline(self.sources, text);
                let path = self.sources.file(text.span.file).path.clone();
                self.take(load::documents(&yaml), &path)
            }
            Target::File(path) => {
                let Some(file) = self.open(kustomization, text) else { return vec![] };
                debug_assert_eq!(&file.path, path, "the plan and the build see the same file");
                self.take(load::file(&file), path)
            }
            Target::Layer(id) => {
                let layer = self.done.get(*id);
                self.is_incomplete |= layer.is_incomplete;
                self.is_refused |= layer.is_refused;
                layer.resources.clone()
            }
            Target::Remote => {
                self.remote(text);
                vec![]
            }
            Target::Missing => {
                self.is_incomplete = true;
                self.is_refused = true;
                vec![]
            }
        }
    }

    fn take(&mut self, mut loaded: Loaded, path: &RepoPath) -> Vec<Resource> {
        self.is_refused |= loaded.is_refused;
        self.diagnostics.extend(loaded.diagnostics);
        for resource in &mut loaded.resources {
            resource.history.maker = Some(Maker::File(path.clone()));
        }
        loaded.resources
    }

    /// Notes that all objects went through a transformer, if some root wants to know.
    pub fn note_transformer(&mut self, transformer: impl FnOnce() -> Configured) {
        if self.plan.notes_transformers() {
            let transformer = Arc::new(transformer());
            for resource in self.objects.list_mut() {
                resource.history.transformers.push(Arc::clone(&transformer));
            }
        }
    }

    /// What the layers below have brought along comes first, then the files, then kustomize's own.
    fn configurations(&mut self, kustomization: &Kustomization) {
        let read: [(&[Text], ReadConfig); 2] =
            [(&kustomization.configurations, config::read), (&kustomization.crds, config::crds::read)];
        for (path, read) in read.iter().flat_map(|(paths, read)| paths.iter().map(move |it| (it, read))) {
            let Some(file) = self.open(kustomization, path) else { continue };
            match read(&file) {
                Ok(config) => self.merge_config(&Arc::new(config), path.span),
                Err(problems) => {
                    self.is_refused = true;
                    self.diagnostics.extend(problems);
                }
            }
        }
        if let Some(start) = kustomization.start {
            self.merge_config(Config::built_in(), start);
        }
    }

    /// Reports a schema that is not there, or that kustomize could not read. It reads the one that
    /// counts only.
    fn check_schema(&mut self, kustomization: &Kustomization) {
        let Some(path) = kustomization.open_api.as_ref().and_then(|it| it.path.as_ref()) else { return };
        if plan::is_remote(&path.value) {
            self.remote(path);
            return;
        }
        let Some(file) = self.open(kustomization, path) else { return };
        let yaml = file.yaml();
        let counts = matches!(self.schema, SchemaChoice::File { path, .. } if *path == file.path);
        if yaml.is_broken && counts {
            self.is_refused = true;
            self.diagnostics.extend(yaml.diagnostics.iter().cloned());
        }
    }

    /// Where merge keys are looked up.
    pub fn types(&mut self) -> Arc<Types> {
        let (sources, schema) = (self.sources, self.schema);
        let read = || match schema {
            SchemaChoice::Default | SchemaChoice::BuiltIn => Types::BuiltIn,
            SchemaChoice::File { path, with_built_in } => {
                let file = sources.open(path).ok();
                match file.as_ref().and_then(|it| it.yaml().documents.first()) {
                    Some(document) => {
                        let schema = custom::Schema::new(document.clone());
                        Types::Custom { schema, with_built_in: *with_built_in }
                    }
                    None => Types::BuiltIn,
                }
            }
        };
        Arc::clone(self.types.get_or_insert_with(|| Arc::new(read())))
    }

    fn merge_config(&mut self, config: &Arc<Config>, at: Span) {
        if Arc::ptr_eq(config, &self.config) {
            return;
        }
        if *self.config == Config::default() {
            self.config = Arc::clone(config);
        } else if let Err(conflict) = Arc::make_mut(&mut self.config).merge(config) {
            let reason = format!("the configurations do not agree on whether to create `{}`", conflict.path);
            self.refuse(kus::build_failed::because(at, reason));
        }
    }

    fn add_all(&mut self, resources: impl IntoIterator<Item = Resource>, at: Span) {
        for resource in resources {
            if let Err((second, first)) = self.objects.add(resource) {
                let first = &self.objects.list()[first];
                self.refuse(kus::duplicate_object::twice(&second, first, at));
            }
        }
    }

    /// Opens a file that the kustomization names, if kustomize would.
    pub fn open(&mut self, kustomization: &Kustomization, path: &Text) -> Option<Arc<SourceFile>> {
        if plan::is_remote(&path.value) {
            self.remote(path);
            return None;
        }
        let found = kustomization.dir.join(&path.value);
        let entry = found.as_ref().map(|it| self.sources.entry(it));
        let problem = match entry {
            Some(Ok(Some(entry)))
                if !self.options.load_anywhere && !entry.real.is_within(&kustomization.dir) =>
            {
                kus::path_outside::of_directory(path.span, &path.value)
            }
            Some(Ok(Some(entry))) => match self.sources.open(&entry.real) {
                Ok(file) => return Some(file),
                Err(error) => kus::build_failed::because(
                    path.span,
                    format!("`{}` cannot be read: {}", path.value, error.reason),
                ),
            },
            Some(Err(error)) => kus::build_failed::because(
                path.span,
                format!("`{}` cannot be read: {}", path.value, error.reason),
            ),
            Some(Ok(None)) => load::no_such_file(self.sources, &kustomization.dir, path),
            None => kus::path_outside::of_repository(path.span, &path.value),
        };
        self.refuse(problem);
        None
    }

    /// Notes that something is not here and never fetched.
    fn remote(&mut self, path: &Text) {
        self.missing(kus::build_failed::remote(path.span, &path.value));
    }

    /// Reports that something is not here: what is said of the rest must not follow from that.
    pub fn missing(&mut self, found: Diagnostic) {
        self.is_incomplete = true;
        self.refuse(found);
    }

    /// Reports something at which kustomize would stop.
    pub fn refuse(&mut self, found: Diagnostic) {
        self.is_refused = true;
        self.diagnostics.push(found);
    }
}
