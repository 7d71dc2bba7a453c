//! The steps of a kustomization, one file each, in kustomize's order.

pub(super) mod images;
pub(super) mod labels;
pub(super) mod names;
pub(super) mod namespace;
pub(super) mod patches;
pub(super) mod replacements;
pub(super) mod replicas;

use crate::kustomize::field_spec::NoWay;
use crate::kustomize::file::Kustomization;
use crate::kustomize::layer::Build;
use crate::source::Span;

/// A step works on all objects of the kustomization that it belongs to.
type StepFn = fn(&mut Build<'_>, &Kustomization);

/// What is done to the objects, in this order.
pub(crate) const ORDER: &[StepFn] = &[
    patches::strategic_merge,
    patches::patches,
    namespace::namespace,
    names::prefix,
    names::suffix,
    labels::labels,
    labels::common_annotations,
    patches::json6902,
    replicas::replicas,
    images::images,
    replacements::replacements,
];

/// Reports that a step could not reach the field that it works on.
pub(super) fn no_way(build: &mut Build<'_>, error: &NoWay, directive: Span) {
    build.refuse(error.diagnostic().label(directive, "asked for here"));
}
