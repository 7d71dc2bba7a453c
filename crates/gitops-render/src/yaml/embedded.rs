//! YAML inside of YAML: an inline patch is a scalar of kustomization.yaml, and a finding in it
//! has to point to the very character there.

use crate::source::{FileId, Span};

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
    pub fn of_scalar(value: &str, source: &str, at: u32) -> Offsets {
        let runs = match source.as_bytes().first() {
            Some(b'|' | b'>') => block_runs(value, source, at),
            _ => flow_runs(value, source, at),
        };
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

/// A block scalar: behind each line break, of the value or of a fold, the source is indented.
fn block_runs(value: &str, source: &str, at: u32) -> Vec<(u32, u32)> {
    let bytes = source.as_bytes();
    let header = source.find('\n').map_or(source.len(), |it| it + 1);
    let indent = block_indent(&source[header..]);
    let mut source_at = skip_indent(bytes, header, indent);
    let mut runs = vec![(0, at + source_at as u32)];
    for (index, byte) in value.bytes().enumerate() {
        let next = bytes.get(source_at).copied();
        if byte == b' ' && matches!(next, Some(b'\n' | b'\r')) {
            // A fold: the break became a space.
            source_at = skip_indent(bytes, after_break(bytes, source_at), indent);
        } else if byte == b'\n' {
            source_at = skip_indent(bytes, after_break(bytes, source_at), indent);
            // Folding drops one of several breaks.
            let dropped = value.as_bytes().get(index + 1).is_some_and(|it| *it != b'\n');
            while dropped && matches!(bytes.get(source_at), Some(b'\n' | b'\r')) {
                source_at = skip_indent(bytes, after_break(bytes, source_at), indent);
            }
        } else {
            source_at += 1;
            continue;
        }
        runs.push((index as u32 + 1, at + source_at as u32));
    }
    runs
}

/// The indentation of a block scalar's content: that of its first line with text.
fn block_indent(content: &str) -> usize {
    let first = content.lines().find(|it| !it.trim().is_empty()).unwrap_or_default();
    first.len() - first.trim_start_matches(' ').len()
}

fn after_break(source: &[u8], at: usize) -> usize {
    source[at.min(source.len())..].iter().position(|it| *it == b'\n').map_or(source.len(), |it| at + it + 1)
}

fn skip_indent(source: &[u8], at: usize, indent: usize) -> usize {
    at + source[at..].iter().take(indent).take_while(|it| **it == b' ').count()
}

/// A plain or quoted scalar: walks value and source side by side, a run after each difference.
fn flow_runs(value: &str, source: &str, at: u32) -> Vec<(u32, u32)> {
    let bytes = source.as_bytes();
    let quoted = matches!(bytes.first(), Some(b'"' | b'\''));
    let mut source_at = usize::from(quoted);
    let mut runs = vec![(0, at + source_at as u32)];
    for (index, byte) in value.bytes().enumerate() {
        if bytes.get(source_at) == Some(&byte) {
            // `''` in single quotes is one quote.
            source_at += if byte == b'\'' && bytes[0] == b'\'' { 2 } else { 1 };
            if byte == b'\'' && bytes[0] == b'\'' {
                runs.push((index as u32 + 1, at + source_at as u32));
            }
            continue;
        }
        source_at = skip_difference(bytes, source_at);
        runs.push((index as u32 + 1, at + source_at.min(bytes.len()) as u32));
    }
    runs
}

/// Steps over an escape of a double-quoted scalar, or over a line break and its indentation.
fn skip_difference(source: &[u8], at: usize) -> usize {
    match source.get(at) {
        Some(b'\\') => match source.get(at + 1) {
            Some(b'x') => at + 4,
            Some(b'u') => at + 6,
            Some(b'U') => at + 10,
            Some(_) => at + 2,
            None => at + 1,
        },
        Some(it) if it.is_ascii_whitespace() => {
            at + source[at..].iter().take_while(|it| it.is_ascii_whitespace()).count()
        }
        _ => at + 1,
    }
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
    }
}
