package main

violation[msg] {
	container := input.spec.template.spec.containers[_]
	endswith(container.image, ":latest")
	msg := sprintf("the image `%s` has no version", [container.image])
}
