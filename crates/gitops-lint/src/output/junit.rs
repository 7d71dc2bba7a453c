//! JUnit XML: a test suite for each file, and in it a test case for each finding, or one that passes.
//!
//! What is written fits both schemas that are in use, that of Jenkins and that of Ant, which asks for
//! more attributes and allows fewer.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use gitops_render::Severity;

use crate::findings::Finding;
use crate::fingerprint::steady;
use crate::output::xml::{attribute, text};
use crate::output::{Report, Run, story};

/// Set by whoever wants the same bytes each time.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Writes the document.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>, run: &Run<'_>) -> io::Result<()> {
    let mut suites: BTreeMap<String, Vec<&Finding>> =
        run.files.iter().map(|it| ((report.name)(it), vec![])).collect();
    for finding in &report.checked.findings {
        let path = report.region(finding.diagnostic.span()).path;
        suites.entry(path).or_default().push(finding);
    }
    let began = began();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    for (id, (path, findings)) in suites.iter().enumerate() {
        write_suite(out, report, Suite { id, path, findings, began: &began })?;
    }
    if !run.errors.is_empty() {
        write_errors(out, run, suites.len(), &began)?;
    }
    writeln!(out, "</testsuites>")
}

/// The findings of a file.
struct Suite<'a> {
    id: usize,
    path: &'a str,
    findings: &'a [&'a Finding],
    began: &'a str,
}

fn write_suite(out: &mut dyn io::Write, report: &Report<'_>, suite: Suite<'_>) -> io::Result<()> {
    // Notes do not make a run fail, and so they do not fail a test.
    let (notes, failures): (Vec<&Finding>, Vec<&Finding>) =
        suite.findings.iter().partition(|it| it.diagnostic.severity == Severity::Info);
    let counts = (failures.len().max(1), failures.len(), 0);
    open_suite(out, suite.path, suite.id, counts, suite.began)?;
    let class = attribute(suite.path);
    if failures.is_empty() {
        writeln!(out, "    <testcase name=\"nothing found\" classname=\"{class}\" time=\"0\"/>")?;
    }
    let mut names: HashMap<String, usize> = HashMap::new();
    for finding in failures {
        let name = attribute(&unique(&mut names, name(finding)));
        let rule = finding.diagnostic.rule;
        let message = attribute(&finding.diagnostic.message);
        writeln!(out, "    <testcase name=\"{name}\" classname=\"{class}\" time=\"0\">")?;
        writeln!(
            out,
            "      <failure type=\"{}\" message=\"{message}\">{}</failure>\n    </testcase>",
            rule.code,
            text(&told(report, finding))
        )?;
    }
    let notes: Vec<String> = notes.iter().map(|it| told(report, it)).collect();
    close_suite(out, &notes.join("\n\n"))
}

/// What could not be looked at.
fn write_errors(out: &mut dyn io::Write, run: &Run<'_>, id: usize, began: &str) -> io::Result<()> {
    let count = run.errors.len();
    open_suite(out, "gitops-lint", id, (count, 0, count), began)?;
    for (index, error) in run.errors.iter().enumerate() {
        let message = attribute(error);
        writeln!(out, "    <testcase name=\"run {}\" classname=\"gitops-lint\" time=\"0\">", index + 1)?;
        writeln!(out, "      <error type=\"unreadable\" message=\"{message}\"/>\n    </testcase>")?;
    }
    close_suite(out, "")
}

fn open_suite(
    out: &mut dyn io::Write,
    name: &str,
    id: usize,
    (tests, failures, errors): (usize, usize, usize),
    began: &str,
) -> io::Result<()> {
    let name = attribute(name);
    writeln!(
        out,
        "  <testsuite name=\"{name}\" package=\"gitops-lint\" id=\"{id}\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"{errors}\" time=\"0\" timestamp=\"{began}\" hostname=\"localhost\">\n    \
         <properties/>"
    )
}

fn close_suite(out: &mut dyn io::Write, notes: &str) -> io::Result<()> {
    writeln!(out, "    <system-out>{}</system-out>\n    <system-err/>\n  </testsuite>", text(notes))
}

/// The rule, and what it is about. No line and no hash, or a test would be another one when these change.
fn name(finding: &Finding) -> String {
    let rule = finding.diagnostic.rule;
    let subject = story::subject(&finding.diagnostic).map(|it| format!(": {it}")).unwrap_or_default();
    steady(&format!("{} {}{subject}", rule.code, rule.name))
}

/// The name, with a number behind it if it was there before: of two tests with one name, readers keep one.
fn unique(names: &mut HashMap<String, usize>, name: String) -> String {
    let count = names.entry(name.clone()).or_default();
    *count += 1;
    if *count == 1 { name } else { format!("{name} ({count})") }
}

/// The place, and all that is known about it.
fn told(report: &Report<'_>, finding: &Finding) -> String {
    let place = report.region(finding.diagnostic.span()).shown();
    format!("{place}: {}", story::plain(report, finding))
}

/// When it was, as `2026-01-31T12:00:00` in UTC.
fn began() -> String {
    let given = env::var(SOURCE_DATE_EPOCH).ok().and_then(|it| it.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    timestamp(given.unwrap_or_else(now))
}

/// Seconds since 1970 as date and time.
fn timestamp(seconds: u64) -> String {
    // Up to the year 9999; what is later is somebody's slip.
    let seconds = seconds.min(253_402_300_799);
    let (days, rest) = (seconds / 86400, seconds % 86400);
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut day) = (1970, days);
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}", day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_used_once() {
        let mut names = HashMap::new();
        let all = ["a", "a", "b", "a"].map(|it| unique(&mut names, it.to_owned()));
        assert_eq!(all, ["a", "a (2)", "b", "a (3)"]);
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_798_761_599, "2026-12-31T23:59:59"),
            (u64::MAX, "9999-12-31T23:59:59"),
        ] {
            assert_eq!(timestamp(seconds), expected);
        }
    }
}
