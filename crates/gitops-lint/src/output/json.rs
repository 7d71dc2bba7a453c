//! One JSON document with everything, or one for each finding, for programs. The fields are documented by
//! [`Document`] and what it holds; `version` changes when one of them changes its meaning.

use std::io;

use gitops_render::{Edit, Fix, ObjectName, Position, RepoPath, Safety, Span};
use serde::Serialize;

use crate::findings::{Finding, Summary};
use crate::mute::{Mute, Muted};
use crate::output::{Report, tame_json, write_json};

/// What is said about a further place with the same cause.
const REPEAT: &str = "the same here";

/// The whole.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Entry<'a>>,
    /// What would stand among them if nobody had silenced it.
    suppressed: Vec<Suppressed<'a>>,
    summary: Counts,
}

/// A finding that is silenced.
#[derive(Serialize)]
struct Suppressed<'a> {
    #[serde(flatten)]
    finding: Entry<'a>,
    suppression: Suppression<'a>,
}

/// What silences it.
#[derive(Serialize)]
struct Suppression<'a> {
    /// `comment`, `annotation`, `options` or `baseline`.
    by: &'a str,
    reason: Option<&'a str>,
    /// The comment, the annotation or the entry.
    location: Option<Location>,
}

/// A finding.
#[derive(Serialize)]
pub struct Entry<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    message: &'a str,
    /// The text to edit.
    location: Location,
    /// How it came to be, and where else it is.
    related: Vec<Related<'a>>,
    /// The object as it is rendered; null for findings about files.
    object: Option<Object<'a>>,
    /// The place in the object, a JSON pointer.
    pointer: Option<&'a str>,
    help: Option<&'a str>,
    /// How the files can be mended without a person; null if they cannot.
    fix: Option<Change<'a>>,
    /// The kustomizations and manifests that show it; empty for findings about files.
    roots: Vec<String>,
}

/// A range of a file; the end is the place behind its last character.
#[derive(Serialize)]
pub struct Location {
    /// The file.
    pub path: String,
    /// The first character.
    pub start: Place,
    /// The character behind the last one.
    pub end: Place,
}

/// A change of files. The edits are in order, and no two overlap.
#[derive(Serialize)]
struct Change<'a> {
    message: &'a str,
    edits: Vec<Replaced<'a>>,
    /// Whether what is rendered stays the same.
    safe: bool,
}

/// A range of a file, and the text that takes its place.
#[derive(Serialize)]
struct Replaced<'a> {
    #[serde(flatten)]
    location: Location,
    text: &'a str,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    location: Location,
    message: &'a str,
}

/// Line and column from 1, the column in characters.
#[derive(Serialize)]
pub struct Place {
    line: u32,
    column: u32,
}

impl Place {
    /// The place as JSON.
    pub fn of(it: Position) -> Place {
        Place { line: it.line, column: it.column }
    }
}

/// An object by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
}

impl<'a> Object<'a> {
    /// The name as JSON.
    pub fn of(it: &'a ObjectName) -> Object<'a> {
        Object {
            api_version: &it.api_version,
            kind: &it.kind,
            namespace: it.namespace.as_deref(),
            name: &it.name,
        }
    }
}

#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    infos: usize,
    /// What would be among them if nobody had silenced it.
    suppressed: usize,
    files: usize,
    roots: usize,
    objects: usize,
}

/// Writes the document.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let findings = report.checked.findings.iter().map(|it| entry(report, it)).collect();
    let suppressed = report.checked.muted.iter().map(|it| suppressed(report, it)).collect();
    let document = Document { version: 1, findings, suppressed, summary: report.checked.summary.into() };
    write_json(out, &document)
}

/// Writes each finding as a document of its own, one to a line.
pub fn write_lines(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    for finding in &report.checked.findings {
        writeln!(out, "{}", tame_json(&serde_json::to_string(&entry(report, finding))?))?;
    }
    Ok(())
}

/// A finding as JSON.
pub fn entry<'a>(report: &Report<'_>, finding: &'a Finding) -> Entry<'a> {
    let found = &finding.diagnostic;
    let (path, start, end) = report.sources.place(found.span());
    let labels = found.labels.iter().skip(1).map(|it| (it.span, &*it.text));
    let repeats = finding.repeats.iter().map(|it| (*it, REPEAT));
    Entry {
        code: found.rule.code,
        name: found.rule.name,
        severity: found.severity.as_str(),
        message: &found.message,
        location: location(report, &path, start, end),
        related: labels.chain(repeats).map(|(span, message)| related_place(report, span, message)).collect(),
        object: found.object.as_deref().map(Object::of),
        pointer: found.pointer.as_deref(),
        help: found.help.as_deref(),
        fix: found.fix.as_deref().map(|it| change(report, it)),
        roots: finding.roots.iter().map(|it| (report.name)(it)).collect(),
    }
}

fn suppressed<'a>(report: &Report<'_>, muted: &'a Muted) -> Suppressed<'a> {
    let Mute { by, reason, place } = &muted.mute;
    let place = place.map(|it| report.sources.place(it));
    let suppression = Suppression {
        by: by.as_str(),
        reason: reason.as_deref(),
        location: place.map(|(path, start, end)| location(report, &path, start, end)),
    };
    Suppressed { finding: entry(report, &muted.finding), suppression }
}

fn change<'a>(report: &Report<'_>, fix: &'a Fix) -> Change<'a> {
    let edit = |it: &'a Edit| {
        let (path, start, end) = report.sources.place(it.span);
        Replaced { location: location(report, &path, start, end), text: &it.text }
    };
    Change {
        message: &fix.message,
        edits: fix.edits.iter().map(edit).collect(),
        safe: fix.safety == Safety::Safe,
    }
}

fn related_place<'a>(report: &Report<'_>, span: Span, message: &'a str) -> Related<'a> {
    let (path, start, end) = report.sources.place(span);
    Related { location: location(report, &path, start, end), message }
}

fn location(report: &Report<'_>, path: &RepoPath, start: Position, end: Position) -> Location {
    Location { path: (report.name)(path), start: Place::of(start), end: Place::of(end) }
}

impl From<Summary> for Counts {
    fn from(it: Summary) -> Counts {
        let Summary { errors, warnings, infos, suppressed, files, roots, objects } = it;
        Counts { errors, warnings, infos, suppressed, files, roots, objects }
    }
}
