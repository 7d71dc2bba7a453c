//! What is secret, and must not be shown: the values of Secrets.
//!
//! Here is said which values those are. `places` finds them in parsed files, `lines` in files that are no
//! YAML, `words` takes them out of what findings say.

mod lines;
mod places;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::diagnostic::Diagnostic;
use crate::resource::Gvk;
use crate::source::{FileId, Span};
use crate::sources::Sources;

/// What stands for a secret value.
pub const HIDDEN: &str = "(hidden)";

/// Shorter values stand in other texts by chance.
pub(crate) const SHORTEST: usize = 4;

/// The fields of a Secret that hold what is secret.
pub(crate) const FIELDS: [&str; 2] = ["data", "stringData"];

/// Annotations that hold the whole object as it was applied.
pub(crate) const APPLIED: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", "objectset.rio.cattle.io/applied"];

/// Whether objects of a kind hold secrets.
pub(crate) fn is_secret(gvk: &Gvk) -> bool {
    &*gvk.kind == "Secret" && gvk.group.is_empty()
}

/// The text that a value of `data` stands for, if it is text.
pub(crate) fn decoded(text: &str) -> Option<String> {
    STANDARD.decode(text.trim()).ok().and_then(|it| String::from_utf8(it).ok())
}

/// What is secret in a file.
#[derive(Debug, Default)]
pub struct Hidden {
    /// The places, in order; none reaches into another.
    pub spans: Vec<Span>,
    /// What stands there, as it is written and as it is meant.
    values: Vec<String>,
}

impl Hidden {
    /// What is known to be secret in a file without looking through it, in order. Words that stand there are not
    /// taken out of findings.
    pub fn at(spans: Vec<Span>) -> Hidden {
        Hidden { spans, values: vec![] }
    }

    fn add(&mut self, span: Span, text: &str) {
        self.spans.push(span);
        let trimmed = text.trim().trim_matches(['"', '\'']);
        self.values.extend(
            [Some(text.to_owned()), Some(trimmed.to_owned()), decoded(trimmed)].into_iter().flatten(),
        );
    }

    /// In order, and each place once.
    fn in_order(mut self) -> Hidden {
        self.spans.retain(|it| it.start < it.end);
        self.spans.sort_by_key(|it| (it.start, it.end));
        let mut spans: Vec<Span> = vec![];
        for span in self.spans {
            match spans.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => spans.push(span),
            }
        }
        self.values.retain(|it| !it.trim().is_empty());
        self.values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.values.dedup();
        Hidden { spans, values: self.values }
    }

    fn touches(&self, span: Span) -> bool {
        self.spans.iter().any(|it| span.start <= it.end && it.start <= span.end)
    }
}

/// What is secret in files that have been looked through.
pub type KnownSecrets = HashMap<FileId, Arc<Hidden>>;

/// What is secret in files, each looked through once.
///
/// Secrets and patches of them are found by what stands in their file. What a `secretGenerator` reads, and a
/// JSON patch, are found by the kustomizations in their directory and above it.
#[derive(Debug)]
pub struct Secrets<'a> {
    sources: &'a Sources<'a>,
    known: KnownSecrets,
}

impl<'a> Secrets<'a> {
    /// Nothing is looked through as yet.
    pub fn new(sources: &'a Sources<'a>) -> Secrets<'a> {
        Secrets::knowing(sources, KnownSecrets::new())
    }

    /// These files are not looked through again.
    pub fn knowing(sources: &'a Sources<'a>, known: KnownSecrets) -> Secrets<'a> {
        Secrets { sources, known }
    }

    /// What was looked through.
    pub fn into_known(self) -> KnownSecrets {
        self.known
    }

    /// What is secret in a file.
    pub fn in_file(&mut self, file: FileId) -> Arc<Hidden> {
        let sources = self.sources;
        let found = self.known.entry(file);
        Arc::clone(found.or_insert_with(|| Arc::new(places::find(sources, &sources.file(file)).in_order())))
    }

    /// Takes secret values out of what a finding says. A fix that would write one down is dropped.
    ///
    /// What a policy says is its author's business, and stays.
    pub fn cover(&mut self, found: &mut Diagnostic) {
        let mut files: Vec<FileId> = found.labels.iter().map(|it| it.span.file).collect();
        files.dedup();
        for file in files {
            let hidden = self.in_file(file);
            if hidden.spans.is_empty() {
                continue;
            }
            let is_about = found.labels.iter().any(|it| it.span.file == file && hidden.touches(it.span));
            words::cover(found, &hidden.values, is_about);
        }
    }
}
