//! Finds what is secret in text line by line: env files, and YAML that cannot be parsed.

use crate::secrets::Hidden;
use crate::source::Span;

/// Keys of a Secret whose values are not secret, and stand on the line of the key.
const OPEN: [&str; 9] =
    ["apiVersion", "kind", "metadata", "name", "namespace", "type", "labels", "annotations", "immutable"];

/// Hides what stands behind the first `=` of each line, and lines without one.
pub(super) fn of_env(text: &str, at: Span, out: &mut Hidden) {
    for (start, line) in lines(text) {
        let from = line.find('=').map_or(0, |it| it + 1);
        hide(at, start + from, &line[from..], out);
    }
}

/// Hides every line.
pub(super) fn of_whole(text: &str, at: Span, out: &mut Hidden) {
    lines(text).for_each(|(start, line)| hide(at, start, line, out));
}

/// Hides what may be a value in those documents of broken YAML that are about Secrets.
pub(super) fn of_broken(text: &str, at: Span, out: &mut Hidden) {
    let mut start = 0;
    let mut begin = 0;
    let mut documents = vec![];
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") {
            documents.push((begin, &text[begin..start]));
            begin = start;
        }
        start += line.len();
    }
    documents.push((begin, &text[begin..]));
    for (begin, document) in documents.into_iter().filter(|it| is_about_secrets(it.1)) {
        for (start, line) in lines(document) {
            let from = value_of(line);
            hide(at, begin + start + from, &line[from..], out);
        }
    }
}

fn is_about_secrets(document: &str) -> bool {
    document.contains("secretGenerator") || document.contains("Secret")
}

/// Where the value begins in a line; its end if there is none, or none that is secret.
fn value_of(line: &str) -> usize {
    let Some(colon) = line.find(':') else {
        // A dash before a key, or the mark before a document, tells nothing.
        return if line.trim_start().starts_with("---") { line.len() } else { 0 };
    };
    let key = line[..colon].trim_matches(|it: char| !it.is_ascii_alphanumeric());
    let rest = &line[colon + 1..];
    let inner = ["data", "stringData"].iter().filter_map(|it| find_key(rest, it)).min();
    match (OPEN.contains(&key), inner) {
        (false, _) => colon + 1,
        (true, Some(inner)) => colon + 1 + inner,
        (true, None) => line.len(),
    }
}

/// Where a key of a mapping in braces ends.
fn find_key(text: &str, key: &str) -> Option<usize> {
    let ends = text.match_indices(key).map(|(at, _)| at + key.len());
    ends.into_iter().find(|end| text[*end..].trim_start_matches(['"', '\'', ' ']).starts_with(':'))
}

/// The lines, without what breaks them, with where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let begin = start;
        start += line.len();
        (begin, line.trim_end())
    })
}

fn hide(at: Span, start: usize, text: &str, out: &mut Hidden) {
    let blanks = text.len() - text.trim_start().len();
    let (start, text) = (start + blanks, text.trim());
    let start = at.start + start as u32;
    out.add(Span { start, end: start + text.len() as u32, ..at }, text);
}
