package main_test

import rego.v1

pod(image) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "web"},
	"spec": {"containers": [{"name": "app", "image": image}]},
}

test_an_image_without_a_tag_is_denied if {
	every image in ["nginx", "quay.io/team/app", "localhost:5000/app"] {
		found := data.main.deny_image_tag with input as pod(image)
		count(found) == 1
		some it in found
		it.at == "/spec/containers/0/image"
	}
}

test_the_tag_latest_is_denied if {
	found := data.main.deny_image_latest with input as pod("nginx:latest")
	count(found) == 1
}

test_a_tag_or_a_digest_is_accepted if {
	digest := "@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	every image in ["nginx:1.27", "localhost:5000/app:v1", concat("", ["nginx", digest]), concat("", ["nginx:latest", digest])] {
		tag := data.main.deny_image_tag with input as pod(image)
		latest := data.main.deny_image_latest with input as pod(image)
		count(tag | latest) == 0
	}
}

test_every_workload_kind_is_looked_into if {
	template := {"spec": {"containers": [{"name": "app", "image": "nginx"}], "initContainers": [{"name": "init", "image": "busybox"}]}}
	objects := {
		"/template/spec": {"kind": "PodTemplate", "template": template},
		"/spec/template/spec": {"kind": "StatefulSet", "spec": {"template": template}},
		"/spec/jobTemplate/spec/template/spec": {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": template}}}},
	}
	every prefix, object in objects {
		found := data.main.deny_image_tag with input as object
		{it.at | some it in found} == {concat("", [prefix, "/containers/0/image"]), concat("", [prefix, "/initContainers/0/image"])}
	}
}

test_other_kinds_are_left_alone if {
	service := {"kind": "Service", "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "nginx"}]}}}}
	found := data.main.deny_image_tag with input as service
	count(found) == 0
}
