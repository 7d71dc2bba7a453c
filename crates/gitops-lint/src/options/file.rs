//! One options file: what it says, with places.

use std::collections::BTreeMap;

use gitops_render::{Minors, nearest_name};
use toml::de::{DeTable, DeValue};

use crate::args::{FailOn, OutputFormat};
use crate::options::mistake::{At, Mistake};
use crate::options::select::{Layer, NoSelector, Selector};
use crate::options::tables::{self, Assume, Environment, Ignore, Override};
use crate::options::toml::{Item, Reader, Word, in_order};

/// The keys of an options file, in the order in which they are documented.
pub const KEYS: &[&str] = &[
    "extend",
    "kubernetes-versions",
    "environments",
    "preset",
    "select",
    "extend-select",
    "ignore",
    "severity",
    "overrides",
    "exclude",
    "force-exclude",
    "policies",
    "data",
    "namespaces",
    "all-namespaces",
    "combine",
    "schema-locations",
    "strict",
    "assume",
    "baseline",
    "fail-on",
    "output-format",
];

/// Which rules are on before anybody says more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// What is a mistake.
    #[default]
    Default,
    /// What most teams want to know, too.
    Recommended,
    /// All rules.
    Restricted,
}

impl Preset {
    /// The words for them.
    pub const WORDS: &[(&str, Preset)] = &[
        ("default", Preset::Default),
        ("recommended", Preset::Recommended),
        ("restricted", Preset::Restricted),
    ];

    /// Whether a rule is on.
    pub fn has(self, rule: &gitops_render::Rule) -> bool {
        // No rule is for `recommended` alone as yet.
        rule.is_default || self == Preset::Restricted
    }
}

/// The words for how bad findings have to be to be a failure.
pub const FAIL_ON: &[(&str, FailOn)] = &[
    ("error", FailOn::Error),
    ("warning", FailOn::Warning),
    ("info", FailOn::Info),
    ("never", FailOn::Never),
];

/// The words for formats.
pub const FORMATS: &[(&str, OutputFormat)] = &[
    ("full", OutputFormat::Full),
    ("concise", OutputFormat::Concise),
    ("json", OutputFormat::Json),
    ("json-lines", OutputFormat::JsonLines),
    ("github", OutputFormat::Github),
    ("sarif", OutputFormat::Sarif),
    ("junit", OutputFormat::Junit),
    ("gitlab", OutputFormat::Gitlab),
    ("markdown", OutputFormat::Markdown),
    ("rdjson", OutputFormat::Rdjson),
];

/// A value as it is written, for those who ask what is in force.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where the key stands.
    pub at: At,
    /// The value; of a list or a table, each part of it.
    pub parts: Vec<Part>,
}

/// A value, or a part of one.
#[derive(Clone, Debug)]
pub struct Part {
    /// The key, if it is a part of a table.
    pub name: Option<String>,
    /// Where it stands.
    pub at: At,
    /// The value.
    pub value: serde_json::Value,
}

/// What an options file says. `None` and empty where it says nothing.
#[derive(Clone, Debug, Default)]
pub struct OptionsFile {
    /// The number of the file.
    pub file: usize,
    /// The file that this one builds upon.
    pub extend: Option<Word>,
    /// The versions of Kubernetes.
    pub versions: Option<Minors>,
    /// The clusters.
    pub environments: Vec<Environment>,
    /// Which rules are on to begin with.
    pub preset: Option<Preset>,
    /// What is said about rules everywhere.
    pub layer: Layer,
    /// What is said about some paths.
    pub overrides: Vec<Override>,
    /// What is left out.
    pub exclude: Option<Vec<Word>>,
    /// Whether that is so for files that are named, too.
    pub force_exclude: Option<bool>,
    /// Places of policies.
    pub policies: Option<Vec<Word>>,
    /// Places of data.
    pub data: Option<Vec<Word>>,
    /// Packages that are asked.
    pub namespaces: Option<Vec<Word>>,
    /// Whether all packages are asked.
    pub all_namespaces: Option<bool>,
    /// Whether policies are asked about all objects at once.
    pub combine: Option<bool>,
    /// Places of schemas.
    pub schema_locations: Option<Vec<Word>>,
    /// Whether fields that are not known are reported.
    pub strict: Option<bool>,
    /// Objects that are elsewhere.
    pub assume: Vec<Assume>,
    /// Findings that are put up with.
    pub ignores: Vec<Ignore>,
    /// Where accepted findings are written down.
    pub baseline: Option<Word>,
    /// How bad findings have to be.
    pub fail_on: Option<FailOn>,
    /// How findings are written.
    pub output_format: Option<OutputFormat>,
    /// All of it as it is written.
    pub written: BTreeMap<&'static str, Written>,
}

/// Reads what a file says.
pub fn read(reader: &mut Reader, table: &DeTable<'_>) -> OptionsFile {
    let mut file = OptionsFile { file: reader.file, ..OptionsFile::default() };
    reader.known(table, KEYS, "the options file");
    for key in KEYS.iter().copied() {
        let Some((name, item)) = table.get_key_value(key) else { continue };
        let written = Written { at: reader.at(name.span()), parts: parts(reader, key, item) };
        file.written.insert(key, written);
        read_key(reader, &mut file, key, item);
    }
    if let (Some(names), Some(true)) = (&file.namespaces, file.all_namespaces)
        && let Some(name) = names.first()
    {
        let found = Mistake::new(name.at, "`namespaces` and `all-namespaces` exclude each other");
        let found = found.help("keep one of them");
        let other = file.written.get("all-namespaces").map_or(name.at, |it| it.at);
        reader.wrong(found.label(other, "the rules of all packages are asked"));
    }
    file
}

fn read_key(reader: &mut Reader, file: &mut OptionsFile, key: &str, item: &Item<'_>) {
    match key {
        "extend" => file.extend = reader.name(item, key),
        "kubernetes-versions" => file.versions = versions(reader, item),
        "environments" => file.environments = tables::environments(reader, item),
        "preset" => file.preset = reader.one_of(item, key, Preset::WORDS),
        "select" => file.layer.select = Some(selectors(reader, item, key)),
        "extend-select" => file.layer.extend_select = selectors(reader, item, key),
        "ignore" => (file.layer.ignore, file.ignores) = tables::ignores(reader, item),
        "severity" => file.layer.severity = tables::severities(reader, item),
        "overrides" => file.overrides = tables::overrides(reader, item),
        "exclude" => file.exclude = paths(reader, item, key),
        "force-exclude" => file.force_exclude = reader.truth(item, key),
        "policies" => file.policies = reader.names(item, key),
        "data" => file.data = reader.names(item, key),
        "namespaces" => file.namespaces = reader.names(item, key),
        "all-namespaces" => file.all_namespaces = reader.truth(item, key),
        "combine" => file.combine = reader.truth(item, key),
        "schema-locations" => file.schema_locations = reader.names(item, key),
        "strict" => file.strict = reader.truth(item, key),
        "assume" => file.assume = tables::assumed(reader, item),
        "baseline" => file.baseline = reader.name(item, key),
        "fail-on" => file.fail_on = reader.one_of(item, key, FAIL_ON),
        "output-format" => file.output_format = reader.one_of(item, key, FORMATS),
        _ => {}
    }
}

/// Versions, in one text or in several.
pub fn versions(reader: &mut Reader, item: &Item<'_>) -> Option<Minors> {
    const KEY: &str = "kubernetes-versions";
    let words = match item.get_ref() {
        DeValue::Array(_) => reader.names(item, KEY)?,
        _ => vec![reader.name(item, KEY)?],
    };
    if words.is_empty() {
        // What is wrong with an item has been told.
        if matches!(item.get_ref(), DeValue::Array(list) if list.is_empty()) {
            let found = Mistake::new(reader.at(item.span()), format!("`{KEY}` is empty"));
            reader.wrong(found.help("say which, or drop it"));
        }
        return None;
    }
    let mut all = vec![];
    for word in words {
        match word.text.parse::<Minors>() {
            Ok(minors) => all.extend_from_slice(minors.as_slice()),
            Err(err) => {
                let found = Mistake::new(word.at, err.to_string());
                let help = "write versions like `1.33`, `1.30,1.33` or `1.30-1.33`";
                reader.wrong(if found.message.contains("write") { found } else { found.help(help) });
            }
        }
    }
    Some(Minors::new(all))
}

/// Rules, each by code, name or group.
pub fn selectors(reader: &mut Reader, item: &Item<'_>, key: &str) -> Vec<Selector> {
    let words = reader.names(item, key).unwrap_or_default();
    words.iter().filter_map(|it| selector(reader, it)).collect()
}

/// A rule or several.
pub fn selector(reader: &mut Reader, word: &Word) -> Option<Selector> {
    let selector = word.text.parse();
    selector
        .map_err(|NoSelector { wanted, nearest }| {
            let found = Mistake::new(word.at, format!("there is no rule `{wanted}`"));
            reader.wrong(found.help("`gitops-lint rules` lists all rules").meant(nearest));
        })
        .ok()
}

/// What to do about a text that is no pattern of paths.
pub const NO_PATTERN: &str = "write it as in .gitignore, relative to the folder of this file";

/// Patterns of paths; those that are none are left out.
pub fn paths(reader: &mut Reader, item: &Item<'_>, key: &str) -> Option<Vec<Word>> {
    let mut words = reader.names(item, key)?;
    words.retain(|word| {
        let wrong = super::globs::Paths::new(std::slice::from_ref(&word.text)).err();
        if let Some((_, reason)) = wrong.and_then(|it| it.into_iter().next()) {
            let message = format!("`{}` is no pattern of paths: {reason}", word.text);
            reader.wrong(Mistake::new(word.at, message).help(NO_PATTERN));
            return false;
        }
        true
    });
    Some(words)
}

/// The nearest of some words.
pub fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    nearest_name(text, words.iter().copied())
}

fn parts(reader: &Reader, key: &str, item: &Item<'_>) -> Vec<Part> {
    let part = |name: Option<String>, it: &Item<'_>| Part {
        name,
        at: reader.at(it.span()),
        value: json(it.get_ref()),
    };
    let is_list = matches!(key, "extend-select" | "ignore" | "overrides" | "assume");
    match item.get_ref() {
        DeValue::Array(list) if is_list => list.iter().map(|it| part(None, it)).collect(),
        // Of environments the first counts.
        DeValue::Table(table) => {
            in_order(table).into_iter().map(|(key, it)| part(Some(key.text), it)).collect()
        }
        _ => vec![part(None, item)],
    }
}

/// A value as JSON. Values nest up to 80 levels.
fn json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(it) => it.as_ref().into(),
        DeValue::Integer(it) => {
            it.to_string().parse::<i64>().map_or_else(|_| it.to_string().into(), Into::into)
        }
        DeValue::Float(it) => it.to_string().parse::<f64>().map_or(serde_json::Value::Null, Into::into),
        DeValue::Boolean(it) => (*it).into(),
        DeValue::Datetime(it) => it.to_string().into(),
        DeValue::Array(list) => list.iter().map(|it| json(it.get_ref())).collect(),
        DeValue::Table(table) => {
            table.iter().map(|(key, it)| (key.get_ref().to_string(), json(it.get_ref()))).collect()
        }
    }
}
