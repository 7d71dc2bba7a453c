//! Env files: `KEY=value`, a line each.

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::Spanned;
use crate::kustomize::generate::source::Datum;
use crate::rules::kus;
use crate::source::Span;
use crate::sources::SourceFile;

/// The pairs of an env file. Blank lines and those that begin with `#` are passed over; a key
/// without `=` has an empty value.
///
/// # Errors
/// The first line that kustomize would not accept.
pub(super) fn read(file: &SourceFile, directive: Span) -> Result<Vec<Datum>, Box<Diagnostic>> {
    let mut data = vec![];
    let mut start = 0;
    for (index, line) in file.bytes().split_inclusive(|it| *it == b'\n').enumerate() {
        let at = start;
        start += line.len();
        let span =
            |from: usize, to: usize| Span { file: file.id, start: (at + from) as u32, end: (at + to) as u32 };
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(text) = std::str::from_utf8(line) else {
            return Err(Box::new(kus::build_failed::because(span(0, line.len()), "the line is not UTF-8")));
        };
        let text = if index == 0 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let trimmed = text.trim_start();
        let indent = line.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (key, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
        let key_span = span(indent, indent + key.len());
        if !is_env_name(key) {
            let found = kus::build_failed::because(key_span, format!("`{key}` is no name for a variable"));
            return Err(Box::new(found.label(directive, "the file is read here")));
        }
        data.push(Datum {
            key: Spanned { value: key.into(), span: key_span },
            value: value.as_bytes().into(),
            span: span(line.len() - value.len(), line.len()),
            directive,
        });
    }
    Ok(data)
}

/// What kustomize accepts as a name: letters, digits, `-`, `_`, `.`, and no digit first.
fn is_env_name(name: &str) -> bool {
    let is_letter = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.');
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(is_letter) && !is_dots(name)
}

fn is_dots(name: &str) -> bool {
    name == "." || name.starts_with("..")
}
