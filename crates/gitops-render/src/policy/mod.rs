//! Policies: what a team's Rego says about objects, by the conventions of conftest.
//!
//! A rule called `deny`, `violation` or `warn`, or one of these and `_` and a word, in the package
//! `main` (or those that the options name) is asked about every object. Modules of Rego v0 and v1
//! live side by side. A denial is reported where the object's text is edited: at the place that
//! the policy names, or at the value that its message quotes.
//!
//! The engine is regorus, and the verdict is OPA's: where the two differ, the module is written
//! otherwise before the engine gets it (`rewrite`, `bridge`), the builtin is ours (`builtins`), or
//! the policy is refused (`calls`, `safety`, `shape`). What is expected of it is in
//! `testdata/rego`. Known to differ: an object and a set are compared the other way round by `<`.
//! `gatekeeper` asks templates and constraints, and runs suites.

mod annotations;
mod batch;
mod bridge;
mod builtins;
mod calls;
mod data;
mod edits;
mod entries;
mod evaluate;
mod gatekeeper;
mod kinds;
mod link;
mod metadata;
mod module;
mod names;
mod needed;
mod outcome;
mod place;
mod reads;
mod rego_error;
mod rewrite;
mod safety;
mod shape;
mod speaks;
mod sprintf;
mod syntax;
mod terms;
mod test_case;
pub mod testing;
mod text;
mod together;
mod tokens;
mod types;
mod value;

#[cfg(test)]
#[path = "conformance/tests.rs"]
mod conformance;
#[cfg(test)]
mod tests;

pub use data::{Data, DataFile};
pub use gatekeeper::{
    Gatekeeper, GatekeeperOptions, NoSchemas, Schemas, Shape, World, has_suite, run_suites, serves_policies,
    test_material,
};
pub use test_case::{Outcome, TestCase};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, ObjectName};
use crate::policy::entries::{query, severity};
use crate::policy::evaluate::{Entry, Evaluator, Limits, Saying};
use crate::policy::module::{Broken, Module};
use crate::resource::Resource;
use crate::rules::pol::{unmatched, violation};
use crate::source::Span;
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
    /// What stands under `data`.
    pub data: Data,
    /// Ends the asking, between one rule and the next: what was said by then is not all.
    pub cancel: Cancel,
    /// Modules that the rules to be asked do not need are left out unread: nobody has named them.
    pub only_needed: bool,
}

impl Default for PolicyOptions {
    /// conftest's: the package `main`. Five seconds.
    fn default() -> PolicyOptions {
        PolicyOptions {
            namespaces: vec!["main".to_owned()],
            all_namespaces: false,
            time_limit: Duration::from_secs(5),
            data: Data::default(),
            cancel: Cancel::default(),
            only_needed: false,
        }
    }
}

/// Policies, compiled once and shared by threads.
#[derive(Debug)]
pub struct PolicySet {
    entries: Vec<Entry>,
    evaluator: Evaluator,
    packages: BTreeSet<String>,
    unanswered: Vec<String>,
}

/// What policies may know, or say, about files.
pub trait Files {
    /// The path of the file that an object comes from: `path` in combined input, and
    /// `data.conftest.file`.
    fn path(&self, resource: &Resource) -> String;

    /// The line of a file that a policy names (`_loc`), from 1; `None` if there is no such line.
    fn line(&self, path: &str, line: u32) -> Option<Span>;
}

/// No file is known.
struct NoFiles;

impl Files for NoFiles {
    fn path(&self, _: &Resource) -> String {
        String::new()
    }

    fn line(&self, _: &str, _: u32) -> Option<Span> {
        None
    }
}

impl PolicySet {
    /// Compiles the modules in `files`, which are all of them Rego.
    ///
    /// What cannot be compiled is reported and left out, together with the modules that use its
    /// package. Rules that rest on a builtin which nobody here evaluates are reported and not asked. `*_test.rego` is compiled along; its tests are not run.
    pub fn compile(options: &PolicyOptions, files: &[Arc<SourceFile>]) -> (PolicySet, Vec<Diagnostic>) {
        let (mut modules, mut broken) = read_modules(files);
        let packages = entries::packages(&modules);
        if options.only_needed {
            needed::keep(options, &mut modules, &mut broken);
        }
        let linked = link::link(modules, &mut broken);
        let mut diagnostics: Vec<_> = broken.into_iter().map(|it| it.diagnostic).collect();
        diagnostics.extend(linked.unsupported.iter().cloned());
        let entries = entries::entries(options, &linked, &mut diagnostics);
        let is_asked = |package: &&String| entries.iter().any(|it| it.package() == package.as_str());
        let unanswered = options.namespaces.iter().filter(|it| !options.all_namespaces && !is_asked(it));
        let unanswered = unanswered.cloned().collect();
        let limits = Limits { time: options.time_limit, cancel: options.cancel.clone() };
        let evaluator = Evaluator::new(linked, &entries, options.data.clone(), limits);
        (PolicySet { entries, evaluator, packages, unanswered }, diagnostics)
    }

    /// What the policies say about an object.
    ///
    /// A rule that fails says nothing here: ask [`PolicySet::failures`] once all objects are
    /// checked, or the failure passes for approval.
    pub fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        self.check_with(resource, &NoFiles)
    }

    /// The same, where policies know about files.
    pub fn check_with(&self, resource: &Resource, files: &dyn Files) -> Vec<Diagnostic> {
        if self.entries.is_empty() {
            return vec![];
        }
        let path = self.evaluator.wants_path().then(|| files.path(resource));
        let said = self.evaluator.ask(&self.entries, &value::to_rego(&resource.node), path.as_deref());
        if said.is_empty() {
            return vec![];
        }
        let object = resource.object_name();
        said.iter().map(|it| self.report(it, resource, &object, files)).collect()
    }

    /// The finding about a result, at the place that it names or that it speaks of.
    fn report(
        &self,
        saying: &Saying<'_>,
        resource: &Resource,
        object: &Arc<ObjectName>,
        files: &dyn Files,
    ) -> Diagnostic {
        let Saying { entry, said, definition } = saying;
        let severity = definition.metadata.severity.unwrap_or(entry.severity);
        let message = said.message.clone().unwrap_or_else(|| violation::unsaid(severity, &entry.name));
        let line = said.line.as_ref().filter(|_| said.at.is_none());
        let found = match line.and_then(|(file, line)| files.line(file, *line)) {
            Some(at) => violation::at(at, &message).object(object, ""),
            None => {
                let place = place::find(resource, said, definition.reads.as_ref());
                violation::said(place.node, place.span(), &message).object(object, place.pointer)
            }
        };
        let found = violation::by(found, severity, &entry.name, definition.head);
        match definition.metadata.help() {
            Some(help) => found.help(help),
            None => found,
        }
    }

    /// Rules that failed while objects were checked, each once and in the order of their places,
    /// however many objects they failed on.
    pub fn failures(&self) -> Vec<Diagnostic> {
        self.evaluator.failures()
    }

    /// A note for each definition that is made for Lists, which nobody is asked about unless objects are
    /// combined: they are taken apart before.
    pub fn about_lists(&self) -> Vec<Diagnostic> {
        let of_entry = |entry: &Entry| {
            let wants = entry.definitions.iter().filter(|it| it.wants_items);
            wants.map(|it| unmatched::list(it.head, &entry.name)).collect::<Vec<_>>()
        };
        self.entries.iter().flat_map(of_entry).collect()
    }

    /// The rules that are asked, like `main.deny`. None of them means that nothing is checked.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|it| it.name.as_str())
    }

    /// The packages that have rules which could be asked, whether they are or not.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(String::as_str)
    }

    /// The packages that should be asked and have no rule to ask.
    pub fn unanswered(&self) -> &[String] {
        &self.unanswered
    }
}

/// Reads modules in the order of their paths, each once.
fn read_modules(files: &[Arc<SourceFile>]) -> (Vec<Module>, Vec<Broken>) {
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
    (modules, broken)
}

const fn shared_by_threads<T: Send + Sync>() {}
const _: () = shared_by_threads::<PolicySet>();
