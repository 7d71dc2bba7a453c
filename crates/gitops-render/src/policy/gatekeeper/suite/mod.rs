//! Suites: tests of templates and constraints, as `gator verify` runs them.
//!
//! A suite names files by paths from its own directory. What a suite cannot be told to do is an error
//! of its test or case, never of the whole run.

mod assertion;
mod case;
mod prepare;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::policy::gatekeeper::Schemas;
use crate::policy::gatekeeper::matching::texts;
use crate::policy::{Outcome, TestCase};
use crate::rules::pol::suite_case_failed;
use crate::source::{RepoPath, Span};
use crate::sources::Sources;
use crate::words::Words;

/// The group of suites.
const GROUP: &str = "test.gatekeeper.sh";

/// A test of a suite: a template and a constraint, and cases for them.
struct Test<'s, 't> {
    sources: &'s Sources<'t>,
    /// Where the suite lies.
    directory: RepoPath,
    /// `allowed-repos/default`.
    group: String,
    name: String,
    node: Node,
    is_skipped: bool,
}

/// Runs the suites in `files`; documents that are none are passed over. In parallel, on the threads of
/// the current pool; the results come in the order of files and cases.
pub fn run_suites(sources: &Sources<'_>, schemas: &dyn Schemas, files: &[RepoPath]) -> Vec<TestCase> {
    let tests: Vec<Test<'_, '_>> = files.iter().flat_map(|it| tests(sources, it)).collect();
    let cases: Vec<Vec<TestCase>> = tests.par_iter().map(|it| it.run(schemas)).collect();
    cases.into_iter().flatten().collect()
}

/// Whether there is a suite in a file.
pub fn has_suite(sources: &Sources<'_>, file: &RepoPath) -> bool {
    sources.open(file).is_ok_and(|it| it.yaml().documents.iter().any(is_suite))
}

/// Whether there is something in a file that makes or serves policies: templates, constraints, admission
/// policies and their bindings, expansions, suites, or namespaces that constraints select. A file that
/// cannot be read counts too: that is reported where it is read.
pub fn serves_policies(sources: &Sources<'_>, file: &RepoPath) -> bool {
    let serves = |it: &Node| {
        let group = text(it, "apiVersion").split_once('/').map_or("", |it| it.0);
        let kind = text(it, "kind");
        group.ends_with("gatekeeper.sh")
            || kind.starts_with("ValidatingAdmissionPolicy")
            || kind == "Namespace"
    };
    sources.open(file).map_or(true, |it| {
        let yaml = it.yaml();
        let holds = |it: &Node| serves(it) || list(it, "items").iter().any(serves);
        yaml.is_broken || yaml.documents.iter().any(holds)
    })
}

/// The files that are there to be tested with: the objects and inventories of all suites in `files`,
/// and constraints that lie in a folder with them. They are nobody's to deploy.
pub fn test_material(sources: &Sources<'_>, files: &[RepoPath]) -> BTreeSet<RepoPath> {
    let mut found = BTreeSet::new();
    let suite = Words::new([GROUP]);
    let may_hold_one = |it: &&RepoPath| sources.open(it).is_ok_and(|it| suite.may_be_in(&it));
    for file in files.iter().filter(may_hold_one) {
        for test in tests(sources, file) {
            let path = |node: Option<&Node>| test.directory.join(node?.as_str()?);
            let mut of_test = BTreeSet::new();
            for case in list(&test.node, "cases") {
                of_test.extend(path(case.get("object")));
                of_test.extend(texts(case.get("inventory")).filter_map(|it| test.directory.join(&it.0)));
            }
            let constraint = path(test.node.get("constraint"));
            let lies_with_them = |it: &RepoPath| of_test.iter().any(|other| other.parent() == it.parent());
            let constraint =
                constraint.filter(|it| it.parent().as_ref() != Some(&test.directory) && lies_with_them(it));
            found.extend(constraint);
            found.extend(of_test);
        }
    }
    found
}

fn is_suite(document: &Node) -> bool {
    let text = |key: &str| document.get(key).and_then(Node::as_str).unwrap_or_default();
    text("kind") == "Suite" && text("apiVersion").split_once('/').is_some_and(|it| it.0 == GROUP)
}

/// What a suite without a name is called.
fn directory_or_file<'p>(directory: &'p RepoPath, file: &'p RepoPath) -> &'p str {
    Some(directory.file_name()).filter(|it| !it.is_empty()).unwrap_or(file.file_name())
}

/// The tests in a file.
fn tests<'s, 't>(sources: &'s Sources<'t>, path: &RepoPath) -> Vec<Test<'s, 't>> {
    let Ok(file) = sources.open(path) else { return vec![] };
    let directory = file.path.parent().unwrap_or_else(RepoPath::root);
    let mut found = vec![];
    for suite in file.yaml().documents.iter().filter(|it| is_suite(it)) {
        let name = suite.path(&["metadata", "name"]).and_then(Node::as_str);
        let name = name.unwrap_or_else(|| directory_or_file(&directory, path));
        for test in list(suite, "tests") {
            let own = text(test, "name");
            found.push(Test {
                sources,
                directory: directory.clone(),
                group: format!("{name}/{own}"),
                name: own.to_owned(),
                node: test.clone(),
                is_skipped: flag(suite, "skip") || flag(test, "skip"),
            });
        }
    }
    found
}

impl Test<'_, '_> {
    fn run(&self, schemas: &dyn Schemas) -> Vec<TestCase> {
        let cases = list(&self.node, "cases");
        if self.is_skipped {
            return self.all(cases, &Outcome::Skipped);
        }
        let prepared = self.prepare(schemas);
        if flag(&self.node, "invalid") {
            return vec![self.one(&self.node, &self.name, self.is_refused(prepared))];
        }
        match prepared {
            Ok(prepared) => cases.iter().map(|it| self.case(it, &prepared)).collect(),
            Err(problem) => self.all(cases, &Outcome::Errored(problem.findings)),
        }
    }

    /// The outcome of a test that wants its constraint to be refused.
    fn is_refused(&self, prepared: Result<prepare::Prepared, prepare::Problem>) -> Outcome {
        match prepared {
            Err(problem) if problem.is_about_schema => Outcome::Passed,
            Err(problem) => Outcome::Errored(problem.findings),
            Ok(_) => {
                let at = self.node.get("constraint").map_or(self.at(&self.node), |it| it.origin.span);
                Outcome::Failed(vec![suite_case_failed::not_refused(at)])
            }
        }
    }

    fn case(&self, case: &Node, prepared: &prepare::Prepared) -> TestCase {
        let outcome = if flag(case, "skip") {
            Outcome::Skipped
        } else {
            match self.run_case(case, prepared) {
                Ok(failed) if failed.is_empty() => Outcome::Passed,
                Ok(failed) => Outcome::Failed(failed),
                Err(findings) => Outcome::Errored(findings),
            }
        };
        self.one(case, text(case, "name"), outcome)
    }

    /// The same outcome for all cases, or for the test if it has none.
    fn all(&self, cases: &[Node], outcome: &Outcome) -> Vec<TestCase> {
        if cases.is_empty() {
            return vec![self.one(&self.node, &self.name, outcome.clone())];
        }
        cases.iter().map(|it| self.one(it, text(it, "name"), outcome.clone())).collect()
    }

    fn one(&self, node: &Node, name: &str, outcome: Outcome) -> TestCase {
        let (group, name) = (self.group.clone(), name.to_owned());
        TestCase { group, name, at: self.at(node), outcome, prints: vec![] }
    }

    /// Where a test or a case tells its name.
    fn at(&self, node: &Node) -> Span {
        let first = || node.as_map().and_then(|it| it.entries().first()).map(|it| it.key_span);
        node.get("name").map(|it| it.origin.span).or_else(first).unwrap_or(node.origin.span)
    }

    /// The documents of the file that a field of the suite names.
    fn documents(&self, path: &Node) -> Result<Vec<Node>, Diagnostic> {
        let at = path.origin.span;
        let text = path.as_str().unwrap_or_default();
        let target = self.directory.join(text).filter(|_| !text.is_empty());
        let target = target.ok_or_else(|| suite_case_failed::no_file(at, text, "there is no such file"))?;
        let file = self.sources.open(&target);
        let file = file.map_err(|it| suite_case_failed::no_file(at, text, &it.reason))?;
        let yaml = file.yaml();
        if yaml.is_broken {
            return Err(suite_case_failed::no_file(at, text, "it is no YAML"));
        }
        let objects = yaml.documents.iter().filter(|it| it.as_map().is_some_and(|it| !it.is_empty()));
        Ok(objects.cloned().collect())
    }
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_seq).unwrap_or_default()
}

fn text<'n>(node: &'n Node, key: &str) -> &'n str {
    node.get(key).and_then(Node::as_scalar).map_or("", |it| &it.text)
}

fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_scalar).and_then(|it| it.bool()).unwrap_or(false)
}

#[cfg(test)]
#[cfg(feature = "bundle")]
mod tests;
