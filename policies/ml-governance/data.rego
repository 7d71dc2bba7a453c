# METADATA
# title: Data
# description: Where data comes from, where it may be, and whether it is encrypted.
package packs.ml_governance

import rego.v1

import data.packs.place

# METADATA
# title: Data comes from sources that are allowed
# custom:
#   severity: error
deny_data_source contains {"msg": msg, "at": it.at} if {
	count(settings.data_sources) > 0
	some it in variables
	it.name in settings.data_source_variables
	not matches_any(it.value, settings.data_sources)
	not is_open(it.value)
	msg := sprintf("`%s` is `%s`, which is not an allowed data source: use one of `%s`, or add it to `data_sources`", [it.name, it.value, concat("`, `", settings.data_sources)])
}

# METADATA
# title: Volumes with sensitive data are encrypted
# description: |
#   Pods that have such a volume, and claims that make one, carry the annotation. It is a promise of
#   people, not a proof; it makes somebody think, and auditors find it.
# custom:
#   severity: error
deny_encryption contains {"msg": msg, "at": place.metadata(subject, "annotations", settings.encryption_annotation)} if {
	some volume in sensitive_volumes
	not "true" in annotation(settings.encryption_annotation)
	not volume.is_encrypted
	msg := sprintf("volume `%s` holds sensitive data, and nothing says that it is encrypted: add the annotation `%s: \"true\"`", [volume.name, settings.encryption_annotation])
}

sensitive_volumes contains {"name": volume.name, "is_encrypted": false} if {
	some pod in templates
	volume := pod.spec.volumes[_]
	matches_any(volume.name, settings.sensitive_volumes)
}

sensitive_volumes contains volume if {
	some claim in claims
	is_sensitive(claim)
	volume := {
		"name": claim.metadata.name,
		"is_encrypted": object.get(claim, ["metadata", "annotations", settings.encryption_annotation], "") == "true",
	}
}

claims contains subject if subject.kind == "PersistentVolumeClaim"

claims contains claim if {
	claim := subject.spec.volumeClaimTemplates[_]
}

is_sensitive(claim) if matches_any(claim.metadata.name, settings.sensitive_volumes)

is_sensitive(claim) if {
	some key, values in settings.sensitive_labels
	claim.metadata.labels[key] in values
}

# METADATA
# title: Data stays in the regions that are allowed
# description: Looks at node selectors, affinities, topologies of volumes, labels, annotations and variables.
# related_resources:
# - https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion
# custom:
#   severity: error
deny_region contains {"msg": msg, "at": it.at} if {
	count(settings.regions) > 0
	some it in named_regions
	not matches_any(it.name, it.patterns)
	not is_open(it.name)
	msg := sprintf("`%s` is not in a region that data may be in: use one of `%s`, or add it to `regions`", [it.name, concat("`, `", settings.regions)])
}

# METADATA
# title: Pods with sensitive data are bound to a region
# description: Asked if `region_required` is set and there are `regions`.
# custom:
#   severity: error
deny_region_missing contains {"msg": msg, "at": place.pointer(templates[0].path)} if {
	settings.region_required
	count(settings.regions) > 0
	some volume in sensitive_volumes
	count(named_regions) == 0
	msg := sprintf("the pods have sensitive data in volume `%s`, and may run in any region: select nodes by `topology.kubernetes.io/region`", [volume.name])
}

# The keys by which regions and zones are named, with the patterns that hold for them. A zone is
# called by its region and a letter or so.
region_patterns[key] := settings.regions if some key in settings.region_keys

region_patterns[key] := [pattern | some region in settings.regions; pattern := sprintf("%s*", [region])] if {
	some key in settings.zone_keys
}

# The parts of an object that say where it is or may be. Not all of it: custom resource definitions
# are large, and say nothing.
region_roots contains {"path": ["metadata"], "value": value} if value := subject.metadata

region_roots contains {"path": pod.metadata_path, "value": pod.metadata} if some pod in templates

region_roots contains {"path": array.concat(pod.path, [field]), "value": value} if {
	some pod in templates
	some field in ["affinity", "nodeSelector"]
	value := pod.spec[field]
}

region_roots contains {"path": ["spec", "nodeAffinity"], "value": value} if {
	subject.kind == "PersistentVolume"
	value := subject.spec.nodeAffinity
}

region_roots contains {"path": ["allowedTopologies"], "value": value} if {
	subject.kind == "StorageClass"
	value := subject.allowedTopologies
}

# As a key: node selectors, labels and annotations.
named_regions contains {"name": name, "patterns": patterns, "at": place.pointer(array.concat(array.concat(root.path, inner), [key]))} if {
	some root in region_roots
	walk(root.value, [inner, value])
	some key, patterns in region_patterns
	name := value[key]
	is_string(name)
}

# As the values of an expression: affinities and topologies of storage.
named_regions contains {"name": name, "patterns": patterns, "at": place.pointer(array.concat(array.concat(root.path, inner), ["values", index]))} if {
	some root in region_roots
	walk(root.value, [inner, value])
	patterns := region_patterns[value.key]
	object.get(value, "operator", "In") == "In"
	some index
	name := value.values[index]
}

named_regions contains {"name": it.value, "patterns": settings.regions, "at": it.at} if {
	some it in variables
	it.name in settings.region_variables
}
