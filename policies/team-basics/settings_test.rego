package packs.team_basics_test

import rego.v1

test_settings_replace_the_defaults if {
	found := data.packs.team_basics.settings with data.team_basics as {"owner_labels": ["lumen.example/team"]}
	found.owner_labels == ["lumen.example/team"]
	found.cost_labels == data.packs.team_basics.defaults.cost_labels
}

test_mistakes_in_settings_are_denied if {
	every mistake, settings in {
		"`team_basics.registry` is not a setting": {"registry": []},
		"`team_basics.registries` has to be a list, and not string": {"registries": "quay.io"},
		"`data.team_basics` is not a map": ["quay.io"],
	} {
		found := data.packs.team_basics.deny_settings with input as pod("nginx:1.27") with data.team_basics as settings
		count(found) == 1
		some it in found
		startswith(it.msg, mistake)
		it.at == "/metadata/name"
	}
	nothing := data.packs.team_basics.deny_settings with input as pod("nginx:1.27") with data.team_basics as null
	count(nothing) == 0
	service := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
	other := data.packs.team_basics.deny_settings with input as service with data.team_basics as {"registry": []}
	count(other) == 0
	fine := data.packs.team_basics.deny_settings with input as pod("nginx:1.27") with data.team_basics as {"registries": ["quay.io"]}
	count(fine) == 0
}
