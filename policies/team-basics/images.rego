# METADATA
# title: Images are pinned, and come from where they may
# description: |
#   An image without a tag, or with the tag `latest`, is another one tomorrow. A digest pins an image
#   whatever its tag says.
package packs.team_basics

import rego.v1

import data.packs.address
import data.packs.place

# METADATA
# title: Images have a tag or a digest
# custom:
#   severity: error
deny_image_tag contains {"msg": msg, "at": it.at} if {
	some it in images
	not has_tag(it.image)
	msg := sprintf("image `%s` has no tag: name a version or a digest", [it.image])
}

# METADATA
# title: The tag is not `latest`
# custom:
#   severity: error
deny_image_latest contains {"msg": msg, "at": it.at} if {
	some it in images
	endswith(it.image, ":latest")
	msg := sprintf("image `%s` is another one tomorrow: name a version or a digest", [it.image])
}

# METADATA
# title: Images come from registries that are allowed
# description: Compared as container runtimes read them, so `nginx` comes from `docker.io/library`.
# custom:
#   severity: error
deny_image_registry contains {"msg": msg, "at": it.at} if {
	count(settings.registries) > 0
	some it in images
	not address.is_within(address.image(it.image), settings.registries)
	msg := sprintf("image `%s` does not come from an allowed registry: use one of `%s`, or add it to `registries`", [it.image, concat("`, `", settings.registries)])
}

# The images of an object, without those that a tool fills in later.
images contains {"image": image, "at": place.pointer(array.concat(it.path, ["image"]))} if {
	some it in containers
	image := it.container.image
	is_string(image)
	not address.is_open(image)
}

# A colon before the last slash belongs to the registry's port. A digest has one behind it, too.
has_tag(image) if {
	parts := split(image, "/")
	contains(parts[count(parts) - 1], ":")
}
