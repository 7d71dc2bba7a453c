//! What several layers say, as one options file says it: `gitops-lint config` prints one that can be read again.

use std::path::Path;

use gitops_render::rules::RULES;
use serde_json::{Value, json};

use crate::disk_tree::relative_path;
use crate::options::select::{Layer, Selection, Verdict};
use crate::options::settings::rules_everywhere;
use crate::options::{Options, chain};

/// The keys that say together which rules are on.
pub const OF_RULES: [&str; 4] = ["select", "extend-select", "ignore", "severity"];

/// What is said about rules everywhere, if it comes to something else when it stands in one file: the keys and
/// values that come to the same. A later layer may have put off what an earlier one says more precisely.
pub fn rules(options: &Options) -> Option<Vec<(String, Value)>> {
    let (truth, mut flat) = (rules_everywhere(options), Layer::default());
    let files = options.chain.files.iter().map(|it| it.0.layer.clone());
    for layer in files.chain([options.flags.layer()]) {
        flat.select = layer.select.or(flat.select);
        flat.extend_select.extend(layer.extend_select);
        flat.ignore.extend(layer.ignore);
        let is_new = |name: &str| layer.severity.iter().all(|it| it.0.as_str() != name);
        flat.severity.retain(|it| is_new(it.0.as_str()));
        flat.severity.extend(layer.severity);
    }
    let flat = Selection::new(|it| options.preset().has(it), &[flat], vec![]);
    (flat.verdicts() != truth.verdicts()).then(|| one_by_one(&truth))
}

fn one_by_one(truth: &Selection) -> Vec<(String, Value)> {
    let all = || RULES.iter().zip(truth.verdicts());
    let is_off = |it: &Verdict| !it.is_on && !it.is_needed;
    let always = Selection::new(|_| false, &[], vec![]);
    let needed = always.verdicts().iter().map(|it| it.is_needed);
    let codes = |select: &dyn Fn(&Verdict, bool) -> bool| -> Value {
        let chosen = all().zip(needed.clone()).filter(|((_, it), needed)| select(it, *needed));
        chosen.map(|((rule, _), _)| rule.code).collect()
    };
    let mut said = vec![
        ("select".to_owned(), codes(&|it, _| it.is_on)),
        ("ignore".to_owned(), codes(&|it, is_needed| is_needed && is_off(it))),
    ];
    said.extend(
        all()
            .filter_map(|(rule, it)| Some((format!("severity.{}", rule.code), it.severity?.as_str().into()))),
    );
    said
}

/// A value of a key that stands in a file in `from`, as it would stand in one in `to`.
///
/// Patterns of a folder that does not lie in `to` have no words there, and stay.
pub fn moved(key: &str, value: &Value, from: &Path, to: &Path) -> Value {
    if from == to {
        return value.clone();
    }
    let each = |value: &Value, change: &dyn Fn(&str) -> String| match value {
        Value::Array(all) => {
            all.iter().map(|it| it.as_str().map_or_else(|| it.clone(), |it| change(it).into())).collect()
        }
        Value::String(it) => change(it).into(),
        other => other.clone(),
    };
    let path = |it: &str| {
        let is_name = it == "default" || it.starts_with("builtin:") || Path::new(it).is_absolute();
        if is_name { it.to_owned() } else { relative_path(&chain::joined(from, it), to) }
    };
    let pattern = |it: &str| pattern(it, from, to);
    match key {
        "policies" | "data" | "schema-locations" => each(value, &path),
        "exclude" => each(value, &pattern),
        _ => {
            let mut value = value.clone();
            for key in ["path", "paths"] {
                if let Some(it) = value.get_mut(key) {
                    *it = each(it, &pattern);
                }
            }
            value
        }
    }
}

fn pattern(text: &str, from: &Path, to: &Path) -> String {
    let Some(way) = from.strip_prefix(to).ok().and_then(Path::to_str) else { return text.to_owned() };
    let (sign, rest) = text.strip_prefix('!').map_or(("", text), |it| ("!", it));
    let rest = rest.strip_prefix("./").map_or_else(|| rest.to_owned(), |it| format!("/{it}"));
    let is_anchored = rest.trim_end_matches('/').contains('/');
    let between = if is_anchored { "/" } else { "/**/" };
    format!("{sign}/{way}{between}{}", rest.trim_start_matches('/'))
}

/// An override as it is under a flag that selects: that goes over what overrides select.
pub fn without_select(value: &Value) -> Option<Value> {
    let mut value = value.clone();
    let map = value.as_object_mut()?;
    map.remove("select");
    map.remove("extend-select");
    (map.keys().any(|it| it != "paths")).then_some(json!(map))
}
