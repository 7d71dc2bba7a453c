//! KUS017: a replacement or a variable without its source, or without its target.

use crate::diagnostic::{Diagnostic, Severity};
use crate::origin::Origin;
use crate::resource::{Resource, ResourceId};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// An entry of `replacements` or `vars` whose object or field is not there: the source to take the
    /// value from, or the field of a target to write it to.
    ///
    /// ## Why it matters
    /// `kustomize build` stops. Only a target that selects no object at all is passed over without a
    /// word, and the value never gets to where it is wanted: that is a warning.
    ///
    /// ## How to fix it
    /// Compare kind, name and path with the object. Set `options.create: true` on a target whose field
    /// is not there yet.
    KUS017 "replacement-unresolved" Error Repo
}

/// Why a path leads nowhere.
#[derive(Debug)]
pub(crate) struct NoField {
    /// In words.
    pub reason: String,
    /// The value in the way.
    pub at: Option<Origin>,
}

/// No object is the source.
pub(crate) fn no_source(at: Span, wanted: &ResourceId, nearest: Option<&Resource>) -> Diagnostic {
    let found = RULE.at(at, format!("there is no {} to take the value from", describe(wanted)));
    match nearest {
        Some(it) => found.label(it.place(), "the closest one").help(format!("did you mean {}?", it.id)),
        None => found,
    }
}

/// Several objects could be the source.
pub(crate) fn several_sources(
    at: Span,
    wanted: &ResourceId,
    first: &Resource,
    second: &Resource,
) -> Diagnostic {
    RULE.at(at, format!("more than one {} is there", describe(wanted)))
        .label(first.place(), "this one")
        .label(second.place(), "and this one")
        .help("say more of the one that is meant: `kind`, `name`, `namespace`")
}

/// The source has no such field, or nothing in it.
pub(crate) fn no_source_field(
    at: Span,
    path: &str,
    source: &Resource,
    nearest: Option<(String, Span)>,
) -> Diagnostic {
    let found =
        RULE.at(at, format!("{} has no value at `{path}`", source.id)).label(source.place(), "the source");
    suggest(found, nearest)
}

/// A target has no such field.
pub(crate) fn no_target_field(
    at: Span,
    path: &str,
    target: &Resource,
    nearest: Option<(String, Span)>,
) -> Diagnostic {
    let found =
        RULE.at(at, format!("{} has no field `{path}`", target.id)).label(target.place(), "the target");
    match nearest {
        None => found.help("set `options.create: true` to have the field created"),
        nearest => suggest(found, nearest),
    }
}

/// A path that cannot be followed in an object, or a field that cannot hold the value.
pub(crate) fn no_way(at: Span, path: &str, object: &Resource, error: &NoField) -> Diagnostic {
    let found = RULE.at(at, format!("`{path}` in {}: {}", object.id, error.reason));
    match &error.at {
        Some(origin) => found.label(origin.span, "in the way").story(origin),
        None => found.label(object.place(), "the object"),
    }
}

/// A target selects no object: kustomize goes on without a word.
pub(crate) fn no_target(at: Span, wanted: &ResourceId, nearest: Option<&Resource>) -> Diagnostic {
    let mut found = RULE.at(at, format!("the value goes nowhere: there is no {}", describe(wanted)));
    found.severity = Severity::Warning;
    match nearest {
        Some(it) => found.label(it.place(), "the closest one").help(format!("did you mean {}?", it.id)),
        None => found.help("remove the target, or correct `select`"),
    }
}

fn suggest(found: Diagnostic, nearest: Option<(String, Span)>) -> Diagnostic {
    match nearest {
        Some((name, span)) => found.label(span, "the closest one").help(format!("did you mean `{name}`?")),
        None => found,
    }
}

/// What is asked for, in words.
fn describe(wanted: &ResourceId) -> String {
    let mut out = if wanted.gvk.kind.is_empty() { "object".to_owned() } else { wanted.gvk.kind.to_string() };
    if !wanted.name.is_empty() {
        out.push_str(&format!(" `{}`", wanted.name));
    }
    if !wanted.namespace.is_empty() {
        out.push_str(&format!(" in `{}`", wanted.namespace));
    }
    let (group, version) = (&wanted.gvk.group, &wanted.gvk.version);
    match (group.is_empty(), version.is_empty()) {
        (true, true) => {}
        (false, true) => out.push_str(&format!(" of group `{group}`")),
        (true, false) => out.push_str(&format!(" of version `{version}`")),
        (false, false) => out.push_str(&format!(" of `{group}/{version}`")),
    }
    out
}
