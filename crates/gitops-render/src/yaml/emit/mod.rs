//! Nodes to text: the very bytes that kustomize 5.6 prints.
//!
//! `order` sorts keys, `style` decides how a string is quoted, `writer` folds and escapes,
//! `number` spells numbers. This file walks the tree and knows about indentation.

pub(crate) mod number;
mod order;
mod remarks;
mod style;
mod writer;

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::rules::kus;
use crate::source::Span;
use crate::yaml::build::MAX_DEPTH;
use crate::yaml::resolve;
use style::Place;
use writer::Writer;

pub(crate) use number::{as_rendered, go_json_float};
pub use remarks::emit_with_remarks;
pub(super) use style::{is_break, is_printable};

/// How deep a value may be nested to be printed. Patches can nest deeper than one file can.
const MAX_EMIT_DEPTH: usize = 4 * MAX_DEPTH;

/// A value that kustomize refuses to print.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EmitError {
    /// The text that a person edits to change the value.
    pub span: Span,
    /// What is wrong with it.
    pub message: String,
}

impl EmitError {
    /// The finding: kustomize stops here.
    pub fn diagnostic(&self) -> Diagnostic {
        kus::build_failed::because(self.span, self.message.as_str())
    }
}

/// Appends `node` to `out` as one document, which ends with a newline.
///
/// Keys are sorted, comments and styles of the source are gone: these are the bytes of
/// `kustomize build`.
///
/// # Errors
/// If kustomize refuses to print the value: infinity, not a number, or a control character
/// that YAML does not allow. What `out` holds then is not to be used.
pub fn emit_document(node: &Node, out: &mut String) -> Result<(), EmitError> {
    emit(node, out, ())
}

/// Is told where each value begins. Most do not want to know, and pay nothing for it.
trait Observe {
    /// The value, or its key, begins in the line that holds byte `at` of what is written.
    fn value(&mut self, at: usize, node: &Node);
}

impl Observe for () {
    fn value(&mut self, _: usize, _: &Node) {}
}

fn emit(node: &Node, out: &mut String, observer: impl Observe) -> Result<(), EmitError> {
    let mut emitter = Emitter { writer: Writer::new(out), observer, depth: 0 };
    match &node.value {
        Value::Map(map) if !map.is_empty() => emitter.map(map, 0)?,
        Value::Seq(items) if !items.is_empty() => emitter.seq(items, 0)?,
        _ => emitter.leaf(node, 2)?,
    }
    emitter.writer.line(0);
    Ok(())
}

/// What a string is to everybody but YAML: a plain date is spelled out in full.
pub(crate) fn string_of(scalar: &Scalar) -> Option<Cow<'_, str>> {
    match scalar.kind {
        ScalarKind::Str => Some((&*scalar.text).into()),
        ScalarKind::Timestamp => {
            Some(resolve::timestamp(&scalar.text).map_or((&*scalar.text).into(), Into::into))
        }
        _ => None,
    }
}

/// What a string is in rendered text.
///
/// kustomize reads its own JSON as YAML, and there a bare next-line character is a line break,
/// which folds: one becomes a space, of several the first is lost.
pub(crate) fn rendered_string(scalar: &Scalar) -> Option<Cow<'_, str>> {
    let text = string_of(scalar)?;
    if !text.contains(NEXT_LINE) {
        return Some(text);
    }
    let mut folded = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(at) = rest.find(NEXT_LINE) {
        folded.push_str(rest[..at].trim_end_matches(' '));
        let after = rest[at..].trim_start_matches([' ', NEXT_LINE]);
        let run = &rest[at..rest.len() - after.len()];
        match run.matches(NEXT_LINE).count() {
            1 => folded.push(' '),
            several => folded.extend(std::iter::repeat_n('\n', several - 1)),
        }
        rest = after;
    }
    folded.push_str(rest);
    Some(folded.into())
}

const NEXT_LINE: char = '\u{85}';

struct Emitter<'o, O> {
    writer: Writer<'o>,
    observer: O,
    depth: usize,
}

impl<O: Observe> Emitter<'_, O> {
    /// A mapping with something in it, its keys at column `column`.
    fn map(&mut self, map: &Map, column: usize) -> Result<(), EmitError> {
        for entry in order::sorted(map.entries()) {
            self.writer.line(column);
            self.observer.value(self.writer.offset(), &entry.node);
            if self.key(entry, column)? {
                self.writer.indicator(":", false);
                match &entry.node.value {
                    // A list as the value of a key is not indented.
                    Value::Seq(items) if !items.is_empty() => {
                        self.deeper(&entry.node, |it| it.seq(items, column))?
                    }
                    _ => self.block(&entry.node, column + 2)?,
                }
            } else {
                self.writer.line(column);
                self.writer.indicator(":", true);
                self.block(&entry.node, column + 2)?;
            }
        }
        Ok(())
    }

    /// Writes a key; returns whether it is one that a `:` may follow on the same line.
    fn key(&mut self, entry: &Entry, column: usize) -> Result<bool, EmitError> {
        printable(&entry.key, entry.key_span)?;
        if entry.key.contains(NEXT_LINE) {
            return Err(refused(NEXT_LINE, entry.key_span));
        }
        let simple = style::is_simple_key(&entry.key);
        if simple {
            self.writer.string(&entry.key, style::of(&entry.key, Place::Key), column + 2, false);
        } else {
            self.writer.indicator("?", true);
            self.writer.string(&entry.key, style::of(&entry.key, Place::Value), column + 2, true);
        }
        Ok(simple)
    }

    /// A list with something in it, its dashes at column `column`.
    fn seq(&mut self, items: &[Node], column: usize) -> Result<(), EmitError> {
        for item in items {
            self.writer.line(column);
            self.observer.value(self.writer.offset(), item);
            self.writer.indicator("-", true);
            self.block(item, column + 2)?;
        }
        Ok(())
    }

    /// Any value, whose own lines begin at column `column`.
    fn block(&mut self, node: &Node, column: usize) -> Result<(), EmitError> {
        match &node.value {
            Value::Map(map) if !map.is_empty() => self.deeper(node, |it| it.map(map, column)),
            Value::Seq(items) if !items.is_empty() => self.deeper(node, |it| it.seq(items, column)),
            _ => self.leaf(node, column),
        }
    }

    fn deeper(
        &mut self,
        node: &Node,
        write: impl FnOnce(&mut Self) -> Result<(), EmitError>,
    ) -> Result<(), EmitError> {
        if self.depth >= MAX_EMIT_DEPTH {
            let message = format!("values are nested more than {MAX_EMIT_DEPTH} levels deep");
            return Err(EmitError { span: node.origin.span, message });
        }
        self.depth += 1;
        let written = write(self);
        self.depth -= 1;
        written
    }

    /// A scalar or an empty collection; lines that are folded go on at column `column`.
    fn leaf(&mut self, node: &Node, column: usize) -> Result<(), EmitError> {
        let scalar = match &node.value {
            Value::Map(_) => {
                self.writer.word("{}");
                return Ok(());
            }
            Value::Seq(_) => {
                self.writer.word("[]");
                return Ok(());
            }
            Value::Scalar(it) => it,
        };
        match scalar.kind {
            ScalarKind::Null => self.writer.word("null"),
            ScalarKind::Bool => self.writer.word(if scalar.bool() == Some(true) { "true" } else { "false" }),
            ScalarKind::Int | ScalarKind::Float => {
                let Some(text) = scalar.number().and_then(number::spell) else {
                    let message = format!("`{}` is not a number that JSON knows", scalar.text);
                    return Err(EmitError { span: node.origin.span, message });
                };
                self.writer.word(&text);
            }
            ScalarKind::Str | ScalarKind::Timestamp => {
                let text = rendered_string(scalar).unwrap_or_default();
                printable(&text, node.origin.span)?;
                self.writer.string(&text, style::of(&text, Place::Value), column, true);
            }
        }
        Ok(())
    }
}

/// Refuses what kustomize's own YAML reader refuses, which it uses on the way out too.
fn printable(text: &str, span: Span) -> Result<(), EmitError> {
    // All of them begin with one of these bytes in UTF-8.
    if !text.bytes().any(|it| matches!(it, 0x7f | 0xc2 | 0xef)) {
        return Ok(());
    }
    match text.chars().find(|it| style::is_refused(*it)) {
        None => Ok(()),
        Some(it) => Err(refused(it, span)),
    }
}

fn refused(it: char, span: Span) -> EmitError {
    let message = format!("the control character U+{:04X} cannot be printed as YAML", it as u32);
    EmitError { span, message }
}

#[cfg(test)]
mod tests;
