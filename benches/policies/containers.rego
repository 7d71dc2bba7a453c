# The rules that benchmarks ask: what teams ask for everywhere. Six of them, over three kinds of objects.
package main

import rego.v1

workloads := {"DaemonSet", "Deployment", "Job", "StatefulSet"}

containers contains container if {
	input.kind in workloads
	some container in input.spec.template.spec.containers
}

deny_unpinned contains msg if {
	some container in containers
	not is_pinned(container.image)
	msg := sprintf("container %q runs the image %q, which is another one tomorrow", [container.name, container.image])
}

is_pinned(image) if contains(image, "@sha256:")

is_pinned(image) if {
	parts := split(image, ":")
	count(parts) > 1
	not parts[count(parts) - 1] in {"", "latest", "stable"}
	not contains(parts[count(parts) - 1], "/")
}

deny_unlimited contains msg if {
	some container in containers
	some resource in ["cpu", "memory"]
	not container.resources.limits[resource]
	msg := sprintf("container %q has no limit of %s", [container.name, resource])
}

deny_root contains msg if {
	input.kind in workloads
	not input.spec.template.spec.securityContext.runAsNonRoot
	some container in containers
	not container.securityContext.runAsNonRoot
	msg := sprintf("container %q may run as root", [container.name])
}

warn_probes contains msg if {
	input.kind == "Deployment"
	some container in containers
	some probe in ["livenessProbe", "readinessProbe"]
	not container[probe]
	msg := sprintf("container %q has no %s", [container.name, probe])
}
