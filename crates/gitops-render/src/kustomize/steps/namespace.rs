//! `namespace:` sets the namespace of every object that can have one.

use std::collections::HashMap;

use crate::kube::scope;
use crate::kustomize::field_spec::{self, Create, FieldSpec, NoWay};
use crate::kustomize::file::{Kustomization, NamespaceChange, Subjects};
use crate::kustomize::layer::Build;
use crate::kustomize::steps::no_way;
use crate::node::{Entry, Node, Scalar, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::resource::{Resource, ResourceId};
use crate::rules::kus;
use crate::source::Span;

pub(super) fn namespace(build: &mut Build<'_>, kustomization: &Kustomization) {
    let Some(namespace) = kustomization.namespace.as_ref().filter(|it| !it.value.is_empty()) else { return };
    let config = build.config.clone();
    let change =
        NamespaceChange { namespace: namespace.clone(), subjects: Subjects::Default, unset_only: false };
    set(build, &config.namespace, &change);
}

/// Sets the namespace of every object that can have one, and the fields of `specs`.
pub(in crate::kustomize) fn set(build: &mut Build<'_>, specs: &[FieldSpec], change: &NamespaceChange) {
    let mut errors = vec![];
    for resource in build.objects.list_mut() {
        resource.remember_id();
        errors.extend(set_all(resource, specs, change).err());
        resource.refresh();
    }
    let directive = change.namespace.span;
    for error in errors {
        no_way(build, &error, directive);
    }
    report_clashes(build, directive);
}

/// Sets the namespace of one object.
pub(in crate::kustomize) fn set_all(
    resource: &mut Resource,
    specs: &[FieldSpec],
    change: &NamespaceChange,
) -> Result<(), NoWay> {
    let gvk = resource.id.gvk.clone();
    if !scope::is_cluster_scoped(&gvk) {
        let own = FieldSpec::new(gvk.clone(), "metadata/namespace", true);
        set_field(&mut resource.node, &own, change)?;
    }
    let is_binding = matches!(&*gvk.kind, "RoleBinding" | "ClusterRoleBinding");
    if is_binding {
        set_subjects(&mut resource.node, change);
    }
    for spec in specs.iter().filter(|it| it.fits(&gvk)) {
        let path: Vec<&str> = spec.path.iter().map(|it| &**it).collect();
        match path[..] {
            // The built-in rules above have done these.
            ["metadata", "namespace"] => continue,
            ["subjects", ..] if is_binding => continue,
            // Only core Namespaces are named like namespaces.
            ["metadata", "name"] if &*gvk.kind == "Namespace" && gvk.api_version() != "v1" => continue,
            _ => set_field(&mut resource.node, spec, change)?,
        }
    }
    Ok(())
}

fn set_field(node: &mut Node, spec: &FieldSpec, change: &NamespaceChange) -> Result<(), NoWay> {
    let why = (Step::Namespace, change.namespace.span);
    field_spec::visit(node, spec, Create::Scalar, why, &mut |field| {
        set_value(field, change);
        Ok(())
    })
}

/// Subjects that are not set here follow their ServiceAccount, when references are followed.
fn set_subjects(node: &mut Node, change: &NamespaceChange) {
    let text = |it: &Node, key: &str| it.get(key).and_then(Node::as_str).map(str::to_owned);
    let is_meant = |it: &Node| match change.subjects {
        Subjects::None => false,
        Subjects::Default => text(it, "name").as_deref() == Some("default"),
        Subjects::AllServiceAccounts => text(it, "kind").as_deref() == Some("ServiceAccount"),
    };
    let Some(subjects) = node.get("subjects").and_then(Node::as_seq) else { return };
    if !subjects.iter().any(is_meant) {
        return;
    }
    let namespace = &change.namespace;
    let subjects = node.get_mut("subjects").and_then(Node::as_seq_mut).expect("it was a list just now");
    for subject in subjects.iter_mut().filter(|it| is_meant(it)) {
        let Some(map) = subject.as_map_mut() else { continue };
        match map.get_mut("namespace") {
            Some(field) => set_value(field, change),
            None => {
                let origin = Origin::created(namespace.span, Step::Namespace, namespace.span);
                let node = Node::string(namespace.value.clone(), origin);
                let key = "namespace".into();
                map.insert(Entry { key, key_span: namespace.span, key_kind: ScalarKind::Str, node });
            }
        }
    }
}

fn set_value(field: &mut Node, change: &NamespaceChange) {
    let namespace = &change.namespace;
    let is_empty = |it: &Scalar| it.kind == ScalarKind::Null || it.text.is_empty();
    if field.as_str() == Some(&namespace.value)
        || change.unset_only && !field.as_scalar().is_some_and(is_empty)
    {
        return;
    }
    let origin = match field.is_null() && field.origin.span == namespace.span {
        true => Origin::created(namespace.span, Step::Namespace, namespace.span),
        false => field.origin.changed(namespace.span, Step::Namespace, namespace.span),
    };
    *field = Node { value: Value::Scalar(Scalar::string(namespace.value.clone())), origin };
}

/// Two objects that differed in their namespaces only are one now.
fn report_clashes(build: &mut Build<'_>, directive: Span) {
    let mut seen: HashMap<ResourceId, usize> = HashMap::new();
    let mut clashes = vec![];
    for (index, resource) in build.objects.list().iter().enumerate() {
        let key = ResourceId { namespace: resource.id.effective_namespace().into(), ..resource.id.clone() };
        if let Some(first) = seen.insert(key, index) {
            let first = &build.objects.list()[first];
            clashes.push(kus::duplicate_object::twice(resource, first, directive));
        }
    }
    clashes.into_iter().for_each(|it| build.refuse(it));
}
