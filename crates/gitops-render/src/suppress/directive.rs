//! The grammar of a suppression in a comment:
//!
//! ```text
//! # gitops-lint: ignore[RULE, RULE …] until 2027-01-31 reason
//! # gitops-lint: ignore-file[RULE, RULE …] until 2027-01-31 reason
//! ```
//!
//! A RULE is a code, a name, or the beginning of codes; the date and the reason may be left out. Other
//! comments may stand before it and behind it, each with a `#` of its own.

use std::ops::Range;

use crate::rules::sup;
use crate::source::Span;
use crate::sources::SourceFile;
use crate::suppress::comments::Comment;
use crate::suppress::cover::Lines;
use crate::suppress::{Day, MARK, Named, Suppression, Suppressions, cover};

/// What it can be told to do.
const VERBS: [&str; 2] = ["ignore", "ignore-file"];

/// Reads what a comment says to us, and adds it.
pub(super) fn read(file: &SourceFile, comment: &Comment, lines: &mut Lines<'_>, found: &mut Suppressions) {
    let span = comment.span;
    let bytes = file.bytes().get(span.start as usize..span.end as usize).unwrap_or_default();
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if !text.contains(MARK) {
        return;
    }
    let text = text.trim_end();
    for part in parts(text) {
        let line = Line { text: &text[..part.end], at: part.start };
        match line.parse() {
            None => {}
            Some(Err(Mistake { range, message, help })) => {
                found.mistakes.push(sup::invalid::because(part_of(span, range), message, help));
            }
            Some(Ok(said)) => {
                let about = (!said.is_file).then(|| lines.of(span));
                add(file, comment, text, part, (said, about), found);
            }
        }
    }
}

/// A range of the text of a comment as a place in the file.
fn part_of(comment: Span, range: Range<usize>) -> Span {
    let (start, end) = (comment.start + range.start as u32, comment.start + range.end as u32);
    Span { start, end, ..comment }
}

/// Adds what a part of a comment asks for.
fn add(
    file: &SourceFile,
    comment: &Comment,
    text: &str,
    part: Range<usize>,
    (said, lines): (Said, Option<Range<u32>>),
    found: &mut Suppressions,
) {
    let mut rules = vec![];
    for range in &said.names {
        let (word, at) = (&text[range.clone()], part_of(comment.span, range.clone()));
        match Named::read(word, at).filter(|it| said.is_file || !is_about_us(it)) {
            Some(named) => rules.push(named),
            None => found.mistakes.push(sup::invalid::no_rule(at, word)),
        }
    }
    if rules.is_empty() {
        return;
    }
    // What is not understood stays until a person has looked at it.
    let whole = (rules.len() == said.names.len()).then(|| whole(file, comment.span, text, &part));
    found.push(Suppression {
        span: part_of(comment.span, part),
        rules,
        reason: said.reason,
        until: said.until,
        lines,
        whole,
        is_data: comment.is_data,
    });
}

/// Whether it names rules about suppressions. Those are silenced for a file: a comment that silences what
/// is said about it would say nothing.
fn is_about_us(named: &Named) -> bool {
    named.as_str().starts_with("SUP")
}

/// The comments that a comment is made of: each begins with a `#`, and says something to us or is set off
/// by a blank.
fn parts(text: &str) -> Vec<Range<usize>> {
    let begins = |at: usize| {
        let behind = &text[at + 1..];
        let is_set_off = behind.starts_with([' ', '\t', '!', '#']) || behind.starts_with(MARK);
        at == 0 || text[..at].ends_with([' ', '\t']) && is_set_off
    };
    let mut starts: Vec<usize> = text.match_indices('#').map(|it| it.0).filter(|it| begins(*it)).collect();
    starts.push(text.len());
    let end = |start: usize, end: usize| start + text[start..end].trim_end().len();
    starts.windows(2).map(|it| it[0]..end(it[0], it[1])).collect()
}

/// What is to be taken out so that nothing is left of a part of a comment.
fn whole(file: &SourceFile, comment: Span, text: &str, part: &Range<usize>) -> Span {
    let before = cover::text_before(file, comment);
    let is_last = part.end == text.len();
    let place = |start: u32, end: u32| Span { start, end, ..comment };
    let (start, end) = (comment.start + part.start as u32, comment.start + part.end as u32);
    if part.start == 0 && is_last && before.trim().is_empty() {
        // The line goes with it.
        let rest = &file.bytes()[comment.end as usize..];
        let to_break = rest.iter().position(|it| *it == b'\n').map_or(rest.len(), |it| it + 1);
        return place(comment.start - before.len() as u32, comment.end + to_break as u32);
    }
    if !is_last {
        let rest = &text[part.end..];
        let blanks = rest.len() - rest.trim_start().len();
        return place(start, end + blanks as u32);
    }
    let before = if part.start == 0 { before } else { &text[..part.start] };
    let blanks = before.len() - before.trim_end().len();
    place(start - blanks as u32, end)
}

/// What a comment asks for, as ranges of its text.
struct Said {
    is_file: bool,
    names: Vec<Range<usize>>,
    until: Option<Day>,
    reason: Option<String>,
}

/// Why it is not understood.
struct Mistake {
    range: Range<usize>,
    message: String,
    help: &'static str,
}

/// What to write.
const EXAMPLE: &str = "write `# gitops-lint: ignore[SCH001] reason`, with the codes of the rules";

/// A text that is read from left to right.
struct Line<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Line<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_skipped).len();
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_there = self.rest().starts_with(sign);
        self.at += if is_there { sign.len() } else { 0 };
        is_there
    }

    /// The next letters, digits and dashes.
    fn word(&mut self) -> Range<usize> {
        let start = self.at;
        self.skip(|it| it.is_alphanumeric() || matches!(it, '-' | '_'));
        start..self.at
    }

    /// Reads the comment from its `#` on; `None` if it does not speak to us.
    fn parse(mut self) -> Option<Result<Said, Mistake>> {
        let start = self.at;
        self.skip(|it| matches!(it, '#' | ' ' | '\t'));
        self.take(MARK).then_some(())?;
        let whole = start..self.text.len();
        let mistake = |range, message: String| Some(Err(Mistake { range, message, help: EXAMPLE }));
        self.skip(|it| it == ' ');
        if !self.take(":") {
            // Somebody may write about us, but not like this.
            let word = self.word();
            let is_meant = VERBS.contains(&&self.text[word]) && self.take("[");
            return is_meant.then(|| mistake(whole, "a `:` is missing behind `gitops-lint`".to_owned()))?;
        }
        self.skip(|it| matches!(it, ' ' | '\t'));
        let word = self.word();
        let verb = &self.text[word.clone()];
        if !VERBS.contains(&verb) {
            let range = if word.is_empty() { whole } else { word };
            return mistake(
                range,
                format!("there is no `{verb}` in comments: only `ignore` and `ignore-file`"),
            );
        }
        self.skip(|it| matches!(it, ' ' | '\t'));
        if !self.take("[") {
            return mistake(word, format!("`{verb}` names no rule"));
        }
        let Some(length) = self.rest().find(']') else {
            return mistake(self.at - 1..self.text.len(), "the `[` is never closed".to_owned());
        };
        let names = names(self.text, self.at..self.at + length);
        self.at += length + 1;
        if names.is_empty() {
            return mistake(word.start..self.at, format!("`{verb}` names no rule"));
        }
        Some(self.end().map(|(until, reason)| Said { is_file: verb == VERBS[1], names, until, reason }))
    }

    /// The date and the reason.
    fn end(&mut self) -> Result<(Option<Day>, Option<String>), Mistake> {
        let is_between = |it: char| it.is_whitespace() || matches!(it, ':' | ',' | ';' | '-' | '–' | '—');
        self.skip(is_between);
        let mut until = None;
        let before = self.at;
        if self.take("until") {
            self.skip(|it| matches!(it, ' ' | '\t'));
            let start = self.at;
            self.skip(|it| it.is_ascii_digit() || it == '-');
            let text = self.text[start..self.at].trim_end_matches('-');
            match Day::read(text) {
                Some(day) => until = Some(day),
                // “until 3.2 is out” is a reason.
                None if text.matches('-').count() < 2 => self.at = before,
                None => {
                    let help = "write the day like `until 2027-01-31`";
                    let message = format!("there is no day `{text}`");
                    return Err(Mistake { range: start..start + text.len(), message, help });
                }
            }
        }
        self.skip(is_between);
        Ok((until, Some(self.rest().trim_end()).filter(|it| !it.is_empty()).map(str::to_owned)))
    }
}

/// The words between commas.
fn names(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut names = vec![];
    let mut at = range.start;
    for part in text[range].split(',') {
        let start = at + part.len() - part.trim_start().len();
        let word = part.trim();
        if !word.is_empty() {
            names.push(start..start + word.len());
        }
        at += part.len() + 1;
    }
    names
}
