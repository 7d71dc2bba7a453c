//! Fixes that several rules have: quotes around a value, another name for a field.
//!
//! Only text that is literally the value is edited. What an alias, a replacement or a generator brought
//! here stands for something else, too.

use crate::diagnostic::{Edit, Fix, Safety};
use crate::node::{Entry, Node, ScalarKind, pointer_part, pointer_parts};
use crate::origin::Step;
use crate::rules::Spot;
use crate::source::Span;
use crate::yaml::resolve::resolve;

/// Puts the value at `spot` in quotes, if it stands there without any and nothing else shares its text.
///
/// The value must hold nothing that quotes would change: a number, a boolean, a word.
pub(crate) fn quotes(spot: &Spot<'_>) -> Option<Fix> {
    let node = spot.node();
    let scalar = node.as_scalar().filter(|it| !it.quoted && !it.text.contains(['"', '\\']))?;
    let safety = how_sure(spot)?;
    // kustomize keeps the notation of what a patch replaces, so that quotes in the patch do nothing.
    if node.origin.steps().any(|it| it.before.is_some()) {
        return None;
    }
    // What has no quotes and is no text is a word, but it may be spelled in another way by now.
    let is_literal = scalar.kind != ScalarKind::Str || length(node.origin.span) == scalar.text.len();
    is_literal.then(|| between_quotes(node.origin.span, safety))
}

/// Takes the quotes away from the value at `spot`, under the same conditions.
pub(crate) fn no_quotes(spot: &Spot<'_>) -> Option<Fix> {
    let node = spot.node();
    let safety = how_sure(spot).filter(|_| node.origin.steps().all(|it| it.before.is_none()))?;
    let scalar = node.as_scalar().filter(|it| it.quoted)?;
    let (whole, text) = (node.origin.span, inside_quotes(node.origin.span, &scalar.text)?);
    let quote = |start, end| Edit { span: Span { start, end, ..whole }, text: String::new() };
    let edits = vec![quote(whole.start, text.start), quote(text.end, whole.end)];
    Some(Fix { message: "drop the quotes".to_owned(), edits, safety }).filter(|_| text != whole)
}

/// Writes another text for the one at `spot`, in quotes or without as before. Of a list of names that a
/// schema has it is the one that was meant, as far as anybody can guess.
pub(crate) fn another_text(spot: &Spot<'_>, text: &str) -> Option<Fix> {
    how_sure(spot)?;
    let scalar = spot.node().as_scalar()?;
    let span = inside_quotes(spot.node().origin.span, &scalar.text)?;
    let is_word = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    let is_plain = is_word(text) && is_word(&scalar.text) && resolve(text) == ScalarKind::Str;
    is_plain.then(|| replaced(format!("write `{text}`"), span, text.to_owned(), Safety::Unsafe))
}

/// Puts the key of an entry of the mapping at `spot` in quotes, under the same conditions.
pub(crate) fn quotes_around_key(spot: &Spot<'_>, key: &str) -> Option<Fix> {
    let safety = how_sure(spot)?;
    let entry = spot.node().as_map()?.entry(key)?;
    let span = Some(entry.key_span).filter(|it| length(*it) == key.len() && !key.contains(['"', '\\']))?;
    Some(between_quotes(span, safety))
}

/// Writes another word for the one at `spot`, which stands there without quotes.
pub(crate) fn another_word(spot: &Spot<'_>, word: &str) -> Option<Fix> {
    quotes(spot)?;
    Some(replaced(format!("write `{word}`"), spot.node().origin.span, word.to_owned(), Safety::Unsafe))
}

/// Writes another path for one that is `written` with quotes or without; `None` if there is more than the
/// path, or if the new one would need quotes.
pub(crate) fn another_path(span: Span, written: &str, path: &str, new: &str) -> Option<Fix> {
    let quotes = ["", "'", "\""];
    let quote = quotes.into_iter().find(|it| written == format!("{it}{path}{it}"))?;
    let is_plain = |it: char| it.is_alphanumeric() || matches!(it, '.' | '/' | '_' | '-');
    if !new.chars().all(is_plain) || new.starts_with('-') || resolve(new) != ScalarKind::Str {
        return None;
    }
    let by = quote.len() as u32;
    let span = Span { start: span.start + by, end: span.end - by, ..span };
    Some(replaced(format!("write `{new}`"), span, new.to_owned(), Safety::Unsafe))
}

/// Gives an entry of the mapping at `spot` another name.
pub(crate) fn another_field(spot: &Spot<'_>, key: &str, name: &str) -> Option<Fix> {
    how_sure(spot)?;
    let mapping = spot.node().as_map().filter(|it| it.get(name).is_none())?;
    another_name(mapping.entry(key)?, name)
}

/// Gives an entry another name, which its mapping does not have yet.
pub(crate) fn another_name(entry: &Entry, name: &str) -> Option<Fix> {
    let is_shared = entry.node.origin.steps().any(|it| it.step == Step::MergeKey);
    let span = inside_quotes(entry.key_span, &entry.key).filter(|_| !is_shared)?;
    Some(replaced(format!("rename `{}` to `{name}`", entry.key), span, name.to_owned(), Safety::Unsafe))
}

/// Two edits, so that a report of them does not tell the value: it may be secret.
fn between_quotes(span: Span, safety: Safety) -> Fix {
    let quote = |at| Edit { span: Span { start: at, end: at, ..span }, text: "\"".to_owned() };
    Fix { message: "put it in quotes".to_owned(), edits: vec![quote(span.start), quote(span.end)], safety }
}

fn replaced(message: String, span: Span, text: String, safety: Safety) -> Fix {
    Fix { message, edits: vec![Edit { span, text }], safety }
}

fn length(span: Span) -> usize {
    span.end.saturating_sub(span.start) as usize
}

/// Where a text stands, without its quotes; `None` if it is not written as it is.
pub(crate) fn inside_quotes(span: Span, text: &str) -> Option<Span> {
    match length(span) {
        length if length == text.len() => Some(span),
        length if length == text.len() + 2 => Some(Span { start: span.start + 1, end: span.end - 1, ..span }),
        _ => None,
    }
}

/// Whether the text at a place belongs to it alone, as far as the object can tell.
fn how_sure(spot: &Spot<'_>) -> Option<Safety> {
    let mut node = Some(spot.root());
    let mut steps: Vec<Step> = steps(spot.root()).collect();
    for part in pointer_parts(spot.pointer) {
        node = node.and_then(|it| it.at(&format!("/{}", pointer_part(&part))));
        steps.extend(node.into_iter().flat_map(self::steps));
    }
    let brings =
        [Step::Alias, Step::MergeKey, Step::Replacement, Step::Var, Step::Generator, Step::Transformer];
    if steps.iter().any(|it| brings.contains(it)) {
        return None;
    }
    // A JSON patch may have copied it from somewhere else.
    Some(if steps.contains(&Step::JsonPatch) { Safety::Unsafe } else { Safety::Safe })
}

fn steps(node: &Node) -> impl Iterator<Item = Step> + '_ {
    node.origin.steps().map(|it| it.step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Resource;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    /// The text after a fix of what stands at `pointer`.
    fn mended(text: &str, pointer: &str, fix: impl Fn(&Spot<'_>) -> Option<Fix>) -> Option<(String, Safety)> {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", text);
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
        let resource = Resource::new(file.yaml().documents[0].clone());
        let fix = fix(&Spot::new(&resource, &resource.object_name(), pointer))?;
        let mut text = text.to_owned();
        for edit in fix.edits.iter().rev() {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        Some((text, fix.safety))
    }

    fn safe(text: &str) -> Option<(String, Safety)> {
        Some((text.to_owned(), Safety::Safe))
    }

    #[test]
    fn quotes_come_and_go_around_what_is_literally_there() {
        let quoted = |text, pointer| mended(text, pointer, quotes);
        assert_eq!(quoted("{a: 0755, b: x}", "/a"), safe("{a: \"0755\", b: x}"));
        assert_eq!(quoted("a:\n- yes # b", "/a/0"), safe("a:\n- \"yes\" # b"));
        for text in ["a: '1'", "a: \"1\"", "a: |\n  1", "a: x\n  y", "a: {}", "a: it\"s"] {
            assert_eq!(quoted(text, "/a"), None, "{text}");
        }
        let plain = |text, pointer| mended(text, pointer, no_quotes);
        assert_eq!(plain("a: 'true'", "/a"), safe("a: true"));
        for text in ["a: true", "a: \"\\x31\"", "a: |-\n  1", "a: 'it''s'"] {
            assert_eq!(plain(text, "/a"), None, "{text}");
        }
        let key = |text| mended(text, "", |it| quotes_around_key(it, "y"));
        assert_eq!(key("y: 1"), safe("\"y\": 1"));
        assert_eq!(key("'y': 1"), None);
    }

    #[test]
    fn what_stands_for_something_else_too_is_left_alone() {
        let text = "x: &x {a: 1, ? b}\ny: *x\nz: {<<: *x, c: 1}\n";
        assert_eq!(mended(text, "/y/a", quotes), None);
        assert_eq!(mended(text, "/z/a", quotes), None);
        assert_eq!(mended(text, "/z/c", quotes), safe(&text.replace("c: 1", "c: \"1\"")));
        assert_eq!(mended(text, "/y", |it| another_field(it, "a", "d")), None);
        assert_eq!(mended(text, "/z", |it| another_field(it, "a", "d")), None);
        let renamed = Some((text.replace("c: 1", "d: 1"), Safety::Unsafe));
        assert_eq!(mended(text, "/z", |it| another_field(it, "c", "d")), renamed);
        // Not over one that is there.
        assert_eq!(mended("{a: 1, b: 2}", "", |it| another_field(it, "a", "b")), None);
    }

    #[test]
    fn other_words_keep_their_quotes() {
        let other = |text, word| mended(text, "/a", |it| another_text(it, word)).map(|it| it.0);
        assert_eq!(other("a: Allways", "Always").as_deref(), Some("a: Always"));
        assert_eq!(other("a: 'Allways'", "Always").as_deref(), Some("a: 'Always'"));
        assert_eq!(other("a: Allways", "true"), None);
        assert_eq!(other("a: Allways", "a: b"), None);
        let span = Span { file: crate::source::FileId(0), start: 0, end: 6 };
        assert!(another_path(span, "../bse", "../bse", "../base").is_some());
        assert!(another_path(span, "a=../b", "../b", "../base").is_none());
        assert!(another_path(span, "../bse", "../bse", "../ba se").is_none());
    }
}
