//! What OPA makes of a policy, case by case: `testdata/rego/*.yaml`.
//!
//! A case is a rule body of v1 (`rego`), of v0 (`v0`) or whole modules (`modules`), an input and
//! data, and what `data.test.p` is then: a value (`want`), undefined (`undefined: true`), a finding
//! of ours in its place (`refused`), or a failure when it is evaluated (`fails`).

#[path = "opa/tests.rs"]
mod opa;

use std::path::{Path, PathBuf};

use regorus::Value as Rego;
use serde::Deserialize;

use super::rego_error::RegoError;
use super::{link, module::Module};
use crate::source::{MemoryTree, RepoPath};
use crate::sources::Sources;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    #[serde(default)]
    rego: String,
    #[serde(default)]
    v0: String,
    #[serde(default)]
    modules: Vec<String>,
    query: Option<String>,
    input: Option<serde_json::Value>,
    data: Option<serde_json::Value>,
    want: Option<serde_json::Value>,
    #[serde(default)]
    undefined: bool,
    refused: Option<String>,
    fails: Option<String>,
}

impl Case {
    fn texts(&self) -> Vec<String> {
        let mut texts = self.modules.clone();
        if !self.rego.is_empty() {
            texts.push(format!("package test\n{}", self.rego));
        }
        if !self.v0.is_empty() {
            texts.push(format!("package test\n{}", self.v0));
        }
        texts
    }

    fn expected(&self) -> String {
        match (&self.want, &self.refused, &self.fails) {
            (Some(want), ..) => to_rego(want).to_string(),
            (None, Some(refused), _) => format!("refused: {refused}"),
            (None, None, Some(fails)) => format!("fails: {fails}"),
            (None, None, None) => {
                assert!(self.undefined, "{}: says nothing of what is expected", self.case);
                "undefined".to_owned()
            }
        }
    }

    /// What we make of it, in the words of [`Case::expected`].
    fn outcome(&self) -> String {
        let linked = match link_texts(&self.texts()) {
            Ok(linked) => linked,
            Err(refused) => return format!("refused: {refused}"),
        };
        let query = self.query.clone().unwrap_or_else(|| "data.test.p".to_owned());
        let mut engine = linked.engine;
        if let Some(data) = &self.data {
            engine.add_data(to_rego(data)).unwrap();
        }
        engine.set_input(self.input.as_ref().map_or(Rego::Undefined, to_rego));
        let value = match engine.eval_rule(query.clone()) {
            Err(err) if err.to_string() == "not a valid rule path" => engine
                .eval_query(query, false)
                .map(|it| it.result.first().map_or(Rego::Undefined, |it| it.expressions[0].value.clone())),
            value => value,
        };
        match value {
            Ok(Rego::Undefined) => "undefined".to_owned(),
            Ok(value) => json(&value).to_string(),
            Err(error) => format!("fails: {}", RegoError::read(&error.to_string()).reason),
        }
    }
}

/// The modules put together, or the first reason against it.
fn link_texts(texts: &[String]) -> Result<link::Linked, String> {
    let mut tree = MemoryTree::new();
    for (index, text) in texts.iter().enumerate() {
        tree.insert(&format!("{index}.rego"), text);
    }
    let sources = Sources::new(&tree);
    let (mut modules, mut broken) = (vec![], vec![]);
    for index in 0..texts.len() {
        let path = RepoPath::root().join(&format!("{index}.rego")).unwrap();
        match Module::read(&sources.open(&path).unwrap()) {
            Ok(module) => modules.push(module),
            Err(err) => broken.push(*err),
        }
    }
    let linked = link::link(modules, &mut broken);
    match broken.first() {
        Some(broken) => Err(format!("{} {}", broken.diagnostic.rule.code, broken.diagnostic.message)),
        None => Ok(linked),
    }
}

fn to_rego(value: &serde_json::Value) -> Rego {
    Rego::from_json_str(&value.to_string()).unwrap()
}

/// Sets as arrays in their order, as OPA prints them.
fn json(value: &Rego) -> Rego {
    match value {
        Rego::Set(items) => items.iter_sorted().map(json).collect::<Vec<_>>().into(),
        Rego::Array(items) => items.iter().map(json).collect::<Vec<_>>().into(),
        Rego::Object(entries) => {
            let entries = entries.iter_sorted();
            entries.map(|(k, v)| (json(k), json(v))).collect::<std::collections::BTreeMap<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/rego");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_case_comes_out_as_in_opa() {
    let mut wrong = vec![];
    let only = std::env::var("CASE").unwrap_or_default();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let cases: Vec<Case> = serde_yaml::from_str(&text).unwrap_or_else(|err| panic!("{path:?}: {err}"));
        for case in cases.iter().filter(|it| it.case.contains(&only)) {
            let (expected, outcome) = (case.expected(), case.outcome());
            let is_partly = case.refused.is_some() || case.fails.is_some();
            if expected != outcome && !(is_partly && outcome.starts_with(&expected)) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                wrong.push(format!("{name}: {}\n   want {expected}\n   have {outcome}", case.case));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}
