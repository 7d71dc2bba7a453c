//! Which lines a comment is about, and on which lines a finding is.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::node::{Node, Value};
use crate::source::Span;
use crate::sources::SourceFile;
use crate::suppress::comments::is_yaml;

/// The lines at which a comment may stand that means a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Vec<u32>);

impl Place {
    /// The lines, from 1.
    pub(super) fn lines(&self) -> &[u32] {
        &self.0
    }
}

/// The places of findings in a file. What is asked of them costs no more in a large file than in a small one.
#[derive(Debug)]
pub struct Places {
    file: Arc<SourceFile>,
    /// Where the keys of values begin; `None` for what has no key. Of values that share a place the outermost.
    keys: HashMap<(u32, u32), Option<u32>>,
    /// The texts, in order, each with where its key begins.
    texts: Vec<(Span, Option<u32>)>,
    /// The first line that says something.
    first: Option<u32>,
}

impl Places {
    /// Looks through all values of a file, if it is YAML.
    pub fn new(file: Arc<SourceFile>) -> Places {
        let first = next_line(&file, 1);
        let mut places = Places { file: Arc::clone(&file), keys: HashMap::new(), texts: vec![], first };
        let documents = if is_yaml(&file) { &file.yaml().documents[..] } else { &[] };
        for document in documents {
            places.add(document, None);
        }
        places.texts.sort_by_key(|it| it.0.start);
        places
    }

    fn add(&mut self, node: &Node, key: Option<Span>) {
        let here = node.origin.span;
        let key = key.map(|it| it.start);
        self.keys.entry((here.start, here.end)).or_insert(key);
        // What an alias stands for is found at its anchor.
        match &node.value {
            Value::Scalar(_) => self.texts.push((here, key)),
            Value::Seq(items) => {
                items.iter().filter(|it| here.holds(it.origin.span)).for_each(|it| self.add(it, None));
            }
            Value::Map(map) => {
                let inside = map.entries().iter().filter(|it| here.holds(it.node.origin.span));
                inside.for_each(|it| self.add(&it.node, Some(it.key_span)));
            }
        }
    }

    /// The lines for a finding at `span`, which lies in the file:
    ///
    /// - the line where the place begins, which is the one that reports show;
    /// - of a value the line of its key, if it stands above;
    /// - inside of a block of text, such as an inline patch, the line where the block begins;
    /// - of a file as a whole the first line that is neither empty nor a comment.
    pub fn of(&self, span: Span) -> Place {
        let file = &self.file;
        let mut lines = vec![line(file, span.start)];
        if span.end == 0 {
            lines.extend(self.first);
        } else {
            lines.extend(self.above(span).into_iter().flatten().map(|it| line(file, it)));
        }
        Place(lines)
    }

    /// Where the key of the value at `span` begins; of a text that it is a part of, where that and its key begin.
    fn above(&self, span: Span) -> [Option<u32>; 2] {
        if let Some(key) = self.keys.get(&(span.start, span.end)) {
            return [*key, None];
        }
        let before = self.texts.partition_point(|it| it.0.start <= span.start);
        let text = before.checked_sub(1).map(|it| self.texts[it]).filter(|it| it.0.holds(span));
        text.map_or([None, None], |(text, key)| [key, Some(text.start)])
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
