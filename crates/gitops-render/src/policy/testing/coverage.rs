//! Which lines of policies the tests have evaluated.
//!
//! Lines that count are those on which a rule's head or an expression of a body begins. A head is
//! covered once its rule has had a value.

use std::collections::BTreeSet;

use regorus::Engine;
use regorus::unstable::{Expr, Literal, Query, Rule, RuleHead};

use crate::policy::testing::Bundle;
use crate::policy::testing::run::UNPOISONED;
use crate::source::RepoPath;

/// What was evaluated, of all files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// In order of path.
    pub files: Vec<FileCoverage>,
}

/// What was evaluated, of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCoverage {
    /// The module's file.
    pub path: RepoPath,
    /// Lines that were evaluated, from 1.
    pub covered: BTreeSet<u32>,
    /// Lines that could have been, and were not.
    pub not_covered: BTreeSet<u32>,
}

impl FileCoverage {
    /// How much was evaluated, in per cent. A file in which there is nothing to evaluate is covered.
    pub fn percent(&self) -> f64 {
        percent(self.covered.len(), self.not_covered.len())
    }
}

impl Coverage {
    /// How much of all files was evaluated, in per cent.
    pub fn percent(&self) -> f64 {
        let sum = |of: fn(&FileCoverage) -> usize| self.files.iter().map(of).sum::<usize>();
        percent(sum(|it| it.covered.len()), sum(|it| it.not_covered.len()))
    }
}

fn percent(covered: usize, not_covered: usize) -> f64 {
    match covered + not_covered {
        0 => 100.0,
        all => 100.0 * covered as f64 / all as f64,
    }
}

/// Lines that engines have counted, for each module.
#[derive(Debug, Default)]
pub(super) struct Hits {
    modules: Vec<Lines>,
}

#[derive(Clone, Debug, Default)]
struct Lines {
    covered: BTreeSet<u32>,
    known: BTreeSet<u32>,
}

impl Hits {
    fn of(&mut self, module: usize) -> &mut Lines {
        if self.modules.len() <= module {
            self.modules.resize_with(module + 1, Lines::default);
        }
        &mut self.modules[module]
    }
}

impl Bundle {
    /// Keeps what an engine has counted.
    pub(super) fn count(&self, engine: &Engine) {
        let Ok(report) = engine.get_coverage_report() else { return };
        let mut hits = self.covered.lock().expect(UNPOISONED);
        for file in report.files {
            let Some(index) = file.path.parse().ok().filter(|it: &usize| *it < self.modules.len()) else {
                continue;
            };
            let lines = hits.of(index);
            lines.known.extend(file.covered.iter().chain(&file.not_covered));
            lines.covered.extend(file.covered);
        }
    }
}

/// What all engines have counted.
pub(super) fn report(set: &Bundle) -> Coverage {
    set.runner.idle().iter().for_each(|it| set.count(it));
    let mut hits = set.covered.lock().expect(UNPOISONED);
    let files = set.modules.iter().zip(&set.asts).enumerate().map(|(index, (module, ast))| {
        let Lines { mut covered, mut known } = hits.of(index).clone();
        for rule in &ast.policy {
            add_rule(rule, &mut known, &mut covered);
        }
        let not_covered = known.difference(&covered).copied().collect();
        FileCoverage { path: module.source.file.path.clone(), covered, not_covered }
    });
    Coverage { files: files.collect() }
}

/// Adds the lines of a rule: those of its statements, and that of its head.
fn add_rule(rule: &Rule, known: &mut BTreeSet<u32>, covered: &mut BTreeSet<u32>) {
    let Rule::Spec { span, head, bodies } = rule else { return };
    bodies.iter().for_each(|it| add_query(&it.query, known));
    known.insert(span.line);
    // What a rule gives is evaluated only where its body holds.
    let output = match head {
        RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
            assign.as_ref().map(|it| first_line(&it.value))
        }
        RuleHead::Set { key, .. } => key.as_ref().map(|it| it.span().line),
    };
    let ends = bodies.iter().filter_map(|it| Some(it.query.stmts.last()?.span.line));
    let is_covered = match output {
        Some(line) if line != span.line => covered.contains(&line),
        // The engine has counted it, if the head has one.
        Some(_) => return,
        None => ends.into_iter().any(|it| covered.contains(&it)) || bodies.is_empty(),
    };
    if is_covered {
        covered.insert(span.line);
    }
}

/// The line by which one sees that a value was evaluated. The engine counts the statements of a
/// comprehension only, and not itself.
fn first_line(value: &Expr) -> u32 {
    match value {
        Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } => {
            query.stmts.first().map_or(query.span.line, |it| it.span.line)
        }
        _ => value.span().line,
    }
}

fn add_query(query: &Query, known: &mut BTreeSet<u32>) {
    for statement in &query.stmts {
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::Every { query, .. } => {
                known.insert(statement.span.line);
                add_query(query, known);
            }
            _ => drop(known.insert(statement.span.line)),
        }
    }
}
