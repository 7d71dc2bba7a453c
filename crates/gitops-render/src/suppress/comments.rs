//! Where the comments of a file are that may hold a suppression.

use crate::node::{Node, Value};
use crate::source::Span;
use crate::sources::SourceFile;
use crate::suppress::{MARK, is_mentioned};
use crate::yaml::Dialect;

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Comment {
    /// From its `#` to the end of its line.
    pub span: Span,
    /// Whether it is text of something that is rendered.
    pub is_data: bool,
}

/// Whether a file is meant to be YAML, by its name, or because somebody has read it so: a patch may have any name.
pub(super) fn is_yaml(file: &SourceFile) -> bool {
    let name = file.path.file_name();
    let is_named_so = name.ends_with(".yaml") || name.ends_with(".yml");
    is_named_so || Dialect::of(name) == Dialect::Kustomization || file.yaml_if_parsed().is_some()
}

/// The comments, in order; none if the file does not speak of us.
pub(super) fn find(file: &SourceFile) -> Vec<Comment> {
    let Some(text) = file.text().ok().filter(|_| is_mentioned(file)) else { return vec![] };
    let mut found = match file.path.file_name().ends_with(".rego") {
        true => in_lines(file.span(), text, Trailing::Too, false),
        false if is_yaml(file) => of_yaml(file, text),
        // What a generator reads may be anything.
        false => in_lines(file.span(), text, Trailing::No, true),
    };
    found.sort_unstable();
    found.dedup_by_key(|it| it.span);
    found
}

/// Whether a `#` behind other text begins a comment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trailing {
    Too,
    No,
}

fn of_yaml(file: &SourceFile, text: &str) -> Vec<Comment> {
    let yaml = file.yaml();
    let mut found: Vec<Comment> =
        yaml.comments.iter().map(|it| Comment { span: *it, is_data: false }).collect();
    if yaml.is_broken {
        // Reading has ended somewhere.
        found.extend(in_lines(file.span(), text, Trailing::Too, false));
    }
    let is_kustomization = Dialect::of(file.path.file_name()) == Dialect::Kustomization;
    for document in &yaml.documents {
        let is_ours =
            is_kustomization || document.get("apiVersion").and_then(Node::as_str) == Some("builtin");
        embedded(document, "", &mut |key, span| {
            let is_rego = matches!(key, "rego" | "libs");
            let is_patch = is_ours && !matches!(key, "literals");
            if is_rego || is_patch {
                found.extend(in_block(span, text, is_rego));
            }
        });
    }
    found
}

/// Calls `found` with every text that may take several lines, and the nearest key above it.
fn embedded(node: &Node, key: &str, found: &mut impl FnMut(&str, Span)) {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.contains('\n') => found(key, node.origin.span),
        Value::Scalar(_) => {}
        Value::Seq(items) => items.iter().for_each(|it| embedded(it, key, found)),
        Value::Map(map) => map.entries().iter().for_each(|it| embedded(&it.node, &it.key, found)),
    }
}

/// The comments in the lines of a block of text, its header left out.
fn in_block(span: Span, text: &str, is_data: bool) -> Vec<Comment> {
    let Some(source) = text.get(span.start as usize..span.end as usize) else { return vec![] };
    if !source.starts_with(['|', '>']) {
        return vec![];
    }
    let header = source.find('\n').map_or(source.len(), |it| it + 1);
    let lines = Span { start: span.start + header as u32, ..span };
    in_lines(lines, &source[header..], Trailing::Too, is_data)
}

/// The comments in the lines of a text that stands at `whole`. A `#` in quotes begins one, too, but only one
/// that speaks of us is of any interest.
fn in_lines(whole: Span, text: &str, trailing: Trailing, is_data: bool) -> Vec<Comment> {
    let mut found = vec![];
    let mut at = whole.start as usize;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let begins =
            |it: &usize| body[..*it].trim_start_matches('\u{feff}').ends_with([' ', '\t']) || *it == 0;
        let first = body.len() - body.trim_start_matches([' ', '\t', '\u{feff}']).len();
        let start = match trailing {
            _ if body[first..].starts_with('#') => Some(first),
            Trailing::Too if body.contains(MARK) => {
                let mut signs = body.match_indices('#').map(|it| it.0).filter(begins);
                signs.find(|it| body[it + 1..].trim_start().starts_with(MARK))
            }
            _ => None,
        };
        if let Some(start) = start {
            let (start, end) = ((at + start) as u32, (at + body.len()) as u32);
            found.push(Comment { span: Span { start, end, ..whole }, is_data });
        }
        at += line.len();
    }
    found
}
