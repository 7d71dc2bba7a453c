# METADATA
# title: Repositories
# description: |
#   What a controller fetches it also applies, with its own rights. So where Flux and Argo CD fetch
#   from is as good as who may deploy.
package packs.team_basics

import rego.v1

import data.packs.address
import data.packs.place

# METADATA
# title: Repositories are among those that are allowed
# description: |
#   Sources of Flux, sources of Argo CD applications and of what application sets make of them, and
#   what projects let their applications use. Scheme, user and `.git` do not matter.
# related_resources:
# - https://fluxcd.io/flux/components/source/
# - https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
# custom:
#   severity: error
deny_repository contains {"msg": msg, "at": place.pointer(it.path)} if {
	count(settings.repositories) > 0
	some it in repositories
	allowed := [address.repository(one) | some one in settings.repositories]
	not address.is_within(address.repository(it.url), allowed)
	msg := sprintf("`%s` is not an allowed repository: use one of `%s`, or add it to `repositories`", [it.url, concat("`, `", settings.repositories)])
}

# The addresses of an object, without those that a tool fills in later.
repositories contains it if {
	some it in addresses
	is_string(it.url)
	not address.is_open(it.url)
}

# METADATA
# title: Where sources of Flux have their address
addresses contains {"url": url, "path": ["spec", "url"]} if {
	startswith(subject.apiVersion, "source.toolkit.fluxcd.io/")
	subject.kind in {"GitRepository", "HelmRepository", "OCIRepository"}
	url := subject.spec.url
}

# METADATA
# title: Where Argo CD has addresses
# description: |
#   In `source` and `sources` of an application and of an application set's template, and in its
#   generators, which nest. A project that denies a repository with `!` does not use it.
addresses contains {"url": url, "path": array.concat(["spec"], path)} if {
	is_argo({"Application", "ApplicationSet"})
	walk(subject.spec, [path, url])
	path[count(path) - 1] == "repoURL"
}

addresses contains {"url": url, "path": ["spec", "sourceRepos", index]} if {
	is_argo({"AppProject"})
	some index
	url := subject.spec.sourceRepos[index]
	not startswith(url, "!")
}

is_argo(kinds) if {
	startswith(subject.apiVersion, "argoproj.io/")
	subject.kind in kinds
}
