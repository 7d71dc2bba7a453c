//! Variables that nothing gives a value: OPA refuses them when it compiles a policy, the engine
//! notices them when it comes to them, or takes them for undefined.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use regorus::unstable::{AssignOp, BoolOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead};

use crate::policy::builtins;
use crate::policy::link::Fault;
use crate::policy::module::Module;
use crate::policy::names::{self, Names};
use crate::policy::syntax::{self, Chain};
use crate::rules::pol::does_not_compile;

/// The first variable without a value of each module that has one.
pub(super) fn check(modules: &[Module], names: &Names) -> Vec<Fault> {
    let mut faults = vec![];
    for (index, module) in modules.iter().enumerate() {
        let patterns = Rc::default();
        let found = module.ast.policy.iter().find_map(|rule| {
            let mut scope = Scope { module, names, known: HashSet::new(), patterns: Rc::clone(&patterns) };
            scope.rule(rule)
        });
        if let Some(expr) = found {
            let at = module.span_of(expr);
            faults.push((index, does_not_compile::unsafe_variable(at, expr.span().text())));
        } else if let Some(&(start, end)) = patterns.borrow().first() {
            faults.push((index, does_not_compile::object_pattern(module.span(start, end))));
        }
    }
    faults
}

/// The variables that have values.
#[derive(Clone)]
struct Scope<'a> {
    module: &'a Module,
    names: &'a Names,
    known: HashSet<&'a str>,
    /// Objects with new variables that a known variable is taken apart by.
    patterns: Rc<RefCell<Vec<(usize, usize)>>>,
}

/// An expression that needs a value and has none.
type Unsafe<'a> = Option<&'a Expr>;

impl<'a> Scope<'a> {
    fn rule(&mut self, rule: &'a Rule) -> Unsafe<'a> {
        let args: &[_] = match rule {
            Rule::Default { args, .. } => args,
            Rule::Spec { head: RuleHead::Func { args, .. }, .. } => args,
            Rule::Spec { .. } => &[],
        };
        args.iter().for_each(|it| names::variables(it, &mut self.known));
        let Rule::Spec { bodies, .. } = rule else { return None };
        let (keys, value) = self.head(rule, args.len());
        if bodies.is_empty() {
            return self.clone().terms(keys.into_iter().chain(value).collect());
        }
        for (index, body) in bodies.iter().enumerate() {
            let mut inner = self.clone();
            if let Some(found) = inner.query(&body.query) {
                return Some(found);
            }
            // A body behind the first has a value of its own, or `true`.
            let value = if index == 0 { value } else { body.assign.as_ref().map(|it| &*it.value) };
            if let Some(found) = inner.terms(keys.iter().copied().chain(value).collect()) {
                return Some(found);
            }
        }
        None
    }

    /// The first variable of the head's terms that has no value. They may iterate.
    fn terms(mut self, terms: Vec<&'a Expr>) -> Unsafe<'a> {
        terms.iter().for_each(|it| self.bind(it));
        terms.into_iter().find_map(|it| self.term(it))
    }

    /// The expressions of the head but for its arguments: the keys, and the value.
    fn head(&self, rule: &'a Rule, arguments: usize) -> (Vec<&'a Expr>, Option<&'a Expr>) {
        let Rule::Spec { head, bodies, .. } = rule else { return (vec![], None) };
        let value = match head {
            RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                assign.as_ref().map(|it| &*it.value)
            }
            RuleHead::Set { .. } => None,
        };
        let others = bodies.iter().filter_map(|it| it.assign.as_ref()).count();
        let all = syntax::head(rule);
        let keys = all.len() - arguments - others - usize::from(value.is_some());
        (all[..keys].to_vec(), value)
    }

    /// Reads statements in the order in which they can be evaluated, and notes what they give.
    fn query(&mut self, query: &'a Query) -> Unsafe<'a> {
        // What is declared here hides rules of the same name.
        let (found, known) = Shadow::within(self, &HashSet::new(), query).solve(query);
        self.known.extend(known);
        found
    }

    /// The first variable of a term that has no value.
    fn term(&self, expr: &'a Expr) -> Unsafe<'a> {
        Shadow { scope: self.clone(), hidden: HashSet::new() }.needs(expr)
    }

    fn bind(&mut self, expr: &'a Expr) {
        let mut shadow = Shadow { scope: self.clone(), hidden: HashSet::new() };
        shadow.give(expr);
        self.known = shadow.scope.known;
    }
}

/// A scope within a query, in which some names are variables whatever they are elsewhere.
struct Shadow<'a> {
    scope: Scope<'a>,
    hidden: HashSet<&'a str>,
}

impl<'a> Shadow<'a> {
    /// The scope of a query within another; what it declares hides what has the same name.
    fn within(outer: &Scope<'a>, hidden: &HashSet<&'a str>, query: &'a Query) -> Shadow<'a> {
        let mut own = HashSet::new();
        for stmt in query.stmts.iter().filter(|it| !matches!(it.literal, Literal::Every { .. })) {
            names::declared_by(stmt, &mut own);
        }
        let mut scope = outer.clone();
        scope.known.retain(|it| !own.contains(it));
        own.extend(hidden);
        Shadow { scope, hidden: own }
    }

    fn is_known(&self, name: &str) -> bool {
        self.scope.known.contains(name)
            || !self.hidden.contains(name) && self.scope.names.is_global(self.scope.module, name)
    }

    /// Goes over the statements until none gives anything new.
    fn solve(mut self, query: &'a Query) -> (Unsafe<'a>, HashSet<&'a str>) {
        let mut open: Vec<&LiteralStmt> = query.stmts.iter().collect();
        loop {
            let before = (open.len(), self.scope.known.len());
            open.retain(|it| self.statement(it).is_some());
            if open.is_empty() || before == (open.len(), self.scope.known.len()) {
                break;
            }
        }
        let found = open.first().and_then(|it| self.statement(it));
        (found, self.scope.known)
    }

    /// Notes what a statement gives, and returns what it still needs.
    fn statement(&mut self, stmt: &'a LiteralStmt) -> Unsafe<'a> {
        let modifiers = stmt.with_mods.iter().find_map(|it| self.replacement(&it.r#as));
        let found = match &stmt.literal {
            Literal::SomeVars { .. } => None,
            Literal::SomeIn { key, value, collection, .. } => {
                self.give(collection);
                self.needs(collection).or_else(|| {
                    key.iter().for_each(|it| self.pattern(it));
                    self.pattern(value);
                    key.iter().find_map(|it| self.pattern_needs(it)).or_else(|| self.pattern_needs(value))
                })
            }
            Literal::Every { key, value, domain, query, .. } => {
                self.give(domain);
                self.needs(domain).or_else(|| {
                    let mut inner = self.scope.clone();
                    inner.known.extend(key.iter().chain([value]).map(|it| it.text()));
                    self.outer(&inner, query)
                })
            }
            Literal::NotExpr { expr, .. } => self.negated(expr),
            Literal::Expr { expr, .. } => self.positive(expr),
        };
        modifiers.or(found)
    }

    /// What a query within this one needs. Names that are hidden here are hidden there.
    fn outer(&self, inner: &Scope<'a>, query: &'a Query) -> Unsafe<'a> {
        Shadow::within(inner, &self.hidden, query).solve(query).0
    }

    fn positive(&mut self, expr: &'a Expr) -> Unsafe<'a> {
        match expr {
            Expr::AssignExpr { lhs, rhs, op, .. } => self.equation(lhs, rhs, *op == AssignOp::ColEq),
            Expr::Call { fcn, params, .. } => {
                let arity = self.arity(fcn);
                let is_output = arity.is_some_and(|it| it + 1 == params.len());
                let args = &params[..params.len() - usize::from(is_output)];
                args.iter().for_each(|it| self.give(it));
                args.iter().find_map(|it| self.needs(it)).or_else(|| {
                    let out = params.last().filter(|_| is_output)?;
                    self.pattern(out);
                    self.pattern_needs(out)
                })
            }
            other => {
                self.give(other);
                self.needs(other)
            }
        }
    }

    fn equation(&mut self, lhs: &'a Expr, rhs: &'a Expr, assigns: bool) -> Unsafe<'a> {
        self.give(rhs);
        if !assigns {
            self.give(lhs);
            self.note_pattern(lhs, rhs);
            self.note_pattern(rhs, lhs);
            if self.needs(lhs).is_none() {
                self.pattern(rhs);
            }
            // `[x, 1] = [2, y]`: each side may give what the other lacks.
            self.unify(lhs, rhs);
        }
        if self.needs(rhs).is_none() {
            self.pattern(lhs);
        }
        self.pattern_needs(rhs).or_else(|| self.pattern_needs(lhs))
    }

    /// `input = {"a": x}`: the engine looks at the keys that it is told, and OPA at all of them.
    fn note_pattern(&self, whole: &'a Expr, pattern: &'a Expr) {
        if let (Expr::Var { .. }, Expr::Object { .. }) = (whole, pattern)
            && self.needs(whole).is_none()
            && self.needs(pattern).is_some()
        {
            self.scope.patterns.borrow_mut().push(syntax::range(pattern));
        }
    }

    fn unify(&mut self, lhs: &'a Expr, rhs: &'a Expr) {
        match (lhs, rhs) {
            (Expr::Array { items: a, .. }, Expr::Array { items: b, .. }) if a.len() == b.len() => {
                a.iter().zip(b).for_each(|(a, b)| self.unify(a, b));
            }
            (Expr::Object { fields: a, .. }, Expr::Object { fields: b, .. }) => {
                for (_, key, value) in a {
                    let other = b.iter().find(|(_, it, _)| it.span().text() == key.span().text());
                    if let Some((_, _, other)) = other {
                        self.unify(value, other);
                    }
                }
            }
            (a, b) => {
                if self.needs(a).is_none() {
                    self.pattern(b);
                }
                if self.needs(b).is_none() {
                    self.pattern(a);
                }
            }
        }
    }

    /// Calls within a negation are looked up before it, so they may give something.
    fn negated(&mut self, expr: &'a Expr) -> Unsafe<'a> {
        let mut inner = vec![];
        let mut collect = |it: &'a Expr| calls(it, &mut inner);
        match expr {
            Expr::Call { params, .. } => params.iter().for_each(|it| collect(it)),
            other if is_operator(other) => syntax::children(other, &mut collect),
            other => collect(other),
        }
        inner.into_iter().for_each(|it| self.give(it));
        let needed = match expr {
            // The result of a negated call may be compared.
            Expr::Call { params, .. } => params.iter().find_map(|it| self.needs(it)),
            Expr::AssignExpr { lhs, rhs, .. } => self.needs(lhs).or_else(|| self.needs(rhs)),
            other => self.needs(other),
        };
        needed.or_else(|| match expr {
            Expr::Call { params, .. } => params.iter().find_map(|it| wildcard(it)),
            Expr::BoolExpr { lhs, rhs, .. } => wildcard(lhs).or_else(|| wildcard(rhs)),
            other if is_operator(other) => {
                let mut found = None;
                syntax::children(other, &mut |it| found = found.or_else(|| wildcard(it)));
                found
            }
            other => wildcard(other),
        })
    }

    fn arity(&self, fcn: &Expr) -> Option<usize> {
        let path = names::called(fcn);
        let own = self.scope.names.resolve(self.scope.module, &path);
        own.and_then(|it| self.scope.names.arity(&it)).or_else(|| builtins::arity(&path.join(".")))
    }

    /// What stands behind `with … as`: a function's name is no variable.
    fn replacement(&self, expr: &'a Expr) -> Unsafe<'a> {
        let path = Chain::of(expr).path();
        let is_function = self.scope.names.resolve(self.scope.module, &path);
        let is_function = is_function.is_some_and(|it| self.scope.names.arity(&it).is_some());
        if is_function || builtins::arity(&path.join(".")).is_some() { None } else { self.needs(expr) }
    }

    /// Notes the variables that a term iterates over: the indices of its references.
    fn give(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Var { .. } => {}
            Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                let chain = Chain::of(expr);
                let is_known = match chain.root {
                    Expr::Var { span, .. } => self.is_known(span.text()),
                    root => {
                        self.give(root);
                        self.needs(root).is_none()
                    }
                };
                if is_known {
                    chain.indices().for_each(|it| {
                        self.give(it);
                        self.pattern(it);
                    });
                }
            }
            other => syntax::children(other, &mut |it| self.give(it)),
        }
    }

    /// Notes the variables of a pattern.
    fn pattern(&mut self, expr: &'a Expr) {
        names::variables(expr, &mut self.scope.known);
        self.scope.known.remove("_");
    }

    /// What a pattern needs besides the variables that it gives.
    fn pattern_needs(&self, expr: &'a Expr) -> Unsafe<'a> {
        match expr {
            Expr::Var { span, .. } if span.text() == "_" => None,
            Expr::Array { items, .. } => items.iter().find_map(|it| self.pattern_needs(it)),
            Expr::Object { fields, .. } => fields
                .iter()
                .find_map(|(_, key, value)| self.needs(key).or_else(|| self.pattern_needs(value))),
            other => self.needs(other),
        }
    }

    /// The first variable of a term that has no value.
    fn needs(&self, expr: &'a Expr) -> Unsafe<'a> {
        match expr {
            Expr::Var { span, .. } => (!self.is_known(span.text())).then_some(expr),
            Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                let chain = Chain::of(expr);
                self.needs(chain.root).or_else(|| chain.indices().find_map(|it| self.index(it)))
            }
            other => match syntax::comprehension(other) {
                Some((terms, query)) => self.comprehension(&terms, query),
                None => {
                    let mut found = None;
                    syntax::children(other, &mut |it| found = found.or_else(|| self.needs(it)));
                    found
                }
            },
        }
    }

    /// `_` as an index stands for any, where the reference may iterate.
    fn index(&self, expr: &'a Expr) -> Unsafe<'a> {
        match expr {
            Expr::Var { span, .. } if span.text() == "_" => None,
            other => self.pattern_needs(other),
        }
    }

    fn comprehension(&self, terms: &[&'a Expr], query: &'a Query) -> Unsafe<'a> {
        let mut inner = Shadow::within(&self.scope, &self.hidden, query);
        let (found, known) = Shadow { scope: inner.scope.clone(), hidden: inner.hidden.clone() }.solve(query);
        found.or_else(|| {
            inner.scope.known = known;
            terms.iter().for_each(|it| inner.give(it));
            terms.iter().find_map(|it| inner.needs(it))
        })
    }
}

/// The first `_` that a negated term iterates over. What calls in it iterate over is looked up before
/// the negation.
fn wildcard(expr: &Expr) -> Unsafe<'_> {
    match expr {
        Expr::RefDot { .. } | Expr::RefBrack { .. } => {
            let chain = Chain::of(expr);
            let of_index = |it: &'_ Expr| matches!(it, Expr::Var { span, .. } if span.text() == "_");
            chain.indices().find(|it| of_index(it)).or_else(|| chain.indices().find_map(wildcard))
        }
        Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
            let mut found = None;
            syntax::children(expr, &mut |it| found = found.or_else(|| wildcard(it)));
            found
        }
        Expr::AssignExpr { lhs, rhs, .. } => wildcard(lhs).or_else(|| wildcard(rhs)),
        _ => None,
    }
}

fn is_operator(expr: &Expr) -> bool {
    match expr {
        Expr::BoolExpr { op, .. } => *op != BoolOp::Eq,
        Expr::ArithExpr { .. } | Expr::BinExpr { .. } | Expr::Membership { .. } => true,
        _ => false,
    }
}

/// The calls in a term, operators among them, comprehensions' left out.
fn calls<'a>(expr: &'a Expr, found: &mut Vec<&'a Expr>) {
    if is_operator(expr) || matches!(expr, Expr::Call { .. } | Expr::BoolExpr { .. }) {
        found.push(expr);
    } else {
        syntax::children(expr, &mut |it| calls(it, found));
    }
}
