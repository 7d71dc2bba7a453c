//! Results of tests for people.

use std::io;

use gitops_render::policy::Outcome;

use crate::complain;
use crate::output::{Style, concise, full, one_line};
use crate::testing::{Results, Timed, coverage};

/// Writes a line for each test that does not pass (with -v for all of them), what is known about why,
/// the coverage, and the counts.
pub fn write(out: &mut impl io::Write, results: &Results<'_>, style: Style) -> io::Result<()> {
    let mut file = None;
    for it @ Timed { case, took, .. } in &results.cases {
        if !results.is_verbose && matches!(case.outcome, Outcome::Passed) {
            continue;
        }
        if file != Some(case.at.file) {
            let path = &results.sources.file(case.at.file).path;
            writeln!(out, "{}:", one_line(&(results.name)(path)))?;
            file = Some(case.at.file);
        }
        let name = format!("{}.{}", case.group, case.name);
        match word(it) {
            "SKIPPED" => writeln!(out, "{}: SKIPPED", one_line(&name))?,
            word => writeln!(out, "{}: {word} ({:.1} ms)", one_line(&name), took.as_secs_f64() * 1000.0)?,
        }
        for line in &case.prints {
            writeln!(out, "  {}", one_line(line))?;
        }
    }
    if file.is_some() {
        writeln!(out)?;
    }
    results.report(|it| full::write_findings(out, it, style))?;
    if let Some(found) = &results.coverage {
        coverage::write(out, results, found)?;
    }
    write_counts(out, results)
}

/// Writes a line for each finding, and the counts.
pub fn write_concise(out: &mut impl io::Write, results: &Results<'_>) -> io::Result<()> {
    results.report(|it| concise::write_findings(out, it))?;
    if let Some(found) = &results.coverage {
        coverage::write(out, results, found)?;
    }
    write_counts(out, results)
}

/// Tells what the formats for programs have no place for.
pub fn tell_the_rest(results: &Results<'_>) {
    for found in results.broken.iter().chain(&results.notes) {
        let (path, start, _) = results.sources.place(found.span());
        let (path, message) = ((results.name)(&path), &found.message);
        let place = format!("{path}:{}:{}", start.line, start.column);
        complain(
            found.severity.as_str(),
            &format!("{place}: {} {}: {message}", found.rule.code, found.rule.name),
        );
    }
}

/// What came of a test, in one word.
fn word(it: &Timed) -> &'static str {
    match it.case.outcome {
        _ if it.is_silenced => "SUPPRESSED",
        Outcome::Passed => "PASS",
        Outcome::Failed(_) => "FAIL",
        Outcome::Errored(_) => "ERROR",
        Outcome::Skipped => "SKIPPED",
    }
}

/// The counts as `opa test` writes them, which knows no tests that fail and are silenced.
fn write_counts(out: &mut impl io::Write, results: &Results<'_>) -> io::Result<()> {
    let all = results.cases.len();
    for wanted in ["PASS", "FAIL", "SKIPPED", "SUPPRESSED", "ERROR"] {
        let count = results.cases.iter().filter(|it| word(it) == wanted).count();
        if count > 0 {
            writeln!(out, "{wanted}: {count}/{all}")?;
        }
    }
    Ok(())
}
