//! What to say about an object whose kind has no schema.

use super::{SchemaStore, near};
use crate::diagnostic::Diagnostic;
use crate::resource::{Gvk, Resource};
use crate::rules::sch::missing::{self, Known};

/// The finding about an object of an unknown kind.
pub(super) fn findings(resource: &Resource, store: &SchemaStore) -> Vec<Diagnostic> {
    // A list of objects is none itself; who reads files takes them out of it.
    if resource.id.gvk == Gvk::new("v1", "List") {
        return vec![];
    }
    vec![missing::unknown_kind(resource, &known(&resource.id.gvk, store))]
}

fn known(gvk: &Gvk, store: &SchemaStore) -> Known {
    let native = store.native();
    let all = || native.bundle.kinds(native.version).chain(store.custom.keys());
    // Kubernetes' own groups have names without a dot, or are in the archive.
    let is_native = |group: &str| !group.contains('.') || native.bundle.has_group(group);
    let group = if all().any(|it| it.group == gvk.group) || is_native(&gvk.group) {
        &*gvk.group
    } else {
        let groups = all().filter(|it| it.kind == gvk.kind).map(|it| &*it.group);
        near::nearest(&gvk.group, groups).unwrap_or(&gvk.group)
    };
    let same_kind = || all().filter(|it| it.kind == gvk.kind);
    let in_group = same_kind().filter(|it| *it.group == *group);
    // `extensions/v1beta1 Deployment` went to another group. A custom resource never did: Knative's
    // Service is no Service of Kubernetes.
    let moved = same_kind().filter(|it| is_native(group) && is_native(&it.group) && &*it.kind != "Event");
    if let Some(other) = in_group.chain(moved).max_by_key(|it| (*it.group == *group, stability(&it.version)))
    {
        return Known::Under(other.api_version());
    }
    let neighbours = all().filter(|it| it.group == gvk.group && it.version == gvk.version);
    match near::nearest(&gvk.kind, neighbours.map(|it| &*it.kind)) {
        Some(kind) => Known::Kind(kind.to_owned()),
        None if is_native(&gvk.group) => Known::Group,
        None => Known::Nothing,
    }
}

/// Orders versions as Kubernetes does: `v2` over `v1` over `v1beta2` over `v1alpha1`.
fn stability(version: &str) -> (u8, u32, u32) {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let rest = version.strip_prefix('v').unwrap_or(version);
    let major = digits(rest);
    let stage = &rest[major.len()..];
    let number = |text: &str| text.parse().unwrap_or(0);
    let level = match stage {
        "" => 2,
        _ if stage.starts_with("beta") => 1,
        _ => 0,
    };
    (level, number(&major), number(stage.trim_start_matches(char::is_alphabetic)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_moved_or_is_misspelt_is_found_again() {
        let store = SchemaStore::embedded();
        let under = |it: &str| Known::Under(it.to_owned());
        for (api_version, kind, expected) in [
            ("extensions/v1beta1", "Deployment", under("apps/v1")),
            ("extensions/v1beta1", "Ingress", under("networking.k8s.io/v1")),
            ("v1", "Deployment", under("apps/v1")),
            ("apps", "Deployment", under("apps/v1")),
            ("policy/v1beta1", "PodDisruptionBudget", under("policy/v1")),
            ("autoscaling/v2beta2", "HorizontalPodAutoscaler", under("autoscaling/v2")),
            ("network.k8s.io/v1", "Ingress", under("networking.k8s.io/v1")),
            ("networking.k8s.oi/v1", "Ingress", under("networking.k8s.io/v1")),
            ("apps/v1", "Deploymnet", Known::Kind("Deployment".to_owned())),
            ("apps/v1", "Widget", Known::Group),
            ("serving.knative.dev/v1", "Service", Known::Nothing),
            ("example.com/v1", "Widget", Known::Nothing),
        ] {
            assert_eq!(known(&Gvk::new(api_version, kind), &store), expected, "{api_version} {kind}");
        }
    }

    #[test]
    fn versions_are_ordered_by_stability() {
        for (more, less) in [("v2", "v1"), ("v1", "v2beta2"), ("v1beta2", "v1beta1"), ("v1beta1", "v2alpha1")]
        {
            assert!(stability(more) > stability(less), "{more} {less}");
        }
    }
}
