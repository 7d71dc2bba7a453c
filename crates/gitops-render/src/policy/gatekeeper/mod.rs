//! Gatekeeper: templates that say what is asked, and constraints that say of which objects.
//!
//! Both are found among the objects of the repository. A template is compiled in a world of its own. A
//! constraint is about the objects of every root, whichever root brings it along: it is the cluster's,
//! and not the overlay's. What `data.inventory` and the namespaces are is another matter: that differs
//! from root to root, and so such a constraint is asked for each [`World`] anew.

mod admission;
mod bind;
mod constraint;
mod expand;
mod expressions;
mod matching;
mod reads;
mod review;
mod schemas;
mod suite;
mod template;
mod world;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use constraint::Constraint;
use expand::{Expanded, Expansions};
use matching::{Source, Subject, Verdict};
use review::Asked;
pub use schemas::{NoSchemas, Schemas, Shape};
pub use suite::{has_suite, run_suites, serves_policies, test_material};
use template::{Engine, Template};
pub use world::World;

use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, Severity};
use crate::node::Node;
use crate::policy::evaluate::Limits;
use crate::policy::outcome::Said;
use crate::policy::place;
use crate::resource::{Gvk, Resource};
use crate::rules::pol::{inventory_missing, unmatched, violation};
use crate::source::Span;
use crate::sources::Sources;

/// How constraints are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatekeeperOptions {
    /// Whether a policy about pods is asked about the pods of every workload, and not only of those
    /// that an ExpansionTemplate names.
    pub expands_pods: bool,
    /// How long a template may think about one object.
    pub time_limit: Duration,
}

impl Default for GatekeeperOptions {
    /// Pods are looked at. Five seconds.
    fn default() -> GatekeeperOptions {
        GatekeeperOptions { expands_pods: true, time_limit: Duration::from_secs(5) }
    }
}

/// Templates and constraints, compiled once and shared by threads.
#[derive(Debug, Default)]
pub struct Gatekeeper {
    templates: Vec<Template>,
    constraints: Vec<Constraint>,
    /// The constraints that name a kind, by that kind.
    by_kind: HashMap<Arc<str>, Vec<usize>>,
    /// The constraints that may be about any kind.
    any_kind: Vec<usize>,
    expansions: Expansions,
    /// All namespaces, for roots that do not have theirs.
    namespaces: HashMap<Arc<str>, Node>,
    /// Policies that nobody binds.
    unbound: Vec<Diagnostic>,
    cancel: Cancel,
    /// What is said once, whichever object led to it.
    notes: Mutex<BTreeMap<(Span, String), Diagnostic>>,
}

/// Why a lock of ours cannot be poisoned.
const UNPOISONED: &str = "nothing panics while it holds a lock of the constraints";

/// What a constraint says about an object.
struct Hit<'g> {
    constraint: &'g Constraint,
    said: Said,
    rule: Span,
}

impl Gatekeeper {
    /// Compiles the templates and constraints among objects. Each of `sets` is what one root renders.
    /// What ends the work on `sources` ([`Sources::cancelled_by`]) ends the asking, too.
    ///
    /// What many roots render alike is taken once. A constraint gets the template of its own root, or
    /// else the first of its kind. What is wrong is reported; the rest goes on.
    pub fn compile(
        sources: &Sources<'_>,
        schemas: &dyn Schemas,
        options: &GatekeeperOptions,
        sets: &[&[Resource]],
    ) -> (Gatekeeper, Vec<Diagnostic>) {
        let context = Context { sources, schemas, time_limit: options.time_limit };
        let mut gatekeeper = Gatekeeper { cancel: sources.cancel().clone(), ..Gatekeeper::default() };
        gatekeeper.expansions.of_workloads = options.expands_pods;
        let diagnostics = bind::fill(&mut gatekeeper, &context, sets);
        gatekeeper.index();
        (gatekeeper, diagnostics)
    }

    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.constraints.is_empty()
    }

    /// Whether there is a constraint that [`Gatekeeper::check_in`] has to ask.
    pub fn needs_worlds(&self) -> bool {
        self.constraints.iter().any(|it| it.needs_world)
    }

    /// The constraints that are asked, like `K8sAllowedRepos/prod`.
    pub fn constraints(&self) -> impl Iterator<Item = &str> {
        self.constraints.iter().map(|it| it.name.as_str())
    }

    /// What a root is to the constraints that look further than one object.
    pub fn world<'a>(&'a self, resources: &'a [Resource]) -> World<'a> {
        World::new(resources, &self.namespaces, self.templates.len())
    }

    /// What constraints say about an object for which nothing but the object counts.
    ///
    /// A template that fails says nothing here: ask [`Gatekeeper::findings`] once all objects are
    /// checked.
    pub fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        self.check_with(resource, None)
    }

    /// What the other constraints say about an object of a root.
    pub fn check_in(&self, resource: &Resource, world: &World<'_>) -> Vec<Diagnostic> {
        self.check_with(resource, Some(world))
    }

    /// What came up while objects were checked: templates that failed, constraints that matched nothing
    /// (unless `is_incomplete`: then that proves nothing), what is missing to decide. In the order of
    /// places.
    pub fn findings(&self, is_incomplete: bool) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = self.notes.lock().expect(UNPOISONED).values().cloned().collect();
        let engines = self.templates.iter().filter_map(|it| it.engine.as_ref());
        found.extend(engines.flat_map(Engine::failures));
        let unused = self.constraints.iter().filter(|it| !it.has_matched.load(Ordering::Relaxed));
        for it in unused.filter(|_| !is_incomplete) {
            // Another variant of it may have matched.
            let has_sibling =
                |other: &Constraint| other.name == it.name && other.has_matched.load(Ordering::Relaxed);
            if !self.constraints.iter().any(has_sibling) {
                found.push(unmatched::constraint(it.at, &it.name, &it.wanted.describe()));
            }
        }
        found.extend(self.unbound.iter().filter(|_| !is_incomplete).cloned());
        found.sort_by(|a, b| (a.span(), &a.message).cmp(&(b.span(), &b.message)));
        found
    }

    fn index(&mut self) {
        for (number, constraint) in self.constraints.iter().enumerate() {
            match constraint.wanted.kind_names() {
                None => self.any_kind.push(number),
                Some(kinds) => kinds.into_iter().for_each(|kind| {
                    let known = self.by_kind.entry(Arc::clone(kind)).or_default();
                    if known.last() != Some(&number) {
                        known.push(number);
                    }
                }),
            }
        }
    }

    /// The constraints that may be about a kind, in order.
    fn candidates(&self, gvk: &Gvk, needs_world: bool) -> Vec<&Constraint> {
        let named = self.by_kind.get(&gvk.kind).map_or(&[][..], Vec::as_slice);
        let mut numbers: Vec<usize> = named.iter().chain(&self.any_kind).copied().collect();
        numbers.sort_unstable();
        let all = numbers.into_iter().map(|it| &self.constraints[it]);
        all.filter(|it| it.needs_world == needs_world && it.wanted.matches_kind(gvk)).collect()
    }

    fn check_with(&self, resource: &Resource, world: Option<&World<'_>>) -> Vec<Diagnostic> {
        let name = || resource.object_name();
        let subject = Subject::of(resource, Source::Original);
        let hits = self.ask(&subject, world, || Asked::creation(resource, resource.node.clone()));
        let mut found: Vec<(&str, Diagnostic)> = vec![];
        for hit in hits {
            let place = place::find(resource, &hit.said, None);
            let said = told(&place, &hit, hit.constraint.severity).object(&name(), place.pointer);
            found.push((&hit.constraint.name, said));
        }
        for expanded in self.expanded(resource, world.is_some()) {
            let pod = &expanded.resource;
            // A pod is in a namespace, even if nobody says in which.
            let subject = Subject { is_namespaced: true, ..Subject::of(pod, Source::Generated) };
            let hits = self.ask(&subject, world, || Asked::creation(pod, expanded.with_owner(resource)));
            for hit in hits {
                let place = place::find(pod, &hit.said, None);
                let severity = expanded.action.as_deref().and_then(constraint::severity);
                let said = told(&place, &hit, severity.unwrap_or(hit.constraint.severity));
                let said = said.object(&name(), expanded.pointer(&place.pointer));
                if !found.iter().any(|(by, it)| *by == hit.constraint.name && says_the_same(it, &said)) {
                    found.push((&hit.constraint.name, said));
                }
            }
        }
        found.into_iter().map(|it| it.1).collect()
    }

    /// What an object will make, if a constraint may be about it.
    fn expanded(&self, resource: &Resource, needs_world: bool) -> Vec<Expanded> {
        let may_ask = |kind: &str| !self.any_kind.is_empty() || self.by_kind.contains_key(kind);
        if !self.expansions.generated_kinds().any(may_ask) {
            return vec![];
        }
        let mut found = self.expansions.expand(resource);
        found.retain(|it| !self.candidates(&it.resource.id.gvk, needs_world).is_empty());
        found
    }

    /// Asks all constraints that match.
    fn ask(
        &self,
        subject: &Subject<'_>,
        world: Option<&World<'_>>,
        asked: impl FnOnce() -> Asked,
    ) -> Vec<Hit<'_>> {
        let candidates = self.candidates(subject.gvk, world.is_some());
        let matching: Vec<_> = candidates.into_iter().filter(|it| self.matches(it, subject, world)).collect();
        if matching.is_empty() {
            return vec![];
        }
        let asked = asked();
        let goes_on = |_: &&Constraint| !self.cancel.is_cancelled();
        matching.into_iter().take_while(goes_on).flat_map(|it| self.ask_one(it, &asked, world)).collect()
    }

    fn matches(&self, constraint: &Constraint, subject: &Subject<'_>, world: Option<&World<'_>>) -> bool {
        let namespace = world.map_or(matching::NamespaceOf::Unknown, |it| it.labels(subject.namespace));
        let verdict = constraint.wanted.verdict(subject, namespace);
        if verdict == Verdict::Undecided {
            self.note(inventory_missing::no_namespace(constraint.at, subject.namespace));
        }
        if verdict != Verdict::No {
            constraint.has_matched.store(true, Ordering::Relaxed);
        }
        verdict != Verdict::No
    }

    /// Asks a constraint about an object that it matches.
    fn ask_one<'g>(
        &'g self,
        constraint: &'g Constraint,
        asked: &Asked,
        world: Option<&World<'_>>,
    ) -> Vec<Hit<'g>> {
        let Some(engine) = &self.templates[constraint.template].engine else { return vec![] };
        if let (Engine::Rego(rego), Some(world)) = (engine, world) {
            for (kind, at) in rego.reads.kinds.iter().filter(|(kind, _)| !world.has_kind(kind)) {
                self.note(inventory_missing::no_objects(*at, kind, (&constraint.name, constraint.at)));
            }
        }
        let (said, failures) = engine.ask(constraint, asked, world);
        failures.into_iter().for_each(|it| self.note(it));
        said.into_iter().map(|(said, rule)| Hit { constraint, said, rule }).collect()
    }

    fn note(&self, found: Diagnostic) {
        let mut notes = self.notes.lock().expect(UNPOISONED);
        let known = notes.entry((found.span(), found.message.clone())).or_insert_with(|| found.clone());
        // Whichever thread comes first. Numbers of files depend on threads, too.
        if found.labels.last().map(|it| &it.text) < known.labels.last().map(|it| &it.text) {
            *known = found;
        }
    }
}

/// A finding out of what a constraint says.
fn told(place: &place::Place<'_>, hit: &Hit<'_>, severity: Severity) -> Diagnostic {
    let name = &hit.constraint.name;
    let message = hit.said.message.clone().unwrap_or_else(|| violation::unsaid(severity, name));
    let found = violation::said(place.node, place.span(), &message);
    violation::by_constraint(found, severity, name, (hit.constraint.at, hit.rule))
}

/// Whether a workload's finding is its pod's as well.
fn says_the_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.message == b.message || a.pointer == b.pointer && a.pointer.as_deref() != Some("/metadata/name")
}

/// What it takes to read a template.
#[derive(Clone, Copy)]
struct Context<'c, 't> {
    sources: &'c Sources<'t>,
    schemas: &'c dyn Schemas,
    time_limit: Duration,
}

impl Context<'_, '_> {
    fn limits(&self) -> Limits {
        Limits { time: self.time_limit, cancel: self.sources.cancel().clone() }
    }
}

const fn shared_by_threads<T: Send + Sync>() {}
const _: () = shared_by_threads::<Gatekeeper>();

#[cfg(test)]
#[cfg(feature = "bundle")]
mod tests;
