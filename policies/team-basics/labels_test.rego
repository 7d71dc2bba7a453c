package main_test

import rego.v1

deployment(metadata) := {"kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": {}}}}

test_a_workload_without_the_label_is_denied_at_its_labels if {
	found := data.main.deny_name_label with input as deployment({"name": "web", "labels": {"tier": "front"}})
	{it.at | some it in found} == {"/metadata/labels/app.kubernetes.io~1name"}
}

test_a_workload_without_labels_is_denied_at_its_name if {
	found := data.main.deny_name_label with input as deployment({"name": "web"})
	{it.at | some it in found} == {"/metadata/name"}
}

test_an_empty_label_is_none if {
	found := data.main.deny_name_label with input as deployment({"name": "web", "labels": {"app.kubernetes.io/name": ""}})
	count(found) == 1
}

test_a_labelled_workload_is_accepted if {
	found := data.main.deny_name_label with input as deployment({"name": "web", "labels": {"app.kubernetes.io/name": "web"}})
	count(found) == 0
}

test_objects_that_run_nothing_need_no_label if {
	found := data.main.deny_name_label with input as {"kind": "ConfigMap", "metadata": {"name": "web"}}
	count(found) == 0
}
