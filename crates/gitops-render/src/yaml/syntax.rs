//! Syntax errors in plain words, at the place that a person has to look at.
//!
//! The parser says what it missed where it noticed. That is often a line too late, and its words
//! are about its own state.

use crate::diagnostic::Diagnostic;
use crate::rules::yml::invalid_yaml as rule;
use crate::source::Span;
use crate::yaml::build::Input;
use crate::yaml::events::SyntaxError;

/// A finding about an error of the parser; `last_quoted` is the last quoted scalar before it.
pub(super) fn explain(
    input: &Input<'_>,
    error: &SyntaxError,
    last_quoted: Option<(usize, usize)>,
) -> Diagnostic {
    let text = input.text;
    if let Some((start, end)) = last_quoted
        && text[start..end].contains('\n')
        && text.get(end..error.offset).is_some_and(|it| !it.contains('\n') && it.trim().is_empty())
    {
        // A quote that is not closed goes on to the next one, which was to open another value.
        return rule::late_quote(character(input, start), character(input, end - 1));
    }
    // What is missing at the end of the text is shown behind the last character that is there.
    let last = text.trim_end().len();
    let at_end = error.offset >= last || text[floor(text, error.offset)..].starts_with("---");
    let here = character(input, error.offset.min(last));
    let (context, begin) = match &error.context {
        Some((context, at)) => (&**context, *at),
        None => ("", error.offset),
    };
    let opening = character(input, begin);
    let found = text[floor(text, error.offset)..].chars().next();
    // A colon on a later line is that of a key which does not belong into the brackets.
    let at_key = found == Some(':') && input.text[begin.min(error.offset)..error.offset].contains('\n');
    match (&*error.problem, context) {
        (_, "while scanning a quoted scalar") if at_end => rule::open_quote(opening),
        (_, "while parsing a flow sequence") if at_end || at_key => rule::open_bracket(opening, '['),
        (_, "while parsing a flow mapping") if at_end || at_key => rule::open_bracket(opening, '{'),
        ("did not find expected ',' or ']'", _) => rule::no_comma(here, ']', opening),
        ("did not find expected ',' or '}'", _) => rule::no_comma(here, '}', opening),
        ("did not find expected node content", _) => rule::no_value(here),
        ("could not find expected ':'", _) => rule::no_colon(line(input, begin)),
        ("did not find expected key", _) => {
            rule::misfit(line(input, error.offset.min(last)), "mapping", opening)
        }
        ("did not find expected '-' indicator", _) => {
            rule::misfit(line(input, error.offset.min(last)), "list", opening)
        }
        ("did not find expected <document start>", _) => {
            rule::after_the_end(line(input, error.offset.min(last)))
        }
        ("mapping values are not allowed in this context", _) => rule::stray_colon(here),
        ("block sequence entries are not allowed in this context", _) => rule::stray_dash(here),
        ("found character that cannot start any token", _) if found == Some('\t') => rule::tab(here),
        ("found character that cannot start any token", _) => rule::reserved(here, found.unwrap_or_default()),
        ("found a tab character that violates indentation", _)
        | ("found a tab character where an indentation space is expected", _) => rule::tab(here),
        ("found unknown escape character", _) => rule::unknown_escape(escape(input, error.offset)),
        ("found invalid Unicode character escape code", _) => rule::no_character(escape(input, error.offset)),
        ("control characters are not allowed", _) => rule::control_character(here, found),
        ("did not find expected alphabetic or numeric character", "while scanning an alias") => {
            rule::nameless(opening, "*", "an alias")
        }
        ("did not find expected alphabetic or numeric character", _) => {
            rule::nameless(opening, "&", "an anchor")
        }
        ("did not find expected comment or line break", "while scanning a block scalar") => {
            rule::text_in_header(here)
        }
        (problem, context) => {
            let context = (!context.is_empty() && begin != error.offset).then_some((context, opening));
            rule::syntax(here, problem, context)
        }
    }
}

/// An escape that the parser knows and kustomize's does not, in a double-quoted scalar from `start`
/// to `end`.
pub(super) fn refused_escape(input: &Input<'_>, start: usize, end: usize) -> Option<Diagnostic> {
    let mut rest = &input.text[start..end];
    while let Some(at) = rest.find('\\') {
        let offset = end - rest.len() + at;
        let escaped = &rest[at + 1..];
        if escaped.starts_with('/') {
            return Some(rule::unknown_escape(input.span(offset, offset + 2)));
        }
        let length = escaped.chars().next().map_or(0, char::len_utf8);
        rest = &escaped[length..];
    }
    None
}

/// The start of the character that the byte `at` belongs to.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0)
}

/// The character at an offset; nothing where a line ends.
fn character(input: &Input<'_>, at: usize) -> Span {
    let start = floor(input.text, at);
    let length = input.text[start..].chars().next().filter(|it| !matches!(it, '\n' | '\r'));
    input.span(start, start + length.map_or(0, char::len_utf8))
}

/// What the line of an offset says, from there on, without a comment.
fn line(input: &Input<'_>, at: usize) -> Span {
    let start = floor(input.text, at);
    let line = input.text[start..].lines().next().unwrap_or_default();
    let line = line.find(" #").map_or(line, |it| &line[..it]).trim_end();
    input.span(start, start + line.len())
}

/// An escape that the parser points into: the backslash and the letters and digits behind it, at
/// most those of the longest escape there is.
fn escape(input: &Input<'_>, at: usize) -> Span {
    let at = floor(input.text, at);
    let start = input.text[..at].rfind('\\').filter(|it| at - it <= 2).unwrap_or(at);
    let rest = input.text.get(start + 1..).unwrap_or_default();
    let digits = match rest.as_bytes().first() {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        _ => 0,
    };
    let sign = rest.chars().next().map_or(0, char::len_utf8);
    let digits = rest[sign..].bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
    input.span(start, start + 1 + sign + digits)
}
