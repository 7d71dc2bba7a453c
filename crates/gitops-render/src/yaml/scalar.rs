//! What a scalar says and where exactly it stands.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::origin::Origin;
use crate::rules::yml;
use crate::source::Span;
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

pub(super) fn node(text: Arc<str>, kind: ScalarKind, span: Span) -> Node {
    Node { value: Value::Scalar(Scalar { text, kind }), origin: Origin::source(span) }
}

/// Whether a key asks for a merge.
pub(super) fn is_merge(key: &Written<'_>) -> bool {
    key.style == ScalarStyle::Plain && key.value == "<<"
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
        let end = text[..end].trim_end_matches([' ', '\t', '\r', '\n']).len();
        return (end, end);
    }
    let start = behind_properties(text, props, start).min(end);
    if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return (start, end);
    }
    let written = text[start..end].trim_end();
    let rest = &text[start + written.len()..end];
    // Spaces at the end of the last line belong to the value.
    let spaces = rest.find(['\n', '\r']).unwrap_or(rest.len());
    (start, start + written.len() + spaces)
}

/// Steps over the anchor and the tag that stand in front of a value.
pub(super) fn behind_properties(text: &str, props: &Props<'_>, start: usize) -> usize {
    let mut at = start;
    let mut left = usize::from(props.anchor.is_some()) + usize::from(props.tag.is_some());
    while left > 0 {
        at = behind_blank(text, at);
        let rest = &text[at..];
        if !rest.starts_with(['&', '!']) {
            break;
        }
        // A verbatim tag may hold a comma, which otherwise begins the next value.
        let closed = if rest.starts_with("!<") { rest.find('>').unwrap_or(0) } else { 0 };
        let ends = |it: char| it.is_ascii_whitespace() || matches!(it, ',' | ']' | '}');
        at += closed + rest[closed..].find(ends).unwrap_or(rest.len() - closed);
        left -= 1;
    }
    if at > start { behind_blank(text, at) } else { at }
}

/// Steps over white space, line breaks and comments.
fn behind_blank(text: &str, start: usize) -> usize {
    let mut at = start;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at += text[at..].find('\n').unwrap_or(text.len() - at);
    }
}
