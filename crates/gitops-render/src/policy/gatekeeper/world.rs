//! What stands around an object: the other objects of its root, and their namespaces.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::node::{Entry, Node, ScalarKind};
use crate::origin::Origin;
use crate::policy::evaluate::Pool;
use crate::policy::gatekeeper::matching::{NAMESPACE_NAME, NamespaceOf};
use crate::policy::gatekeeper::review;
use crate::policy::gatekeeper::template::RegoTemplate;
use crate::resource::{Gvk, Resource};

/// One root, as constraints that look further than one object see it. Made once, shared by threads.
#[derive(Debug)]
pub struct World<'a> {
    resources: &'a [Resource],
    kinds: HashSet<&'a str>,
    /// The namespaces here, with the label that the API server sets.
    namespaces: HashMap<&'a str, Node>,
    /// Those of all roots.
    elsewhere: &'a HashMap<Arc<str>, Node>,
    inventory: OnceLock<regorus::Value>,
    /// Engines that know the inventory, by the number of the template.
    pools: Vec<OnceLock<Pool>>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        resources: &'a [Resource],
        elsewhere: &'a HashMap<Arc<str>, Node>,
        templates: usize,
    ) -> World<'a> {
        let namespace = Gvk::new("v1", "Namespace");
        let namespaces = resources.iter().filter(|it| it.id.gvk == namespace);
        World {
            resources,
            kinds: resources.iter().map(|it| &*it.id.gvk.kind).collect(),
            namespaces: namespaces.map(|it| (&*it.id.name, labelled(it))).collect(),
            elsewhere,
            inventory: OnceLock::new(),
            pools: (0..templates).map(|_| OnceLock::new()).collect(),
        }
    }

    /// A namespace: the one here, or else one anywhere.
    pub(super) fn namespace(&self, name: &str) -> Option<&Node> {
        self.namespaces.get(name).or_else(|| self.elsewhere.get(name))
    }

    /// What is known about the labels of a namespace.
    pub(super) fn labels(&self, name: &str) -> NamespaceOf<'_> {
        let labels = self.namespace(name).and_then(|it| it.path(&["metadata", "labels"])?.as_map());
        labels.map_or(NamespaceOf::Unknown, NamespaceOf::Known)
    }

    /// Whether there is an object of this kind.
    pub(super) fn has_kind(&self, kind: &str) -> bool {
        self.kinds.contains(kind)
    }

    /// The engines to ask a template that looks at the inventory.
    pub(super) fn pool(&self, number: usize, template: &RegoTemplate) -> &Pool {
        let inventory = || self.inventory.get_or_init(|| review::inventory(self.resources)).clone();
        self.pools[number].get_or_init(|| template.evaluator.pool_with(inventory()))
    }
}

/// A Namespace with the label that the API server sets.
pub(super) fn labelled(namespace: &Resource) -> Node {
    let mut node = namespace.node.clone();
    let at = namespace.place();
    let entry =
        |key: &str, node: Node| Entry { key: key.into(), key_span: at, key_kind: ScalarKind::Str, node };
    let mut labels = namespace.labels().cloned().unwrap_or_default();
    let name = Node::string(Arc::clone(&namespace.id.name), Origin::source(at));
    labels.insert(entry(NAMESPACE_NAME, name));
    if let Some(metadata) = node.get_mut("metadata").and_then(Node::as_map_mut) {
        metadata.insert(entry("labels", Node::map(labels, Origin::source(at))));
    }
    node
}
