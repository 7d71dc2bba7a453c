//! A difference for people.

use std::io;

use gitops_render::diff::ChangeKind;

use super::{Shown, lines};
use crate::findings::counted;
use crate::output::Style;

/// Writes what differs, an object at a time.
pub(super) fn write(out: &mut impl io::Write, shown: &Shown<'_>, style: Style) -> io::Result<()> {
    let paint = |sign: char, text: &str| match (style.is_colored, sign) {
        (true, '+') => format!("\x1b[32m{text}\x1b[0m"),
        (true, '-') => format!("\x1b[31m{text}\x1b[0m"),
        (true, '~') => format!("\x1b[33m{text}\x1b[0m"),
        (true, '#') => format!("\x1b[1m{text}\x1b[0m"),
        _ => text.to_owned(),
    };
    for line in shown.root_lines() {
        writeln!(out, "{}", paint('#', &line))?;
    }
    for (index, group) in shown.comparison.groups.iter().enumerate() {
        if index > 0 || !shown.comparison.roots.is_empty() {
            writeln!(out)?;
        }
        let (name, seen) = shown.heading(group);
        let (sign, word) = match group.change.kind() {
            ChangeKind::Added => ('+', "new, "),
            ChangeKind::Removed => ('-', "gone, was "),
            ChangeKind::Changed | ChangeKind::Reordered => ('~', ""),
        };
        writeln!(out, "{}  {word}{seen}", paint('#', &format!("{sign} {name}")))?;
        for field in &group.change.fields {
            // The whole of an object has no line that names it.
            if field.field.is_empty() {
                writeln!(out, "    {}", lines::place(shown, field))?;
            }
            for line in lines::of(shown, field) {
                for text in lines::joined(&line, "  ") {
                    writeln!(out, "{}", paint(line.sign, &text))?;
                }
            }
        }
    }
    if !shown.comparison.groups.is_empty() || !shown.comparison.roots.is_empty() {
        writeln!(out)?;
    }
    let compared = counted(shown.comparison.compared, "affected root");
    writeln!(out, "{} ({compared} compared with {})", shown.summary(), shown.commit)
}
