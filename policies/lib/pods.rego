# METADATA
# title: Pods of every workload kind
# description: |
#   Finds the pod specifications of an object, whatever kind it is, and the containers in them, each
#   with its path, so that a rule can say where to edit. The object is an argument: a policy whose
#   library was not loaded then fails to compile, instead of finding nothing.
package packs.pods

import rego.v1

# METADATA
# title: The object to look at
# description: What Gatekeeper and admission webhooks review, or the input itself, as in conftest.
subject(it) := it.review.object

subject(it) := it if not it.review

# METADATA
# title: Where each kind keeps its pod specifications
# description: |
#   By kind and group, as in `kubectl get deployments.apps`. A `*` stands for every item of a list
#   or every entry of a map; there are two at most. What KServe and Argo Workflows have in these
#   places is not a pod specification by type, but has its fields.
specs := {
	"CronJob.batch": ["spec/jobTemplate/spec/template/spec"],
	"DaemonSet.apps": ["spec/template/spec"],
	"Deployment.apps": ["spec/template/spec"],
	"Job.batch": ["spec/template/spec"],
	"Pod": ["spec"],
	"PodTemplate": ["template/spec"],
	"ReplicaSet.apps": ["spec/template/spec"],
	"ReplicationController": ["spec/template/spec"],
	"StatefulSet.apps": ["spec/template/spec"],
	# Argo
	"ClusterWorkflowTemplate.argoproj.io": ["spec/templates/*", "spec/templates/*/containerSet"],
	"CronWorkflow.argoproj.io": ["spec/workflowSpec/templates/*", "spec/workflowSpec/templates/*/containerSet"],
	"Rollout.argoproj.io": ["spec/template/spec"],
	"Workflow.argoproj.io": ["spec/templates/*", "spec/templates/*/containerSet"],
	"WorkflowTemplate.argoproj.io": ["spec/templates/*", "spec/templates/*/containerSet"],
	# batch systems
	"Job.batch.volcano.sh": ["spec/tasks/*/template/spec"],
	"JobSet.jobset.x-k8s.io": ["spec/replicatedJobs/*/template/spec/template/spec"],
	"LeaderWorkerSet.leaderworkerset.x-k8s.io": [
		"spec/leaderWorkerTemplate/leaderTemplate/spec",
		"spec/leaderWorkerTemplate/workerTemplate/spec",
	],
	# Kubeflow
	"JAXJob.kubeflow.org": ["spec/jaxReplicaSpecs/*/template/spec"],
	"MPIJob.kubeflow.org": ["spec/mpiReplicaSpecs/*/template/spec"],
	"Notebook.kubeflow.org": ["spec/template/spec"],
	"PaddleJob.kubeflow.org": ["spec/paddleReplicaSpecs/*/template/spec"],
	"PyTorchJob.kubeflow.org": ["spec/pytorchReplicaSpecs/*/template/spec"],
	"TFJob.kubeflow.org": ["spec/tfReplicaSpecs/*/template/spec"],
	"XGBoostJob.kubeflow.org": ["spec/xgbReplicaSpecs/*/template/spec"],
	# Ray
	"RayCluster.ray.io": ["spec/headGroupSpec/template/spec", "spec/workerGroupSpecs/*/template/spec"],
	"RayJob.ray.io": [
		"spec/rayClusterSpec/headGroupSpec/template/spec",
		"spec/rayClusterSpec/workerGroupSpecs/*/template/spec",
		"spec/submitterPodTemplate/spec",
	],
	"RayService.ray.io": [
		"spec/rayClusterConfig/headGroupSpec/template/spec",
		"spec/rayClusterConfig/workerGroupSpecs/*/template/spec",
	],
	# serving
	"ClusterServingRuntime.serving.kserve.io": ["spec"],
	"InferenceService.serving.kserve.io": [
		"spec/explainer",
		"spec/predictor",
		"spec/predictor/workerSpec",
		"spec/transformer",
	],
	"SeldonDeployment.machinelearning.seldon.io": ["spec/predictors/*/componentSpecs/*/spec"],
	"Service.serving.knative.dev": ["spec/template/spec"],
	"ServingRuntime.serving.kserve.io": ["spec"],
}

# METADATA
# title: Kind and group of an object
kind(it) := it.kind if not contains(it.apiVersion, "/")

kind(it) := concat(".", [it.kind, split(it.apiVersion, "/")[0]]) if contains(it.apiVersion, "/")

# METADATA
# title: The pod specifications of an object
# description: |
#   Each as `spec` with its `path`, and with the `metadata` of its pods, which are at `metadata_path`.
templates(it) := [{"spec": spec, "path": path, "metadata": metadata, "metadata_path": metadata_path} |
	name := kind(it)
	some pattern in specs[name]
	some path in expand(it, split(pattern, "/*"))
	spec := object.get(it, path, null)
	is_object(spec)
	metadata_path := beside(path)
	metadata := object.get(it, metadata_path, {})
]

# The metadata of pods stands beside their specification. KServe has the labels inside.
beside(path) := array.concat(array.slice(path, 0, count(path) - 1), ["metadata"]) if path[count(path) - 1] == "spec"

beside(path) := path if path[count(path) - 1] != "spec"

# The paths that a pattern stands for, given its parts between the stars.
expand(_, parts) := [steps(parts[0])] if count(parts) == 1

expand(it, parts) := [array.concat(path, steps(parts[1])) |
	some path in children(it, steps(parts[0]))
] if {
	count(parts) == 2
}

expand(it, parts) := [array.concat(path, steps(parts[2])) |
	some outer in children(it, steps(parts[0]))
	some path in children(it, array.concat(outer, steps(parts[1])))
] if {
	count(parts) == 3
}

steps(text) := [step | some step in split(text, "/"); step != ""]

children(it, path) := [array.concat(path, [key]) |
	items := object.get(it, path, [])
	some key
	_ = items[key]
]

# METADATA
# title: The fields of a pod specification with lists of containers
container_lists := ["initContainers", "containers", "ephemeralContainers", "sidecars"]

# METADATA
# title: The fields of a pod specification that are one container
# description: KServe's model and its older names by framework, and the steps of Argo Workflows.
single_containers := [
	"container", "script", "model", "huggingface", "lightgbm", "onnx", "paddle", "pmml", "pytorch",
	"sklearn", "tensorflow", "triton", "xgboost",
]

# METADATA
# title: The containers of a pod
# description: |
#   Of one of `templates`. Each with its fields as `container`, its `name`, its `path` and the name of
#   the `list` that it is in.
containers(pod) := array.concat(
	[{"container": container, "name": name, "path": path, "list": list} |
		some list in container_lists
		some index
		container := pod.spec[list][index]
		is_object(container)
		path := array.concat(pod.path, [list, index])
		name := object.get(container, "name", sprintf("%s[%d]", [list, index]))
	],
	[{"container": container, "name": name, "path": path, "list": name} |
		some name in single_containers
		container := pod.spec[name]
		is_object(container)
		path := array.concat(pod.path, [name])
	],
)

# METADATA
# title: All containers of an object
all_containers(it) := [found |
	some pod in templates(it)
	some found in containers(pod)
]

# METADATA
# title: Whether a container runs as long as its pod
# description: |
#   An init container with `restartPolicy: Always` is a sidecar. Ephemeral ones have no resources.
is_long_running(it) if not it.list in {"initContainers", "ephemeralContainers"}

is_long_running(it) if {
	it.list == "initContainers"
	it.container.restartPolicy == "Always"
}
