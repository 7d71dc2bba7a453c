//! Takes secret values out of messages.

use crate::diagnostic::Diagnostic;
use crate::rules::pol;
use crate::secrets::{HIDDEN, SHORTEST};

/// Hides the values in everything that a finding says. If it `is_about` one of them, what it quotes may be
/// a short value, or a part of one.
pub(super) fn cover(found: &mut Diagnostic, values: &[String], is_about: bool) {
    let cover = |text: &mut String| {
        let covered = covered(text, values, is_about);
        if covered != *text {
            *text = covered;
        }
    };
    if found.rule.code != pol::violation::RULE.code {
        cover(&mut found.message);
    }
    found.labels.iter_mut().for_each(|it| cover(&mut it.text));
    found.help.iter_mut().for_each(cover);
    let Some(fix) = &mut found.fix else { return };
    cover(&mut fix.message);
    let tells = |text: &str| values.iter().any(|it| it.len() >= SHORTEST && text.contains(&**it));
    if fix.edits.iter().any(|it| tells(&it.text)) {
        found.fix = None;
    }
}

fn covered(text: &str, values: &[String], is_about: bool) -> String {
    let mut text = text.to_owned();
    // The longest come first: one may be a part of another.
    for value in values {
        let escaped = format!("{value:?}");
        for written in [value, &escaped[1..escaped.len() - 1]] {
            if written.len() >= SHORTEST && text.contains(written) {
                text = text.replace(written, HIDDEN);
            } else if is_about {
                text = without_word(&text, written);
            }
        }
    }
    if is_about {
        ['`', '"'].into_iter().fold(text, |text, quote| without_quotes(&text, quote, values))
    } else {
        text
    }
}

/// The text without a word that stands by itself.
fn without_word(text: &str, word: &str) -> String {
    if word.is_empty() {
        return text.to_owned();
    }
    let is_letter = |it: char| it.is_alphanumeric() || it == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let before_it = before.chars().next_back().or(out.chars().next_back());
        let is_alone = !before_it.is_some_and(is_letter) && !after.chars().next().is_some_and(is_letter);
        // `x` in quotes of any sort, or a number: a short word without them is mostly one of ours.
        let is_quoted = before_it.is_some_and(|it| matches!(it, '`' | '"' | '\''));
        let is_number = word.bytes().all(|it| it.is_ascii_digit() || it == b'.' || it == b'-');
        out.push_str(before);
        out.push_str(if is_alone && (is_quoted || is_number) { HIDDEN } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text without parts of values that are quoted.
fn without_quotes(text: &str, quote: char, values: &[String]) -> String {
    let mut pieces: Vec<String> = text.split(quote).map(str::to_owned).collect();
    let count = pieces.len();
    for (index, piece) in pieces.iter_mut().enumerate() {
        let bare = piece.trim_end_matches('…').trim_start_matches(['&', '*']);
        let is_part = bare.len() >= SHORTEST && values.iter().any(|it| it.contains(bare));
        if index % 2 == 1 && index + 1 < count && is_part {
            HIDDEN.clone_into(piece);
        }
    }
    pieces.join(&quote.to_string())
}
