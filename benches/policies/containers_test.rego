package main_test

import rego.v1

deployment(container) := {
	"kind": "Deployment",
	"metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop"}},
	"spec": {"template": {"spec": {"containers": [object.union({"name": "app", "image": "web:1.2"}, container)]}}},
}

test_a_bare_container_lacks_everything if {
	object := deployment({"image": "registry:5000/web"})
	count(data.main.deny_unpinned) == 1 with input as object
	count(data.main.deny_unlimited) == 2 with input as object
	count(data.main.deny_root) == 1 with input as object
	count(data.main.warn_probes) == 2 with input as object
}

test_a_complete_container_is_fine if {
	object := deployment({
		"image": "web@sha256:0",
		"resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
		"securityContext": {"runAsNonRoot": true},
		"livenessProbe": {},
		"readinessProbe": {},
	})
	found := ((data.main.deny_unpinned | data.main.deny_unlimited) | data.main.deny_root) | data.main.warn_probes with input as object
	count(found) == 0
}

test_a_tag_is_a_pin_unless_it_moves[image] if {
	some image, count_of in {"web:1.2": 0, "web:latest": 1, "web": 1, "web@sha256:0": 0}
	count(data.main.deny_unpinned) == count_of with input as deployment({"image": image})
}

test_objects_need_labels_and_a_reason_to_be_open if {
	service := {"kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "NodePort"}}
	count(data.main.deny_labels) == 1 with input as service
	count(data.main.deny_exposed) == 1 with input as service
	count(data.main.deny_labels) == 0 with input as deployment({})
}
