package packs.address_test

import rego.v1

import data.packs.address

test_images_are_read_in_full if {
	every short, full in {
		"nginx": "docker.io/library/nginx",
		"nginx:1.27": "docker.io/library/nginx",
		"team/app:1": "docker.io/team/app",
		"quay.io/team/app@sha256:00": "quay.io/team/app",
		"quay.io/team/app:1@sha256:00": "quay.io/team/app",
		"my.app": "docker.io/library/my.app",
		"localhost/app": "localhost/app",
		"localhost:5000/app": "localhost:5000/app",
	} {
		address.image(short) == full
	}
}

test_repositories_are_compared_without_scheme_and_user if {
	every url in [
		"https://git.example.com/ml/app.git",
		"https://git.example.com/ml/app/",
		"ssh://git@git.example.com/ml/app",
		"git@git.example.com:ml/app.git",
		"oci://git.example.com/ml/app",
		"git.example.com/ml/app",
	] {
		address.repository(url) == "git.example.com/ml/app"
	}
	address.repository("https://git.example.com@elsewhere.org/ml/app") == "elsewhere.org/ml/app"
	address.repository("https://git.example.com:8443/ml/app") == "git.example.com:8443/ml/app"
}

test_an_address_allows_what_is_below_it if {
	every it in ["quay.io/ml", "quay.io/ml/app", "quay.io/ml/a/b"] {
		address.is_within(it, ["ghcr.io", "quay.io/ml/"])
	}
	address.is_within("1.ecr.amazonaws.com/ml/app", ["*.ecr.amazonaws.com/ml"])
	address.is_within("s3://models/a", ["s3://models"])
}

test_an_address_does_not_allow_what_only_begins_like_it if {
	every it in ["quay.io/ml-evil/app", "quay.io", "quay.io.evil.org/ml/app", "quay.io/ml/../evil", "quay.io/ml/.."] {
		not address.is_within(it, ["quay.io/ml"])
	}
	not address.is_within("evil.org/x.ecr.amazonaws.com/ml", ["*.ecr.amazonaws.com/ml"])
	not address.is_within("quay.io/ml", [])
}

test_text_to_be_filled_in_is_told_from_other_text if {
	every it in ["${REGISTRY}/app", "$(IMAGE)", "{{ .image }}"] {
		address.is_open(it)
	}
	not address.is_open("quay.io/app")
}
