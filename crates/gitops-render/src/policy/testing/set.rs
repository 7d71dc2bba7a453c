//! All tests that were found, in bundles of what is loaded together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::policy::test_case::{Outcome, TestCase};
use crate::policy::testing::{
    Bundle, Coverage, EXPLAINED, FileCoverage, Test, TestOptions, apart, explain, run,
};
use crate::source::RepoPath;
use crate::sources::SourceFile;

/// Tests with the modules that they are about, compiled once and shared by threads.
///
/// Modules are loaded together, as `opa test` does, except folders with tests that contradict each
/// other: these are loaded one by one, each with all the others' common files.
#[derive(Debug)]
pub struct TestSet {
    bundles: Vec<Bundle>,
}

impl TestSet {
    /// Compiles the modules in `files` and finds their tests, in the order of files and lines.
    ///
    /// What cannot be compiled is reported and left out, together with what rests on it. Builtins
    /// that nobody here evaluates are not: a test may replace them, and fails if it does not.
    pub fn compile(options: &TestOptions, files: &[Arc<SourceFile>]) -> (TestSet, Vec<Diagnostic>) {
        let groups = apart::groups(files);
        let homes: BTreeSet<RepoPath> = groups.iter().filter_map(|it| it.home.clone()).collect();
        let mut bundles = vec![];
        let mut broken: Vec<Diagnostic> = vec![];
        let mut together = None;
        for group in &groups {
            let (mut bundle, mut found) = Bundle::compile(options, &group.files);
            if group.home.is_some() && !found.is_empty() {
                // A folder that needs another one's rules cannot be alone.
                let (_, faults) = together.get_or_insert_with(|| Bundle::compile(options, files));
                if faults.is_empty() {
                    (bundle, found) = Bundle::compile(options, files);
                }
            }
            bundle.keep_only(|file| apart::home_of(&homes, file) == group.home.as_ref());
            bundles.push(bundle);
            let is_new = |it: &Diagnostic| {
                !broken.iter().any(|known| known.span() == it.span() && known.message == it.message)
            };
            let new: Vec<_> = found.into_iter().filter(is_new).collect();
            broken.extend(new);
        }
        (TestSet { bundles }, broken)
    }

    /// The tests that were found.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        self.bundles.iter().flat_map(|it| &it.tests)
    }

    /// Runs those tests that are `wanted`, on the threads of the current pool. The results come in
    /// the order of files and lines, each with the time that it took.
    pub fn run(&self, wanted: impl Fn(&Test) -> bool + Sync) -> Vec<(TestCase, Duration)> {
        let mut tests: Vec<(&Bundle, &Test)> = vec![];
        for bundle in &self.bundles {
            tests.extend(bundle.tests.iter().filter(|it| wanted(it)).map(|it| (bundle, it)));
        }
        tests.sort_by_key(|(bundle, test)| (bundle.path(test), test.at.start));
        let ran: Vec<_> = tests.par_iter().map(|(bundle, test)| run::run(bundle, test)).collect();
        let mut results = vec![];
        let mut explained = 0;
        for ((bundle, test), ran) in tests.into_iter().zip(ran) {
            for (mut case, key) in ran.cases {
                if let Outcome::Failed(found) = &mut case.outcome
                    && explained < EXPLAINED
                {
                    explained += 1;
                    found.iter_mut().for_each(|it| explain::explain(bundle, test, key.as_ref(), it));
                }
                results.push((case, ran.took));
            }
        }
        results
    }

    /// The lines that were evaluated by all runs so far.
    pub fn coverage(&self) -> Coverage {
        let mut files: BTreeMap<RepoPath, FileCoverage> = BTreeMap::new();
        for file in self.bundles.iter().flat_map(|it| it.coverage().files) {
            let known = files.entry(file.path.clone()).or_insert_with(|| FileCoverage {
                path: file.path.clone(),
                covered: BTreeSet::new(),
                not_covered: BTreeSet::new(),
            });
            known.covered.extend(file.covered);
            known.not_covered.extend(file.not_covered);
            known.not_covered.retain(|it| !known.covered.contains(it));
        }
        Coverage { files: files.into_values().collect() }
    }

    /// A note for each folder that has rules which forbid or warn, and no test for their packages.
    pub fn untested(&self) -> Vec<Diagnostic> {
        let tested: Vec<_> = self.bundles.iter().flat_map(Bundle::tested_packages).collect();
        self.bundles.iter().flat_map(|it| it.untested(&tested)).collect()
    }
}

const fn shared_by_threads<T: Send + Sync>() {}
const _: () = shared_by_threads::<TestSet>();
