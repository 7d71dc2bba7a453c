//! What a scalar says and where exactly it stands.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::origin::Origin;
use crate::rules::yml;
use crate::source::Span;
use crate::yaml::emit::is_break;
use crate::yaml::events::{Props, ScalarStyle};
use crate::yaml::parse::Dialect;
use crate::yaml::{folded, resolve};

/// A scalar as it was written.
pub(super) struct Written<'e> {
    pub value: Cow<'e, str>,
    pub style: ScalarStyle,
    pub tag: Option<&'e str>,
    pub span: Span,
}

/// A scalar as it is understood.
pub(super) struct Read<'e> {
    pub text: Cow<'e, str>,
    pub kind: ScalarKind,
}

pub(super) fn node(text: Arc<str>, kind: ScalarKind, written: &Written<'_>) -> Node {
    Node {
        value: Value::Scalar(Scalar { text, kind, quoted: written.style != ScalarStyle::Plain }),
        origin: Origin::source(written.span),
    }
}

/// Whether a key asks for a merge.
pub(super) fn is_merge(key: &Written<'_>) -> bool {
    let is_tagged = key.tag.is_some_and(|it| it != "!" && it != "tag:yaml.org,2002:merge");
    key.value == "<<" && key.style == ScalarStyle::Plain && !is_tagged
}

/// What a scalar means. `in_flow` says that it is a value inside of `[]` or `{}`.
///
/// # Errors
/// If the tag forbids the value.
pub(super) fn read<'e>(it: &'e Written<'e>, dialect: Dialect, in_flow: bool) -> Result<Read<'e>, Diagnostic> {
    let text = Cow::Borrowed(&*it.value);
    let Some(tag) = it.tag.filter(|it| *it != "!") else {
        let kind = match it.style {
            ScalarStyle::Plain => plain_kind(&text, dialect, in_flow),
            _ => ScalarKind::Str,
        };
        let folds = it.style == ScalarStyle::Folded && dialect == Dialect::Resource;
        let text = if folds { folded::as_kustomize_has_it(&it.value) } else { text };
        return Ok(Read { text, kind });
    };
    let does_not_fit = || yml::invalid_yaml::tag_does_not_fit(it.span, tag);
    let wanted = match tag.strip_prefix("tag:yaml.org,2002:") {
        Some("int") => ScalarKind::Int,
        Some("float") => ScalarKind::Float,
        Some("bool") => ScalarKind::Bool,
        Some("null") => ScalarKind::Null,
        Some("timestamp") => ScalarKind::Timestamp,
        Some("binary") => {
            let text = decode_binary(&text).ok_or_else(does_not_fit)?.into();
            return Ok(Read { text, kind: ScalarKind::Str });
        }
        // Also a tag that nobody knows: nobody looks for numbers in such a value.
        _ => return Ok(Read { text, kind: ScalarKind::Str }),
    };
    // Behind such a tag quotes make no difference.
    let found = plain_kind(&text, dialect, false);
    let fits = found == wanted || (found == ScalarKind::Int && wanted == ScalarKind::Float);
    if fits { Ok(Read { text, kind: wanted }) } else { Err(does_not_fit()) }
}

fn plain_kind(text: &str, dialect: Dialect, in_flow: bool) -> ScalarKind {
    match dialect {
        Dialect::Kustomization => resolve::resolve_yaml11(text),
        // kustomize puts quotes around some values as it writes them for itself: `{a: }` becomes
        // an empty string, though `a:` in a block is null, and a time of day stays as it is.
        Dialect::Resource if in_flow && text.is_empty() => ScalarKind::Str,
        Dialect::Resource => match resolve::resolve(text) {
            ScalarKind::Timestamp if in_flow && text.contains(':') => ScalarKind::Str,
            kind => kind,
        },
    }
}

/// The text that base 64 stands for; bytes that are no text are replaced, as kustomize does it.
fn decode_binary(text: &str) -> Option<String> {
    use base64::Engine as _;
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(compact).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The bytes from the first to the last character of a scalar, quotes and block header included.
///
/// `start` and `end` are what the parser tells: from the tag to the start of what follows.
pub(super) fn place(
    text: &str,
    style: ScalarStyle,
    props: &Props<'_>,
    value: &str,
    start: usize,
    end: usize,
) -> (usize, usize) {
    if style == ScalarStyle::Plain && value.is_empty() {
        // Nothing is written. The parser tells where it noticed; we say where the value belongs.
        let end = text[..end].trim_end_matches(is_white).len();
        return (end, end);
    }
    let start = behind_properties(text, props, start).min(end);
    if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return (start, end);
    }
    let written = text[start..end].trim_end_matches(is_white);
    let rest = &text[start + written.len()..end];
    // Spaces at the end of the last line belong to the value.
    let spaces = rest.find(is_break).unwrap_or(rest.len());
    (start, start + written.len() + spaces)
}

/// Steps over the anchor and the tag that stand in front of a value.
pub(super) fn behind_properties(text: &str, props: &Props<'_>, start: usize) -> usize {
    let mut at = start;
    for _ in 0..2 {
        let rest = &text[at..];
        at += match (rest.as_bytes().first(), &props.anchor, &props.tag) {
            (Some(b'&'), Some(name), _) => 1 + name.len(),
            // A verbatim tag may hold a comma, which otherwise begins the next value.
            (Some(b'!'), _, Some(_)) if rest.starts_with("!<") => rest.find('>').map_or(0, |it| it + 1),
            (Some(b'!'), _, Some(_)) => {
                rest.find(|it| is_white(it) || matches!(it, ',' | ']' | '}')).unwrap_or(rest.len())
            }
            _ => return at,
        };
        at = behind_blank(text, at);
    }
    at
}

/// Steps over white space, line breaks and comments.
fn behind_blank(text: &str, start: usize) -> usize {
    let mut rest = &text[start..];
    loop {
        rest = rest.trim_start_matches(is_white);
        let at = text.len() - rest.len();
        // A byte-order mark at the start of a line is none of its characters.
        match rest.strip_prefix('\u{feff}') {
            Some(behind) if text[..at].ends_with(is_break) => rest = behind,
            _ if rest.starts_with('#') => rest = &rest[line_length(rest)..],
            _ => return at,
        }
    }
}

/// How long the first line of a text is, in bytes, without its break.
pub(super) fn line_length(text: &str) -> usize {
    text.find(is_break).unwrap_or(text.len())
}

/// What stands between tokens. YAML knows more breaks than Rust, and fewer spaces.
pub(super) fn is_white(it: char) -> bool {
    matches!(it, ' ' | '\t') || is_break(it)
}
