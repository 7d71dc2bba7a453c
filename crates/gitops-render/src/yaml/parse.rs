//! Text to documents: splits a stream, goes on after an error, and keeps comments aside.

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::rules::yml;
use crate::source::{FileId, Span};
use crate::yaml::build::{Builder, Input, Stop};
use crate::yaml::embedded::Offsets;
use crate::yaml::events::{EventKind, Parser, SyntaxError};
use crate::yaml::fast::{self, Unsure};
use crate::yaml::syntax;

/// The names under which a directory's kustomization is looked for.
pub const KUSTOMIZATION_FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whose rules say what a plain scalar means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Resources and patches: kustomize reads them by something close to YAML 1.2.
    Resource,
    /// A kustomization.yaml: YAML 1.1, where `yes` is a boolean.
    Kustomization,
}

impl Dialect {
    /// The dialect of a file, which its name decides.
    pub fn of(file_name: &str) -> Dialect {
        if KUSTOMIZATION_FILES.contains(&file_name) { Dialect::Kustomization } else { Dialect::Resource }
    }
}

/// What a text holds.
#[derive(Debug, Default)]
pub struct Yaml {
    /// The documents that could be read, in order. Empty ones are left out.
    pub documents: Vec<Node>,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether something could not be read, so that `documents` is not all there is.
    pub is_broken: bool,
    /// Every comment, from its `#` to the end of the line, in order. Those of a document that
    /// could not be read end where reading it did.
    pub comments: Vec<Span>,
    /// The values that aliases stand for, at their anchors, in order: what changes there changes elsewhere,
    /// too.
    pub shared: Vec<Span>,
}

/// How many documents of one text may be broken before reading it ends.
const MAX_BROKEN: usize = 100;

/// Parses a file.
pub fn parse_bytes(file: FileId, bytes: &[u8], dialect: Dialect) -> Yaml {
    let (text, bom) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, 3),
        None => (bytes, 0),
    };
    let broken = |found| Yaml { diagnostics: vec![found], is_broken: true, ..Yaml::default() };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return broken(yml::invalid_yaml::utf16(Span { file, start: 0, end: 2 }));
    }
    match std::str::from_utf8(text) {
        Ok(text) => parse_text(file, text, &Offsets::shifted(bom), dialect),
        Err(err) => {
            let at = (err.valid_up_to() + bom) as u32;
            broken(yml::invalid_yaml::not_utf8(Span { file, start: at, end: at + 1 }))
        }
    }
}

/// Parses a text whose places in `file` are told by `offsets`.
///
/// After a syntax error reading goes on at the next line that starts a document.
pub fn parse_text(file: FileId, text: &str, offsets: &Offsets, dialect: Dialect) -> Yaml {
    parse_input(Input { file, text, offsets, dialect, is_simple: fast::can_read(text) })
}

pub(super) fn parse_input(input: Input<'_>) -> Yaml {
    let text = input.text;
    let mut builder = Builder::new(input);
    let mut documents = vec![];
    let mut from = Some(0);
    let mut broken = 0;
    while let Some(start) = from.filter(|_| broken < MAX_BROKEN) {
        builder.comments.go_on_at(start);
        from = match parse_stream(start, &mut builder, &mut documents) {
            Ok(()) => None,
            Err(Broken { document, error }) => {
                // The parser looks ahead, so the error may be in a document that it did not tell of.
                let noticed = error.as_ref().map_or(document, |it| it.offset);
                let document = last_document(text, document, noticed);
                broken += 1;
                builder.is_broken = true;
                builder.diagnostics.extend(error.map(|it| syntax::explain(&input, &it, builder.last_quoted)));
                builder.abandon();
                next_document(text, document)
            }
        };
    }
    let Builder { comments, diagnostics, is_broken, mut shared, .. } = builder;
    shared.sort_unstable();
    shared.dedup();
    Yaml { documents, diagnostics, is_broken, comments: comments.spans, shared }
}

/// Where reading stopped.
struct Broken {
    /// The start of the document that could not be read.
    document: usize,
    /// What the parser said; the builder may have said it already.
    error: Option<SyntaxError>,
}

/// Reads documents from the byte `from` on.
fn parse_stream(from: usize, builder: &mut Builder<'_>, documents: &mut Vec<Node>) -> Result<(), Broken> {
    let text = builder.input.text;
    if !builder.input.is_simple {
        return parse_with_libyaml(from, text.len(), builder, documents);
    }
    let mut at = from;
    while at < text.len() {
        let mark = builder.mark();
        at = match fast::document(builder, at) {
            Ok(end) => {
                documents.extend(builder.take_document().filter(|it| !it.is_null()));
                end
            }
            Err(Unsure) => {
                builder.go_back(mark);
                let end = document_end(text, at);
                parse_with_libyaml(at, end, builder, documents)?;
                end
            }
        };
    }
    builder.comments.gap(&builder.input, text.len());
    Ok(())
}

/// Reads the documents between two bytes.
fn parse_with_libyaml(
    from: usize,
    to: usize,
    builder: &mut Builder<'_>,
    documents: &mut Vec<Node>,
) -> Result<(), Broken> {
    let input = builder.input;
    let mut parser = Parser::new(&input.text[from..to]);
    let mut document = from;
    loop {
        let event = parser.next().map_err(|error| Broken { document, error: Some(error.moved(from)) })?;
        let (start, end) = (from + event.start, from + event.end);
        match event.kind {
            EventKind::StreamEnd => {
                builder.comments.gap(&input, to);
                return Ok(());
            }
            EventKind::StreamStart => {}
            EventKind::DocumentStart { is_yaml12 } => {
                document = start;
                if is_yaml12 {
                    builder.refuse(yml::invalid_yaml::yaml12(input.span(start, end)));
                }
            }
            EventKind::DocumentEnd => {
                documents.extend(builder.take_document().filter(|it| !it.is_null()));
                document = end;
            }
            kind => builder.add(kind, start, end).map_err(|Stop| Broken { document, error: None })?,
        }
    }
}

/// Where the document ends that begins at `from`, with the directives and the `---` in front of it.
pub(super) fn document_end(text: &str, from: usize) -> usize {
    let is_before =
        |it: &&str| it.trim().is_empty() || it.trim_start().starts_with('#') || it.starts_with('%');
    let before: usize = text[from..].split_inclusive('\n').take_while(is_before).map(str::len).sum();
    let end = next_document(text, from + before).unwrap_or(text.len());
    // Behind these anything may follow, directives of the next document among them.
    let is_alone = !["\n...", "\n%"].iter().any(|it| text[from..end].contains(it));
    if is_alone { end } else { text.len() }
}

/// The start of the last `---` line that begins behind `from` and before `end`, or `from`.
fn last_document(text: &str, from: usize, end: usize) -> usize {
    let mut found = from;
    while let Some(next) = next_document(text, found).filter(|it| *it < end) {
        found = next;
    }
    found
}

/// The start of the next `---` line behind the line that `from` is on.
fn next_document(text: &str, from: usize) -> Option<usize> {
    let mut at = from + text.get(from..)?.find('\n')? + 1;
    loop {
        let rest = &text[at..];
        if rest.strip_prefix("---").is_some_and(|it| it.is_empty() || it.starts_with([' ', '\t', '\r', '\n']))
        {
            return Some(at);
        }
        at += rest.find('\n')? + 1;
    }
}
