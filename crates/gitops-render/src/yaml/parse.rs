//! Text to documents: splits a stream, goes on after an error, and keeps comments aside.

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::rules::yml;
use crate::source::{FileId, Span};
use crate::yaml::build::Builder;
use crate::yaml::embedded::Offsets;
use crate::yaml::events::{Event, EventKind, Parser, SyntaxError};

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
        if crate::kustomize::FILE_NAMES.contains(&file_name) {
            Dialect::Kustomization
        } else {
            Dialect::Resource
        }
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
}

/// Parses a file.
pub fn parse_bytes(file: FileId, bytes: &[u8], dialect: Dialect) -> Yaml {
    let (text, bom) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, 3),
        None => (bytes, 0),
    };
    match std::str::from_utf8(text) {
        Ok(text) => parse_text(file, text, &Offsets::shifted(bom), dialect),
        Err(err) => {
            let at = (err.valid_up_to() + bom) as u32;
            let found = yml::invalid_yaml::not_utf8(Span { file, start: at, end: at + 1 });
            Yaml { documents: vec![], diagnostics: vec![found], is_broken: true }
        }
    }
}

/// Parses a text whose places in `file` are told by `offsets`.
///
/// After a syntax error reading goes on at the next line that starts a document.
pub fn parse_text(file: FileId, text: &str, offsets: &Offsets, dialect: Dialect) -> Yaml {
    let mut yaml = Yaml::default();
    let mut from = 0;
    loop {
        let mut builder = Builder::new(file, offsets, from, dialect);
        let end = parse_stream(&text[from..], &mut builder, &mut yaml);
        yaml.is_broken |= builder.is_broken;
        yaml.diagnostics.append(&mut builder.diagnostics);
        let Err(Broken { document, error }) = end else { return yaml };
        yaml.is_broken = true;
        yaml.diagnostics.extend(error.map(|it| syntax_error(file, text, offsets, from, it)));
        match next_document(text, from + document) {
            Some(next) => from = next,
            None => return yaml,
        }
    }
}

/// Where reading stopped.
struct Broken {
    /// The start of the document that could not be read.
    document: usize,
    /// What the parser said; the builder may have said it already.
    error: Option<SyntaxError>,
}

fn parse_stream(text: &str, builder: &mut Builder<'_>, yaml: &mut Yaml) -> Result<(), Broken> {
    let mut parser = Parser::new(text);
    let mut document = 0;
    loop {
        let Event { kind, start, end } =
            parser.next().map_err(|error| Broken { document, error: Some(error) })?;
        match kind {
            EventKind::StreamEnd => return Ok(()),
            EventKind::StreamStart => {}
            EventKind::DocumentStart => document = start,
            EventKind::DocumentEnd => {
                yaml.documents.extend(builder.take_document().filter(|it| !it.is_null()));
                document = end;
            }
            kind => {
                if builder.add(kind, start, end).is_err() {
                    return Err(Broken { document, error: None });
                }
            }
        }
    }
}

fn syntax_error(file: FileId, text: &str, offsets: &Offsets, from: usize, error: SyntaxError) -> Diagnostic {
    // A problem at the end of the input is shown at the last character that is there.
    let start = (from + error.offset).min(text.trim_end().len().max(from));
    let start = (0..=start).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    let length = text[start..].chars().next().filter(|it| *it != '\n').map_or(0, char::len_utf8);
    let span = offsets.span(file, start, start + length);
    let context = error.context.map(|(words, at)| (words, offsets.span(file, from + at, from + at)));
    yml::invalid_yaml::syntax(span, &error.problem, context)
}

/// The offset behind the newline before the next `---`, after the line that `from` is on.
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
