//! What constraints ask of schemas: to hold their parameters against a schema that stands beside them,
//! and whether a kind has a field.

use super::describe::{Depth, describe};
use super::explain;
use super::json::to_json;
use super::kind::Kind;
use super::{SchemaStore, convert};
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::resource::Resource;

/// A schema about a part of an object.
pub(crate) struct PartSchema {
    kind: Kind,
    strict: bool,
}

impl PartSchema {
    /// What the schema says about the part, as SCH001 and SCH002.
    pub(crate) fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        explain::findings(resource, &self.kind, self.strict)
    }
}

impl SchemaStore {
    /// Compiles a schema that stands in the repository and is about what is at the end of `keys` in an
    /// object, such as the parameters of a Gatekeeper constraint. It is written as those of
    /// CustomResourceDefinitions are; with `keeps_unknown` fields that it does not list are let through.
    pub(crate) fn part(&self, schema: &Node, keys: &[&str], keeps_unknown: bool) -> PartSchema {
        let whole = keys.iter().rev().fold(to_json(schema), |inner, key| {
            let inner = serde_json::Map::from_iter([((*key).to_owned(), inner)]);
            serde_json::json!({
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": true,
                "properties": inner,
            })
        });
        let native = self.newest();
        let kind = Kind::custom(native.bundle, native.version, convert::custom(whole, keeps_unknown));
        PartSchema { kind, strict: self.strict }
    }

    /// Whether objects of a kind of Kubernetes' own may have a field, in any of the kind's versions; `*`
    /// is an item, or a member with any name. `None` if the kind is not known.
    pub(crate) fn has_field(&self, group: &str, kind: &str, path: &[String]) -> Option<bool> {
        let native = self.newest();
        let path: Vec<String> = path.iter().filter(|it| *it != "*").cloned().collect();
        let kinds = native.bundle.kinds(native.version);
        let known = kinds
            .filter(|it| &*it.group == group && &*it.kind == kind)
            .filter_map(|it| self.native_kind(self.natives.len() - 1, it))
            .map(|it| describe(&it.document, kind, &path, Depth::One).is_ok());
        known.reduce(|a, b| a || b)
    }
}
