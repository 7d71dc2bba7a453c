//! Markdown for a step summary, or for one comment on a pull request that is written anew each time.
//!
//! GitHub refuses a comment of more than 65,536 characters. What does not fit is left out, the worst
//! findings last, and is counted.

use std::collections::HashSet;
use std::io;

use crate::findings::{Finding, counted};
use crate::output::{Region, Report, one_line, story, total, word};

/// So many bytes at most: some room below GitHub's limit is left to those who put something around it.
pub const LIMIT: usize = 64_000;
/// So many of them are for the lines at both ends.
const FRAME: usize = 1_000;
/// Nobody reads a longer text in a table.
const LONGEST: usize = 1_000;

/// By which a comment is found again.
const MARK: &str = "<!-- gitops-lint -->";

/// Writes the report.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let summary = &report.checked.summary;
    writeln!(out, "{MARK}\n## gitops-lint: {}\n", total(summary))?;
    let (roots, objects) = (counted(summary.roots, "root"), counted(summary.objects, "object"));
    writeln!(out, "{roots}, {objects} and {} were checked.", counted(summary.files, "file"))?;
    let chosen = choose(report, LIMIT - FRAME);
    for section in sections(&chosen) {
        write_section(out, section)?;
    }
    let left_out = report.checked.findings.len() - chosen.len();
    if left_out > 0 {
        let (number, verb) = (counted(left_out, "finding"), if left_out == 1 { "is" } else { "are" });
        writeln!(out, "\n**{number} more {verb} not shown: this report would be too long.**")?;
    }
    let untold = chosen.iter().filter(|it| it.is_untold).count();
    if untold > 0 {
        writeln!(out, "\nFor {} it is not shown how they came to be.", counted(untold, "finding"))?;
    }
    Ok(())
}

/// A finding as it is written.
struct Row {
    path: String,
    line: String,
    details: String,
    /// Whether there was no room for the details.
    is_untold: bool,
    /// Where it stands among all findings.
    index: usize,
}

/// The findings that there is room for, with details as far as there is room for them.
fn choose(report: &Report<'_>, limit: usize) -> Vec<Row> {
    let mut all: Vec<(usize, &Finding)> = report.checked.findings.iter().enumerate().collect();
    all.sort_by_key(|it| std::cmp::Reverse(it.1.diagnostic.severity));
    let mut rows: Vec<Row> = vec![];
    let mut room = limit;
    for (index, finding) in all {
        let region = report.region(finding.diagnostic.span());
        let line = row(finding, &region);
        let is_first = rows.iter().all(|it| it.path != region.path);
        let size = line.len() + if is_first { heading(&region.path, 1).len() } else { 0 };
        let Some(rest) = room.checked_sub(size) else { break };
        room = rest;
        let details = details(report, finding, &region);
        rows.push(Row { path: region.path, line, details, is_untold: false, index });
    }
    let mut folded: HashSet<String> = HashSet::new();
    for row in rows.iter_mut().filter(|it| !it.details.is_empty()) {
        let fold = if folded.contains(&row.path) { 0 } else { FOLD.concat().len() };
        match room.checked_sub(row.details.len() + fold) {
            Some(rest) => {
                room = rest;
                folded.insert(row.path.clone());
            }
            None => {
                row.details.clear();
                row.is_untold = true;
            }
        }
    }
    rows.sort_by_key(|it| it.index);
    rows
}

/// The rows of each file.
fn sections(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| a.path == b.path)
}

/// What stands around the details of a file. Without the empty lines they would not be Markdown.
const FOLD: [&str; 2] = ["\n<details><summary>How they came to be</summary>\n\n", "\n</details>\n"];

fn write_section(out: &mut dyn io::Write, rows: &[Row]) -> io::Result<()> {
    write!(out, "{}", heading(&rows[0].path, rows.len()))?;
    rows.iter().try_for_each(|it| write!(out, "{}", it.line))?;
    if rows.iter().all(|it| it.details.is_empty()) {
        return Ok(());
    }
    write!(out, "{}", FOLD[0])?;
    rows.iter().try_for_each(|it| write!(out, "{}", it.details))?;
    write!(out, "{}", FOLD[1])
}

fn heading(path: &str, count: usize) -> String {
    let path = code(path);
    format!("\n### {path} ({count})\n\n| | Line | Rule | Finding |\n|---|---|---|---|\n")
}

fn row(finding: &Finding, region: &Region) -> String {
    let found = &finding.diagnostic;
    let sign = word(found.severity, "❌", "⚠️", "ℹ️");
    let line = region.start.line;
    format!("| {sign} | {line} | {} | {} |\n", found.rule.code, text(&found.message))
}

/// What stands behind the message, as an entry of a list.
fn details(report: &Report<'_>, finding: &Finding, region: &Region) -> String {
    let found = &finding.diagnostic;
    let mut lines: Vec<String> = vec![];
    lines.extend(story::subject(found).map(|it| text(&it)));
    lines.extend(story::lines_of(report, finding).iter().map(|it| text(it)));
    lines.extend(found.help.as_deref().map(|it| format!("**Help:** {}", text(it))));
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = lines.iter().map(|it| format!("  - {it}\n")).collect();
    format!("- Line {}, {} {}\n{}", region.start.line, found.rule.code, found.rule.name, lines.concat())
}

/// Words of a message: what stands between backticks is code, and nothing else means anything to Markdown,
/// HTML or GitHub.
pub fn text(words: &str) -> String {
    let words = shortened(&one_line(words));
    let parts: Vec<&str> = words.split('`').collect();
    // The last backtick of an odd number opens nothing.
    let is_even = parts.len() % 2 == 1;
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        match (index % 2, is_even || !is_last) {
            (0, _) => escape(part, &mut out),
            (_, true) => out.push_str(&code(part)),
            (_, false) => {
                out.push_str("&#96;");
                escape(part, &mut out);
            }
        }
    }
    out
}

/// Words as code.
pub fn code(words: &str) -> String {
    let words = shortened(&one_line(words));
    // A table is taken apart before code is looked for.
    if !words.contains(['`', '|']) && !words.trim().is_empty() {
        return format!("`{words}`");
    }
    let mut out = String::from("<code>");
    escape(&words, &mut out);
    out.push_str("</code>");
    out
}

fn escape(words: &str, out: &mut String) {
    for (index, character) in words.char_indices() {
        let (before, behind) = words.split_at(index);
        match character {
            // A name, an issue or an address: GitHub would tell people, or make a link.
            '@' | '#' => out.push_str(&format!("{character}<!-- -->")),
            ':' if behind.starts_with("://") => out.push_str(":<!-- -->"),
            '.' if before.ends_with("www") => out.push_str("<!-- -->."),
            // At the start these would make a list.
            '-' | '+' if before.is_empty() => out.push_str(&format!("&#{};", character as u32)),
            '.' | ')' if !before.is_empty() && before.bytes().all(|it| it.is_ascii_digit()) => {
                out.push_str(&format!("&#{};", character as u32));
            }
            // Inside of a word it is nothing else.
            '_' if before.ends_with(char::is_alphanumeric)
                && behind[1..].starts_with(char::is_alphanumeric) =>
            {
                out.push('_');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => {
                out.push_str(&format!("&#{};", character as u32));
            }
            it => out.push(it),
        }
    }
}

/// The first thousand characters.
fn shortened(words: &str) -> String {
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Summary;
    use crate::lint::Checked;
    use gitops_render::{MemoryTree, RepoPath, Sources, rules};

    #[test]
    fn a_message_means_nothing_to_markdown() {
        for (words, expected) in [
            ("there is no `port`", "there is no `port`"),
            ("`a|b` or `", "<code>a&#124;b</code> or &#96;"),
            ("<img src=x> & *b* | c", "&#60;img src=x&#62; &#38; &#42;b&#42; &#124; c"),
            ("@you, see #1 at https://x.y", "@<!-- -->you, see #<!-- -->1 at https:<!-- -->//x.y"),
            ("a\n\n# b", "a #<!-- --> b"),
            ("1. [x](y)", "1&#46; &#91;x&#93;(y)"),
            ("- x", "&#45; x"),
            ("a_b _c_", "a_b &#95;c&#95;"),
        ] {
            assert_eq!(text(words), expected);
        }
    }

    /// The report on errors and warnings, so many of each.
    fn written(count: usize) -> String {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: 1\n").insert("b.yaml", "a: 1\n");
        let sources = Sources::new(&tree);
        let start = |name: &str| sources.open(&RepoPath::root().join(name).unwrap()).unwrap().start();
        let finding = |code: &str, name: &str| Finding {
            diagnostic: rules::find(code).unwrap().at(start(name), "ä".repeat(200)).help("mend it"),
            roots: vec![],
            repeats: vec![],
        };
        let mut findings: Vec<Finding> = (0..count).map(|_| finding("YML006", "a.yaml")).collect();
        findings.extend((0..count).map(|_| finding("YML001", "b.yaml")));
        let summary = Summary::default().count(&findings);
        let checked = Checked { findings, summary, ..Checked::default() };
        let mut out = vec![];
        let name = |path: &RepoPath| path.to_string();
        write(&mut out, &Report { checked: &checked, sources: &sources, name: &name }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_counted_and_errors_come_first() {
        let all = written(2);
        assert_eq!((all.matches("| ❌ |").count(), all.matches("| ⚠️ |").count()), (2, 2));
        assert!(all.find("`a.yaml`") < all.find("`b.yaml`"), "{all}");
        assert!(!all.contains("not shown"), "{all}");

        let some = written(100);
        assert!(some.len() < 65_536, "{}", some.len());
        let (errors, warnings) = (some.matches("| ❌ |").count(), some.matches("| ⚠️ |").count());
        assert!(errors == 100 && warnings > 20, "{errors} and {warnings}");
        assert!(some.contains(&format!("**{} findings more are not shown", 100 - warnings)), "{some}");
        assert!(some.contains("it is not shown how they came to be"), "{some}");
        assert!(written(400).len() < 65_536);
    }
}
