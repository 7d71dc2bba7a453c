//! `namePrefix:` and `nameSuffix:`.

use std::sync::Arc;

use crate::kustomize::field_spec::{self, Create, FieldSpec, NoWay};
use crate::kustomize::file::{Kustomization, Text};
use crate::kustomize::layer::Build;
use crate::kustomize::steps::no_way;
use crate::node::{Node, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::{Gvk, Resource};
use crate::yaml::resolve::resolve;

pub(super) fn prefix(build: &mut Build<'_>, kustomization: &Kustomization) {
    let Some(prefix) = kustomization.name_prefix.as_ref().filter(|it| !it.value.is_empty()) else { return };
    let config = build.config.clone();
    affix(build, &config.name_prefix, prefix, Step::NamePrefix);
}

pub(super) fn suffix(build: &mut Build<'_>, kustomization: &Kustomization) {
    let Some(suffix) = kustomization.name_suffix.as_ref().filter(|it| !it.value.is_empty()) else { return };
    let config = build.config.clone();
    affix(build, &config.name_suffix, suffix, Step::NameSuffix);
}

/// The names of these mean something to the API server, so kustomize leaves them alone.
fn is_fixed(gvk: &Gvk) -> bool {
    match &*gvk.kind {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => &*gvk.group == "apiregistration.k8s.io",
        _ => false,
    }
}

/// Adds a prefix or a suffix, as `step` says.
pub(in crate::kustomize) fn affix(build: &mut Build<'_>, specs: &[FieldSpec], text: &Text, step: Step) {
    let mut errors = vec![];
    for resource in build.objects.list_mut() {
        let original = resource.original_id().gvk.clone();
        if is_fixed(&original) {
            continue;
        }
        for spec in specs.iter().filter(|it| it.fits(&original)) {
            if spec.path.iter().map(|it| &**it).eq(["metadata", "name"]) {
                remember(resource, text, step);
            }
            errors.extend(rename(&mut resource.node, spec, text, step).err());
        }
        resource.refresh();
    }
    for error in errors {
        no_way(build, &error, text.span);
    }
}

fn remember(resource: &mut Resource, text: &Text, step: Step) {
    resource.remember_id();
    let list = match step {
        Step::NamePrefix => &mut resource.history.prefixes,
        _ => &mut resource.history.suffixes,
    };
    list.push(Arc::clone(&text.value));
}

fn rename(node: &mut Node, spec: &FieldSpec, text: &Text, step: Step) -> Result<(), NoWay> {
    field_spec::visit(node, spec, Create::Scalar, (step, text.span), &mut |field| {
        let Value::Scalar(scalar) = &mut field.value else {
            let key = spec.path.last().cloned().unwrap_or_default();
            return Err(NoWay { at: field.origin.clone(), found: field.describe(), key });
        };
        let name = match step {
            Step::NamePrefix => format!("{}{}", text.value, scalar.text),
            _ => format!("{}{}", scalar.text, text.value),
        };
        // Without quotes the text is read anew: a prefix can make a number of it.
        scalar.kind = if scalar.quoted { ScalarKind::Str } else { resolve(&name) };
        scalar.text = name.into();
        field.origin = field.origin.touched(step, text.span);
        Ok(())
    })
}
