//! Objects that are there, although they are not in the repository: `[[assume]]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use gitops_render::node::pointer_parts;
use gitops_render::rules;
use gitops_render::{
    Diagnostic, Entry, Gvk, Map, Node, Origin, Rendered, RepoPath, Resource, ScalarKind, Sources, Span,
};

use crate::options::ignore::Place;

/// The kind that defines kinds.
const DEFINITION: &str = "CustomResourceDefinition";

/// An object that is elsewhere.
#[derive(Clone, Debug)]
pub struct Assumed {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name; `None` if only the kind is known.
    pub name: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Where that is said.
    pub place: Place,
}

/// The objects that policies see beside those of the repository. Each stands where it is assumed.
pub fn resources(all: &[Assumed], sources: &Sources<'_>) -> Vec<Resource> {
    let named = all.iter().filter(|it| it.name.is_some());
    named.filter_map(|it| it.resource(it.place.span(sources)?)).collect()
}

/// Whether a finding is only there because something is elsewhere.
pub fn explains(all: &[Assumed], found: &Diagnostic, root: &RepoPath, rendered: &[Rendered]) -> bool {
    if all.is_empty() {
        return false;
    }
    let code = found.rule.code;
    code == rules::kus::subject_stale::RULE.code
        && subject(found, root, rendered).is_some_and(|it| has_account(all, it))
}

/// Whether a kind is known: an object of it is assumed, or a definition whose name fits.
pub fn knows(all: &[Assumed], gvk: &Gvk) -> bool {
    all.iter().any(|it| it.gvk == *gvk || it.defines(gvk))
}

/// The subject that a finding about a binding points at.
fn subject<'a>(found: &Diagnostic, root: &RepoPath, rendered: &'a [Rendered]) -> Option<&'a Node> {
    let name = found.object.as_ref()?;
    // They are in order of path.
    let index = rendered.binary_search_by(|it| it.root.cmp(root)).ok()?;
    let binding = rendered[index].resources.iter().find(|it| it.object_name() == *name)?;
    let parts: Vec<String> = pointer_parts(found.pointer.as_deref()?).collect();
    let index: usize = parts.get(1)?.parse().ok()?;
    binding.node.get("subjects")?.as_seq()?.get(index)
}

fn has_account(all: &[Assumed], subject: &Node) -> bool {
    let text = |key: &str| subject.get(key).and_then(Node::as_str);
    all.iter().any(|it| {
        &*it.gvk.kind == "ServiceAccount"
            && it.namespace.as_deref() == text("namespace")
            && it.name.as_deref() == text("name")
    })
}

impl Assumed {
    /// Whether this is the definition of a kind. Its name is the plural, a dot and the group.
    fn defines(&self, gvk: &Gvk) -> bool {
        let Some((plural, group)) = self.name.as_deref().and_then(|it| it.split_once('.')) else {
            return false;
        };
        let singular = gvk.kind.to_lowercase();
        let stem = singular.strip_suffix('y').unwrap_or(&singular);
        let plurals =
            [format!("{singular}s"), format!("{singular}es"), format!("{stem}ies"), singular.clone()];
        &*self.gvk.kind == DEFINITION && group == &*gvk.group && plurals.iter().any(|it| it == plural)
    }

    fn resource(&self, at: Span) -> Option<Resource> {
        let text = |text: &str| Node::string(text, Origin::source(at));
        let mut metadata = map([("name", text(self.name.as_deref()?))], at);
        if let Some(namespace) = &self.namespace {
            metadata.insert(entry("namespace", text(namespace), at));
        }
        if !self.labels.is_empty() {
            let labels = map(self.labels.iter().map(|(key, value)| (key.as_str(), text(value))), at);
            metadata.insert(entry("labels", Node::map(labels, Origin::source(at)), at));
        }
        let object = [
            ("apiVersion", text(&self.gvk.api_version())),
            ("kind", text(&self.gvk.kind)),
            ("metadata", Node::map(metadata, Origin::source(at))),
        ];
        Some(Resource::new(Node::map(map(object, at), Origin::source(at))))
    }
}

fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>, at: Span) -> Map {
    let mut map = Map::default();
    entries.into_iter().for_each(|(key, node)| map.insert(entry(key, node, at)));
    map
}

fn entry(key: &str, node: Node, at: Span) -> Entry {
    Entry { key: Arc::from(key), key_span: at, key_kind: ScalarKind::Str, node }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assumed(api_version: &str, kind: &str, name: Option<&str>) -> Assumed {
        let gvk = Gvk::new(api_version, kind);
        let name = name.map(str::to_owned);
        Assumed { gvk, namespace: None, name, labels: BTreeMap::new(), place: Place::default() }
    }

    #[test]
    fn a_kind_is_known_by_an_object_or_by_its_definition() {
        let all = [
            assumed("example.com/v1", "Widget", None),
            assumed("apiextensions.k8s.io/v1", DEFINITION, Some("policies.acme.io")),
            assumed("apiextensions.k8s.io/v1", DEFINITION, Some("ingresses.acme.io")),
        ];
        for (api_version, kind, is_known) in [
            ("example.com/v1", "Widget", true),
            ("example.com/v2", "Widget", false),
            ("acme.io/v1", "Policy", true),
            ("acme.io/v1beta1", "Ingress", true),
            ("acme.io/v1", "Gadget", false),
            ("other.io/v1", "Policy", false),
        ] {
            assert_eq!(knows(&all, &Gvk::new(api_version, kind)), is_known, "{api_version} {kind}");
        }
    }
}
