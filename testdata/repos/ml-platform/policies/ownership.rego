# Somebody looks after every workload, and production runs more than one copy of what people wait for.
package main

import data.lib.workloads

deny contains {"msg": msg, "at": "/metadata/labels"} if {
	workloads.is_workload
	not input.metadata.labels["lumen.example/team"]
	msg := sprintf("the %s `%s` does not say which team looks after it", [input.kind, input.metadata.name])
}

warn contains {"msg": msg, "at": "/spec/minReplicas"} if {
	input.kind == "HorizontalPodAutoscaler"
	input.metadata.labels["lumen.example/environment"] == "production"
	input.spec.minReplicas < 2
	msg := sprintf("`%s` may shrink to a single pod in production", [input.metadata.name])
}
