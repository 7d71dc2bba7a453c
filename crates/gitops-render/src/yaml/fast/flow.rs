//! Lists and mappings in brackets, as far as they are simple.

use super::{LONGEST_KEY, Reader, Sure, Token, Unsure};
use crate::yaml::events::{EventKind, Props, ScalarStyle};

impl Reader<'_, '_> {
    /// Reads the collection whose opening bracket is here.
    pub(super) fn flow(&mut self) -> Sure {
        let (start, props) = (self.at, Props::default());
        if self.byte() == Some(b'[') {
            self.tell(EventKind::SequenceStart { flow: true, props }, start, start + 1)?;
            self.flow_entries(b']', Self::flow_value)?;
            self.tell(EventKind::SequenceEnd, self.at - 1, self.at)
        } else {
            self.tell(EventKind::MappingStart { flow: true, props }, start, start + 1)?;
            self.flow_entries(b'}', Self::flow_pair)?;
            self.tell(EventKind::MappingEnd, self.at - 1, self.at)
        }
    }

    /// Reads what is between the brackets, and the closing one.
    fn flow_entries(&mut self, close: u8, entry: fn(&mut Self) -> Sure) -> Sure {
        self.at += 1;
        loop {
            self.flow_blank()?;
            if self.byte() != Some(close) {
                entry(self)?;
                self.flow_blank()?;
            }
            self.at += 1;
            match self.byte_at(self.at - 1) {
                Some(b',') => {}
                Some(it) if it == close => return Ok(()),
                _ => return Err(Unsure),
            }
        }
    }

    fn flow_pair(&mut self) -> Sure {
        let key = self.flow_scalar()?;
        self.tell_scalar(key)?;
        let is_quoted = key.style != ScalarStyle::Plain;
        self.skip_spaces();
        // Behind quotes the colon needs no space.
        let is_colon = self.is_colon() || (is_quoted && self.byte() == Some(b':'));
        if !is_colon || self.at - key.start > LONGEST_KEY {
            return Err(Unsure);
        }
        self.at += 1;
        self.flow_blank()?;
        self.flow_value()
    }

    fn flow_value(&mut self) -> Sure {
        match self.byte() {
            Some(b'[' | b'{') => self.flow(),
            _ => {
                let token = self.flow_scalar()?;
                self.tell_scalar(token)
            }
        }
    }

    /// A scalar that ends on its line.
    fn flow_scalar(&mut self) -> Sure<Token> {
        let Some(quote @ (b'"' | b'\'')) = self.byte() else { return self.flow_plain() };
        let line = self.line;
        let token = self.quoted(quote)?;
        if self.line == line { Ok(token) } else { Err(Unsure) }
    }

    fn flow_plain(&mut self) -> Sure<Token> {
        let start = self.at;
        let is_first = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.' | b'/' | b'~' | b'$');
        let is_inner = |it: u8| is_first(it) || matches!(it, b'-' | b'+' | b'=' | b'*' | b'@' | b'%');
        if !self.byte().is_some_and(is_first) {
            return Err(Unsure);
        }
        let mut end = start;
        while let Some(it) = self.byte() {
            let next = self.byte_at(self.at + 1);
            match it {
                it if is_inner(it) => end = self.at + 1,
                b':' if next.is_some_and(is_inner) => {}
                b' ' => {}
                b',' | b']' | b'}' | b'\n' => break,
                b'#' if self.byte_at(self.at - 1) == Some(b' ') => break,
                b':' if self.is_blank_at(self.at + 1) => break,
                _ => return Err(Unsure),
            }
            self.at += 1;
        }
        self.at = end;
        Ok(Token { start, end, style: ScalarStyle::Plain, is_buffered: false })
    }

    /// Steps over spaces, comments, and the ends of lines.
    fn flow_blank(&mut self) -> Sure {
        loop {
            self.skip_spaces();
            if self.byte() == Some(b'#') && self.byte_at(self.at - 1) == Some(b' ') {
                self.at = self.line_end(self.at);
            }
            if self.byte() != Some(b'\n') {
                return Ok(());
            }
            self.at += 1;
            self.line = self.at;
            // Brackets may close at the start of a line; what else stands there may be anything.
            if !matches!(self.byte(), Some(b' ' | b']' | b'}')) {
                return Err(Unsure);
            }
        }
    }
}
