//! `gitops-lint.baseline.json`: how findings that are accepted are written down, and read again.
//!
//! What makes an entry the one that it is, is its fingerprint. The rest says to a reader what it stands for,
//! and is made of the same, so that the file stays as it is while its findings stay what they are.

use std::collections::BTreeMap;
use std::io;

use gitops_render::{Label, Node, SourceFile, Span};
use serde::Serialize;

use crate::baseline::asked::Asked;
use crate::fingerprint::Identity;
use crate::output::write_json;

/// Changes when an older program could not make sense of the file.
const VERSION: u32 = 1;

/// A finding that is accepted.
#[derive(Clone, Debug)]
pub struct Entry {
    /// 32 hexadecimal digits.
    pub fingerprint: String,
    /// What they are made of, as the file tells it.
    pub identity: Identity,
    /// Where it stands, if it was read.
    pub at: Option<Span>,
}

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// In the order of the file.
    pub entries: Vec<Entry>,
    /// What was asked when they were found; `None` if it does not say.
    pub asked: Option<Asked>,
}

/// Why a file is no baseline.
#[derive(Debug)]
pub struct Broken {
    /// What is so.
    pub message: String,
    /// Where; never empty.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: String,
}

/// The whole file.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// What was asked when they were found.
    checked: &'a Asked,
    entries: Vec<Row<'a>>,
}

/// An entry as it is written.
#[derive(Serialize)]
struct Row<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    message: &'a str,
    /// Which one it is of those that agree in all of this; the first if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
    fingerprint: &'a str,
}

impl Entry {
    /// An entry for a finding.
    pub fn new(identity: Identity) -> Entry {
        Entry { fingerprint: identity.fingerprint(), identity, at: None }
    }
}

/// Writes the entries, each once, in an order that depends on nothing but what they say.
pub fn write(out: &mut dyn io::Write, asked: &Asked, entries: &[Entry]) -> io::Result<()> {
    let sorted: BTreeMap<(&Identity, &str), &Entry> =
        entries.iter().map(|it| ((&it.identity, &*it.fingerprint), it)).collect();
    let rows = sorted.into_values().map(row).collect();
    write_json(out, &Document { version: VERSION, checked: asked, entries: rows })
}

fn row(entry: &Entry) -> Row<'_> {
    let Identity { path, object, field, code, message, number } = &entry.identity;
    Row {
        code,
        path: path.as_deref(),
        object: object.as_deref(),
        field: field.as_deref(),
        message,
        number: Some(*number).filter(|it| *it > 1),
        fingerprint: &entry.fingerprint,
    }
}

/// Reads the baseline. Fields that nobody knows are passed over: a newer program may have written them.
///
/// # Errors
/// If it is no baseline, or that of a newer program.
pub fn read(file: &SourceFile) -> Result<Baseline, Broken> {
    // JSON is YAML, and our reader of that knows places, and what a merge has left.
    let yaml = file.yaml();
    if let Some(found) = yaml.diagnostics.first() {
        let is_conflict = found.rule.name == "marker-left-in";
        let help = if is_conflict { AFTER_MERGE } else { ANEW };
        return Err(Broken {
            message: found.message.clone(),
            labels: found.labels.clone(),
            help: help.to_owned(),
        });
    }
    let [document] = &*yaml.documents else {
        return Err(broken(file.start(), "this is no baseline: one JSON object is wanted"));
    };
    if document.as_map().is_none() {
        return Err(broken(document.origin.span, "this is no baseline: a JSON object is wanted"));
    }
    version(document)?;
    let Some(entries) = document.get("entries") else {
        return Err(broken(document.origin.span.at_start(), "this is no baseline: it has no `entries`"));
    };
    let list = entries.as_seq().ok_or_else(|| broken(entries.origin.span, "`entries` is no list"))?;
    let asked = document.get("checked").and_then(Asked::read);
    Ok(Baseline { entries: list.iter().map(entry).collect::<Result<_, _>>()?, asked })
}

/// What helps against most of it.
const ANEW: &str = "mend it, or delete it and run `gitops-lint baseline` again";
/// What helps after a merge: both sides have entries, and only a check tells which are right.
const AFTER_MERGE: &str =
    "keep the entries of both sides, or delete the file, and run `gitops-lint baseline`";

fn broken(at: Span, message: impl Into<String>) -> Broken {
    let labels = vec![Label { span: at, text: String::new() }];
    Broken { message: message.into(), labels, help: ANEW.to_owned() }
}

fn version(document: &Node) -> Result<(), Broken> {
    let Some(node) = document.get("version") else {
        return Err(broken(document.origin.span.at_start(), "this is no baseline: it has no `version`"));
    };
    match node.as_scalar().filter(|it| !it.quoted).and_then(|it| it.text.parse().ok()) {
        Some(VERSION) => Ok(()),
        Some(newer) if newer > VERSION => Err(Broken {
            help: "use a newer gitops-lint".to_owned(),
            ..broken(
                node.origin.span,
                format!("version {newer} of the baseline is newer than this program knows"),
            )
        }),
        _ => Err(broken(
            node.origin.span,
            format!("`version` is {}, and {VERSION} is wanted", node.describe()),
        )),
    }
}

fn entry(node: &Node) -> Result<Entry, Broken> {
    if node.as_map().is_none() {
        return Err(broken(node.origin.span, "an entry of the baseline is an object"));
    }
    let text = |key: &str| match node.get(key) {
        None => Ok(None),
        Some(it) => match it.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => {
                Err(broken(it.origin.span, format!("`{key}` is {}, and a string is wanted", it.describe())))
            }
        },
    };
    let wanted = |key: &str| {
        text(key)?.ok_or_else(|| broken(node.origin.span.at_start(), format!("an entry without `{key}`")))
    };
    let fingerprint = wanted("fingerprint")?;
    if fingerprint.len() != 32 || !fingerprint.bytes().all(|it| it.is_ascii_hexdigit()) {
        let at = node.get("fingerprint").unwrap_or(node).origin.span;
        return Err(broken(at, "a fingerprint has 32 hexadecimal digits"));
    }
    let number = node.get("number").and_then(Node::as_scalar).and_then(|it| it.text.parse().ok());
    let identity = Identity {
        path: text("path")?,
        object: text("object")?,
        field: text("field")?,
        code: wanted("code")?,
        message: wanted("message")?,
        number: number.unwrap_or(1),
    };
    let at = node.get("code").unwrap_or(node).origin.span;
    Ok(Entry { fingerprint, identity, at: Some(at) })
}
