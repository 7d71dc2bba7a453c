package main_test

import rego.v1

with_containers(spec) := {"kind": "Job", "metadata": {"name": "train"}, "spec": {"template": {"spec": spec}}}

test_a_container_without_a_memory_limit_is_warned_about if {
	spec := {"containers": [{"name": "a", "resources": {"limits": {"memory": "1Gi"}}}, {"name": "b", "resources": {"limits": {"cpu": 1}}}]}
	found := data.main.warn_memory_limit with input as with_containers(spec)
	found == {{"msg": "container `b` has no memory limit", "at": "/spec/template/spec/containers/1"}}
}

test_an_init_container_needs_a_limit_only_as_a_sidecar if {
	spec := {"initContainers": [{"name": "once"}, {"name": "side", "restartPolicy": "Always"}]}
	found := data.main.warn_memory_limit with input as with_containers(spec)
	{it.at | some it in found} == {"/spec/template/spec/initContainers/1"}
}
