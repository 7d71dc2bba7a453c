package packs.team_basics_test

import rego.v1

job(spec) := {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "train"}, "spec": {"template": {"spec": spec}}}

test_a_container_without_a_memory_limit_is_warned_about if {
	spec := {"containers": [{"name": "a", "resources": {"limits": {"memory": "1Gi"}}}, {"name": "b", "resources": {"limits": {"cpu": 1}}}]}
	found := data.packs.team_basics.warn_memory_limit with input as job(spec)
	found == {{
		"msg": "container `b` has no memory limit: set `resources.limits.memory`",
		"at": "/spec/template/spec/containers/1",
	}}
}

test_an_init_container_needs_a_limit_only_as_a_sidecar if {
	spec := {"initContainers": [{"name": "once"}, {"name": "side", "restartPolicy": "Always"}]}
	found := data.packs.team_basics.warn_memory_limit with input as job(spec)
	places(found) == {"/spec/template/spec/initContainers/1"}
}

test_a_limit_of_the_whole_pod_will_do if {
	found := data.packs.team_basics.warn_memory_limit with input as job({"resources": {"limits": {"memory": "1Gi"}}, "containers": [{"name": "a"}]})
	count(found) == 0
}
