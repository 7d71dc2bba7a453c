//! Workflow commands: GitHub Actions shows each beside the line that it names.
//!
//! Of each severity GitHub shows ten for a step, so those that matter most come first.

use std::io;

use crate::findings::Finding;
use crate::output::{Region, Report, one_line, story, word};

/// Writes `::error file=…,line=…,…::message` for each finding.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    report.worst_first().into_iter().try_for_each(|it| write_one(out, report, it))
}

fn write_one(out: &mut dyn io::Write, report: &Report<'_>, finding: &Finding) -> io::Result<()> {
    let found = &finding.diagnostic;
    let region = report.region(found.span());
    let level = word(found.severity, "error", "warning", "notice");
    let title = format!("{} {}", found.rule.code, found.rule.name);
    let (path, title) = (property(&one_line(&region.path)), property(&title));
    let message = data(&story::plain(report, finding));
    writeln!(out, "::{level} file={path},{},title={title}::{message}", place(&region))
}

/// The lines, and the columns: GitHub takes these only if they are of one line.
fn place(region: &Region) -> String {
    let (start, end) = (region.start, region.end);
    let lines = format!("line={},endLine={}", start.line, region.last_line());
    if region.is_file || end.line != start.line {
        return lines;
    }
    format!("{lines},col={},endColumn={}", start.column, end.column)
}

/// A message as the runner reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property as the runner reads it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::Position;

    #[test]
    fn what_the_runner_would_take_apart_is_escaped() {
        assert_eq!(data("100%\n::error::x, y"), "100%25%0A::error::x, y");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }

    #[test]
    fn columns_are_given_for_places_in_one_line() {
        let region = |start: (u32, u32), end: (u32, u32), is_file| Region {
            path: String::new(),
            start: Position { line: start.0, column: start.1 },
            end: Position { line: end.0, column: end.1 },
            is_file,
        };
        for (start, end, is_file, expected) in [
            ((2, 3), (2, 5), false, "line=2,endLine=2,col=3,endColumn=5"),
            ((2, 3), (4, 5), false, "line=2,endLine=4"),
            ((2, 3), (4, 1), false, "line=2,endLine=3"),
            ((1, 1), (1, 1), true, "line=1,endLine=1"),
        ] {
            assert_eq!(place(&region(start, end, is_file)), expected);
        }
    }
}
