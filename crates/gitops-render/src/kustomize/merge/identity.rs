//! What a patch must not change: who the object is.

use std::sync::Arc;

use crate::node::{Entry, Map, Node};

/// The entries by which an object is known, as they were before a patch.
#[derive(Clone, Debug)]
pub struct Identity {
    api_version: Option<Entry>,
    kind: Option<Entry>,
    name: Option<Entry>,
    namespace: Option<Entry>,
    /// The `metadata` that holds them, without its other entries.
    metadata: Option<Entry>,
}

/// What a patch may change all the same: `options` of an entry of `patches`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdentityOptions {
    /// `allowNameChange`.
    pub allow_name_change: bool,
    /// `allowKindChange`.
    pub allow_kind_change: bool,
}

impl Identity {
    /// Remembers who an object is.
    pub fn of(object: &Node) -> Identity {
        let entry = |node: Option<&Node>, key: &str| node?.as_map()?.entry(key).cloned();
        let metadata = object.get("metadata");
        Identity {
            api_version: entry(Some(object), "apiVersion"),
            kind: entry(Some(object), "kind"),
            name: entry(metadata, "name"),
            namespace: entry(metadata, "namespace"),
            metadata: entry(Some(object), "metadata"),
        }
    }

    /// Gives an object its apiVersion, kind, name and namespace back, origins and all.
    ///
    /// A namespace that it did not have before is taken away again.
    pub fn restore(&self, object: &mut Node, options: IdentityOptions) {
        let Some(map) = object.as_map_mut() else { return };
        if let Some(api_version) = &self.api_version {
            map.insert(api_version.clone());
        }
        if let (false, Some(kind)) = (options.allow_kind_change, &self.kind) {
            map.insert(kind.clone());
        }
        if map.get("metadata").is_none_or(|it| it.as_map().is_none()) {
            let Some(metadata) = &self.metadata else { return };
            let node = Node::map(Map::default(), metadata.node.origin.clone());
            map.insert(Entry { key: Arc::clone(&metadata.key), node, ..metadata.clone() });
        }
        let Some(metadata) = map.get_mut("metadata").and_then(Node::as_map_mut) else { return };
        if let (false, Some(name)) = (options.allow_name_change, &self.name) {
            metadata.insert(name.clone());
        }
        match &self.namespace {
            Some(namespace) => metadata.insert(namespace.clone()),
            None => {
                metadata.remove("namespace");
            }
        }
    }
}
