package packs.team_basics_test

import rego.v1

labelled(labels) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "web", "labels": labels},
	"spec": {"template": {"spec": {}}},
}

bare := json.remove(labelled({}), ["metadata/labels"])

test_a_workload_without_the_name_is_denied_at_its_labels if {
	found := data.packs.team_basics.deny_name_label with input as labelled({"tier": "front"})
	places(found) == {"/metadata/labels/app.kubernetes.io~1name"}
}

test_a_workload_without_labels_is_denied_at_its_name if {
	every metadata in [{"name": "web"}, {"name": "web", "labels": {}}, {"name": "web", "labels": null}] {
		found := data.packs.team_basics.deny_name_label with input as object.union(bare, {"metadata": metadata})
		places(found) == {"/metadata/name"}
	}
}

test_an_empty_label_is_none if {
	found := data.packs.team_basics.deny_name_label with input as labelled({"app.kubernetes.io/name": ""})
	count(found) == 1
}

test_a_labelled_workload_is_accepted if {
	found := data.packs.team_basics.deny_name_label with input as labelled({"app.kubernetes.io/name": "web"})
	count(found) == 0
}

test_objects_that_run_nothing_need_no_label if {
	map := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}}
	name := data.packs.team_basics.deny_name_label with input as map
	owner := data.packs.team_basics.deny_owner_label with input as map
	cost := data.packs.team_basics.deny_cost_label with input as map
	count((name | owner) | cost) == 0
}

test_a_workload_needs_an_owner_and_a_cost_center if {
	owner := data.packs.team_basics.deny_owner_label with input as labelled({"tier": "front"})
	owner == {{
		"msg": "Deployment has no owner: add a label like `*/owner`, `*/team`, `owner`, `team`",
		"at": "/metadata/labels",
	}}
	empty := data.packs.team_basics.deny_owner_label with input as labelled({"team": ""})
	empty == owner
	cost := data.packs.team_basics.deny_cost_label with input as bare
	places(cost) == {"/metadata/name"}
}

test_one_of_the_labels_will_do if {
	every labels in [{"team": "ranking"}, {"example.com/owner": "ranking"}] {
		found := data.packs.team_basics.deny_owner_label with input as labelled(labels)
		count(found) == 0
	}
	cost := data.packs.team_basics.deny_cost_label with input as labelled({"example.com/cost-center": "4711"})
	count(cost) == 0
}

test_owners_and_cost_centers_can_be_listed if {
	known := {"owners": ["ranking", "features"], "cost_centers": ["4*"]}
	object_with := labelled({"team": "rankin", "cost-center": "1234"})
	owner := data.packs.team_basics.deny_owner_label with input as object_with with data.team_basics as known
	owner == {{"msg": "`rankin` is not a known owner: use one of `ranking`, `features`", "at": "/metadata/labels/team"}}
	cost := data.packs.team_basics.deny_cost_label with input as object_with with data.team_basics as known
	places(cost) == {"/metadata/labels/cost-center"}
	map := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"team": "rankin"}}}
	count(data.packs.team_basics.deny_owner_label) == 0 with input as map with data.team_basics as known
	right := labelled({"team": "ranking", "cost-center": "4711"})
	count(data.packs.team_basics.deny_owner_label) == 0 with input as right with data.team_basics as known
	count(data.packs.team_basics.deny_cost_label) == 0 with input as right with data.team_basics as known
}

test_an_empty_list_of_labels_asks_for_none if {
	nothing := {"owner_labels": [], "cost_labels": []}
	count(data.packs.team_basics.deny_owner_label) == 0 with input as bare with data.team_basics as nothing
	count(data.packs.team_basics.deny_cost_label) == 0 with input as bare with data.team_basics as nothing
}
