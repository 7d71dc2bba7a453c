//! Durations and quantities in custom resources that are built in: their schemas only say "string".
//!
//! The definitions have patterns, which the archive does not keep, or leave it to the program that
//! reads the object. Here the fields that everybody writes are given a format instead.

use serde_json::{Value, json};

use crate::kube::format::{FLUX_DURATION, GO_DURATION, PROMETHEUS_DURATION};
use crate::resource::Gvk;

/// Durations: group, kind, format, and the places: `*` is each item of a list.
const DURATIONS: &[(&str, &str, &str, &[&str])] = &[
    ("cert-manager.io", "Certificate", GO_DURATION, &["spec/duration", "spec/renewBefore"]),
    ("helm.toolkit.fluxcd.io", "HelmRelease", FLUX_DURATION, &["spec/interval", "spec/timeout"]),
    (
        "kustomize.toolkit.fluxcd.io",
        "Kustomization",
        FLUX_DURATION,
        &["spec/interval", "spec/retryInterval", "spec/timeout"],
    ),
    ("source.toolkit.fluxcd.io", "Bucket", FLUX_DURATION, &["spec/interval", "spec/timeout"]),
    ("source.toolkit.fluxcd.io", "GitRepository", FLUX_DURATION, &["spec/interval", "spec/timeout"]),
    ("source.toolkit.fluxcd.io", "HelmChart", FLUX_DURATION, &["spec/interval"]),
    ("source.toolkit.fluxcd.io", "HelmRepository", FLUX_DURATION, &["spec/interval", "spec/timeout"]),
    ("source.toolkit.fluxcd.io", "OCIRepository", FLUX_DURATION, &["spec/interval", "spec/timeout"]),
    ("image.toolkit.fluxcd.io", "ImageRepository", FLUX_DURATION, &["spec/interval", "spec/timeout"]),
    (
        "monitoring.coreos.com",
        "PodMonitor",
        PROMETHEUS_DURATION,
        &["spec/podMetricsEndpoints/*/interval", "spec/podMetricsEndpoints/*/scrapeTimeout"],
    ),
    ("monitoring.coreos.com", "Probe", PROMETHEUS_DURATION, &["spec/interval", "spec/scrapeTimeout"]),
    (
        "monitoring.coreos.com",
        "Prometheus",
        PROMETHEUS_DURATION,
        &["spec/evaluationInterval", "spec/retention", "spec/scrapeInterval", "spec/scrapeTimeout"],
    ),
    (
        "monitoring.coreos.com",
        "PrometheusRule",
        PROMETHEUS_DURATION,
        &["spec/groups/*/interval", "spec/groups/*/rules/*/for", "spec/groups/*/rules/*/keep_firing_for"],
    ),
    (
        "monitoring.coreos.com",
        "ServiceMonitor",
        PROMETHEUS_DURATION,
        &["spec/endpoints/*/interval", "spec/endpoints/*/scrapeTimeout"],
    ),
];

/// Writes the formats of durations, and of requests and limits, into the schema of a kind.
pub(super) fn add_formats(gvk: &Gvk, schema: &mut Value) {
    let is_of = |it: &&(&str, &str, &str, &[&str])| *it.0 == *gvk.group && *it.1 == *gvk.kind;
    for (_, _, format, places) in DURATIONS.iter().filter(is_of) {
        for place in *places {
            // A version of the kind need not have the field.
            if let Some(Value::Object(field)) = at(schema, place) {
                field.insert("format".into(), json!(format));
            }
        }
    }
    quantities(schema);
}

/// What is requested of resources is a quantity wherever it is asked for.
fn quantities(schema: &mut Value) {
    let Value::Object(schema) = schema else { return };
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for field in ["requests", "limits"] {
            let of_each = properties.get_mut(field).and_then(|it| it.get_mut("additionalProperties"));
            if let Some(Value::Object(it)) = of_each
                && it.get("x-kubernetes-int-or-string") == Some(&json!(true))
            {
                it.insert("format".into(), json!("quantity"));
            }
        }
        properties.values_mut().for_each(quantities);
    }
    for keyword in ["items", "additionalProperties"] {
        schema.get_mut(keyword).into_iter().for_each(quantities);
    }
}

fn at<'s>(schema: &'s mut Value, place: &str) -> Option<&'s mut Value> {
    place.split('/').try_fold(schema, |schema, part| match part {
        "*" => schema.get_mut("items"),
        name => schema.get_mut("properties")?.get_mut(name),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schema::catalogue::Catalogue;

    #[test]
    fn every_field_is_there_in_some_version() {
        let catalogue = Catalogue::embedded();
        let mut missing: BTreeSet<String> = BTreeSet::new();
        let mut there: BTreeSet<String> = BTreeSet::new();
        for gvk in catalogue.kinds() {
            let mut schema = catalogue.schema(catalogue.find(gvk).unwrap());
            for (group, kind, _, places) in
                DURATIONS.iter().filter(|it| *it.0 == *gvk.group && *it.1 == *gvk.kind)
            {
                for place in *places {
                    let field =
                        at(&mut schema, place).is_some_and(|it| it.get("type") == Some(&json!("string")));
                    let name = format!("{group} {kind} {place}");
                    if field {
                        there.insert(name)
                    } else {
                        missing.insert(name)
                    };
                }
            }
        }
        let never: Vec<&String> = missing.difference(&there).collect();
        assert!(never.is_empty(), "{never:?}");
        let count: usize = DURATIONS.iter().map(|it| it.3.len()).sum();
        assert_eq!(there.len(), count);
    }
}
