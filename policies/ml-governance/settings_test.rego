package packs.ml_governance_test

import rego.v1

pod(labels, spec) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "train", "namespace": "research", "labels": labels},
	"spec": spec,
}

places(found) := {it.at | some it in found}

test_settings_are_merged_over_the_defaults if {
	found := data.packs.ml_governance.settings with data.ml_governance as {"ceilings": {"training": {"cpu": "64"}}, "regions": ["eu-west-1"]}
	found.ceilings.training == {"cpu": "64", "memory": "256Gi", "gpu": 8}
	found.ceilings.inference.cpu == "8"
	found.regions == ["eu-west-1"]
}

test_without_settings_the_defaults_hold if {
	data.packs.ml_governance.settings == data.packs.ml_governance.defaults
}

test_mistakes_in_settings_are_denied if {
	every mistake, settings in {
		"`ml_governance.ceiling` is not a setting": {"ceiling": {}},
		"`ml_governance.regions` has to be of type array, and not string": {"regions": "eu-west-1"},
		"`ml_governance.ceilings.training.cpu` is `32 cores`, which is no quantity": {"ceilings": {"training": {"cpu": "32 cores"}}},
		"`data.ml_governance` is not a map": ["regions"],
	} {
		found := data.packs.ml_governance.deny_settings with input as pod({}, {"containers": []}) with data.ml_governance as settings
		count(found) == 1
		some it in found
		startswith(it.msg, mistake)
		it.at == "/metadata/name"
	}
}

test_settings_that_fit_are_accepted if {
	settings := {"ceilings": {"training": null, "batch": {"cpu": 4, "memory": null}}, "region_required": true}
	found := data.packs.ml_governance.deny_settings with input as pod({}, {"containers": []}) with data.ml_governance as settings
	count(found) == 0
}

test_an_empty_key_sets_nothing if {
	found := data.packs.ml_governance.deny_settings with input as pod({}, {"containers": []}) with data.ml_governance as null
	count(found) == 0
}

test_mistakes_are_not_told_about_what_runs_nothing if {
	service := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
	found := data.packs.ml_governance.deny_settings with input as service with data.ml_governance as {"ceiling": {}}
	count(found) == 0
}
