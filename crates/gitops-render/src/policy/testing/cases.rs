//! Tests with cases: `test_concat[case.note] if { some case in cases; … }`.
//!
//! The rule's value holds the cases that pass. Those that do not are found as OPA finds them: by
//! the keys that the body comes to before anything else can fail.

use regorus::Value as Rego;
use regorus::unstable::{Expr, Query, Ref, Rule, RuleHead};

use crate::policy::module::{text_of, written};
use crate::policy::test_case::Outcome;
use crate::policy::testing::probe::Probes;
use crate::policy::testing::run::Verdict;
use crate::policy::testing::{Bundle, Test};
use crate::policy::tokens;
use crate::rules::pol::{does_not_compile, test_failed};

/// What stands behind the name in the head, as it is written: `["case.note"]`.
pub(super) fn tail(test: &Test) -> Vec<String> {
    let Rule::Spec { head: RuleHead::Compr { refr, .. }, .. } = test.written.as_ref() else { return vec![] };
    let mut parts = vec![];
    let mut next = Some(refr);
    while let Some(expr) = next {
        next = match expr.as_ref() {
            Expr::RefDot { refr, field, .. } => {
                parts.push(format!("{:?}", field.0.text()));
                Some(refr)
            }
            Expr::RefBrack { refr, index, .. } => {
                parts.push(text_of(index.span()).to_owned());
                Some(refr)
            }
            _ => {
                parts.push(String::new());
                None
            }
        };
    }
    parts.reverse();
    parts.split_off(parts.len().min(test.depth))
}

/// The body of a rule that has exactly one.
pub(super) fn only_body(rule: &Rule) -> Option<&Ref<Query>> {
    let Rule::Spec { bodies, .. } = rule else { return None };
    match &bodies[..] {
        [body] if !body.query.stmts.is_empty() => Some(&body.query),
        _ => None,
    }
}

/// The text of the first `count` statements of a body.
pub(super) fn first_statements(query: &Query, count: usize) -> &str {
    let Some(last) = count.checked_sub(1).and_then(|it| query.stmts.get(it)) else { return "true" };
    let range = written(&query.stmts[0].span).start..written(&last.span).end;
    last.span.source.contents().get(range).unwrap_or("true")
}

/// How many statements it takes until all names in the keys have a value.
pub(super) fn statements_of_keys(query: &Query, keys: &[String]) -> usize {
    let words = keys.iter().flat_map(|it| {
        let tokens = tokens::tokens(it);
        tokens::references(&tokens).into_iter().map(|it| it.path[0].to_owned()).collect::<Vec<_>>()
    });
    let first = |word: String| {
        query.stmts.iter().position(|statement| {
            let tokens = tokens::tokens(text_of(&statement.span));
            tokens::references(&tokens).iter().any(|it| it.path[0] == word)
        })
    };
    words.filter_map(first).map(|it| it + 1).max().unwrap_or(0)
}

/// A result for each case.
pub(super) fn read(set: &Bundle, test: &Test, value: &Rego) -> Vec<Verdict> {
    let keys = tail(test);
    let error = |why: &str| {
        let found = does_not_compile::failed(test.at, &test.name, why);
        vec![(test.name.clone(), Outcome::Errored(vec![found]), None)]
    };
    let Some(query) = only_body(&test.rule) else { return error("its cases have more than one body") };
    let mut probes = Probes::new(set, test);
    let body = first_statements(query, statements_of_keys(query, &keys));
    probes.values(&format!("[{}]", keys.join(", ")), body);
    let reached = match probes.ask().as_deref() {
        Some([Rego::Set(reached)]) => reached.iter_sorted().cloned().collect::<Vec<_>>(),
        Some([Rego::Undefined]) => vec![],
        _ => return error("its cases cannot be told apart"),
    };
    if reached.is_empty() {
        let found = test_failed::without_cases(test.at, &test.name);
        return vec![(test.name.clone(), Outcome::Failed(vec![found]), None)];
    }
    let verdict = |key: Rego| {
        let parts: Vec<Rego> = key.as_array().map(|it| it.iter().cloned().collect()).unwrap_or_default();
        let held = parts.iter().fold(value.clone(), |value, part| value[part].clone());
        let shown = parts.iter().map(|it| match it {
            Rego::String(text) => format!("[{text}]"),
            other => format!("[{other}]"),
        });
        let name = format!("{}{}", test.name, shown.collect::<String>());
        let outcome = if held == Rego::Bool(true) {
            Outcome::Passed
        } else {
            Outcome::Failed(vec![test_failed::failed(test.at, &name)])
        };
        (name, outcome, Some(key))
    };
    reached.into_iter().map(verdict).collect()
}
