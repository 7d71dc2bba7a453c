//! Writes strings and indicators, folds long lines, and keeps count of columns.

use super::style::{self, Style};

/// Lines are folded at the first space behind this column.
const WIDTH: usize = 80;

/// Text in the making.
pub(super) struct Writer<'o> {
    out: &'o mut String,
    /// How many characters the line has so far.
    column: usize,
    /// Whether what comes next needs no space before it.
    spaced: bool,
    /// Whether the line holds nothing but indentation, dashes and the like so far.
    fresh: bool,
}

impl<'o> Writer<'o> {
    pub fn new(out: &'o mut String) -> Writer<'o> {
        Writer { out, column: 0, spaced: true, fresh: true }
    }

    /// How many bytes there are so far.
    pub fn offset(&self) -> usize {
        self.out.len()
    }

    /// Goes to column `column` of a line that has nothing but dashes and the like so far, which
    /// may be the current one.
    pub fn line(&mut self, column: usize) {
        if !self.fresh || self.column > column || (self.column == column && !self.spaced) {
            self.newline();
        }
        while self.column < column {
            self.char(' ');
        }
        self.spaced = true;
        self.fresh = true;
    }

    /// Writes `?`, `-` or `:`; a value may begin on the same line if it `opens` a block.
    pub fn indicator(&mut self, text: &str, opens: bool) {
        if opens && !self.spaced {
            self.char(' ');
        }
        self.text(text);
        self.spaced = false;
        self.fresh &= opens;
    }

    /// Writes something that is never folded or quoted.
    pub fn word(&mut self, text: &str) {
        self.space();
        self.text(text);
        self.spaced = false;
        self.fresh = false;
    }

    /// Writes a string. Its further lines begin at column `indent`; `folds` says whether it may
    /// have any.
    pub fn string(&mut self, text: &str, style: Style, indent: usize, folds: bool) {
        self.space();
        match style {
            Style::Plain => self.flow(text, Fold { indent, folds, quote: None }),
            Style::Single => {
                self.char('\'');
                self.unspaced();
                self.flow(text, Fold { indent, folds, quote: Some('\'') });
                self.char('\'');
            }
            Style::Double => {
                self.char('"');
                self.unspaced();
                self.double(text, indent, folds);
                self.char('"');
            }
            Style::Literal => return self.literal(text, indent),
        }
        self.unspaced();
    }

    fn unspaced(&mut self) {
        self.spaced = false;
        self.fresh = false;
    }

    fn space(&mut self) {
        if !self.spaced {
            self.char(' ');
        }
    }

    /// The inside of a plain or single-quoted scalar.
    fn flow(&mut self, text: &str, fold: Fold) {
        if !fold.folds || self.column + text.len() <= WIDTH {
            // The quick way: nothing can be folded, so only quotes and breaks matter.
            if !text.contains(['\'', '\u{2028}', '\u{2029}'])
                || (fold.quote.is_none() && !text.chars().any(style::is_break))
            {
                return self.text(text);
            }
        }
        let last = text.len().saturating_sub(1);
        let mut after_space = false;
        let mut after_break = false;
        for (at, it) in text.char_indices() {
            if it == ' ' {
                let inside = fold.quote.is_none() || (at > 0 && at < last);
                let next_is_space = text[at + 1..].starts_with(' ');
                if fold.folds && !after_space && self.column > WIDTH && inside && !next_is_space {
                    self.line(fold.indent);
                } else {
                    self.char(' ');
                }
                after_space = true;
            } else if style::is_break(it) {
                self.line_break(it);
                after_break = true;
            } else {
                if after_break {
                    self.line(fold.indent);
                }
                if fold.quote == Some(it) {
                    self.char(it);
                }
                self.char(it);
                self.fresh = false;
                after_space = false;
                after_break = false;
            }
        }
    }

    /// The inside of a double-quoted scalar.
    fn double(&mut self, text: &str, indent: usize, folds: bool) {
        // yaml.v2 looks for a byte-order mark at the start, for every character.
        let escape_all = text.starts_with('\u{feff}');
        let last = text.len().saturating_sub(1);
        let mut after_space = false;
        for (at, it) in text.char_indices() {
            if escape_all || !style::is_printable(it) || style::is_break(it) || it == '"' || it == '\\' {
                self.escape(it);
                after_space = false;
            } else if it != ' ' {
                self.char(it);
                after_space = false;
            } else {
                if folds && !after_space && self.column > WIDTH && at > 0 && at < last {
                    self.line(indent);
                    if text[at + 1..].starts_with(' ') {
                        self.char('\\');
                    }
                } else {
                    self.char(' ');
                }
                after_space = true;
            }
        }
    }

    fn escape(&mut self, it: char) {
        let short = match it {
            '\0' => '0',
            '\u{07}' => 'a',
            '\u{08}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{0b}' => 'v',
            '\u{0c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = it as u32;
                let hex = match code {
                    ..0x100 => format!("x{code:02X}"),
                    0x100..0x10000 => format!("u{code:04X}"),
                    0x10000.. => format!("U{code:08X}"),
                };
                self.char('\\');
                return self.text(&hex);
            }
        };
        self.char('\\');
        self.char(short);
    }

    /// A block scalar with its header.
    fn literal(&mut self, text: &str, indent: usize) {
        self.char('|');
        if text.starts_with(|it| it == ' ' || style::is_break(it)) {
            self.char('2');
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(style::is_break), from_end.next().is_none_or(style::is_break)) {
            (false, _) => self.char('-'),
            (true, true) => self.char('+'),
            (true, false) => {}
        }
        self.newline();
        self.fresh = true;
        self.spaced = true;
        let mut after_break = true;
        for it in text.chars() {
            if style::is_break(it) {
                self.line_break(it);
                after_break = true;
            } else {
                if after_break {
                    self.line(indent);
                }
                self.char(it);
                self.fresh = false;
                after_break = false;
            }
        }
    }

    /// A break of the text itself, in whatever character it has.
    fn line_break(&mut self, it: char) {
        self.out.push(it);
        self.column = 0;
        self.fresh = true;
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn char(&mut self, it: char) {
        self.out.push(it);
        self.column += 1;
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
    }
}

/// How a plain or single-quoted scalar goes over lines.
struct Fold {
    indent: usize,
    folds: bool,
    /// The quote to double.
    quote: Option<char>,
}
