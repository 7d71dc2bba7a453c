//! Who refers to whom: finds what the engine would notice late, or by running out of stack.
//!
//! A call of a function that does not exist is an error only when the engine comes to it; what
//! calls itself and a very long chain of rules overflow its stack. All are found before anything is
//! evaluated, and so are the builtins that nobody here evaluates, with the rules that rest on them.

use std::collections::{BTreeMap, HashSet};

use regorus::unstable::{Expr, Rule};

use crate::diagnostic::Diagnostic;
use crate::policy::annotations;
use crate::policy::builtins::{self, Source};
use crate::policy::link::Fault;
use crate::policy::module::{Broken, Module};
use crate::policy::names::{self, Names};
use crate::policy::syntax::{self, Chain};
use crate::rules::pol::{does_not_compile, unsupported_builtin};
use crate::source::Span;

/// How many rules may rest on each other. Those that people write stay below 20; beyond 100 a
/// thread's usual stack does not suffice.
const LONGEST_CHAIN: usize = 60;

/// The builtin that is written out where it is called.
pub(super) const METADATA: &str = "rego.metadata.rule";

/// What modules refer to.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// What is wrong with modules, at most one fault a module.
    pub faults: Vec<Fault>,
    /// Calls of builtins that nobody here evaluates.
    pub unsupported: Vec<Diagnostic>,
    /// The rules that rest on such calls, by their paths without `data`.
    pub tainted: HashSet<Vec<String>>,
}

/// Looks at all that modules refer to.
pub(super) fn check(modules: &[Module], names: &Names, broken: &[Broken]) -> Calls {
    let mut graph = Graph::of(modules);
    let mut calls = Calls::default();
    for (index, module) in modules.iter().enumerate() {
        let mut faults = vec![];
        for (definition, rule) in module.rules.iter().zip(&module.ast.policy) {
            let from = graph.by_name.get(&[&module.package[..], &definition.path].concat()).copied();
            let Some(from) = from else { continue };
            let mut reader = Reader {
                module,
                index,
                names,
                broken,
                locals: names::declared(rule),
                rule,
                graph: &mut graph,
                from,
                faults: &mut faults,
                unsupported: &mut calls.unsupported,
            };
            syntax::walk_rule(rule, &mut |it| reader.read(it));
        }
        calls.faults.extend(faults.into_iter().next().map(|it| (index, it)));
    }
    if calls.faults.is_empty() {
        calls.faults = graph.search();
    }
    calls.tainted = graph.tainted();
    calls
}

/// Reads the expressions of one rule.
struct Reader<'a, 'g> {
    module: &'a Module,
    index: usize,
    names: &'a Names,
    broken: &'a [Broken],
    locals: HashSet<&'a str>,
    rule: &'a Rule,
    graph: &'g mut Graph,
    from: usize,
    faults: &'g mut Vec<Diagnostic>,
    unsupported: &'g mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn read(&mut self, expr: &Expr) {
        match expr {
            Expr::Call { fcn, params, .. } => self.call(fcn, params.len()),
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                let path = Chain::of(expr).path();
                let is_local = path.first().is_some_and(|it| self.locals.contains(it));
                let path = self.names.resolve(self.module, &path).filter(|_| !is_local);
                if let Some(path) = path {
                    self.graph.refer(self.from, &path, self.index, self.module.span_of(expr));
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, fcn: &Expr, count: usize) {
        let path = names::called(fcn);
        let at = self.module.span_of(fcn);
        let name = path.join(".");
        let full = self.names.resolve(self.module, &path);
        let own = full.as_ref().and_then(|it| self.names.arity(it));
        let builtin = builtins::find(&name);
        let arity = match (own, builtin) {
            (Some(arity), _) => {
                if let Some(full) = &full {
                    self.graph.call(self.from, full, self.index, at);
                }
                arity
            }
            (None, Some(builtin)) => {
                let is_written_out =
                    name == METADATA && count == 0 && annotations::of_rule(self.module, self.rule).is_some();
                if let Source::Refused(reason) = builtin.source
                    && !is_written_out
                {
                    self.unsupported.push(unsupported_builtin::called(at, &name, reason));
                    self.graph.nodes[self.from].is_tainted = true;
                }
                builtin.arity
            }
            (None, None) if name == "print" => return,
            (None, None) => {
                self.faults.push(self.missing(at, &name, full.as_deref()));
                return;
            }
        };
        // One more is where the result goes.
        if count != arity && count != arity + 1 {
            self.faults.push(does_not_compile::arguments(at, &name, arity, count));
        }
    }

    /// A call that leads nowhere; a broken module of its package may be the reason.
    fn missing(&self, at: Span, name: &str, full: Option<&[String]>) -> Diagnostic {
        let found = does_not_compile::refused(at, &format!("there is no function `{name}`"));
        let local: Vec<_> = self.module.package.iter().map(String::as_str).chain([name]).collect();
        let is_of = |package: &[String]| {
            package.len() + 1 == local.len() && package.iter().zip(&local).all(|(a, b)| a == b)
                || full.is_some_and(|it| it.starts_with(package) && it.len() == package.len() + 1)
        };
        match self.broken.iter().find(|it| it.package.as_deref().is_some_and(is_of)) {
            Some(cause) => found.label(cause.diagnostic.span(), "a module of its package is broken here"),
            None => found,
        }
    }
}

/// The rules and functions of all modules, and what they refer to.
struct Graph {
    nodes: Vec<Node>,
    by_name: BTreeMap<Vec<String>, usize>,
}

struct Node {
    name: Vec<String>,
    edges: Vec<Edge>,
    /// It rests on something that cannot be evaluated.
    is_tainted: bool,
}

#[derive(Clone, Copy)]
struct Edge {
    to: usize,
    module: usize,
    at: Span,
}

/// A node on the way of the search.
struct Step {
    node: usize,
    next_edge: usize,
    /// How many rules rest on each other below it.
    depth: usize,
}

impl Graph {
    fn of(modules: &[Module]) -> Graph {
        let mut graph = Graph { nodes: vec![], by_name: BTreeMap::new() };
        for module in modules {
            for rule in &module.rules {
                let name = [&module.package[..], &rule.path].concat();
                let next = graph.nodes.len();
                if *graph.by_name.entry(name.clone()).or_insert(next) == next {
                    graph.nodes.push(Node { name, edges: vec![], is_tainted: false });
                }
            }
        }
        graph
    }

    /// Notes a call of a function.
    fn call(&mut self, from: usize, path: &[String], module: usize, at: Span) {
        if let Some(&to) = self.by_name.get(path) {
            self.nodes[from].edges.push(Edge { to, module, at });
        }
    }

    /// Notes a reference: to the rule that it goes into, or to all rules below it.
    fn refer(&mut self, from: usize, path: &[String], module: usize, at: Span) {
        let into = (1..=path.len()).rev().find_map(|end| self.by_name.get(&path[..end]).copied());
        let targets: Vec<usize> = match into {
            Some(to) => vec![to],
            None => {
                let below = self.by_name.range(path.to_vec()..);
                below.take_while(|(name, _)| name.starts_with(path)).map(|(_, to)| *to).collect()
            }
        };
        self.nodes[from].edges.extend(targets.into_iter().map(|to| Edge { to, module, at }));
    }

    /// The names of all that rests on what cannot be evaluated.
    fn tainted(&self) -> HashSet<Vec<String>> {
        let mut above: Vec<Vec<usize>> = vec![vec![]; self.nodes.len()];
        for (from, node) in self.nodes.iter().enumerate() {
            node.edges.iter().for_each(|it| above[it.to].push(from));
        }
        let mut open: Vec<usize> = (0..self.nodes.len()).filter(|&it| self.nodes[it].is_tainted).collect();
        let mut is_found = vec![false; self.nodes.len()];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut is_found[node], true) {
                open.extend(&above[node]);
            }
        }
        self.nodes.iter().zip(is_found).filter(|(_, it)| *it).map(|(node, _)| node.name.clone()).collect()
    }

    /// Finds what refers to itself, and chains that are too long.
    fn search(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = vec![];
        let mut depths: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut on_way = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut way = if depths[start].is_none() { vec![Step::at(start)] } else { vec![] };
            on_way[start] = !way.is_empty();
            while let Some(step) = way.last_mut() {
                let Some(edge) = self.nodes[step.node].edges.get(step.next_edge).copied() else {
                    let Step { node, depth, .. } = *step;
                    depths[node] = Some(depth);
                    on_way[node] = false;
                    way.pop();
                    if let Some(above) = way.last_mut() {
                        above.depth = above.depth.max(depth + 1);
                    }
                    continue;
                };
                step.next_edge += 1;
                match depths[edge.to] {
                    Some(depth) => step.depth = step.depth.max(depth + 1),
                    None if on_way[edge.to] => faults.push(self.recursion(&way, edge)),
                    None => {
                        on_way[edge.to] = true;
                        way.push(Step::at(edge.to));
                    }
                }
                if way.last().is_some_and(|it| it.depth > LONGEST_CHAIN) || way.len() > LONGEST_CHAIN {
                    faults.push((edge.module, does_not_compile::chain(edge.at, LONGEST_CHAIN)));
                    break;
                }
            }
            // What a broken chain left behind is not looked at again in this round.
            for step in way {
                on_way[step.node] = false;
                depths[step.node] = Some(0);
            }
        }
        faults.sort_by_key(|(module, _)| *module);
        faults.dedup_by_key(|(module, _)| *module);
        faults
    }

    /// The fault of an edge that closes a circle.
    fn recursion(&self, way: &[Step], edge: Edge) -> Fault {
        let first = way.iter().position(|it| it.node == edge.to).unwrap_or_default();
        let names = way[first..].iter().map(|it| it.node).chain([edge.to]);
        let names: Vec<_> = names.map(|it| self.nodes[it].name.join(".")).collect();
        (edge.module, does_not_compile::recursion(edge.at, &names))
    }
}

impl Step {
    fn at(node: usize) -> Step {
        Step { node, next_edge: 0, depth: 0 }
    }
}
