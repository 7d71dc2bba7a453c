//! Questions to a module: rules of ours, written behind its text and evaluated once.

use std::fmt::Write;

use regorus::Value as Rego;

use crate::policy::testing::{Bundle, Test};
use crate::policy::{builtins, link, query};

/// The name that all rules of ours begin with.
const NAME: &str = "gitops_lint_probe";

/// Rules that are added to the module of a test.
pub(super) struct Probes<'s> {
    set: &'s Bundle,
    test: &'s Test,
    text: String,
    count: usize,
}

impl<'s> Probes<'s> {
    /// None yet.
    pub fn new(set: &'s Bundle, test: &'s Test) -> Probes<'s> {
        Probes { set, test, text: String::new(), count: 0 }
    }

    /// Asks whether a body holds.
    pub fn holds(&mut self, body: &str) {
        self.add("", body);
    }

    /// Asks for all values that `term` has where a body holds. The term may end in `with`s.
    pub fn values(&mut self, term: &str, body: &str) {
        let value = format!("{NAME}_value");
        let head = if self.is_v0() { format!("[{value}]") } else { format!(" contains {value}") };
        self.add(&head, &format!("{body}\n{value} := {term}"));
    }

    fn is_v0(&self) -> bool {
        self.set.modules[self.test.module].is_v0
    }

    fn add(&mut self, head: &str, body: &str) {
        let keyword = if self.is_v0() { "" } else { " if" };
        let number = self.count;
        self.count += 1;
        // A string takes whatever is written to it.
        let _ = write!(self.text, "\n{NAME}_{number}{head}{keyword} {{\n{body}\n}}\n");
    }

    /// The answers in the order of the questions, undefined where there is none; `None` if the
    /// questions do not fit the module.
    pub fn ask(self) -> Option<Vec<Rego>> {
        let mut engine = link::engine();
        for (index, module) in self.set.modules.iter().enumerate() {
            let more = if index == self.test.module { &*self.text } else { "" };
            module.add_to_with(&mut engine, index, more).ok()?;
        }
        self.set.data.add_to(&mut engine);
        self.set.runner.limit(&mut engine);
        engine.set_strict_builtin_errors(false);
        let package = &self.set.modules[self.test.module].package;
        let mut ask = |number: usize| {
            let path = [&package[..], &[format!("{NAME}_{number}")]].concat();
            builtins::begin();
            engine.eval_rule(query(&path))
        };
        (0..self.count).map(|it| ask(it).ok()).collect()
    }
}
