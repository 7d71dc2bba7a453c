//! Nodes to typed values, with a finding for each that has the wrong type.
//!
//! kustomize converts kustomization.yaml to JSON and reads that into Go structures: a number
//! where a string is wanted is an error there, and so it is here.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::{Pair, Spanned, Text};
use crate::node::{Entry, Map, Node, ScalarKind, Value};
use crate::rules::{kus, mend};
use crate::source::Span;
use crate::suggest;
use crate::yaml::json;
use crate::yaml::resolve::Number;

/// Collects what is wrong while values are read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub diagnostics: Vec<Diagnostic>,
    /// The configuration of a transformer is read less strictly than a kustomization.yaml: a
    /// number is taken for a string, and a field that nobody knows does no harm.
    pub is_lenient: bool,
}

impl Reader {
    pub fn refuse(&mut self, at: Span, reason: impl Into<String>) {
        self.diagnostics.push(kus::build_failed::because(at, reason));
    }

    fn wrong_type(&mut self, entry: &Entry, wanted: &str) {
        let found = kus::build_failed::wrong_type(&entry.key, &entry.node, wanted);
        self.diagnostics.push(found);
    }

    /// Goes through the fields of a mapping by their lower-case names. kustomize does not mind
    /// the case of a field's name.
    ///
    /// `take` says whether it knows the field; those that it does not are reported, with the
    /// closest of `known`.
    pub fn fields(&mut self, map: &Map, known: &[&str], mut take: impl FnMut(&mut Reader, &str, &Entry)) {
        for entry in map.entries() {
            let Some(name) = known.iter().find(|it| it.eq_ignore_ascii_case(&entry.key)) else {
                let nearest = suggest::nearest(&entry.key, known.iter().copied());
                let is_free =
                    |it: &&str| !map.entries().iter().any(|entry| it.eq_ignore_ascii_case(&entry.key));
                let fix = nearest.filter(is_free).and_then(|it| mend::another_name(entry, it));
                let found = kus::unknown_field::unknown(&entry.key, entry.key_span, nearest).fix(fix);
                self.diagnostics.push(match self.is_lenient {
                    true => kus::unknown_field::passed_over(found),
                    false => found,
                });
                continue;
            };
            // A null is as good as nothing.
            if !entry.node.is_null() {
                take(self, name, entry);
            }
        }
    }

    pub fn text(&mut self, entry: &Entry) -> Option<Text> {
        let text = self.text_of(&entry.node);
        if text.is_none() {
            self.wrong_type(entry, "a string");
        }
        text
    }

    pub fn text_of(&mut self, node: &Node) -> Option<Text> {
        let scalar = node.as_scalar()?;
        let value = match scalar.kind {
            ScalarKind::Str => Arc::clone(&scalar.text),
            // What is no string is spelled as kustomize prints it: `0x1F` is 31.
            ScalarKind::Bool | ScalarKind::Int | ScalarKind::Float if self.is_lenient => {
                json::to_json_go(node).into()
            }
            ScalarKind::Timestamp if self.is_lenient => json::to_json_go(node).trim_matches('"').into(),
            ScalarKind::Timestamp => Arc::clone(&scalar.text),
            _ => return None,
        };
        Some(Spanned { value, span: node.origin.span })
    }

    pub fn bool(&mut self, entry: &Entry) -> bool {
        let value = entry.node.as_scalar().and_then(|it| it.bool());
        if value.is_none() {
            self.wrong_type(entry, "true or false");
        }
        value.unwrap_or_default()
    }

    pub fn int(&mut self, entry: &Entry) -> Option<Spanned<i64>> {
        let value = match entry.node.as_scalar().and_then(|it| it.number()) {
            Some(Number::Int(value)) => Some(value),
            // JSON does not tell 3.0 from 3.
            Some(Number::Float(value)) if value.fract() == 0.0 && value.abs() < 9e15 => Some(value as i64),
            _ => None,
        };
        if value.is_none() {
            self.wrong_type(entry, "a whole number");
        }
        value.map(|value| Spanned { value, span: entry.node.origin.span })
    }

    pub fn texts(&mut self, entry: &Entry) -> Vec<Text> {
        let mut texts = vec![];
        for item in self.items(entry) {
            match self.text_of(item) {
                Some(text) => texts.push(text),
                None => {
                    let found = kus::build_failed::wrong_type(&entry.key, item, "a string");
                    self.diagnostics.push(found);
                }
            }
        }
        texts
    }

    pub fn items<'n>(&mut self, entry: &'n Entry) -> &'n [Node] {
        match &entry.node.value {
            Value::Seq(items) => items,
            _ => {
                self.wrong_type(entry, "a list");
                &[]
            }
        }
    }

    /// The items of a list of mappings.
    pub fn maps<'n>(&mut self, entry: &'n Entry) -> Vec<(&'n Map, Span)> {
        let mut maps = vec![];
        for item in self.items(entry) {
            match item.as_map() {
                Some(map) => maps.push((map, item.origin.span)),
                None => {
                    let found = kus::build_failed::wrong_type(&entry.key, item, "a mapping");
                    self.diagnostics.push(found);
                }
            }
        }
        maps
    }

    pub fn map<'n>(&mut self, entry: &'n Entry) -> Option<&'n Map> {
        let map = entry.node.as_map();
        if map.is_none() {
            self.wrong_type(entry, "a mapping");
        }
        map
    }

    /// A map of strings. A null value is an empty string to Go.
    pub fn pairs(&mut self, entry: &Entry) -> Vec<Pair> {
        let mut pairs = vec![];
        let Some(map) = self.map(entry) else { return pairs };
        for entry in map.entries() {
            if entry.key_kind == ScalarKind::Bool {
                let reason = format!(
                    "`{}` is a boolean in a kustomization.yaml, and a key must be a string",
                    entry.key
                );
                self.diagnostics
                    .push(kus::build_failed::because(entry.key_span, reason).help("put it in quotes"));
                continue;
            }
            let value = if entry.node.is_null() {
                Some(Spanned { value: "".into(), span: entry.node.origin.span })
            } else {
                self.text(entry)
            };
            let key = Spanned { value: Arc::clone(&entry.key), span: entry.key_span };
            pairs.extend(value.map(|value| Pair { key, value }));
        }
        pairs
    }
}
