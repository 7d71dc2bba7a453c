//! Results of tests for programs: the JSON of `opa test`, with the findings added to it.

use std::collections::BTreeMap;
use std::io;

use gitops_render::policy::Outcome;
use gitops_render::policy::testing::{Coverage, FileCoverage};
use gitops_render::report::{Finding, Places};
use serde::Serialize;

use crate::testing::{Results, Timed, coverage};

/// A result. Fields that `opa test` does not have: `suppressed`, `findings` and `prints`.
#[derive(Serialize)]
struct Entries<'a> {
    location: Location,
    package: &'a str,
    name: &'a str,
    /// In nanoseconds.
    duration: u64,
    #[serde(skip_serializing_if = "is_not")]
    fail: bool,
    #[serde(skip_serializing_if = "is_not")]
    skip: bool,
    /// Whether it fails, and all that there is to say about it is silenced.
    #[serde(skip_serializing_if = "is_not")]
    suppressed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    prints: &'a [String],
}

#[derive(Serialize)]
struct Location {
    file: String,
    row: u32,
    col: u32,
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_not(it: &bool) -> bool {
    !it
}

/// Writes a list with one entry for each result.
pub fn write(out: &mut impl io::Write, results: &Results<'_>) -> io::Result<()> {
    let entries: Vec<Entries<'_>> = results.cases.iter().map(|it| entry(results, it)).collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

fn entry<'a>(results: &Results<'_>, timed: &'a Timed) -> Entries<'a> {
    let Timed { case, took, is_silenced } = timed;
    let found = Results::of(case);
    let places = Places::new(results.sources).named(results.name);
    let (path, start, _) = results.sources.place(case.at);
    let is_error = matches!(case.outcome, Outcome::Errored(_));
    let message = found.first().filter(|_| is_error).map(|it| Message { message: &it.message });
    Entries {
        location: Location { file: (results.name)(&path), row: start.line, col: start.column },
        package: &case.group,
        name: &case.name,
        duration: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
        fail: matches!(case.outcome, Outcome::Failed(_)),
        skip: matches!(case.outcome, Outcome::Skipped),
        suppressed: *is_silenced,
        error: message,
        findings: found.iter().map(|it| places.finding(it, &[], &[])).collect(),
        prints: &case.prints,
    }
}

/// The report of `opa test --coverage`.
#[derive(Serialize)]
struct CoverageReport {
    files: BTreeMap<String, FileReport>,
    covered_lines: usize,
    not_covered_lines: usize,
    coverage: f64,
}

#[derive(Serialize)]
struct FileReport {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    covered: Vec<Range>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_covered: Vec<Range>,
    #[serde(skip_serializing_if = "is_zero")]
    covered_lines: usize,
    #[serde(skip_serializing_if = "is_zero")]
    not_covered_lines: usize,
    coverage: f64,
}

#[derive(Serialize)]
struct Range {
    start: Row,
    end: Row,
}

#[derive(Serialize)]
struct Row {
    row: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(it: &usize) -> bool {
    *it == 0
}

/// Writes the coverage. What fails is told on stderr.
pub fn write_coverage(out: &mut impl io::Write, results: &Results<'_>, found: &Coverage) -> io::Result<()> {
    let files = found.files.iter().map(|it| ((results.name)(&it.path), file_report(it)));
    let sum = |of: fn(&FileCoverage) -> usize| found.files.iter().map(of).sum();
    let report = CoverageReport {
        files: files.collect(),
        covered_lines: sum(|it| it.covered.len()),
        not_covered_lines: sum(|it| it.not_covered.len()),
        coverage: rounded(found.percent()),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn file_report(it: &FileCoverage) -> FileReport {
    let range = |(start, end)| Range { start: Row { row: start }, end: Row { row: end } };
    FileReport {
        covered: coverage::ranges(&it.covered).into_iter().map(range).collect(),
        not_covered: coverage::ranges(&it.not_covered).into_iter().map(range).collect(),
        covered_lines: it.covered.len(),
        not_covered_lines: it.not_covered.len(),
        coverage: rounded(it.percent()),
    }
}

/// With two digits, as `opa test` has it.
fn rounded(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}
