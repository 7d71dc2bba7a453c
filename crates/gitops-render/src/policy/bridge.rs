//! A module's text as the engine has to be given it to come to OPA's verdict.
//!
//! - `not f(input.x)`: OPA looks the arguments up before the negation, so a missing one makes the
//!   statement undefined. The engine takes it for true. They are written before it.
//! - `p contains c.name if some c in input.x`: if one has no name, OPA leaves it out, and the engine
//!   leaves all of them out. Such terms of heads become statements of the body.
//! - `a + b` with an operand of a wrong type is undefined in OPA and an error of the engine, and OPA
//!   calculates with more digits: the operators become calls of builtins of ours.
//! - `a < b` is a call too, if both may be collections: a set comes behind an object in OPA, and
//!   before it in the engine.
//! - `lib.name` becomes `data.a.lib.name` where `lib` is imported: for an alias the engine
//!   evaluates the whole package, and takes imports of all but its first module for undefined.
//! - Where a function is replaced by `with`, functions are called by their full names, as the
//!   engine compares names as they are written. For builtins that it does not know itself there
//!   are functions.
//! - `some x in input.y` finds nothing in what is no collection, where the engine fails.
//! - `x := "a" in input.y` is undefined in OPA if the list is, and false in the engine: a call.
//! - `[path, value] := walk(x)` goes over the items of an array: the engine does so only for
//!   `walk(x, [path, value])`.
//! - `rego.metadata.rule()` becomes what the rule's annotations say.
//! - `f(x, out)` with a builtin of ours becomes `out = f(x)`.

use std::collections::HashSet;

use regorus::unstable::{ArithOp, BinOp, BoolOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead};

use crate::policy::annotations;
use crate::policy::builtins;
use crate::policy::calls::METADATA;
use crate::policy::edits::{Edits, Rewritten};
use crate::policy::module::Module;
use crate::policy::names::{self, Names};
use crate::policy::syntax::{self, Chain, Part, range};
use crate::policy::terms::{is_always_defined, is_whole, iterates, may_be_collection};

/// The text for the engine. No line moves, but for what belongs to a `not` over several lines.
pub(super) fn bridge(module: &Module, names: &Names) -> Rewritten {
    let text = &module.text.text;
    let mut bridge = Bridge {
        module,
        names,
        edits: Edits::of(text),
        locals: HashSet::new(),
        rule: None,
        replaces_functions: names.replaces_functions(),
        generated: 0,
    };
    for rule in &module.ast.policy {
        bridge.locals = names::declared(rule);
        bridge.rule = Some(rule);
        bridge.rule(rule);
    }
    bridge.edits.apply()
}

struct Bridge<'a> {
    module: &'a Module,
    names: &'a Names,
    edits: Edits<'a>,
    /// The variables that the rule declares.
    locals: HashSet<&'a str>,
    rule: Option<&'a Rule>,
    replaces_functions: bool,
    /// How many names were made up.
    generated: usize,
}

impl<'a> Bridge<'a> {
    fn rule(&mut self, rule: &'a Rule) {
        let args: &[_] = match rule {
            Rule::Spec { head: RuleHead::Func { args, .. }, .. } | Rule::Default { args, .. } => args,
            Rule::Spec { .. } => &[],
        };
        // Patterns are no expressions.
        let patterns: HashSet<_> = args.iter().map(|it| range(it)).collect();
        let head = syntax::head(rule);
        head.into_iter().filter(|it| !patterns.contains(&range(it))).for_each(|it| self.expr(it));
        let Rule::Spec { head, bodies, .. } = rule else { return };
        let (refr, key, value) = match head {
            RuleHead::Func { assign, .. } => {
                bodies.iter().for_each(|it| self.query(&it.query, ""));
                let value = assign.as_ref().filter(|it| bodies.is_empty() && iterates(&it.value));
                let value = value.map_or(String::new(), |it| self.moved(&it.value));
                return self.new_body(rule, &value);
            }
            RuleHead::Set { refr, key, .. } => (refr, key.as_ref(), None),
            RuleHead::Compr { refr, assign, .. } => (refr, None, assign.as_ref().map(|it| &it.value)),
        };
        let keys: Vec<&Expr> = Chain::of(refr).indices().chain(key.map(|it| &**it)).collect();
        let is_partial = !keys.is_empty();
        let keys: String = keys.into_iter().map(|it| self.moved(it)).collect();
        if bodies.is_empty() {
            // Without a body only what has several values can lose some.
            let value = value.filter(|it| is_partial || iterates(it));
            let value = value.map_or(String::new(), |it| self.moved(it));
            self.new_body(rule, &format!("{keys}{value}"));
        }
        for (index, body) in bodies.iter().enumerate() {
            let value = if index == 0 { value } else { body.assign.as_ref().map(|it| &it.value) };
            let has_query = !body.query.stmts.is_empty();
            let value = value.filter(|_| has_query).map_or(String::new(), |it| self.moved(it));
            self.query(&body.query, &format!("{keys}{value}"));
        }
    }

    /// The statement that gives a term of a head its value, if the term may be undefined: the
    /// engine would drop all values of the rule where one is.
    fn moved(&mut self, expr: &Expr) -> String {
        if is_always_defined(expr) {
            return String::new();
        }
        let name = self.name();
        let text = self.slice(expr);
        let (start, end) = range(expr);
        self.edits.replace(start, end, name.clone());
        format!("; {name} := {text}")
    }

    /// A name that no policy has.
    fn name(&mut self) -> String {
        self.generated += 1;
        format!("__lifted_{}", self.generated - 1)
    }

    /// A body for a rule that has none.
    fn new_body(&mut self, rule: &Rule, statements: &str) {
        if let Some(statements) = statements.strip_prefix("; ") {
            let last = syntax::head(rule).into_iter().map(|it| range(it).1).max();
            let end = (rule.span().end as usize).max(last.unwrap_or_default());
            let start = if self.module.is_v0 { " {" } else { " if {" };
            self.edits.insert(end, &format!("{start} {statements} }}"));
        }
    }

    /// A body, and statements that come at its end.
    fn query(&mut self, query: &'a Query, tail: &str) {
        let before = self.generated;
        query.stmts.iter().for_each(|it| self.statement(it));
        let start = query.span.start as usize;
        let has_braces = query.stmts.first().is_some_and(|it| it.span.start as usize > start);
        let end = query.stmts.last().map_or(start, |it| syntax::statement_range(it).1);
        if has_braces {
            if !tail.is_empty() {
                self.edits.insert((query.span.end as usize).saturating_sub(1), &format!("{tail} "));
            }
            return;
        }
        let is_more = self.generated > before || !tail.is_empty();
        let stands_alone = query.stmts.len() == 1 && is_more;
        // `p if not f(x)`: several statements need braces. In a comprehension they need none.
        if stands_alone && self.module.text.text[..start].trim_end().ends_with("if") {
            let inner = self.edits.slice(start, end);
            self.edits.replace(start, end, format!("{{ {inner}{tail} }}"));
        }
    }

    fn statement(&mut self, stmt: &'a LiteralStmt) {
        let mut outer = vec![];
        syntax::statement(stmt, &mut |it| outer.push(it));
        for expr in outer {
            match expr {
                // By itself it is as good as a call.
                Expr::Membership { .. } => syntax::children(expr, &mut |it| self.expr(it)),
                expr => self.expr(expr),
            }
        }
        for modifier in &stmt.with_mods {
            self.call(&modifier.refr);
            self.call(&modifier.r#as);
        }
        match &stmt.literal {
            Literal::Every { query, .. } => self.query(query, ""),
            Literal::NotExpr { expr, .. } => {
                self.output(expr);
                self.negation(stmt, expr);
            }
            Literal::Expr { expr, .. } => self.output(expr),
            Literal::SomeIn { collection, .. } => {
                let is_collection = !matches!(
                    &**collection,
                    Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } | Expr::Call { .. }
                );
                if !is_collection {
                    let (start, end) = range(collection);
                    let items = self.edits.slice(start, end);
                    self.edits.replace(start, end, format!("{}({items})", builtins::ITEMS));
                }
            }
            Literal::SomeVars { .. } => {}
        }
    }

    /// What is in an expression first, then the expression itself.
    fn expr(&mut self, expr: &'a Expr) {
        if let Some((terms, query)) = syntax::comprehension(expr) {
            terms.into_iter().for_each(|it| self.expr(it));
            self.query(query, "");
            return;
        }
        match expr {
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                let chain = Chain::of(expr);
                chain.indices().for_each(|it| self.expr(it));
                match chain.root {
                    Expr::Var { .. } => self.import(chain.root),
                    root => self.expr(root),
                }
                return;
            }
            _ => syntax::children(expr, &mut |it| self.expr(it)),
        }
        match expr {
            Expr::Call { fcn, params, .. } => {
                self.call(fcn);
                let (start, end) = range(fcn);
                if params.is_empty() && names::called(fcn).join(".") == METADATA {
                    self.metadata(expr);
                }
                if names::called(fcn) == ["walk"] && params.len() == 1 {
                    self.edits.replace(start, end, builtins::WALK.to_owned());
                    self.edits.insert(range(expr).1, "[_]");
                }
            }
            Expr::ArithExpr { op, lhs, rhs, .. } => self.arithmetic(expr, op, lhs, rhs),
            Expr::BoolExpr { op, lhs, rhs, .. } => self.comparison(expr, op, lhs, rhs),
            Expr::BinExpr { op, lhs, rhs, .. } => {
                let name = if *op == BinOp::Union { builtins::OR } else { builtins::AND };
                self.operator(expr, name, lhs, rhs);
            }
            Expr::Membership { key, value, collection, .. } => {
                let args: Vec<_> = key.iter().chain([value, collection]).map(|it| self.slice(it)).collect();
                let name = if key.is_some() { builtins::MEMBER_3 } else { builtins::MEMBER_2 };
                let (start, end) = range(expr);
                self.edits.replace(start, end, format!("{name}({})", args.join(", ")));
            }
            _ => {}
        }
    }

    fn import(&mut self, root: &Expr) {
        let (start, end) = range(root);
        let word = root.span().text();
        if self.locals.contains(word) {
            return;
        }
        let import = self.module.imports.iter().find(|it| it.name == word && !it.is_input && it.is_plain());
        if let Some(import) = import {
            self.edits.replace(start, end, format!("data.{}", import.path.join(".")));
        }
    }

    /// The rule's annotations in the place of the call.
    fn metadata(&mut self, expr: &Expr) {
        let value = self.rule.and_then(|it| annotations::of_rule(self.module, it));
        if let Some(json) = value.and_then(|it| serde_json::to_string(&it).ok()) {
            let (start, end) = range(expr);
            self.edits.replace(start, end, json);
        }
    }

    /// Writes the name of a function out, where names are compared.
    fn call(&mut self, fcn: &Expr) {
        let path = names::called(fcn);
        // `with input as x` may name a variable.
        if path.first().is_some_and(|it| self.locals.contains(*it)) {
            return;
        }
        let full = self.names.resolve(self.module, &path);
        let full = full.filter(|it| self.names.arity(it).is_some());
        let name = match full {
            Some(full) if self.replaces_functions => Some(super::query(&full)),
            Some(_) => None,
            None => self.names.stand_in(&path.join(".")),
        };
        if let Some(name) = name {
            let (start, end) = range(fcn);
            self.edits.replace(start, end, name);
        }
    }

    fn arithmetic(&mut self, expr: &Expr, op: &ArithOp, lhs: &Expr, rhs: &Expr) {
        if matches!(op, ArithOp::Add | ArithOp::Sub) && is_whole(lhs) && is_whole(rhs) {
            return;
        }
        let name = match op {
            ArithOp::Add => builtins::PLUS,
            ArithOp::Sub => builtins::MINUS,
            ArithOp::Mul => builtins::MUL,
            ArithOp::Div => builtins::DIV,
            ArithOp::Mod => builtins::REM,
        };
        self.operator(expr, name, lhs, rhs);
    }

    /// `<` and the like, where both sides may be collections: the engine has sets before objects.
    fn comparison(&mut self, expr: &Expr, op: &BoolOp, lhs: &Expr, rhs: &Expr) {
        let name = match op {
            BoolOp::Lt => builtins::LT,
            BoolOp::Le => builtins::LE,
            BoolOp::Gt => builtins::GT,
            BoolOp::Ge => builtins::GE,
            BoolOp::Eq | BoolOp::Ne => return,
        };
        if may_be_collection(lhs) && may_be_collection(rhs) {
            self.operator(expr, name, lhs, rhs);
        }
    }

    fn operator(&mut self, expr: &Expr, name: &str, lhs: &Expr, rhs: &Expr) {
        let ((start, end), lhs, rhs) = (range(expr), self.slice(lhs), self.slice(rhs));
        self.edits.replace(start, end, format!("{name}({lhs}, {rhs})"));
    }

    fn slice(&self, expr: &Expr) -> String {
        let (start, end) = range(expr);
        self.edits.slice(start, end)
    }

    /// `f(x, out)` of a builtin whose number of arguments the engine does not know.
    fn output(&mut self, expr: &'a Expr) {
        let Expr::Call { fcn, params, .. } = expr else { return };
        let name = names::called(fcn).join(".");
        let Some((out, args)) = params.split_last() else { return };
        if builtins::engine_knows(&name) || builtins::arity(&name) != Some(args.len()) {
            return;
        }
        let args: Vec<_> = args.iter().map(|it| self.slice(it)).collect();
        let (start, end) = range(expr);
        let new = format!("{} = {}({})", self.slice(out), self.slice(fcn), args.join(", "));
        self.edits.replace(start, end, new);
    }

    /// Writes what has to be defined for `not expr` before it.
    fn negation(&mut self, stmt: &'a LiteralStmt, expr: &'a Expr) {
        let mut lifted = vec![];
        match expr {
            Expr::Call { params, .. } => params.iter().for_each(|it| self.lift(it, &mut lifted)),
            Expr::BoolExpr { op: BoolOp::Eq, lhs, rhs, .. } | Expr::AssignExpr { lhs, rhs, .. } => {
                self.lift_inner(lhs, &mut lifted);
                self.lift_inner(rhs, &mut lifted);
            }
            Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. }
            | Expr::BinExpr { lhs, rhs, .. } => {
                self.lift(lhs, &mut lifted);
                self.lift(rhs, &mut lifted);
            }
            Expr::Membership { key, value, collection, .. } => {
                key.iter().chain([value, collection]).for_each(|it| self.lift(it, &mut lifted));
            }
            other => self.lift_inner(other, &mut lifted),
        }
        let modifiers = match stmt.with_mods.first() {
            Some(first) => {
                format!(" {}", self.edits.slice(first.span.start as usize, syntax::statement_range(stmt).1))
            }
            None => String::new(),
        };
        for (name, text) in lifted {
            let (start, _) = syntax::statement_range(stmt);
            self.edits.insert(start, &format!("{name} := {text}{modifiers}; "));
        }
    }

    /// Lifts a term out of the negation if it may be undefined.
    fn lift(&mut self, expr: &'a Expr, lifted: &mut Vec<(String, String)>) {
        let may_be_undefined = match expr {
            Expr::Var { span, .. } => {
                self.names.is_global(self.module, span.text()) && !self.locals.contains(span.text())
            }
            Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
                return syntax::children(expr, &mut |it| self.lift(it, lifted));
            }
            Expr::RefDot { .. }
            | Expr::RefBrack { .. }
            | Expr::Call { .. }
            | Expr::BinExpr { .. }
            | Expr::BoolExpr { .. }
            | Expr::ArithExpr { .. }
            | Expr::Membership { .. } => true,
            _ => false,
        };
        if may_be_undefined {
            let name = self.name();
            lifted.push((name.clone(), self.slice(expr)));
            let (start, end) = range(expr);
            self.edits.replace(start, end, name);
        }
    }

    /// A reference in an equality, or by itself, may be undefined without harm; not so what is in it.
    fn lift_inner(&mut self, expr: &'a Expr, lifted: &mut Vec<(String, String)>) {
        match expr {
            Expr::Var { .. } => {}
            Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                let chain = Chain::of(expr);
                for part in &chain.parts {
                    if let Part::Index(index) = part {
                        self.lift(index, lifted);
                    }
                }
                if !matches!(chain.root, Expr::Var { .. }) {
                    self.lift(chain.root, lifted);
                }
            }
            other => self.lift(other, lifted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    fn bridged(text: &str) -> String {
        let mut tree = MemoryTree::new();
        tree.insert("a.rego", text);
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.rego").unwrap()).unwrap();
        let modules = [Module::read(&file).unwrap()];
        bridge(&modules[0], &Names::of(&modules)).text
    }

    #[test]
    fn what_has_to_be_defined_stands_before_the_negation() {
        assert_eq!(
            bridged("package a\np if not f(1, input.x + 1) with input.x as \"a\"\nf(_, y) if y"),
            "package a\np if { __lifted_0 := __rego_plus(input.x, 1) with input.x as \"a\"; not f(1, __lifted_0) with input.x as \"a\" }\nf(_, y) if y"
        );
        let same = "package a\np if {\n\tnot input.x == \"a\"\n\tnot f(1)\n\tnot input.y.z\n}\nf(x) if x";
        assert_eq!(bridged(same), same);
    }

    #[test]
    fn a_variable_hides_the_function_of_its_name() {
        let text = "package a\np if { job := 1; q with f as g with input as job }\nq := f(input)\nf(x) := x\ng(_) := 2\njob(x) := x";
        let new = bridged(text);
        assert!(new.contains("with data.a.f as data.a.g with input as job"), "{new}");
    }

    #[test]
    fn imports_are_written_out_unless_a_variable_hides_them() {
        let text =
            "package a\nimport data.b.lib\np := lib.x\nq := y if { lib := 1; y := lib }\nr := lib.f(1)\n";
        let mut tree = text.to_owned();
        tree.push_str("s := lib[input.x]\n");
        assert_eq!(
            bridged(&tree),
            text.replace("p := lib.x", "p := data.b.lib.x") + "s := data.b.lib[input.x]\n"
        );
    }
}
