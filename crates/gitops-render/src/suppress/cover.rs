//! Which lines a comment is about, and on which lines a finding is.

use std::ops::Range;

use crate::node::{Node, Value};
use crate::source::Span;
use crate::sources::SourceFile;
use crate::suppress::comments::is_yaml;

/// The lines at which a comment may stand that means a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Vec<u32>);

impl Place {
    /// The lines for a finding at `span` of the file:
    ///
    /// - the line where the place begins, which is the one that reports show;
    /// - of a value the line of its key, if it stands above;
    /// - inside of a block of text, such as an inline patch, the line where the block begins;
    /// - of a file as a whole the first line that is neither empty nor a comment.
    pub fn of(file: &SourceFile, span: Span) -> Place {
        let mut lines = vec![line(file, span.start)];
        if span.end == 0 {
            lines.extend(next_line(file, 1));
        } else {
            let documents = if is_yaml(file) { &file.yaml().documents[..] } else { &[] };
            let above = documents.iter().find_map(|it| above(it, None, span));
            lines.extend(above.into_iter().flatten().map(|it| line(file, it)));
        }
        Place(lines)
    }

    /// The lines, from 1.
    pub(super) fn lines(&self) -> &[u32] {
        &self.0
    }
}

/// Where the key of the value at `span` begins; of a text that it is a part of, where that and its key begin.
fn above(node: &Node, key: Option<Span>, span: Span) -> Option<Vec<u32>> {
    let here = node.origin.span;
    if here == span {
        return Some(key.map(|it| it.start).into_iter().collect());
    }
    if !here.holds(span) {
        return None;
    }
    match &node.value {
        Value::Scalar(_) => Some(key.map(|it| it.start).into_iter().chain([here.start]).collect()),
        Value::Seq(items) => items.iter().find_map(|it| above(it, None, span)),
        Value::Map(map) => map.entries().iter().find_map(|it| above(&it.node, Some(it.key_span), span)),
    }
}

/// The line of a byte, from 1.
pub(super) fn line(file: &SourceFile, at: u32) -> u32 {
    file.position(at).line
}

/// Finds the lines that comments are about, which come in order. What lies between a comment and the next line
/// that says something is looked through once, however many comments stand there.
pub(super) struct Lines<'a> {
    file: &'a SourceFile,
    /// From which line on there was none that says something, and the next one.
    seen: Option<(u32, Option<u32>)>,
}

impl<'a> Lines<'a> {
    pub fn new(file: &'a SourceFile) -> Lines<'a> {
        Lines { file, seen: None }
    }

    /// The lines that a comment is about: its own if other text stands before it, else all up to the next one
    /// that says something.
    pub fn of(&mut self, comment: Span) -> Range<u32> {
        let own = line(self.file, comment.start);
        if !is_empty(text_before(self.file, comment)) {
            return own..own + 1;
        }
        own..self.next(own + 1).unwrap_or(own) + 1
    }

    fn next(&mut self, from: u32) -> Option<u32> {
        if let Some((start, next)) = self.seen
            && (start..=next.unwrap_or(u32::MAX)).contains(&from)
        {
            return next;
        }
        let next = next_line(self.file, from);
        self.seen = Some((from, next));
        next
    }
}

/// What stands on its line before a comment.
pub(super) fn text_before(file: &SourceFile, comment: Span) -> &str {
    let start = file.line_starts()[line(file, comment.start) as usize - 1];
    let bytes = file.bytes().get(start as usize..comment.start as usize).unwrap_or_default();
    std::str::from_utf8(bytes).unwrap_or_default().trim_start_matches('\u{feff}')
}

/// The first line from `from` on that says something.
fn next_line(file: &SourceFile, from: u32) -> Option<u32> {
    let starts = file.line_starts();
    (from..=starts.len() as u32).find(|it| {
        let start = starts[*it as usize - 1] as usize;
        let end = starts.get(*it as usize).map_or(file.bytes().len(), |it| *it as usize);
        let text = String::from_utf8_lossy(&file.bytes()[start..end]);
        let text = text.trim_start_matches('\u{feff}').trim();
        !is_empty(text.split(" #").next().unwrap_or_default()) && !text.starts_with('#')
    })
}

/// Whether a line says nothing: it is empty, begins a document, or an element whose text stands below.
fn is_empty(text: &str) -> bool {
    text.trim().trim_start_matches('-').trim().is_empty()
}
