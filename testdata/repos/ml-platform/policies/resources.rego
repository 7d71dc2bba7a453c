# Every container says how much memory it may take, and GPU pods say that they may run on GPU nodes.
package main

import data.lib.workloads

deny contains msg if {
	some container in workloads.containers
	not container.resources.limits.memory
	msg := sprintf("the container `%s` has no memory limit", [container.name])
}

deny contains msg if {
	some pod in workloads.pods
	some container in pod.containers
	container.resources.limits["nvidia.com/gpu"]
	not tolerates_gpu_nodes(pod)
	msg := sprintf("the container `%s` wants a GPU, but its pod does not tolerate `nvidia.com/gpu`", [container.name])
}

tolerates_gpu_nodes(pod) if {
	some toleration in pod.tolerations
	toleration.key == "nvidia.com/gpu"
}
