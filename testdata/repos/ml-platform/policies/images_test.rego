package main

deployment(image) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "ranker", "labels": {"lumen.example/team": "ranking"}},
	"spec": {"template": {"spec": {"containers": [{
		"name": "server",
		"image": image,
		"resources": {"limits": {"memory": "1Gi"}},
	}]}}},
}

denials(image) := found if {
	found := deny with input as deployment(image)
}

test_a_version_from_our_registry_passes if {
	count(denials("registry.lumen.example/ml/ranker:2.4.0")) == 0
}

test_a_digest_is_a_version if {
	count(denials("registry.prod.lumen.example/ml/ranker@sha256:0123")) == 0
}

test_latest_is_denied if {
	count(denials("registry.lumen.example/ml/ranker:latest")) == 1
}

test_an_image_without_tag_is_denied if {
	count(denials("registry.lumen.example/ml/ranker")) == 1
}

test_the_port_of_a_registry_is_no_tag if {
	not has_version("localhost:5000/ranker")
}

test_other_registries_are_denied if {
	count(denials("docker.io/library/nginx:1.29")) == 1
}
