//! The difference of two files as `diff -u` prints it, so that `patch -p0` can apply it.

use std::io;
use std::ops::Range;

use crate::output::{Style, visible};

/// So many lines stand around a change.
const CONTEXT: usize = 3;

/// How many lines may come and go before the whole is shown as new. Looking for the shortest way takes
/// the square of it.
const MOST_CHANGES: usize = 1000;

/// A stretch of the old lines, and the new ones in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// Writes what changes in a file; nothing if nothing does.
pub fn write(out: &mut impl io::Write, name: &str, old: &[u8], new: &[u8], style: Style) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    line(out, style, BOLD, "--- ", name.as_bytes())?;
    line(out, style, BOLD, "+++ ", name.as_bytes())?;
    hunks(out, old, new, style)
}

/// The same without the lines that name the file.
pub fn hunks(out: &mut impl io::Write, old: &[u8], new: &[u8], style: Style) -> io::Result<()> {
    let (old, new) = (lines(old), lines(new));
    let changes = changes(&old, &new);
    let mut rest = &changes[..];
    while let Some(first) = rest.first() {
        // Changes whose context would overlap are one hunk.
        let is_far = |pair: &[Change]| pair[1].old.start - pair[0].old.end > 2 * CONTEXT;
        let count = rest.windows(2).position(is_far).map_or(rest.len(), |it| it + 1);
        let last = &rest[count - 1];
        let before = first.old.start.min(CONTEXT);
        let behind = (old.len() - last.old.end).min(CONTEXT);
        let span = |first: usize, last: usize| first - before..last + behind;
        let (in_old, in_new) = (span(first.old.start, last.old.end), span(first.new.start, last.new.end));
        line(out, style, CYAN, "@@ ", format!("-{} +{} @@", range(&in_old), range(&in_new)).as_bytes())?;
        let mut at = in_old.start;
        for change in &rest[..count] {
            each(out, style, "", " ", &old[at..change.old.start])?;
            each(out, style, RED, "-", &old[change.old.clone()])?;
            each(out, style, GREEN, "+", &new[change.new.clone()])?;
            at = change.old.end;
        }
        each(out, style, "", " ", &old[at..in_old.end])?;
        rest = &rest[count..];
    }
    Ok(())
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const CYAN: &str = "\x1b[36m";

fn each(out: &mut impl io::Write, style: Style, color: &str, sign: &str, lines: &[&[u8]]) -> io::Result<()> {
    lines.iter().try_for_each(|it| line(out, style, color, sign, it))
}

/// One line of the difference. Those of a file are handed on byte by byte, but to a terminal.
fn line(out: &mut impl io::Write, style: Style, color: &str, sign: &str, line: &[u8]) -> io::Result<()> {
    let (text, is_ended) = match line.strip_suffix(b"\n") {
        Some(text) => (text, true),
        // Only the last line of a file has no end.
        None => (line, color == BOLD || color == CYAN),
    };
    let (on, off) = if style.is_colored && !color.is_empty() { (color, "\x1b[0m") } else { ("", "") };
    write!(out, "{on}{sign}")?;
    match style.is_terminal {
        true => {
            let text = String::from_utf8_lossy(text);
            let text: String = text.chars().map(|it| visible(it).unwrap_or(it)).collect();
            out.write_all(text.as_bytes())?;
        }
        false => out.write_all(text)?,
    }
    writeln!(out, "{off}")?;
    if is_ended { Ok(()) } else { writeln!(out, "\\ No newline at end of file") }
}

/// The lines, each with its end.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|it| *it == b'\n').collect()
}

/// A stretch of lines as a hunk's head has it.
fn range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// The lines of the new text that are not in the old one, from 1.
pub fn changed_lines(old: &[u8], new: &[u8]) -> Vec<Range<u32>> {
    let line = |index: usize| index as u32 + 1;
    changes(&lines(old), &lines(new)).iter().map(|it| line(it.new.start)..line(it.new.end)).collect()
}

/// What changes, in order; no two changes touch.
fn changes(old: &[&[u8]], new: &[&[u8]]) -> Vec<Change> {
    let same = |it: &(&&[u8], &&[u8])| it.0 == it.1;
    let head = old.iter().zip(new).take_while(same).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    if old.is_empty() && new.is_empty() {
        return vec![];
    }
    let whole = || vec![Change { old: 0..old.len(), new: 0..new.len() }];
    let mut changes = shortest(old, new).unwrap_or_else(whole);
    for change in &mut changes {
        for side in [&mut change.old, &mut change.new] {
            *side = side.start + head..side.end + head;
        }
    }
    changes
}

/// The fewest lines that have to go and come, after Myers; `None` if they are too many.
///
/// A diagonal `k` holds the places at which `k` more old lines than new ones are behind. `furthest` has
/// for each diagonal how many old lines can be behind after so many changes.
fn shortest(old: &[&[u8]], new: &[&[u8]]) -> Option<Vec<Change>> {
    let most = (old.len() + new.len()).min(MOST_CHANGES);
    let middle = most + 1;
    let mut furthest = vec![0usize; 2 * middle + 1];
    let mut trace: Vec<Vec<usize>> = vec![];
    for count in 0..=most {
        trace.push(furthest[middle - count..=middle + count].to_vec());
        for index in (middle - count..=middle + count).step_by(2) {
            let is_down =
                is_down(&furthest[index - 1..=index + 1], index + count == middle, index == middle + count);
            let mut x = if is_down { furthest[index + 1] } else { furthest[index - 1] + 1 };
            // Off the edge on one side, the other side is as far as it can get.
            let Some(mut y) = (x + middle).checked_sub(index) else { continue };
            while x < old.len() && y < new.len() && old[x] == new[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[index] = x;
            if x >= old.len() && y >= new.len() {
                return Some(walk_back(&trace, old.len(), new.len()));
            }
        }
    }
    None
}

/// Whether the way to a diagonal leads over a new line, and not over an old one.
fn is_down(neighbours: &[usize], is_first: bool, is_last: bool) -> bool {
    is_first || !is_last && neighbours[0] < neighbours[2]
}

fn walk_back(trace: &[Vec<usize>], old: usize, new: usize) -> Vec<Change> {
    let (mut x, mut y) = (old, new);
    let mut changes: Vec<Change> = vec![];
    for (count, furthest) in trace.iter().enumerate().skip(1).rev() {
        // `furthest` holds the diagonals from `-count` to `count`, as they were before this change.
        let at = |diagonal: isize| furthest.get((diagonal + count as isize) as usize).copied().unwrap_or(0);
        let diagonal = x as isize - y as isize;
        let ends = (diagonal == -(count as isize), diagonal == count as isize);
        let is_down = is_down(&[at(diagonal - 1), 0, at(diagonal + 1)], ends.0, ends.1);
        let from = if is_down { at(diagonal + 1) } else { at(diagonal - 1) };
        let from = (from, (from as isize - if is_down { diagonal + 1 } else { diagonal - 1 }) as usize);
        let to = if is_down { (from.0, from.1 + 1) } else { (from.0 + 1, from.1) };
        match changes.last_mut() {
            Some(next) if (next.old.start, next.new.start) == to => {
                (next.old.start, next.new.start) = from;
            }
            _ => changes.push(Change { old: from.0..to.0, new: from.1..to.1 }),
        }
        (x, y) = from;
    }
    changes.reverse();
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(old: &str, new: &str) -> String {
        let mut out = vec![];
        write(&mut out, "a.yaml", old.as_bytes(), new.as_bytes(), Style::default()).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The new text, made of the old one and the changes.
    fn patched(old: &[&[u8]], new: &[&[u8]], changes: &[Change]) -> Vec<u8> {
        let (mut out, mut at) = (vec![], 0);
        for change in changes {
            out.extend(old[at..change.old.start].concat());
            out.extend(new[change.new.clone()].concat());
            at = change.old.end;
        }
        out.extend(old[at..].concat());
        out
    }

    #[test]
    fn a_change_stands_among_its_neighbours() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n";
        let new = old.replace("\n2\n", "\n2\nx\n").replace("9\n", "").replace("16\n17\n", "16\n17");
        let expected = "--- a.yaml\n+++ a.yaml\n@@ -1,12 +1,12 @@\n 1\n 2\n+x\n 3\n 4\n 5\n 6\n 7\n 8\n-9\n 10\n 11\n 12\n@@ -14,4 +14,4 @@\n 14\n 15\n 16\n-17\n+17\n\\ No newline at end of file\n";
        assert_eq!(difference(old, &new), expected);
        assert_eq!(difference("", "a\n"), "--- a.yaml\n+++ a.yaml\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(difference(old, old), "");
    }

    #[test]
    fn changes_lead_from_old_to_new_and_are_few() {
        for (old, new, count) in [
            ("a b c a b b a", "c b a b a c", 5),
            ("a b c", "", 3),
            ("", "a b", 2),
            ("a b c d e", "b c d e f", 2),
            ("a a a a", "a a", 2),
            ("x a y b z", "a b", 3),
            ("a b", "c d", 4),
        ] {
            let lines =
                |it: &'static str| -> Vec<&[u8]> { it.split_whitespace().map(str::as_bytes).collect() };
            let (old, new) = (lines(old), lines(new));
            let changes = changes(&old, &new);
            assert_eq!(patched(&old, &new, &changes), new.concat(), "{old:?} {new:?}");
            let lines: usize = changes.iter().map(|it| it.old.len() + it.new.len()).sum();
            assert_eq!(lines, count, "{old:?} {new:?} {changes:?}");
        }
    }

    #[test]
    fn files_that_have_nothing_in_common_are_shown_whole() {
        let text = |sign: char| (0..3 * MOST_CHANGES).map(|it| format!("{sign}{it}\n")).collect::<String>();
        let (old, new) = (text('a'), text('b'));
        let (old, new) = (lines(old.as_bytes()), lines(new.as_bytes()));
        assert_eq!(changes(&old, &new), [Change { old: 0..old.len(), new: 0..new.len() }]);
    }
}
