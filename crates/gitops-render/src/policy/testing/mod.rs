//! Tests of policies: rules called `test_*`, run as `opa test` runs them.
//!
//! Each definition of such a rule is a test of its own; further ones of one name are numbered
//! (`test_x#01`). A rule with cases (`test_x[case]`) gives one result for each case that its body
//! comes to. `todo_test_*` is skipped. What OPA does not say is said here: the first expression that
//! does not hold, and the values in it.

mod apart;
mod cases;
mod coverage;
mod explain;
mod probe;
mod run;
mod set;

#[cfg(test)]
mod tests;

pub use coverage::{Coverage, FileCoverage};
pub use set::TestSet;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use regorus::unstable::{Module as Ast, Ref, Rule};

use crate::diagnostic::Diagnostic;
use crate::policy::link::{self, Linked};
use crate::policy::module::{DefinitionKind, Module};
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

/// Modules that are loaded together, with the tests of some of them.
#[derive(Debug)]
struct Bundle {
    modules: Vec<Module>,
    asts: Vec<Ref<Ast>>,
    runner: run::Runner,
    tests: Vec<Test>,
    data: Data,
    covered: Mutex<coverage::Hits>,
    /// Whether a module is this bundle's, and not one that it shares with others.
    is_own: Vec<bool>,
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

impl Bundle {
    /// The modules in `files`, with all their tests.
    fn compile(options: &TestOptions, files: &[Arc<SourceFile>]) -> (Bundle, Vec<Diagnostic>) {
        let (modules, mut broken) = read_modules(files);
        let Linked { modules, mut engine, .. } = link::link(modules, &mut broken);
        let asts = engine.get_modules().clone();
        options.policy.data.add_to(&mut engine);
        engine.set_enable_coverage(options.with_coverage);
        let tests = tests(&modules, &asts);
        let runner = run::Runner::new(engine, options.policy.time_limit);
        let data = options.policy.data.clone();
        let is_own = vec![true; modules.len()];
        let set = Bundle { modules, asts, runner, tests, data, covered: Mutex::default(), is_own };
        (set, broken.into_iter().map(|it| it.diagnostic).collect())
    }

    /// Leaves the tests and notes of other files to other bundles.
    fn keep_only(&mut self, is_own: impl Fn(&RepoPath) -> bool) {
        self.is_own = self.modules.iter().map(|it| is_own(&it.source.file.path)).collect();
        self.tests.retain(|it| self.is_own[it.module]);
    }

    /// The file of a test.
    fn path(&self, test: &Test) -> &RepoPath {
        &self.modules[test.module].source.file.path
    }

    /// The lines that were evaluated by all runs so far.
    fn coverage(&self) -> Coverage {
        coverage::report(self)
    }

    /// A note for each folder that has rules which forbid or warn in packages that are not `tested`.
    fn untested(&self, tested: &[Vec<String>]) -> Vec<Diagnostic> {
        let is_tested = |module: &Module| tested.iter().any(|it| it.starts_with(&module.package));
        let mut folders: BTreeMap<RepoPath, Vec<(Span, String)>> = BTreeMap::new();
        let own = self.modules.iter().zip(&self.is_own).filter(|it| *it.1).map(|it| it.0);
        for module in own.filter(|it| !is_tested(it)) {
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
                found.push(untested::untested(*at, name, folder.file_name(), rules.len() - 1));
            }
        }
        found
    }
}

impl Bundle {
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
