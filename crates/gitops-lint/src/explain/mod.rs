//! `gitops-lint explain` and `gitops-lint rules`: what there is to find, and what it means.

mod markdown;
mod page;

use std::io::{self, Write};
use std::process::ExitCode;

use gitops_render::rules::{self, RULES};
use gitops_render::{Rule, Scope, Severity};
use serde::Serialize;

use crate::Failure;
use crate::args::{Color, ExplainArgs, RulesArgs, RulesFormat};
use crate::output::{NARROWEST, Style, printed};
use crate::rule_page::{self, scope};

/// Nothing wider is read gladly.
const WIDEST: usize = 92;

/// Tells what rules mean.
///
/// # Errors
/// If there is no rule of one of the names.
pub fn explain(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let chosen = args.rules.iter().map(|it| choose(it)).collect::<Result<Vec<_>, _>>()?;
    let style = Style::of(&io::stdout(), Color::Auto);
    let all: Vec<&Rule> = chosen.iter().flat_map(|it| it.rules.iter().copied()).collect();
    printed(|out| match args.output_format {
        RulesFormat::Json => json(out, &all),
        RulesFormat::Markdown => {
            separated(out, &all, |out, rule| write!(out, "{}", markdown::page(rule, "#")))
        }
        RulesFormat::Text => separated(out, &chosen, |out, it| match (it.is_group, it.rules.as_slice()) {
            (false, [rule]) => page::write(out, rule, style, width()),
            (_, rules) => list(out, rules),
        }),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Lists all rules.
///
/// # Errors
/// If nothing can be written.
pub fn list_all(args: &RulesArgs) -> Result<ExitCode, Failure> {
    printed(|out| match args.output_format {
        RulesFormat::Text => list(out, RULES),
        RulesFormat::Json => json(out, RULES),
        RulesFormat::Markdown => write!(out, "{}", markdown::book(RULES)),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What one argument means.
struct Chosen {
    rules: Vec<&'static Rule>,
    /// Whether it was the beginning of codes.
    is_group: bool,
}

/// The rule with a code or a name, or those whose codes begin with it.
fn choose(wanted: &str) -> Result<Chosen, Failure> {
    if let Some(rule) = rules::find(wanted) {
        return Ok(Chosen { rules: vec![rule], is_group: false });
    }
    let prefix = wanted.to_ascii_uppercase();
    let begins = |it: &&'static Rule| !prefix.is_empty() && it.code.starts_with(&prefix);
    let rules: Vec<&Rule> = RULES.iter().copied().filter(begins).collect();
    if rules.is_empty() {
        return Err(Failure::NoSuchRule { wanted: wanted.to_owned(), nearest: rules::nearest(wanted) });
    }
    Ok(Chosen { rules, is_group: true })
}

fn separated<T>(
    out: &mut impl Write,
    all: &[T],
    mut write: impl FnMut(&mut dyn Write, &T) -> io::Result<()>,
) -> io::Result<()> {
    for (index, it) in all.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write(out, it)?;
    }
    Ok(())
}

/// The width of the window.
fn width() -> usize {
    let window = terminal_size::terminal_size().map(|it| usize::from(it.0.0));
    window.unwrap_or(WIDEST).clamp(NARROWEST, WIDEST)
}

/// One line for each rule.
fn list(out: &mut (impl Write + ?Sized), rules: &[&Rule]) -> io::Result<()> {
    let names = rules.iter().map(|it| it.name.len()).max().unwrap_or(0);
    for rule in rules {
        let (severity, scope) = (rule.severity.as_str(), scope(rule));
        let line = format!("{}  {:names$}  {severity:7}  {scope:10}  {}", rule.code, rule.name, marks(rule));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn marks(rule: &Rule) -> String {
    let marks = [(rule.has_fix, "fix"), (!rule.is_default, "off")];
    marks.iter().filter(|it| it.0).map(|it| it.1).collect::<Vec<_>>().join(" ")
}

/// What kind of rule it is, in phrases.
fn facts(rule: &Rule) -> Vec<&'static str> {
    let severity = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let looks_at = match rule.scope {
        Scope::File => "looks at one file",
        Scope::Object => "looks at one object",
        Scope::Set => "looks at all objects of an entry point",
        Scope::Repo => "looks at the whole repository",
    };
    let runs = if rule.is_default { "on by default" } else { "off by default" };
    let fix = rule.has_fix.then_some("some findings can be fixed with --fix");
    [Some(severity), Some(looks_at), Some(runs), fix].into_iter().flatten().collect()
}

/// All that there is to know.
#[derive(Serialize)]
struct Document {
    version: u32,
    rules: Vec<Entry>,
}

/// A rule.
#[derive(Serialize)]
struct Entry {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    /// What it looks at: `file`, `object`, `set` (all objects of an entry point), or `repository`.
    scope: &'static str,
    /// Whether it runs unless it is asked for.
    default: bool,
    /// Whether some of its findings come with a fix.
    fix: bool,
    /// Its page, in Markdown.
    docs: String,
}

fn json(out: &mut impl Write, rules: &[&Rule]) -> io::Result<()> {
    let entry = |it: &&Rule| Entry {
        code: it.code,
        name: it.name,
        severity: it.severity.as_str(),
        scope: scope(it),
        default: it.is_default,
        fix: it.has_fix,
        docs: rule_page::markdown(it),
    };
    let document = Document { version: 1, rules: rules.iter().map(entry).collect() };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
