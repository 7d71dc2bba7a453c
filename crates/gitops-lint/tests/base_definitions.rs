//! `check --base` where a change is about definitions, or about what no definition is known for: only the roots are
//! looked at for which it matters, and what is found is what the subtraction gives.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "support/compared.rs"]
mod compared;
#[allow(dead_code)]
#[path = "../src/git/testing.rs"]
mod git_testing;
mod support;

use compared::{Edit, codes, edit, found, subtracted};
use git_testing::Repo;
use support::definition;

fn defined(kind: &str, size: &str) -> String {
    definition(kind, &format!("{{type: object, properties: {{size: {{type: {size}}}}}}}"))
}

fn object(kind: &str, name: &str, size: &str) -> String {
    format!("apiVersion: example.com/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{size: {size}}}\n")
}

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {type: integer}\n";

const PATCH: &str = "patches:\n- target: {kind: CustomResourceDefinition, name: gadgets.example.com}\n  patch: |-\n    - \
                     op: replace\n      path: /spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/type\n      \
                     value: string\n";

/// The definition of gadgets takes a value from an object that lies in a file with another definition.
const REPLACEMENT: &str = "replacements:\n- source: {kind: ConfigMap, name: config, fieldPath: data.type}\n  targets:\n  - \
                           select: {kind: CustomResourceDefinition, name: gadgets.example.com}\n    fieldPaths:\n    - \
                           spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.size.type\n";

/// Folders with definitions, and roots that have objects of their kinds, of kinds that nobody defines, and others.
fn start(repo: &Repo) {
    repo.write("crds/kustomization.yaml", "resources: [widgets.yaml, gadgets.yaml]\n");
    repo.write("crds/widgets.yaml", &format!("{}---\n{CONFIG}", defined("Widget", "integer")));
    repo.write("crds/gadgets.yaml", &defined("Gadget", "integer"));
    for (name, kind, size) in
        [("one", "Widget", "1"), ("two", "Gadget", "two"), ("three", "Gadgt", "1"), ("four", "Wonder", "1")]
    {
        repo.write(&format!("{name}/kustomization.yaml"), "resources: [object.yaml]\nnamespace: here\n");
        repo.write(&format!("{name}/object.yaml"), &object(kind, name, size));
    }
    for number in 0..5 {
        let config = CONFIG.replace("config", &format!("config-{number}"));
        repo.write(&format!("plain/{number}.yaml"), &config);
    }
}

/// A change, the codes of what it brings in, and how many roots of ten are looked at.
type Step = (&'static str, &'static [Edit], &'static str, usize);

const ROOT: &str = "crds/kustomization.yaml";
const GADGETS: &str = "crds/gadgets.yaml";
const RESOURCES: &str = "resources: [widgets.yaml, gadgets.yaml]\n";

const STEPS: &[Step] = &[
    (
        "a comment in a definition",
        &[(GADGETS, Some(|| format!("# x\n{}", defined("Gadget", "integer"))))],
        "",
        1,
    ),
    (
        "a definition that lets pass what it did not",
        &[(GADGETS, Some(|| defined("Gadget", "string")))],
        "",
        5,
    ),
    ("one that does not any more", &[(GADGETS, Some(|| defined("Gadget", "integer")))], "SCH001", 5),
    ("a definition that is patched", &[(ROOT, Some(|| format!("{RESOURCES}{PATCH}")))], "", 5),
    (
        "an object under a patched definition",
        &[("two/object.yaml", Some(|| object("Gadget", "two", "2")))],
        "SCH001",
        1,
    ),
    (
        "a definition with a value from elsewhere",
        &[
            (ROOT, Some(|| format!("{RESOURCES}{REPLACEMENT}"))),
            (GADGETS, Some(|| defined("Gadget", "string"))),
        ],
        "",
        5,
    ),
    (
        "an object under such a definition",
        &[("two/object.yaml", Some(|| object("Gadget", "two", "too")))],
        "SCH001",
        1,
    ),
    (
        "a definition that moves",
        &[
            (GADGETS, None),
            (ROOT, Some(|| "resources: [widgets.yaml]\n".to_owned())),
            ("plain/gadgets.yaml", Some(|| defined("Gadget", "integer"))),
        ],
        "",
        2,
    ),
    (
        "a definition of a kind that was not known",
        &[("plain/wonders.yaml", Some(|| defined("Wonder", "string")))],
        "SCH001",
        7,
    ),
    (
        "another version of an object",
        &[("one/object.yaml", Some(|| object("Widget", "one", "1").replace("/v1", "/v2")))],
        "SCH003",
        2,
    ),
    ("a definition that goes", &[("plain/gadgets.yaml", None)], "SCH003", 6),
    ("a kind that is missed already", &[("zoo/new.yaml", Some(|| object("Gadget", "new", "1")))], "", 2),
    ("the first of a kind that is missed", &[("one/object.yaml", None)], "KUS007", 2),
    ("a kind that nobody has missed", &[("zoo/new.yaml", Some(|| object("Thing", "new", "1")))], "SCH003", 2),
];

#[test]
fn definitions_matter_to_the_roots_that_have_objects_of_their_kinds() {
    let Some(repo) = Repo::new() else { return };
    start(&repo);
    repo.commit("first");
    let mut then = found(&repo.top, &[]).0;
    let mut wrong = vec![];
    for (what, change, expected, roots) in STEPS {
        edit(&repo, change);
        let now = found(&repo.top, &[]).0;
        let new = subtracted(&repo, "HEAD", &now, &then);
        let looked_at = compared::roots(&repo, "HEAD");
        if codes(&new) != *expected || *roots != looked_at {
            wrong.push(format!(
                "{what}: {:?} in {looked_at} roots, and not {expected:?} in {roots:?}",
                codes(&new)
            ));
        }
        repo.commit(what);
        then = now;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
