package packs.ml_governance_test

import rego.v1

training := {"workload-type": "training"}

with_limits(limits) := {"containers": [{"name": "app", "resources": {"limits": limits}}]}

test_quantities_are_compared_as_numbers if {
	every limits in [{"cpu": "64"}, {"cpu": 64}, {"cpu": "64000m"}, {"cpu": "32.5"}, {"memory": "300Gi"}, {"memory": "1Ti"}, {"memory": "300000M"}, {"nvidia.com/gpu": "9"}, {"amd.com/gpu": 16}] {
		found := data.packs.ml_governance.deny_ceiling with input as pod(training, with_limits(limits))
		count(found) == 1
	}
	every limits in [{"cpu": "32"}, {"cpu": "500m"}, {"cpu": 1.5}, {"cpu": "31999m"}, {"memory": "256Gi"}, {"memory": "2000M"}, {"nvidia.com/gpu": 8}] {
		found := data.packs.ml_governance.deny_ceiling with input as pod(training, with_limits(limits))
		count(found) == 0
	}
}

test_a_denial_says_what_is_allowed_and_where if {
	found := data.packs.ml_governance.deny_ceiling with input as pod(training, with_limits({"nvidia.com/gpu": "9"}))
	found == {{
		"msg": "`limits.nvidia.com/gpu` of container `app` is `9`, and `8` is the most for workloads of type `training`: lower it, or raise `ceilings.training.gpu`",
		"at": "/spec/containers/0/resources/limits/nvidia.com~1gpu",
	}}
}

test_the_ceiling_depends_on_the_type if {
	limits := {"cpu": "16"}
	every type, count_of in {"training": 0, "inference": 1, "serving": 1, "data-processing": 0, "unknown": 0} {
		found := data.packs.ml_governance.deny_ceiling with input as pod({"workload-type": type}, with_limits(limits))
		count(found) == count_of
	}
}

test_requests_init_containers_and_whole_pods_count if {
	spec := {
		"resources": {"limits": {"cpu": "40"}},
		"initContainers": [{"name": "load", "resources": {"requests": {"memory": "1Ti"}}}],
		"containers": [{"name": "app"}],
	}
	found := data.packs.ml_governance.deny_ceiling with input as pod(training, spec)
	places(found) == {"/spec/resources/limits/cpu", "/spec/initContainers/0/resources/requests/memory"}
}

test_each_replica_of_a_training_job_counts if {
	job := {
		"apiVersion": "kubeflow.org/v1",
		"kind": "PyTorchJob",
		"metadata": {"name": "train"},
		"spec": {"pytorchReplicaSpecs": {"Worker": {"template": {"spec": with_limits({"nvidia.com/gpu": 16})}}}},
	}
	found := data.packs.ml_governance.deny_ceiling with input as job
	places(found) == {"/spec/pytorchReplicaSpecs/Worker/template/spec/containers/0/resources/limits/nvidia.com~1gpu"}
}

test_a_ceiling_can_be_set_and_taken_away if {
	object_with := pod(training, with_limits({"cpu": "64", "ephemeral-storage": "20Gi"}))
	set := data.packs.ml_governance.deny_ceiling with input as object_with with data.ml_governance as {"ceilings": {"training": {"cpu": "64", "ephemeral-storage": "10Gi"}}}
	places(set) == {"/spec/containers/0/resources/limits/ephemeral-storage"}
	away := data.packs.ml_governance.deny_ceiling with input as object_with with data.ml_governance as {"ceilings": {"training": null}}
	count(away) == 0
}

test_amounts_that_are_no_quantity_are_denied if {
	found := data.packs.ml_governance.deny_quantity with input as pod(training, with_limits({"cpu": "lots", "memory": "5 Gi"}))
	places(found) == {"/spec/containers/0/resources/limits/cpu", "/spec/containers/0/resources/limits/memory"}
	yes := data.packs.ml_governance.deny_quantity with input as pod(training, with_limits({"cpu": true}))
	count(yes) == 1
	fine := data.packs.ml_governance.deny_quantity with input as pod(training, with_limits({"cpu": "${CPU}", "memory": "5Gi", "example.com/dongle": "x"}))
	count(fine) == 0
}

test_a_typed_container_needs_a_memory_limit if {
	spec := {"initContainers": [{"name": "once"}], "containers": [{"name": "app", "resources": {"limits": {"cpu": 1}}}]}
	found := data.packs.ml_governance.warn_no_limit with input as pod(training, spec)
	places(found) == {"/spec/containers/0/resources/limits/memory"}
	limited := data.packs.ml_governance.warn_no_limit with input as pod(training, with_limits({"memory": "1Gi"}))
	count(limited) == 0
	untyped := data.packs.ml_governance.warn_no_limit with input as pod({}, spec)
	count(untyped) == 0
	whole := data.packs.ml_governance.warn_no_limit with input as pod(training, object.union(spec, {"resources": {"limits": {"memory": "1Gi"}}}))
	count(whole) == 0
}

test_a_misspelt_type_is_warned_about_where_it_stands if {
	deployment := {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "web", "labels": {"workload-type": "servin"}},
		"spec": {"template": {"metadata": {"labels": {"workload-type": "trainin"}}, "spec": {"containers": []}}},
	}
	found := data.packs.ml_governance.warn_workload_type with input as deployment
	places(found) == {"/metadata/labels/workload-type", "/spec/template/metadata/labels/workload-type"}
	fine := data.packs.ml_governance.warn_workload_type with input as pod({"workload-type": "${TYPE}"}, {})
	count(fine) == 0
	set := data.packs.ml_governance.warn_workload_type with input as deployment with data.ml_governance as {"ceilings": {"servin": {}, "trainin": {}}}
	count(set) == 0
}

test_gpus_need_a_type if {
	spec := with_limits({"nvidia.com/gpu": 1})
	found := data.packs.ml_governance.warn_no_workload_type with input as pod({"team": "a"}, spec)
	places(found) == {"/metadata/labels/workload-type"}
	bare := data.packs.ml_governance.warn_no_workload_type with input as pod({}, spec)
	places(bare) == {"/metadata/name"}
	typed := data.packs.ml_governance.warn_no_workload_type with input as pod(training, spec)
	count(typed) == 0
	no_gpu := data.packs.ml_governance.warn_no_workload_type with input as pod({}, with_limits({"cpu": 1}))
	count(no_gpu) == 0
}
