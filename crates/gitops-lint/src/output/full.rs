//! The report for people: the source around each finding, and how the value came there.

use std::fmt;
use std::io;

use gitops_render::{Diagnostic, Label, ObjectName, Severity};
use miette::{MietteHandlerOpts, ReportHandler};

use crate::findings::{Finding, counted};
use crate::output::snippet::Snippet;
use crate::output::{Report, one_line, summary_line, visible};

/// How many roots are named before the rest is counted.
const ROOTS_NAMED: usize = 4;

/// Writes the findings and the summary.
pub fn write(out: &mut impl io::Write, report: &Report<'_>, colored: bool) -> io::Result<()> {
    write_findings(out, report, colored)?;
    writeln!(out, "{}", summary_line(&report.checked.summary))
}

/// Writes the findings.
pub fn write_findings(out: &mut impl io::Write, report: &Report<'_>, colored: bool) -> io::Result<()> {
    let handler = MietteHandlerOpts::new().color(colored).terminal_links(false).build();
    for finding in &report.checked.findings {
        for part in parts(report, finding) {
            write!(out, "{}", Drawn { handler: &handler, part: &part })?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What is drawn at once: a title, and the places in one file.
#[derive(Debug)]
struct Part {
    /// Over the title: what was found.
    header: Option<String>,
    severity: Severity,
    title: String,
    snippet: Option<Snippet>,
    help: Option<String>,
}

/// The finding itself, each further file that has to do with it, and whom it reaches.
fn parts(report: &Report<'_>, finding: &Finding) -> Vec<Part> {
    let found = &finding.diagnostic;
    let mut files: Vec<Vec<&Label>> = vec![];
    for label in &found.labels {
        match files.iter_mut().find(|it| it[0].span.file == label.span.file) {
            Some(labels) => labels.push(label),
            None => files.push(vec![label]),
        }
    }
    let mut parts: Vec<Part> =
        files.iter().enumerate().map(|(index, it)| part(report, found, it, index)).collect();
    parts.extend(reach(report, finding).map(|title| note(title, None)));
    if let Some(last) = parts.last_mut() {
        last.help = found.help.as_deref().map(many_lines);
    }
    parts
}

fn part(report: &Report<'_>, found: &Diagnostic, labels: &[&Label], index: usize) -> Part {
    let file = report.sources.file(labels[0].span.file);
    let name = one_line(&(report.name)(&file.path)).into_owned();
    let snippet = Some(Snippet::new(&file, name, labels, index > 0));
    if index > 0 {
        return note(many_lines(&labels[0].text), snippet);
    }
    let header = format!("{} {}{}", found.rule.code, found.rule.name, subject(found));
    let title = many_lines(&found.message);
    Part { header: Some(header), severity: found.severity, title, snippet, help: None }
}

fn note(title: String, snippet: Option<Snippet>) -> Part {
    Part { header: None, severity: Severity::Info, title, snippet, help: None }
}

/// The object that a finding is about, and the place in it.
fn subject(found: &Diagnostic) -> String {
    let Some(object) = &found.object else { return String::new() };
    let ObjectName { kind, namespace, name, .. } = &**object;
    let place = found.pointer.as_deref().filter(|it| !it.is_empty());
    let namespace = namespace.as_ref().map(|it| format!(" in {it}")).unwrap_or_default();
    let place = place.map(|it| format!(" at {it}")).unwrap_or_default();
    one_line(&format!(": {kind} {name}{namespace}{place}")).into_owned()
}

/// Which roots show the finding, if that is not plain from the places.
fn reach(report: &Report<'_>, finding: &Finding) -> Option<String> {
    let (first, others) = finding.roots.split_first()?;
    let is_plain = finding.diagnostic.labels.iter().any(|it| {
        let path = &report.sources.file(it.span.file).path;
        path.is_within(first)
    });
    let name = |it| one_line(&(report.name)(it)).into_owned();
    if others.is_empty() {
        return (!is_plain).then(|| format!("seen in {}", name(first)));
    }
    let named: Vec<String> = others.iter().take(ROOTS_NAMED).map(name).collect();
    let rest = match others.len().saturating_sub(ROOTS_NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let count = counted(others.len(), "overlay");
    Some(format!("seen in {}, also in {count}: {}{rest}", name(first), named.join(", ")))
}

/// The text with its lines, but without anything else that a terminal would obey.
fn many_lines(text: &str) -> String {
    let text = text.trim_end();
    text.chars().map(|it| if it == '\n' { it } else { visible(it).unwrap_or(it) }).collect()
}

/// A part as miette draws it.
struct Drawn<'a> {
    handler: &'a miette::MietteHandler,
    part: &'a Part,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(self.part, f)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Part {}

impl miette::Diagnostic for Part {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.header.as_ref().map(|it| Box::new(it) as _)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Info => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|it| Box::new(it) as _)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.snippet.as_ref().map(|it| it as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        self.snippet.as_ref().map(|it| Box::new(it.labels()) as _)
    }
}
