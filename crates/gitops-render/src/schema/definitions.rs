//! CustomResourceDefinitions: the kinds that a repository defines itself.

use std::sync::OnceLock;

use super::bundle::{Bundle, Version};
use super::convert;
use super::json::to_json;
use super::kind::Kind;
use crate::cel::rules::{self, Level};
use crate::node::Node;
use crate::resource::{Gvk, Resource};
use crate::source::Span;

/// What one CustomResourceDefinition says about one version of its kind.
pub(super) struct Definition {
    pub gvk: Gvk,
    /// Where the definition stands.
    pub place: Span,
    /// As it was written; `None` if the definition has no schema, so that anything goes.
    schema: Option<Node>,
    keeps_unknown: bool,
    /// Whether the version is deprecated, and what there is to say about it.
    pub deprecated: Option<Option<String>>,
    compiled: OnceLock<Kind>,
    rules: OnceLock<Option<Level>>,
}

impl Definition {
    /// The schema, converted and compiled on first use; `None` if anything goes.
    ///
    /// Most definitions of a repository are never asked for anything.
    pub(super) fn kind(&self, bundle: &Bundle, version: Version) -> Option<&Kind> {
        let schema = self.schema.as_ref()?;
        let compile = || Kind::custom(bundle, version, convert::custom(to_json(schema), self.keeps_unknown));
        Some(self.compiled.get_or_init(compile))
    }

    /// The rules in the schema, compiled on first use, and the schema.
    ///
    /// A rule with a mistake is left out: SCH012 tells about it.
    pub(super) fn rules(&self) -> Option<(&Level, &Node)> {
        let schema = self.schema.as_ref()?;
        let rules = self.rules.get_or_init(|| rules::compile(schema, &mut vec![]));
        Some((rules.as_ref()?, schema))
    }

    /// Whether another definition of the kind says the same.
    pub(super) fn says_the_same(&self, other: &Definition) -> bool {
        let same_schema = match (&self.schema, &other.schema) {
            (Some(a), Some(b)) => a.has_same_value(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.keeps_unknown == other.keeps_unknown && same_schema
    }
}

/// Whether an object is a CustomResourceDefinition.
pub(super) fn is_definition(resource: &Resource) -> bool {
    let gvk = &resource.id.gvk;
    &*gvk.kind == "CustomResourceDefinition" && &*gvk.group == "apiextensions.k8s.io"
}

/// What a CustomResourceDefinition says about each version that it serves.
///
/// Reads `v1`, and as much of `v1beta1` as old repositories need. What is not there or not as it
/// should be is left out.
pub(super) fn definitions(resource: &Resource) -> Vec<Definition> {
    let Some(spec) = resource.node.get("spec") else { return vec![] };
    let (Some(group), Some(kind)) = (text(spec, &["group"]), text(spec, &["names", "kind"])) else {
        return vec![];
    };
    let is_v1 = &*resource.id.gvk.version == "v1";
    let keeps_unknown = flag(spec, "preserveUnknownFields").unwrap_or(!is_v1);
    let define = |version: &str, schema: Option<&Node>| Definition {
        gvk: Gvk { group: group.into(), version: version.into(), kind: kind.into() },
        place: resource.place(),
        schema: schema.cloned(),
        keeps_unknown,
        deprecated: None,
        compiled: OnceLock::new(),
        rules: OnceLock::new(),
    };
    let common = spec.path(&["validation", "openAPIV3Schema"]);
    let versions = spec.get("versions").and_then(Node::as_seq).unwrap_or_default();
    let served = versions.iter().filter(|it| flag(it, "served").unwrap_or(true));
    let mut found: Vec<Definition> = served
        .filter_map(|it| {
            let schema = it.path(&["schema", "openAPIV3Schema"]).or(common);
            Some(Definition { deprecated: deprecation(it), ..define(text(it, &["name"])?, schema) })
        })
        .collect();
    if versions.is_empty() {
        found.extend(text(spec, &["version"]).map(|it| define(it, common)));
    }
    found
}

/// Whether a version of a definition is deprecated, and what there is to say about it.
fn deprecation(version: &Node) -> Option<Option<String>> {
    let is_deprecated = flag(version, "deprecated") == Some(true);
    is_deprecated.then(|| text(version, &["deprecationWarning"]).map(str::to_owned))
}

fn text<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n str> {
    node.path(keys)?.as_str()
}

fn flag(node: &Node, key: &str) -> Option<bool> {
    node.get(key)?.as_scalar()?.bool()
}
