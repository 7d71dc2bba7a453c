//! What stands around an object: the other objects of its root, and their namespaces.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::node::{Entry, Map, Node, ScalarKind};
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
    /// The labels of the namespaces here.
    namespaces: HashMap<&'a str, Map>,
    /// Those of all roots.
    elsewhere: &'a HashMap<Arc<str>, Map>,
    inventory: OnceLock<regorus::Value>,
    /// Engines that know the inventory, by the number of the template.
    pools: Vec<OnceLock<Pool>>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        resources: &'a [Resource],
        elsewhere: &'a HashMap<Arc<str>, Map>,
        templates: usize,
    ) -> World<'a> {
        let namespace = Gvk::new("v1", "Namespace");
        let namespaces = resources.iter().filter(|it| it.id.gvk == namespace);
        World {
            resources,
            kinds: resources.iter().map(|it| &*it.id.gvk.kind).collect(),
            namespaces: namespaces.map(|it| (&*it.id.name, labels_of(it))).collect(),
            elsewhere,
            inventory: OnceLock::new(),
            pools: (0..templates).map(|_| OnceLock::new()).collect(),
        }
    }

    /// What is known about a namespace: here, or else anywhere.
    pub(super) fn namespace(&self, name: &str) -> NamespaceOf<'_> {
        let known = self.namespaces.get(name).or_else(|| self.elsewhere.get(name));
        known.map_or(NamespaceOf::Unknown, NamespaceOf::Known)
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

/// The labels of a namespace, with the one that the API server sets.
pub(super) fn labels_of(namespace: &Resource) -> Map {
    let mut labels = namespace.labels().cloned().unwrap_or_default();
    let at = namespace.place();
    labels.insert(Entry {
        key: NAMESPACE_NAME.into(),
        key_span: at,
        key_kind: ScalarKind::Str,
        node: Node::string(Arc::clone(&namespace.id.name), Origin::source(at)),
    });
    labels
}
