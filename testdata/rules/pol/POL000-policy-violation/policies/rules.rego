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
