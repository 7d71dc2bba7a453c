//! Runs OPA's own conformance cases, which are not part of this repository.
//!
//! `OPA_CASES=folder cargo test -p gitops-render --lib opa -- --ignored --nocapture` reads every YAML
//! file below the folder: `cases:`, each with modules, data, an input, a query and what it gives. A
//! case may be refused; it fails if we come to another result than OPA, or to none where OPA has an
//! error. `CASE=text` picks those whose note has the text.

use std::path::{Path, PathBuf};

use regorus::Value as Rego;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{json, link_texts, to_rego};
use crate::policy::rego_error::RegoError;

/// A file of cases.
#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

/// One case. What else OPA's runner knows makes no difference here.
#[derive(Deserialize)]
struct Case {
    note: String,
    query: String,
    #[serde(default)]
    modules: Vec<String>,
    data: Option<Json>,
    input: Option<Json>,
    /// The input as a term of Rego.
    input_term: Option<String>,
    /// The variables of the query, for each of its results.
    want_result: Option<Vec<serde_json::Map<String, Json>>>,
    want_error: Option<String>,
    want_error_code: Option<String>,
    #[serde(default)]
    strict_error: bool,
    #[serde(default)]
    sort_bindings: bool,
}

/// What came of a case.
enum Outcome {
    Results(Vec<serde_json::Map<String, Json>>),
    Refused(String),
    Failed(String),
}

impl Case {
    fn outcome(&self) -> Outcome {
        let linked = match link_texts(&self.modules) {
            Ok(linked) => linked,
            Err(refused) => return Outcome::Refused(refused),
        };
        if let Some(found) = linked.unsupported.first() {
            return Outcome::Refused(found.message.clone());
        }
        let mut engine = linked.engine;
        if let Some(data) = &self.data {
            engine.add_data(to_rego(data)).unwrap();
        }
        match (&self.input, &self.input_term) {
            (Some(input), _) => engine.set_input(to_rego(input)),
            (None, Some(term)) => {
                let value = engine.eval_query(term.clone(), false).unwrap();
                engine.set_input(value.result[0].expressions[0].value.clone());
            }
            (None, None) => engine.set_input(Rego::Undefined),
        }
        let failed = |err: &dyn std::fmt::Display| Outcome::Failed(RegoError::read(&err.to_string()).reason);
        // What policies are asked for is the value of a rule.
        if let Some((rule, variable)) = self.rule() {
            match engine.eval_rule(rule.to_owned()) {
                Ok(Rego::Undefined) => return Outcome::Results(vec![]),
                Ok(value) => {
                    return Outcome::Results(vec![
                        [(variable.to_owned(), plain(&value))].into_iter().collect(),
                    ]);
                }
                Err(err) if err.to_string() == "not a valid rule path" => {}
                Err(err) => return failed(&err),
            }
        }
        match engine.eval_query(self.query.clone(), false) {
            Ok(found) => Outcome::Results(
                found
                    .result
                    .iter()
                    .filter(|it| it.expressions.iter().all(|it| it.value != Rego::Bool(false)))
                    .map(|it| match plain(&it.bindings) {
                        Json::Object(variables) => variables,
                        _ => Default::default(),
                    })
                    .collect(),
            ),
            Err(err) => failed(&err),
        }
    }

    /// The rule and the variable of a query `data.test.p = x`.
    fn rule(&self) -> Option<(&str, &str)> {
        let (rule, variable) = self.query.split_once(" = ")?;
        let is_path = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_');
        let is_rule = rule.starts_with("data.") && rule.bytes().all(is_path);
        (is_rule && variable.bytes().all(|it| it.is_ascii_alphanumeric())).then_some((rule, variable))
    }

    /// What is wrong with an outcome.
    fn wrong(&self, outcome: &Outcome) -> Option<String> {
        // An error of a builtin is undefined unless OPA is told otherwise.
        let is_error = (self.want_error.is_some() || self.want_error_code.is_some()) && !self.strict_error;
        match outcome {
            Outcome::Refused(_) => None,
            // A failure is a finding, and no verdict.
            Outcome::Failed(_) => None,
            Outcome::Results(found) if is_error => Some(format!("{found:?}")),
            Outcome::Results(found) => {
                let mut wanted = self.want_result.clone().unwrap_or_default();
                let mut found = found.clone();
                for results in [&mut wanted, &mut found] {
                    results
                        .iter_mut()
                        .flat_map(|it| it.values_mut())
                        .for_each(|it| normal(it, self.sort_bindings));
                    results.sort_by_key(|it| format!("{it:?}"));
                }
                (wanted != found).then(|| Json::from_iter(found.into_iter().map(Json::Object)).to_string())
            }
        }
    }
}

/// A value with sets as arrays and all keys as text.
fn plain(value: &Rego) -> Json {
    let text = json(value).to_json_str();
    text.ok().and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_else(|| Json::from("beyond JSON"))
}

/// Numbers by their values, and arrays in order where the case asks for that.
fn normal(value: &mut Json, sorts: bool) {
    match value {
        Json::Number(number) => {
            if let Some(whole) = number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 1e15) {
                *value = Json::from(whole as i64);
            }
        }
        Json::Array(items) => {
            items.iter_mut().for_each(|it| normal(it, sorts));
            if sorts {
                items.sort_by_key(Json::to_string);
            }
        }
        Json::Object(entries) => entries.values_mut().for_each(|it| normal(it, sorts)),
        _ => {}
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            found.push(path);
        }
    }
    found.sort();
}

#[test]
#[ignore = "reads the cases that OPA_CASES names"]
fn opas_cases_come_out_as_in_opa() {
    let Ok(folder) = std::env::var("OPA_CASES") else {
        println!("skipped: OPA_CASES does not name a folder with OPA's cases");
        return;
    };
    let only = std::env::var("CASE").unwrap_or_default();
    let mut paths = vec![];
    files(Path::new(&folder), &mut paths);
    let (mut count, mut refused, mut wrong) = (0, vec![], vec![]);
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let cases: Cases = serde_yaml::from_str(&text).unwrap_or_else(|err| panic!("{path:?}: {err}"));
        for case in cases.cases.iter().filter(|it| it.note.contains(&only)) {
            count += 1;
            let outcome = case.outcome();
            if let Some(have) = case.wrong(&outcome) {
                let want = (&case.want_error_code, &case.want_error, &case.want_result);
                wrong.push(format!("{}\n   want {want:?}\n   have {have}", case.note));
            } else if let (Outcome::Refused(reason) | Outcome::Failed(reason), Some(_)) =
                (&outcome, &case.want_result)
            {
                refused.push(format!("{}: {reason}", case.note));
            }
        }
    }
    println!("{count} cases, {} refused\n{}", refused.len(), refused.join("\n"));
    assert!(wrong.is_empty(), "{} of {count} cases differ\n{}", wrong.len(), wrong.join("\n"));
}
