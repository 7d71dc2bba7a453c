package packs.ml_governance_test

import rego.v1

types(whole) := found if {
	found := {type |
		some it in data.packs.ml_governance.templates with input as whole
		some type in data.packs.ml_governance.types(it) with input as whole
	}
}

in_namespace(namespace, labels) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "web", "namespace": namespace, "labels": labels},
	"spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}},
}

test_labels_say_the_type_first if {
	types(in_namespace("ml-serving", {"workload-type": "training"})) == {"training"}
}

test_the_namespace_says_it_next if {
	types(in_namespace("ml-serving", {})) == {"serving"}
	types(in_namespace("web", {})) == set()
}

test_the_kind_says_it_last if {
	service := {
		"apiVersion": "serving.kserve.io/v1beta1",
		"kind": "InferenceService",
		"metadata": {"name": "ranker", "namespace": "web"},
		"spec": {"predictor": {"model": {}}},
	}
	types(service) == {"inference"}
	types(object.union(service, {"spec": {"predictor": {"labels": {"workload-type": "batch"}}}})) == {"batch"}
}


test_variables_are_those_of_containers_and_of_config_maps if {
	spec := {"containers": [{"name": "app", "env": [
		{"name": "A", "value": "x"},
		{"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
	]}]}
	of_pod := data.packs.ml_governance.variables with input as pod({}, spec)
	of_pod == {{"name": "A", "value": "x", "at": "/spec/containers/0/env/0/value"}}
	of_map := data.packs.ml_governance.variables with input as {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"A": "x", "B": 1}}
	of_map == {{"name": "A", "value": "x", "at": "/data/A"}}
	of_secret := data.packs.ml_governance.variables with input as {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"A": "x"}}
	count(of_secret) == 0
}

test_strange_shapes_are_left_alone if {
	every spec in [
		{"containers": null, "volumes": null},
		{"containers": "text", "volumes": "text", "initContainers": [null]},
		{"containers": [{"env": "text", "resources": null}, {"env": [null], "resources": {"limits": "text"}}]},
	] {
		count(data.packs.ml_governance.variables) == 0 with input as pod(training, spec)
		count(data.packs.ml_governance.amounts) == 0 with input as pod(training, spec)
		count(data.packs.ml_governance.sensitive_volumes) == 0 with input as pod(training, spec)
	}
}

test_a_review_is_looked_into if {
	found := data.packs.ml_governance.deny_ceiling with input as {"review": {"object": pod(training, with_limits({"cpu": "64"}))}}
	places(found) == {"/spec/containers/0/resources/limits/cpu"}
}

test_the_label_can_be_another if {
	object_with := pod({"kind-of-work": "serving"}, with_limits({"cpu": "16"}))
	found := data.packs.ml_governance.deny_ceiling with input as object_with with data.ml_governance as {"workload_type_label": "kind-of-work"}
	count(found) == 1
	other := data.packs.ml_governance.deny_ceiling with input as object_with
	count(other) == 0
}
