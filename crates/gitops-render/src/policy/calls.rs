//! Who refers to whom: finds what the engine would notice late, or by running out of stack.
//!
//! A call of a function that does not exist is an error only when the engine comes to it, a
//! function that calls itself and a very long chain of rules overflow its stack. All three are
//! found before anything is evaluated.

use std::collections::HashMap;

use crate::policy::link::Fault;
use crate::policy::module::{Broken, DefinitionKind, Module};
use crate::policy::tokens::{self, Reference};
use crate::rules::pol::does_not_compile;
use crate::source::Span;

/// How many rules may rest on each other. Those that people write stay below 20; beyond 100 a
/// thread's usual stack does not suffice.
const LONGEST_CHAIN: usize = 60;

/// What is wrong with modules for what they refer to, at most one fault a module.
pub(super) fn check(modules: &[Module], broken: &[Broken]) -> Vec<Fault> {
    let mut graph = Graph::of(modules);
    let mut faults = vec![];
    for (index, module) in modules.iter().enumerate() {
        let tokens = tokens::tokens(&module.text);
        let mut missing = None;
        for reference in tokens::references(&tokens) {
            let candidates = module.resolve(&reference);
            let is_known = graph.add(index, module, &reference, &candidates);
            if reference.is_called && !is_known && !is_builtin(&reference.path.join(".")) {
                missing = missing.or(Some((reference, candidates)));
            }
        }
        if let Some((call, candidates)) = missing {
            faults.push((index, missing_function(module, &call, &candidates, broken)));
        }
    }
    if faults.is_empty() { graph.search() } else { faults }
}

fn is_builtin(name: &str) -> bool {
    name == "print" || regorus::unstable::BUILTINS.contains_key(name)
}

/// A call that leads nowhere; a broken module of its package may be the reason.
fn missing_function(
    module: &Module,
    call: &Reference<'_>,
    candidates: &[Vec<String>],
    broken: &[Broken],
) -> crate::Diagnostic {
    let at = module.span(call.start, call.end);
    let found = does_not_compile::refused(at, &format!("there is no function `{}`", call.path.join(".")));
    let is_of = |package: &[String]| {
        candidates.iter().any(|it| it.starts_with(package) && it.len() == package.len() + 1)
    };
    match broken.iter().find(|it| it.package.as_deref().is_some_and(is_of)) {
        Some(cause) => found.label(cause.diagnostic.span(), "a module of its package is broken here"),
        None => found,
    }
}

/// The rules and functions of all modules, and what they refer to.
struct Graph {
    nodes: Vec<Node>,
    by_name: HashMap<Vec<String>, usize>,
}

struct Node {
    name: Vec<String>,
    is_function: bool,
    edges: Vec<Edge>,
}

#[derive(Clone, Copy)]
struct Edge {
    to: usize,
    is_call: bool,
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
        let mut graph = Graph { nodes: vec![], by_name: HashMap::new() };
        for module in modules {
            for rule in &module.rules {
                let name = [&module.package[..], &rule.path].concat();
                let is_function = rule.kind == DefinitionKind::Function;
                let next = graph.nodes.len();
                let index = *graph.by_name.entry(name.clone()).or_insert(next);
                if index == next {
                    graph.nodes.push(Node { name, is_function: false, edges: vec![] });
                }
                graph.nodes[index].is_function |= is_function;
            }
        }
        graph
    }

    /// Takes a reference in. Returns whether it leads to a rule.
    fn add(
        &mut self,
        index: usize,
        module: &Module,
        reference: &Reference<'_>,
        candidates: &[Vec<String>],
    ) -> bool {
        let prefixes = candidates.iter().flat_map(|it| (1..=it.len()).rev().map(|end| &it[..end]));
        // A call names its function in full.
        let mut prefixes =
            prefixes.filter(|it| !reference.is_called || candidates.iter().any(|all| all == it));
        let Some(to) = prefixes.find_map(|it| self.by_name.get(it).copied()) else { return false };
        let from = module.definition_at(reference.start).filter(|it| it.range.start != reference.start);
        let from = from.and_then(|it| self.by_name.get(&[&module.package[..], &it.path].concat()));
        if let Some(&from) = from {
            let at = module.span(reference.start, reference.end);
            self.nodes[from].edges.push(Edge { to, is_call: reference.is_called, module: index, at });
        }
        true
    }

    /// Finds functions that call themselves, and chains that are too long. That a rule refers to
    /// itself by way of others is left to the engine, which sees whether it really does.
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
                    None if on_way[edge.to] => faults.extend(self.recursion(&way, edge)),
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

    /// The fault of an edge that closes a circle, if it is one of calls alone.
    fn recursion(&self, way: &[Step], edge: Edge) -> Option<Fault> {
        let first = way.iter().position(|it| it.node == edge.to)?;
        let circle = &way[first..];
        let all_functions = circle.iter().all(|it| self.nodes[it.node].is_function);
        if !edge.is_call || !all_functions {
            return None;
        }
        let names = circle.iter().map(|it| it.node).chain([edge.to]);
        let names: Vec<_> = names.map(|it| self.nodes[it].name.join(".")).collect();
        Some((edge.module, does_not_compile::recursion(edge.at, &names)))
    }
}

impl Step {
    fn at(node: usize) -> Step {
        Step { node, next_edge: 0, depth: 0 }
    }
}
