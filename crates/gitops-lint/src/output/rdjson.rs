//! The diagnostic format of reviewdog, as one document.
//!
//! Its columns count bytes, and its paths lead from the working directory: reviewdog finds the way from
//! the top of the repository itself.

use std::io;

use gitops_render::secrets::Secrets;
use gitops_render::{Edit, Fix, Span};
use serde::Serialize;

use crate::findings::Finding;
use crate::output::{Report, story, word, write_json};
use crate::rule_page;

/// The whole.
#[derive(Serialize)]
struct Document<'a> {
    source: Source,
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

/// A finding.
#[derive(Serialize)]
struct Entry<'a> {
    message: String,
    location: Location,
    severity: &'a str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

/// The end is behind the last character.
#[derive(Serialize)]
struct Range {
    start: At,
    end: At,
}

#[derive(Serialize)]
struct At {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    url: String,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

/// Writes the document.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let source = Source { name: "gitops-lint", url: env!("CARGO_PKG_REPOSITORY") };
    let mut secrets = Secrets::knowing(report.sources, report.checked.secrets.clone());
    let diagnostics = report.checked.findings.iter().map(|it| entry(report, it, &mut secrets)).collect();
    write_json(out, &Document { source, diagnostics })
}

fn entry<'a>(report: &Report<'_>, finding: &'a Finding, secrets: &mut Secrets<'_>) -> Entry<'a> {
    let found = &finding.diagnostic;
    let region = report.region(found.span());
    let range = (!region.is_file).then(|| range(report, found.span()));
    Entry {
        message: story::plain(report, finding),
        location: Location { path: region.path, range },
        severity: word(found.severity, "ERROR", "WARNING", "INFO"),
        code: Code { value: found.rule.code, url: rule_page::url(found.rule) },
        suggestions: found
            .fix
            .iter()
            .filter_map(|it| suggestion(report, it, found.span(), secrets))
            .collect(),
    }
}

/// A fix as one edit: each suggestion can be taken alone, and half of a fix would be none.
///
/// There is none if another file than that of the finding has to change, or if it would tell a secret.
fn suggestion(report: &Report<'_>, fix: &Fix, at: Span, secrets: &mut Secrets<'_>) -> Option<Suggestion> {
    let (first, last) = (fix.edits.first()?, fix.edits.last()?);
    if fix.edits.iter().any(|it| it.span.file != at.file) {
        return None;
    }
    let whole = Span { end: last.span.end, ..first.span };
    let hidden = secrets.in_file(at.file);
    if hidden.spans.iter().any(|it| it.start < whole.end && whole.start < it.end) {
        return None;
    }
    let mut text = String::new();
    let mut done = whole.start;
    for Edit { span, text: new } in &fix.edits {
        text.push_str(&report.sources.text_of(Span { start: done, end: span.start, ..whole }));
        text.push_str(new);
        done = span.end;
    }
    Some(Suggestion { range: range(report, whole), text })
}

fn range(report: &Report<'_>, span: Span) -> Range {
    Range { start: at(report, span, span.start), end: at(report, span, span.end) }
}

fn at(report: &Report<'_>, span: Span, offset: u32) -> At {
    let file = report.sources.file(span.file);
    let line = file.position(offset).line;
    let start = file.line_starts().get(line as usize - 1).copied().unwrap_or_default();
    let offset = offset.min(file.bytes().len() as u32);
    At { line, column: offset - start + 1 }
}
