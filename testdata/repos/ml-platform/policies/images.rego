# Images come from our registries, and a tag or digest says which one is meant.
package main

import data.lib.workloads

registries := [
	"registry.lumen.example/",
	"registry.staging.lumen.example/",
	"registry.prod.lumen.example/",
]

deny contains msg if {
	some container in workloads.containers
	not from_our_registry(container.image)
	msg := sprintf("the image `%s` does not come from one of our registries", [container.image])
}

deny contains msg if {
	some container in workloads.containers
	endswith(container.image, ":latest")
	msg := sprintf("the image `%s` may be another one tomorrow: name a version", [container.image])
}

deny contains msg if {
	some container in workloads.containers
	not has_version(container.image)
	msg := sprintf("the image `%s` has neither tag nor digest", [container.image])
}

from_our_registry(image) if {
	some registry in registries
	startswith(image, registry)
}

has_version(image) if contains(image, "@sha256:")

# A colon behind the last slash; one before it is the registry's port.
has_version(image) if {
	parts := split(image, "/")
	contains(parts[count(parts) - 1], ":")
}
