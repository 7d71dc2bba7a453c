# METADATA
# title: Objects say what they belong to
# description: |
#   `app.kubernetes.io/name` is what dashboards, cost reports and `kubectl -l` go by.
package main

import rego.v1

import data.team.workloads

# METADATA
# title: Workloads carry `app.kubernetes.io/name`
deny_name_label contains {"msg": msg, "at": at} if {
	workloads.pod_spec_path
	labels := object.get(input, ["metadata", "labels"], {})
	object.get(labels, "app.kubernetes.io/name", "") == ""
	msg := sprintf("%s has no label `app.kubernetes.io/name`", [input.kind])
	at := label_place
}

label_place := "/metadata/labels/app.kubernetes.io~1name" if input.metadata.labels

else := "/metadata/name"
