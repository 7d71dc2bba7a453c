//! Where generated data comes from: env files, literals, files.

use std::sync::Arc;

use crate::kustomize::file::{Generator, Kustomization, Spanned, Text};
use crate::kustomize::generate::env;
use crate::kustomize::layer::Build;
use crate::rules::kus;
use crate::source::Span;

/// A key with its value, and the places of both.
pub(super) struct Datum {
    pub key: Text,
    /// The bytes as they came; only text goes into `data`.
    pub value: Arc<[u8]>,
    /// The text to edit.
    pub span: Span,
    /// The entry of the generator that brought it.
    pub directive: Span,
}

/// The data of a generator, in kustomize's order; `None` if kustomize would stop.
pub(super) fn pairs(
    build: &mut Build<'_>,
    kustomization: &Kustomization,
    generator: &Generator,
) -> Option<Vec<Datum>> {
    let before = build.diagnostics.len();
    let mut data = vec![];
    for path in &generator.envs {
        let Some(file) = build.open(kustomization, path) else { continue };
        match env::read(&file, path.span) {
            Ok(pairs) => data.extend(pairs),
            Err(problem) => build.refuse(*problem),
        }
    }
    for text in &generator.literals {
        match literal(text) {
            Some(datum) => data.push(datum),
            None => build.refuse(kus::build_failed::because(text.span, "a literal is written `key=value`")),
        }
    }
    for text in &generator.files {
        let (key, path) = match key_and_path(text) {
            Ok(it) => it,
            Err(reason) => {
                build.refuse(kus::build_failed::because(text.span, reason));
                continue;
            }
        };
        let path = Spanned { value: path.into(), span: text.span };
        let Some(file) = build.open(kustomization, &path) else { continue };
        let key = Spanned { value: key.into(), span: text.span };
        data.push(Datum { key, value: file.bytes().into(), span: file.start(), directive: text.span });
    }
    for datum in &data {
        if !is_config_map_key(&datum.key.value) {
            build.refuse(kus::build_failed::bad_key(datum.key.span, &datum.key.value));
        }
    }
    report_duplicates(build, &data);
    (build.diagnostics.len() == before).then_some(data)
}

fn report_duplicates(build: &mut Build<'_>, data: &[Datum]) {
    let mut sorted: Vec<&Datum> = data.iter().collect();
    sorted.sort_by(|a, b| a.key.value.cmp(&b.key.value));
    for pair in sorted.windows(2) {
        if pair[0].key.value == pair[1].key.value {
            let reason = format!("the key `{}` is generated twice", pair[1].key.value);
            let found = kus::build_failed::because(pair[1].key.span, reason);
            build.refuse(found.label(pair[0].key.span, "the first time"));
        }
    }
}

/// `key=value`; a pair of quotes around the value is taken off.
fn literal(text: &Text) -> Option<Datum> {
    let (key, value) = text.value.split_once('=').filter(|(key, _)| !key.is_empty())?;
    let quotes = |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    let value = if quotes('"') || quotes('\'') { &value[1..value.len() - 1] } else { value };
    Some(Datum {
        key: Spanned { value: key.into(), span: text.span },
        value: value.as_bytes().into(),
        span: text.span,
        directive: text.span,
    })
}

/// `path` or `key=path`; without a key it is the file's name.
fn key_and_path(text: &Text) -> Result<(&str, &str), &'static str> {
    match text.value.split_once('=') {
        None => Ok((text.value.rsplit('/').next().unwrap_or_default(), &text.value)),
        Some(("", _)) => Err("the key before the path is missing"),
        Some((_, "")) => Err("the path behind the key is missing"),
        Some((_, path)) if path.contains('=') => Err("neither key nor path may contain `=`"),
        Some((key, path)) => Ok((key, path)),
    }
}

/// What the API server accepts as a key of a ConfigMap or Secret.
fn is_config_map_key(key: &str) -> bool {
    let letters = key.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.'));
    (1..=253).contains(&key.len()) && letters && key != "." && !key.starts_with("..")
}
