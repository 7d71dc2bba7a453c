//! The tables of an options file: `environments`, `overrides`, `ignore`, `severity` and `assume`.

use std::collections::BTreeMap;

use gitops_render::{Minors, Severity};
use toml::de::{DeTable, DeValue};

use crate::options::file::{NO_PATTERN, nearest, paths, selector, selectors, versions};
use crate::options::globs::Pattern;
use crate::options::mistake::{At, Mistake};
use crate::options::select::{Layer, Selector};
use crate::options::toml::{Item, Reader, Word, in_order};

/// The clusters that are checked against versions of their own.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What it is called.
    pub name: Word,
    /// Where its roots are; `None` if folders are called like it.
    pub paths: Option<Vec<Word>>,
    /// The versions of Kubernetes.
    pub versions: Option<Minors>,
}

/// What is said about rules in some files.
#[derive(Clone, Debug)]
pub struct Override {
    /// The files.
    pub paths: Vec<Word>,
    /// What is said.
    pub layer: Layer,
}

/// `[[ignore]]`, before it is known where in the tree its file is.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// The place of the entry.
    pub at: At,
    /// The rules; all if it names none, but then it says something else.
    pub rules: Vec<Selector>,
    /// The kind of the object.
    pub kind: Option<Pattern>,
    /// The namespace of the object.
    pub namespace: Option<Pattern>,
    /// The name of the object.
    pub name: Option<Pattern>,
    /// The name of the container.
    pub container: Option<Pattern>,
    /// The files.
    pub paths: Option<Vec<Word>>,
    /// Why.
    pub reason: Option<String>,
    /// The last day.
    pub expires: Option<(Day, Word)>,
}

/// Year, month and day of a date that there is.
pub type Day = (u16, u8, u8);

/// An object that is there, although not in the repository.
#[derive(Clone, Debug)]
pub struct Assume {
    /// The place of the entry.
    pub at: At,
    /// Its apiVersion.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name; `None` if only the kind is known.
    pub name: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// Folders that are called so belong to an environment of one of the other names, too.
const SPELLINGS: [&[&str]; 4] = [
    &["dev", "develop", "development"],
    &["test", "testing", "qa", "uat"],
    &["stage", "staging", "stg"],
    &["prod", "production", "prd", "live"],
];

impl Environment {
    /// The folders that belong to it if nobody says which.
    pub fn folders(&self) -> Vec<String> {
        let name = &*self.name.text;
        let family = SPELLINGS.iter().find(|it| it.contains(&name));
        let names = family.map_or(vec![name], |it| it.to_vec());
        names.into_iter().map(|it| format!("{it}/")).collect()
    }
}

/// Reads `environments`.
pub fn environments(reader: &mut Reader, item: &Item<'_>) -> Vec<Environment> {
    let Some(table) = reader.table(item, "environments") else { return vec![] };
    let mut all = vec![];
    for (mut name, item) in in_order(table) {
        name.at.file = reader.file;
        let key = format!("environments.{}", name.text);
        let Some(table) = reader.table(item, &key) else { continue };
        reader.known(table, &["paths", "kubernetes-versions"], "an environment");
        let listed = table.get("paths").and_then(|it| some_paths(reader, it));
        let of = table.get("kubernetes-versions");
        if of.is_none() && nearest_key(table, &["kubernetes-versions"]).is_none() {
            let message = format!("the environment `{}` says no `kubernetes-versions`", name.text);
            reader.wrong(Mistake::new(name.at, message).help("say which, or drop it"));
        }
        let versions = of.and_then(|it| versions(reader, it));
        all.push(Environment { name, paths: listed, versions });
    }
    all
}

/// Patterns of paths of which there has to be one.
fn some_paths(reader: &mut Reader, item: &Item<'_>) -> Option<Vec<Word>> {
    if matches!(item.get_ref(), DeValue::Array(list) if list.is_empty()) {
        reader
            .wrong(Mistake::new(reader.at(item.span()), "`paths` is empty").help("name a path, or drop it"));
        return None;
    }
    paths(reader, item, "paths")
}

const SEVERITIES: &[(&str, Option<Severity>)] = &[
    ("error", Some(Severity::Error)),
    ("warning", Some(Severity::Warning)),
    ("info", Some(Severity::Info)),
    ("off", None),
];

/// Reads `severity`, in the order of the file.
pub fn severities(reader: &mut Reader, item: &Item<'_>) -> Vec<(Selector, Option<Severity>)> {
    let Some(table) = reader.table(item, "severity") else { return vec![] };
    let mut all = vec![];
    for (mut name, item) in in_order(table) {
        name.at.file = reader.file;
        let selector = selector(reader, &name);
        let level = reader.one_of(item, &name.text, SEVERITIES);
        all.extend(selector.zip(level));
    }
    all
}

/// Reads `[[overrides]]`.
pub fn overrides(reader: &mut Reader, item: &Item<'_>) -> Vec<Override> {
    let mut all = vec![];
    for (at, table) in reader.tables(item, "overrides") {
        if let Some((key, _)) = table.get_key_value("kubernetes-versions") {
            let found = Mistake::new(reader.at(key.span()), "an override has no key `kubernetes-versions`");
            reader.wrong(found.help("roots are checked against other versions by `[environments.NAME]`"));
        }
        let known = ["paths", "select", "extend-select", "ignore", "severity"];
        reader.known(table, &[&known[..], &["kubernetes-versions"]].concat(), "an override");
        let layer = Layer {
            select: table.get("select").map(|it| selectors(reader, it, "select")),
            extend_select: rules(reader, table, "extend-select"),
            ignore: rules(reader, table, "ignore"),
            severity: table.get("severity").map(|it| severities(reader, it)).unwrap_or_default(),
        };
        match table.get("paths") {
            None if nearest_key(table, &["paths"]).is_some() => {}
            None => {
                reader.wrong(Mistake::new(at, "an override needs `paths`").help("say which files it is for"))
            }
            Some(_) if !known[1..].iter().any(|it| table.contains_key(*it)) => {
                let found = Mistake::new(at, "this override changes nothing");
                reader.wrong(found.help("say what is different there: `ignore`, `select`, `severity`"));
            }
            Some(it) => {
                all.extend(some_paths(reader, it).map(|paths| Override { paths, layer }));
            }
        }
    }
    all
}

fn rules(reader: &mut Reader, table: &DeTable<'_>, key: &str) -> Vec<Selector> {
    table.get(key).map(|it| selectors(reader, it, key)).unwrap_or_default()
}

/// Reads `ignore`: rules, and entries of `[[ignore]]`.
pub fn ignores(reader: &mut Reader, item: &Item<'_>) -> (Vec<Selector>, Vec<Ignore>) {
    let (mut all, mut entries) = (vec![], vec![]);
    let Some(list) = reader.list(item, "ignore") else { return (all, entries) };
    for item in list.iter() {
        if let DeValue::Table(table) = item.get_ref() {
            let at = reader.at(item.span());
            entries.extend(ignore(reader, table, at));
        } else if let Some(word) = reader.name(item, "ignore") {
            all.extend(selector(reader, &word));
        }
    }
    (all, entries)
}

const CONDITIONS: [&str; 6] = ["rules", "kind", "namespace", "name", "container", "path"];

fn ignore(reader: &mut Reader, table: &DeTable<'_>, at: At) -> Option<Ignore> {
    reader.known(table, &[&CONDITIONS[..], &["reason", "expires"]].concat(), "`[[ignore]]`");
    if !CONDITIONS.iter().any(|it| table.contains_key(*it)) {
        if nearest_key(table, &CONDITIONS).is_some() {
            return None;
        }
        let found = Mistake::new(at, "this would ignore every finding");
        reader.wrong(found.help("say which: `rules`, `kind`, `namespace`, `name`, `container` or `path`"));
        return None;
    }
    let rules = match table.get("rules") {
        None => vec![Selector::All],
        Some(it) if matches!(it.get_ref(), DeValue::Array(list) if list.is_empty()) => {
            reader.wrong(
                Mistake::new(reader.at(it.span()), "`rules` is empty").help("name a rule, or drop it"),
            );
            return None;
        }
        Some(it) => selectors(reader, it, "rules"),
    };
    let path = |reader: &mut Reader, it: &Item<'_>| match it.get_ref() {
        DeValue::Array(_) => some_paths(reader, it),
        _ => one_path(reader, it),
    };
    let reason = table.get("reason").and_then(|it| reader.text(it, "reason")).map(|it| it.text);
    Some(Ignore {
        at,
        rules,
        kind: pattern(reader, table, "kind"),
        namespace: pattern(reader, table, "namespace"),
        name: pattern(reader, table, "name"),
        container: pattern(reader, table, "container"),
        paths: table.get("path").and_then(|it| path(reader, it)),
        reason: reason.filter(|it| !it.trim().is_empty()),
        expires: table.get("expires").and_then(|it| day(reader, it)),
    })
}

fn one_path(reader: &mut Reader, item: &Item<'_>) -> Option<Vec<Word>> {
    let word = reader.name(item, "path")?;
    match super::globs::Paths::new(std::slice::from_ref(&word.text)) {
        Ok(_) => Some(vec![word]),
        Err(wrong) => {
            let reason = wrong.into_iter().next().map(|it| it.1).unwrap_or_default();
            let message = format!("`{}` is no pattern of paths: {reason}", word.text);
            reader.wrong(Mistake::new(word.at, message).help(NO_PATTERN));
            None
        }
    }
}

fn pattern(reader: &mut Reader, table: &DeTable<'_>, key: &str) -> Option<Pattern> {
    let word = reader.name(table.get(key)?, key)?;
    Pattern::new(&word.text)
        .map_err(|reason| {
            let found = Mistake::new(word.at, format!("`{}` is no pattern of names: {reason}", word.text));
            reader.wrong(found.help("`*`, `?`, `[a-z]` and `{a,b}` stand for more than themselves"));
        })
        .ok()
}

/// A day, as a date of TOML or as text.
fn day(reader: &mut Reader, item: &Item<'_>) -> Option<(Day, Word)> {
    let at = reader.at(item.span());
    let (text, day) = match item.get_ref() {
        DeValue::Datetime(it) => (it.to_string(), of_date(item.get_ref())),
        _ => {
            let text = reader.name(item, "expires")?.text;
            let day = DeValue::parse(&text).ok().and_then(|it| of_date(it.get_ref()));
            (text, day)
        }
    };
    if day.is_none() {
        let found = Mistake::new(at, format!("`expires` is a day, and `{text}` is none"));
        reader.wrong(found.help("write it like `2026-12-31`"));
    }
    Some((day?, Word { text, at }))
}

/// The day of a date without a time.
fn of_date(value: &DeValue<'_>) -> Option<Day> {
    let DeValue::Datetime(it) = value else { return None };
    let date = it.date.filter(|date| it.time.is_none() && it.offset.is_none() && date.year > 0)?;
    Some((date.year, date.month, date.day))
}

/// Reads `assume`.
pub fn assumed(reader: &mut Reader, item: &Item<'_>) -> Vec<Assume> {
    let mut all = vec![];
    for (at, table) in reader.tables(item, "assume") {
        reader.known(table, &["apiVersion", "kind", "namespace", "name", "labels"], "an assumed object");
        let mut text = |key: &str| Some(reader.name(table.get(key)?, key)?.text);
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let (namespace, name) = (text("namespace"), text("name"));
        let missing: Vec<&str> =
            ["apiVersion", "kind"].into_iter().filter(|it| !table.contains_key(*it)).collect();
        if !missing.is_empty() && nearest_key(table, &missing).is_none() {
            let message = format!("an assumed object needs `{}`", missing.join("` and `"));
            reader.wrong(Mistake::new(at, message).help("say what the object is"));
        }
        let labels = table.get("labels").map(|it| labels(reader, it)).unwrap_or_default();
        if let (Some(api_version), Some(kind)) = (api_version, kind) {
            all.push(Assume { at, api_version, kind, namespace, name, labels });
        }
    }
    all
}

/// A key that was most likely meant to be the one that is missing: that has been told.
fn nearest_key<'k>(table: &DeTable<'_>, missing: &[&'k str]) -> Option<&'k str> {
    table.keys().find_map(|it| nearest(it.get_ref(), missing))
}

fn labels(reader: &mut Reader, item: &Item<'_>) -> BTreeMap<String, String> {
    let Some(table) = reader.table(item, "labels") else { return BTreeMap::new() };
    let mut all = BTreeMap::new();
    for (key, item) in table.iter() {
        if let Some(word) = reader.text(item, key.get_ref()) {
            all.insert(key.get_ref().to_string(), word.text);
        }
    }
    all
}
