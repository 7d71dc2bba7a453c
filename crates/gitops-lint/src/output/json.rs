//! One JSON document with everything, or one for each finding, for programs. The fields of a finding are
//! documented by the library, whose number `version` is.

use std::io;

use gitops_render::report::{Finding, Places, VERSION};
use serde::Serialize;

use crate::findings::Summary;
use crate::output::{Report, tame_json, write_json};

/// The whole.
#[derive(Serialize)]
struct Document {
    version: u32,
    findings: Vec<Finding>,
    summary: Counts,
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
    let findings = findings(report).collect();
    let document = Document { version: VERSION, findings, summary: report.checked.summary.into() };
    write_json(out, &document)
}

/// Writes each finding as a document of its own, one to a line.
pub fn write_lines(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    for finding in findings(report) {
        writeln!(out, "{}", tame_json(&serde_json::to_string(&finding)?))?;
    }
    Ok(())
}

fn findings(report: &Report<'_>) -> impl Iterator<Item = Finding> {
    let places = Places::new(report.sources).named(report.name);
    report.checked.findings.iter().map(move |it| places.finding(&it.diagnostic, &it.roots, &it.repeats))
}

impl From<Summary> for Counts {
    fn from(it: Summary) -> Counts {
        let Summary { errors, warnings, infos, suppressed, files, roots, objects } = it;
        Counts { errors, warnings, infos, suppressed, files, roots, objects }
    }
}
