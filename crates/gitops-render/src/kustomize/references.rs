//! Follows names to the objects that they stand for, and writes the names that those have now.
//!
//! A prefix, a suffix, a hash or a namespace changes what an object is called. Whatever names it,
//! in the fields that the configuration lists, has to follow.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::cancel::Cancel;
use crate::diagnostic::Diagnostic;
use crate::kube::scope;
use crate::kustomize::config::Config;
use crate::kustomize::field_spec::{self, Create, FieldSpec, gvk_fits};
use crate::kustomize::objects::Objects;
use crate::node::{Entry, Node, Scalar, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::resource::{Gvk, Resource, ResourceId};
use crate::rules::kus;
use crate::source::Span;

/// Updates every reference among the objects.
///
/// Returns what kustomize would stop at: names that could stand for several objects.
pub(crate) fn update(objects: &mut Objects, config: &Config, cancel: &Cancel) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = objects.list().iter().filter_map(blank_namespace).collect();
    let candidates = Candidates::of(objects.list());
    if candidates.by_old_name.is_empty() {
        return diagnostics;
    }
    let mut fields: HashMap<Gvk, Vec<(&Gvk, &FieldSpec)>> = HashMap::new();
    for resource in objects.list_mut().iter_mut().take_while(|_| !cancel.is_cancelled()) {
        // What an object may refer to goes by the kind that it was read with.
        let fields = fields.entry(resource.original_id().gvk.clone()).or_insert_with_key(|original| {
            let all = config
                .name_reference
                .iter()
                .flat_map(|it| it.referrers.iter().map(|spec| (&it.target, spec)));
            all.filter(|(_, spec)| spec.fits(original)).collect()
        });
        if fields.is_empty() {
            continue;
        }
        let referrer = Referrer::of(resource);
        for (target, spec) in fields {
            let search = Search { candidates: &candidates, referrer: &referrer, target, spec };
            if let Err(problem) = search.update(&mut resource.node) {
                diagnostics.push(*problem);
            }
        }
    }
    diagnostics
}

/// A ServiceAccount among the subjects of a binding whose namespace is null.
fn blank_namespace(resource: &Resource) -> Option<Diagnostic> {
    if !is_binding(&resource.id.gvk) {
        return None;
    }
    let subjects = resource.node.get("subjects")?.as_seq()?;
    let accounts =
        subjects.iter().filter(|it| it.get("kind").and_then(Node::as_str) == Some("ServiceAccount"));
    let blank = accounts.filter_map(|it| it.as_map()?.entry("namespace")).find(|it| it.node.is_null())?;
    let found = kus::build_failed::because(blank.key_span, "the namespace of this ServiceAccount is blank");
    Some(found.help("name the namespace, or leave the field out"))
}

fn is_binding(gvk: &Gvk) -> bool {
    matches!(&*gvk.kind, "RoleBinding" | "ClusterRoleBinding")
}

/// An object that a name may stand for, if it has been renamed or moved.
struct Candidate {
    id: ResourceId,
    previous: Vec<ResourceId>,
    prefixes: Vec<Arc<str>>,
    suffixes: Vec<Arc<str>>,
    is_cluster_scoped: bool,
    /// Where its name stands.
    place: Span,
}

impl Candidate {
    /// The namespace that it was read with.
    fn original_namespace(&self) -> &str {
        self.previous.first().unwrap_or(&self.id).effective_namespace()
    }
}

struct Candidates {
    list: Vec<Candidate>,
    by_old_name: HashMap<Arc<str>, Vec<usize>>,
    /// For a namespace, where those that lived in it live now.
    moves: HashMap<String, BTreeSet<Arc<str>>>,
}

impl Candidates {
    fn of(resources: &[Resource]) -> Candidates {
        let mut candidates = Candidates { list: vec![], by_old_name: HashMap::new(), moves: HashMap::new() };
        for resource in resources {
            let index = candidates.list.len();
            for id in &resource.history.previous {
                let places = candidates.by_old_name.entry(Arc::clone(&id.name)).or_default();
                if places.last() != Some(&index) {
                    places.push(index);
                }
            }
            let candidate = Candidate {
                id: resource.id.clone(),
                previous: resource.history.previous.clone(),
                prefixes: resource.history.prefixes.clone(),
                suffixes: resource.history.suffixes.clone(),
                is_cluster_scoped: scope::is_cluster_scoped(&resource.id.gvk),
                place: resource.place(),
            };
            if !candidate.is_cluster_scoped {
                let to = candidates.moves.entry(candidate.original_namespace().to_owned()).or_default();
                to.insert(Arc::clone(&candidate.id.namespace));
            }
            candidates.list.push(candidate);
        }
        candidates
    }
}

/// The object that names others.
struct Referrer {
    id: ResourceId,
    prefixes: Vec<Arc<str>>,
    suffixes: Vec<Arc<str>>,
    is_cluster_scoped: bool,
    /// The namespaces of the ServiceAccounts that a binding names.
    subject_namespaces: BTreeSet<String>,
    /// What the `roleRef` of a binding says of the kind.
    role: Option<Gvk>,
}

impl Referrer {
    fn of(resource: &Resource) -> Referrer {
        let is_binding = is_binding(&resource.id.gvk);
        let subjects =
            resource.node.get("subjects").and_then(Node::as_seq).filter(|_| is_binding).unwrap_or_default();
        let text =
            |node: &Node, key: &str| node.get(key).and_then(Node::as_scalar).map(|it| it.text.to_string());
        let accounts = subjects.iter().filter(|it| text(it, "kind").as_deref() == Some("ServiceAccount"));
        let role = resource.node.get("roleRef").and_then(|it| {
            Some(Gvk {
                group: text(it, "apiGroup")?.into(),
                version: "".into(),
                kind: text(it, "kind")?.into(),
            })
        });
        Referrer {
            id: resource.id.clone(),
            prefixes: resource.history.prefixes.clone(),
            suffixes: resource.history.suffixes.clone(),
            is_cluster_scoped: scope::is_cluster_scoped(&resource.id.gvk),
            subject_namespaces: accounts.filter_map(|it| text(it, "namespace")).collect(),
            role,
        }
    }

    /// Whether an object is in reach: cluster-wide on either side, or in the same namespace.
    fn could_mean(&self, candidate: &Candidate) -> bool {
        self.is_cluster_scoped || candidate.is_cluster_scoped || self.reaches(&candidate.id.namespace)
    }

    fn reaches(&self, namespace: &str) -> bool {
        let effective = if namespace.is_empty() { "default" } else { namespace };
        effective == self.id.effective_namespace() || self.subject_namespaces.contains(namespace)
    }

    fn is_near(&self, candidate: &Candidate) -> bool {
        self.is_cluster_scoped
            || candidate.is_cluster_scoped
            || &*candidate.id.gvk.kind == "ServiceAccount"
            || candidate.id.effective_namespace() == self.id.effective_namespace()
    }
}

/// The search for what one field of one object means.
struct Search<'s> {
    candidates: &'s Candidates,
    referrer: &'s Referrer,
    target: &'s Gvk,
    spec: &'s FieldSpec,
}

impl Search<'_> {
    fn update(&self, node: &mut Node) -> Result<(), Box<Diagnostic>> {
        let nowhere = (Step::NameReference, node.origin.span);
        if !self.would_change(node, &self.spec.path) {
            return Ok(());
        }
        let spec = FieldSpec { create: false, ..self.spec.clone() };
        field_spec::visit(node, &spec, Create::Nothing, nowhere, &mut |field| self.set(field))
    }

    /// Whether a scalar below the path is an old name of anything. Looking before writing keeps
    /// shared what does not change.
    fn would_change(&self, node: &Node, path: &[Arc<str>]) -> bool {
        match &node.value {
            Value::Seq(items) => items.iter().any(|it| self.would_change(it, path)),
            Value::Map(map) => match path.split_first() {
                Some((key, rest)) => map
                    .get(key.strip_suffix("[]").unwrap_or(key))
                    .is_some_and(|it| self.would_change(it, rest)),
                None => map.get("name").is_none_or(|it| self.would_change(it, &[])),
            },
            Value::Scalar(scalar) => {
                !path.is_empty() || self.candidates.by_old_name.contains_key(&scalar.text)
            }
        }
    }

    fn set(&self, field: &mut Node) -> Result<(), Box<Diagnostic>> {
        match &mut field.value {
            Value::Scalar(scalar) if scalar.kind == ScalarKind::Null => Ok(()),
            Value::Scalar(_) => self.set_scalar(field),
            Value::Map(_) => self.set_map(field),
            Value::Seq(items) => Arc::make_mut(items).iter_mut().try_for_each(|it| match it.value {
                Value::Map(_) => self.set_map(it),
                _ => self.set_scalar(it),
            }),
        }
    }

    fn set_scalar(&self, field: &mut Node) -> Result<(), Box<Diagnostic>> {
        let Some(scalar) = field.as_scalar() else { return Ok(()) };
        let found = self.select(&scalar.text, field, |_| true)?;
        if let Some(found) = found.filter(|it| it.id.name != scalar.text) {
            rename(field, &found.id.name, found.place);
        }
        Ok(())
    }

    /// A mapping with a name and, it may be, a namespace: a subject, or a webhook's service.
    fn set_map(&self, field: &mut Node) -> Result<(), Box<Diagnostic>> {
        let Some(name) = field.get("name").and_then(Node::as_scalar) else { return Ok(()) };
        let old = Arc::clone(&name.text);
        let namespace = field.get("namespace").and_then(Node::as_scalar).map(|it| it.text.to_string());
        let in_namespace = self.namespace_filter(namespace.as_deref());
        let Some(found) = self.select(&old, field, in_namespace)? else { return Ok(()) };
        if found.id.name == old && found.id.namespace.is_empty() {
            return Ok(());
        }
        let Some(map) = field.as_map_mut() else { return Ok(()) };
        if let Some(name) = map.get_mut("name").filter(|_| found.id.name != old) {
            rename(name, &found.id.name, found.place);
        }
        // An empty namespace is a wild card here, and must not replace one that is there.
        if found.id.namespace.is_empty() {
            return Ok(());
        }
        match map.get_mut("namespace") {
            Some(node) if node.as_str() == Some(&found.id.namespace) => {}
            Some(node) => rename(node, &found.id.namespace, found.place),
            None => {
                let origin = Origin::created(found.place, Step::NameReference, found.place);
                let node = Node::string(Arc::clone(&found.id.namespace), origin);
                let key_kind = ScalarKind::Str;
                map.insert(Entry { key: "namespace".into(), key_span: found.place, key_kind, node });
            }
        }
        Ok(())
    }

    /// Candidates of a namespace: the one they were read with, or else the one they have now.
    fn namespace_filter(&self, namespace: Option<&str>) -> impl Fn(&Candidate) -> bool + use<> {
        let wanted = namespace.map(str::to_owned);
        let lived_in =
            |it: &Candidate, namespace: &str| !it.is_cluster_scoped && it.original_namespace() == namespace;
        let any_lived_there =
            wanted.as_ref().and_then(|it| self.candidates.moves.get(it)).is_some_and(|to| {
                let reaches = |namespace: &Arc<str>| self.referrer.reaches(namespace);
                self.referrer.is_cluster_scoped || to.iter().any(reaches)
            });
        move |candidate: &Candidate| match &wanted {
            None => true,
            Some(wanted) if any_lived_there => lived_in(candidate, wanted),
            Some(wanted) => !candidate.is_cluster_scoped && candidate.id.effective_namespace() == wanted,
        }
    }

    /// The one candidate that the name stands for; `None` if there is none.
    fn select(
        &self,
        name: &str,
        field: &Node,
        filter: impl Fn(&Candidate) -> bool,
    ) -> Result<Option<&Candidate>, Box<Diagnostic>> {
        let indexes = self.candidates.by_old_name.get(name).into_iter().flatten();
        let mut found: Vec<&Candidate> = indexes.map(|it| &self.candidates.list[*it]).collect();
        let is_role = self.spec.path.iter().map(|it| &**it).eq(["roleRef", "name"]);
        let role = self.referrer.role.as_ref().filter(|_| is_role);
        let was = |it: &Candidate, gvk: &Gvk| it.previous.iter().any(|id| gvk_fits(gvk, &id.gvk));
        found.retain(|it| self.referrer.could_mean(it) && filter(it));
        found.retain(|it| was(it, self.target) && role.is_none_or(|role| was(it, role)));
        found.retain(|it| self.referrer.is_near(it));
        for is_strict in [false, true] {
            if found.len() > 1 {
                found.retain(|it| same_affixes(it, self.referrer, is_strict));
            }
        }
        match found[..] {
            [] => Ok(None),
            [first, ref others @ ..] => match others.iter().find(|it| it.id.name != first.id.name) {
                None => Ok(Some(first)),
                Some(other) => {
                    let reason =
                        format!("`{name}` could stand for `{}` or for `{}`", first.id.name, other.id.name);
                    let found = kus::build_failed::because(field.origin.span, reason);
                    Err(Box::new(found.label(first.place, "this one").label(other.place, "or this one")))
                }
            },
        }
    }
}

/// Whether both have come through the same kustomizations, as far as affixes tell.
fn same_affixes(candidate: &Candidate, referrer: &Referrer, is_strict: bool) -> bool {
    let same = |a: &[Arc<str>], b: &[Arc<str>]| {
        let either_is_empty = a.is_empty() || b.is_empty();
        if either_is_empty {
            !is_strict || a.len() == b.len()
        } else {
            a.iter().rev().zip(b.iter().rev()).all(|(a, b)| a == b)
        }
    };
    same(&candidate.prefixes, &referrer.prefixes) && same(&candidate.suffixes, &referrer.suffixes)
}

fn rename(field: &mut Node, name: &Arc<str>, place: Span) {
    let origin = field.origin.touched(Step::NameReference, place);
    *field = Node { value: Value::Scalar(Scalar::string(Arc::clone(name))), origin };
}
