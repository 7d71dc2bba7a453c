# METADATA
# title: Addresses of images, models and repositories
# description: |
#   What is allowed is a list of addresses. Each allows itself and all below it: `quay.io/team` allows
#   `quay.io/team/app`, but not `quay.io/team-evil`. A `*` stands for any text without a slash.
package packs.address

import rego.v1

# METADATA
# title: Whether an address is one of those that are allowed, or below one
# description: Addresses with `..` in them never are, because nobody knows where they lead.
is_within(address, allowed) if {
	not contains(address, "/../")
	not endswith(address, "/..")
	some one in allowed
	base := trim_right(one, "/")
	some pattern in [base, sprintf("%s/**", [base])]
	glob.match(pattern, ["/"], address)
}

# METADATA
# title: An image in full, without tag and digest
# description: As container runtimes read it, so `nginx:1.27` is `docker.io/library/nginx`.
image(text) := qualified(without_tag(split(text, "@")[0]))

# A colon before the last slash belongs to the registry's port.
without_tag(text) := regex.replace(text, `:[^/:]*$`, "")

qualified(name) := sprintf("docker.io/library/%s", [name]) if not contains(name, "/")

qualified(name) := sprintf("docker.io/%s", [name]) if {
	contains(name, "/")
	not is_host(split(name, "/")[0])
}

qualified(name) := name if {
	contains(name, "/")
	is_host(split(name, "/")[0])
}

is_host(text) if regex.match(`[.:]|^localhost$`, text)

# METADATA
# title: A repository without scheme, user and `.git`
# description: |
#   So `https://git.example.com/ml/app.git` and `git@git.example.com:ml/app` are the same, and
#   `https://git.example.com@elsewhere.org/app` is what it is.
repository(url) := trim_suffix(trim_right(path, "/"), ".git") if {
	without_scheme := regex.replace(url, `^[A-Za-z][A-Za-z0-9+.-]*://`, "")
	without_user := regex.replace(without_scheme, `^[^/@]*@`, "")
	path := slashed(url, without_user)
}

# `host:path` is the form of scp; with a scheme, what follows the colon is a port.
slashed(url, rest) := rest if contains(url, "://")

slashed(url, rest) := regex.replace(rest, `^([^/:]+):`, "$1/") if not contains(url, "://")

# METADATA
# title: Whether a tool fills a part of the text in later
# description: |
#   Flux and Argo CD replace `${NAME}` and `{{ name }}` after the repository was checked, and
#   Kubernetes `$(NAME)`. Nobody knows yet what the text will be.
is_open(text) if regex.match(`[$][{(]|[{][{]`, text)
