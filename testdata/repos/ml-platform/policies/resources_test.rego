package main

job(pod) := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {"name": "train", "labels": {"lumen.example/team": "training"}},
	"spec": {"template": {"spec": pod}},
}

trainer(limits) := {
	"name": "trainer",
	"image": "registry.lumen.example/ml/trainer:4.2.0",
	"resources": {"limits": limits},
}

test_a_memory_limit_is_asked_for if {
	found := deny with input as job({"containers": [trainer({"cpu": "1"})]})
	"the container `trainer` has no memory limit" in found
}

test_init_containers_count if {
	found := deny with input as job({
		"initContainers": [{"name": "fetch", "image": "registry.lumen.example/ml/fetch:1"}],
		"containers": [trainer({"memory": "1Gi"})],
	})
	"the container `fetch` has no memory limit" in found
}

test_a_gpu_needs_a_toleration if {
	found := deny with input as job({"containers": [trainer({"memory": "1Gi", "nvidia.com/gpu": 1})]})
	count(found) == 1
}

test_a_tolerated_gpu_passes if {
	found := deny with input as job({
		"tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
		"containers": [trainer({"memory": "1Gi", "nvidia.com/gpu": 1})],
	})
	count(found) == 0
}
