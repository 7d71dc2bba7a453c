//! Types out of an OpenAPI document of the user (`openapi:` of a kustomization).

use std::collections::HashMap;

use crate::kube::merge_keys::{self, Field, ListKind};
use crate::node::{Node, Scalar};
use crate::resource::Gvk;

/// How many references may lead from one to the next.
const MAX_REFERENCES: usize = 32;

/// An OpenAPI document.
#[derive(Clone, Debug)]
pub struct Schema {
    document: Node,
    /// The definitions of objects, by apiVersion and kind.
    roots: HashMap<(String, String), Node>,
}

/// A definition in an OpenAPI document.
#[derive(Clone, Copy, Debug)]
pub struct Type<'s> {
    schema: &'s Schema,
    definition: &'s Node,
}

/// Merge keys as the document has them.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'s>(&'s [Node]);

impl<'s> Keys<'s> {
    /// The keys in order.
    pub fn list(self) -> Vec<&'s str> {
        self.0.iter().filter_map(Node::as_str).collect()
    }
}

impl PartialEq for Keys<'_> {
    fn eq(&self, other: &Keys<'_>) -> bool {
        self.list() == other.list()
    }
}

impl Eq for Keys<'_> {}

impl Schema {
    /// Looks for definitions of objects in a document; what is no such definition is passed over.
    pub fn new(document: Node) -> Schema {
        let mut roots = HashMap::new();
        let definitions = document.get("definitions").and_then(Node::as_map);
        for entry in definitions.iter().flat_map(|it| it.entries()) {
            let kinds = entry.node.get("x-kubernetes-group-version-kind").and_then(Node::as_seq);
            for kind in kinds.unwrap_or_default() {
                let text = |key: &str| {
                    kind.get(key)
                        .and_then(Node::as_scalar)
                        .map(|it: &Scalar| it.text.clone())
                        .unwrap_or_default()
                };
                let gvk = Gvk { group: text("group"), version: text("version"), kind: text("kind") };
                roots.insert((gvk.api_version(), gvk.kind.to_string()), entry.node.clone());
            }
        }
        Schema { document, roots }
    }

    /// The type of the objects of a kind.
    pub fn root(&self, gvk: &Gvk) -> Option<Type<'_>> {
        let definition = self.roots.get(&(gvk.api_version(), gvk.kind.to_string()))?;
        Some(Type { schema: self, definition })
    }

    /// Follows `$ref` until there is none.
    fn resolve<'s>(&'s self, mut definition: &'s Node) -> Option<&'s Node> {
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = definition.get("$ref").and_then(Node::as_str) else {
                return Some(definition);
            };
            definition = self.document.at(reference.strip_prefix('#')?)?;
        }
        None
    }
}

impl<'s> Type<'s> {
    /// What is known about the field `name`.
    pub fn field(self, name: &str) -> Field<'s> {
        self.find(name).unwrap_or_default()
    }

    fn find(self, name: &str) -> Option<Field<'s>> {
        let schema = self.schema;
        let definition = schema.resolve(self.definition)?;
        let property = match definition.get("properties").and_then(|it| it.get(name)) {
            Some(property) => property,
            None => definition.get("additionalProperties")?,
        };
        let list = list_kind(property);
        let property = schema.resolve(property)?;
        let value = property.get("items").unwrap_or(property);
        let child = match schema.resolve(value) {
            Some(definition) => merge_keys::Type::Custom(Type { schema, definition }),
            // A reference that leads out of the document leads to Kubernetes.
            None => {
                let reference = value.get("$ref").and_then(Node::as_str)?;
                merge_keys::Type::BuiltIn(merge_keys::defined(reference.strip_prefix("#/definitions/")?)?)
            }
        };
        Some(Field { child: Some(child), list })
    }
}

/// How a patch treats a list. Only the strategy makes the keys count.
fn list_kind(property: &Node) -> ListKind<'_> {
    let strategy = property.get("x-kubernetes-patch-strategy").and_then(Node::as_str);
    if !strategy.is_some_and(|it| it.contains("merge")) {
        return ListKind::Atomic;
    }
    let keys = property
        .get("x-kubernetes-list-map-keys")
        .and_then(Node::as_seq)
        .or_else(|| property.get("x-kubernetes-patch-merge-key").map(std::slice::from_ref));
    match keys {
        Some(keys) => ListKind::Keyed(merge_keys::Keys::Custom(Keys(keys))),
        None => ListKind::Set,
    }
}
