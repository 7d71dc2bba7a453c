//! GitLab's code quality report: an array with one entry for each finding.
//!
//! GitLab compares the reports of two branches by fingerprint; of two that are alike it keeps one.

use std::io;

use gitops_render::Position;
use serde::Serialize;

use crate::findings::Finding;
use crate::output::{Report, one_line, word, write_json};

/// A finding.
#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

/// The same place twice: GitLab wants `lines` or `positions`, and its helpers one of the two.
#[derive(Serialize)]
struct Location {
    path: String,
    lines: Range<u32>,
    positions: Range<At>,
}

#[derive(Serialize)]
struct Range<T> {
    begin: T,
    end: T,
}

#[derive(Serialize)]
struct At {
    line: u32,
    column: u32,
}

/// Writes the array.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let findings = report.with_muted();
    let fingerprints = report.fingerprints(&findings);
    let reported = findings.into_iter().zip(fingerprints).filter(|((_, mute), _)| mute.is_none());
    let issues: Vec<Issue<'_>> =
        reported.map(|((it, _), fingerprint)| issue(report, it, fingerprint)).collect();
    write_json(out, &issues)
}

fn issue<'a>(report: &Report<'_>, finding: &'a Finding, fingerprint: String) -> Issue<'a> {
    let found = &finding.diagnostic;
    let region = report.region(found.span());
    let at = |it: Position| At { line: it.line, column: it.column };
    let lines = Range { begin: region.start.line, end: region.last_line() };
    let positions = Range { begin: at(region.start), end: at(region.end) };
    Issue {
        description: one_line(&found.message).into_owned(),
        check_name: found.rule.code,
        fingerprint,
        severity: word(found.severity, "major", "minor", "info"),
        location: Location { path: region.path, lines, positions },
    }
}
