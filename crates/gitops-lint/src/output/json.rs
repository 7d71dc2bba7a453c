//! One JSON document with everything, or one for each finding, for programs. The fields of a finding are
//! documented by the library, whose number `version` is.

use std::io;

use gitops_render::report::{Finding, Location, Places, VERSION};
use serde::Serialize;

use crate::findings::Summary;
use crate::mute::Muted;
use crate::output::{Report, tame_json, write_json};

/// The whole.
#[derive(Serialize)]
struct Document {
    version: u32,
    findings: Vec<Finding>,
    /// What would stand among them if nobody had silenced it.
    suppressed: Vec<Suppressed>,
    summary: Counts,
}

/// A finding that is silenced.
#[derive(Serialize)]
struct Suppressed {
    #[serde(flatten)]
    finding: Finding,
    suppression: Suppression,
}

/// What silences it.
#[derive(Serialize)]
struct Suppression {
    /// `comment`, `annotation`, `options` or `baseline`.
    by: &'static str,
    reason: Option<String>,
    /// The comment, the annotation or the entry.
    location: Option<Location>,
}

#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    infos: usize,
    /// What would be among them if nobody had silenced it.
    suppressed: usize,
    /// With a base, how many findings of what is affected were there before and are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<usize>,
    files: usize,
    roots: usize,
    objects: usize,
}

/// Writes the document.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let findings = findings(report).collect();
    let suppressed = suppressed(report).collect();
    let document =
        Document { version: VERSION, findings, suppressed, summary: report.checked.summary.into() };
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

fn suppressed(report: &Report<'_>) -> impl Iterator<Item = Suppressed> {
    let places = Places::new(report.sources).named(report.name);
    report.checked.muted.iter().map(move |Muted { finding: it, mute }| Suppressed {
        finding: places.finding(&it.diagnostic, &it.roots, &it.repeats),
        suppression: Suppression {
            by: mute.by.as_str(),
            reason: mute.reason.clone(),
            location: mute.place.map(|it| places.location(it)),
        },
    })
}

impl From<Summary> for Counts {
    fn from(it: Summary) -> Counts {
        let Summary { errors, warnings, infos, suppressed, before, files, roots, objects } = it;
        Counts { errors, warnings, infos, suppressed, before, files, roots, objects }
    }
}
