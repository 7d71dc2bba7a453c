# What the policies share: the pods and containers that an object makes, whatever its kind.
package lib.workloads

kinds := {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "PyTorchJob"}

is_workload if input.kind in kinds

pods contains input.spec if input.kind == "Pod"

pods contains input.spec.template.spec if {
	input.kind in {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}
}

pods contains input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

pods contains replicas.template.spec if {
	input.kind == "PyTorchJob"
	some replicas in input.spec.pytorchReplicaSpecs
}

containers contains container if {
	some pod in pods
	some container in pod.containers
}

containers contains container if {
	some pod in pods
	some container in pod.initContainers
}
