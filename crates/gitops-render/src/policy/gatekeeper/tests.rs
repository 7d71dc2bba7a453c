//! Templates and constraints as teams write them, asked about the objects of roots.

use std::time::{Duration, Instant};

use super::*;
use crate::SchemaStore;
use crate::source::{MemoryTree, RepoPath};

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: nginx:latest
";

/// A template whose rule is `violation`, and a constraint for it with `spec`.
fn template(kind: &str, rego: &str, spec: &str) -> String {
    let rego: String = rego.lines().map(|it| format!("      {it}\n")).collect();
    let name = kind.to_lowercase();
    format!(
        "apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {{name: {name}}}
spec:
  crd: {{spec: {{names: {{kind: {kind}}}}}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package {name}
{rego}---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: {kind}
metadata: {{name: c}}
spec: {spec}
"
    )
}

/// What is found: a line for every object's finding, then what comes up besides. Every file is a root.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    check_with(&GatekeeperOptions::default(), files)
}

fn check_with(options: &GatekeeperOptions, files: &[(&str, &str)]) -> Vec<String> {
    let mut tree = MemoryTree::new();
    files.iter().for_each(|(path, text)| {
        tree.insert(path, text);
    });
    let sources = Sources::new(&tree);
    let resources = |path: &str| -> Vec<Resource> {
        let file = sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
        file.yaml().documents.iter().cloned().map(Resource::new).collect()
    };
    let roots: Vec<Vec<Resource>> = files.iter().map(|it| resources(it.0)).collect();
    let sets: Vec<&[Resource]> = roots.iter().map(Vec::as_slice).collect();
    let (gatekeeper, broken) = Gatekeeper::compile(&sources, &SchemaStore::embedded(), options, &sets);
    let mut found = vec![];
    for set in &sets {
        let world = gatekeeper.world(set);
        for resource in *set {
            found.extend(gatekeeper.check(resource));
            found.extend(gatekeeper.check_in(resource, &world));
        }
    }
    found.extend(gatekeeper.findings(false));
    found.extend(broken);
    let line = |it: &Diagnostic| {
        let (path, start, _) = sources.place(it.span());
        let pointer = it.pointer.as_deref().unwrap_or("-");
        format!("{} {} {path}:{} {pointer}: {}", it.rule.code, it.severity, start.line, it.message)
    };
    found.iter().map(line).collect()
}

/// It looks at pods and at their workloads.
const BOTH: &str = "violation[{\"msg\": \"no tag\", \"details\": {\"at\": path}}] {
  spec := input.review.object.spec
  pods := {\"/spec\": spec, \"/spec/template/spec\": object.get(spec, [\"template\", \"spec\"], {})}
  endswith(pods[start].containers[i].image, \":latest\")
  path := sprintf(\"%v/containers/%v/image\", [start, i])
}";

const POD: &str = "violation[{\"msg\": \"no tag\"}] { endswith(input.review.object.spec.containers[_].image, \":latest\") }";

#[test]
fn a_pod_is_found_in_its_workload() {
    let pods = template("Tag", POD, "{match: {kinds: [{apiGroups: [''], kinds: [Pod]}]}}");
    let found = "POL000 error web.yaml:3 /metadata/name: no tag";
    assert_eq!(check(&[("t.yaml", &pods), ("web.yaml", DEPLOYMENT)]), [found]);
    let off = GatekeeperOptions { expands_pods: false, ..GatekeeperOptions::default() };
    assert_eq!(
        check_with(&off, &[("t.yaml", &pods), ("web.yaml", DEPLOYMENT)]),
        ["POL003 warning t.yaml:14 -: `Tag/c` matches no object"]
    );
}

#[test]
fn a_policy_about_workloads_and_pods_says_it_once() {
    let both = template("Tag", BOTH, "{match: {kinds: [{apiGroups: ['', apps], kinds: [Pod, Deployment]}]}}");
    assert_eq!(
        check(&[("t.yaml", &both), ("web.yaml", DEPLOYMENT)]),
        ["POL000 error web.yaml:10 /spec/template/spec/containers/0/image: no tag"]
    );
}

#[test]
fn the_action_of_a_constraint_is_the_severity() {
    let of = |spec: &str| {
        let text = template("Tag", POD, spec);
        let found = check(&[("t.yaml", &text), ("web.yaml", DEPLOYMENT)]);
        found.iter().map(|it| it.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("{}"), ["error"]);
    assert_eq!(of("{enforcementAction: warn}"), ["warning"]);
    assert_eq!(of("{enforcementAction: dryrun}"), ["info"]);
    let scoped = "{enforcementAction: scoped, scopedEnforcementActions: [{action: dryrun}, {action: warn}]}";
    assert_eq!(of(scoped), ["warning"]);
}

#[test]
fn each_root_has_its_own_inventory() {
    let rego = "violation[{\"msg\": msg}] {
  data.inventory.namespace[_][\"v1\"].ConfigMap[name]
  name != input.review.object.metadata.name
  msg := sprintf(\"beside `%v`\", [name])
}";
    let text = template("Alone", rego, "{match: {kinds: [{apiGroups: [''], kinds: [ConfigMap]}]}}");
    let map =
        |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: n}}\n");
    let two = [map("a"), map("b")].join("---\n");
    assert_eq!(
        check(&[("a.yaml", &two), ("b.yaml", &map("a")), ("t.yaml", &text)]),
        [
            "POL000 error a.yaml:3 /metadata/name: beside `b`",
            "POL000 error a.yaml:7 /metadata/name: beside `a`",
        ]
    );
}

#[test]
fn what_two_roots_bring_along_is_asked_once() {
    let text = template("Tag", POD, "{}");
    assert_eq!(check(&[("a.yaml", &text), ("b.yaml", &text), ("web.yaml", DEPLOYMENT)]).len(), 1);
}

#[test]
fn a_template_that_never_ends_is_named_and_the_rest_goes_on() {
    let endless = "violation[{\"msg\": \"x\"}] { n := numbers.range(1, 3000); n[_] * n[_] * n[_] == 0.5 }";
    let endless =
        template("Endless", endless, "{match: {kinds: [{apiGroups: [apps], kinds: [Deployment]}]}}");
    let good = template("Tag", POD, "{match: {kinds: [{apiGroups: [''], kinds: [Pod]}]}}");
    let options =
        GatekeeperOptions { time_limit: Duration::from_millis(200), ..GatekeeperOptions::default() };
    let start = Instant::now();
    assert_eq!(
        check_with(&options, &[("e.yaml", &endless), ("t.yaml", &good), ("web.yaml", DEPLOYMENT)]),
        [
            "POL000 error web.yaml:3 /metadata/name: no tag",
            "POL001 error e.yaml:10 -: `endless.violation` cannot be evaluated: it takes longer than 200ms",
        ]
    );
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_template_that_calls_itself_is_refused() {
    let text = template("Loop", "f(x) { f(x) }\nviolation[{\"msg\": \"x\"}] { f(1) }", "{}");
    assert_eq!(
        check(&[("t.yaml", &text), ("web.yaml", DEPLOYMENT)]),
        ["POL001 error t.yaml:10 -: `loop.f` rests on itself"]
    );
}

#[test]
fn a_violation_without_a_message_is_told() {
    let text = template("Tag", "violation[{\"message\": \"x\"}] { true }", "{}");
    assert_eq!(
        check(&[("t.yaml", &text), ("web.yaml", DEPLOYMENT)]),
        ["POL001 error t.yaml:10 -: `tag.violation` gives an object without `msg`, and no message"]
    );
}

#[test]
fn a_thousand_constraints_of_other_kinds_cost_nothing() {
    let mut text = template("Tag", POD, "{match: {kinds: [{apiGroups: [''], kinds: [Pod]}]}}");
    for number in 0..1000 {
        text.push_str(&format!(
            "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Tag\nmetadata: {{name: c{number}}}\n\
             spec: {{match: {{kinds: [{{apiGroups: [''], kinds: [Kind{number}]}}]}}}}\n"
        ));
    }
    let found = check(&[("t.yaml", &text), ("web.yaml", DEPLOYMENT)]);
    assert_eq!(found.iter().filter(|it| it.starts_with("POL000")).count(), 1);
    assert_eq!(found.iter().filter(|it| it.starts_with("POL003")).count(), 1000);
}
