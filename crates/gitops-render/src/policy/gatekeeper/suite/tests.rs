//! Suites as people write them.

use super::*;
use crate::source::MemoryTree;

const TEMPLATE: &str = "\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: needslabel}
spec:
  crd:
    spec:
      names: {kind: NeedsLabel}
      validation:
        openAPIV3Schema:
          type: object
          properties:
            label: {type: string, default: owner}
            most: {type: integer}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package needslabel
      violation[{\"msg\": msg}] {
        input.review.operation != \"UPDATE\"
        not input.review.object.metadata.labels[input.parameters.label]
        msg := sprintf(\"%v has no label %v\", [input.review.name, input.parameters.label])
      }
      violation[{\"msg\": \"taken\"}] {
        data.inventory.namespace[_][_].Service[input.review.object.metadata.name]
      }
";

const CONSTRAINT: &str = "\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: NeedsLabel
metadata: {name: a}
spec:
  match:
    kinds: [{apiGroups: [''], kinds: [Pod]}]
";

/// The outcomes of a suite's cases, a line each.
fn run(suite: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut tree = MemoryTree::new();
    tree.insert("t/template.yaml", TEMPLATE).insert("t/constraint.yaml", CONSTRAINT);
    tree.insert("t/pod.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: web}}");
    for (path, text) in files {
        tree.insert(path, text);
    }
    let head = "apiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\nmetadata: {name: s}\n";
    tree.insert("t/suite.yaml", format!("{head}{suite}"));
    let sources = Sources::new(&tree);
    let path = RepoPath::root().join("t/suite.yaml").unwrap();
    let line = |it: &TestCase| {
        let outcome = match &it.outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Skipped => "skipped".to_owned(),
            Outcome::Failed(found) => format!("failed: {}", said(&sources, found)),
            Outcome::Errored(found) => format!("errored: {}", said(&sources, found)),
        };
        format!("{} {} {outcome}", it.group, it.name)
    };
    run_suites(&sources, &crate::SchemaStore::embedded(), &[path]).iter().map(line).collect()
}

fn said(sources: &Sources<'_>, found: &[Diagnostic]) -> String {
    let line = |it: &Diagnostic| format!("{}: {}", sources.place(it.span()).1.line, it.message);
    found.iter().map(line).collect::<Vec<_>>().join("; ")
}

#[test]
fn cases_come_out_as_gator_has_them() {
    let suite = "\
tests:
- name: t
  template: template.yaml
  constraint: constraint.yaml
  cases:
  - {name: says, object: pod.yaml, assertions: [{violations: yes}, {violations: 1, message: '^web has no label owner$'}]}
  - {name: default, object: pod.yaml, assertions: [{message: owner}]}
  - {name: too-many, object: pod.yaml, assertions: [{violations: 2}, {violations: no}]}
  - {name: skipped, object: pod.yaml, assertions: [{violations: no}], skip: true}
  - {name: none, object: pod.yaml}
  - {name: gone, object: missing.yaml, assertions: [{}]}
  - {name: wrong, object: pod.yaml, assertions: [{violations: maybe}]}
  - {name: pattern, object: pod.yaml, assertions: [{message: '('}]}
  - {name: other-kind, object: service.yaml, assertions: [{violations: 0}]}
  - {name: update, object: update.yaml, assertions: [{violations: no}]}
  - {name: inventory, object: pod.yaml, inventory: [service.yaml], assertions: [{violations: 1, message: taken}]}
";
    let service = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: n}}";
    let update = "{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {operation: UPDATE, \
                  object: {apiVersion: v1, kind: Pod, metadata: {name: web}}}}";
    assert_eq!(
        run(suite, &[("t/service.yaml", service), ("t/update.yaml", update)]),
        [
            "s/t says passed",
            "s/t default passed",
            "s/t too-many failed: 11: 2 violations are wanted, and there is 1; 11: no violation is wanted, and there is 1",
            "s/t skipped skipped",
            "s/t none errored: 13: there is no `assertions` here",
            "s/t gone errored: 14: `missing.yaml` cannot be read: there is no such file",
            "s/t wrong errored: 15: `violations` is a whole number, `yes` or `no`",
            "s/t pattern errored: 16: this is no regular expression",
            "s/t other-kind passed",
            "s/t update passed",
            "s/t inventory passed",
        ]
    );
}

#[test]
fn a_constraint_may_be_meant_to_be_invalid() {
    let suite = "\
tests:
- {name: bad, template: template.yaml, constraint: bad.yaml, invalid: true}
- {name: good, template: template.yaml, constraint: constraint.yaml, invalid: true}
- {name: refused, template: template.yaml, constraint: bad.yaml, cases: [{name: a, object: pod.yaml, assertions: [{}]}]}
- {name: off, skip: true, template: x.yaml}
";
    let bad = format!("{CONSTRAINT}  parameters: {{most: many, unknown: 1}}\n");
    assert_eq!(
        run(suite, &[("t/bad.yaml", &bad)]),
        [
            "s/bad bad passed",
            "s/good good failed: 6: the constraint is to be invalid, and fits the schema of its template",
            "s/refused a errored: 7: `most` is \"many\", but an integer is wanted",
            "s/off off skipped",
        ]
    );
}

#[test]
fn what_is_expanded_is_asked_about_too() {
    let suite = "\
tests:
- name: t
  template: template.yaml
  constraint: constraint.yaml
  expansion: expansion.yaml
  cases:
  - {name: pod-of, object: web.yaml, assertions: [{violations: 1, message: '^.Implied by e. web-pod has no label'}]}
";
    let expansion = "{apiVersion: expansion.gatekeeper.sh/v1alpha1, kind: ExpansionTemplate, metadata: {name: e}, \
                     spec: {applyTo: [{groups: [apps], kinds: [Deployment], versions: [v1]}], \
                     templateSource: spec.template, generatedGVK: {group: '', version: v1, kind: Pod}}}";
    let web = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {}}}}";
    assert_eq!(run(suite, &[("t/expansion.yaml", expansion), ("t/web.yaml", web)]), ["s/t pod-of passed"]);
}

#[test]
fn a_policy_of_kubernetes_is_tested_with_its_binding() {
    let suite = "\
tests:
- name: t
  template: policy.yaml
  constraint: binding.yaml
  cases:
  - {name: short, object: pod.yaml, assertions: [{violations: 1, message: 'at least 4'}]}
  - {name: service, object: service.yaml, assertions: [{violations: no}]}
";
    let policy = "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: p}, \
                  spec: {paramKind: {apiVersion: v1, kind: ConfigMap}, matchConstraints: {resourceRules: \
                  [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [pods]}]}, validations: \
                  [{expression: 'size(object.metadata.name) >= int(params.data.least)', \
                  messageExpression: '\"at least \" + params.data.least'}]}}";
    let binding = "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, \
                   metadata: {name: b}, spec: {policyName: p, paramRef: {name: c}, validationActions: [Deny]}}\n\
                   ---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {least: '4'}}\n";
    let service = "{apiVersion: v1, kind: Service, metadata: {name: web}}";
    assert_eq!(
        run(suite, &[("t/policy.yaml", policy), ("t/binding.yaml", binding), ("t/service.yaml", service)]),
        ["s/t short passed", "s/t service passed"]
    );
}

#[test]
fn what_lies_with_the_objects_of_a_suite_is_for_tests_only() {
    let mut tree = MemoryTree::new();
    tree.insert(
        "t/suite.yaml",
        "apiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\ntests:\n\
         - {name: a, template: a.yaml, constraint: samples/c.yaml, cases: [{object: samples/o.yaml, inventory: [i.yaml]}]}\n\
         - {name: b, template: a.yaml, constraint: constraints/c.yaml, cases: [{object: samples/o.yaml}]}\n",
    );
    let sources = Sources::new(&tree);
    let found = test_material(&sources, &[RepoPath::root().join("t/suite.yaml").unwrap()]);
    let found: Vec<&str> = found.iter().map(RepoPath::as_str).collect();
    assert_eq!(found, ["t/i.yaml", "t/samples/c.yaml", "t/samples/o.yaml"]);
}
