//! Plain scalars in blocks.

use memchr::{memchr, memchr3};

use super::lines::{behind_spaces, ends_word};
use super::{Reader, Sure, Token, Unsure};
use crate::yaml::events::ScalarStyle;

/// A line of a plain scalar.
struct Line {
    /// Behind its last character.
    end: usize,
    /// Why it ends, and where.
    stop: Stop,
    at: usize,
}

#[derive(PartialEq, Eq)]
enum Stop {
    /// At the end of the line.
    Line,
    /// At a colon, so that this was a key.
    Colon,
    /// At a comment.
    Comment,
}

impl Reader<'_, '_> {
    /// The key that begins here, if one does: goes to its colon.
    pub(super) fn plain_key(&mut self) -> Sure<Option<Token>> {
        let start = self.at;
        self.must_begin_plain()?;
        let line = self.plain_line(start)?;
        if line.stop != Stop::Colon {
            return Ok(None);
        }
        self.at = line.at;
        Ok(Some(Token { start, end: line.end, style: ScalarStyle::Plain, is_buffered: false }))
    }

    /// Reads a value that goes on on all lines that are indented by more than `parent`.
    pub(super) fn plain(&mut self, parent: isize) -> Sure<Token> {
        let start = self.at;
        self.must_begin_plain()?;
        let mut line = self.plain_line(start)?;
        let mut token = Token { start, end: line.end, style: ScalarStyle::Plain, is_buffered: false };
        while line.stop == Stop::Line
            && let Some((next, breaks)) = self.continued(line.at, parent)?
        {
            if !token.is_buffered {
                self.buffer.clear();
                self.buffer.push_str(&self.text[start..line.end]);
                token.is_buffered = true;
            }
            self.fold(breaks);
            line = self.plain_line(next)?;
            self.buffer.push_str(&self.text[next..line.end]);
            token.end = line.end;
        }
        if line.stop == Stop::Colon {
            // A second colon on the line, or one on a later one.
            return Err(Unsure);
        }
        self.at = line.at;
        Ok(token)
    }

    /// What `breaks` line breaks within a scalar are worth.
    pub(super) fn fold(&mut self, breaks: usize) {
        match breaks {
            1 => self.buffer.push(' '),
            _ => self.buffer.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
    }

    /// Where a plain scalar goes on whose line ends at `at`, and behind how many breaks.
    fn continued(&self, at: usize, parent: isize) -> Sure<Option<(usize, usize)>> {
        let mut line = at;
        let mut breaks = 0;
        while self.byte_at(line) == Some(b'\n') {
            line += 1;
            breaks += 1;
            let next = behind_spaces(self.text, line);
            match self.byte_at(next) {
                Some(b'\n') => line = next,
                Some(b'\t') => return Err(Unsure),
                None | Some(b'#') => return Ok(None),
                Some(_) if (next - line) as isize <= parent => return Ok(None),
                Some(_) => return Ok(Some((next, breaks))),
            }
        }
        Ok(None)
    }

    /// The text of a plain scalar from `start` to the end of the line or of the scalar.
    fn plain_line(&self, start: usize) -> Sure<Line> {
        let bytes = self.text.as_bytes();
        let mut at = start;
        let stop = loop {
            let Some(found) = memchr3(b':', b'#', b'\n', &bytes[at..]) else {
                at = bytes.len();
                break Stop::Line;
            };
            at += found;
            match bytes[at] {
                b':' if ends_word(self.byte_at(at + 1)) => break Stop::Colon,
                b'#' if matches!(bytes.get(at.wrapping_sub(1)), Some(b' ' | b'\t')) => break Stop::Comment,
                b'\n' => break Stop::Line,
                _ => at += 1,
            }
        };
        let text = &bytes[start..at];
        if memchr(b'\t', text).is_some() || bytes.get(at + 1) == Some(&b'\t') {
            return Err(Unsure);
        }
        let spaces = text.iter().rev().take_while(|it| **it == b' ').count();
        Ok(Line { end: at - spaces, stop, at })
    }

    fn must_begin_plain(&self) -> Sure {
        match self.byte() {
            Some(b'-' | b':' | b'?') if !ends_word(self.byte_at(self.at + 1)) => Ok(()),
            None
            | Some(
                b'-' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|'
                | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' | b'\t' | b'\n',
            ) => Err(Unsure),
            Some(_) => Ok(()),
        }
    }
}
