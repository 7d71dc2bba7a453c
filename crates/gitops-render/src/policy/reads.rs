//! What a rule reads of its input, and so what a result without a place speaks of.
//!
//! A body that reads one value besides the object's identity speaks of that value; one that denies
//! because something is `not` there, of what would hold it. `container := input.spec.containers[_]`
//! and `some container in …` are followed. Whatever is not plain is no answer.

use std::collections::HashMap;

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Ref, Rule};

/// A value that a body reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub parts: Vec<Part>,
    /// Whether the body wants that it is not there, or not so.
    pub is_negated: bool,
}

/// A step of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Key(String),
    /// Each item of a list, or each value of a mapping.
    Each,
}

/// Functions whose arguments only make up a message.
const OF_MESSAGES: [&str; 4] = ["concat", "json.marshal", "print", "sprintf"];

/// The one value that a definition speaks of. `may_read` tells of names that the body does not give a
/// value itself whether what is behind them may read the input.
pub(super) fn of(rule: &Rule, may_read: &dyn Fn(&[&str]) -> bool) -> Option<Read> {
    let Rule::Spec { bodies, .. } = rule else { return None };
    let [body] = &bodies[..] else { return None };
    let mut reader = Reader { may_read, ..Reader::new() };
    reader.query(&body.query, false)?;
    let mut reads = if reader.reads.is_empty() { reader.aliased } else { reader.reads };
    reads.retain(|it| !is_identity(&it.parts));
    let all = reads.clone();
    let is_above =
        |one: &Read, other: &Read| other.parts.len() > one.parts.len() && other.parts.starts_with(&one.parts);
    reads.retain(|it| !all.iter().any(|other| is_above(it, other)));
    reads.dedup();
    let mut negated = reads.iter().filter(|it| it.is_negated);
    match (&reads[..], negated.next(), negated.next()) {
        ([one], ..) => Some(one.clone()),
        // What comes before says about which objects this is.
        (_, Some(one), None) => Some(one.clone()),
        _ => None,
    }
}

/// What every rule reads to know, or to say, which object it has before it.
fn is_identity(parts: &[Part]) -> bool {
    let is = |at: usize, key: &str| matches!(parts.get(at), Some(Part::Key(it)) if it == key);
    match parts.len() {
        0 => true,
        1 => is(0, "kind") || is(0, "apiVersion"),
        2 if is(0, "metadata") => is(1, "name") || is(1, "namespace"),
        len => is(len - 1, "name") && parts[len - 2] == Part::Each,
    }
}

struct Reader<'r> {
    may_read: &'r dyn Fn(&[&str]) -> bool,
    /// Names for parts of the input; `None` for other names of the body.
    names: HashMap<&'r str, Option<Vec<Part>>>,
    reads: Vec<Read>,
    /// What got a name, which counts if nothing else is read.
    aliased: Vec<Read>,
}

impl<'r> Reader<'r> {
    fn new() -> Reader<'r> {
        Reader { may_read: &|_| true, names: HashMap::new(), reads: vec![], aliased: vec![] }
    }

    /// `None` if something may be read that is not seen here.
    fn query(&mut self, query: &'r Query, is_negated: bool) -> Option<()> {
        query.stmts.iter().try_for_each(|it| self.statement(it, is_negated))
    }

    fn statement(&mut self, statement: &'r LiteralStmt, is_negated: bool) -> Option<()> {
        if !statement.with_mods.is_empty() {
            return None;
        }
        match &statement.literal {
            Literal::SomeVars { vars, .. } => {
                vars.iter().for_each(|it| drop(self.names.insert(it.text(), None)));
            }
            Literal::SomeIn { key, value, collection, .. } => {
                key.iter().for_each(|it| self.bind(it, None));
                let whole = self.whole(collection, is_negated)?;
                self.bind(value, whole.map(|it| [&it[..], &[Part::Each]].concat()));
            }
            Literal::Every { key, value, domain, query, .. } => {
                key.iter().for_each(|it| drop(self.names.insert(it.text(), None)));
                let whole = self.whole(domain, is_negated)?;
                self.names.insert(value.text(), whole.map(|it| [&it[..], &[Part::Each]].concat()));
                self.query(query, is_negated)?;
            }
            Literal::NotExpr { expr, .. } => self.expr(expr, true)?,
            Literal::Expr { expr, .. } => match expr.as_ref() {
                Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } => {
                    let whole = self.whole(rhs, is_negated)?;
                    self.bind(lhs, whole);
                }
                Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } if self.is_free(lhs) => {
                    let whole = self.whole(rhs, is_negated)?;
                    self.bind(lhs, whole);
                }
                _ => self.expr(expr, is_negated)?,
            },
        }
        Some(())
    }

    /// The part of the input that an expression is, if it is no more than that; else reads it.
    fn whole(&mut self, expr: &'r Ref<Expr>, is_negated: bool) -> Option<Option<Vec<Part>>> {
        if let Some(parts) = self.chain(expr) {
            self.aliased.push(Read { parts: parts.clone(), is_negated });
            return Some(Some(parts));
        }
        self.expr(expr, is_negated)?;
        Some(None)
    }

    fn bind(&mut self, pattern: &'r Ref<Expr>, parts: Option<Vec<Part>>) {
        match pattern.as_ref() {
            Expr::Var { span, .. } => drop(self.names.insert(span.text(), parts)),
            Expr::Array { items, .. } => items.iter().for_each(|it| self.bind(it, None)),
            Expr::Object { fields, .. } => fields.iter().for_each(|it| self.bind(&it.2, None)),
            _ => {}
        }
    }

    /// Whether an expression is a name that nothing has given a value, in the older way of writing.
    fn is_free(&self, expr: &Ref<Expr>) -> bool {
        let Expr::Var { span, .. } = expr.as_ref() else { return false };
        let known = self.names.get(span.text());
        known.is_none_or(Option::is_none) && span.text() != "input" && !(self.may_read)(&[span.text()])
    }

    /// The way from the input to what a reference means.
    fn chain(&self, expr: &'r Ref<Expr>) -> Option<Vec<Part>> {
        match expr.as_ref() {
            Expr::Var { span, .. } if span.text() == "input" => Some(vec![]),
            Expr::Var { span, .. } => self.names.get(span.text())?.clone(),
            Expr::RefDot { refr, field, .. } => {
                let mut parts = self.chain(refr)?;
                parts.push(Part::Key(field.0.text().to_owned()));
                Some(parts)
            }
            Expr::RefBrack { refr, index, .. } => {
                let mut parts = self.chain(refr)?;
                parts.push(match index.as_ref() {
                    Expr::String { span, .. } | Expr::Number { span, .. } => {
                        Part::Key(span.text().to_owned())
                    }
                    _ => Part::Each,
                });
                Some(parts)
            }
            _ => None,
        }
    }

    fn expr(&mut self, expr: &'r Ref<Expr>, is_negated: bool) -> Option<()> {
        if let Some(parts) = self.chain(expr) {
            self.reads.push(Read { parts, is_negated });
            return Some(());
        }
        let mut all = |items: &[&'r Ref<Expr>]| items.iter().try_for_each(|it| self.expr(it, is_negated));
        match expr.as_ref() {
            Expr::Var { span, .. } => self.name(&[span.text()]),
            Expr::RefDot { .. } | Expr::RefBrack { .. } => self.reference(expr, is_negated),
            Expr::Call { fcn, params, .. } => {
                if OF_MESSAGES.contains(&fcn.span().text()) {
                    return Some(());
                }
                all(&params.iter().collect::<Vec<_>>())
            }
            Expr::Array { items, .. } | Expr::Set { items, .. } => all(&items.iter().collect::<Vec<_>>()),
            Expr::Object { fields, .. } => all(&fields.iter().map(|it| &it.2).collect::<Vec<_>>()),
            Expr::UnaryExpr { expr, .. } => all(&[expr]),
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. }
            | Expr::AssignExpr { lhs, rhs, .. } => all(&[lhs, rhs]),
            Expr::Membership { value, collection, .. } => all(&[value, collection]),
            Expr::ArrayCompr { query, term, .. } | Expr::SetCompr { query, term, .. } => {
                self.query(query, is_negated)?;
                self.expr(term, is_negated)
            }
            Expr::ObjectCompr { query, value, .. } => {
                self.query(query, is_negated)?;
                self.expr(value, is_negated)
            }
            _ => Some(()),
        }
    }

    /// A reference to something that is no input.
    fn reference(&mut self, expr: &'r Ref<Expr>, is_negated: bool) -> Option<()> {
        let mut parts = vec![];
        let mut next = expr;
        loop {
            match next.as_ref() {
                Expr::RefDot { refr, field, .. } => {
                    parts.push(field.0.text());
                    next = refr;
                }
                Expr::RefBrack { refr, index, .. } => {
                    match index.as_ref() {
                        Expr::String { span, .. } => parts.push(span.text()),
                        // What stands behind it is no name of a rule.
                        _ => {
                            self.expr(index, is_negated)?;
                            parts.clear();
                        }
                    }
                    next = refr;
                }
                Expr::Var { span, .. } => {
                    parts.push(span.text());
                    break;
                }
                _ => return self.expr(next, is_negated),
            }
        }
        parts.reverse();
        self.name(&parts)
    }

    fn name(&mut self, parts: &[&str]) -> Option<()> {
        (self.names.contains_key(parts[0]) || !(self.may_read)(parts)).then_some(())
    }
}
