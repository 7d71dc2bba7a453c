//! kustomize's built-in configuration, as data.
//!
//! One line a field: the path, then the kinds that have it as `Kind`, `Kind.group` or
//! `Kind.version.group` (a version looks like one: `v1`). `!` marks fields that are created.

use crate::kustomize::config::{Config, NameReference};
use crate::kustomize::field_spec::FieldSpec;
use crate::resource::Gvk;

const TEMPLATE_LABELS: &str = "
! spec/template/metadata/labels ReplicationController.v1 Deployment ReplicaSet DaemonSet StatefulSet.apps Job.batch
! spec/jobTemplate/metadata/labels CronJob.batch
! spec/jobTemplate/spec/template/metadata/labels CronJob.batch
! spec/volumeClaimTemplates[]/metadata/labels StatefulSet.apps
";

const SELECTORS: &str = "
! spec/selector Service.v1 ReplicationController.v1
! spec/selector/matchLabels Deployment ReplicaSet DaemonSet StatefulSet.apps
  spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels Deployment.apps StatefulSet.apps
  spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels Deployment.apps StatefulSet.apps
  spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels Deployment.apps StatefulSet.apps
  spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels Deployment.apps StatefulSet.apps
  spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels Deployment.apps StatefulSet.apps
  spec/selector/matchLabels Job.batch PodDisruptionBudget.policy
  spec/jobTemplate/spec/selector/matchLabels CronJob.batch
  spec/podSelector/matchLabels NetworkPolicy.networking.k8s.io
  spec/ingress/from/podSelector/matchLabels NetworkPolicy.networking.k8s.io
  spec/egress/to/podSelector/matchLabels NetworkPolicy.networking.k8s.io
";

const ANNOTATIONS: &str = "
! metadata/annotations *
! spec/template/metadata/annotations ReplicationController.v1 Deployment ReplicaSet DaemonSet StatefulSet Job.batch
! spec/jobTemplate/metadata/annotations CronJob.batch
! spec/jobTemplate/spec/template/metadata/annotations CronJob.batch
";

const NAME: &str = "  metadata/name *";

// `metadata/namespace` is not here: that one goes by the scope of the kind.
const NAMESPACE: &str = "
! metadata/name Namespace
! spec/service/namespace APIService.apiregistration.k8s.io
  spec/conversion/webhook/clientConfig/service/namespace CustomResourceDefinition.apiextensions.k8s.io
";

const IMAGES: &str = "
! spec/containers[]/image *
! spec/initContainers[]/image *
! spec/template/spec/containers[]/image *
! spec/template/spec/initContainers[]/image *
";

const REPLICAS: &str = "! spec/replicas Deployment ReplicationController ReplicaSet StatefulSet";

// `{container}` stands for each kind of container of each kind of workload.
const VAR_REFERENCE: &str = "
  {container}/args
  {container}/command
  {container}/env/value
  {container}/volumeMounts/mountPath
  spec/jobTemplate/spec/template/volumes/nfs/server CronJob
  spec/template/spec/volumes/nfs/server DaemonSet Deployment Job ReplicaSet
  spec/volumes/nfs/server Pod
  spec/volumeClaimTemplates/spec/nfs/server StatefulSet
  spec/nfs/server PersistentVolume
  spec/template/metadata/annotations Deployment
  spec/rules/host Ingress
  spec/tls/hosts Ingress
  spec/tls/secretName Ingress
  spec/ports/port Service
  spec/ports/targetPort Service
  metadata/labels *
  metadata/annotations *
";

/// The kinds whose containers may use variables, and where their pod spec is.
const CONTAINERS: &[(&str, &str)] = &[
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("Pod", "spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
];

/// The kinds with a pod template, and where its pod spec is; `{pod}` in a path stands for it.
const PODS: &[(&str, &str)] = &[
    ("Pod.v1", "spec"),
    ("PodTemplate", "template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
];

/// The same for references that kustomize follows from a slightly different list of kinds.
const WORKLOADS: &[(&str, &str)] = &[
    ("Pod", "spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
];

/// What is named, and the fields that name it.
const REFERENCES: &[(&str, &str)] = &[
    ("Deployment", "spec/scaleTargetRef/name HorizontalPodAutoscaler"),
    ("ReplicationController", "spec/scaleTargetRef/name HorizontalPodAutoscaler"),
    ("ReplicaSet", "spec/scaleTargetRef/name HorizontalPodAutoscaler"),
    ("StatefulSet", "spec/scaleTargetRef/name HorizontalPodAutoscaler"),
    (
        "ConfigMap.v1",
        "
        {pod}/volumes/configMap/name
        {pod}/containers/env/valueFrom/configMapKeyRef/name
        {pod}/initContainers/env/valueFrom/configMapKeyRef/name
        {pod}/containers/envFrom/configMapRef/name
        {pod}/initContainers/envFrom/configMapRef/name
        {pod}/volumes/projected/sources/configMap/name
        spec/configSource/configMap Node
        rules/resourceNames Role ClusterRole
        metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap Ingress",
    ),
    (
        "Secret.v1",
        "
        {pod}/volumes/secret/secretName
        {pod}/containers/env/valueFrom/secretKeyRef/name
        {pod}/initContainers/env/valueFrom/secretKeyRef/name
        {pod}/containers/envFrom/secretRef/name
        {pod}/initContainers/envFrom/secretRef/name
        {pod}/imagePullSecrets/name
        {pod}/volumes/projected/sources/secret/name
        spec/tls/secretName Ingress
        metadata/annotations/ingress.kubernetes.io\\/auth-secret Ingress
        metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret Ingress
        metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret Ingress
        imagePullSecrets/name ServiceAccount
        parameters/secretName StorageClass
        parameters/adminSecretName StorageClass
        parameters/userSecretName StorageClass
        parameters/secretRef StorageClass
        rules/resourceNames Role ClusterRole
        spec/template/spec/containers/env/valueFrom/secretKeyRef/name Service.v1.serving.knative.dev
        spec/azureFile/secretName PersistentVolume",
    ),
    (
        "Service.v1",
        "
        spec/serviceName StatefulSet.apps
        spec/rules/http/paths/backend/serviceName Ingress
        spec/backend/serviceName Ingress
        spec/rules/http/paths/backend/service/name Ingress
        spec/defaultBackend/service/name Ingress
        spec/service/name APIService.apiregistration.k8s.io
        webhooks/clientConfig/service ValidatingWebhookConfiguration.admissionregistration.k8s.io MutatingWebhookConfiguration.admissionregistration.k8s.io",
    ),
    ("Role.rbac.authorization.k8s.io", "roleRef/name RoleBinding.rbac.authorization.k8s.io"),
    (
        "ClusterRole.rbac.authorization.k8s.io",
        "roleRef/name RoleBinding.rbac.authorization.k8s.io ClusterRoleBinding.rbac.authorization.k8s.io",
    ),
    (
        "ServiceAccount.v1",
        "
        subjects RoleBinding.rbac.authorization.k8s.io ClusterRoleBinding.rbac.authorization.k8s.io
        {workload}/serviceAccountName",
    ),
    ("PersistentVolumeClaim.v1", "{workload}/volumes/persistentVolumeClaim/claimName"),
    ("PersistentVolume.v1", "\nspec/volumeName PersistentVolumeClaim\nrules/resourceNames ClusterRole"),
    (
        "StorageClass.v1.storage.k8s.io",
        "
        spec/storageClassName PersistentVolume PersistentVolumeClaim
        spec/volumeClaimTemplates/spec/storageClassName StatefulSet",
    ),
    ("PriorityClass.v1.scheduling.k8s.io", "{workload}/priorityClassName"),
    ("IngressClass.v1.networking.k8s.io/v1", "spec/ingressClassName Ingress"),
];

pub(super) fn config() -> Config {
    let mut common_labels = specs(SELECTORS);
    let labels = specs("! metadata/labels *");
    common_labels.extend(labels.iter().cloned());
    common_labels.extend(specs(TEMPLATE_LABELS));
    Config {
        name_prefix: specs(NAME),
        name_suffix: specs(NAME),
        namespace: specs(NAMESPACE),
        common_labels,
        labels,
        template_labels: specs(TEMPLATE_LABELS),
        common_annotations: specs(ANNOTATIONS),
        name_reference: references(),
        var_reference: VAR_REFERENCE.lines().flat_map(var_reference).collect(),
        images: specs(IMAGES),
        replicas: specs(REPLICAS),
    }
}

fn references() -> Vec<NameReference> {
    let references = REFERENCES.iter().map(|(target, fields)| NameReference {
        target: gvk(target),
        referrers: fields.lines().filter(|it| !it.trim().is_empty()).flat_map(referrers).collect(),
    });
    references.collect()
}

fn referrers(line: &str) -> Vec<FieldSpec> {
    for (mark, kinds) in [("{pod}", PODS), ("{workload}", WORKLOADS)] {
        if let Some(rest) = line.trim().strip_prefix(mark) {
            let spec = |(kind, pod): &(&str, &str)| FieldSpec::new(gvk(kind), &format!("{pod}{rest}"), false);
            return kinds.iter().map(spec).collect();
        }
    }
    specs(line)
}

fn var_reference(line: &str) -> Vec<FieldSpec> {
    let Some(rest) = line.trim().strip_prefix("{container}") else { return line_specs(line) };
    let pods =
        CONTAINERS.iter().flat_map(|(kind, pod)| [(kind, pod, "containers"), (kind, pod, "initContainers")]);
    pods.map(|(kind, pod, list)| FieldSpec::new(gvk(kind), &format!("{pod}/{list}{rest}"), false)).collect()
}

fn specs(lines: &str) -> Vec<FieldSpec> {
    lines.lines().flat_map(line_specs).collect()
}

fn line_specs(line: &str) -> Vec<FieldSpec> {
    let (create, line) = match line.trim().strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let mut words = line.split_whitespace();
    let Some(path) = words.next() else { return vec![] };
    words.map(|kind| FieldSpec::new(gvk(kind), path, create)).collect()
}

/// Reads `Kind`, `Kind.group`, `Kind.version.group`, or `*`.
fn gvk(text: &str) -> Gvk {
    let (kind, rest) = text.split_once('.').unwrap_or((text, ""));
    let looks_like_version =
        |it: &str| it.strip_prefix('v').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
    let (version, group) = match rest.split_once('.') {
        Some((first, rest)) if looks_like_version(first) => (first, rest),
        None if looks_like_version(rest) => (rest, ""),
        _ => ("", rest),
    };
    let kind = if kind == "*" { "" } else { kind };
    Gvk { group: group.into(), version: version.into(), kind: kind.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_with_and_without_version_and_group() {
        let made = |group: &str, version: &str, kind: &str| Gvk {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
        };
        assert_eq!(gvk("Job"), made("", "", "Job"));
        assert_eq!(gvk("Pod.v1"), made("", "v1", "Pod"));
        assert_eq!(gvk("Job.batch"), made("batch", "", "Job"));
        assert_eq!(gvk("Service.v1.serving.knative.dev"), made("serving.knative.dev", "v1", "Service"));
        assert_eq!(gvk("*"), Gvk::default());
    }

    #[test]
    fn every_kind_with_a_pod_template_refers_to_config_maps() {
        let config = config();
        let config_map = config.name_reference.iter().find(|it| &*it.target.kind == "ConfigMap").unwrap();
        assert_eq!(config_map.referrers.len(), 6 * PODS.len() + 4);
    }
}
