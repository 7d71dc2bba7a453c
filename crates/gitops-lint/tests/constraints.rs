//! Constraints of Gatekeeper on the command line: where they are found, and what is asked.
#![allow(clippy::unwrap_used)]

mod support;

use support::Repo;

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'registry.example/web:latest'}
";

const RULES: &str = "\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: versioned}
spec:
  crd: {spec: {names: {kind: Versioned}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package versioned
      violation[{\"msg\": msg}] {
        image := input.review.object.spec.containers[_].image
        endswith(image, \":latest\")
        msg := sprintf(\"the image <%v> has no version\", [image])
      }
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Versioned
metadata: {name: pods}
spec:
  match: {kinds: [{apiGroups: [''], kinds: [Pod]}]}
";

const FOUND: &str =
    "app/web.yaml:10:28: POL000 policy-violation: the image <registry.example/web:latest> has no version\n";

#[test]
fn constraints_come_with_the_repository_or_with_its_policies() {
    let repo = Repo::new();
    repo.file("app/web.yaml", WEB).file("rules/rules.yaml", RULES);
    let run = |words: &[&str]| repo.run(&[&["check", "--output-format", "concise"], words].concat());
    assert!(run(&["app"]).stdout.starts_with("nothing found"));
    for words in [&[][..], &["app", "-p", "rules"], &["app", "-p", "rules/rules.yaml"], &["-p", "rules"]] {
        let ran = run(words);
        assert!(ran.stdout.starts_with(FOUND), "{words:?} {ran:#?}");
        assert_eq!((ran.stdout.lines().count(), ran.code), (2, Some(1)), "{words:?} {ran:#?}");
    }
}

#[test]
fn pods_of_workloads_are_left_alone_if_asked_so() {
    let repo = Repo::new();
    repo.file("app/web.yaml", WEB).file("rules/rules.yaml", RULES);
    let ran = repo.run(&["check", "--no-expand", "--output-format", "concise"]);
    assert!(ran.stdout.starts_with("rules/rules.yaml:18:18: POL003"), "{ran:#?}");
}

#[test]
fn manifests_in_one_folder_are_each_others_inventory() {
    let repo = Repo::new();
    let rego = "violation[{\"msg\": name}] {
        data.inventory.namespace[_][_].ConfigMap[name]
        name != input.review.object.metadata.name
      }
";
    let (head, tail) = RULES.split_once("violation").unwrap();
    let (_, tail) = tail.split_once("---").unwrap();
    let rules = format!("{head}{rego}---{}", tail.replace("[Pod]", "[ConfigMap]"));
    let map =
        |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: n}}\n");
    repo.file("rules/rules.yaml", rules).file("x/a.yaml", map("a")).file("x/b.yaml", map("b"));
    repo.file("y/c.yaml", map("c"));
    let ran = repo.run(&["check", "--output-format", "concise"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines[..lines.len() - 1],
        ["x/a.yaml:3:18: POL000 policy-violation: b", "x/b.yaml:3:18: POL000 policy-violation: a"],
        "{ran:#?}"
    );
}

#[test]
fn suites_are_run_with_the_tests() {
    let repo = Repo::new();
    let suite = "kind: Suite
apiVersion: test.gatekeeper.sh/v1alpha1
metadata: {name: versioned}
tests:
- name: pods
  template: rules.yaml
  constraint: rules.yaml
  cases:
  - {name: latest, object: pod.yaml, assertions: [{violations: 1}]}
  - {name: wrong, object: pod.yaml, assertions: [{violations: no}]}
";
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: 'b:latest'}]}}";
    repo.file("rules/rules.yaml", RULES).file("rules/pod.yaml", pod).file("rules/suite.yaml", suite);
    let ran = repo.run(&["test", "rules"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.stdout.contains("no violation is wanted, and there is 1"), "{ran:#?}");
    assert_eq!(repo.run(&["test", "rules", "--run", "latest"]).code, Some(0));
}
