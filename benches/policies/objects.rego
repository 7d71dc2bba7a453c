package main

import rego.v1

wanted := {"app.kubernetes.io/name", "app.kubernetes.io/part-of"}

deny_labels contains msg if {
	missing := wanted - {label | some label, _ in input.metadata.labels}
	count(missing) > 0
	msg := sprintf("%s %q lacks the labels %s", [input.kind, input.metadata.name, concat(", ", sort(missing))])
}

deny_exposed contains msg if {
	input.kind == "Service"
	input.spec.type in {"LoadBalancer", "NodePort"}
	not input.metadata.annotations["example.com/exposed"]
	msg := sprintf("service %q is open to the world", [input.metadata.name])
}
