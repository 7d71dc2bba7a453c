# METADATA
# title: Containers say how much memory they may use
# description: |
#   A container without a limit takes memory until the node has none left, and its neighbours are
#   evicted with it.
package main

import rego.v1

import data.team.workloads

# METADATA
# title: Containers have a memory limit
warn_memory_limit contains {"msg": msg, "at": it.at} if {
	some it in workloads.long_running
	object.get(it.container, ["resources", "limits", "memory"], "") == ""
	msg := sprintf("container `%s` has no memory limit", [it.container.name])
}
