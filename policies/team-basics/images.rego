# METADATA
# title: Images are pinned
# description: |
#   An image without a tag, or with the tag `latest`, is another one tomorrow. A digest pins an image
#   whatever its tag says.
package main

import rego.v1

import data.team.workloads

# METADATA
# title: Images have a tag or a digest
deny_image_tag contains {"msg": msg, "at": sprintf("%s/image", [it.at])} if {
	some it in workloads.containers
	not has_digest(it.container.image)
	not has_tag(it.container.image)
	msg := sprintf("image `%s` has no tag", [it.container.image])
}

# METADATA
# title: The tag is not `latest`
deny_image_latest contains {"msg": msg, "at": sprintf("%s/image", [it.at])} if {
	some it in workloads.containers
	not has_digest(it.container.image)
	endswith(it.container.image, ":latest")
	msg := sprintf("image `%s` is another one tomorrow", [it.container.image])
}

has_digest(image) if contains(image, "@sha256:")

# A colon before the last slash belongs to the registry's port.
has_tag(image) if {
	parts := split(image, "/")
	contains(parts[count(parts) - 1], ":")
}
