//! Names that the build has changed, in places where it did not follow them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kube::merge_keys::Types;
use crate::node::{Node, Value, pointer_part};
use crate::origin::Step;
use crate::resource::{Resource, ResourceId};
use crate::rules::kus::{self, namespace_collapsed::Moved};
use crate::source::Span;

/// Looks at all objects of a build together.
pub(crate) fn rendered(resources: &[Resource]) -> Vec<Diagnostic> {
    let mut found = collapsed_namespaces(resources);
    found.extend(stale_names(resources));
    found.extend(stale_subjects(resources));
    found
}

/// Names that nothing has any more.
#[derive(Default)]
struct Gone<'r> {
    /// ConfigMaps and Secrets with a hash, by the names they had without.
    generated: HashMap<Arc<str>, Vec<&'r Resource>>,
    /// Namespaces.
    namespaces: HashMap<Arc<str>, &'r Resource>,
}

impl<'r> Gone<'r> {
    fn of(resources: &'r [Resource]) -> Gone<'r> {
        let mut gone = Gone::default();
        let there: HashSet<(&str, &str)> =
            resources.iter().map(|it| (&*it.id.gvk.kind, &*it.id.name)).collect();
        for resource in resources {
            let old =
                resource.history.previous.iter().map(|it| &it.name).filter(|it| **it != resource.id.name);
            let is_there = |name: &str| there.contains(&(&*resource.id.gvk.kind, name));
            if resource.history.needs_hash {
                for name in old.filter(|it| !is_there(it)) {
                    let known = gone.generated.entry(Arc::clone(name)).or_default();
                    if known.iter().all(|it| !std::ptr::eq(*it, resource)) {
                        known.push(resource);
                    }
                }
            } else if &*resource.id.gvk.kind == "Namespace" && resource.id.gvk.group.is_empty() {
                for name in old.filter(|it| !is_there(it)) {
                    gone.namespaces.insert(Arc::clone(name), resource);
                }
            }
        }
        gone
    }
}

fn stale_names(resources: &[Resource]) -> Vec<Diagnostic> {
    let gone = Gone::of(resources);
    if gone.generated.is_empty() && gone.namespaces.is_empty() {
        return vec![];
    }
    let mut out = vec![];
    for user in resources {
        // kustomize follows names in the kinds that it knows.
        let is_custom = Types::BuiltIn.root(&user.id.gvk).is_none();
        let mut search = Search { user, gone: &gone, is_custom, keys: vec![], out: &mut out };
        search.walk(&user.node, "", None);
    }
    out
}

/// Looks for old names in one object.
struct Search<'a, 'r> {
    user: &'a Resource,
    gone: &'a Gone<'r>,
    is_custom: bool,
    /// The keys on the way to the value.
    keys: Vec<&'a str>,
    out: &'a mut Vec<Diagnostic>,
}

impl<'a> Search<'a, '_> {
    /// `parent` is the mapping that the value stands in.
    fn walk(&mut self, node: &'a Node, pointer: &str, parent: Option<&'a Node>) {
        match &node.value {
            Value::Map(map) => {
                for entry in map.entries() {
                    self.keys.push(&entry.key);
                    self.walk(&entry.node, &format!("{pointer}/{}", pointer_part(&entry.key)), Some(node));
                    self.keys.pop();
                }
            }
            Value::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.walk(item, &format!("{pointer}/{index}"), parent);
                }
            }
            Value::Scalar(_) => {
                let found = self.hashed(node, pointer, parent).or_else(|| self.namespace(node, pointer));
                self.out.extend(found);
            }
        }
    }

    fn hashed(&self, value: &Node, pointer: &str, parent: Option<&Node>) -> Option<Diagnostic> {
        let objects = self.gone.generated.get(value.as_str()?)?;
        if !self.is_custom || self.keys.first() == Some(&"metadata") {
            return None;
        }
        let in_reach =
            |it: &&&Resource| it.id.namespace == self.user.id.namespace || self.user.id.namespace.is_empty();
        let object = objects.iter().filter(in_reach).find(|it| self.means(&it.id.gvk.kind, parent))?;
        Some(kus::hashed_name_stale::stale(self.user, pointer, value, object))
    }

    /// Whether the field is about objects of the kind: it says so beside the name, or one of the
    /// keys on the way does.
    fn means(&self, kind: &str, parent: Option<&Node>) -> bool {
        if let Some(said) = parent.and_then(|it| it.get("kind")).and_then(Node::as_str) {
            return said == kind;
        }
        let kind = kind.to_ascii_lowercase();
        self.keys.iter().any(|it| it.to_ascii_lowercase().contains(&kind))
    }

    fn namespace(&self, value: &Node, pointer: &str) -> Option<Diagnostic> {
        const FIELDS: [&str; 5] =
            ["namespace", "targetNamespace", "namespaces", "matchNames", "kubernetes.io/metadata.name"];
        let namespace = self.gone.namespaces.get(value.as_str()?)?;
        let key = self.keys.last()?;
        // An object's own namespace is an object's own business, and subjects have their own rule.
        let is_elsewhere = self.keys.first().is_some_and(|it| !matches!(*it, "metadata" | "subjects"));
        let is_meant = FIELDS.contains(key) && is_elsewhere;
        is_meant.then(|| kus::namespace_collapsed::left_behind(self.user, pointer, value, namespace))
    }
}

/// Objects of several namespaces that one `namespace:` has put into one, and that are still there.
fn collapsed_namespaces(resources: &[Resource]) -> Vec<Diagnostic> {
    let mut by_directive: BTreeMap<Span, Vec<Moved<'_>>> = BTreeMap::new();
    for object in resources {
        let Some((directive, moved)) = moved(object) else { continue };
        let known = by_directive.entry(directive).or_default();
        if known.iter().all(|it| it.from != moved.from) {
            known.push(moved);
        }
    }
    let several = by_directive.iter().filter(|(_, moved)| moved.len() > 1);
    let found = several.map(|(directive, moved)| {
        kus::namespace_collapsed::collapsed(*directive, &moved[0].object.id.namespace, moved)
    });
    found.collect()
}

/// What `namespace:` has done to an object that said itself where it belongs.
fn moved(object: &Resource) -> Option<(Span, Moved<'_>)> {
    let trail = object.node.path(&["metadata", "namespace"])?.origin.trail.as_deref()?;
    let place = trail.before.as_ref()?.span;
    let is_other = |it: &&ResourceId| !it.namespace.is_empty() && it.namespace != object.id.namespace;
    let from = &object.history.previous.iter().rev().find(is_other)?.namespace;
    (trail.step == Step::Namespace).then_some((trail.directive, Moved { object, from, place }))
}

fn stale_subjects(resources: &[Resource]) -> Vec<Diagnostic> {
    let accounts: Vec<&Resource> =
        resources.iter().filter(|it| &*it.id.gvk.kind == "ServiceAccount").collect();
    let is_binding = |it: &&Resource| matches!(&*it.id.gvk.kind, "RoleBinding" | "ClusterRoleBinding");
    let mut out = vec![];
    for binding in resources.iter().filter(is_binding) {
        let subjects = binding.node.get("subjects").and_then(Node::as_seq).unwrap_or_default();
        for (index, subject) in subjects.iter().enumerate() {
            let found = stale_subject(&accounts, subject).map(|(namespace, account)| {
                kus::subject_stale::stale(
                    binding,
                    &format!("/subjects/{index}/namespace"),
                    namespace,
                    account,
                )
            });
            out.extend(found);
        }
    }
    out
}

/// The namespace of a subject, and the account that is meant and is not there.
fn stale_subject<'a>(accounts: &[&'a Resource], subject: &'a Node) -> Option<(&'a Node, &'a Resource)> {
    let text = |key: &str| subject.get(key).and_then(Node::as_str);
    let (name, namespace) = (text("name")?, subject.get("namespace")?);
    let wanted = namespace.as_str()?;
    if text("kind")? != "ServiceAccount" || accounts.iter().any(|it| is_in(it, name, wanted)) {
        return None;
    }
    let was_moved = |it: &Resource| {
        it.history.previous.iter().any(|id| id.effective_namespace() != it.id.effective_namespace())
    };
    let mut same_name = accounts.iter().filter(|it| &*it.id.name == name && was_moved(it));
    let only = same_name.next().filter(|_| same_name.next().is_none())?;
    Some((namespace, only))
}

fn is_in(account: &Resource, name: &str, namespace: &str) -> bool {
    &*account.id.name == name && account.id.effective_namespace() == namespace
}
