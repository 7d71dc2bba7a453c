# METADATA
# title: Models
# description: Where models come from, who approved them, and whether somebody looked for bias.
package packs.ml_governance

import rego.v1

import data.packs.address
import data.packs.place
import data.packs.pods

# METADATA
# title: Images with models come from registries that are allowed
# description: |
#   Each container is judged by its own image. Only workloads with a type are looked at: the tools of
#   a platform have models in their names, too.
# custom:
#   severity: error
deny_model_registry contains {"msg": msg, "at": place.pointer(array.concat(it.path, ["image"]))} if {
	count(settings.model_registries) > 0
	some pod in templates
	count(types(pod)) > 0
	some it in pods.containers(pod)
	image := address.image(it.container.image)
	matches_any(image, settings.model_images)
	not address.is_within(image, settings.model_registries)
	not is_open(it.container.image)
	msg := sprintf("image `%s` holds a model and does not come from a registry for models: use one of `%s`, or add it to `model_registries`", [it.container.image, concat("`, `", settings.model_registries)])
}

# METADATA
# title: Models are loaded from stores that are allowed
# description: Storage URIs of KServe and Seldon, and variables that name one.
# related_resources:
# - https://kserve.github.io/website/
# custom:
#   severity: error
deny_model_store contains {"msg": msg, "at": it.at} if {
	count(settings.model_stores) > 0
	some it in model_uris
	not address.is_within(it.uri, settings.model_stores)
	not is_open(it.uri)
	msg := sprintf("the model at `%s` does not come from a store for models: use one of `%s`, or add it to `model_stores`", [it.uri, concat("`, `", settings.model_stores)])
}

model_uris contains {"uri": it.value, "at": it.at} if {
	some it in variables
	it.name in settings.model_uri_variables
}

model_uris contains {"uri": uri, "at": place.pointer(array.concat(it.path, ["storageUri"]))} if {
	some it in containers
	uri := it.container.storageUri
	is_string(uri)
}

# Seldon nests the graph of its models.
model_uris contains {"uri": uri, "at": place.pointer(path)} if {
	subject.kind == "SeldonDeployment"
	walk(subject.spec, [inner, uri])
	inner[count(inner) - 1] == "modelUri"
	path := array.concat(["spec"], inner)
}

# METADATA
# title: Models in production are approved
# description: The annotation has to say so; that it exists is not enough.
# custom:
#   severity: error
deny_approval contains {"msg": msg, "at": place.metadata(subject, "annotations", settings.approval_annotation)} if {
	is_production
	serves_models
	count(annotation(settings.approval_annotation) & {value | some value in settings.approval_values}) == 0
	msg := sprintf("%s serves a model in production and is not approved: have it reviewed, and set the annotation `%s` to `%s`", [subject.kind, settings.approval_annotation, concat("` or `", settings.approval_values)])
}

is_production if matches_any(namespace, settings.production_namespaces)

is_production if {
	some key, values in settings.production_labels
	has_label(key, values)
}

serves_models if {
	some pod in templates
	some type in types(pod)
	type in settings.approval_types
}

# Who does not say what it does, but loads a model.
serves_models if {
	some pod in templates
	count(types(pod)) == 0
	count(model_uris) > 0
}

# METADATA
# title: Models that decide about people were checked for bias
# custom:
#   severity: error
deny_bias_check contains {"msg": msg, "at": place.metadata(subject, "annotations", settings.bias_check_annotation)} if {
	count(templates) > 0
	has_label(settings.fairness_label, ["true"])
	count(annotation(settings.bias_check_annotation) & {value | some value in settings.bias_check_values}) == 0
	msg := sprintf("%s is critical for fairness and has not passed a check for bias: run the check, and set the annotation `%s` to `%s`", [subject.kind, settings.bias_check_annotation, concat("` or `", settings.bias_check_values)])
}
