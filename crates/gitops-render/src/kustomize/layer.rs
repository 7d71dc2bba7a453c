//! Builds one kustomization: gathers objects, generates, runs the steps.
//!
//! A layer depends on the tree, its directory and nothing else, so that it can be built once and
//! shared by every overlay. What only the root can know (hashes, references, order) is `finish`'s.

use std::sync::{Arc, OnceLock};

use crate::diagnostic::Diagnostic;
use crate::kustomize::config::{self, Config};
use crate::kustomize::file::vars::Var;
use crate::kustomize::file::{Kind, Kustomization, Text};
use crate::kustomize::objects::Objects;
use crate::kustomize::plan::{LayerId, Plan, Planned, Target, is_remote};
use crate::kustomize::{generate, load, steps, vars};
use crate::render::RenderOptions;
use crate::resource::Resource;
use crate::rules::kus;
use crate::source::Span;
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
pub struct Layers(Vec<OnceLock<Layer>>);

impl Layers {
    /// Room for every layer of `plan`.
    pub fn for_plan(plan: &Plan) -> Layers {
        Layers((0..plan.len()).map(|_| OnceLock::new()).collect())
    }

    /// Puts a layer in. Each is built once; a second one is dropped.
    pub fn put(&self, id: LayerId, layer: Layer) {
        let _ = self.0[id.0 as usize].set(layer);
    }

    pub(crate) fn get(&self, id: LayerId) -> &Layer {
        self.0[id.0 as usize].get().expect("waves build what a layer needs before it")
    }
}

/// A kustomization that is being built.
pub(crate) struct Build<'a> {
    pub sources: &'a Sources<'a>,
    pub options: RenderOptions,
    plan: &'a Plan,
    done: &'a Layers,
    pub objects: Objects,
    pub config: Arc<Config>,
    pub vars: Vec<Arc<Var>>,
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
    let mut build = Build {
        sources,
        options,
        plan,
        done,
        objects: Objects::default(),
        config: Arc::default(),
        vars: vec![],
        diagnostics: vec![],
        hits: vec![],
        is_incomplete: false,
        is_refused: false,
    };
    let planned = plan.planned(id);
    // A component is built where it is included, and alone only if nobody includes it.
    if planned.kustomization.kind == Kind::Kustomization || !planned.is_included {
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
            self.resource(kustomization, text, target);
        }
        self.configurations(kustomization);
        generate::run(self, kustomization);
        for (_, target) in &planned.components {
            match target {
                Target::Layer(id) => self.accumulate(self.plan.planned(*id)),
                _ => self.is_refused = true,
            }
        }
        for step in steps::ORDER {
            step(self, kustomization);
        }
        vars::record(self, &kustomization.vars);
        for field in &kustomization.unsupported {
            self.is_incomplete = true;
            self.refuse(kus::build_failed::not_supported(field.span, &field.value));
        }
    }

    fn resource(&mut self, kustomization: &Kustomization, text: &Text, target: &Target) {
        match target {
            Target::File(path) => {
                let Some(file) = self.open(kustomization, text) else { return };
                debug_assert_eq!(&file.path, path, "the plan and the build see the same file");
                let loaded = load::file(&file);
                self.is_refused |= loaded.is_refused;
                self.diagnostics.extend(loaded.diagnostics);
                self.add_all(loaded.resources, text.span);
            }
            Target::Layer(id) => {
                let layer = self.done.get(*id);
                self.is_incomplete |= layer.is_incomplete;
                self.is_refused |= layer.is_refused;
                self.add_all(layer.resources.iter().cloned(), text.span);
                self.merge_config(&layer.config, text.span);
                vars::merge(self, &layer.vars, text.span);
            }
            Target::Remote => self.remote(text),
            Target::Missing => {
                self.is_incomplete = true;
                self.is_refused = true;
            }
        }
    }

    /// What the layers below have brought along comes first, then the files, then kustomize's own.
    fn configurations(&mut self, kustomization: &Kustomization) {
        for path in &kustomization.configurations {
            let Some(file) = self.open(kustomization, path) else { continue };
            match config::read(&file) {
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
        if is_remote(&path.value) {
            self.remote(path);
            return None;
        }
        let found = kustomization.dir.join(&path.value);
        let entry = found.as_ref().map(|it| self.sources.entry(it));
        let problem = match entry {
            Some(Ok(Some(entry)))
                if !self.options.load_anywhere && !entry.real.is_within(&kustomization.dir) =>
            {
                kus::build_failed::outside(path.span, &path.value)
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
            None | Some(Ok(None)) => kus::path_missing::no_such_file(&path.value, path.span, None),
        };
        self.refuse(problem);
        None
    }

    /// Notes that something is not here and never fetched.
    fn remote(&mut self, path: &Text) {
        self.is_incomplete = true;
        self.refuse(kus::build_failed::remote(path.span, &path.value));
    }

    /// Reports something at which kustomize would stop.
    pub fn refuse(&mut self, found: Diagnostic) {
        self.is_refused = true;
        self.diagnostics.push(found);
    }
}
