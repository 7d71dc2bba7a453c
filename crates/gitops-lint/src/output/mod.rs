//! How findings are written.

pub mod concise;
pub mod full;
mod github;
mod gitlab;
pub mod json;
mod junit;
pub mod markdown;
mod rdjson;
mod sarif;
mod snippet;
pub mod statistics;
mod story;
pub mod xml;

use std::borrow::Cow;
use std::env;
use std::io::{self, IsTerminal, Write};

use gitops_render::{Position, RepoPath, Severity, Sources, Span};

use crate::Failure;
use crate::args::{Color, OutputFormat};
use crate::findings::{Finding, Summary, counted, order};
use crate::fingerprint::fingerprints;
use crate::lint::Checked;
use crate::mute::Mute;

/// What is written, and how paths are shown.
pub struct Report<'a> {
    /// The findings.
    pub checked: &'a Checked,
    /// The files that they point into.
    pub sources: &'a Sources<'a>,
    /// A path as the reader knows it.
    pub name: &'a dyn Fn(&RepoPath) -> String,
}

/// What a report says about the run as a whole.
pub struct Run<'a> {
    /// The YAML files that were looked at.
    pub files: &'a [RepoPath],
    /// A path as a forge knows it.
    pub in_repository: &'a (dyn Fn(&RepoPath) -> String + Sync),
    /// What could not be looked at, one line each.
    pub errors: &'a [String],
    /// What was passed over, one line each.
    pub warnings: &'a [String],
    /// Whether something that was named is left out.
    pub has_excluded: bool,
}

/// Writes a report.
///
/// Paths lead from the working directory where a person or a program beside him reads them, and from
/// the top of the repository where the report goes to a forge.
///
/// # Errors
/// If `out` does not take it.
pub fn write(
    mut out: &mut dyn io::Write,
    format: OutputFormat,
    report: &Report<'_>,
    run: &Run<'_>,
    style: Style,
) -> io::Result<()> {
    let forge = &Report { name: run.in_repository, ..*report };
    match format {
        OutputFormat::Full => full::write(&mut out, report, style),
        OutputFormat::Concise => concise::write(&mut out, report),
        OutputFormat::Json => json::write(out, report),
        OutputFormat::JsonLines => json::write_lines(out, report),
        OutputFormat::Rdjson => rdjson::write(out, report),
        OutputFormat::Github => github::write(out, forge),
        OutputFormat::Sarif => sarif::write(out, forge, run),
        OutputFormat::Junit => junit::write(out, forge, run),
        OutputFormat::Gitlab => gitlab::write(out, forge),
        OutputFormat::Markdown => markdown::write(out, forge),
    }
}

/// A range of a file as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Region {
    path: String,
    start: Position,
    /// Behind the last character.
    end: Position,
    /// The file as a whole is meant, and no place in it.
    is_file: bool,
}

impl Report<'_> {
    fn region(&self, span: Span) -> Region {
        let (path, start, end) = self.sources.place(span);
        Region { path: (self.name)(&path), start, end, is_file: span.end == 0 }
    }

    /// The fingerprints of findings. Those that are not reported because they were there before keep the
    /// numbers that they have.
    fn fingerprints(&self, findings: &[(&Finding, Option<&Mute>)]) -> Vec<String> {
        let known = &self.checked.known;
        let all = known.iter().chain(findings.iter().map(|it| it.0));
        fingerprints(all, self.sources, self.name).split_off(known.len())
    }

    /// The findings and those that are silenced, with what silences them, in order of path and place.
    fn with_muted(&self) -> Vec<(&Finding, Option<&Mute>)> {
        let muted = self.checked.muted.iter().map(|it| (&it.finding, Some(&it.mute)));
        let mut all: Vec<_> = self.checked.findings.iter().map(|it| (it, None)).chain(muted).collect();
        if !self.checked.muted.is_empty() {
            all.sort_by_cached_key(|it| order(self.sources, it.0));
        }
        all
    }

    /// The findings, the worst first, then those in lines that a change has touched, then by path and place.
    fn worst_first(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self.checked.findings.iter().collect();
        let is_touched =
            |it: &Finding| self.checked.changed_lines.touches(it.diagnostic.span(), self.sources);
        findings.sort_by_cached_key(|it| std::cmp::Reverse((it.diagnostic.severity, is_touched(it))));
        findings
    }
}

impl Region {
    /// The last line that has a part in it.
    fn last_line(&self) -> u32 {
        let ends_before = self.end.column == 1 && self.end.line > self.start.line;
        self.end.line - u32::from(ends_before)
    }

    /// `path:line:column`, in one line.
    fn shown(&self) -> String {
        format!("{}:{}:{}", one_line(&self.path), self.start.line, self.start.column)
    }
}

/// Writes a JSON document, indented.
///
/// JSON lets characters pass that a terminal would obey; they are written as numbers.
pub fn write_json(out: &mut dyn io::Write, document: &impl serde::Serialize) -> io::Result<()> {
    writeln!(out, "{}", tame_json(&serde_json::to_string_pretty(document)?))
}

/// The document without such characters. They can only be in strings: outside of these JSON is ASCII.
fn tame_json(document: &str) -> Cow<'_, str> {
    let is_wild = |it: char| it != '\n' && visible(it).is_some();
    if !document.contains(is_wild) {
        return document.into();
    }
    let mut out = String::with_capacity(document.len());
    for it in document.chars() {
        if is_wild(it) { out.push_str(&format!("\\u{:04x}", it as u32)) } else { out.push(it) }
    }
    out.into()
}

/// One of three words for a severity.
fn word<'a>(severity: Severity, error: &'a str, warning: &'a str, info: &'a str) -> &'a str {
    match severity {
        Severity::Error => error,
        Severity::Warning => warning,
        Severity::Info => info,
    }
}

/// The width of a window in which lines are still broken at words.
pub const NARROWEST: usize = 30;

/// What is known about the stream that is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub is_colored: bool,
    /// Whether somebody reads along, in a window of some width.
    pub is_terminal: bool,
}

impl Style {
    /// The style for a stream.
    pub fn of(stream: &impl IsTerminal, color: Color) -> Style {
        let is_terminal = stream.is_terminal();
        // In a window that is hardly there, the terminal breaks lines better than who breaks at words.
        let is_wide = terminal_size::terminal_size().is_none_or(|it| usize::from(it.0.0) >= NARROWEST);
        Style { is_colored: is_colored(color, is_terminal), is_terminal: is_terminal && is_wide }
    }
}

fn is_colored(color: Color, is_terminal: bool) -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|it| !it.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR") => false,
        Color::Auto if is_set("CLICOLOR_FORCE") => env::var_os("CLICOLOR_FORCE").is_none_or(|it| it != "0"),
        Color::Auto => is_terminal && env::var_os("TERM").is_none_or(|it| it != "dumb"),
    }
}

/// Stdout, with a buffer.
pub type Stdout = io::BufWriter<io::StdoutLock<'static>>;

/// Writes to stdout; whoever reads there may stop when he has seen enough.
///
/// # Errors
/// If nothing can be written there.
pub fn printed(write: impl FnOnce(&mut Stdout) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::Output),
    }
}

/// The line at the end.
pub fn summary_line(summary: &Summary) -> String {
    let (roots, objects, files) =
        (counted(summary.roots, "root"), counted(summary.objects, "object"), counted(summary.files, "file"));
    let suppressed = match summary.suppressed {
        0 => String::new(),
        number => format!(", {number} suppressed"),
    };
    let before = match summary.before {
        None | Some(0) => String::new(),
        Some(number) => format!(", {number} more of what is affected were there before (--all-affected)"),
    };
    format!("{} in {roots} ({objects}, {files}){suppressed}{before}", total(summary))
}

/// How much was found, in words.
fn total(summary: &Summary) -> String {
    let nouns = match summary.before {
        None => ["error", "warning", "note"],
        Some(_) => ["new error", "new warning", "new note"],
    };
    let counts = [summary.errors, summary.warnings, summary.infos].into_iter().zip(nouns);
    let counts: Vec<(usize, &str)> = counts.collect();
    let counts: Vec<String> =
        counts.iter().filter(|it| it.0 > 0).map(|(number, noun)| counted(*number, noun)).collect();
    match &*counts {
        [] if summary.before.is_some() => "nothing new".to_owned(),
        [] => "nothing found".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A character that may stand in the output for one that a terminal would obey, or that would hide
/// what a text says.
pub fn visible(character: char) -> Option<char> {
    match character {
        '\0'..='\x1f' => char::from_u32(0x2400 + character as u32),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' => Some('\u{fffd}'),
        // Marks that turn the direction of writing around.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// The text with its lines, but without anything else that a terminal would obey.
fn many_lines(text: &str) -> String {
    let text = text.trim_end();
    text.chars().map(|it| if it == '\n' { it } else { visible(it).unwrap_or(it) }).collect()
}

/// The text in one line, without anything that a terminal would obey.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.chars().all(|it| visible(it).is_none()) {
        return text.into();
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().map(|it| visible(it).unwrap_or(it)).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_what_there_is() {
        let summary =
            Summary { errors: 3, warnings: 1, files: 92, roots: 12, objects: 184, ..Summary::default() };
        assert_eq!(summary_line(&summary), "3 errors and 1 warning in 12 roots (184 objects, 92 files)");
        let summary = Summary { roots: 1, objects: 1, files: 1, ..Summary::default() };
        assert_eq!(summary_line(&summary), "nothing found in 1 root (1 object, 1 file)");
        let summary = Summary { suppressed: 2, ..summary };
        assert_eq!(summary_line(&summary), "nothing found in 1 root (1 object, 1 file), 2 suppressed");
    }

    #[test]
    fn json_cannot_steer_the_terminal_and_stays_the_same() {
        let text = "a\u{1b}\u{7f}\u{9b}31m\u{202e}\n\u{e4}\u{1f600}";
        let mut out = vec![];
        write_json(&mut out, &[text]).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(written.chars().all(|it| it == '\n' || visible(it).is_none()), "{written:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), [text]);
    }

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(one_line("a\nb\u{1b}[31m"), "a b\u{241b}[31m");
    }
}
