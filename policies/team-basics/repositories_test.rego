package packs.team_basics_test

import rego.v1

allowed := {"repositories": ["https://git.example.com/ml", "oci://registry.example.com/charts"]}

denied(whole) := places(found) if {
	found := data.packs.team_basics.deny_repository with input as whole with data.team_basics as allowed
}

flux(kind, url) := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": kind, "metadata": {"name": "a"}, "spec": {"url": url}}

argo(kind, spec) := {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": "a"}, "spec": spec}

test_sources_of_flux_are_looked_at if {
	every kind in ["GitRepository", "HelmRepository", "OCIRepository"] {
		denied(flux(kind, "https://github.com/somebody/app")) == {"/spec/url"}
		denied(flux(kind, "https://git.example.com/ml-evil/app")) == {"/spec/url"}
		denied(flux(kind, "https://git.example.com@elsewhere.org/ml/app")) == {"/spec/url"}
		denied(flux(kind, "https://git.example.com/ml/app.git")) == set()
		denied(flux(kind, "ssh://git@git.example.com/ml/app")) == set()
		denied(flux(kind, "${REPOSITORY}")) == set()
		denied(flux(kind, null)) == set()
		denied(object.union(flux(kind, "elsewhere"), {"apiVersion": "example.com/v1"})) == set()
	}
	denied(flux("OCIRepository", "oci://registry.example.com/charts/web")) == set()
	denied(flux("Bucket", "elsewhere")) == set()
}

test_sources_of_applications_are_looked_at if {
	denied(argo("Application", {"destination": {"server": "https://kubernetes.default.svc"}, "source": {"repoURL": "https://github.com/somebody/app"}})) == {"/spec/source/repoURL"}
	sources := [{"repoURL": "git@git.example.com:ml/app"}, {"repoURL": "https://charts.example.org"}]
	denied(argo("Application", {"sources": sources})) == {"/spec/sources/1/repoURL"}
}

test_application_sets_are_looked_at if {
	spec := {
		"generators": [{"matrix": {"generators": [{"git": {"repoURL": "https://github.com/somebody/app"}}]}}],
		"template": {"spec": {"source": {"repoURL": "https://github.com/somebody/{{ name }}"}}},
	}
	denied(argo("ApplicationSet", spec)) == {"/spec/generators/0/matrix/generators/0/git/repoURL"}
}

test_projects_may_not_allow_more if {
	repositories := ["https://git.example.com/ml/*", "*", "!https://git.example.com/secret", "https://github.com/somebody/*"]
	denied(argo("AppProject", {"sourceRepos": repositories})) == {"/spec/sourceRepos/1", "/spec/sourceRepos/3"}
}

test_other_objects_and_unset_lists_are_left_alone if {
	denied({"apiVersion": "example.com/v1", "kind": "Application", "metadata": {"name": "a"}, "spec": {"source": {"repoURL": "elsewhere"}}}) == set()
	denied(argo("Workflow", {"sourceRepos": ["*"], "source": {"repoURL": "elsewhere"}})) == set()
	count(data.packs.team_basics.deny_repository) == 0 with input as flux("GitRepository", "https://github.com/somebody/app")
}
