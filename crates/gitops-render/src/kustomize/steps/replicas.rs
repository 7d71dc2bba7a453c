//! `replicas:` sets how many pods a workload has.

use crate::kustomize::field_spec::{self, Create, FieldSpec, NoWay};
use crate::kustomize::file::{Kustomization, Replicas};
use crate::kustomize::layer::Build;
use crate::kustomize::steps::no_way;
use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::ResourceId;
use crate::rules::kus;

pub(super) fn replicas(build: &mut Build<'_>, kustomization: &Kustomization) {
    let config = build.config.clone();
    for replicas in &kustomization.replicas {
        set(build, &config.replicas, replicas);
    }
}

/// Sets the replicas of the workload of a name, in the fields of `specs`.
pub(in crate::kustomize) fn set(build: &mut Build<'_>, specs: &[FieldSpec], replicas: &Replicas) {
    let mut is_found = false;
    for spec in specs {
        let is_meant = |id: &ResourceId| id.name == replicas.name.value && spec.fits(&id.gvk);
        let indexes: Vec<usize> = build
            .objects
            .named(&replicas.name.value)
            .filter(|it| build.objects.list()[*it].ids().any(is_meant))
            .collect();
        for index in indexes {
            is_found = true;
            let done = build.objects.edit(index, |it| set_field(&mut it.node, spec, replicas));
            if let Err(error) = done {
                no_way(build, &error, replicas.count.span);
            }
        }
    }
    if !is_found && !build.is_incomplete {
        let reason = format!("no workload with replicas is called `{}`", replicas.name.value);
        build.refuse(kus::build_failed::because(replicas.name.span, reason));
    }
}

fn set_field(node: &mut Node, spec: &FieldSpec, replicas: &Replicas) -> Result<(), NoWay> {
    let count = &replicas.count;
    let text = count.value.to_string();
    field_spec::visit(node, spec, Create::Scalar, (Step::Replicas, count.span), &mut |field| {
        if field.as_scalar().is_some_and(|it| it.kind == ScalarKind::Int && *it.text == *text) {
            return Ok(());
        }
        let origin = field.origin.changed(count.span, Step::Replicas, replicas.name.span);
        let scalar = Scalar::plain(text.as_str(), ScalarKind::Int);
        *field = Node { value: Value::Scalar(scalar), origin };
        Ok(())
    })
}
