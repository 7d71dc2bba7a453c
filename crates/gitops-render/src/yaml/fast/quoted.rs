//! Scalars in quotes.

use memchr::{memchr, memchr2, memchr3};

use super::lines::behind_spaces;
use super::{Reader, Sure, Token, Unsure};
use crate::yaml::events::ScalarStyle;

impl Reader<'_, '_> {
    /// Reads the scalar whose opening quote is here.
    pub(super) fn quoted(&mut self, quote: u8) -> Sure<Token> {
        let start = self.at;
        let style = match quote {
            b'"' => ScalarStyle::DoubleQuoted,
            _ => ScalarStyle::SingleQuoted,
        };
        self.at += 1;
        let first = self.at;
        let mut is_buffered = false;
        // From where on the text is not yet in the buffer.
        let mut taken = first;
        loop {
            let found = self.special(quote)?;
            let is_end = found == quote && !(quote == b'\'' && self.byte_at(self.at + 1) == Some(b'\''));
            if is_end {
                break;
            }
            if !is_buffered {
                self.buffer.clear();
                is_buffered = true;
            }
            self.buffer.push_str(&self.text[taken..self.at]);
            match found {
                b'\n' => self.break_in_quotes(taken)?,
                b'\\' => self.escape()?,
                _ => {
                    self.buffer.push('\'');
                    self.at += 2;
                }
            }
            taken = self.at;
        }
        if is_buffered {
            self.buffer.push_str(&self.text[taken..self.at]);
        }
        if memchr(b'\t', &self.text.as_bytes()[start..self.at]).is_some() {
            return Err(Unsure);
        }
        self.at += 1;
        Ok(Token { start, end: self.at, style, is_buffered })
    }

    /// Goes to the next byte that means something between such quotes.
    fn special(&mut self, quote: u8) -> Sure<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let found = match quote {
            b'"' => memchr3(b'"', b'\\', b'\n', rest),
            _ => memchr2(b'\'', b'\n', rest),
        };
        self.at += found.ok_or(Unsure)?;
        self.byte().ok_or(Unsure)
    }

    /// Steps over the end of a line whose text, from `taken` on, is in the buffer, and over what the next one
    /// is indented by.
    fn break_in_quotes(&mut self, taken: usize) -> Sure {
        let written = self.text[taken..self.at].bytes().rev().take_while(|it| *it == b' ').count();
        self.buffer.truncate(self.buffer.len() - written);
        let breaks = self.breaks()?;
        self.fold(breaks);
        Ok(())
    }

    /// Steps over line breaks and the spaces behind them; tells how many there were.
    fn breaks(&mut self) -> Sure<usize> {
        let mut breaks = 0;
        while self.byte() == Some(b'\n') {
            breaks += 1;
            self.line = self.at + 1;
            self.at = behind_spaces(self.text, self.line);
        }
        if self.is_marker(b"---") || self.is_marker(b"...") { Err(Unsure) } else { Ok(breaks) }
    }

    /// Reads one of the escapes that people and programs use.
    fn escape(&mut self) -> Sure {
        let character = match self.byte_at(self.at + 1) {
            Some(b'\n') => {
                self.at += 1;
                let empty = self.breaks()? - 1;
                self.buffer.extend(std::iter::repeat_n('\n', empty));
                return Ok(());
            }
            Some(b' ') => ' ',
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            _ => return Err(Unsure),
        };
        self.buffer.push(character);
        self.at += 2;
        Ok(())
    }
}
