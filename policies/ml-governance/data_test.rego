package packs.ml_governance_test

import rego.v1

with_variable(name, value) := {"containers": [{"name": "app", "env": [{"name": name, "value": value}]}]}

test_a_source_that_is_not_listed_is_denied if {
	settings := {"data_sources": ["s3://features/*", "warehouse"]}
	every value in ["s3://leaked/x", "warehouse2"] {
		found := data.packs.ml_governance.deny_data_source with input as pod({}, with_variable("DATA_SOURCE", value)) with data.ml_governance as settings
		places(found) == {"/spec/containers/0/env/0/value"}
	}
	every value in ["s3://features/users/1", "warehouse", "${SOURCE}"] {
		found := data.packs.ml_governance.deny_data_source with input as pod({}, with_variable("DATA_SOURCE", value)) with data.ml_governance as settings
		count(found) == 0
	}
	other := data.packs.ml_governance.deny_data_source with input as pod({}, with_variable("LOG_LEVEL", "debug")) with data.ml_governance as settings
	count(other) == 0
}

test_without_a_list_any_source_will_do if {
	found := data.packs.ml_governance.deny_data_source with input as pod({}, with_variable("DATA_SOURCE", "anything"))
	count(found) == 0
}

test_a_config_map_may_name_the_source if {
	config := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"DATA_SOURCE": "elsewhere"}}
	found := data.packs.ml_governance.deny_data_source with input as config with data.ml_governance as {"data_sources": ["warehouse"]}
	places(found) == {"/data/DATA_SOURCE"}
}

sensitive := {"containers": [], "volumes": [{"name": "sensitive-users"}, {"name": "cache"}]}

annotated(whole, key, value) := object.union(whole, {"metadata": {"annotations": {key: value}}})

test_sensitive_volumes_need_the_annotation if {
	found := data.packs.ml_governance.deny_encryption with input as pod({}, sensitive)
	found == {{
		"msg": "volume `sensitive-users` holds sensitive data, and nothing says that it is encrypted: add the annotation `data.encryption.enabled: \"true\"`",
		"at": "/metadata/name",
	}}
	off := data.packs.ml_governance.deny_encryption with input as annotated(pod({}, sensitive), "data.encryption.enabled", "false")
	places(off) == {"/metadata/annotations/data.encryption.enabled"}
	on := data.packs.ml_governance.deny_encryption with input as annotated(pod({}, sensitive), "data.encryption.enabled", "true")
	count(on) == 0
	other := data.packs.ml_governance.deny_encryption with input as pod({}, {"volumes": [{"name": "cache"}]})
	count(other) == 0
}

test_the_annotation_may_be_on_the_pods if {
	template := {"metadata": {"annotations": {"data.encryption.enabled": "true"}}, "spec": sensitive}
	job := {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "train"}, "spec": {"template": template}}
	found := data.packs.ml_governance.deny_encryption with input as job
	count(found) == 0
}

claim(metadata) := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": {}}

test_claims_with_sensitive_data_need_the_annotation if {
	every metadata in [{"name": "sensitive-users"}, {"name": "users", "labels": {"data-classification": "confidential"}}] {
		found := data.packs.ml_governance.deny_encryption with input as claim(metadata)
		count(found) == 1
		fine := data.packs.ml_governance.deny_encryption with input as annotated(claim(metadata), "data.encryption.enabled", "true")
		count(fine) == 0
	}
	public := data.packs.ml_governance.deny_encryption with input as claim({"name": "users", "labels": {"data-classification": "public"}})
	count(public) == 0
}

test_claims_of_a_stateful_set_are_looked_at if {
	set := {
		"apiVersion": "apps/v1",
		"kind": "StatefulSet",
		"metadata": {"name": "store"},
		"spec": {"template": {"spec": {"containers": []}}, "volumeClaimTemplates": [claim({"name": "sensitive-users"})]},
	}
	found := data.packs.ml_governance.deny_encryption with input as set
	count(found) == 1
	marked := object.union(set, {"spec": {"volumeClaimTemplates": [annotated(claim({"name": "sensitive-users"}), "data.encryption.enabled", "true")]}})
	fine := data.packs.ml_governance.deny_encryption with input as marked
	count(fine) == 0
}

europe := {"regions": ["eu-west-1", "eu-central-*"]}

affinity(key, operator, values) := {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": key, "operator": operator, "values": values}]}]}}}}

test_other_regions_are_denied_where_they_are_named if {
	terms := "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/values"
	every place, spec in {
		"/spec/nodeSelector/topology.kubernetes.io~1region": {"nodeSelector": {"topology.kubernetes.io/region": "us-west-2"}},
		"/spec/nodeSelector/topology.kubernetes.io~1zone": {"nodeSelector": {"topology.kubernetes.io/zone": "us-west-2a"}},
		sprintf("%s/1", [terms]): affinity("topology.kubernetes.io/region", "In", ["eu-west-1", "us-west-2"]),
		"/spec/containers/0/env/0/value": with_variable("AWS_REGION", "us-west-2"),
	} {
		found := data.packs.ml_governance.deny_region with input as pod({}, spec) with data.ml_governance as europe
		places(found) == {place}
	}
	labelled := data.packs.ml_governance.deny_region with input as pod({"data.residency.region": "us-west-2"}, {}) with data.ml_governance as europe
	places(labelled) == {"/metadata/labels/data.residency.region"}
	class := {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"}, "allowedTopologies": [{"matchLabelExpressions": [{"key": "topology.kubernetes.io/zone", "values": ["us-west-2a"]}]}]}
	stored := data.packs.ml_governance.deny_region with input as class with data.ml_governance as europe
	places(stored) == {"/allowedTopologies/0/matchLabelExpressions/0/values/0"}
	volume := {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "fast"}, "spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "topology.kubernetes.io/region", "operator": "In", "values": ["us-west-2"]}]}]}}}}
	bound := data.packs.ml_governance.deny_region with input as volume with data.ml_governance as europe
	places(bound) == {"/spec/nodeAffinity/required/nodeSelectorTerms/0/matchExpressions/0/values/0"}
	job := {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": {"template": {"metadata": {"annotations": {"data.residency.region": "us-west-2"}}, "spec": {}}}}
	annotated_pods := data.packs.ml_governance.deny_region with input as job with data.ml_governance as europe
	places(annotated_pods) == {"/spec/template/metadata/annotations/data.residency.region"}
}

test_allowed_regions_are_accepted if {
	every spec in [
		{"nodeSelector": {"topology.kubernetes.io/region": "eu-central-1"}},
		{"nodeSelector": {"topology.kubernetes.io/zone": "eu-west-1b"}},
		{"nodeSelector": {"topology.kubernetes.io/region": "${REGION}"}},
		affinity("topology.kubernetes.io/region", "NotIn", ["us-west-2"]),
		affinity("kubernetes.io/arch", "In", ["arm64"]),
		with_variable("AWS_REGION", "eu-west-1"),
		with_variable("LOG_LEVEL", "debug"),
		{"nodeSelector": {"topology.kubernetes.io/region": null}},
	] {
		found := data.packs.ml_governance.deny_region with input as pod({}, spec) with data.ml_governance as europe
		count(found) == 0
	}
	anywhere := data.packs.ml_governance.deny_region with input as pod({}, with_variable("AWS_REGION", "us-west-2"))
	count(anywhere) == 0
}

test_sensitive_data_is_bound_to_a_region_if_that_is_asked if {
	asked := object.union(europe, {"region_required": true})
	found := data.packs.ml_governance.deny_region_missing with input as pod({}, sensitive) with data.ml_governance as asked
	places(found) == {"/spec"}
	bound := data.packs.ml_governance.deny_region_missing with input as pod({}, object.union(sensitive, {"nodeSelector": {"topology.kubernetes.io/region": "eu-west-1"}})) with data.ml_governance as asked
	count(bound) == 0
	anywhere := data.packs.ml_governance.deny_region_missing with input as pod({}, sensitive) with data.ml_governance as {"region_required": true}
	count(anywhere) == 0
	not_asked := data.packs.ml_governance.deny_region_missing with input as pod({}, sensitive) with data.ml_governance as europe
	count(not_asked) == 0
}
