//! How many findings there are of each rule.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use gitops_render::{Rule, Safety};
use serde::Serialize;

use crate::fix;
use crate::output::{Report, summary_line};

/// What was found of a rule.
#[derive(Serialize)]
struct Count {
    code: &'static str,
    name: &'static str,
    /// How many findings there are.
    count: usize,
    /// How many of them `--fix` mends.
    fixable: usize,
}

/// Most findings first, then by code.
fn counts(report: &Report<'_>) -> Vec<Count> {
    let mut by_rule: BTreeMap<&str, (&Rule, usize, usize)> = BTreeMap::new();
    for finding in &report.checked.findings {
        let found = &finding.diagnostic;
        let (_, count, fixable) = by_rule.entry(found.rule.code).or_insert((found.rule, 0, 0));
        *count += 1;
        *fixable += usize::from(found.fix.as_ref().is_some_and(|it| it.safety == Safety::Safe));
    }
    let count = |(rule, count, fixable): (&Rule, usize, usize)| Count {
        code: rule.code,
        name: rule.name,
        count,
        fixable,
    };
    let mut counts: Vec<Count> = by_rule.into_values().map(count).collect();
    counts.sort_by_key(|it| Reverse(it.count));
    counts
}

/// Writes a line for each rule of which something was found, and the summary.
pub fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    let counts = counts(report);
    let digits = counts.iter().map(|it| it.count.to_string().len()).max().unwrap_or(0);
    for Count { code, name, count, fixable } in counts {
        // The sign that the last line explains.
        let sign = if fixable > 0 { "[*]" } else { "[ ]" };
        writeln!(out, "{count:digits$}  {code}  {sign} {name}")?;
    }
    writeln!(out, "{}", summary_line(&report.checked.summary))?;
    fix::hint(&report.checked.findings).map_or(Ok(()), |it| writeln!(out, "{it}"))
}

/// The same as a JSON list.
pub fn write_json(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &counts(report))?;
    writeln!(out)
}
