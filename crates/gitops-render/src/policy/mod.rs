//! Policies: what a team's Rego says about objects, by the conventions of conftest.
//!
//! A rule called `deny`, `violation` or `warn`, or one of these and `_` and a word, in the package
//! `main` (or those that the options name) is asked about every object. Modules of Rego v0 and v1
//! live side by side. A denial is reported where the object's text is edited: at the place that
//! the policy names, or at the value that its message quotes.
//!
//! The engine is regorus. Known to differ from OPA: `not f(x)` with an `x` that is undefined, `with`
//! on a function of another package by its full name, and set rules with chained bodies, which are
//! refused. `sprintf` is our own. `gatekeeper` asks templates and constraints, and runs suites. `--data`
//! and tests in Rego are not here yet.

mod calls;
mod evaluate;
mod gatekeeper;
mod link;
mod module;
mod outcome;
mod place;
mod rego_error;
mod rewrite;
mod sprintf;
mod test_case;
mod text;
mod tokens;
mod value;

#[cfg(test)]
mod tests;

pub use gatekeeper::{
    Gatekeeper, GatekeeperOptions, Schemas, Shape, World, has_suite, run_suites, test_material,
};
pub use test_case::{Outcome, TestCase};

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::evaluate::{Entry, EntryDefinition, Evaluator};
use crate::policy::link::Linked;
use crate::policy::module::{Definition, DefinitionKind, Module};
use crate::resource::Resource;
use crate::rules::pol::{does_not_compile, violation};
use crate::sources::SourceFile;

/// Which rules are asked, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyOptions {
    /// The packages whose rules are asked, without `data.`.
    pub namespaces: Vec<String>,
    /// The rules of every package are asked, whatever `namespaces` says.
    pub all_namespaces: bool,
    /// How long one rule may think about one object.
    pub time_limit: Duration,
}

impl Default for PolicyOptions {
    /// conftest's: the package `main`. Five seconds.
    fn default() -> PolicyOptions {
        PolicyOptions {
            namespaces: vec!["main".to_owned()],
            all_namespaces: false,
            time_limit: Duration::from_secs(5),
        }
    }
}

/// Policies, compiled once and shared by threads.
#[derive(Debug)]
pub struct PolicySet {
    entries: Vec<Entry>,
    evaluator: Evaluator,
}

impl PolicySet {
    /// Compiles the modules in `files`, which are all of them Rego.
    ///
    /// What cannot be compiled is reported and left out, together with the modules that use its
    /// package. `*_test.rego` is compiled along; its tests are not run.
    pub fn compile(options: &PolicyOptions, files: &[Arc<SourceFile>]) -> (PolicySet, Vec<Diagnostic>) {
        let mut files: Vec<_> = files.iter().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.id == b.id);
        let (mut modules, mut broken) = (vec![], vec![]);
        for file in files {
            match Module::read(file) {
                Ok(module) => modules.push(module),
                Err(found) => broken.push(*found),
            }
        }
        let linked = link::link(modules, &mut broken);
        let mut diagnostics: Vec<_> = broken.into_iter().map(|it| it.diagnostic).collect();
        let entries = entries(options, &linked, &mut diagnostics);
        let evaluator = Evaluator::new(linked, options.time_limit);
        (PolicySet { entries, evaluator }, diagnostics)
    }

    /// What the policies say about an object.
    ///
    /// A rule that fails says nothing here: ask [`PolicySet::failures`] once all objects are
    /// checked, or the failure passes for approval.
    pub fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        if self.entries.is_empty() {
            return vec![];
        }
        let said = self.evaluator.ask(&self.entries, &value::to_rego(&resource.node));
        if said.is_empty() {
            return vec![];
        }
        let object = resource.object_name();
        let found = said.into_iter().map(|(entry, said, head)| {
            let place = place::find(resource, &said);
            let message = said.message.unwrap_or_else(|| violation::unsaid(entry.severity, &entry.name));
            let found = violation::said(place.node, place.span(), &message).object(&object, place.pointer);
            violation::by(found, entry.severity, &entry.name, head)
        });
        found.collect()
    }

    /// Rules that failed while objects were checked, each once and in the order of their places,
    /// however many objects they failed on.
    pub fn failures(&self) -> Vec<Diagnostic> {
        self.evaluator.failures()
    }

    /// The rules that are asked, like `main.deny`. None of them means that nothing is checked.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|it| it.name.as_str())
    }
}

/// The rules to ask, in the order of their names.
fn entries(options: &PolicyOptions, linked: &Linked, diagnostics: &mut Vec<Diagnostic>) -> Vec<Entry> {
    let mut engine = linked.engine.clone();
    let asts = engine.get_modules();
    let mut entries: Vec<Entry> = vec![];
    for (module, ast) in linked.modules.iter().zip(asts) {
        let package = module.package.join(".");
        if !options.all_namespaces && !options.namespaces.contains(&package) {
            continue;
        }
        for (definition, rule) in module.rules.iter().zip(&ast.policy) {
            let name = &definition.path[0];
            let Some(severity) = severity(name).filter(|_| definition.kind != DefinitionKind::Function)
            else {
                continue;
            };
            if definition.path.len() > 1 {
                diagnostics.push(does_not_compile::nested(definition.head, &definition.path.join("."), name));
                continue;
            }
            let found = EntryDefinition {
                head: definition.head,
                module: ast.clone(),
                rule: rule.clone(),
                is_default: definition.kind == DefinitionKind::Default,
            };
            let path = [&module.package[..], &definition.path].concat();
            match entries.iter_mut().find(|it| it.path == path) {
                Some(entry) => entry.definitions.push(found),
                None => entries.push(Entry {
                    name: format!("{package}.{name}"),
                    query: query(&path),
                    exception: exception(&linked.modules, module, name),
                    path,
                    severity,
                    definitions: vec![found],
                    is_given_up: AtomicBool::new(false),
                }),
            }
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

/// conftest's `^(deny|violation|warn)(_[a-zA-Z0-9]+)*$`.
fn severity(rule: &str) -> Option<Severity> {
    let mut words = rule.split('_');
    let severity = match words.next()? {
        "deny" | "violation" => Severity::Error,
        "warn" => Severity::Warning,
        _ => return None,
    };
    words.all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric())).then_some(severity)
}

/// The path as the engine is asked for it.
fn query(path: &[String]) -> String {
    let is_name = |it: &str| {
        it.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    };
    let parts = path.iter().map(|it| if is_name(it) { format!(".{it}") } else { format!("[{it:?}]") });
    std::iter::once("data".to_owned()).chain(parts).collect()
}

/// The `exception` rule of the package, and the name by which it knows `rule`.
fn exception(modules: &[Module], module: &Module, rule: &str) -> Option<(String, String)> {
    let is_exception = |it: &Definition| it.path == ["exception"] && it.kind == DefinitionKind::Rule;
    let has_one = modules.iter().any(|it| it.package == module.package && it.rules.iter().any(is_exception));
    let short = ["deny_", "violation_", "warn_"].iter().find_map(|it| rule.strip_prefix(it)).unwrap_or(rule);
    has_one.then(|| (query(&[&module.package[..], &["exception".to_owned()]].concat()), short.to_owned()))
}

const fn shared_by_threads<T: Send + Sync>() {}
const _: () = shared_by_threads::<PolicySet>();
