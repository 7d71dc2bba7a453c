//! How a string is written: plain, quoted, or as a block.

use crate::node::ScalarKind;
use crate::yaml::resolve;

/// The four ways to write a string. Kustomize never writes the fifth, `>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// Where a string stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before a `:` on the same line.
    Key,
    /// Anywhere else.
    Value,
}

/// Keys longer than this, in bytes, stand on a line of their own after a `?`.
const MAX_SIMPLE_KEY: usize = 128;

/// Whether a key can stand on one line with its value.
pub(super) fn is_simple_key(key: &str) -> bool {
    key.len() <= MAX_SIMPLE_KEY && !key.chars().any(is_break)
}

/// The style of a string.
pub(super) fn of(text: &str, place: Place) -> Style {
    if is_word(text) {
        return Style::Plain;
    }
    let found = analyze(text);
    let mut style = if text.contains('\n') {
        Style::Literal
    } else if reads_as_something_else(text) {
        Style::Double
    } else {
        Style::Plain
    };
    if style == Style::Plain && !found.plain {
        style = Style::Single;
    }
    if style == Style::Single && !found.single {
        style = Style::Double;
    }
    if style == Style::Literal && (!found.literal || place == Place::Key) {
        style = Style::Double;
    }
    style
}

/// The quick way out: nearly all strings are names that need no quotes.
fn is_word(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Shorter ones may be `n`, `yes`, `null` or `false`.
    bytes.len() > 5
        && bytes[0].is_ascii_alphabetic()
        && bytes.iter().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'/' | b'_'))
}

/// Whether a reader would take the text, written plainly, for something that is no string.
fn reads_as_something_else(text: &str) -> bool {
    matches!(text, "y" | "Y" | "n" | "N")
        || resolve::resolve_yaml11(text) != ScalarKind::Str
        || resolve::is_base_60(text)
}

/// Which styles can hold a text.
struct Allowed {
    plain: bool,
    single: bool,
    literal: bool,
}

fn analyze(text: &str) -> Allowed {
    let mut special = false;
    let mut has_break = false;
    let mut space_break = false;
    let mut break_space = false;
    let mut indicator = text.starts_with("---") || text.starts_with("...");
    let mut before: Option<char> = None;
    let mut rest = text.chars();
    while let Some(it) = rest.next() {
        // Most characters mean nothing behind the first one.
        if before.is_some() && it.is_ascii_graphic() && !matches!(it, ':' | '#') {
            before = Some(it);
            continue;
        }
        let after = rest.clone().next();
        let blank_after = after.is_none_or(|it| is_blank(it) || is_break(it));
        let blank_before = before.is_none_or(|it| is_blank(it) || is_break(it));
        special |= !is_printable(it);
        has_break |= is_break(it);
        space_break |= before == Some(' ') && is_break(it);
        break_space |= before.is_some_and(is_break) && it == ' ';
        indicator |= match it {
            ':' => blank_after,
            '#' => blank_before,
            '?' | '-' => before.is_none() && blank_after,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                before.is_none()
            }
            _ => false,
        };
        before = Some(it);
    }
    let edge = |it: Option<char>| it.is_some_and(|it| it == ' ' || is_break(it));
    let edges = edge(text.chars().next()) || edge(before);
    Allowed {
        plain: !(text.is_empty() || edges || has_break || special || indicator),
        single: !(special || space_break || break_space),
        literal: !(special || space_break || before == Some(' ')),
    }
}

/// What ends a line.
pub(in crate::yaml) fn is_break(it: char) -> bool {
    matches!(it, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank(it: char) -> bool {
    matches!(it, ' ' | '\t')
}

/// What yaml.v2 writes as it is. It thinks that tabs and emoji are not printable.
pub(in crate::yaml) fn is_printable(it: char) -> bool {
    matches!(it, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && it != '\u{feff}'
}

/// What no YAML reader takes, escaped in JSON or not.
pub(super) fn is_refused(it: char) -> bool {
    matches!(it, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_of_a_value_is_that_of_kustomize() {
        use Style::*;
        for (text, style) in [
            ("", Double),
            ("plain", Plain),
            ("yes", Double),
            ("nUll", Plain),
            ("0xG", Plain),
            ("0b2", Plain),
            ("1:60", Plain),
            ("1:30", Double),
            ("1_0:30.5", Double),
            ("=", Plain),
            ("<<", Plain),
            (".", Plain),
            ("1e400", Plain),
            ("2001-02-30", Plain),
            ("2001-01-01T00:00:00", Plain),
            ("2001-01-01", Double),
            ("2001-01-01T00:00:00Z", Double),
            (" a", Single),
            ("a: b", Single),
            ("a:b", Plain),
            ("it's", Plain),
            ("a #b", Single),
            ("a#b", Plain),
            ("- a", Single),
            ("-a", Plain),
            ("---", Single),
            ("a\tb", Double),
            ("a\r\nb", Double),
            ("é", Plain),
            ("\u{a0}", Plain),
            ("😀", Double),
            ("a\nb", Literal),
            ("a \nb", Double),
            ("a\n b", Literal),
            ("a\nb ", Double),
        ] {
            assert_eq!(of(text, Place::Value), style, "{text:?}");
        }
        assert_eq!(of("a\nb", Place::Key), Double);
    }
}
