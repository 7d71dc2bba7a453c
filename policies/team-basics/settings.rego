# METADATA
# title: Settings of team-basics
# description: Every list of the pack. What `data.team_basics` says replaces it.
package packs.team_basics

import rego.v1

import data.packs.pods

# METADATA
# title: What holds if nobody says otherwise
# description: An empty list asks for nothing.
defaults := {
	# Patterns of labels that name who looks after a workload, and who pays for it; one of each will do.
	"owner_labels": ["*/owner", "*/team", "owner", "team"],
	"cost_labels": ["*/cost-center", "cost-center"],
	# Patterns of what these labels may say.
	"owners": [],
	"cost_centers": [],
	# Registries, or parts of them, that images may come from.
	"registries": [],
	# Addresses below which repositories of Git, Helm and OCI artifacts may be.
	"repositories": [],
}

# METADATA
# title: The settings in force
settings := object.union(defaults, overrides)

default overrides := {}

overrides := given if is_object(given)

# What the user says: of any type.
given := data.team_basics

subject := pods.subject(input)

templates := pods.templates(subject)

containers := pods.all_containers(subject)

# METADATA
# title: Settings are such as the pack can use
# description: A misspelt setting would otherwise pass for one that is met.
# custom:
#   severity: error
deny_settings contains {"msg": msg, "at": "/metadata/name"} if {
	count(templates) + count(repositories) > 0
	some msg in setting_mistakes
}

setting_mistakes contains "`data.team_basics` is not a map: write the settings as keys below it" if {
	given != null
	not is_object(given)
}

setting_mistakes contains msg if {
	some key, _ in overrides
	not key in object.keys(defaults)
	msg := sprintf("`team_basics.%s` is not a setting of this pack: see the table in its README", [key])
}

setting_mistakes contains msg if {
	some key, value in overrides
	type_name(value) != type_name(defaults[key])
	msg := sprintf("`team_basics.%s` has to be a list, and not %s", [key, type_name(value)])
}
