//! Tests of policies: rules called `test_*`, run as `opa test` runs them.
//!
//! Each definition of such a rule is a test of its own; further ones of one name are numbered
//! (`test_x#01`). A rule with cases (`test_x[case]`) gives one result for each case that its body
//! comes to. `todo_test_*` is skipped. What OPA does not say is said here: the first expression that
//! does not hold, and the values in it.

mod cases;
mod coverage;
mod explain;
mod probe;
mod run;

#[cfg(test)]
mod tests;

pub use coverage::{Coverage, FileCoverage};

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rayon::prelude::*;
use regorus::unstable::{Module as Ast, Ref, Rule};

use crate::diagnostic::Diagnostic;
use crate::policy::link::{self, Linked};
use crate::policy::module::{DefinitionKind, Module};
use crate::policy::test_case::{Outcome, TestCase};
use crate::policy::tokens;
use crate::policy::{Data, PolicyOptions, read_modules, severity};
use crate::rules::pol::untested;
use crate::source::{RepoPath, Span};
use crate::sources::SourceFile;

/// How many failing tests are looked into for the expression to blame: each costs about as much
/// as compiling its module.
const EXPLAINED: usize = 50;

/// What is run, and how.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    /// The time limit of a test, and the data.
    pub policy: PolicyOptions,
    /// Whether the lines that are evaluated are counted.
    pub with_coverage: bool,
}

/// Tests with the modules that they are about, compiled once and shared by threads.
#[derive(Debug)]
pub struct TestSet {
    modules: Vec<Module>,
    asts: Vec<Ref<Ast>>,
    runner: run::Runner,
    tests: Vec<Test>,
    data: Data,
    covered: Mutex<coverage::Hits>,
}

/// A test that was found.
#[derive(Clone, Debug)]
pub struct Test {
    /// `data.main_test`
    pub package: String,
    /// `test_denies_latest`, or `test_denies_latest#01`.
    pub name: String,
    /// The name in the file.
    pub at: Span,
    /// Whether it is called `todo_test_…`.
    pub is_skipped: bool,
    module: usize,
    /// The rule as it is written, and as the engine has it.
    written: Ref<Rule>,
    rule: Ref<Rule>,
    /// The keys that lead to its value.
    path: Vec<String>,
    /// How many parts of the head's name make up the test's.
    depth: usize,
}

impl Test {
    /// The name that `--run` is matched against: `data.main_test.test_denies_latest`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }
}

impl TestSet {
    /// Compiles the modules in `files` and finds their tests, in the order of files and lines.
    ///
    /// What cannot be compiled is reported and left out, together with what rests on it. Builtins
    /// that nobody here evaluates are not: a test may replace them, and fails if it does not.
    pub fn compile(options: &TestOptions, files: &[Arc<SourceFile>]) -> (TestSet, Vec<Diagnostic>) {
        let (modules, mut broken) = read_modules(files);
        let Linked { modules, mut engine, .. } = link::link(modules, &mut broken);
        let asts = engine.get_modules().clone();
        options.policy.data.add_to(&mut engine);
        engine.set_enable_coverage(options.with_coverage);
        let tests = tests(&modules, &asts);
        let runner = run::Runner::new(engine, options.policy.time_limit);
        let data = options.policy.data.clone();
        let set = TestSet { modules, asts, runner, tests, data, covered: Mutex::default() };
        (set, broken.into_iter().map(|it| it.diagnostic).collect())
    }

    /// The tests that were found.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// Runs those tests that are `wanted`, on the threads of the current pool. The results come in
    /// the order of the tests, each with the time that it took.
    pub fn run(&self, wanted: impl Fn(&Test) -> bool + Sync) -> Vec<(TestCase, Duration)> {
        let tests: Vec<&Test> = self.tests.iter().filter(|it| wanted(it)).collect();
        let ran: Vec<_> = tests.par_iter().map(|it| run::run(self, it)).collect();
        let mut results = vec![];
        let mut explained = 0;
        for (test, ran) in tests.into_iter().zip(ran) {
            for (mut case, key) in ran.cases {
                if let Outcome::Failed(found) = &mut case.outcome
                    && explained < EXPLAINED
                {
                    explained += 1;
                    found.iter_mut().for_each(|it| explain::explain(self, test, key.as_ref(), it));
                }
                results.push((case, ran.took));
            }
        }
        results
    }

    /// The lines that were evaluated by all runs so far.
    pub fn coverage(&self) -> Coverage {
        coverage::report(self)
    }

    /// A note for each folder that has rules which forbid or warn, and no test for their packages.
    pub fn untested(&self) -> Vec<Diagnostic> {
        let tested = self.tested_packages();
        let is_tested = |module: &Module| tested.iter().any(|it| it.starts_with(&module.package));
        let mut folders: BTreeMap<RepoPath, Vec<(Span, String)>> = BTreeMap::new();
        for module in self.modules.iter().filter(|it| !is_tested(it)) {
            let denials = module.rules.iter().filter(|it| {
                it.kind == DefinitionKind::Rule && it.path.len() == 1 && severity(&it.path[0]).is_some()
            });
            let folder = module.source.file.path.parent().unwrap_or_else(RepoPath::root);
            let package = module.package.join(".");
            let named = denials.map(|it| (it.head, format!("{package}.{}", it.path[0])));
            folders.entry(folder).or_default().extend(named);
        }
        let mut found = vec![];
        for (folder, mut rules) in folders {
            rules.dedup_by(|a, b| a.1 == b.1);
            if let Some((at, name)) = rules.first() {
                found.push(untested::untested(*at, name, folder.as_str(), rules.len() - 1));
            }
        }
        found
    }
}

impl TestSet {
    /// What the modules with tests name or belong to: paths that begin with a tested package.
    fn tested_packages(&self) -> Vec<Vec<String>> {
        let mut found = vec![];
        let holds_tests = |index: &usize| self.tests.iter().any(|it| it.module == *index);
        for module in (0..self.modules.len()).filter(holds_tests).map(|it| &self.modules[it]) {
            found.push(module.package.clone());
            let tokens = tokens::tokens(&module.source.text);
            found.extend(tokens::references(&tokens).iter().flat_map(|it| module.candidates(&it.path)));
        }
        found
    }
}

/// The tests of all modules.
fn tests(modules: &[Module], asts: &[Ref<Ast>]) -> Vec<Test> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut found = vec![];
    for (index, (module, ast)) in modules.iter().zip(asts).enumerate() {
        for ((definition, written), rule) in module.rules.iter().zip(&module.ast.policy).zip(&ast.policy) {
            let is_test = |it: &String| it.starts_with("test_") || it.starts_with("todo_test_");
            let Some(end) = definition.path.iter().position(is_test) else { continue };
            if definition.kind != DefinitionKind::Rule {
                continue;
            }
            let name = definition.path[..=end].join(".");
            let package = std::iter::once("data").chain(module.package.iter().map(String::as_str));
            let package = package.collect::<Vec<_>>().join(".");
            let is_skipped = definition.path[end].starts_with("todo_");
            let count = known.entry(format!("{package}.{name}")).or_default();
            let number = if *count == 0 || is_skipped { String::new() } else { format!("#{count:02}") };
            *count += 1;
            found.push(Test {
                package,
                name: name + &number,
                at: definition.head,
                is_skipped,
                module: index,
                written: written.clone(),
                rule: rule.clone(),
                path: [&module.package[..], &definition.path[..=end]].concat(),
                depth: end + 1,
            });
        }
    }
    found
}

const fn shared_by_threads<T: Send + Sync>() {}
const _: () = shared_by_threads::<TestSet>();
