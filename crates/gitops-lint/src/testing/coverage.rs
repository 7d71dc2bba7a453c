//! How much of the policies the tests have evaluated.

use std::collections::BTreeSet;
use std::io;

use gitops_render::policy::testing::Coverage;

use crate::output::one_line;
use crate::testing::Results;

/// Whether enough was evaluated.
pub fn is_enough(threshold: Option<f64>, coverage: Option<&Coverage>) -> bool {
    threshold.is_none_or(|least| coverage.is_none_or(|it| it.percent() >= least))
}

/// Per cent with two digits, rounded down: only all is 100.
pub fn shown(percent: f64) -> String {
    format!("{} %", (percent * 100.0).floor() / 100.0)
}

/// Writes a line for each file, with the lines that were not evaluated.
pub fn write(out: &mut impl io::Write, results: &Results<'_>, coverage: &Coverage) -> io::Result<()> {
    for file in &coverage.files {
        let path = (results.name)(&file.path);
        let missed = ranges(&file.not_covered).into_iter().map(|(start, end)| {
            if start == end { format!(" {path}:{start}") } else { format!(" {path}:{start}-{end}") }
        });
        let missed: String = missed.collect();
        let rest = if missed.is_empty() { String::new() } else { format!(", not evaluated:{missed}") };
        writeln!(out, "{}", one_line(&format!("{path}: {}{rest}", shown(file.percent()))))?;
    }
    writeln!(out, "COVERAGE: {}", shown(coverage.percent()))
}

/// Lines that follow each other, as first and last.
pub fn ranges(lines: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut found: Vec<(u32, u32)> = vec![];
    for &line in lines {
        match found.last_mut() {
            Some((_, end)) if *end + 1 == line => *end = line,
            _ => found.push((line, line)),
        }
    }
    found
}
