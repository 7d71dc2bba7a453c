//! SCH010: a selector that does not select the pods of its own template.

use crate::diagnostic::Diagnostic;
use crate::kube::views::{At, is_filled_in_later, pod_template};
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A workload whose `selector` asks for labels that the pods of its template do not have, or for
    /// none at all.
    ///
    /// ## Why it matters
    /// The API server refuses the object.
    ///
    /// ## How to fix it
    /// Give the template the labels of the selector. The selector of what runs already cannot be
    /// changed, so change it only for something new.
    SCH010 "selector-mismatch" Error Object
}

/// Compares the selector of a workload with the labels of its template.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    let Some(template) = pod_template(resource) else { return };
    let Some(spec) = At::root(resource).get("spec") else { return };
    let Some(selector) = spec.get("selector").filter(|it| it.node.as_map().is_some()) else { return };
    let labels = template.path(&["metadata", "labels"]);
    let wanted = match (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        ("", "ReplicationController") => Some(selector.clone()),
        // Kubernetes makes up the selector of a Job, and a label for it.
        ("batch", "Job") if !is_manual(&spec) => return,
        ("apps" | "batch", _) => {
            found.extend(is_empty(&selector).then(|| selects_all(&selector)));
            let expressions = selector.list("matchExpressions");
            found.extend(expressions.filter_map(|it| expression(&it, labels.as_ref())));
            selector.get("matchLabels")
        }
        _ => return,
    };
    let members = wanted.iter().flat_map(At::members);
    found.extend(members.filter_map(|(key, it)| label(key, &it, labels.as_ref(), &template)));
}

fn is_manual(spec: &At<'_>) -> bool {
    spec.node.get("manualSelector").and_then(|it| it.as_scalar()?.bool()) == Some(true)
}

fn is_empty(selector: &At<'_>) -> bool {
    let is_empty = |it: &Node| it.is_null() || it.as_map().is_some_and(|it| it.is_empty());
    selector.members().all(|(_, it)| is_empty(it.node) || it.node.as_seq().is_some_and(<[Node]>::is_empty))
}

fn selects_all(selector: &At<'_>) -> Diagnostic {
    selector.find(&RULE, "the selector is empty").help("let it select the labels of the template")
}

/// The finding about a label that the template does not have, or has with another value.
fn label(key: &str, wanted: &At<'_>, labels: Option<&At<'_>>, template: &At<'_>) -> Option<Diagnostic> {
    let text = wanted.text().filter(|it| !is_filled_in_later(it) && !is_filled_in_later(key))?;
    let Some(is) = labels.and_then(|it| it.get(key)) else {
        if labels.is_some_and(|it| it.members().any(|(key, _)| is_filled_in_later(key))) {
            return None;
        }
        let message = format!("the selector wants the label `{key}`, which the template does not have");
        let found = wanted.find(&RULE, message).help(format!("add `{key}: {text}` to the template's labels"));
        let place = labels.unwrap_or(template).node.origin.span.at_start();
        return Some(found.label(place, "the template is here"));
    };
    // What is no text is YML004's to report.
    let other = is.text().filter(|it| *it != text && !is_filled_in_later(it))?;
    let message = format!("the template has the label `{key}: {other}`, but the selector wants `{text}`");
    let found = is.find(&RULE, message).label(wanted.node.origin.span, "the selector is here");
    Some(found.help("make both the same"))
}

fn expression(at: &At<'_>, labels: Option<&At<'_>>) -> Option<Diagnostic> {
    let key = at.text_of("key").filter(|it| !is_filled_in_later(it))?;
    let value = labels.and_then(|it| it.node.get(key)).and_then(Node::as_str);
    if value.is_some_and(is_filled_in_later) {
        return None;
    }
    let listed = |value: &str| {
        at.list("values").any(|it| it.text().is_some_and(|it| it == value || is_filled_in_later(it)))
    };
    let holds = match at.text_of("operator")? {
        "In" => value.is_some_and(listed),
        "NotIn" => !value.is_some_and(listed),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => true,
    };
    (!holds).then(|| {
        let message = format!("the selector's condition on the label `{key}` does not hold for the template");
        at.get("key").unwrap_or_else(|| at.clone()).find(&RULE, message).help("change the template's labels")
    })
}
