package main

deny contains {"msg": msg, "at": "/spec/replicas"} if {
	input.kind == "Deployment"
	input.spec.replicas > 5
	msg := "more than five replicas"
}

warn_owner contains msg if {
	not input.metadata.labels.owner
	msg := sprintf("`%s` has no owner", [input.metadata.name])
}

# No place: the value that the rule reads.
deny_network contains "pods have networks of their own" if input.spec.template.spec.hostNetwork

warn_memory contains msg if {
	some container in input.spec.template.spec.containers
	container.imagePullPolicy == "Always"
	not container.resources.limits.memory
	msg := sprintf("container `%s` has no memory limit", [container.name])
}
