# METADATA
# title: Workloads say what they belong to
# description: |
#   `app.kubernetes.io/name` is what dashboards and `kubectl -l` go by. An owner is who gets the call,
#   a cost center is who gets the bill.
package packs.team_basics

import rego.v1

import data.packs.place

# METADATA
# title: Workloads carry `app.kubernetes.io/name`
# related_resources:
# - https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   severity: error
deny_name_label contains {"msg": msg, "at": place.metadata(subject, "labels", key)} if {
	count(templates) > 0
	key := "app.kubernetes.io/name"
	object.get(labels, key, "") == ""
	msg := sprintf("%s has no label `%s`: add it", [subject.kind, key])
}

# METADATA
# title: Workloads have an owner
# custom:
#   severity: error
deny_owner_label contains found if {
	some found in missing("owner", settings.owner_labels) | strange("owner", settings.owner_labels, settings.owners)
}

# METADATA
# title: Workloads have a cost center
# custom:
#   severity: error
deny_cost_label contains found if {
	some found in missing("cost center", settings.cost_labels) | strange("cost center", settings.cost_labels, settings.cost_centers)
}

labels := {key: value | value := subject.metadata.labels[key]}

# What is wrong if no label of these patterns says anything.
missing(what, patterns) := {{"msg": msg, "at": place.metadata_map(subject, "labels")} |
	count(templates) > 0
	count(patterns) > 0
	count(named(patterns)) == 0
	msg := sprintf("%s has no %s: add a label like `%s`", [subject.kind, what, concat("`, `", patterns)])
}

# What is wrong if a label of these patterns says something else than is allowed.
strange(what, patterns, allowed) := {{"msg": msg, "at": place.pointer(["metadata", "labels", key])} |
	count(templates) > 0
	count(allowed) > 0
	some key, value in named(patterns)
	not matches_any(value, allowed)
	msg := sprintf("`%s` is not a known %s: use one of `%s`", [value, what, concat("`, `", allowed)])
}

# The labels of these patterns that say something.
named(patterns) := {key: value |
	value := labels[key]
	matches_any(key, patterns)
	value != ""
}

matches_any(text, patterns) if {
	some pattern in patterns
	glob.match(pattern, null, text)
}
