//! Scalars in blocks: `|` and `>`.

use super::lines::behind_spaces;
use super::{Reader, Sure, Token, Unsure};
use crate::yaml::events::ScalarStyle;

/// What the line says on which a block begins.
struct Header {
    style: ScalarStyle,
    chomping: Chomping,
    /// By how much the text is indented, if that is said.
    increment: Option<usize>,
}

/// What becomes of the breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// `-`: none stays.
    Strip,
    /// The first one stays.
    Clip,
    /// `+`: all stay.
    Keep,
}

impl Reader<'_, '_> {
    /// Reads the scalar whose `|` or `>` is here, in a collection that is indented by `parent`.
    pub(super) fn block_scalar(&mut self, parent: isize) -> Sure {
        let start = self.at;
        let header = self.header()?;
        let least = (parent + 1).max(1) as usize;
        self.buffer.clear();
        let indent = match header.increment {
            Some(more) => parent.max(0) as usize + more,
            None => self.widest_blank()?.max(least),
        };
        // They belong to the text only if it goes on.
        let breaks = self.blank_lines(indent)?;
        self.content(indent, &header, breaks)?;
        let token = Token { start, end: self.at, style: header.style, is_buffered: true };
        self.tell_scalar(token)?;
        self.seek_content()
    }

    /// Reads the header, and the break behind it.
    fn header(&mut self) -> Sure<Header> {
        let style = if self.byte() == Some(b'|') { ScalarStyle::Literal } else { ScalarStyle::Folded };
        let mut header = Header { style, chomping: Chomping::Clip, increment: None };
        let mut is_chomped = false;
        self.at += 1;
        loop {
            match self.byte() {
                Some(sign @ (b'-' | b'+')) if !is_chomped => {
                    header.chomping = if sign == b'-' { Chomping::Strip } else { Chomping::Keep };
                    is_chomped = true;
                }
                Some(digit @ b'1'..=b'9') if header.increment.is_none() => {
                    header.increment = Some(usize::from(digit - b'0'));
                }
                _ => break,
            }
            self.at += 1;
        }
        let behind = self.at;
        self.skip_spaces();
        match self.byte() {
            Some(b'\n') => {}
            Some(b'#') if self.at > behind => self.at = self.line_end(self.at),
            _ => return Err(Unsure),
        }
        if self.at == self.text.len() {
            return Err(Unsure);
        }
        self.at += 1;
        self.line = self.at;
        Ok(header)
    }

    /// How far the first line that is not empty is indented, or one of the empty ones before it if that is more.
    fn widest_blank(&self) -> Sure<usize> {
        let (mut line, mut widest) = (self.at, 0);
        loop {
            let end = behind_spaces(self.text, line);
            widest = widest.max(end - line);
            match self.byte_at(end) {
                Some(b'\n') => line = end + 1,
                Some(b'\t') => return Err(Unsure),
                _ => return Ok(widest),
            }
        }
    }

    /// Steps over empty lines and over up to `indent` spaces of the line behind them; tells how many there were.
    fn blank_lines(&mut self, indent: usize) -> Sure<usize> {
        let mut breaks = 0;
        loop {
            self.line = self.at;
            self.at = behind_spaces(self.text, self.line).min(self.line + indent);
            match self.byte() {
                Some(b'\n') => {
                    breaks += 1;
                    self.at += 1;
                }
                Some(b'\t') if self.at - self.line < indent => return Err(Unsure),
                _ => return Ok(breaks),
            }
        }
    }

    /// Reads the lines that are indented by `indent`, behind `breaks` empty ones. Ends at the start of a line.
    fn content(&mut self, indent: usize, header: &Header, mut breaks: usize) -> Sure {
        let is_folded = header.style == ScalarStyle::Folded;
        // Whether there was a line before, with a break; and whether it began with white space.
        let (mut has_break, mut was_blank) = (false, false);
        while self.at - self.line == indent && self.at < self.text.len() {
            let is_blank = matches!(self.byte(), Some(b' ' | b'\t'));
            if is_folded && has_break && !was_blank && !is_blank {
                if breaks == 0 {
                    self.buffer.push(' ');
                }
            } else if has_break {
                self.buffer.push('\n');
            }
            self.buffer.extend(std::iter::repeat_n('\n', breaks));
            let end = self.line_end(self.at);
            self.buffer.push_str(&self.text[self.at..end]);
            has_break = end < self.text.len();
            self.at = end + usize::from(has_break);
            was_blank = is_blank;
            breaks = self.blank_lines(indent)?;
        }
        if header.chomping != Chomping::Strip && has_break {
            self.buffer.push('\n');
        }
        if header.chomping == Chomping::Keep {
            self.buffer.extend(std::iter::repeat_n('\n', breaks));
        }
        self.at = self.line;
        Ok(())
    }
}
