//! One line for each finding.

use std::io;

use crate::output::{Report, one_line, summary_line};

/// Writes the findings and the summary.
pub fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    write_findings(out, report)?;
    writeln!(out, "{}", summary_line(&report.checked.summary))
}

/// Writes `path:line:column: CODE name: message` for each finding.
pub fn write_findings(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    for finding in &report.checked.findings {
        let found = &finding.diagnostic;
        let (path, start, _) = report.sources.place(found.span());
        let (name, message) = ((report.name)(&path), one_line(&found.message));
        let (line, column, rule) = (start.line, start.column, found.rule);
        write!(out, "{}:{line}:{column}: {} {}: {message}", one_line(&name), rule.code, rule.name)?;
        match finding.repeats.len() {
            0 => writeln!(out)?,
            more => writeln!(out, " (and {more} more)")?,
        }
    }
    Ok(())
}
