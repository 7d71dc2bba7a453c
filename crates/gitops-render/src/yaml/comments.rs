//! Comments, which YAML forgets and we keep: findings can be silenced by them.

use memchr::memchr;

use crate::source::Span;
use crate::yaml::build::Input;
use crate::yaml::events::ScalarStyle;
use crate::yaml::scalar::{is_white, line_length};

/// Collects the comments between values, in order.
#[derive(Default)]
pub(super) struct Comments {
    /// From each `#` to the end of its line.
    pub spans: Vec<Span>,
    /// Up to where the text was looked through.
    seen: usize,
}

impl Comments {
    /// Starts anew at `at`.
    pub fn go_on_at(&mut self, at: usize) {
        self.seen = at;
    }

    /// How many there are, and up to where the text was looked through.
    pub fn mark(&self) -> (usize, usize) {
        (self.spans.len(), self.seen)
    }

    /// Forgets what was found since.
    pub fn go_back(&mut self, (count, seen): (usize, usize)) {
        self.spans.truncate(count);
        self.seen = seen;
    }

    /// Looks through the text up to `end`, in which no value begins or ends.
    pub fn gap(&mut self, input: &Input<'_>, end: usize) {
        while let Some(found) = input.text.as_bytes().get(self.seen..end).and_then(|it| memchr(b'#', it)) {
            let at = self.seen + found;
            // Elsewhere it is a part of a tag.
            let begins = input.text[..at].ends_with(|it| is_white(it) || it == '\u{feff}');
            self.seen = at + 1;
            if begins || at == 0 {
                let length = line_length(&input.text[at..]);
                self.spans.push(input.span(at, at + length));
                self.seen = at + length;
            }
        }
        self.seen = self.seen.max(end);
    }

    /// Steps over a scalar. The header of a block scalar may have a comment.
    pub fn skip(&mut self, input: &Input<'_>, style: ScalarStyle, (start, end): (usize, usize)) {
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            self.gap(input, start + line_length(&input.text[start..end]));
        }
        self.seen = self.seen.max(end);
    }
}
