//! SCH005: a label or an annotation that Kubernetes refuses.

use crate::diagnostic::Diagnostic;
use crate::kube::names;
use crate::kube::native::is_native;
use crate::kube::views::{At, is_filled_in_later, pod_template};
use crate::node::Value;
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A key of a label or an annotation that is no qualified name (`name` or `example.org/name`, the
    /// name at most 63 characters), a value of a label that has more than 63 characters or others than
    /// letters, digits, `-`, `_` and `.`, and the same in selectors and templates. Also annotations that
    /// have more than 256 KiB together.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and a selector with such a value selects nothing.
    ///
    /// ## How to fix it
    /// Shorten or respell it. Text that is for people belongs in an annotation, whose value is free.
    SCH005 "invalid-label" Error Object
}

/// How long all annotations of an object may be together, in bytes.
const ANNOTATIONS: usize = 256 * 1024;

/// Looks at labels, annotations and selectors of an object.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    let root = At::root(resource);
    metadata(&root, found);
    if !is_native(&resource.id.gvk) || &*resource.id.gvk.kind == "CustomResourceDefinition" {
        return;
    }
    if let Some(template) = pod_template(resource).filter(|it| !it.is_root()) {
        metadata(&template, found);
    }
    if let Some(template) = root.path(&["spec", "jobTemplate"]) {
        metadata(&template, found);
    }
    root.path(&["spec"]).into_iter().for_each(|it| selectors(&it, found));
}

fn metadata(object: &At<'_>, found: &mut Vec<Diagnostic>) {
    object.path(&["metadata", "labels"]).into_iter().for_each(|it| labels(&it, found));
    let Some(annotations) = object.path(&["metadata", "annotations"]) else { return };
    let mut size = 0;
    for (key, value) in annotations.members() {
        size += key.len() + value.text().map_or(0, str::len);
        // The API server looks at the key in lower case.
        found.extend(wrong_key(&annotations, "annotation", key, &key.to_ascii_lowercase()));
    }
    if size > ANNOTATIONS {
        let message = format!("the annotations have {size} bytes, and at most {ANNOTATIONS} are allowed");
        found.push(annotations.find(&RULE, message).help("keep the text in a ConfigMap"));
    }
}

fn labels(map: &At<'_>, found: &mut Vec<Diagnostic>) {
    for (key, value) in map.members() {
        found.extend(wrong_key(map, "label", key, key));
        let text = value.text().filter(|it| !is_filled_in_later(it));
        let wrong = text.and_then(names::label_value);
        found.extend(wrong.map(|wrong| {
            let message = format!("the value {} of the label `{key}` {wrong}", value.named());
            value.find(&RULE, message).help("use at most 63 letters, digits, `-`, `_` and `.`")
        }));
    }
}

fn wrong_key(map: &At<'_>, what: &str, key: &str, checked: &str) -> Option<Diagnostic> {
    let wrong = names::qualified_name(checked).filter(|_| !is_filled_in_later(key))?;
    let help = "write `name` or `example.org/name`, the name with letters, digits, `-`, `_` and `.`";
    Some(map.find_key(&RULE, key, format!("the {what} {key:?} {wrong}")).help(help))
}

/// The selectors in a part of an object. The depth of an object is limited by the parser.
fn selectors(at: &At<'_>, found: &mut Vec<Diagnostic>) {
    match &at.node.value {
        Value::Scalar(_) => {}
        Value::Seq(_) => at.items().for_each(|it| selectors(&it, found)),
        Value::Map(_) => {
            for (key, member) in at.members() {
                match key {
                    // Nothing in a container selects by labels.
                    "containers" | "initContainers" => {}
                    // What a metric is selected by is up to who serves the metrics.
                    "metrics" => {}
                    "matchLabels" | "nodeSelector" => labels(&member, found),
                    "matchExpressions" => found.extend(member.items().filter_map(|it| expression(&it))),
                    "selector" if is_plain(&member) => labels(&member, found),
                    _ => selectors(&member, found),
                }
            }
        }
    }
}

/// Whether this is the selector of a Service: labels, and nothing around them.
fn is_plain(selector: &At<'_>) -> bool {
    selector.node.as_map().is_some_and(|it| it.entries().iter().all(|it| it.node.as_scalar().is_some()))
}

fn expression(at: &At<'_>) -> Option<Diagnostic> {
    let key = at.get("key")?;
    let text = key.text().filter(|it| !is_filled_in_later(it))?;
    let wrong = names::qualified_name(text)?;
    Some(key.find(&RULE, format!("the label {} {wrong}", key.named())))
}
