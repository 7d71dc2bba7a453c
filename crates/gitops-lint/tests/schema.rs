//! Schemas of the user: `--schema-location`, and `gitops-lint schema`.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Ran, Repo, definition};

const WIDGET: &str = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nsize: big\n";
const GADGET: &str = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: a}\nspec: {siz: 1}\n";

/// What a gadget may say, as it stands in its definition.
const GADGET_SPEC: &str = "
            type: object
            required: [size]
            properties:
              size: {type: integer, description: How large it is., enum: [1, 2]}";

fn gadgets() -> String {
    definition("Gadget", GADGET_SPEC)
}

/// A repository with a widget and a gadget, and beside it folders of schemas.
struct World {
    repo: Repo,
}

impl World {
    fn new() -> World {
        let repo = Repo::new();
        // What lies beside the repository is in none.
        fs::remove_dir(repo.path(".git")).unwrap();
        repo.file("repo/.git/HEAD", "").file("repo/widget.yaml", WIDGET).file("repo/gadget.yaml", GADGET);
        repo.file("catalog/example.com/widget_v1.json", schema(&json!({ "size": { "type": "integer" } })));
        repo.file(
            "standard/v1.33.0-standalone-strict/widget-example-v1.json",
            schema(&json!({ "size": false })),
        );
        repo.file("crds/deep/gadgets.yaml", gadgets());
        World { repo }
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.repo.run_in("repo", words)
    }

    /// What `check` finds with these locations, a line each.
    #[track_caller]
    fn found(&self, locations: &[&str]) -> Vec<String> {
        let mut words = vec!["check", "--output-format", "concise"];
        words.extend(locations.iter().flat_map(|it| ["--schema-location", it]));
        let ran = self.run(&words);
        assert!(ran.code == Some(1) && ran.stderr.is_empty(), "{ran:#?}");
        let mut lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
        lines.pop();
        lines
    }
}

fn schema(properties: &Value) -> String {
    json!({ "type": "object", "properties": properties }).to_string()
}

const NO_WIDGET: &str =
    "widget.yaml:2:7: SCH003 schema-missing: no schema is known for `Widget` of `example.com/v1`";
const NO_GADGET: &str =
    "gadget.yaml:2:7: SCH003 schema-missing: no schema is known for `Gadget` of `example.com/v1`";
const NOT_AN_INTEGER: &str =
    "widget.yaml:4:7: SCH001 schema-violation: `size` is \"big\", but an integer is wanted";
const NO_SIZ: &str = "gadget.yaml:4:8: SCH002 unknown-field: there is no field `siz` in `spec`";

#[test]
fn a_location_is_a_folder_a_file_or_a_template() {
    let world = World::new();
    assert_eq!(world.found(&[]), [NO_GADGET, NO_WIDGET]);
    assert_eq!(world.found(&["../catalog"]), [NO_GADGET, NOT_AN_INTEGER]);
    assert_eq!(world.found(&["../catalog/example.com/widget_v1.json"]), [NO_GADGET, NOT_AN_INTEGER]);
    let template = "../catalog/{{ .Group }}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json";
    for crds in ["../crds", "../crds/deep/gadgets.yaml"] {
        assert_eq!(world.found(&[template, crds]), [NO_SIZ, NOT_AN_INTEGER], "{crds}");
    }
    let here = world.repo.path("catalog").display().to_string();
    assert_eq!(world.found(&[&here])[1], NOT_AN_INTEGER);
}

#[test]
fn the_first_location_wins_and_definitions_of_the_repository_win_over_all() {
    let world = World::new();
    assert_eq!(world.found(&["../catalog", "../standard"])[1], NOT_AN_INTEGER);
    assert_ne!(world.found(&["../standard", "../catalog"])[1], NOT_AN_INTEGER);
    world.repo.file("catalog/example.com/gadget_v1.json", schema(&json!({ "spec": { "type": "string" } })));
    assert!(world.found(&["../catalog"])[0].contains("a string is wanted"));
    world.repo.file("repo/crd.yaml", gadgets());
    assert_eq!(world.found(&["../catalog"]), [NO_SIZ, NOT_AN_INTEGER]);
}

#[test]
fn what_is_built_in_can_be_put_before_a_location() {
    let world = World::new();
    world.repo.file("repo/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nsize: big\n");
    world.repo.file("own/configmap-v1.json", schema(&json!({ "size": { "type": "integer" } })));
    let of_map =
        |locations: &[&str]| world.found(locations).into_iter().find(|it| it.starts_with("map")).unwrap();
    assert!(of_map(&["../own"]).contains("an integer is wanted"));
    assert!(of_map(&["../own", "default"]).contains("an integer is wanted"));
    assert!(of_map(&["default", "../own"]).contains("there is no field `size`"));
    assert!(of_map(&["../catalog"]).contains("there is no field `size`"));
}

#[test]
fn what_is_no_location_is_refused_before_anything_is_read() {
    let world = World::new();
    for (location, expected) in [
        ("../none", "error: cannot read `../none`: No such file"),
        ("../none/{{ .Group }}.json", "error: cannot read `../none`: No such file"),
        (
            "https://example.com/{{ .Group }}",
            "error: `https://example.com/{{ .Group }}` is on the network, and schema locations are local: fetch",
        ),
        (
            "../catalog/{{ .Kind }}.json",
            "error: `.Kind` is no field of a schema location: there are `{{ .Group }}`",
        ),
        ("../catalog/{{ .Group", "error: `{{` is never closed in `{{ .Group`"),
        ("widget.yaml/{{ .Group }}.json", "error: `widget.yaml` is a file"),
    ] {
        let ran = world.run(&["check", "--schema-location", location]);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
        assert!(ran.stderr.starts_with(expected), "{ran:#?}");
    }
}

#[test]
fn whatever_a_schema_holds_is_a_finding_and_the_rest_is_checked() {
    let world = World::new();
    let not_checked = "widget.yaml:2:7: SCH003 schema-missing: `Widget` of `example.com/v1` is not checked: its schema cannot be used";
    let deep = format!("{}1{}", "{\"not\": ".repeat(100_000), "}".repeat(100_000));
    for (text, expected) in [
        ("{\"a\": [", "../catalog/example.com/widget_v1.json:1:8: YML001"),
        (&*deep, "../catalog/example.com/widget_v1.json:1:"),
        ("\u{0}", "../catalog/example.com/widget_v1.json:1:1: YML001"),
        ("[]", "../catalog/example.com/widget_v1.json:1:1: SCH014"),
        (
            "{\"$ref\": \"#/definitions/a\", \"definitions\": {\"a\": {\"$ref\": \"#\"}}}",
            "../catalog/example.com/widget_v1.json:1:",
        ),
        ("{\"$ref\": \"../../repo/gadget.yaml\"}", "../catalog/example.com/widget_v1.json:1:10: SCH014"),
        (
            "{\"properties\": {\"a\": {\"$ref\": \"http://x/y\"}}}",
            "../catalog/example.com/widget_v1.json:1:31: SCH014",
        ),
        ("{\"properties\": 1}", "../catalog/example.com/widget_v1.json:1:16: SCH014"),
    ] {
        world.repo.file("catalog/example.com/widget_v1.json", text);
        let began = Instant::now();
        let lines = world.found(&["../catalog", "../crds"]);
        assert!(began.elapsed() < Duration::from_secs(20), "it took too long");
        assert!(lines[0].starts_with(expected), "{lines:#?}");
        assert_eq!(lines[1..], [NO_SIZ, not_checked], "{text:.80}");
    }
}

#[test]
fn schemas_that_multiply_do_not_keep_the_machine_busy() {
    let world = World::new();
    let branch = json!({ "properties": { "x": { "$ref": "#" } } });
    let text = json!({ "type": "object", "anyOf": vec![branch; 20] }).to_string();
    world.repo.file("catalog/example.com/widget_v1.json", text);
    world.repo.file("repo/widget.yaml", format!("{WIDGET}x: {}1{}\n", "{x: ".repeat(50), "}".repeat(50)));
    let began = Instant::now();
    let lines = world.found(&["../catalog"]);
    assert!(began.elapsed() < Duration::from_secs(20), "it took too long");
    assert!(lines[1].ends_with("is not checked: the branches of its schema multiply"), "{lines:#?}");
}

#[test]
fn a_broken_definition_in_a_folder_is_told() {
    let world = World::new();
    world.repo.file("crds/broken.yaml", "kind: CustomResourceDefinition\na: [\n");
    world.repo.file("crds/other.yaml", "a: [\n");
    world.repo.file("crds/deep/gadgets.yaml", gadgets().replace("required: [size]", "$ref: '#/a'"));
    let lines = world.found(&["../crds"]);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[0].starts_with("../crds/broken.yaml:2:5: YML001"), "{lines:#?}");
    assert!(lines[1].starts_with("../crds/deep/gadgets.yaml:18:13: SCH012"), "{lines:#?}");
}

#[test]
fn kinds_are_listed_with_the_place_of_their_schema() {
    let world = World::new();
    world.repo.file("repo/crd.yaml", gadgets().replace("Gadget", "Thing"));
    let list = |words: &[&str]| {
        let ran = world.run(&[&["schema", "list"], words].concat());
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:#?}");
        ran.stdout
    };
    assert_eq!(
        list(&["apps/v1/deployment", "--kubernetes-version", "1.33"]),
        "apps/v1/Deployment      Kubernetes 1.33\napps/v1/DeploymentList  Kubernetes 1.33\n"
    );
    assert_eq!(
        list(&["policy/v1beta1/PodDis"]).lines().next(),
        Some("policy/v1beta1/PodDisruptionBudget      Kubernetes 1.21-1.24")
    );
    assert!(
        list(&["cert-manager.io/v1/certificate"])
            .lines()
            .any(|it| it.starts_with("cert-manager.io/v1/Certificate ") && it.ends_with("  built in"))
    );
    let locations = ["--schema-location", "../crds", "--schema-location", "../catalog"];
    let expected = "example.com/v1/Gadget  ../crds/deep/gadgets.yaml:3\nexample.com/v1/Thing   crd.yaml:3\n\
                    example.com/v1/widget  ../catalog/example.com/widget_v1.json\n";
    assert_eq!(list(&[&["example.com"], &locations[..]].concat()), expected);
    let document: Value = serde_json::from_str(&list(&["example.com", "--output-format", "json"])).unwrap();
    let entry = json!([{ "apiVersion": "example.com/v1", "kind": "Thing", "origin": "definition",
        "versions": null, "path": "crd.yaml", "line": 3 }]);
    assert_eq!(document, entry);
    assert!(list(&[]).lines().count() > 400);
    let ran = world.run(&["schema", "list", "nothing-like-it"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
}

#[test]
fn the_fields_of_a_kind_are_shown() {
    let world = World::new();
    let show = |words: &[&str]| {
        let ran = world.run(&[&["schema", "show"], words].concat());
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:#?}");
        ran.stdout
    };
    let containers = show(&["deploy.spec.template.spec.containers"]);
    assert!(
        containers.starts_with("KIND:     Deployment\nVERSION:  apps/v1\nSCHEMA:   Kubernetes 1.21-1.37\n"),
        "{containers}"
    );
    for line in [
        "FIELD:    spec.template.spec.containers <[]Object>  required  merged by: name",
        "  imagePullPolicy           <string>  one of: Always, Never, IfNotPresent",
        "  name                      <string>  required",
    ] {
        assert!(containers.lines().any(|it| it == line), "{line}\n{containers}");
    }
    assert!(show(&["PodDisruptionBudget.v1beta1.policy"]).contains("\nLIFE:     deprecated since Kubernetes 1.21, gone since Kubernetes 1.25, use policy/v1 PodDisruptionBudget\n"));
    let gadget = "KIND:     Gadget\nVERSION:  example.com/v1\nSCHEMA:   ../crds/deep/gadgets.yaml:3\nFIELD:    spec <Object>\n\n\
                  FIELDS:\n  size  <integer>  required  one of: 1, 2\n    How large it is.\n";
    assert_eq!(show(&["gadgets.spec", "--schema-location", "../crds"]), gadget);
    assert!(
        show(&["../crds/deep/gadgets.yaml", "--recursive"])
            .ends_with("  spec        <Object>\n    size  <integer>  required  one of: 1, 2\n")
    );
    assert!(show(&["widget", "--schema-location", "../catalog"]).ends_with("FIELDS:\n  size  <integer>\n"));
    assert!(show(&["../catalog/example.com/widget_v1.json"]).ends_with("FIELDS:\n  size  <integer>\n"));
    let raw: Value = serde_json::from_str(&show(&["ConfigMap", "--raw"])).unwrap();
    assert!(raw["$defs"].as_object().unwrap().len() > 1);
}

#[test]
fn a_slip_in_the_name_of_a_kind_or_a_field_is_told() {
    let world = World::new();
    for (name, expected) in [
        ("Deploymnt", "error: no kind is called `Deploymnt`: did you mean `Deployment`?\n"),
        (
            "deploy.spec.tmplate",
            "error: there is no field `tmplate` in `Deployment.spec`: did you mean `template`?\n",
        ),
        (
            "apps/v2/Deployment",
            "error: no kind is called `apps/v2/Deployment`: did you mean `apps/v1/Deployment`?\n",
        ),
        ("none.yaml", "error: cannot read `none.yaml`: No such file or directory (os error 2)\n"),
    ] {
        let ran = world.run(&["schema", "show", name]);
        assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(2), "", expected));
    }
    let ran =
        world.run(&["schema", "show", "policy/v1beta1/PodDisruptionBudget", "--kubernetes-version", "1.33"]);
    assert_eq!(
        (ran.code, &*ran.stderr),
        (
            Some(2),
            "error: `policy/v1beta1 PodDisruptionBudget` is not in Kubernetes 1.33, but in 1.21-1.24\n"
        )
    );
    world.repo.file("catalog/example.com/widget_v1.json", "{\"$ref\": \"#\"}");
    let ran = world.run(&["schema", "show", "widget", "--schema-location", "../catalog"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error: the schema of `widget` cannot be used: ../catalog/example.com/widget_v1.json:1:10: the `$ref`"), "{ran:#?}");
}
