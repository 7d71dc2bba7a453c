//! Lines, blanks and comments.

use memchr::memchr;

use super::{Reader, Sure, Unsure};

impl Reader<'_, '_> {
    pub(super) fn byte(&self) -> Option<u8> {
        self.byte_at(self.at)
    }

    pub(super) fn byte_at(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Whether a space or the end of the line is at `at`. Tabs are left to libyaml, and so are neither this nor
    /// text.
    pub(super) fn is_blank_at(&self, at: usize) -> bool {
        matches!(self.byte_at(at), None | Some(b' ' | b'\n'))
    }

    /// Whether an item of a list begins here.
    pub(super) fn is_dash(&self) -> bool {
        self.byte() == Some(b'-') && self.is_blank_at(self.at + 1)
    }

    /// Whether what is before was a key.
    pub(super) fn is_colon(&self) -> bool {
        self.byte() == Some(b':') && self.is_blank_at(self.at + 1)
    }

    pub(super) fn skip_spaces(&mut self) {
        self.at = behind_spaces(self.text, self.at);
    }

    /// Where the line ends on which `at` is.
    pub(super) fn line_end(&self, at: usize) -> usize {
        memchr(b'\n', &self.text.as_bytes()[at..]).map_or(self.text.len(), |it| at + it)
    }

    /// Goes behind the end of the line.
    fn skip_line(&mut self) {
        self.at = self.line_end(self.at);
        self.at += usize::from(self.at < self.text.len());
    }

    /// Goes to the first value of a document, whose own line it may begin with.
    pub(super) fn first_line(&mut self) -> Sure {
        self.seek_content()?;
        if self.is_marker(b"---") {
            self.at += 3;
            self.next_line()?;
        }
        Ok(())
    }

    /// Goes from behind a value to the next one, which must not be on the same line.
    pub(super) fn next_line(&mut self) -> Sure {
        let before = self.at;
        self.skip_spaces();
        match self.byte() {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(b'#') if self.at > before || self.text[..before].ends_with(' ') => self.skip_line(),
            _ => return Err(Unsure),
        }
        self.line = self.at;
        self.seek_content()
    }

    /// Goes from the start of a line to the next text that is no comment.
    pub(super) fn seek_content(&mut self) -> Sure {
        loop {
            self.line = self.at;
            self.skip_spaces();
            match self.byte() {
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                // What a tab means there depends on what is around it.
                Some(b'\t') => return Err(Unsure),
                None => {
                    self.column = -1;
                    return Ok(());
                }
                Some(_) if self.is_marker(b"...") => return Err(Unsure),
                Some(_) => {
                    self.column = if self.is_marker(b"---") { -1 } else { (self.at - self.line) as isize };
                    return Ok(());
                }
            }
        }
    }

    /// Whether the line that begins here parts documents.
    pub(super) fn is_marker(&self, marker: &[u8; 3]) -> bool {
        let bytes = self.text.as_bytes();
        let is_marked = self.at == self.line && bytes[self.at..].starts_with(marker);
        is_marked && ends_word(self.byte_at(self.at + 3))
    }
}

/// Whether this is white space, or nothing: what ends a word.
pub(super) fn ends_word(byte: Option<u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\n'))
}

/// The first place from `at` on where there is no space.
pub(super) fn behind_spaces(text: &str, at: usize) -> usize {
    let spaces = text.as_bytes()[at..].iter().take_while(|it| **it == b' ').count();
    at + spaces
}
