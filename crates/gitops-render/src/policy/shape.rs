//! What the shape of rules tells: definitions that contradict each other, which OPA refuses, and
//! patterns that the engine reads otherwise.
//!
//! `{"x": y} = input.z` holds in OPA if `x` is the only key, and in the engine if it is one of them.

use std::collections::{HashMap, HashSet};

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Rule, RuleHead};

use crate::diagnostic::Diagnostic;
use crate::policy::link::Fault;
use crate::policy::module::{Definition, Module};
use crate::policy::names;
use crate::policy::syntax;
use crate::rules::pol::does_not_compile;
use crate::source::Span;

/// What the definitions of a rule make of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    Set,
    Function,
}

/// What is wrong with modules, at most one fault a module.
pub(super) fn check(modules: &[Module]) -> Vec<Fault> {
    let mut known: HashMap<Vec<String>, (Kind, Span)> = HashMap::new();
    let mut defaults: HashMap<Vec<String>, Span> = HashMap::new();
    let mut faults = vec![];
    for (index, module) in modules.iter().enumerate() {
        let mut found: Vec<Diagnostic> = vec![];
        for (definition, rule) in module.rules.iter().zip(&module.ast.policy) {
            found.extend(reserved(definition));
            let path = [&module.package[..], &definition.path].concat();
            let name = definition.path.join(".");
            // A head with indices makes objects, whose values may be of any kind.
            let is_whole = syntax::indices(rule) == 0;
            if is_whole
                && let Rule::Default { .. } = &**rule
                && let Some(first) = defaults.insert(path.clone(), definition.head)
            {
                found.push(does_not_compile::several_defaults(definition.head, &name, first));
            }
            if let Some(kind) = kind(rule).filter(|_| is_whole) {
                let (first, at) = *known.entry(path).or_insert((kind, definition.head));
                if first != kind {
                    found.push(does_not_compile::kinds(definition.head, &name, at));
                }
            }
            found.extend(names_twice(module, rule));
            found.extend(unused(module, rule));
            found.extend(pattern(rule).map(|it| does_not_compile::object_pattern(module.span_of(it))));
        }
        faults.extend(found.into_iter().next().map(|it| (index, it)));
    }
    if faults.is_empty() { overlaps(modules) } else { faults }
}

/// A variable that a function has for two arguments, that is declared twice, or for nothing.
fn names_twice(module: &Module, rule: &Rule) -> Option<Diagnostic> {
    let mut given = vec![];
    if let Rule::Spec { head: RuleHead::Func { args, .. }, .. } = rule {
        args.iter().for_each(|it| all_variables(it, &mut given));
    }
    let twice = (1..given.len()).find(|&at| given[..at].iter().any(|it| it.text() == given[at].text()));
    if let Some(at) = twice {
        let (start, end) = (given[at].start as usize, given[at].end as usize);
        return Some(does_not_compile::argument_twice(module.span(start, end), given[at].text()));
    }
    let mut found = None;
    syntax::queries(rule, &mut |query| {
        let mut declared: Vec<&str> = vec![];
        for stmt in &query.stmts {
            let mut assigned = vec![];
            match &stmt.literal {
                Literal::SomeVars { vars, .. } => declared.extend(vars.iter().map(|it| it.text())),
                Literal::Expr { expr, .. } => {
                    if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = &**expr {
                        all_variables(lhs, &mut assigned);
                    }
                }
                _ => {}
            }
            let again = assigned.into_iter().find(|it| declared.contains(&it.text()));
            found = found.or(again.map(|it| (it.start as usize, it.end as usize, it.text())));
        }
    });
    found.map(|(start, end, name)| does_not_compile::declared_twice(module.span(start, end), name))
}

/// A variable that `some` declares and nothing names.
fn unused(module: &Module, rule: &Rule) -> Option<Diagnostic> {
    let mut declared = vec![];
    let mut used: HashSet<&str> = HashSet::new();
    syntax::statements(rule, &mut |stmt| {
        if let Literal::SomeVars { vars, .. } = &stmt.literal {
            declared.extend(vars.iter());
        }
        used.extend(stmt.with_mods.iter().filter_map(|it| names::called(&it.refr).first().copied()));
    });
    if declared.is_empty() {
        return None;
    }
    syntax::walk_rule(rule, &mut |it| {
        if let Expr::Var { span, .. } = syntax::Chain::of(it).root {
            used.insert(span.text());
        }
    });
    let found = declared.into_iter().find(|it| it.text() != "_" && !used.contains(it.text()))?;
    let at = module.span(found.start as usize, found.end as usize);
    Some(does_not_compile::unused(at, found.text()))
}

/// The variables of a pattern in their order, `_` left out.
fn all_variables<'a>(pattern: &'a Expr, found: &mut Vec<&'a regorus::unstable::Span>) {
    match pattern {
        Expr::Var { span, .. } if span.text() != "_" => found.push(span),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, it)| all_variables(it, found)),
        Expr::Array { items, .. } => items.iter().for_each(|it| all_variables(it, found)),
        _ => {}
    }
}

/// A rule whose name `input` and `data` have already.
fn reserved(definition: &Definition) -> Option<Diagnostic> {
    let name = definition.path.first().filter(|it| matches!(it.as_str(), "input" | "data"))?;
    Some(does_not_compile::refused(definition.head, &format!("no rule can be called `{name}`")))
}

/// A rule with a value of its own where a package has others below it.
fn overlaps(modules: &[Module]) -> Vec<Fault> {
    let mut whole: HashMap<Vec<String>, (usize, Span, String)> = HashMap::new();
    for (index, module) in modules.iter().enumerate() {
        for (definition, rule) in module.rules.iter().zip(&module.ast.policy) {
            if syntax::indices(rule) == 0 && kind(rule).is_some() {
                let path = [&module.package[..], &definition.path].concat();
                whole.entry(path).or_insert((index, definition.head, definition.path.join(".")));
            }
        }
    }
    let mut faults = vec![];
    for module in modules.iter().filter(|it| !it.rules.is_empty()) {
        let above = (1..=module.package.len()).find_map(|end| whole.get(&module.package[..end]));
        if let Some((index, at, name)) = above {
            let package = module.package.join(".");
            faults.push((*index, does_not_compile::overlap(*at, name, &package, module.rules[0].head)));
        }
    }
    faults.sort_by_key(|it| it.0);
    faults.dedup_by_key(|it| it.0);
    faults
}

fn kind(rule: &Rule) -> Option<Kind> {
    Some(match rule {
        Rule::Spec { head: RuleHead::Set { key: Some(_), .. }, .. } => Kind::Set,
        Rule::Spec { head: RuleHead::Func { .. }, .. } => Kind::Function,
        Rule::Spec { head: RuleHead::Compr { assign: Some(_), .. }, .. } => Kind::Value,
        Rule::Default { args, .. } if args.is_empty() => Kind::Value,
        Rule::Default { .. } => Kind::Function,
        // `p[x] { … }` is a set or an object, depending on the dialect.
        Rule::Spec { .. } => return None,
    })
}

/// The first object of a rule that is taken apart where not all of its keys are certain.
fn pattern(rule: &Rule) -> Option<&Expr> {
    let args: &[_] = match rule {
        Rule::Spec { head: RuleHead::Func { args, .. }, .. } => args,
        _ => &[],
    };
    let mut found = args.iter().find_map(|it| object(it));
    syntax::statements(rule, &mut |stmt| found = found.or_else(|| in_statement(stmt)));
    let mut calls = vec![];
    syntax::walk_rule(rule, &mut |it| calls.push(it));
    found.or_else(|| calls.into_iter().find_map(walked))
}

fn in_statement(stmt: &LiteralStmt) -> Option<&Expr> {
    match &stmt.literal {
        Literal::SomeIn { key, value, .. } => key.iter().chain([value]).find_map(|it| object(it)),
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => match &**expr {
            Expr::AssignExpr { lhs, rhs, .. } => equation(lhs, rhs),
            _ => None,
        },
        Literal::SomeVars { .. } | Literal::Every { .. } => None,
    }
}

/// `walk(x, [path, {"a": b}])`.
fn walked(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Call { fcn, params, .. } if names::called(fcn) == ["walk"] => {
            params.get(1).and_then(|it| object(it))
        }
        _ => None,
    }
}

/// An object with variables on one side of an equation, where the other is no object like it.
fn equation<'a>(lhs: &'a Expr, rhs: &'a Expr) -> Option<&'a Expr> {
    match (lhs, rhs) {
        (Expr::Object { fields: a, .. }, Expr::Object { fields: b, .. }) => {
            let key = |it: &Expr| syntax::text_of(it).map(str::to_owned);
            let other = |name: &Expr| b.iter().find(|(_, it, _)| key(it).is_some() && key(it) == key(name));
            let is_alike = a.len() == b.len() && a.iter().all(|(_, name, _)| other(name).is_some());
            if !is_alike {
                return object(lhs).or_else(|| object(rhs));
            }
            a.iter().find_map(|(_, name, value)| equation(value, &other(name)?.2))
        }
        (Expr::Array { items: a, .. }, Expr::Array { items: b, .. }) if a.len() == b.len() => {
            a.iter().zip(b).find_map(|(a, b)| equation(a, b))
        }
        // A variable gets the value.
        (Expr::Var { .. }, _) | (_, Expr::Var { .. }) if object(lhs).is_none() => None,
        (lhs, rhs) => object(lhs).or_else(|| object(rhs)),
    }
}

/// An object in a pattern that has a variable in it.
fn object(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Object { fields, .. } => {
            let mut variables = Default::default();
            fields.iter().for_each(|(_, _, value)| names::variables(value, &mut variables));
            (!variables.is_empty()).then_some(expr)
        }
        Expr::Array { items, .. } => items.iter().find_map(|it| object(it)),
        _ => None,
    }
}
