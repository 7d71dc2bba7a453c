//! `labels:`, `commonLabels:` and `commonAnnotations:`.

use crate::kustomize::config::{self, Conflict, merge_specs};
use crate::kustomize::field_spec::{self, Create, FieldSpec, NoWay};
use crate::kustomize::file::{Kustomization, Labels, Pair};
use crate::kustomize::layer::Build;
use crate::kustomize::review;
use crate::kustomize::steps::no_way;
use crate::node::{Entry, Map, Node, ScalarKind};
use crate::origin::{Origin, Step};
use crate::rules::kus;

pub(super) fn labels(build: &mut Build<'_>, kustomization: &Kustomization) {
    for labels in &kustomization.labels {
        match specs(build, labels) {
            Ok(specs) => {
                if labels.include_selectors {
                    report_selectors(build, kustomization, &labels.pairs);
                }
                set_pairs(build, &specs, &labels.pairs, Step::Label);
            }
            Err(conflict) => {
                let at = labels.pairs.first().map(|it| it.key.span).or(kustomization.start);
                let reason = format!(
                    "`fields` does not agree with the default on whether to create `{}`",
                    conflict.path
                );
                if let Some(at) = at {
                    build.refuse(kus::build_failed::because(at, reason));
                }
            }
        }
    }
    let config = build.config.clone();
    report_selectors(build, kustomization, &kustomization.common_labels);
    set_pairs(build, &config.common_labels, &kustomization.common_labels, Step::Label);
}

fn report_selectors(build: &mut Build<'_>, kustomization: &Kustomization, pairs: &[Pair]) {
    let found = review::changed_selectors(build.objects.list(), &kustomization.dir, pairs);
    build.diagnostics.extend(found);
}

pub(super) fn common_annotations(build: &mut Build<'_>, kustomization: &Kustomization) {
    let config = build.config.clone();
    set_pairs(build, &config.common_annotations, &kustomization.common_annotations, Step::Annotation);
}

/// The fields that an entry of `labels` writes.
fn specs(build: &Build<'_>, labels: &Labels) -> Result<Vec<FieldSpec>, Conflict> {
    let mut specs: Vec<FieldSpec> = labels.fields.iter().filter_map(config::field_spec).collect();
    if labels.include_selectors {
        merge_specs(&mut specs, &build.config.common_labels)?;
        return Ok(specs);
    }
    if labels.include_templates {
        merge_specs(&mut specs, &build.config.template_labels)?;
    }
    merge_specs(&mut specs, &build.config.labels)?;
    Ok(specs)
}

/// Sets labels or annotations, as `step` says, in the fields of `specs`.
pub(in crate::kustomize) fn set_pairs(
    build: &mut Build<'_>,
    specs: &[FieldSpec],
    pairs: &[Pair],
    step: Step,
) {
    let Some(first) = pairs.first() else { return };
    let mut pairs: Vec<&Pair> = pairs.iter().collect();
    pairs.sort_by(|a, b| a.key.value.cmp(&b.key.value));
    let why = (step, first.key.span);
    let mut errors = vec![];
    for resource in build.objects.list_mut() {
        let gvk = resource.id.gvk.clone();
        for spec in specs.iter().filter(|it| it.fits(&gvk)) {
            let set = &mut |field: &mut Node| set_on(field, &pairs, step);
            errors.extend(field_spec::visit(&mut resource.node, spec, Create::Map, why, set).err());
        }
    }
    for error in errors {
        no_way(build, &error, first.key.span);
    }
}

fn set_on(field: &mut Node, pairs: &[&Pair], step: Step) -> Result<(), NoWay> {
    if field.is_null() {
        *field = Node::map(Map::default(), field.origin.touched(step, pairs[0].key.span));
    }
    let Some(map) = field.as_map() else {
        let key = pairs[0].key.value.clone();
        return Err(NoWay { at: field.origin.clone(), found: field.describe(), key });
    };
    let is_set = |pair: &&&Pair| map.get(&pair.key.value).and_then(Node::as_str) == Some(&pair.value.value);
    if pairs.iter().all(|it| is_set(&it)) {
        return Ok(());
    }
    let map = field.as_map_mut().expect("it is a mapping, as was seen above");
    for pair in pairs {
        set_pair(map, pair, step);
    }
    Ok(())
}

fn set_pair(map: &mut Map, pair: &Pair, step: Step) {
    let (key, value) = (&pair.key, &pair.value);
    match map.get_mut(&key.value) {
        Some(old) if old.as_str() == Some(&value.value) => {}
        Some(old) => {
            *old = Node::string(value.value.clone(), old.origin.changed(value.span, step, key.span));
        }
        None => {
            let node = Node::string(value.value.clone(), Origin::created(value.span, step, key.span));
            let key_kind = ScalarKind::Str;
            map.insert(Entry { key: key.value.clone(), key_span: key.span, key_kind, node });
        }
    }
}
