//! What kustomize makes of a folded block scalar (`>`).
//!
//! It reads the text, writes it folded again, and reads that; the writing doubles some line
//! breaks and loses others. The result is what the cluster gets, so it is what we work with.

use std::borrow::Cow;

use crate::yaml::emit::{is_break, is_printable};

/// The text of a folded scalar after kustomize has had it in its hands.
pub fn as_kustomize_has_it(text: &str) -> Cow<'_, str> {
    // The common case, one paragraph, survives.
    let inside = text.trim_end_matches('\n');
    if text.len() - inside.len() < 2 && !inside.contains(is_break) {
        return text.into();
    }
    if is_block_allowed(text) {
        folded(&written(text), text.len() - inside.len()).into()
    } else {
        text.into()
    }
}

/// Whether the writer keeps the style; otherwise it takes quotes, which lose nothing.
fn is_block_allowed(text: &str) -> bool {
    let mut before = None;
    for it in text.chars() {
        if !(is_printable(it) || it == '\t') || (is_break(it) && before == Some(' ')) {
            return false;
        }
        before = Some(it);
    }
    before.is_some_and(|it| it != ' ')
}

/// The lines that the writer writes. It means to double the breaks between lines that fold, but
/// asks the first line of the text whether the next one is indented.
fn written(text: &str) -> String {
    let doubles = text.trim_start_matches(is_break).chars().next().is_some_and(|it| !is_blank(it));
    let mut out = String::with_capacity(text.len() + 16);
    let mut at_start = true;
    let mut line_is_indented = true;
    for it in text.chars() {
        if is_break(it) {
            if it == '\n' && !at_start && !line_is_indented && doubles {
                out.push('\n');
            }
            at_start = true;
        } else {
            if at_start {
                line_is_indented = is_blank(it);
            }
            at_start = false;
        }
        out.push(it);
    }
    out
}

/// What YAML reads there: a break between two lines that are not indented becomes a space, of
/// several breaks the first is lost. `at_end` breaks ended the text before it was written.
fn folded(lines: &str, at_end: usize) -> String {
    let end = lines.trim_end_matches(is_break).len();
    let (body, tail) = lines.split_at(end);
    let mut out = String::with_capacity(lines.len());
    let mut was_indented = true;
    let mut rest = body;
    while !rest.is_empty() {
        let line_start = rest.find(|it| !is_break(it)).unwrap_or(rest.len());
        let (breaks, from) = rest.split_at(line_start);
        let is_indented = from.starts_with(is_blank);
        match breaks.strip_prefix('\n') {
            Some("") if !was_indented && !is_indented => out.push(' '),
            Some(more) if !was_indented && !is_indented => out.push_str(more),
            _ => out.push_str(breaks),
        }
        let line_end = from.find(is_break).unwrap_or(from.len());
        let (line, next) = from.split_at(line_end);
        out.push_str(line);
        was_indented = is_indented;
        rest = next;
    }
    // A single break at the end is written without a word in the header, which keeps one.
    out.push_str(if at_end == 1 { "\n" } else { tail });
    out
}

fn is_blank(it: char) -> bool {
    matches!(it, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_text_is_what_kustomize_makes_of_it() {
        for (text, expected) in [
            ("one paragraph\n", "one paragraph\n"),
            ("two\nparagraphs\n", "two\nparagraphs\n"),
            ("q\n  w\ne", "q\n\n  w\ne"),
            (" starts indented\nthen\nnot\n", " starts indented\nthen not\n"),
            ("space \nbefore a break", "space \nbefore a break"),
            ("", ""),
        ] {
            assert_eq!(as_kustomize_has_it(text), expected, "{text:?}");
        }
    }
}
