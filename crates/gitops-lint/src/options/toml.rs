//! TOML as the reader of options sees it: values with their places, and mistakes instead of errors.

use std::ops::Range;

use gitops_render::nearest_name;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use crate::options::mistake::{At, Mistake};

/// A key has no more parts than this. Nobody needs more than two; tables in tables without end would be
/// taken down one within the other.
const MOST_PARTS: usize = 16;

/// A value with its place.
pub type Item<'i> = Spanned<DeValue<'i>>;

/// A piece of text with its place.
#[derive(Clone, Debug)]
pub struct Word {
    /// The text.
    pub text: String,
    /// Where it is written.
    pub at: At,
}

/// Reads a text. What could be read is there even if not all of it could.
pub fn parse<'i>(file: usize, text: &'i str, out: &mut Vec<Mistake>) -> DeTable<'i> {
    if let Some(at) = too_many_parts(text) {
        let message = format!("this key has more than {MOST_PARTS} parts");
        out.push(Mistake::new(At::new(file, at), message).help("no option has more than three"));
        return DeTable::new();
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut lines: Vec<usize> = vec![];
    for err in errors {
        let range = err.span().unwrap_or(0..0);
        // One slip often is the cause of several errors behind it.
        let line = text.get(..range.start).map_or(0, |it| it.matches('\n').count());
        if !lines.contains(&line) {
            lines.push(line);
            out.push(syntax(file, text, range, err.message()));
        }
    }
    table.into_inner()
}

fn syntax(file: usize, text: &str, range: Range<usize>, message: &str) -> Mistake {
    let written = text.get(range.clone()).unwrap_or_default();
    let at = At::new(file, range);
    if message.starts_with("duplicate key") {
        let key = written.trim_matches(['[', ']', '"', '\'']);
        let found = Mistake::new(at, format!("the key `{key}` is there twice"));
        return found.help(match key {
            "ignore" => {
                "`ignore = […]` and `[[ignore]]` are one list: write `[[ignore]]` with `rules = […]` for those, too"
            }
            _ => "write it once",
        });
    }
    if message.starts_with("cannot recurse") {
        return Mistake::new(at, "values are nested too deep from here").help("no option is nested so deep");
    }
    Mistake::new(at, one_line(message)).help(how_to_write(written, line_of(text, at.start as usize), message))
}

/// How something is written that is no TOML: the text that is marked, its line, and what is said about it.
fn how_to_write(written: &str, line: &str, message: &str) -> String {
    let key = line.split_once(':').map(|it| it.0.trim()).filter(|it| !it.contains(['=', '"', '#']));
    match key {
        _ if written.contains(|it: char| it.is_control() && it != '\n') => {
            "drop the control character".to_owned()
        }
        _ if message.starts_with("invalid date") => "write a day that there is, like `2026-12-31`".to_owned(),
        Some(key) => format!("this is TOML, not YAML: write `{key} = …`"),
        None if message.starts_with("invalid boolean") => {
            "write `true` or `false`, or text in quotes".to_owned()
        }
        None if line.trim_start().starts_with("- ") => {
            "this is TOML, not YAML: write lists like `select = [\"KUS\", \"SCH\"]`".to_owned()
        }
        None => "in TOML it is `key = \"text\"`, `key = [\"a\", \"b\"]`, and `[table]`".to_owned(),
    }
}

fn line_of(text: &str, at: usize) -> &str {
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    text.get(start..).and_then(|it| it.lines().next()).unwrap_or_default()
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn too_many_parts(text: &str) -> Option<Range<usize>> {
    let (mut dots, mut start) = (0, None);
    for token in Source::new(text).lex() {
        let (kind, span) = (token.kind(), token.span());
        match kind {
            TokenKind::Dot => dots += 1,
            TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString | TokenKind::Whitespace => {}
            _ => (dots, start) = (0, None),
        }
        let begins = start.is_none() && matches!(kind, TokenKind::Atom | TokenKind::Dot);
        start = if begins { Some(span.start()) } else { start };
        if dots >= MOST_PARTS {
            return Some(start.unwrap_or(span.start())..span.end());
        }
    }
    None
}

/// What a value is, in words.
fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Reads values of one file, and keeps what is wrong with them.
#[derive(Debug)]
pub struct Reader {
    /// The number of the file.
    pub file: usize,
    /// What is wrong so far.
    pub mistakes: Vec<Mistake>,
}

impl Reader {
    /// The place of something.
    pub fn at(&self, range: Range<usize>) -> At {
        At::new(self.file, range)
    }

    /// Takes in a mistake.
    pub fn wrong(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    fn wrong_type(&mut self, item: &Item<'_>, key: &str, wanted: &str, help: String) {
        let message = format!("`{key}` is {}, and {wanted} is wanted", described(item.get_ref()));
        self.wrong(Mistake::new(self.at(item.span()), message).help(help));
    }

    /// Text.
    pub fn text(&mut self, item: &Item<'_>, key: &str) -> Option<Word> {
        let DeValue::String(text) = item.get_ref() else {
            let is_one = !matches!(item.get_ref(), DeValue::Array(_) | DeValue::Table(_));
            let help =
                if is_one { "write it in quotes".to_owned() } else { format!("write `{key} = \"…\"`") };
            self.wrong_type(item, key, "text", help);
            return None;
        };
        Some(Word { text: text.to_string(), at: self.at(item.span()) })
    }

    /// Text that says something.
    pub fn name(&mut self, item: &Item<'_>, key: &str) -> Option<Word> {
        let word = self.text(item, key)?;
        if word.text.trim().is_empty() {
            self.wrong(Mistake::new(word.at, format!("`{key}` is empty")).help("say something, or drop it"));
            return None;
        }
        Some(word)
    }

    /// `true` or `false`.
    pub fn truth(&mut self, item: &Item<'_>, key: &str) -> Option<bool> {
        match item.get_ref() {
            DeValue::Boolean(it) => Some(*it),
            DeValue::String(text) if matches!(&**text, "true" | "false") => {
                self.wrong_type(item, key, "true or false", "drop the quotes".to_owned());
                None
            }
            _ => {
                self.wrong_type(item, key, "true or false", "write `true` or `false`".to_owned());
                None
            }
        }
    }

    /// A list.
    pub fn list<'v, 'i>(&mut self, item: &'v Item<'i>, key: &str) -> Option<&'v DeArray<'i>> {
        let DeValue::Array(list) = item.get_ref() else {
            self.wrong_type(item, key, "a list", format!("write `{key} = [\"…\"]`"));
            return None;
        };
        Some(list)
    }

    /// A list of texts that say something; those that do not are left out.
    pub fn names(&mut self, item: &Item<'_>, key: &str) -> Option<Vec<Word>> {
        let list = self.list(item, key)?;
        Some(list.iter().filter_map(|it| self.name(it, key)).collect())
    }

    /// A table.
    pub fn table<'v, 'i>(&mut self, item: &'v Item<'i>, key: &str) -> Option<&'v DeTable<'i>> {
        let DeValue::Table(table) = item.get_ref() else {
            self.wrong_type(item, key, "a table", format!("write `[{key}]`"));
            return None;
        };
        Some(table)
    }

    /// A list of tables, with the place of each.
    pub fn tables<'v, 'i>(&mut self, item: &'v Item<'i>, key: &str) -> Vec<(At, &'v DeTable<'i>)> {
        let DeValue::Array(list) = item.get_ref() else {
            self.wrong_type(item, key, "a list of tables", format!("write `[[{key}]]`"));
            return vec![];
        };
        list.iter().filter_map(|it| Some((self.at(it.span()), self.table(it, key)?))).collect()
    }

    /// One of several words.
    pub fn one_of<T: Copy>(&mut self, item: &Item<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
        let listed = || words.iter().map(|it| format!("`{}`", it.0)).collect::<Vec<_>>().join(", ");
        if !matches!(item.get_ref(), DeValue::String(_)) {
            self.wrong_type(item, key, "a word", format!("it is one of {}, in quotes", listed()));
            return None;
        }
        let word = self.text(item, key)?;
        if let Some((_, it)) = words.iter().find(|it| it.0 == word.text) {
            return Some(*it);
        }
        let nearest = nearest_name(&word.text, words.iter().map(|it| it.0));
        let message = format!("`{key}` cannot be `{}`", word.text);
        let found = Mistake::new(word.at, message).help(format!("it is one of {}", listed()));
        self.wrong(found.meant(nearest));
        None
    }

    /// Reports keys that are not known.
    pub fn known(&mut self, table: &DeTable<'_>, known: &[&str], of: &str) {
        for (key, _) in table.iter().filter(|it| !known.contains(&&**it.0.get_ref())) {
            let nearest = nearest_name(key.get_ref(), known.iter().copied());
            let found = Mistake::new(self.at(key.span()), format!("{of} has no key `{}`", key.get_ref()));
            let found = found.help(format!("there is {}", known.join(", "))).meant(nearest);
            self.wrong(found);
        }
    }
}

/// The items of a table in the order of the file.
pub fn in_order<'v, 'i>(table: &'v DeTable<'i>) -> Vec<(Word, &'v Item<'i>)> {
    let word = |it: &Spanned<std::borrow::Cow<'_, str>>| Word {
        text: it.get_ref().to_string(),
        at: At::new(0, it.span()),
    };
    let mut items: Vec<(Word, &Item<'_>)> = table.iter().map(|(key, item)| (word(key), item)).collect();
    items.sort_by_key(|it| it.0.at);
    items
}
