# METADATA
# title: Containers say how much memory they may use
# description: |
#   A container without a limit takes memory until the node has none left, and its neighbours are
#   evicted with it.
package packs.team_basics

import rego.v1

import data.packs.place
import data.packs.pods

# METADATA
# title: Containers have a memory limit
# custom:
#   severity: warning
warn_memory_limit contains {"msg": msg, "at": place.pointer(it.path)} if {
	some pod in templates
	object.get(pod.spec, ["resources", "limits", "memory"], null) == null
	some it in pods.containers(pod)
	pods.is_long_running(it)
	object.get(it.container, ["resources", "limits", "memory"], null) == null
	msg := sprintf("container `%s` has no memory limit: set `resources.limits.memory`", [it.name])
}
