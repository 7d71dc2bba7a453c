//! One JSON document with everything, or one for each finding, for programs. What stands in them is documented by
//! the library, whose types these are.

use std::io;

use gitops_render::report::{self, Finding, Places, Suppressed};

use crate::findings::Summary;
use crate::mute::Muted;
use crate::output::{Report, tame_json, write_json};

/// Writes the document.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let findings = findings(report).collect();
    let suppressed = suppressed(report).collect();
    write_json(out, &report::Report::new(findings, suppressed, counts(report.checked.summary)))
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
    report.checked.muted.iter().map(move |Muted { finding: it, mute }| {
        let finding = places.finding(&it.diagnostic, &it.roots, &it.repeats);
        let location = mute.place.map(|it| places.location(it));
        Suppressed::new(finding, mute.by.as_str(), mute.reason.clone(), location)
    })
}

fn counts(of: Summary) -> report::Summary {
    let Summary { errors, warnings, infos, suppressed, before, files, roots, objects } = of;
    let mut counts = report::Summary::default();
    (counts.errors, counts.warnings, counts.infos) = (errors, warnings, infos);
    (counts.suppressed, counts.before) = (suppressed, before);
    (counts.files, counts.roots, counts.objects) = (files, roots, objects);
    counts
}
