"""The archive of custom resources: which kinds are taken from which package, and where a source is too strict."""

import json
import pathlib

import archive
from readers import openapi_generator, pydantic, rust, typescript

HERE = pathlib.Path(__file__).resolve().parent

BLOCK = 150_000  # bytes that are unpacked for one kind, if its group has no more

ANY = {"x-kubernetes-preserve-unknown-fields": True}
OPEN = {"type": "object", **ANY}

# Kinds that only controllers write.
NOT_WRITTEN = {
    "AdmissionReport", "BackgroundScanReport", "ClusterAdmissionReport", "ClusterBackgroundScanReport", "UpdateRequest",
    "Challenge", "Order", "CertificateRequest", "FluxReport", "ArgoCDExport", "VolumeSnapshotContent",
    "SecretProviderClassPodStatus",
}  # fmt: skip

# Fields of the experimental channel of Gateway API: the crate is made of the standard channel.
EXPERIMENTAL = {
    "HTTPRoute": {
        "useDefaultGateways": ["spec"],
        "retry": ["spec.rules[]"],
        "sessionPersistence": ["spec.rules[]"],
        "name": ["spec.rules[]"],
        "cors": ["spec.rules[].filters[]", "spec.rules[].backendRefs[].filters[]"],
        "externalAuth": ["spec.rules[].filters[]", "spec.rules[].backendRefs[].filters[]"],
    },
    "GRPCRoute": {"useDefaultGateways": ["spec"], "sessionPersistence": ["spec.rules[]"], "name": ["spec.rules[]"]},
    "Gateway": {
        "defaultScope": ["spec"], "backendTLS": ["spec"], "tls": ["spec"], "allowedListeners": ["spec"],
        "frontendValidation": ["spec.listeners[].tls"],
    },
    "BackendTLSPolicy": {"options": ["spec"]},
}  # fmt: skip

# Where a CRD has both properties and preserve-unknown-fields, or takes any text, and the source does not say so.
LOOSENED = {
    ("bitnami.com", "SealedSecret"): ["spec.template.metadata", "spec.encryptedData"],
    ("keda.sh", "ScaledJob"): ["spec.jobTargetRef.template.metadata"],
    ("serving.knative.dev", "Service"): ["spec.template.metadata", "spec.template.spec", "spec.template.spec.containers[]"],
    ("serving.knative.dev", "Configuration"): ["spec.template.metadata", "spec.template.spec", "spec.template.spec.containers[]"],
}  # fmt: skip

# Fields that are required and have a default, which the source does not tell.
DEFAULTED = {("postgresql.cnpg.io", "Cluster"): {"spec": {"instances"}}}

# Lists of values that each release makes longer.
GROWING = {
    ("notification.toolkit.fluxcd.io", "Alert"): ["spec.eventSources[].kind"],
    ("notification.toolkit.fluxcd.io", "Receiver"): ["spec.resources[].kind"],
}

KUBEFLOW_JOBS = ("JAXJob", "MPIJob", "PaddleJob", "PyTorchJob", "TFJob", "XGBoostJob")
ROLLOUT_KINDS = ("AnalysisRun", "AnalysisTemplate", "ClusterAnalysisTemplate", "Experiment", "Rollout")
ROLLOUTS = "IComGithubArgoprojArgoRolloutsPkgApisRolloutsV1alpha1"


def archive_texts(packages, definitions):
    """Returns the texts of the archive: the index, and the blocks of schemas. Equal input gives equal texts.

    `definitions` are the names of Kubernetes' own definitions, which schemas may refer to.
    """
    bodies = {}
    for group, version, kind, spec in kinds(packages, definitions):
        if kind in NOT_WRITTEN:
            continue
        loosen(group, kind, spec)
        # The object itself stays open: kustomize's, SOPS' and other tools' fields may stand in it.
        root = {"type": "object", "properties": {"spec": spec}, **ANY}
        body = json.dumps(root, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        versions = bodies.setdefault((group, kind, body), [])
        if any(version in of for (g, k, _), of in bodies.items() if (g, k) == (group, kind)):
            raise ValueError(f"two sources have {group}/{version} {kind}")
        versions.append(version)
    groups = {}
    for (group, kind, body), versions in sorted(bodies.items()):
        groups.setdefault(group, []).append((",".join(sorted(versions)), kind, body))
    texts = {group: "".join(f"{body}\n" for _, _, body in lines) for group, lines in groups.items()}
    # Groups of one project stand together, and have much in common.
    blocks = archive.blocks(sorted(texts.items(), key=lambda it: it[0].split(".")[::-1]), BLOCK)
    index = ["gitops-lint-custom-schemas\t2"]
    for names, _ in blocks:
        index.append("block")
        index += ["\t".join(["kind", group, *it[:2]]) for group in names for it in groups[group]]
    return ["\n".join(index) + "\n"] + [text for _, text in blocks]


def kinds(packages, definitions):
    """Yields (group, version, kind, schema of `spec`)."""
    native = Native(definitions)
    for name, files in packages.items():
        if name.startswith("kcr_"):
            yield from rust.kinds(files)
    yield from rollouts(packages["@kubernetes-models/argo-rollouts==2.0.0"], native)
    yield from kserve(packages["kserve==0.21.0"], native)
    yield from kubeflow(packages["kubeflow-training==1.9.4"], native)
    yield from knative(packages["cloudcoil.models.knative-serving==1.17.0.1"])
    yield from by_hand()


def rollouts(files, native):
    interfaces = typescript.interfaces(files)
    for kind in ROLLOUT_KINDS:
        spec = "AnalysisTemplateSpec" if kind == "ClusterAnalysisTemplate" else f"{kind}Spec"
        yield "argoproj.io", "v1alpha1", kind, typescript.mapping(interfaces, ROLLOUTS + spec, native.long)


def kserve(files, native):
    classes = openapi_generator.classes(files, "kserve/models/")
    for version, kind, spec in (
        ("v1beta1", "InferenceService", "V1beta1InferenceServiceSpec"),
        ("v1alpha1", "ServingRuntime", "V1alpha1ServingRuntimeSpec"),
        ("v1alpha1", "ClusterServingRuntime", "V1alpha1ServingRuntimeSpec"),
        ("v1alpha1", "ClusterStorageContainer", "V1alpha1StorageContainerSpec"),
        ("v1alpha1", "InferenceGraph", "V1alpha1InferenceGraphSpec"),
        ("v1alpha1", "TrainedModel", "V1alpha1TrainedModelSpec"),
    ):
        schema = openapi_generator.mapping(classes, spec, native.short)
        if kind == "InferenceService":
            schema["required"] = ["predictor"]
        yield "serving.kserve.io", version, kind, schema


def kubeflow(files, native):
    classes = openapi_generator.classes(files, "kubeflow/training/models/")
    for kind in KUBEFLOW_JOBS:
        yield "kubeflow.org", "v1", kind, openapi_generator.mapping(classes, f"KubeflowOrgV1{kind}Spec", native.short)


def knative(files):
    models = pydantic.Models(files["cloudcoil/models/knative_serving/serving/v1.py"].decode())
    for kind in ("Service", "Route", "Configuration"):
        yield "serving.knative.dev", "v1", kind, models.mapping(f"{kind}Spec")


def by_hand():
    """Kinds that no package describes: what their documentation says about the types, open for everything else."""
    for names, spec in json.loads((HERE / "by_hand.json").read_text()).items():
        api_version, kind = names.split(" ")
        group, versions = api_version.split("/")
        for version in versions.split(","):
            yield group, version, kind, spec


class Native:
    """What other languages call Kubernetes' own types."""

    def __init__(self, definitions):
        self.by_name = {}
        for name in sorted(definitions):
            parts = name.split(".")
            if name.startswith("io.k8s.api."):
                self.by_name.setdefault((parts[-2] + parts[-1]).lower(), []).append(name)
            self.by_name["".join(parts).lower()] = [name]

    def long(self, name):
        return self.schema(name.removeprefix("I"))

    def short(self, name):
        return self.schema(name.replace("K8sIo", "IoK8s", 1))

    def schema(self, name):
        if name.endswith("IntOrString") or name.endswith("Quantity"):
            return {"x-kubernetes-int-or-string": True}
        if name.endswith("Time"):
            return {"type": "string"}
        found = self.by_name.get(name.lower(), [])
        found = [it for it in found if ".core." in it] or found
        if name.endswith("ObjectMeta") or len(found) != 1:
            return dict(OPEN)
        return {"$ref": f"#/$defs/{found[0]}"}


def loosen(group, kind, spec):
    for path in LOOSENED.get((group, kind), []):
        for mapping in at(spec, path):
            mapping.update(ANY)
            mapping.pop("additionalProperties", None)
            mapping.pop("required", None)
    for path, fields in DEFAULTED.get((group, kind), {}).items():
        for mapping in at(spec, path):
            mapping["required"] = [it for it in mapping["required"] if it not in fields]
    for path in GROWING.get((group, kind), []):
        for value in at(spec, path):
            value.pop("enum", None)
    if group == "gateway.networking.k8s.io":
        for field, paths in EXPERIMENTAL.get(kind, {}).items():
            for path in paths:
                for mapping in at(spec, path):
                    mapping.get("properties", {}).setdefault(field, dict(ANY))


def at(spec, path):
    """Returns the schema at a path such as `spec.rules[].filters[]`, if there is one."""
    for part in path.split(".")[1:] if path.startswith("spec.") else []:
        spec = spec.get("properties", {}).get(part.removesuffix("[]"), {})
        spec = spec.get("items", {}) if part.endswith("[]") else spec
    return [spec] if spec else []
