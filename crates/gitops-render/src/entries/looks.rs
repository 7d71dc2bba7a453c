//! What a document looks like, from its fields alone.

use crate::node::{Node, Value};
use crate::source::RepoPath;

/// Whether somebody may apply the document as it is: it says what it is, has metadata, and does
/// not belong to a tool that only borrows the form.
pub(super) fn is_object(document: &Node) -> bool {
    let is_list =
        || text(document, "kind").is_some_and(|it| it.ends_with("List")) && has(document, &["items"]);
    is_named(document)
        && (document.get("metadata").is_some_and(|it| it.as_map().is_some()) || is_list())
        && !is_borrowed(document)
}

/// Whether the document has `apiVersion` and `kind`, as text.
pub(super) fn is_named(document: &Node) -> bool {
    text(document, "apiVersion").is_some() && text(document, "kind").is_some()
}

/// Whether the document has one of `apiVersion` and `kind`, and the body of an object.
pub(super) fn is_half(document: &Node) -> bool {
    let is_lone = text(document, "apiVersion").is_some() != text(document, "kind").is_some();
    let has_body = |key: &str| document.get(key).is_some_and(|it| it.as_map().is_some());
    is_lone && has_body("metadata") && (has_body("spec") || document.path(&["metadata", "name"]).is_some())
}

/// Objects in form only: kustomize's own configuration, what is marked as local, and the
/// descriptions that other tools keep in repositories.
fn is_borrowed(document: &Node) -> bool {
    const LOCAL: [&str; 3] = ["metadata", "annotations", "config.kubernetes.io/local-config"];
    let api_version = text(document, "apiVersion").unwrap_or_default();
    let group = api_version.rsplit_once('/').map_or(api_version, |it| it.0);
    matches!(
        group,
        "builtin" | "kustomize.config.k8s.io" | "backstage.io" | "skaffold" | "config.kubernetes.io"
    ) || document.path(&LOCAL).and_then(Node::as_scalar).is_some_and(|it| &*it.text == "true")
}

/// Whether a path says that it is a patch, or configures kustomize.
pub(super) fn is_named_patch(path: &RepoPath) -> bool {
    has_word(path, &["patch", "patches", "overlay", "overlays", "kustomizeconfig"])
}

/// Whether a path says that it is a template.
pub(super) fn is_named_template(path: &RepoPath) -> bool {
    has_word(path, &["template", "templates", "tmpl", "tpl", "j2", "jinja", "jinja2"])
}

/// Whether a path says that it is what a test compares with.
pub(super) fn is_named_expectation(path: &RepoPath) -> bool {
    has_word(path, &["assert", "expected", "golden", "snapshot", "testdata"])
}

/// Whether the name of the file, or of the directory that it is in, has one of the words.
fn has_word(path: &RepoPath, words: &[&str]) -> bool {
    let names = path.as_str().rsplit('/').take(2);
    names.flat_map(|it| it.split(|it: char| !it.is_alphanumeric())).any(|it| words.contains(&it))
}

/// Whether an object looks like a patch: it has a patch's directives, or lacks what no object of
/// its kind can do without.
pub(super) fn is_patch(object: &Node) -> bool {
    has_directive(object) || is_incomplete(object)
}

fn has_directive(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Seq(items) => items.iter().any(has_directive),
        Value::Map(map) => map.entries().iter().any(|it| {
            matches!(&*it.key, "$patch" | "$retainKeys")
                || it.key.starts_with("$deleteFromPrimitiveList/")
                || it.key.starts_with("$setElementOrder/")
                || has_directive(&it.node)
        }),
    }
}

/// What every object of a kind has: of each group of paths at least one.
fn essentials(kind: &str) -> &'static [&'static [&'static [&'static str]]] {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            &[&[&["spec", "selector"]], &[&["spec", "template", "spec", "containers"]]]
        }
        "Job" => &[&[&["spec", "template", "spec", "containers"]]],
        "CronJob" => &[&[&["spec", "schedule"]], &[&["spec", "jobTemplate"]]],
        "Pod" => &[&[&["spec", "containers"]]],
        "Service" => &[&[&["spec", "ports"], &["spec", "externalName"]]],
        "Ingress" => &[&[&["spec", "rules"], &["spec", "defaultBackend"], &["spec", "backend"]]],
        "Role" | "ClusterRole" => &[&[&["rules"], &["aggregationRule"]]],
        "RoleBinding" | "ClusterRoleBinding" => &[&[&["roleRef"]]],
        "CustomResourceDefinition" => {
            &[&[&["spec", "names"]], &[&["spec", "versions"], &["spec", "version"]]]
        }
        "PersistentVolumeClaim" => &[&[&["spec", "accessModes"]]],
        "HorizontalPodAutoscaler" => &[&[&["spec", "scaleTargetRef"]]],
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => &[&[&["webhooks"]]],
        _ => &[],
    }
}

fn is_incomplete(object: &Node) -> bool {
    let kind = text(object, "kind").unwrap_or_default();
    let lacks_essentials = essentials(kind).iter().any(|either| !either.iter().any(|path| has(object, path)));
    // A container without an image is one that a patch adds to.
    const CONTAINERS: [&[&str]; 2] = [&["spec", "containers"], &["spec", "template", "spec", "containers"]];
    let containers = CONTAINERS.iter().filter_map(|it| object.path(it)?.as_seq()).flatten();
    lacks_essentials || containers.into_iter().any(|it| !has(it, &["image"]))
}

fn has(node: &Node, path: &[&str]) -> bool {
    node.path(path).is_some()
}

fn text<'a>(document: &'a Node, key: &str) -> Option<&'a str> {
    document.get(key)?.as_str().filter(|it| !it.is_empty())
}
