//! YML003: text without quotes that some readers of YAML take for something else.

use crate::diagnostic::Diagnostic;
use crate::kube::views::{At, containers, pod_spec, pod_template};
use crate::node::ScalarKind;
use crate::origin::Step;
use crate::resource::Resource;
use crate::rules::{Spot, mend, rule};
use crate::source::Span;
use crate::yaml::resolve::{is_base_60, resolve, resolve_yaml11};

rule! {
    /// ## What it finds
    /// `yes`, `no`, `on`, `off`, `y`, `n` and numbers with colons (`12:30`), written without quotes where
    /// text is wanted: as a label, an annotation, a variable, an argument, or as a key or a value of a
    /// ConfigMap. Also the words where `true` or `false` is wanted.
    ///
    /// ## Why it matters
    /// kustomize reads text. kubectl, which reads YAML 1.1, makes a boolean of the words, and the API
    /// server refuses it; other tools make a number of `12:30`.
    ///
    /// ## How to fix it
    /// Put it in quotes, or write `true` or `false` if that is what is wanted.
    YML003 "ambiguous-scalar" Warning File fix
}

/// Looks at the places of an object where text is wanted.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    let root = At::root(resource);
    let template = pod_template(resource).filter(|it| !it.is_root());
    for object in [Some(root.clone()), template].into_iter().flatten() {
        object.path(&["metadata", "labels"]).into_iter().for_each(|it| labels(&it, found));
        object.path(&["metadata", "annotations"]).into_iter().for_each(|it| map(&it, found));
    }
    if let ("", "ConfigMap" | "Secret") = (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        ["data", "stringData"].iter().filter_map(|it| root.get(it)).for_each(|it| map(&it, found));
    }
    let Some(pod) = pod_spec(resource) else { return };
    pod.get("nodeSelector").into_iter().for_each(|it| labels(&it, found));
    let selector = root.path(&["spec", "selector", "matchLabels"]);
    selector.into_iter().for_each(|it| labels(&it, found));
    for container in containers(&pod) {
        let values = container.list("env").filter_map(|it| it.get("value"));
        let arguments = container.list("args").chain(container.list("command"));
        found.extend(values.chain(arguments).filter_map(|it| value(&it)));
    }
}

/// The value of a label cannot have a colon, whatever it is taken for: that is SCH005's to report.
fn labels(labels: &At<'_>, found: &mut Vec<Diagnostic>) {
    let mut ambiguous = vec![];
    map(labels, &mut ambiguous);
    let has_colon = |it: &Diagnostic| {
        let node = it.pointer.as_ref().and_then(|it| labels.resource.node.at(it));
        node.and_then(|it| it.as_str()).is_some_and(|it| it.contains(':'))
    };
    found.extend(ambiguous.into_iter().filter(|it| !has_colon(it)));
}

/// The finding about a word in the place of a boolean. kubectl takes it for one, so the API server
/// gets what it wants.
pub(crate) fn in_place_of_boolean(spot: &Spot<'_>) -> Option<Diagnostic> {
    let scalar = spot.node().as_scalar()?;
    let is_word = scalar.kind == ScalarKind::Str && resolve_yaml11(&scalar.text) == ScalarKind::Bool;
    if scalar.quoted || !is_word || !is_as_written(spot.node().origin.span, &scalar.text) {
        return None;
    }
    let is_true = matches!(scalar.text.to_ascii_lowercase().as_str(), "yes" | "y" | "on");
    let message =
        format!("some tools take {} for text, but `{}` wants a boolean", spot.shown(), spot.field());
    let fix = mend::another_word(spot, if is_true { "true" } else { "false" });
    Some(spot.find(&RULE, message).help(format!("write `{is_true}`")).fix(fix))
}

fn map(map: &At<'_>, found: &mut Vec<Diagnostic>) {
    let Some(entries) = map.node.as_map() else { return };
    for entry in entries.entries() {
        let (key, kind) = (&*entry.key, entry.key_kind);
        let is_made = entry.node.origin.trail.is_some();
        if kind == ScalarKind::Str && !is_made && is_as_written(entry.key_span, key) && is_ambiguous(key) {
            let message = format!("some tools do not take the key `{key}` for text");
            let help = format!("put it in quotes: `\"{key}\"`");
            let fix = map.with_spot(|it| mend::quotes_around_key(it, key));
            found.push(map.find_key(&RULE, key, message).help(help).fix(fix));
        }
    }
    found.extend(map.members().filter_map(|(_, it)| value(&it)));
}

fn value(at: &At<'_>) -> Option<Diagnostic> {
    let scalar = at.node.as_scalar()?;
    let origin = &at.node.origin;
    let is_text_of_yaml =
        origin.steps().all(|it| matches!(it.step, Step::Alias | Step::MergeKey | Step::Patch));
    let is_written = scalar.kind == ScalarKind::Str && is_as_written(origin.span, &scalar.text);
    if scalar.quoted || !is_text_of_yaml || !is_written || !is_ambiguous(&scalar.text) {
        return None;
    }
    // A word such as these is no secret, but a number with colons may be one.
    let found = at.find(&RULE, format!("some tools do not take {} for text", at.shown()));
    Some(found.help("put it in quotes").fix(at.with_spot(mend::quotes)))
}

/// Whether the span is as long as the text, so that there are no quotes around it.
fn is_as_written(span: Span, text: &str) -> bool {
    span.end.saturating_sub(span.start) as usize == text.len()
}

/// Whether YAML 1.1 has another meaning for what is text to kustomize.
fn is_ambiguous(text: &str) -> bool {
    resolve(text) == ScalarKind::Str && (resolve_yaml11(text) == ScalarKind::Bool || is_base_60(text))
}
