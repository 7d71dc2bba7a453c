//! The report for people: the source around each finding, and how the value came there.

use std::fmt;
use std::io;

use gitops_render::secrets::Secrets;
use gitops_render::{Diagnostic, Label, Severity, SourceFile};
use miette::{MietteHandlerOpts, ReportHandler};

use crate::findings::Finding;
use crate::fix;
use crate::output::snippet::Snippet;
use crate::output::story::{ELSEWHERE, around, subject};
use crate::output::{Report, Style, many_lines, one_line, summary_line};

/// Writes the findings and the summary.
pub fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style) -> io::Result<()> {
    write_findings(out, report, style)?;
    writeln!(out, "{}", summary_line(&report.checked.summary))?;
    fix::hint(&report.checked.findings).map_or(Ok(()), |it| writeln!(out, "{it}"))
}

/// Writes the findings.
pub fn write_findings(out: &mut impl io::Write, report: &Report<'_>, style: Style) -> io::Result<()> {
    let options = MietteHandlerOpts::new().color(style.is_colored).terminal_links(false);
    // Who searches a log wants a message, or a path, in one piece.
    let handler = options.wrap_lines(style.is_terminal).build();
    let mut secrets = Secrets::knowing(report.sources, report.checked.secrets.clone());
    for finding in &report.checked.findings {
        for part in parts(report, finding, &mut secrets) {
            write!(out, "{}", Drawn { handler: &handler, part: &part })?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What is wrong with a file that is not checked but obeyed.
pub struct Problem {
    /// The file as the reader knows it.
    pub name: String,
    /// What is so.
    pub title: String,
    /// Where; never empty, and all in the file.
    pub labels: Vec<Label>,
    /// What to do, if there is something to say.
    pub help: Option<String>,
}

/// A problem as it is shown to people.
pub fn drawn(file: &SourceFile, problem: Problem, style: Style) -> String {
    let options = MietteHandlerOpts::new().color(style.is_colored).terminal_links(false);
    let handler = options.wrap_lines(style.is_terminal).build();
    let labels: Vec<&Label> = problem.labels.iter().collect();
    let part = Part {
        header: None,
        severity: Severity::Error,
        title: many_lines(&problem.title),
        snippet: Some(Snippet::new(file, one_line(&problem.name).into_owned(), &labels, false, &[])),
        help: problem.help.as_deref().map(many_lines),
    };
    Drawn { handler: &handler, part: &part }.to_string()
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

/// The finding itself, the further places that have to do with it, and whom it reaches.
fn parts(report: &Report<'_>, finding: &Finding, secrets: &mut Secrets<'_>) -> Vec<Part> {
    let found = &finding.diagnostic;
    let mut groups: Vec<Vec<&Label>> = vec![];
    for label in &found.labels {
        match groups.iter_mut().find(|it| are_neighbours(report, it[0], label)) {
            Some(labels) => labels.push(label),
            None => groups.push(vec![label]),
        }
    }
    let mut parts: Vec<Part> =
        groups.iter().enumerate().map(|(index, it)| part(report, found, (it, index), secrets)).collect();
    parts.extend(around(report, finding).map(|title| note(title, None)));
    if let Some(last) = parts.last_mut() {
        last.help = found.help.as_deref().map(many_lines);
    }
    parts
}

/// Whether two places are so close to each other that they are shown together.
fn are_neighbours(report: &Report<'_>, one: &Label, other: &Label) -> bool {
    if one.span.file != other.span.file {
        return false;
    }
    let file = report.sources.file(one.span.file);
    let line = |it: &Label| file.position(it.span.start).line;
    line(one).abs_diff(line(other)) <= 3
}

fn part(
    report: &Report<'_>,
    found: &Diagnostic,
    (labels, index): (&[&Label], usize),
    secrets: &mut Secrets<'_>,
) -> Part {
    let file = report.sources.file(labels[0].span.file);
    let name = one_line(&(report.name)(&file.path)).into_owned();
    let snippet = Some(Snippet::new(&file, name, labels, index > 0, &secrets.in_file(file.id).spans));
    if index > 0 {
        let title = if labels[0].text.is_empty() { ELSEWHERE } else { &labels[0].text };
        return note(many_lines(title), snippet);
    }
    let header = {
        let subject = subject(found).map(|it| format!(": {it}")).unwrap_or_default();
        format!("{} {}{subject}", found.rule.code, found.rule.name)
    };
    let title = many_lines(&found.message);
    Part { header: Some(header), severity: found.severity, title, snippet, help: None }
}

fn note(title: String, snippet: Option<Snippet>) -> Part {
    Part { header: None, severity: Severity::Info, title, snippet, help: None }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Checked;
    use gitops_render::{MemoryTree, ObjectName, RepoPath, Sources, Span, rules};
    use std::sync::Arc;

    const BASE: &str = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 1\n";
    const PATCH: &str = "kind: Deployment\nspec:\n  replicas: \"none\"\n";
    const OVERLAY: &str = "resources:\n- ../base\n\npatches:\n- path: replicas.yaml\n";

    fn path(text: &str) -> RepoPath {
        RepoPath::root().join(text).unwrap()
    }

    fn span_of(file: &SourceFile, text: &str) -> Span {
        let start = file.text().unwrap().find(text).unwrap() as u32;
        Span { start, end: start + text.len() as u32, ..file.start() }
    }

    fn written(finding: impl FnOnce(&Sources<'_>) -> Finding) -> String {
        let mut tree = MemoryTree::new();
        tree.insert("base/web.yaml", BASE).insert("prod/replicas.yaml", PATCH);
        tree.insert("prod/kustomization.yaml", OVERLAY);
        let sources = Sources::new(&tree);
        let checked = Checked { findings: vec![finding(&sources)], ..Checked::default() };
        let name = |path: &RepoPath| path.to_string();
        let mut out = vec![];
        write_findings(
            &mut out,
            &Report { checked: &checked, sources: &sources, name: &name },
            Style::default(),
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_finding_tells_how_the_value_came_there() {
        let written = written(|sources| {
            let file = |name: &str| sources.open(&path(name)).unwrap();
            let object = Arc::new(ObjectName {
                api_version: "apps/v1".to_owned(),
                kind: "Deployment".to_owned(),
                namespace: None,
                name: "web".to_owned(),
            });
            let diagnostic = rules::find("SCH001")
                .unwrap()
                .at(span_of(&file("prod/replicas.yaml"), "\"none\""), "this is text, but a number is wanted")
                .remark("this patch wrote text")
                .label(
                    span_of(&file("prod/kustomization.yaml"), "path: replicas.yaml"),
                    "the patch is applied here",
                )
                .label(span_of(&file("base/web.yaml"), "replicas: 1"), "this stood here before")
                .help("drop the quotes")
                .object(&object, "/spec/replicas");
            Finding { diagnostic, roots: vec![path("dev"), path("prod"), path("staging")], repeats: vec![] }
        });
        let expected = r#"SCH001 schema-violation: Deployment web at /spec/replicas

  × this is text, but a number is wanted
   ╭─[prod/replicas.yaml:3:13]
 2 │ spec:
 3 │   replicas: "none"
   ·             ───┬──
   ·                ╰── this patch wrote text
   ╰────
  ☞ the patch is applied here
   ╭─[prod/kustomization.yaml:5:3]
 4 │ patches:
 5 │ - path: replicas.yaml
   ·   ───────────────────
   ╰────
  ☞ this stood here before
   ╭─[base/web.yaml:4:3]
 3 │ spec:
 4 │   replicas: 1
   ·   ───────────
   ╰────
  ☞ seen in dev, also in 2 overlays: prod, staging
  help: drop the quotes

"#;
        assert_eq!(written, expected, "\n{written}");
    }

    #[test]
    fn the_root_is_named_if_the_places_do_not_show_it() {
        let at_base = |roots: &[&str]| {
            let roots = roots.iter().map(|it| path(it)).collect();
            written(|sources| {
                let file = sources.open(&path("base/web.yaml")).unwrap();
                let diagnostic = rules::find("SCH001").unwrap().at(span_of(&file, "kind"), "x");
                Finding { diagnostic, roots, repeats: vec![] }
            })
        };
        assert!(at_base(&["prod"]).contains("☞ seen in prod\n"));
        assert!(!at_base(&["base"]).contains("seen in"));
        let many = at_base(&["a", "b", "c", "d", "e", "f", "g"]);
        assert!(many.contains("☞ seen in a, also in 6 overlays: b, c, d, e and 2 more\n"), "{many}");
    }
}
