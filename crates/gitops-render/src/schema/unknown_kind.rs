//! What to say about an object whose kind has no schema.

use super::catalogue::Catalogue;
use super::{SchemaStore, versions};
use crate::diagnostic::Diagnostic;
use crate::kube::life_cycle::LifeCycle;
use crate::kube::minor::Minors;
use crate::resource::{Gvk, Resource};
use crate::rules::sch::missing::{self, Known};
use crate::suggest;

/// The finding about an object whose kind is not known in the versions `checked`.
pub(super) fn findings(resource: &Resource, store: &SchemaStore, checked: &Minors) -> Vec<Diagnostic> {
    // A list of objects is none itself; who reads files takes them out of it. A suite of tests is for
    // gator, and never reaches a cluster.
    let gvk = &resource.id.gvk;
    if *gvk == Gvk::new("v1", "List") || &*gvk.group == "test.gatekeeper.sh" {
        return vec![];
    }
    let (known, is_native) = known(&resource.id.gvk, store, checked);
    let names_versions = matches!(known, Known::Later { .. });
    let found = missing::unknown_kind(resource, &known, is_native);
    vec![if names_versions { found } else { versions::limited(found, checked, &store.versions) }]
}

/// What to use instead of a kind that Kubernetes deprecates or has removed: what `life` says, if the
/// newest version that is checked has it; or else the most stable version of the kind.
pub(super) fn instead(gvk: &Gvk, life: &LifeCycle, store: &SchemaStore) -> Option<Gvk> {
    let native = store.newest();
    let has = |it: &Gvk| native.bundle.definition_of(native.version, it).is_some();
    if let Some(it) = life.replacement.as_ref().filter(|it| has(it)) {
        return Some(it.clone());
    }
    let is_better = |it: &&Gvk| {
        it.kind == gvk.kind && (it.group != gvk.group || stability(&it.version) > stability(&gvk.version))
    };
    let same_group =
        || native.bundle.kinds(native.version).filter(is_better).filter(|it| it.group == gvk.group);
    let other_group = || native.bundle.kinds(native.version).filter(is_better);
    let by_stability = |it: &&Gvk| stability(&it.version);
    // Only `extensions` was ever split up.
    let moved = || other_group().filter(|_| &*gvk.group == "extensions").max_by_key(by_stability);
    same_group().max_by_key(by_stability).or_else(moved).cloned()
}

/// What is known, and whether the group is (or is meant to be) one of Kubernetes' own.
fn known(gvk: &Gvk, store: &SchemaStore, checked: &Minors) -> (Known, bool) {
    let native = store.newest();
    let defined = || native.bundle.kinds(native.version).chain(store.custom.keys());
    let all = || defined().chain(Catalogue::embedded().kinds());
    // There may be more versions of a custom resource than those that are built in.
    let is_complete = |it: &&Gvk| it.group != gvk.group || defined().any(|other| other == *it);
    let same_kind = || all().filter(|it| it.kind == gvk.kind).filter(is_complete);
    // Kubernetes' own groups have names without a dot, or are in the archive.
    // Without the archive nothing can be said about them.
    let is_native =
        |group: &str| cfg!(feature = "bundle") && (!group.contains('.') || native.bundle.has_group(group));
    let is_known = is_native(&gvk.group) || all().any(|it| it.group == gvk.group);
    let groups = same_kind().map(|it| &*it.group).filter(|_| !is_known);
    let group = suggest::nearest(&gvk.group, groups).unwrap_or(&gvk.group);
    let known = |it| (it, is_native(group));
    let newest = checked.as_slice().last().and_then(|it| native.bundle.version(it.number()));
    if let Some(since) = newest.and_then(|it| native.bundle.later(it, gvk)) {
        return known(Known::Later { since, checked: checked.clone() });
    }
    // `extensions/v1beta1 Deployment` went to another group. A custom resource never did: Knative's
    // Service is no Service of Kubernetes.
    let may_be_meant = |it: &&Gvk| *it.group == *group || is_native(group) && is_native(&it.group);
    let closeness = |it: &&Gvk| (*it.group == *group, stability(&it.version));
    if let Some(other) = same_kind().filter(may_be_meant).max_by_key(closeness) {
        return known(Known::Under(other.api_version()));
    }
    let neighbours = all().filter(|it| it.group == gvk.group && it.version == gvk.version);
    match suggest::nearest(&gvk.kind, neighbours.map(|it| &*it.kind)) {
        Some(kind) => known(Known::Kind(kind.to_owned())),
        None => known(Known::Nothing),
    }
}

/// Orders versions as Kubernetes does: `v2` over `v1` over `v1beta2` over `v1alpha1`.
pub(super) fn stability(version: &str) -> (u8, u32, u32) {
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
#[cfg(feature = "bundle")]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_moved_or_is_misspelt_is_found_again() {
        let store = SchemaStore::embedded();
        let under = |it: &str| Known::Under(it.to_owned());
        for (api_version, kind, expected, is_native) in [
            ("extensions/v1beta1", "Deployment", under("apps/v1"), true),
            ("extensions/v1beta1", "Ingress", under("networking.k8s.io/v1"), true),
            ("v1", "Deployment", under("apps/v1"), true),
            ("apps", "Deployment", under("apps/v1"), true),
            ("policy/v1beta1", "PodDisruptionBudget", under("policy/v1"), true),
            ("autoscaling/v2beta2", "HorizontalPodAutoscaler", under("autoscaling/v2"), true),
            ("networking.k8s.oi/v1", "Ingress", under("networking.k8s.io/v1"), true),
            (
                "resource.k8s.io/v1",
                "ResourceClaim",
                Known::Later { since: 34, checked: Minors::new(vec![]) },
                true,
            ),
            ("apps/v1", "Deploymnet", Known::Kind("Deployment".to_owned()), true),
            ("apps/v1", "Widget", Known::Nothing, true),
            ("serving.example.com/v1", "Service", Known::Nothing, false),
            ("kubeflow.org/v9", "PyTorchJob", Known::Nothing, false),
            ("kubflow.org/v1", "PyTorchJob", under("kubeflow.org/v1"), false),
            ("kubeflow.org/v1", "PytorchJob", Known::Kind("PyTorchJob".to_owned()), false),
            ("example.com/v1", "Widget", Known::Nothing, false),
        ] {
            let found = known(&Gvk::new(api_version, kind), &store, &store.versions);
            assert_eq!(found, (expected, is_native), "{api_version} {kind}");
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
