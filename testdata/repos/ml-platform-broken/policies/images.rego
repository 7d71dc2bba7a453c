# Images come with a version.
package main

containers contains container if {
	some container in input.spec.template.spec.containers
}

containers contains container if {
	some container in input.spec.jobTemplate.spec.template.spec.containers
}

deny contains msg if {
	some container in containers
	endswith(container.image, ":latest")
	msg := sprintf("the image `%s` may be another one tomorrow: name a version", [container.image])
}
