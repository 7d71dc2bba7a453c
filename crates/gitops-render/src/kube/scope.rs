//! Which kinds are known to live outside of namespaces.
//!
//! kustomize asks the API of Kubernetes 1.21 that is built into it, by group, version and kind. A
//! kind that is newer, or a custom resource, counts as namespaced, whatever it is in truth.

use crate::resource::Gvk;

/// Whether kustomize knows that objects of this kind have no namespace.
///
/// `false` for every kind that it does not know: `GatewayClass`, `ValidatingAdmissionPolicy`, and
/// versions that the API of 1.21 does not serve.
pub fn is_cluster_scoped(gvk: &Gvk) -> bool {
    CLUSTER_SCOPED.iter().any(|(group, kinds)| {
        *group == &*gvk.group
            && kinds.iter().any(|(kind, versions)| *kind == &*gvk.kind && versions.contains(&&*gvk.version))
    })
}

type Kinds = &'static [(&'static str, &'static [&'static str])];

/// Group, then kind and the versions in which it is known.
const CLUSTER_SCOPED: &[(&str, Kinds)] = &[
    (
        "",
        &[
            ("ComponentStatus", &["v1"]),
            ("Namespace", &["v1"]),
            ("Node", &["v1"]),
            ("PersistentVolume", &["v1"]),
        ],
    ),
    (
        "admissionregistration.k8s.io",
        &[
            ("MutatingWebhookConfiguration", &["v1", "v1beta1"]),
            ("ValidatingWebhookConfiguration", &["v1", "v1beta1"]),
        ],
    ),
    ("apiextensions.k8s.io", &[("CustomResourceDefinition", &["v1", "v1beta1"])]),
    ("apiregistration.k8s.io", &[("APIService", &["v1", "v1beta1"])]),
    ("certificates.k8s.io", &[("CertificateSigningRequest", &["v1", "v1beta1"])]),
    (
        "flowcontrol.apiserver.k8s.io",
        &[("FlowSchema", &["v1beta1"]), ("PriorityLevelConfiguration", &["v1beta1"])],
    ),
    ("networking.k8s.io", &[("IngressClass", &["v1", "v1beta1"])]),
    ("node.k8s.io", &[("RuntimeClass", &["v1", "v1beta1"])]),
    ("policy", &[("PodSecurityPolicy", &["v1beta1"])]),
    (
        "rbac.authorization.k8s.io",
        &[("ClusterRole", &["v1", "v1beta1"]), ("ClusterRoleBinding", &["v1", "v1beta1"])],
    ),
    ("scheduling.k8s.io", &[("PriorityClass", &["v1", "v1beta1"])]),
    (
        "storage.k8s.io",
        &[
            ("CSIDriver", &["v1", "v1beta1"]),
            ("CSINode", &["v1", "v1beta1"]),
            ("StorageClass", &["v1", "v1beta1"]),
            ("VolumeAttachment", &["v1", "v1beta1"]),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_without_namespaces_is_known_only_in_the_versions_of_1_21() {
        for (api_version, kind, known) in [
            ("v1", "Namespace", true),
            ("v1", "PersistentVolume", true),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", true),
            ("rbac.authorization.k8s.io/v1", "Role", false),
            ("rbac.authorization.k8s.io/v1alpha1", "ClusterRole", false),
            ("apiregistration.k8s.io/v1", "APIService", true),
            ("node.k8s.io/v1alpha1", "RuntimeClass", false),
            ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", false),
            ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", false),
            ("gateway.networking.k8s.io/v1", "GatewayClass", false),
            ("authorization.k8s.io/v1", "SubjectAccessReview", false),
            ("example.org/v1", "Namespace", false),
            ("apps/v1", "Deployment", false),
        ] {
            assert_eq!(is_cluster_scoped(&Gvk::new(api_version, kind)), known, "{api_version} {kind}");
        }
    }
}
