//! The engine's syntax trees, walked and taken apart.
//!
//! Trees are as deep as the brackets of the text, which `tokens` bounds, so recursion is safe.

use regorus::unstable::{Expr, Literal, LiteralStmt, Query, Rule, RuleHead};

/// A name followed by fields and indices: `input.a["b"][i].c`, or an expression in the name's place.
pub(super) struct Chain<'a> {
    pub root: &'a Expr,
    pub parts: Vec<Part<'a>>,
}

/// What stands behind a name.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Key(&'a str),
    Index(&'a Expr),
}

impl<'a> Chain<'a> {
    pub fn of(expr: &'a Expr) -> Chain<'a> {
        let mut parts = vec![];
        let mut root = expr;
        loop {
            root = match root {
                Expr::RefDot { refr, field, .. } => {
                    parts.push(Part::Key(field.0.text()));
                    refr
                }
                Expr::RefBrack { refr, index, .. } => {
                    parts.push(match text_of(index) {
                        Some(text) => Part::Key(text),
                        None => Part::Index(index),
                    });
                    refr
                }
                root => {
                    parts.reverse();
                    return Chain { root, parts };
                }
            };
        }
    }

    /// The name and the keys up to the first index; nothing if there is no name.
    pub fn path(&self) -> Vec<&'a str> {
        let Expr::Var { span, .. } = self.root else { return vec![] };
        let keys = self.parts.iter().map_while(|it| match it {
            Part::Key(key) => Some(*key),
            Part::Index(_) => None,
        });
        std::iter::once(span.text()).chain(keys).collect()
    }

    pub fn indices(&self) -> impl Iterator<Item = &'a Expr> {
        self.parts.iter().filter_map(|it| match it {
            Part::Index(index) => Some(*index),
            Part::Key(_) => None,
        })
    }
}

/// The text of a string literal.
pub(super) fn text_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::String { value, .. } | Expr::RawString { value, .. } => value.as_string().ok().map(|it| &**it),
        _ => None,
    }
}

/// Where an expression begins and ends in its module's text. The engine leaves quotes out, has
/// objects begin at their last key, and `set()` end behind what follows.
pub(super) fn range(expr: &Expr) -> (usize, usize) {
    let (start, end) = (expr.span().start as usize, expr.span().end as usize);
    let text = expr.span().source.contents();
    match expr {
        Expr::Object { fields, .. } if fields.len() > 1 => (brace_before(text, range(&fields[0].1).0), end),
        Expr::Set { items, .. } if items.is_empty() => {
            let close = text.get(start..).and_then(|it| it.find(')'));
            (start, close.map_or(end, |it| start + it + 1))
        }
        _ => (start - usize::from(begins_with_quote(expr)), end + usize::from(ends_with_quote(expr))),
    }
}

/// The brace that opens an object, whose first key is at `key`. Only comments stand between.
fn brace_before(text: &str, key: usize) -> usize {
    let is_blank = |it: &str| {
        let mut lines = it.lines().map(|it| it.trim_start());
        lines.all(|it| it.is_empty() || it.starts_with('#'))
    };
    let before = text.get(..key).unwrap_or_default();
    let mut braces = before.rmatch_indices('{').map(|(at, _)| at);
    braces.find(|&at| is_blank(&before[at + 1..]) && !is_in_comment(&before[..at])).unwrap_or(key)
}

/// Whether what follows a text belongs to a comment of its last line.
fn is_in_comment(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (mut quote, mut signs) = (None, line.chars());
    while let Some(sign) = signs.next() {
        match (sign, quote) {
            ('#', None) => return true,
            ('"' | '`', None) => quote = Some(sign),
            ('\\', Some('"')) => drop(signs.next()),
            (sign, Some(open)) if sign == open => quote = None,
            _ => {}
        }
    }
    false
}

/// The range of a statement, its `with`s included.
pub(super) fn statement_range(stmt: &LiteralStmt) -> (usize, usize) {
    let (mut start, mut end) = (stmt.span.start as usize, stmt.span.end as usize);
    if let Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } = &stmt.literal {
        let range = range(expr);
        (start, end) = (start.min(range.0), end.max(range.1));
    }
    let last = stmt.with_mods.last().map(|it| range(&it.r#as).1);
    (start, end.max(last.unwrap_or_default()))
}

/// Whether an expression begins with a string that stands in no parentheses.
fn begins_with_quote(expr: &Expr) -> bool {
    let first = match expr {
        Expr::String { span, .. } | Expr::RawString { span, .. } => return span.start > 0,
        Expr::BinExpr { lhs, .. }
        | Expr::BoolExpr { lhs, .. }
        | Expr::ArithExpr { lhs, .. }
        | Expr::AssignExpr { lhs, .. } => lhs,
        Expr::Membership { key, value, .. } => key.as_ref().unwrap_or(value),
        _ => return false,
    };
    first.span().start == expr.span().start && begins_with_quote(first)
}

/// Whether an expression ends with a string that stands in no parentheses.
fn ends_with_quote(expr: &Expr) -> bool {
    let last = match expr {
        Expr::String { .. } | Expr::RawString { .. } => return true,
        Expr::BinExpr { rhs, .. }
        | Expr::BoolExpr { rhs, .. }
        | Expr::ArithExpr { rhs, .. }
        | Expr::AssignExpr { rhs, .. } => rhs,
        Expr::Membership { collection, .. } => collection,
        _ => return false,
    };
    last.span().end == expr.span().end && ends_with_quote(last)
}

/// Hands the expressions that stand directly in `expr` to `visit`, comprehensions' left out. A
/// reference is one expression, with its indices in it.
pub(super) fn children<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match expr {
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().for_each(|it| visit(it)),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, key, value)| {
            visit(key);
            visit(value);
        }),
        Expr::Call { params, .. } => params.iter().for_each(|it| visit(it)),
        Expr::UnaryExpr { expr, .. } => visit(expr),
        Expr::RefDot { .. } | Expr::RefBrack { .. } => {
            let chain = Chain::of(expr);
            if !matches!(chain.root, Expr::Var { .. }) {
                visit(chain.root);
            }
            chain.indices().for_each(visit);
        }
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            visit(lhs);
            visit(rhs);
        }
        Expr::Membership { key, value, collection, .. } => {
            key.iter().for_each(|it| visit(it));
            visit(value);
            visit(collection);
        }
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. }
        | Expr::ArrayCompr { .. }
        | Expr::SetCompr { .. }
        | Expr::ObjectCompr { .. } => {}
    }
}

/// The terms and the body of a comprehension.
pub(super) fn comprehension(expr: &Expr) -> Option<(Vec<&Expr>, &Query)> {
    match expr {
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            Some((vec![term], query))
        }
        Expr::ObjectCompr { key, value, query, .. } => Some((vec![key, value], query)),
        _ => None,
    }
}

/// The expressions that stand directly in a statement, those of an `every`'s body left out.
pub(super) fn statement<'a>(stmt: &'a LiteralStmt, visit: &mut dyn FnMut(&'a Expr)) {
    match &stmt.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { key, value, collection, .. } => {
            key.iter().for_each(|it| visit(it));
            visit(value);
            visit(collection);
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => visit(expr),
        Literal::Every { domain, .. } => visit(domain),
    }
    stmt.with_mods.iter().for_each(|it| visit(&it.r#as));
}

/// The expressions of a rule's head: its key, its value, its arguments.
pub(super) fn head(rule: &Rule) -> Vec<&Expr> {
    match rule {
        Rule::Default { args, value, .. } => args.iter().map(|it| &**it).chain([&**value]).collect(),
        Rule::Spec { head, bodies, .. } => {
            let (refr, more, assign) = match head {
                RuleHead::Compr { refr, assign, .. } => (refr, vec![], assign.as_ref()),
                RuleHead::Set { refr, key, .. } => (refr, key.iter().map(|it| &**it).collect(), None),
                RuleHead::Func { refr, args, assign, .. } => {
                    (refr, args.iter().map(|it| &**it).collect(), assign.as_ref())
                }
            };
            let indices = Chain::of(refr).indices().collect::<Vec<_>>();
            let assigned = assign.into_iter().chain(bodies.iter().filter_map(|it| it.assign.as_ref()));
            let assigned = assigned.map(|it| &*it.value);
            indices.into_iter().chain(more).chain(assigned).collect()
        }
    }
}

/// How many indices that are no literals the name of a rule has.
pub(super) fn indices(rule: &Rule) -> usize {
    match rule {
        Rule::Default { refr, .. }
        | Rule::Spec {
            head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. },
            ..
        } => Chain::of(refr).indices().count(),
    }
}

/// The bodies of a rule.
pub(super) fn bodies(rule: &Rule) -> impl Iterator<Item = &Query> {
    let bodies = match rule {
        Rule::Spec { bodies, .. } => &bodies[..],
        Rule::Default { .. } => &[],
    };
    bodies.iter().map(|it| &*it.query)
}

/// Visits every expression of a query, the outer before the inner.
pub(super) fn walk_query<'a>(query: &'a Query, visit: &mut dyn FnMut(&'a Expr)) {
    for stmt in &query.stmts {
        let mut outer = vec![];
        statement(stmt, &mut |it| outer.push(it));
        outer.into_iter().for_each(|it| walk(it, visit));
        if let Literal::Every { query, .. } = &stmt.literal {
            walk_query(query, visit);
        }
    }
}

/// Visits an expression and every one in it, the outer before the inner.
pub(super) fn walk<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    children(expr, &mut |it| walk(it, visit));
    if let Some((terms, query)) = comprehension(expr) {
        terms.into_iter().for_each(|it| walk(it, visit));
        walk_query(query, visit);
    }
}

/// Visits every statement of a rule, those of comprehensions and `every` included.
pub(super) fn statements<'a>(rule: &'a Rule, visit: &mut dyn FnMut(&'a LiteralStmt)) {
    queries(rule, &mut |query| query.stmts.iter().for_each(&mut *visit));
}

/// Visits every query of a rule, those of comprehensions and `every` included.
pub(super) fn queries<'a>(rule: &'a Rule, visit: &mut dyn FnMut(&'a Query)) {
    let mut queries: Vec<&Query> = bodies(rule).collect();
    walk_rule(rule, &mut |it| queries.extend(comprehension(it).map(|(_, query)| query)));
    while let Some(query) = queries.pop() {
        visit(query);
        for stmt in &query.stmts {
            if let Literal::Every { query, .. } = &stmt.literal {
                queries.push(query);
            }
        }
    }
}

/// Visits every expression of a rule, its name left out.
pub(super) fn walk_rule<'a>(rule: &'a Rule, visit: &mut dyn FnMut(&'a Expr)) {
    head(rule).into_iter().for_each(|it| walk(it, visit));
    bodies(rule).for_each(|it| walk_query(it, visit));
}
