//! What the names in modules stand for: rules, functions, imports, variables of a rule.

use std::collections::{BTreeSet, HashMap, HashSet};

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Rule};

use crate::policy::builtins;
use crate::policy::module::{DefinitionKind, Module};
use crate::policy::syntax::{self, Chain};

/// The package of the functions that stand for builtins.
const STAND_INS: &str = "__rego_builtins";

/// The rules of all modules.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How many arguments each function takes, by its path without `data`.
    functions: HashMap<Vec<String>, usize>,
    /// The last words of their paths.
    function_names: HashSet<String>,
    /// The first words of a package's rules.
    roots: HashMap<Vec<String>, HashSet<String>>,
    replaces_functions: bool,
    /// The builtins that a `with` names and that the engine does not know by itself.
    mocked: BTreeSet<&'static str>,
}

impl Names {
    pub fn of(modules: &[Module]) -> Names {
        let mut names = Names::default();
        for module in modules {
            let roots = names.roots.entry(module.package.clone()).or_default();
            for (definition, rule) in module.rules.iter().zip(&module.ast.policy) {
                let path = [&module.package[..], &definition.path].concat();
                roots.extend(definition.path.first().cloned());
                let arity = arity(rule);
                let is_function = definition.kind == DefinitionKind::Function || arity > 0;
                if is_function {
                    names.function_names.extend(definition.path.last().cloned());
                    names.functions.insert(path, arity);
                }
            }
        }
        modules.iter().for_each(|it| it.ast.policy.iter().for_each(|it| names.read_mocks(it)));
        names
    }

    /// Notes what the rule replaces by `with`, and by what.
    fn read_mocks(&mut self, rule: &Rule) {
        syntax::statements(rule, &mut |stmt| {
            for expr in stmt.with_mods.iter().flat_map(|it| [&it.refr, &it.r#as]) {
                let path = Chain::of(expr).path();
                let is_function = path.last().is_some_and(|it| self.function_names.contains(*it));
                self.replaces_functions |= is_function && path.first() != Some(&"input");
                let builtin = builtins::find(&path.join("."));
                self.mocked.extend(builtin.map(|it| it.name).filter(|it| !builtins::engine_knows(it)));
            }
        });
    }

    /// The function that stands for a builtin which the engine could not replace.
    pub fn stand_in(&self, builtin: &str) -> Option<String> {
        let name = builtin.replace('.', "_");
        self.mocked.contains(builtin).then(|| format!("data.{STAND_INS}.{name}"))
    }

    /// The module with all such functions. No policy has a package of its name.
    pub fn stand_ins(&self) -> Option<String> {
        let function = |name: &&str| {
            let count = builtins::arity(name).unwrap_or_default();
            let args: Vec<String> = (0..count).map(|it| format!("a{it}")).collect();
            let args = args.join(", ");
            format!("{}({args}) := {name}({args})\n", name.replace('.', "_"))
        };
        let functions: String = self.mocked.iter().map(function).collect();
        (!functions.is_empty()).then(|| format!("package {STAND_INS}\n{functions}"))
    }

    /// Whether functions are called by other names than those that stand there.
    pub fn replaces_functions(&self) -> bool {
        self.replaces_functions
    }

    /// How many arguments a function takes, by its path without `data`.
    pub fn arity(&self, path: &[String]) -> Option<usize> {
        self.functions.get(path).copied()
    }

    /// Whether a word by itself is a rule or an import in a module, unless it is a variable.
    pub fn is_global(&self, module: &Module, word: &str) -> bool {
        matches!(word, "input" | "data")
            || self.roots.get(&module.package).is_some_and(|it| it.contains(word))
            || module.imports.iter().any(|it| it.name == word)
    }

    /// What a path in a module stands for: its parts behind `data`, or nothing if it begins with a
    /// variable, with `input`, or is a builtin's name.
    pub fn resolve(&self, module: &Module, path: &[&str]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let rest = rest.iter().map(|&it| it.to_owned());
        if *first == "data" {
            return Some(rest.collect());
        }
        // An import hides a rule of the same name.
        if let Some(import) = module.imports.iter().find(|it| it.name == *first) {
            return (!import.is_input).then(|| import.path.iter().cloned().chain(rest).collect());
        }
        let is_local = self.roots.get(&module.package).is_some_and(|it| it.contains(*first));
        let local = std::iter::once((*first).to_owned()).chain(rest);
        is_local.then(|| module.package.iter().cloned().chain(local).collect())
    }
}

/// How many arguments the rule takes; none if it is no function.
fn arity(rule: &Rule) -> usize {
    match rule {
        Rule::Default { args, .. } => args.len(),
        Rule::Spec { head: regorus::unstable::RuleHead::Func { args, .. }, .. } => args.len(),
        Rule::Spec { .. } => 0,
    }
}

/// The variables that a rule declares: its arguments, and those of `:=`, `some` and `every`.
pub(super) fn declared(rule: &Rule) -> HashSet<&str> {
    let mut found = HashSet::new();
    match rule {
        Rule::Default { args, .. } => args.iter().for_each(|it| variables(it, &mut found)),
        Rule::Spec { head: regorus::unstable::RuleHead::Func { args, .. }, .. } => {
            args.iter().for_each(|it| variables(it, &mut found));
        }
        Rule::Spec { .. } => {}
    }
    syntax::statements(rule, &mut |it| declared_by(it, &mut found));
    found
}

/// The variables that a statement declares, `every`'s for its body included.
pub(super) fn declared_by<'a>(stmt: &'a LiteralStmt, found: &mut HashSet<&'a str>) {
    match &stmt.literal {
        Literal::SomeVars { vars, .. } => found.extend(vars.iter().map(|it| it.text())),
        Literal::SomeIn { key, value, .. } => {
            key.iter().for_each(|it| variables(it, found));
            variables(value, found);
        }
        Literal::Every { key, value, .. } => found.extend(key.iter().chain([value]).map(|it| it.text())),
        Literal::Expr { expr, .. } => {
            if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = &**expr {
                variables(lhs, found);
            }
        }
        Literal::NotExpr { .. } => {}
    }
}

/// The variables of a pattern.
pub(super) fn variables<'a>(pattern: &'a Expr, found: &mut HashSet<&'a str>) {
    match pattern {
        Expr::Var { span, .. } => drop(found.insert(span.text())),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, value)| variables(value, found)),
        Expr::Array { items, .. } => items.iter().for_each(|it| variables(it, found)),
        _ => {}
    }
}

/// The path of what a call calls.
pub(super) fn called(fcn: &Expr) -> Vec<&str> {
    Chain::of(fcn).path()
}
