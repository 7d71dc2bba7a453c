# METADATA
# title: What ml-governance looks at
# description: The object, its metadata, what kind of work its pods do, and the variables that it sets.
package packs.ml_governance

import rego.v1

import data.packs.place
import data.packs.pods

subject := pods.subject(input)

namespace := object.get(subject, ["metadata", "namespace"], "")

templates := pods.templates(subject)

containers := pods.all_containers(subject)

# METADATA
# title: What kind of work a pod does
# description: |
#   What the labels of the object and of the pod say, both if they differ; else what is set for the
#   namespace; else what is set for the kind.
types(pod) := found if {
	found := {it.type | some it in declared_types(pod)}
	count(found) > 0
} else := types_of_namespace if {
	count(types_of_namespace) > 0
} else := types_of_kind

types_of_namespace contains type if {
	some pattern, type in settings.types_by_namespace
	glob.match(pattern, null, namespace)
}

types_of_kind contains settings.types_by_kind[pods.kind(subject)]

# The types that labels declare, with their places.
declared_types(pod) := {{"type": type, "at": at} |
	some found in [
		{"metadata": object.get(subject, "metadata", {}), "path": ["metadata"]},
		{"metadata": pod.metadata, "path": pod.metadata_path},
	]
	type := found.metadata.labels[settings.workload_type_label]
	at := place.pointer(array.concat(found.path, ["labels", settings.workload_type_label]))
}

# The metadata of the object and of its pods.
all_metadata := array.concat([object.get(subject, "metadata", {})], [pod.metadata | some pod in templates])

# METADATA
# title: Values of an annotation
# description: On the object or on pods of it.
annotation(key) := {value |
	some metadata in all_metadata
	value := metadata.annotations[key]
}

has_label(key, values) if {
	some metadata in all_metadata
	metadata.labels[key] in values
}

matches_any(text, patterns) if {
	some pattern in patterns
	glob.match(pattern, null, text)
}

# METADATA
# title: Variables with their values
# description: |
#   Those of containers, and the entries of ConfigMaps, which become variables through `envFrom` or
#   `configMapKeyRef`.
variables contains {"name": variable.name, "value": variable.value, "at": at} if {
	some it in containers
	some index
	variable := it.container.env[index]
	is_string(variable.value)
	at := place.pointer(array.concat(it.path, ["env", index, "value"]))
}

variables contains {"name": name, "value": value, "at": place.pointer(["data", name])} if {
	subject.kind == "ConfigMap"
	some name
	value := subject.data[name]
	is_string(value)
}
