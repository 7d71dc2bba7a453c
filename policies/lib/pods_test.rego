package packs.pods_test

import rego.v1

import data.packs.pods

places := [
	[{"apiVersion": "v1", "kind": "Pod", "spec": pod}, ["/spec"]],
	[{"apiVersion": "v1", "kind": "PodTemplate", "template": {"spec": pod}}, ["/template/spec"]],
	[workload("v1", "ReplicationController"), ["/spec/template/spec"]],
	[workload("apps/v1", "Deployment"), ["/spec/template/spec"]],
	[workload("apps/v1", "StatefulSet"), ["/spec/template/spec"]],
	[workload("apps/v1", "DaemonSet"), ["/spec/template/spec"]],
	[workload("apps/v1", "ReplicaSet"), ["/spec/template/spec"]],
	[workload("batch/v1", "Job"), ["/spec/template/spec"]],
	[workload("argoproj.io/v1alpha1", "Rollout"), ["/spec/template/spec"]],
	[workload("serving.knative.dev/v1", "Service"), ["/spec/template/spec"]],
	[workload("kubeflow.org/v1", "Notebook"), ["/spec/template/spec"]],
	[{
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}},
	}, ["/spec/jobTemplate/spec/template/spec"]],
	[{
		"apiVersion": "kubeflow.org/v1",
		"kind": "PyTorchJob",
		"spec": {"pytorchReplicaSpecs": {"Master": template, "Worker": template}},
	}, ["/spec/pytorchReplicaSpecs/Master/template/spec", "/spec/pytorchReplicaSpecs/Worker/template/spec"]],
	[{
		"apiVersion": "ray.io/v1",
		"kind": "RayCluster",
		"spec": {"headGroupSpec": template, "workerGroupSpecs": [template]},
	}, ["/spec/headGroupSpec/template/spec", "/spec/workerGroupSpecs/0/template/spec"]],
	[{
		"apiVersion": "serving.kserve.io/v1beta1",
		"kind": "InferenceService",
		"spec": {"predictor": pod, "transformer": pod},
	}, ["/spec/predictor", "/spec/transformer"]],
	[{
		"apiVersion": "argoproj.io/v1alpha1",
		"kind": "Workflow",
		"spec": {"templates": [{"name": "a", "containerSet": pod}]},
	}, ["/spec/templates/0", "/spec/templates/0/containerSet"]],
	[{
		"apiVersion": "machinelearning.seldon.io/v1",
		"kind": "SeldonDeployment",
		"spec": {"predictors": [{}, {"componentSpecs": [{"spec": pod}]}]},
	}, ["/spec/predictors/1/componentSpecs/0/spec"]],
	[{
		"apiVersion": "jobset.x-k8s.io/v1alpha2",
		"kind": "JobSet",
		"spec": {"replicatedJobs": [{"template": {"spec": {"template": {"spec": pod}}}}]},
	}, ["/spec/replicatedJobs/0/template/spec/template/spec"]],
]

pod := {"containers": [{"name": "app"}]}

template := {"template": {"spec": pod}}

workload(version, kind) := {"apiVersion": version, "kind": kind, "spec": {"template": {"spec": pod}}}

pointers(it) := [pointer |
	some found in pods.templates(it)
	pointer := concat("", [sprintf("/%v", [step]) | some step in found.path])
]

test_every_workload_kind_is_looked_into if {
	every place in places {
		pointers(place[0]) == place[1]
	}
}

test_a_kind_of_another_group_is_another_kind if {
	count(pods.templates(workload("serving.knative.dev/v1", "Job"))) == 0
	count(pods.templates(workload("v1", "Service"))) == 0
}

test_strange_shapes_have_no_pods if {
	every spec in [null, "text", [1], {"template": null}, {"template": {"spec": "text"}}] {
		count(pods.templates({"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec})) == 0
	}
	count(pods.templates({})) == 0
	count(pods.templates({"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob", "spec": {"pytorchReplicaSpecs": "text"}})) == 0
}

test_pods_bring_their_labels if {
	labels := {"a": "b"}
	deployment := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"metadata": {"labels": labels}, "spec": pod}}}
	[it | some it in pods.templates(deployment)][0].metadata.labels == labels
	service := {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "spec": {"predictor": {"labels": labels}}}
	[it | some it in pods.templates(service)][0].metadata.labels == labels
}

test_containers_come_with_their_names_and_places if {
	found := pods.containers({"path": ["spec"], "spec": {
		"initContainers": [{"name": "first"}],
		"containers": [{"name": "app"}, {}, null],
		"model": {"storageUri": "s3://models/a"},
		"script": "text",
	}})
	{[it.name, it.path] | some it in found} == {
		["first", ["spec", "initContainers", 0]],
		["app", ["spec", "containers", 0]],
		["containers[1]", ["spec", "containers", 1]],
		["model", ["spec", "model"]],
	}
	count(pods.all_containers({"apiVersion": "v1", "kind": "Pod", "spec": pod})) == 1
}

test_sidecars_run_as_long_as_the_pod if {
	pods.is_long_running({"list": "containers", "container": {}})
	pods.is_long_running({"list": "initContainers", "container": {"restartPolicy": "Always"}})
	not pods.is_long_running({"list": "initContainers", "container": {}})
	not pods.is_long_running({"list": "ephemeralContainers", "container": {"restartPolicy": "Always"}})
}

test_a_review_is_about_its_object if {
	pods.subject({"review": {"object": {"kind": "Pod"}}}).kind == "Pod"
	pods.subject({"kind": "Pod"}).kind == "Pod"
}
