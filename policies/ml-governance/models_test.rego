package packs.ml_governance_test

import rego.v1

serving := {"workload-type": "serving"}

with_images(images) := {"containers": [{"name": "app", "image": image} | some image in images]}

test_each_image_is_judged_by_itself if {
	settings := {"model_registries": ["gcr.io/ml-platform"]}
	spec := with_images(["gcr.io/ml-platform/model-server:v1", "quay.io/team/model:1", "nginx:1.27", "gcr.io/ml-platform-evil/model"])
	found := data.packs.ml_governance.deny_model_registry with input as pod(serving, spec) with data.ml_governance as settings
	places(found) == {"/spec/containers/1/image", "/spec/containers/3/image"}
	open := data.packs.ml_governance.deny_model_registry with input as pod(serving, with_images(["${REGISTRY}/model:1"])) with data.ml_governance as settings
	count(open) == 0
	tool := data.packs.ml_governance.deny_model_registry with input as pod({}, spec) with data.ml_governance as settings
	count(tool) == 0
	anywhere := data.packs.ml_governance.deny_model_registry with input as pod(serving, spec)
	count(anywhere) == 0
}

stores := {"model_stores": ["s3://models/", "oci://registry.example.com/models"]}

inference_service(uri) := {
	"apiVersion": "serving.kserve.io/v1beta1",
	"kind": "InferenceService",
	"metadata": {"name": "ranker", "namespace": "ml-production"},
	"spec": {"predictor": {"model": {"modelFormat": {"name": "onnx"}, "storageUri": uri}}},
}

test_models_come_from_known_stores if {
	every uri in ["s3://models-evil/a", "s3://elsewhere/models", "hf://org/model", "s3://models/../a"] {
		found := data.packs.ml_governance.deny_model_store with input as inference_service(uri) with data.ml_governance as stores
		places(found) == {"/spec/predictor/model/storageUri"}
	}
	every uri in ["s3://models/ranker/7", "oci://registry.example.com/models/a", "s3://${BUCKET}/a", null] {
		found := data.packs.ml_governance.deny_model_store with input as inference_service(uri) with data.ml_governance as stores
		count(found) == 0
	}
	anywhere := data.packs.ml_governance.deny_model_store with input as inference_service("hf://org/model")
	count(anywhere) == 0
}

test_stores_are_found_in_variables_and_in_graphs_of_seldon if {
	variable := data.packs.ml_governance.deny_model_store with input as pod({}, with_variable("MODEL_URI", "gs://elsewhere")) with data.ml_governance as stores
	places(variable) == {"/spec/containers/0/env/0/value"}
	other := data.packs.ml_governance.deny_model_store with input as pod({}, with_variable("LOG_LEVEL", "debug")) with data.ml_governance as stores
	count(other) == 0
	seldon := {
		"apiVersion": "machinelearning.seldon.io/v1",
		"kind": "SeldonDeployment",
		"metadata": {"name": "ranker"},
		"spec": {"predictors": [{"graph": {"name": "a", "modelUri": "s3://models/a", "children": [{"name": "b", "modelUri": "gs://elsewhere"}]}}]},
	}
	found := data.packs.ml_governance.deny_model_store with input as seldon with data.ml_governance as stores
	places(found) == {"/spec/predictors/0/graph/children/0/modelUri"}
	elsewhere := data.packs.ml_governance.deny_model_store with input as object.union(seldon, {"kind": "Catalogue"}) with data.ml_governance as stores
	count(elsewhere) == 0
}

production(whole) := object.union(whole, {"metadata": {"namespace": "ml-production"}})

test_models_in_production_need_an_approval if {
	found := data.packs.ml_governance.deny_approval with input as inference_service("s3://models/a")
	places(found) == {"/metadata/name"}
	pending := data.packs.ml_governance.deny_approval with input as annotated(inference_service("s3://models/a"), "model.approval.status", "pending")
	places(pending) == {"/metadata/annotations/model.approval.status"}
	approved := data.packs.ml_governance.deny_approval with input as annotated(inference_service("s3://models/a"), "model.approval.status", "approved")
	count(approved) == 0
}

test_what_loads_a_model_without_a_type_needs_one_too if {
	found := data.packs.ml_governance.deny_approval with input as production(pod({}, with_variable("MODEL_URI", "s3://models/a")))
	count(found) == 1
	job := data.packs.ml_governance.deny_approval with input as production(pod(training, with_variable("MODEL_URI", "s3://models/a")))
	count(job) == 0
}

test_production_may_be_a_label if {
	labels := {"workload-type": "serving", "environment": "production"}
	found := data.packs.ml_governance.deny_approval with input as pod(labels, {"containers": []})
	count(found) == 1
	staging := data.packs.ml_governance.deny_approval with input as pod(object.union(labels, {"environment": "staging"}), {"containers": []})
	count(staging) == 0
}

test_what_serves_no_model_needs_no_approval if {
	found := data.packs.ml_governance.deny_approval with input as production(pod({}, with_images(["nginx:1.27"])))
	count(found) == 0
}

fair := {"model.fairness-critical": "true"}

test_fairness_critical_models_need_a_passed_check if {
	every value in ["failed", "pending", ""] {
		found := data.packs.ml_governance.deny_bias_check with input as annotated(pod(fair, {}), "model.bias-check.status", value)
		places(found) == {"/metadata/annotations/model.bias-check.status"}
	}
	missing := data.packs.ml_governance.deny_bias_check with input as pod(fair, {})
	places(missing) == {"/metadata/name"}
	passed := data.packs.ml_governance.deny_bias_check with input as annotated(pod(fair, {}), "model.bias-check.status", "passed")
	count(passed) == 0
	config := data.packs.ml_governance.deny_bias_check with input as {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": fair}}
	count(config) == 0
	other := data.packs.ml_governance.deny_bias_check with input as pod({"model.fairness-critical": "false"}, {})
	count(other) == 0
}
