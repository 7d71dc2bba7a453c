//! A fast way through the YAML that manifests are written in.
//!
//! Reading is most of the work of a check, and most of reading was libyaml. This reads mappings and lists in
//! blocks, scalars of all styles, and simple lists and mappings in brackets, straight out of the text, and
//! tells the builder the events that libyaml would tell, with the same places. It knows no errors: a document
//! that has anything else in it, or anything wrong, is [`Unsure`] and read by libyaml from its start. So what
//! is YAML, and what to say about what is not, is decided by libyaml alone.

mod block;
mod flow;
mod lines;
mod quoted;
mod scalar;
#[cfg(test)]
mod tests;

use crate::yaml::build::Builder;
use crate::yaml::events::{EventKind, Props, ScalarStyle};

/// The document is libyaml's to read.
pub(super) struct Unsure;

/// libyaml lets go of what may be a key behind 1024 characters.
const LONGEST_KEY: usize = 1000;

type Sure<T = ()> = Result<T, Unsure>;

/// Whether the characters of a text are such that its documents can be read here: no line breaks but `\n`, and
/// nothing that libyaml's reader refuses.
pub(super) fn can_read(text: &str) -> bool {
    // Without a way out in the middle this is a fraction of what is done with the text later.
    let odd = |it: u8| (it < b' ' && it != b'\n' && it != b'\t') || it == 0x7f;
    let odds = text.as_bytes().iter().fold(false, |found, it| found | odd(*it));
    let is_odd = |it: char| {
        matches!(it, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    !odds && (text.is_ascii() || !text.contains(is_odd))
}

/// Reads the document that begins at `at`, and tells where the next one does, or that there is none: then that
/// is the end of the text.
pub(super) fn document(builder: &mut Builder<'_>, at: usize) -> Sure<usize> {
    let text = builder.input.text;
    let mut reader = Reader { text, at, line: at, column: -1, builder, buffer: String::new() };
    reader.document()?;
    Ok(reader.at)
}

/// A place in a text, and who is told about what stands there.
struct Reader<'a, 'b> {
    text: &'a str,
    /// The byte that is looked at.
    at: usize,
    /// Where its line begins.
    line: usize,
    /// How far what begins at `at` is indented; -1 at the end of the document.
    column: isize,
    builder: &'b mut Builder<'a>,
    /// The value of a scalar that is not in the text as it is.
    buffer: String,
}

/// Where a scalar stands, quotes included.
#[derive(Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    style: ScalarStyle,
    /// Whether its value is in the reader's buffer.
    is_buffered: bool,
}

impl Token {
    /// What it stands for, if its characters are its value.
    fn written<'a>(&self, text: &'a str) -> &'a str {
        match self.style {
            ScalarStyle::Plain => &text[self.start..self.end],
            _ => &text[self.start + 1..self.end - 1],
        }
    }
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Sure {
        self.first_line()?;
        if self.column >= 0 {
            self.block(-1)?;
        }
        // Something that belongs to nothing is not YAML, or more than this knows.
        if self.column < 0 { Ok(()) } else { Err(Unsure) }
    }

    /// Reads the value that begins here, at the start of a line or behind a dash; what it belongs to is
    /// indented by `parent`.
    fn block(&mut self, parent: isize) -> Sure {
        if self.is_dash() {
            return self.list(self.column);
        }
        match self.key()? {
            Some(key) => self.mapping(self.column, key),
            // Text that is no manifest; the rules for it differ a little.
            None if parent < 0 => Err(Unsure),
            None => self.inline(parent),
        }
    }

    fn mapping(&mut self, column: isize, first: Token) -> Sure {
        self.tell(EventKind::MappingStart { flow: false, props: Props::default() }, first.start, first.end)?;
        let mut key = first;
        loop {
            self.tell_scalar(key)?;
            self.value(column)?;
            if self.column < column {
                break;
            }
            if self.column > column || self.is_dash() {
                return Err(Unsure);
            }
            key = self.key()?.ok_or(Unsure)?;
        }
        self.tell(EventKind::MappingEnd, self.at, self.at)
    }

    /// Reads the value of a key in a mapping that is indented by `parent`, from behind the colon on.
    fn value(&mut self, parent: isize) -> Sure {
        let colon = self.at;
        self.skip_spaces();
        match self.byte() {
            Some(b'|' | b'>') => self.block_scalar(parent),
            Some(it) if it != b'\n' && it != b'#' => self.inline(parent),
            _ => {
                self.next_line()?;
                match self.column {
                    column if column > parent => self.block(parent),
                    column if column == parent && self.is_dash() => self.list(column),
                    _ => self.tell_nothing(colon),
                }
            }
        }
    }

    fn list(&mut self, column: isize) -> Sure {
        let start = self.at;
        self.tell(EventKind::SequenceStart { flow: false, props: Props::default() }, start, start + 1)?;
        while self.column == column && self.is_dash() {
            self.at += 1;
            let dash = self.at;
            self.skip_spaces();
            match self.byte() {
                Some(b'|' | b'>') => self.block_scalar(column)?,
                Some(it) if it != b'\n' && it != b'#' => {
                    self.column = (self.at - self.line) as isize;
                    self.block(column)?;
                }
                _ => {
                    self.next_line()?;
                    if self.column > column { self.block(column)? } else { self.tell_nothing(dash)? }
                }
            }
        }
        self.tell(EventKind::SequenceEnd, self.at, self.at)
    }

    /// Reads a value that may end on the line on which it begins.
    fn inline(&mut self, parent: isize) -> Sure {
        match self.byte() {
            Some(b'[' | b'{') => self.flow()?,
            Some(quote @ (b'"' | b'\'')) => {
                let token = self.quoted(quote)?;
                self.tell_scalar(token)?;
            }
            _ => {
                let token = self.plain(parent)?;
                self.tell_scalar(token)?;
            }
        }
        self.next_line()
    }

    /// The key that begins here, if one does; then it is read, with its colon.
    fn key(&mut self) -> Sure<Option<Token>> {
        let start = self.at;
        let token = match self.byte() {
            Some(quote @ (b'"' | b'\'')) => {
                let line = self.line;
                let token = self.quoted(quote)?;
                self.skip_spaces();
                // One that goes on on the next line cannot be a key.
                (self.line == line && self.is_colon()).then_some(token)
            }
            Some(b'[' | b'{') => None,
            _ => self.plain_key()?,
        };
        let Some(token) = token else {
            (self.at, self.line) = (start, start - self.column.max(0) as usize);
            return Ok(None);
        };
        if self.at - start > LONGEST_KEY {
            return Err(Unsure);
        }
        self.at += 1;
        Ok(Some(token))
    }

    fn tell(&mut self, kind: EventKind<'_>, start: usize, end: usize) -> Sure {
        self.builder.add(kind, start, end).map_err(|_| Unsure)
    }

    fn tell_scalar(&mut self, token: Token) -> Sure {
        let value = if token.is_buffered { &*self.buffer } else { token.written(self.text) };
        let (value, style, props) = (value.into(), token.style, Props::default());
        let event = EventKind::Scalar { value, style, props };
        self.builder.add(event, token.start, token.end).map_err(|_| Unsure)
    }

    /// Tells of a value that is not written; it would stand at `at`.
    fn tell_nothing(&mut self, at: usize) -> Sure {
        self.tell_scalar(Token { start: at, end: at, style: ScalarStyle::Plain, is_buffered: false })
    }
}
