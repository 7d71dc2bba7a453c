//! When versions of kinds were deprecated and removed: by Kubernetes, and by the projects that
//! custom resources belong to.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::resource::Gvk;

/// The life of one version of a kind of Kubernetes' own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeCycle {
    /// The minor version of Kubernetes 1 that deprecates it.
    pub deprecated: Option<u32>,
    /// The first minor version that does not have it any more.
    pub removed: Option<u32>,
    /// What to use instead. The kind may be another, too.
    pub replacement: Option<Gvk>,
}

/// The life of one version of a custom resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomLifeCycle {
    /// The release that deprecates it, with its product: `cert-manager 1.4`.
    pub deprecated: Option<&'static str>,
    /// The first release that does not have it any more.
    pub removed: Option<&'static str>,
    /// The apiVersion to use instead.
    pub replacement: Option<String>,
}

/// What is known about a kind of Kubernetes; `None` if it was never deprecated.
///
/// Versions that do not exist yet are told as `k8s.io/api` announces them.
pub fn of(gvk: &Gvk) -> Option<&'static LifeCycle> {
    static TABLE: LazyLock<HashMap<Gvk, LifeCycle>> =
        LazyLock::new(|| rows(include_str!("life_cycle.tsv")).map(|row| native(&row)).collect());
    TABLE.get(gvk)
}

/// What is known about a custom resource; `None` if it was never deprecated, or nobody wrote it down.
pub fn of_custom(gvk: &Gvk) -> Option<CustomLifeCycle> {
    rows(include_str!("custom_life_cycle.tsv")).find_map(
        |[group, version, kinds, deprecated, removed, instead]| {
            let is_meant = *group == *gvk.group
                && *version == *gvk.version
                && (kinds == "*" || kinds.split(',').any(|it| *it == *gvk.kind));
            let filled = |it: &'static str| (!it.is_empty()).then_some(it);
            let replacement =
                |it: &str| if it.contains('/') { it.to_owned() } else { format!("{group}/{it}") };
            is_meant.then(|| CustomLifeCycle {
                deprecated: filled(deprecated),
                removed: filled(removed),
                replacement: filled(instead).map(replacement),
            })
        },
    )
}

fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 6]> {
    table.lines().filter(|it| !it.starts_with('#')).map(|line| {
        let mut fields = line.split('\t');
        std::array::from_fn(|_| fields.next().expect("the tables have six columns"))
    })
}

fn native([group, version, kind, deprecated, removed, instead]: &[&str; 6]) -> (Gvk, LifeCycle) {
    let gvk = Gvk { group: (*group).into(), version: (*version).into(), kind: (*kind).into() };
    let replacement = instead.split_once(' ').map(|(api_version, kind)| Gvk::new(api_version, kind));
    (gvk, LifeCycle { deprecated: deprecated.parse().ok(), removed: removed.parse().ok(), replacement })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_kubernetes_has_a_beginning_and_an_end() {
        let life = of(&Gvk::new("policy/v1beta1", "PodDisruptionBudget")).unwrap();
        assert_eq!((life.deprecated, life.removed), (Some(21), Some(25)));
        assert_eq!(life.replacement, Some(Gvk::new("policy/v1", "PodDisruptionBudget")));
        // k8s.io/api announced 1.33, but 1.31 did not have it any more.
        assert_eq!(of(&Gvk::new("networking.k8s.io/v1alpha1", "IPAddress")).unwrap().removed, Some(31));
        assert_eq!(of(&Gvk::new("apps/v1", "Deployment")), None);
    }

    #[test]
    fn a_custom_resource_is_known_by_its_kind_or_by_its_group() {
        let replacement =
            |api: &str, kind: &str| of_custom(&Gvk::new(api, kind)).unwrap().replacement.unwrap();
        let flux = "notification.toolkit.fluxcd.io";
        assert_eq!(replacement(&format!("{flux}/v1beta2"), "Alert"), format!("{flux}/v1beta3"));
        assert_eq!(replacement(&format!("{flux}/v1beta2"), "Receiver"), format!("{flux}/v1"));
        assert_eq!(replacement("certmanager.k8s.io/v1alpha1", "Issuer"), "cert-manager.io/v1");
        assert_eq!(of_custom(&Gvk::new("helm.toolkit.fluxcd.io/v2", "HelmRelease")), None);
    }

    #[test]
    fn every_row_says_when_something_ended() {
        for [group, version, kind, deprecated, removed, _] in rows(include_str!("custom_life_cycle.tsv")) {
            assert!(!deprecated.is_empty() || !removed.is_empty(), "{group}/{version} {kind}");
        }
        for row in rows(include_str!("life_cycle.tsv")) {
            let (gvk, life) = native(&row);
            assert!(life.deprecated.is_some() || life.removed.is_some(), "{gvk}");
        }
    }
}
