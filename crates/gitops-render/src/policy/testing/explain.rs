//! Why a test does not hold: the first expression of its body that no longer does, and the values
//! in it.
//!
//! The beginnings of the body are asked one after the other, so an expression is to blame if there
//! is no way to make it true together with all that stand before it.

use regorus::Value as Rego;
use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Ref};

use crate::diagnostic::Diagnostic;
use crate::policy::module::{text_of, written};
use crate::policy::outcome::one_line;
use crate::policy::testing::cases::{first_statements, only_body, statements_of_keys, tail};
use crate::policy::testing::probe::Probes;
use crate::policy::testing::{Bundle, Test};
use crate::policy::tokens;
use crate::rules::pol::test_failed;

/// How long a value may be in a message.
const LONGEST_VALUE: usize = 80;

/// How many values of one expression are shown.
const MOST_VALUES: usize = 3;

/// Moves a finding about a test, or about its case with these keys, to the expression to blame, and
/// says what is so there. It stays as it is if no single expression is to blame.
pub(super) fn explain(set: &Bundle, test: &Test, key: Option<&Rego>, found: &mut Diagnostic) {
    let Some(query) = only_body(&test.rule) else { return };
    let beginning = Beginning::new(test, query, key);
    let Some(guilty) = first_that_fails(set, test, &beginning) else { return };
    let statement = &query.stmts[guilty];
    let why = why(set, test, &beginning, guilty);
    let at = set.modules[test.module].span_of_part(&statement.span);
    test_failed::because(found, at, &why);
}

/// The beginnings of a body, for one of its cases.
struct Beginning<'q> {
    query: &'q Query,
    /// How many statements give the keys their values, and the condition that picks the case.
    case: Option<(usize, String)>,
}

impl<'q> Beginning<'q> {
    fn new(test: &Test, query: &'q Query, key: Option<&Rego>) -> Beginning<'q> {
        let keys = tail(test);
        let case =
            key.map(|key| (statements_of_keys(query, &keys), format!("[{}] == {key}", keys.join(", "))));
        Beginning { query, case }
    }

    /// The first `count` statements.
    fn of(&self, count: usize) -> String {
        let text = first_statements(self.query, count);
        match &self.case {
            Some((needed, condition)) if count >= *needed => format!("{text}\n; {condition}"),
            _ => text.to_owned(),
        }
    }
}

/// The index of the first statement that cannot be made true.
fn first_that_fails(set: &Bundle, test: &Test, beginning: &Beginning<'_>) -> Option<usize> {
    let is_asked = |it: &LiteralStmt| !matches!(it.literal, Literal::SomeVars { .. });
    let all = beginning.query.stmts.iter().enumerate().filter(|(_, it)| is_asked(it));
    let asked: Vec<usize> = all.map(|(index, _)| index).collect();
    let ask = |indexes: &[usize]| {
        let mut probes = Probes::new(set, test);
        indexes.iter().for_each(|it| probes.holds(&beginning.of(it + 1)));
        probes.ask()
    };
    let fails = |it: &Rego| *it != Rego::Bool(true);
    match ask(&asked) {
        Some(answers) => answers.iter().position(fails).map(|it| asked[it]),
        // A beginning may name what gets its value only later, and spoils the others.
        None => asked.iter().copied().find(|&it| ask(&[it]).is_some_and(|it| it.iter().all(fails))),
    }
}

/// What is so, instead of what the statement says; empty if that is not known.
fn why(set: &Bundle, test: &Test, beginning: &Beginning<'_>, guilty: usize) -> String {
    let statement = &beginning.query.stmts[guilty];
    let mut terms = terms(statement);
    for name in names(beginning.query, guilty) {
        if terms.iter().all(|(shown, _)| *shown != name) {
            terms.push((name.clone(), name));
        }
    }
    let before = beginning.of(guilty);
    // Each on its own: what cannot be asked does not spoil the others.
    let known = terms.iter().filter_map(|(shown, term)| {
        let mut probes = Probes::new(set, test);
        probes.values(term, &before);
        let answer = probes.ask()?.pop()?;
        let (name, value) = (one_line(shown), values(&answer));
        // A list that is written out is its own value.
        let bare = |it: &str| it.replace(char::is_whitespace, "");
        (bare(&name) != bare(&value)).then(|| format!("`{}` is {value}", shortened(&name)))
    });
    known.collect::<Vec<_>>().join(", ")
}

/// The parts of a statement that decide about it, as they are shown and as they are asked for.
fn terms(statement: &LiteralStmt) -> Vec<(String, String)> {
    let found = match &statement.literal {
        Literal::SomeVars { .. } => vec![],
        Literal::SomeIn { collection, .. } => vec![collection.clone()],
        Literal::Every { domain, .. } => vec![domain.clone()],
        Literal::NotExpr { expr, .. } => vec![expr.clone()],
        Literal::Expr { expr, .. } => operands(expr),
    };
    let with = match (&statement.with_mods[..], statement.with_mods.first()) {
        ([.., last], Some(first)) => {
            let range = written(&first.span).start..written(last.r#as.span()).end;
            last.span.source.contents().get(range).unwrap_or_default()
        }
        _ => "",
    };
    let is_plain = |it: &Ref<Expr>| {
        matches!(
            it.as_ref(),
            Expr::String { .. }
                | Expr::RawString { .. }
                | Expr::Number { .. }
                | Expr::Bool { .. }
                | Expr::Null { .. }
        )
    };
    let found = found.iter().filter(|it| !is_plain(it));
    let text = |it: &Ref<Expr>| text_of(it.span()).to_owned();
    found.map(|it| (text(it), format!("{} {with}", text(it)))).collect()
}

fn operands(expr: &Ref<Expr>) -> Vec<Ref<Expr>> {
    match expr.as_ref() {
        Expr::BoolExpr { lhs, rhs, .. } => vec![lhs.clone(), rhs.clone()],
        Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => vec![lhs.clone(), rhs.clone()],
        Expr::AssignExpr { op: AssignOp::ColEq, rhs, .. } => vec![rhs.clone()],
        Expr::Membership { value, collection, .. } => vec![value.clone(), collection.clone()],
        Expr::Call { params, .. } => params.clone(),
        _ => vec![expr.clone()],
    }
}

/// The names in a statement that earlier ones have given a value.
fn names(query: &Query, guilty: usize) -> Vec<String> {
    let mut declared: Vec<&str> = vec![];
    for statement in &query.stmts[..guilty] {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => declared.extend(vars.iter().map(|it| it.text())),
            Literal::SomeIn { key, value, .. } => {
                declared.extend(key.iter().chain([value]).map(|it| it.span().text()));
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr { lhs, .. } = expr.as_ref() {
                    declared.push(lhs.span().text());
                }
            }
            _ => {}
        }
    }
    let tokens = tokens::tokens(text_of(&query.stmts[guilty].span));
    let used = tokens::references(&tokens).into_iter().map(|it| it.path[0].to_owned());
    let mut used: Vec<String> = used.filter(|it| declared.contains(&it.as_str())).collect();
    used.dedup();
    used
}

/// The values of a term, which are a set.
fn values(answer: &Rego) -> String {
    let Rego::Set(set) = answer else { return "undefined".to_owned() };
    let shown: Vec<String> =
        set.iter_sorted().take(MOST_VALUES).map(|it| shortened(&it.to_string())).collect();
    match (set.len(), &shown[..]) {
        (0, _) => "undefined".to_owned(),
        (1, [one]) => one.clone(),
        (more, _) if more > MOST_VALUES => {
            format!("one of {} and {} more", shown.join(", "), more - MOST_VALUES)
        }
        _ => format!("one of {}", shown.join(", ")),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
