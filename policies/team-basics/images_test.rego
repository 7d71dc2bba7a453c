package packs.team_basics_test

import rego.v1

pod(image) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "web"},
	"spec": {"containers": [{"name": "app", "image": image}]},
}

places(found) := {it.at | some it in found}

digest := "@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

test_an_image_without_a_tag_is_denied if {
	every image in ["nginx", "quay.io/team/app", "localhost:5000/app"] {
		found := data.packs.team_basics.deny_image_tag with input as pod(image)
		places(found) == {"/spec/containers/0/image"}
	}
}

test_the_tag_latest_is_denied if {
	found := data.packs.team_basics.deny_image_latest with input as pod("nginx:latest")
	places(found) == {"/spec/containers/0/image"}
}

test_a_tag_or_a_digest_is_accepted if {
	every image in ["nginx:1.27", "localhost:5000/app:v1", sprintf("nginx%s", [digest]), sprintf("nginx:latest%s", [digest]), "${IMAGE}", "app:${TAG}", null] {
		tag := data.packs.team_basics.deny_image_tag with input as pod(image)
		latest := data.packs.team_basics.deny_image_latest with input as pod(image)
		count(tag | latest) == 0
	}
}

test_init_containers_and_other_kinds_count if {
	template := {"spec": {"containers": [{"name": "app", "image": "nginx"}], "initContainers": [{"name": "init", "image": "busybox"}]}}
	job := {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a"}, "spec": {"jobTemplate": {"spec": {"template": template}}}}
	found := data.packs.team_basics.deny_image_tag with input as job
	places(found) == {
		"/spec/jobTemplate/spec/template/spec/containers/0/image",
		"/spec/jobTemplate/spec/template/spec/initContainers/0/image",
	}
}

test_images_of_other_registries_are_denied if {
	allowed := {"registries": ["registry.example.com/ml", "docker.io/library"]}
	every image in ["quay.io/team/app:1", "team/app:1", "registry.example.com/other/app:1", "registry.example.com/ml-evil/app:1"] {
		found := data.packs.team_basics.deny_image_registry with input as pod(image) with data.team_basics as allowed
		places(found) == {"/spec/containers/0/image"}
	}
	every image in ["nginx:1.27", "registry.example.com/ml/app:1", "${REGISTRY}/app:1"] {
		found := data.packs.team_basics.deny_image_registry with input as pod(image) with data.team_basics as allowed
		count(found) == 0
	}
}

test_without_a_list_any_registry_will_do if {
	found := data.packs.team_basics.deny_image_registry with input as pod("quay.io/team/app:1")
	count(found) == 0
}
