package main

autoscaler(environment, least) := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {"name": "ranker", "labels": {"lumen.example/environment": environment}},
	"spec": {"minReplicas": least},
}

test_a_workload_without_team_is_denied if {
	found := deny with input as {"kind": "Job", "metadata": {"name": "train"}, "spec": {}}
	some finding in found
	finding.msg == "the Job `train` does not say which team looks after it"
}

test_other_kinds_need_no_team if {
	found := deny with input as {"kind": "Service", "metadata": {"name": "ranker"}}
	count(found) == 0
}

test_one_pod_in_production_is_worth_a_warning if {
	found := warn with input as autoscaler("production", 1)
	count(found) == 1
}

test_one_pod_elsewhere_is_fine if {
	found := warn with input as autoscaler("staging", 1)
	count(found) == 0
}
