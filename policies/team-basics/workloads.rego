# METADATA
# title: Pods of every workload kind
# description: |
#   Finds the pod template of an object, whatever kind it is, and the containers in it. Each
#   container comes with the JSON pointer of its place, so that a rule can say where to edit.
package team.workloads

import rego.v1

# METADATA
# title: Where a kind keeps its pod specification
# description: A bare Pod is its own, a CronJob nests two templates, the rest has one.
pod_spec_path := ["spec"] if input.kind == "Pod"

pod_spec_path := ["template", "spec"] if input.kind == "PodTemplate"

pod_spec_path := ["spec", "jobTemplate", "spec", "template", "spec"] if input.kind == "CronJob"

pod_spec_path := ["spec", "template", "spec"] if {
	input.kind in {
		"DaemonSet",
		"Deployment",
		"Job",
		"ReplicaSet",
		"ReplicationController",
		"StatefulSet",
	}
}

# METADATA
# title: The pod specification of the object
pod_spec := object.get(input, pod_spec_path, {})

# METADATA
# title: Every container, with its place
containers contains {"container": container, "at": at} if {
	some list in ["containers", "ephemeralContainers", "initContainers"]
	some index, container in pod_spec[list]
	at := sprintf("/%s/%s/%d", [concat("/", pod_spec_path), list, index])
}

# METADATA
# title: Containers that run as long as the pod
# description: |
#   Ephemeral containers cannot have resources. An init container with `restartPolicy: Always` is a
#   sidecar.
long_running contains it if {
	some it in containers
	not contains(it.at, "/ephemeralContainers/")
	not contains(it.at, "/initContainers/")
}

long_running contains it if {
	some it in containers
	contains(it.at, "/initContainers/")
	it.container.restartPolicy == "Always"
}
