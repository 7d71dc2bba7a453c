//! YAML inside of YAML: an inline patch is a scalar of kustomization.yaml, and a finding in it
//! has to point to the very character there.

use crate::source::{FileId, Span};
use crate::yaml::emit::is_break;

/// Tells where the bytes of a text lie in a file.
#[derive(Clone, Debug)]
pub struct Offsets {
    /// Runs of bytes that lie side by side in both: (in the text, in the file), ascending.
    runs: Vec<(u32, u32)>,
}

impl Offsets {
    /// The text is the file from byte `by` on.
    pub fn shifted(by: usize) -> Offsets {
        Offsets { runs: vec![(0, by as u32)] }
    }

    /// The text is the value of a scalar whose source, quotes and all, is `source` at `at`.
    ///
    /// White space is not followed: folding, and what kustomize does to it, make more or less of
    /// it. Every other character of the value stands once in the source, in the same order.
    pub fn of_scalar(value: &str, source: &str, at: u32) -> Offsets {
        let mut reader = Reader::new(source);
        let first = reader.peek().unwrap_or(source.len());
        let lead = value.len() - value.trim_start_matches(is_white).len();
        let mut runs = vec![(0, at + first.saturating_sub(lead) as u32)];
        let mut distance = None;
        for (index, _) in value.char_indices().filter(|(_, it)| !is_white(*it)) {
            let Some((start, length)) = reader.next_character() else { break };
            if distance != Some(start - index.min(start)) {
                runs.push((index as u32, at + start as u32));
            }
            let width = value[index..].chars().next().map_or(0, char::len_utf8);
            // Behind an escape, source and value are as far apart as its length says.
            distance = (length == width).then(|| start - index.min(start));
            if distance.is_none() {
                runs.push(((index + width) as u32, at + (start + length) as u32));
            }
        }
        Offsets { runs }
    }

    /// The place of a range of the text.
    pub fn span(&self, file: FileId, start: usize, end: usize) -> Span {
        let start_at = self.offset(start as u32);
        // The end belongs to the run of the last byte, not to the run that begins there.
        let end_at = if end > start { self.offset(end as u32 - 1) + 1 } else { start_at };
        Span { file, start: start_at, end: end_at.max(start_at) }
    }

    fn offset(&self, at: u32) -> u32 {
        let index = self.runs.partition_point(|(text, _)| *text <= at);
        let (text, file) = self.runs[index.saturating_sub(1)];
        file + (at - text.min(at))
    }
}

/// Finds the characters of a scalar in its source.
struct Reader<'s> {
    source: &'s str,
    at: usize,
    quote: Option<char>,
}

impl<'s> Reader<'s> {
    fn new(source: &'s str) -> Reader<'s> {
        let (at, quote) = match source.chars().next() {
            Some('|' | '>') => (source.find('\n').map_or(source.len(), |it| it + 1), None),
            Some(quote @ ('"' | '\'')) => (1, Some(quote)),
            _ => (0, None),
        };
        Reader { source, at, quote }
    }

    /// The place and the length of the next character that is no white space, escape and all.
    fn next_character(&mut self) -> Option<(usize, usize)> {
        loop {
            let start = self.at;
            let (it, length) = self.step()?;
            self.at += length;
            if !is_white(it) {
                return Some((start, length));
            }
        }
    }

    /// Where the next character begins that is no white space.
    fn peek(&self) -> Option<usize> {
        let mut ahead = Reader { ..*self };
        ahead.next_character().map(|(start, _)| start)
    }

    /// The character at the current place, and how many bytes it takes in the source.
    fn step(&self) -> Option<(char, usize)> {
        let rest = &self.source[self.at..];
        let first = rest.chars().next()?;
        match (self.quote, first) {
            (Some('\''), '\'') => Some(('\'', rest.starts_with("''").then_some(2)?)),
            (Some('"'), '\\') => {
                let sign = rest[1..].chars().next()?;
                let digits = match sign {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    // A break, or a character with a letter of its own.
                    'n' | 't' | 'r' | 'N' | 'L' | 'P' => return Some(('\n', 2)),
                    _ => return Some((sign, 1 + sign.len_utf8())),
                };
                let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
                Some((char::from_u32(code)?, 2 + digits))
            }
            (Some('"'), '"') => None,
            _ => Some((first, first.len_utf8())),
        }
    }
}

fn is_white(it: char) -> bool {
    matches!(it, ' ' | '\t') || is_break(it)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For every occurrence of a letter of `value`, the file's byte at the place that is told.
    #[track_caller]
    fn agrees(value: &str, source: &str) {
        let offsets = Offsets::of_scalar(value, source, 0);
        for (index, letter) in value.bytes().enumerate().filter(|(_, it)| it.is_ascii_alphabetic()) {
            let place = offsets.span(FileId(0), index, index + 1);
            assert_eq!(source.as_bytes()[place.start as usize], letter, "byte {index} of {value:?}");
        }
    }

    #[test]
    fn every_letter_is_found_in_its_source() {
        agrees("a: b\n  c: d\n\ne: f\n", "|-\n    a: b\n      c: d\n\n    e: f\n");
        agrees("a: b c\nd: e\n", ">\n  a: b\n  c\n\n  d: e\n");
        agrees("[{op: it's}]", "'[{op: it''s}]'");
        agrees("a\tb\nc", "\"a\\tb\\nc\"");
        agrees("plain text that folds", "plain text\n   that folds");
        agrees("a\n\nb c", "\"a  \n\n\n  b\\\n  \\x20c\"");
        agrees("é\"b\u{85}c\n", "\"\\u00e9\\\"b\\Nc\\n\"");
        agrees("q\n\n  w\ne", ">-\n  q\n    w\n  e\n");
        agrees("  a\nb", "|2-\n    a\n  b");
        agrees("a\r\nb", "\"a\\r\\nb\"");
    }
}
