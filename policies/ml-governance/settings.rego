# METADATA
# title: Settings of ml-governance
# description: |
#   Every limit and every list of the pack. What `data.ml_governance` says is merged over it: maps by
#   key, all else is replaced. `null` takes a ceiling away.
package packs.ml_governance

import rego.v1

import data.packs.quantity

# METADATA
# title: What holds if nobody says otherwise
# description: An empty list asks for nothing.
defaults := {
	# The label, of the object or of its pods, that says what kind of work it does.
	"workload_type_label": "workload-type",
	# What it is without the label, by patterns of namespaces first, then by kind.
	"types_by_namespace": {
		"ml-experimentation": "experimentation",
		"ml-inference": "inference",
		"ml-serving": "serving",
		"ml-training": "training",
	},
	"types_by_kind": {
		"InferenceService.serving.kserve.io": "inference",
		"JAXJob.kubeflow.org": "training",
		"MPIJob.kubeflow.org": "training",
		"PaddleJob.kubeflow.org": "training",
		"PyTorchJob.kubeflow.org": "training",
		"TFJob.kubeflow.org": "training",
		"XGBoostJob.kubeflow.org": "training",
	},
	# The most that one container may ask for, by type. Any resource may be named.
	"ceilings": {
		"data-processing": {"cpu": "16", "memory": "128Gi", "gpu": 1},
		"experimentation": {"cpu": "32", "memory": "256Gi", "gpu": 8},
		"inference": {"cpu": "8", "memory": "32Gi", "gpu": 2},
		"serving": {"cpu": "8", "memory": "32Gi", "gpu": 2},
		"training": {"cpu": "32", "memory": "256Gi", "gpu": 8},
	},
	# What `gpu` stands for in a ceiling.
	"gpu_resources": ["amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe", "nvidia.com/gpu"],
	# Resources that a container of a type with a ceiling for them must have a limit for.
	"limits_required": ["memory"],
	# Environment variables that name where data comes from, and the patterns that they may match.
	"data_source_variables": ["DATA_SOURCE"],
	"data_sources": [],
	# Patterns of volumes with sensitive data, labels of claims with it, and the annotation that says
	# that they are encrypted.
	"sensitive_volumes": ["sensitive-*"],
	"sensitive_labels": {"data-classification": ["confidential", "restricted", "sensitive"]},
	"encryption_annotation": "data.encryption.enabled",
	# Patterns of regions, and where regions and zones are named.
	"regions": [],
	"region_keys": [
		"data.residency.region",
		"failure-domain.beta.kubernetes.io/region",
		"topology.kubernetes.io/region",
	],
	"zone_keys": ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
	"region_variables": ["AWS_DEFAULT_REGION", "AWS_REGION", "CLOUDSDK_COMPUTE_REGION"],
	# Whether pods with sensitive data must name a region. Asked only if there are `regions`.
	"region_required": false,
	# Patterns of images with models in them, and the registries or repositories for them.
	"model_images": ["*model*"],
	"model_registries": [],
	# Environment variables with the address of a model, and the addresses that models may come from.
	"model_uri_variables": ["MODEL_URI", "STORAGE_URI"],
	"model_stores": [],
	# What production is: patterns of namespaces, or a label.
	"production_namespaces": ["ml-production"],
	"production_labels": {"environment": ["prod", "production"]},
	# Types of workloads that serve models, and the annotation that they need in production.
	"approval_types": ["inference", "serving"],
	"approval_annotation": "model.approval.status",
	"approval_values": ["approved"],
	# The label of models that decide about people, and the annotation that they need.
	"fairness_label": "model.fairness-critical",
	"bias_check_annotation": "model.bias-check.status",
	"bias_check_values": ["passed"],
}

# METADATA
# title: The settings in force
settings := object.union(defaults, overrides)

default overrides := {}

overrides := given if is_object(given)

# What the user says: of any type.
given := data.ml_governance

# METADATA
# title: Settings are such as the pack can use
# description: A misspelt setting would otherwise pass for one that is met.
# custom:
#   severity: error
deny_settings contains {"msg": msg, "at": "/metadata/name"} if {
	count(templates) > 0
	some msg in setting_mistakes
}

setting_mistakes contains "`data.ml_governance` is not a map: write the settings as keys below it" if {
	given != null
	not is_object(given)
}

setting_mistakes contains msg if {
	some key, _ in overrides
	not key in object.keys(defaults)
	msg := sprintf("`ml_governance.%s` is not a setting of this pack: see the table in its README", [key])
}

setting_mistakes contains msg if {
	some key, value in overrides
	type_name(value) != type_name(defaults[key])
	msg := sprintf("`ml_governance.%s` has to be of type %s, and not %s", [key, type_name(defaults[key]), type_name(value)])
}

setting_mistakes contains msg if {
	# The defaults are known to be right.
	some type, resource
	most := overrides.ceilings[type][resource]
	most != null
	not quantity.is_readable(most)
	msg := sprintf("`ml_governance.ceilings.%s.%s` is `%v`, which is no quantity: write it like `32`, `500m` or `256Gi`", [type, resource, most])
}
