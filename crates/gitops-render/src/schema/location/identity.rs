//! For which kind a file of JSON Schema is: what it says itself, or else its name.

use super::template::kind_suffix;
use crate::node::{Node, Value, pointer_part};
use crate::resource::Gvk;
use crate::source::RepoPath;

const GROUP_VERSION_KIND: &str = "x-kubernetes-group-version-kind";

/// Where in a file the schema of a kind is, as a JSON pointer.
///
/// A document with definitions, as Kubernetes serves it, has the schemas of many kinds.
pub(super) fn pointer(path: &RepoPath, root: &Node, gvk: &Gvk) -> Option<String> {
    for (keys, prefix) in
        [(&["definitions"][..], "/definitions"), (&["components", "schemas"], "/components/schemas")]
    {
        let definitions = root.path(keys).and_then(Node::as_map).map_or(&[][..], |it| it.entries());
        if let Some(it) = definitions.iter().find(|it| named(&it.node).contains(gvk)) {
            return Some(format!("{prefix}/{}", pointer_part(&it.key)));
        }
    }
    is_for(path, root, gvk).then(String::new)
}

/// The kinds that a file names itself.
pub(super) fn all(root: &Node) -> Vec<Gvk> {
    let definitions = [&["definitions"][..], &["components", "schemas"]].into_iter();
    let definitions = definitions.filter_map(|it| root.path(it)?.as_map()).flat_map(|it| it.entries());
    let mut found: Vec<Gvk> = definitions.map(|it| &it.node).chain([root]).flat_map(named).collect();
    if found.is_empty() {
        let only = |field: &str| only_value(root.path(&["properties", field])?);
        found.extend(
            only("kind").zip(only("apiVersion")).map(|(kind, api_version)| Gvk::new(api_version, kind)),
        );
    }
    found
}

/// Whether a schema is for a kind.
fn is_for(path: &RepoPath, root: &Node, gvk: &Gvk) -> bool {
    let named = named(root);
    if !named.is_empty() {
        return named.contains(gvk);
    }
    let only = |field: &str| only_value(root.path(&["properties", field])?);
    match (only("kind"), only("apiVersion")) {
        (Some(kind), Some(api_version)) => *kind == *gvk.kind && *api_version == gvk.api_version(),
        (Some(kind), None) => *kind == *gvk.kind,
        _ => is_named_for(path, gvk),
    }
}

/// The kinds that a schema names.
fn named(schema: &Node) -> Vec<Gvk> {
    let Some(named) = schema.get(GROUP_VERSION_KIND) else { return vec![] };
    let one = |it: &Node| {
        let text = |key: &str| it.get(key).and_then(Node::as_str).unwrap_or_default().into();
        Gvk { group: text("group"), version: text("version"), kind: text("kind") }
    };
    match &named.value {
        Value::Seq(items) => items.iter().map(one).collect(),
        _ => vec![one(named)],
    }
}

/// The value that a schema allows, if it is one.
fn only_value(schema: &Node) -> Option<&str> {
    let listed = schema.get("enum").and_then(Node::as_seq);
    let [one] = listed.or_else(|| schema.get("const").map(std::slice::from_ref))? else { return None };
    one.as_str()
}

/// Whether a file is called after a kind, in one of the usual ways.
pub(super) fn is_named_for(path: &RepoPath, gvk: &Gvk) -> bool {
    let name = path.file_name().to_lowercase();
    let stem = name.rsplit_once('.').map_or(&*name, |it| it.0);
    let (group, version, kind) =
        (gvk.group.to_lowercase(), gvk.version.to_lowercase(), gvk.kind.to_lowercase());
    let Some(rest) = stem.strip_prefix(&kind) else { return false };
    rest.is_empty()
        || rest == kind_suffix(gvk)
        || rest == format!("_{version}")
        || rest == format!("-{version}")
        || rest == format!("-{group}-{version}")
        || rest == format!("_{group}_{version}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryTree;
    use crate::sources::Sources;

    #[test]
    fn a_file_is_for_the_kind_that_it_names_or_is_called_after() {
        let widget = Gvk::new("example.com/v1", "Widget");
        for (name, text, expected) in [
            ("widget.json", "{}", Some("")),
            ("widget_v1.json", "{}", Some("")),
            ("widget-example-v1.yaml", "{}", Some("")),
            ("Widget-example.com-v1.json", "{}", Some("")),
            ("widget_v2.json", "{}", None),
            ("widgets.json", "{}", None),
            ("a.json", "{properties: {kind: {enum: [Widget]}}}", Some("")),
            ("a.json", "{properties: {kind: {const: Widget}, apiVersion: {const: example.com/v2}}}", None),
            (
                "widget.json",
                "{x-kubernetes-group-version-kind: [{group: a, version: v1, kind: Widget}]}",
                None,
            ),
            (
                "all.json",
                "{definitions: {a/b: {x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Widget}]}}}",
                Some("/definitions/a~1b"),
            ),
        ] {
            let mut tree = MemoryTree::new();
            tree.insert(name, text);
            let sources = Sources::new(&tree);
            let path = RepoPath::root().join(name).unwrap();
            let root = sources.open(&path).unwrap().yaml().documents[0].clone();
            assert_eq!(pointer(&path, &root, &widget).as_deref(), expected, "{name} {text}");
        }
    }
}
