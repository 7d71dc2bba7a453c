//! Kinds as people type them: `deploy`, `deployments`, `Deployment.apps`, `apps/v1/Deployment.spec`.

use super::known::{KnownKind, SchemaOrigin};
use super::unknown_kind::stability;
use crate::suggest;

/// The short names of Kubernetes' own kinds.
const SHORT: [(&str, &str); 29] = [
    ("cm", "ConfigMap"),
    ("cj", "CronJob"),
    ("crd", "CustomResourceDefinition"),
    ("csr", "CertificateSigningRequest"),
    ("cs", "ComponentStatus"),
    ("deploy", "Deployment"),
    ("ds", "DaemonSet"),
    ("ep", "Endpoints"),
    ("ev", "Event"),
    ("hpa", "HorizontalPodAutoscaler"),
    ("ing", "Ingress"),
    ("limits", "LimitRange"),
    ("netpol", "NetworkPolicy"),
    ("no", "Node"),
    ("ns", "Namespace"),
    ("pc", "PriorityClass"),
    ("pdb", "PodDisruptionBudget"),
    ("po", "Pod"),
    ("psp", "PodSecurityPolicy"),
    ("pv", "PersistentVolume"),
    ("pvc", "PersistentVolumeClaim"),
    ("quota", "ResourceQuota"),
    ("rc", "ReplicationController"),
    ("rs", "ReplicaSet"),
    ("sa", "ServiceAccount"),
    ("sc", "StorageClass"),
    ("sts", "StatefulSet"),
    ("svc", "Service"),
    ("vac", "VolumeAttributesClass"),
];

/// What somebody meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant<'k> {
    /// The kinds of the name, the likeliest first: Kubernetes' own, then the most stable version.
    pub kinds: Vec<&'k KnownKind>,
    /// The path of a field.
    pub path: Vec<String>,
}

/// A name that no kind has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind is called `{name}`")]
pub struct NoSuchKind {
    /// As it was typed, without the path of a field.
    pub name: String,
    /// What was most likely meant.
    pub nearest: Option<String>,
}

/// The kinds that `text` may mean: a kind, its plural or short name, in any case; before it an apiVersion
/// or a group with a slash, or behind it a group, or version and group, with dots; then the path of a field.
///
/// # Errors
/// If there is no such kind.
pub fn find<'k>(kinds: &'k [KnownKind], text: &str) -> Result<Meant<'k>, NoSuchKind> {
    let (api, rest) = text.rsplit_once('/').map_or((None, text), |(api, rest)| (Some(api), rest));
    let mut parts = rest.split('.');
    let name = parts.next().unwrap_or_default();
    let mut path: Vec<String> = parts.map(str::to_owned).collect();
    let called: Vec<&KnownKind> = kinds.iter().filter(|it| is_called(&it.gvk.kind, name)).collect();
    if called.is_empty() {
        let nearest = suggest::nearest(name, kinds.iter().map(|it| &*it.gvk.kind)).map(str::to_owned);
        return Err(NoSuchKind { name: name.to_owned(), nearest });
    }
    let mut found = called.clone();
    if let Some(api) = api {
        found.retain(|it| it.gvk.api_version() == api || *it.gvk.group == *api);
    }
    if found.is_empty() {
        let best = sorted(called).first().map(|it| format!("{}/{}", it.gvk.api_version(), it.gvk.kind));
        let name = format!("{}/{name}", api.unwrap_or_default());
        return Err(NoSuchKind { name, nearest: best });
    }
    // The longest group that one of them has; what is left is the path of a field.
    for length in (1..=path.len()).rev() {
        let qualifier = path[..length].join(".");
        let qualified: Vec<&KnownKind> = found.iter().copied().filter(|it| is_in(it, &qualifier)).collect();
        if !qualified.is_empty() {
            found = qualified;
            path.drain(..length);
            break;
        }
    }
    path.retain(|it| !it.is_empty());
    Ok(Meant { kinds: sorted(found), path })
}

fn sorted(mut kinds: Vec<&KnownKind>) -> Vec<&KnownKind> {
    let rank = |it: &KnownKind| {
        let is_native = matches!(it.origin, SchemaOrigin::Kubernetes(_));
        (is_native, it.gvk.group.is_empty(), stability(&it.gvk.version))
    };
    kinds.sort_by_key(|it| std::cmp::Reverse(rank(it)));
    kinds
}

/// Whether a kind is in a group, or in a version of a group: `apps`, `v1.apps`, `v1`.
fn is_in(kind: &KnownKind, qualifier: &str) -> bool {
    let gvk = &kind.gvk;
    let is_group = !gvk.group.is_empty() && *gvk.group == *qualifier;
    is_group || *gvk.version == *qualifier || format!("{}.{}", gvk.version, gvk.group) == qualifier
}

fn is_called(kind: &str, name: &str) -> bool {
    let (kind, name) = (kind.to_lowercase(), name.to_lowercase());
    let is_short = || SHORT.iter().any(|(short, of)| *short == name && of.to_lowercase() == kind);
    kind == name || plural(&kind) == name || is_short()
}

/// The plural as Kubernetes' generators guess it.
fn plural(kind: &str) -> String {
    let is_vowel = |it: char| "aeiou".contains(it);
    let last = |end: char| kind.strip_suffix(end).filter(|it| !it.ends_with(is_vowel));
    if kind == "endpoints" {
        kind.to_owned()
    } else if let Some(stem) = last('y') {
        format!("{stem}ies")
    } else if ["s", "x", "ch", "sh"].iter().any(|it| kind.ends_with(it)) {
        format!("{kind}es")
    } else {
        format!("{kind}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::minor::Minors;
    use crate::resource::Gvk;

    fn kinds() -> Vec<KnownKind> {
        let native = |api: &str, kind: &str| KnownKind {
            gvk: Gvk::new(api, kind),
            origin: SchemaOrigin::Kubernetes(Minors::default()),
        };
        let custom =
            |api: &str, kind: &str| KnownKind { gvk: Gvk::new(api, kind), origin: SchemaOrigin::Custom };
        vec![
            native("apps/v1beta1", "Deployment"),
            native("apps/v1", "Deployment"),
            custom("serving.knative.dev/v1", "Service"),
            native("v1", "Service"),
            native("networking.k8s.io/v1", "Ingress"),
            native("networking.k8s.io/v1", "NetworkPolicy"),
        ]
    }

    #[test]
    fn a_kind_is_found_by_all_the_names_that_it_has() {
        for (text, expected, path) in [
            ("Deployment", "apps/v1 Deployment", ""),
            ("deploy", "apps/v1 Deployment", ""),
            ("deployments.apps", "apps/v1 Deployment", ""),
            ("deployments.v1beta1.apps", "apps/v1beta1 Deployment", ""),
            ("apps/v1beta1/Deployment", "apps/v1beta1 Deployment", ""),
            ("apps/deployment.spec.template", "apps/v1 Deployment", "spec.template"),
            ("Deployment.apps.spec.replicas", "apps/v1 Deployment", "spec.replicas"),
            ("svc.spec", "v1 Service", "spec"),
            ("services.serving.knative.dev.spec", "serving.knative.dev/v1 Service", "spec"),
            ("ingresses", "networking.k8s.io/v1 Ingress", ""),
            ("networkpolicies.", "networking.k8s.io/v1 NetworkPolicy", ""),
        ] {
            let kinds = kinds();
            let found = find(&kinds, text).unwrap();
            assert_eq!(
                (found.kinds[0].gvk.to_string().as_str(), &*found.path.join(".")),
                (expected, path),
                "{text}"
            );
        }
    }

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        for (text, message, nearest) in [
            ("Deploymnet.spec", "no kind is called `Deploymnet`", Some("Deployment")),
            ("batch/v1/Deployment", "no kind is called `batch/v1/Deployment`", Some("apps/v1/Deployment")),
            ("Widget", "no kind is called `Widget`", None),
            ("", "no kind is called ``", None),
        ] {
            let err = find(&kinds(), text).unwrap_err();
            assert_eq!((err.to_string().as_str(), err.nearest.as_deref()), (message, nearest));
        }
    }
}
