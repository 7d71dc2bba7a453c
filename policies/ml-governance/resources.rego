# METADATA
# title: Ceilings
# description: |
#   What a container may ask for depends on the kind of work that it does. Quantities are compared as
#   numbers, for every kind that runs pods, with init containers and sidecars.
package packs.ml_governance

import rego.v1

import data.packs.address
import data.packs.place
import data.packs.pods
import data.packs.quantity

# METADATA
# title: Containers stay below the ceiling of their workload type
# description: |
#   One container beyond the ceiling takes the node from everybody else. Requests count as limits do:
#   they are what the scheduler sets aside.
# related_resources:
# - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: error
deny_ceiling contains {"msg": msg, "at": amount_place(it)} if {
	some it in amounts
	some type in it.types
	some name in ceiling_names(it.resource)
	most := settings.ceilings[type][name]
	quantity.number(it.amount) > quantity.number(most)
	msg := sprintf("%s is `%v`, and `%v` is the most for workloads of type `%s`: lower it, or raise `ceilings.%s.%s`", [amount_name(it), it.amount, most, type, type, name])
}

# METADATA
# title: Amounts can be compared
# description: An amount that is no quantity would pass any ceiling.
# custom:
#   severity: error
deny_quantity contains {"msg": msg, "at": amount_place(it)} if {
	some it in amounts
	some name in ceiling_names(it.resource)
	some type in it.types
	settings.ceilings[type][name]
	not quantity.is_readable(it.amount)
	not is_open(it.amount)
	msg := sprintf("%s is `%v`, which is no quantity: write it like `2`, `500m` or `4Gi`", [amount_name(it), it.amount])
}

# METADATA
# title: Containers have the limits that ceilings are about
# description: A container without a limit takes what the node has, whatever the ceiling says.
# custom:
#   severity: warning
warn_no_limit contains {"msg": msg, "at": place.pointer(array.concat(it.path, ["resources", "limits", resource]))} if {
	some pod in templates
	some type in types(pod)
	some it in pods.containers(pod)
	pods.is_long_running(it)
	some resource in settings.limits_required
	most := settings.ceilings[type][resource]
	object.get(it.container, ["resources", "limits", resource], null) == null
	object.get(pod.spec, ["resources", "limits", resource], null) == null
	msg := sprintf("container `%s` has no limit for `%s`, so the ceiling of `%v` for workloads of type `%s` does not hold: set `resources.limits.%s`", [it.name, resource, most, type, resource])
}

# METADATA
# title: Workload types are known
# description: A misspelt type has no ceilings.
# custom:
#   severity: warning
warn_workload_type contains {"msg": msg, "at": it.at} if {
	some pod in templates
	some it in declared_types(pod)
	not it.type in object.keys(settings.ceilings)
	not is_open(it.type)
	msg := sprintf("`%v` is not a workload type with ceilings: use one of `%s`, or add it to `ceilings`", [it.type, concat("`, `", known_types)])
}

# METADATA
# title: Workloads with GPUs say what they do
# description: Without a type no ceiling holds for the most expensive nodes there are.
# custom:
#   severity: warning
warn_no_workload_type contains {"msg": msg, "at": place.metadata(subject, "labels", settings.workload_type_label)} if {
	some it in amounts
	count(it.types) == 0
	"gpu" in ceiling_names(it.resource)
	msg := sprintf("%s asks for `%s`, and no ceiling holds for it: add the label `%s`, with one of `%s`", [subject.kind, it.resource, settings.workload_type_label, concat("`, `", known_types)])
}

known_types := sort(object.keys(settings.ceilings))

# What containers, and pods as a whole, ask for. Names and places are made for denials only.
amounts := [{"owner": owner, "types": types_of_pod, "asked": asked, "resource": resource, "amount": amount} |
	some pod in templates
	types_of_pod := types(pod)
	some owner in array.concat([{"path": pod.path, "container": pod.spec}], pods.containers(pod))
	some asked in ["limits", "requests"]
	some resource
	amount := owner.container.resources[asked][resource]
]

amount_name(it) := sprintf("`%s.%s` of container `%s`", [it.asked, it.resource, it.owner.name])

amount_name(it) := sprintf("`%s.%s` of the pod", [it.asked, it.resource]) if not it.owner.name

amount_place(it) := place.pointer(array.concat(it.owner.path, ["resources", it.asked, it.resource]))

# The names that a resource has in ceilings: its own, and `gpu` for GPUs.
ceiling_names(resource) := {resource} | {"gpu" | resource in settings.gpu_resources}

is_open(it) if {
	is_string(it)
	address.is_open(it)
}
