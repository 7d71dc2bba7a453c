//! Which kinds of objects a rule can say anything about, read off its bodies.
//!
//! `input.kind == "Deployment"` makes a body undefined for everything else, so the rule need not be
//! asked there. The same follows from `input.kind in {…}`, from `kinds[input.kind]`, and from anything
//! that needs the value of a rule which has a value for some kinds only. Where it is not plain, a
//! rule is asked about everything.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use regorus::unstable::{AssignOp, BoolOp, Expr, Literal, LiteralStmt, Query, Ref, Rule, RuleHead};

use crate::policy::module::Module;
use crate::policy::syntax::Chain;

/// How far rules are followed to the rules that they need.
const DEEPEST: usize = 8;

/// All rules, by their paths.
pub(super) struct Kinds<'m> {
    rules: HashMap<Vec<String>, Vec<Definition<'m>>>,
    /// What is known; of a rule that is being looked at, nothing is.
    known: RefCell<HashMap<Vec<String>, Restriction>>,
}

#[derive(Clone, Copy)]
struct Definition<'m> {
    module: &'m Module,
    rule: &'m Ref<Rule>,
}

/// Kinds, or `None` where it may be any.
type Restriction = Option<BTreeSet<String>>;

impl<'m> Kinds<'m> {
    /// Reads the rules of modules.
    pub fn of(modules: &'m [Module]) -> Kinds<'m> {
        let mut rules: HashMap<_, Vec<_>> = HashMap::new();
        for module in modules {
            for (definition, rule) in module.rules.iter().zip(&module.ast.policy) {
                let path = [&module.package[..], &definition.path].concat();
                rules.entry(path).or_default().push(Definition { module, rule });
            }
        }
        Kinds { rules, known: RefCell::default() }
    }

    /// The kinds for which a rule has a value, or elements if it is a set.
    pub fn of_rule(&self, path: &[String]) -> Restriction {
        self.rule(path, 0)
    }

    /// Whether what a module means by a name may rest on the input: a rule that is more than a constant.
    pub fn may_read_input(&self, module: &Module, parts: &[&str]) -> bool {
        let candidates = module.candidates(parts);
        let is_constant = |it: &Definition<'_>| match it.rule.as_ref() {
            Rule::Spec { bodies, head: RuleHead::Compr { assign: Some(assign), .. }, .. } => {
                bodies.is_empty()
                    && matches!(
                        assign.value.as_ref(),
                        Expr::Set { .. }
                            | Expr::Array { .. }
                            | Expr::Object { .. }
                            | Expr::String { .. }
                            | Expr::Number { .. }
                            | Expr::Bool { .. }
                    )
            }
            _ => false,
        };
        // A package as a whole may hold anything.
        let below = |path: &[String]| self.rules.keys().any(|it| it.starts_with(path));
        candidates.iter().any(|path| {
            let rule = (1..=path.len()).find_map(|end| self.rules.get(&path[..end]));
            rule.map_or_else(|| below(path), |it| !it.iter().all(is_constant))
        })
    }

    fn rule(&self, path: &[String], depth: usize) -> Restriction {
        if depth > DEEPEST {
            return None;
        }
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        self.known.borrow_mut().insert(path.to_vec(), None);
        let found = self.definitions(path, depth);
        self.known.borrow_mut().insert(path.to_vec(), found.clone());
        found
    }

    fn definitions(&self, path: &[String], depth: usize) -> Restriction {
        if self.rules.keys().any(|it| it.len() > path.len() && it.starts_with(path)) {
            return None;
        }
        let mut all = BTreeSet::new();
        for definition in self.rules.get(path)? {
            let Rule::Spec { head, bodies, .. } = definition.rule.as_ref() else { return None };
            if matches!(head, RuleHead::Func { .. }) || bodies.is_empty() {
                return None;
            }
            for body in bodies {
                all.extend(self.body(definition.module, &body.query, depth)?);
            }
        }
        Some(all)
    }

    fn body(&self, module: &Module, query: &Query, depth: usize) -> Restriction {
        let scope = Scope { kinds: self, module, locals: locals(query), depth };
        query.stmts.iter().filter_map(|it| scope.statement(it)).reduce(|a, b| &a & &b)
    }
}

/// A body, in which names have their meaning.
struct Scope<'s, 'm> {
    kinds: &'s Kinds<'m>,
    module: &'s Module,
    locals: BTreeSet<&'s str>,
    depth: usize,
}

impl Scope<'_, '_> {
    /// The kinds for which a statement can hold.
    fn statement(&self, statement: &LiteralStmt) -> Restriction {
        if !statement.with_mods.is_empty() {
            return None;
        }
        match &statement.literal {
            Literal::Expr { expr, .. } => both(self.compared(expr), self.needed(expr)),
            Literal::SomeIn { collection, .. } => both(self.elements(collection), self.needed(collection)),
            _ => None,
        }
    }

    /// The kinds that a statement names.
    fn compared(&self, expr: &Expr) -> Restriction {
        let one = |a: &Ref<Expr>, b: &Ref<Expr>| match (is_kind(a), b.as_ref()) {
            (true, Expr::String { value, .. }) => Some(BTreeSet::from([value.as_string().ok()?.to_string()])),
            _ => None,
        };
        match expr {
            Expr::BoolExpr { op: BoolOp::Eq, lhs, rhs, .. }
            | Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => one(lhs, rhs).or_else(|| one(rhs, lhs)),
            Expr::Membership { key: None, value, collection, .. } if is_kind(value) => {
                self.constants(collection, true)
            }
            _ => None,
        }
    }

    /// The kinds for which an expression has a value, whatever it is.
    fn needed(&self, expr: &Ref<Expr>) -> Restriction {
        let all = |items: &[&Ref<Expr>]| items.iter().map(|it| self.needed(it)).fold(None, both);
        match expr.as_ref() {
            Expr::Var { .. } => self.value(expr),
            Expr::RefDot { refr, .. } => both(self.value(expr), both(self.elements(refr), all(&[refr]))),
            Expr::RefBrack { refr, index, .. } => {
                let listed = if is_kind(index) { self.constants(refr, false) } else { None };
                let inside = both(self.elements(refr), all(&[refr, index]));
                both(listed, both(self.value(expr), inside))
            }
            Expr::Call { params, .. } => all(&params.iter().collect::<Vec<_>>()),
            Expr::Array { items, .. } | Expr::Set { items, .. } => all(&items.iter().collect::<Vec<_>>()),
            Expr::Object { fields, .. } => {
                all(&fields.iter().flat_map(|it| [&it.1, &it.2]).collect::<Vec<_>>())
            }
            Expr::UnaryExpr { expr, .. } => all(&[expr]),
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. } => all(&[lhs, rhs]),
            // What is on the left may be a name that gets its value here.
            Expr::AssignExpr { rhs, .. } => all(&[rhs]),
            Expr::Membership { value, collection, .. } => all(&[value, collection]),
            _ => None,
        }
    }

    /// The kinds for which a reference to exactly one rule has a value. A set always has one.
    fn value(&self, expr: &Ref<Expr>) -> Restriction {
        let path = self.rule_of(expr)?;
        let is_complete = |it: &Definition<'_>| match it.rule.as_ref() {
            Rule::Spec { head: RuleHead::Compr { refr, .. }, .. } => !has_brackets(refr),
            _ => false,
        };
        let definitions = self.kinds.rules.get(&path)?;
        if definitions.iter().all(is_complete) { self.kinds.rule(&path, self.depth + 1) } else { None }
    }

    /// The kinds for which the rule that an expression names has elements.
    fn elements(&self, expr: &Ref<Expr>) -> Restriction {
        self.kinds.rule(&self.rule_of(expr)?, self.depth + 1)
    }

    /// The strings of a list that is written out, or of a rule that is one.
    fn constants(&self, expr: &Ref<Expr>, is_membership: bool) -> Restriction {
        let texts = |items: &[Ref<Expr>]| {
            let text = |it: &Ref<Expr>| match it.as_ref() {
                Expr::String { value, .. } => value.as_string().ok().map(|it| it.to_string()),
                _ => None,
            };
            items.iter().map(text).collect()
        };
        match expr.as_ref() {
            Expr::Set { items, .. } => return texts(items),
            Expr::Array { items, .. } if is_membership => return texts(items),
            Expr::Object { fields, .. } if !is_membership => {
                return texts(&fields.iter().map(|it| it.1.clone()).collect::<Vec<_>>());
            }
            _ => {}
        }
        let [definition] = &self.kinds.rules.get(&self.rule_of(expr)?)?[..] else { return None };
        match definition.rule.as_ref() {
            Rule::Spec { head: RuleHead::Compr { assign: Some(assign), refr, .. }, bodies, .. }
                if bodies.is_empty() && !has_brackets(refr) =>
            {
                let is_literal = matches!(
                    assign.value.as_ref(),
                    Expr::Set { .. } | Expr::Array { .. } | Expr::Object { .. }
                );
                if is_literal { self.constants(&assign.value, is_membership) } else { None }
            }
            _ => None,
        }
    }

    /// The path of the rule that an expression is a reference to, and to nothing in it.
    fn rule_of(&self, expr: &Ref<Expr>) -> Option<Vec<String>> {
        let chain = Chain::of(expr);
        let parts = chain.path();
        if parts.is_empty() || chain.indices().next().is_some() {
            return None;
        }
        if self.locals.contains(parts[0]) {
            return None;
        }
        let mut candidates = self.module.candidates(&parts);
        candidates.retain(|it| self.kinds.rules.contains_key(it));
        match &mut candidates[..] {
            [one] => Some(std::mem::take(one)),
            _ => None,
        }
    }
}

/// The kinds that two conditions leave.
fn both(one: Restriction, other: Restriction) -> Restriction {
    match (one, other) {
        (Some(one), Some(other)) => Some(&one & &other),
        (one, other) => one.or(other),
    }
}

/// `input.kind`
fn is_kind(expr: &Ref<Expr>) -> bool {
    let is_input = |it: &Ref<Expr>| matches!(it.as_ref(), Expr::Var { span, .. } if span.text() == "input");
    match expr.as_ref() {
        Expr::RefDot { refr, field, .. } => field.0.text() == "kind" && is_input(refr),
        Expr::RefBrack { refr, index, .. } => {
            matches!(index.as_ref(), Expr::String { span, .. } if span.text() == "kind") && is_input(refr)
        }
        _ => false,
    }
}

/// Whether a head is that of an object made of parts: `a[b]`.
fn has_brackets(refr: &Ref<Expr>) -> bool {
    match refr.as_ref() {
        Expr::RefBrack { .. } => true,
        Expr::RefDot { refr, .. } => has_brackets(refr),
        _ => false,
    }
}

/// The names that the statements of a body give a value themselves.
fn locals(query: &Query) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for statement in &query.stmts {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => found.extend(vars.iter().map(|it| it.text())),
            Literal::SomeIn { key, value, .. } => {
                key.iter().chain([value]).for_each(|it| add_names(it, &mut found));
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = expr.as_ref() {
                    add_names(lhs, &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// The names in a pattern.
fn add_names<'a>(pattern: &'a Ref<Expr>, found: &mut BTreeSet<&'a str>) {
    match pattern.as_ref() {
        Expr::Var { span, .. } => drop(found.insert(span.text())),
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().for_each(|it| add_names(it, found))
        }
        Expr::Object { fields, .. } => fields.iter().for_each(|it| add_names(&it.2, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
