//! `check --base` in a repository with constraints: only what a change reaches is judged anew, unless it is about
//! what judges, and what is found is what the subtraction gives.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "support/compared.rs"]
mod compared;
#[allow(dead_code)]
#[path = "../src/git/testing.rs"]
mod git_testing;
mod support;

use compared::{Edit, edit, fingerprints, new_codes, roots};
use git_testing::Repo;

/// An object without a schema, in a namespace.
fn object(name: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop{more}}}\n")
}

const OWNED: &str = ", labels: {owner: me}";

fn namespace(labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{owner: me, {labels}}}}}\n")
}

/// A template whose rule is the body of a violation.
fn template(name: &str, rule: &str) -> String {
    format!(
        "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {{name: {name}}}\nspec:\n  crd: {{spec: \
         {{names: {{kind: {name}}}}}}}\n  targets:\n  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package \
         {name}\n      violation[{{\"msg\": msg}}] {{\n        {rule}\n      }}\n"
    )
}

fn owned() -> String {
    template("owned", "not input.review.object.metadata.labels.owner\n        msg := \"nobody owns it\"")
}

/// Asks about the objects that stand around one.
fn alone() -> String {
    let rule = "other := data.inventory.namespace[_][_].ConfigMap[name]\n        other.data.port == \
                input.review.object.data.port\n        name != input.review.object.metadata.name\n        msg := \
                sprintf(\"the port of %v\", [name])";
    template("alone", rule)
}

fn constraint(kind: &str, wanted: &str) -> String {
    format!(
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: {kind}\nmetadata: {{name: {kind}}}\nspec: {{match: {{{wanted}}}}}\n"
    )
}

const MAPS: &str = "kinds: [{apiGroups: [''], kinds: [ConfigMap]}]";

fn strict() -> String {
    constraint("owned", &format!("{MAPS}, namespaceSelector: {{matchLabels: {{strict: 'yes'}}}}"))
}

fn with_port(name: &str, port: &str) -> String {
    format!("{}data: {{port: '{port}'}}\n", object(name, OWNED))
}

/// Constraints in a kustomization of their own, roots with objects, a namespace in one of them, and manifests that
/// stand together.
fn start(repo: &Repo) {
    repo.write("gate/kustomization.yaml", "resources: [owned.yaml, constraint.yaml, alone.yaml]\n");
    repo.write("gate/owned.yaml", &owned()).write("gate/constraint.yaml", &strict());
    repo.write("gate/alone.yaml", &format!("{}---\n{}", alone(), constraint("alone", MAPS)));
    repo.write("space/kustomization.yaml", "resources: [space.yaml]\n");
    repo.write("space/space.yaml", &namespace("strict: 'no'"));
    for name in ["one", "two"] {
        repo.write(&format!("{name}/kustomization.yaml"), "resources: [object.yaml]\n");
        repo.write(&format!("{name}/object.yaml"), &object(name, ""));
    }
    for (name, port) in [("a", "1"), ("b", "2"), ("c", "3")] {
        repo.write(&format!("plain/{name}.yaml"), &with_port(name, port));
    }
}

/// A change, the codes of what it brings in, and how many roots of seven are looked at.
type Step = (&'static str, &'static [Edit], &'static str, usize);

const STEPS: &[Step] = &[
    ("an object", &[("one/object.yaml", Some(|| object("uno", "")))], "", 1),
    ("a namespace", &[("space/space.yaml", Some(|| namespace("strict: 'yes'")))], "POL000", 7),
    ("an object that nobody owns", &[("one/object.yaml", Some(|| object("one", "")))], "POL000", 1),
    ("one that has an owner", &[("one/object.yaml", Some(|| object("one", OWNED)))], "", 1),
    ("what stands beside others", &[("plain/b.yaml", Some(|| with_port("b", "1")))], "POL000", 3),
    ("what stands elsewhere", &[("one/object.yaml", Some(|| with_port("one", "1")))], "", 1),
    (
        "a template",
        &[("gate/owned.yaml", Some(|| owned().replace("nobody owns", "no one has")))],
        "POL000",
        7,
    ),
    (
        "a constraint that is patched",
        &[(
            "gate/kustomization.yaml",
            Some(|| {
                "resources: [owned.yaml, constraint.yaml, alone.yaml]\npatches:\n- target: {kind: owned}\n  patch: |-\n    \
                 - op: remove\n      path: /spec/match/namespaceSelector\n    - op: replace\n      path: \
                 /spec/match/kinds/0/kinds/0\n      value: Namespace\n"
                    .to_owned()
            }),
        )],
        "",
        7,
    ),
    (
        "the last that a constraint is about",
        &[("space/space.yaml", Some(|| namespace("a: b").replace("Namespace", "Secret")))],
        "POL003",
        7,
    ),
    (
        "an overlay of it",
        &[("space/kustomization.yaml", Some(|| "resources: [space.yaml]\nnamePrefix: x-\n".to_owned()))],
        "",
        1,
    ),
    (
        "no constraints",
        &[("gate/kustomization.yaml", Some(|| "resources: [owned.yaml]\n".to_owned()))],
        "KUS006 POL000 POL007",
        9,
    ),
    (
        "parameters of a policy",
        &[
            (
                "gate/policy.yaml",
                Some(|| {
                    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: size}\nspec:\n  \
                 failurePolicy: Fail\n  paramKind: {apiVersion: v1, kind: Secret}\n  matchConstraints:\n    resourceRules:\n    \
                 - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}\n  validations:\n  - \
                 expression: object.metadata.name != params.metadata.name\n---\napiVersion: admissionregistration.k8s.io/v1\n\
                 kind: ValidatingAdmissionPolicyBinding\nmetadata: {name: size}\nspec: {policyName: size, paramRef: {name: \
                 x-shop, namespace: '', parameterNotFoundAction: Deny}, validationActions: [Deny]}\n"
                    .to_owned()
                }),
            ),
            ("gate/kustomization.yaml", Some(|| "resources: [owned.yaml, policy.yaml]\n".to_owned())),
        ],
        "",
        9,
    ),
    ("a parameter", &[("one/object.yaml", Some(|| object("x-shop", "")))], "POL000", 9),
];

#[test]
fn what_judges_all_roots_is_asked_about_those_that_a_change_reaches() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.commit("first");
    let mut then = fingerprints(&repo.top, &[]).unwrap();
    let mut wrong = vec![];
    for (what, change, expected, count) in STEPS {
        edit(&repo, change);
        let now = fingerprints(&repo.top, &[]).unwrap();
        let told = (new_codes(&repo, &now, &then, what), roots(&repo, "HEAD"));
        if told != ((*expected).to_owned(), *count) {
            wrong.push(format!("{what}: {told:?} and not {expected:?}, {count}"));
        }
        repo.commit(what);
        then = now;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
