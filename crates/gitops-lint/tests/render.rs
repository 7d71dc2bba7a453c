//! `gitops-lint render`: what `kustomize build` prints, and its flags.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::{GOOD, Repo};

fn repo() -> Repo {
    let repo = Repo::new();
    repo.file("base/web.yaml", GOOD).file("base/kustomization.yaml", "resources: [web.yaml]\n");
    repo.file("prod/kustomization.yaml", "resources: [../base]\nnamePrefix: p-\n");
    repo
}

const PROD: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: p-web\nspec:\n  ports:\n  - port: 80\n";

#[test]
fn the_objects_go_to_stdout() {
    let ran = repo().run(&["render", "prod"]);
    assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), PROD, ""));
    let ran = repo().run_in("prod", &["render"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), PROD));
}

#[test]
fn a_base_may_lie_outside_of_the_repository() {
    let (repo, outside) = (repo(), Repo::new());
    outside.file("k/kustomization.yaml", "resources: [web.yaml]\n").file("k/web.yaml", GOOD);
    // From one temporary directory to the other.
    let name = outside.path("").file_name().unwrap().to_str().unwrap().to_owned();
    repo.file("far/kustomization.yaml", format!("resources: [../../{name}/k]\n"));
    let ran = repo.run(&["render", "far"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), GOOD), "{ran:#?}");
    // `check` stays inside.
    let ran = repo.run(&["check", "--output-format", "concise", "far"]);
    assert!(ran.code == Some(1) && ran.stdout.starts_with("far/kustomization.yaml:1:13: KUS"), "{ran:#?}");
}

#[test]
fn what_is_neither_fetched_nor_run_is_named_and_nothing_is_printed() {
    let repo = repo();
    for (field, missing) in [
        ("helmCharts: [{name: cache}]", "the chart `cache` is not inflated"),
        ("helmChartInflationGenerator: [{chartName: cache}]", "the chart `cache` is not inflated"),
        ("components: ['https://github.com/a/b?ref=v1']", "is not fetched"),
        ("transformers: ['{apiVersion: example.org/v1, kind: Mine, metadata: {name: m}}']", "never run"),
    ] {
        repo.file("far/kustomization.yaml", format!("resources: [../base]\n{field}\n"));
        let ran = repo.run(&["render", "far"]);
        assert_eq!((ran.code, &*ran.stdout), (Some(1), ""), "{field}");
        assert!(ran.stderr.contains(missing), "{field}: {}", ran.stderr);
        // To `check` it is a note, and everything else is checked.
        assert_eq!(repo.run(&["check", "far", "base"]).code, Some(0), "{field}");
    }
}

#[test]
fn output_goes_to_a_file_or_into_a_directory() {
    let repo = repo();
    assert_eq!(repo.run(&["render", "prod", "-o", "out.yaml"]).code, Some(0));
    assert_eq!(fs::read_to_string(repo.path("out.yaml")).unwrap(), PROD);

    let object = |kind: &str, name: &str, namespace: &str| {
        format!("---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\n")
    };
    let all = object("Secret", "A", ", namespace: one")
        + &object("Secret", "b", "")
        + &object("Namespace", "c", "");
    repo.file("many/all.yaml", all).file("many/kustomization.yaml", "resources: [all.yaml]\n");
    fs::create_dir(repo.path("out")).unwrap();
    assert_eq!(repo.run(&["render", "many", "-o", "out"]).code, Some(0));
    let mut names: Vec<String> = fs::read_dir(repo.path("out"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["default_v1_secret_b.yaml", "one_v1_secret_a.yaml", "v1_namespace_c.yaml"]);
}

#[test]
fn what_kustomize_refuses_is_reported_to_stderr_and_nothing_is_printed() {
    let repo = repo();
    repo.file("prod/kustomization.yaml", "resources:\n- ../base\n- gone.yaml\n");
    let ran = repo.run(&["render", "prod", "-o", "out.yaml"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(1), ""));
    assert!(ran.stderr.contains("KUS007") && ran.stderr.contains("prod/kustomization.yaml:3:3"), "{ran:#?}");
    assert!(!repo.path("out.yaml").exists());
}

#[test]
fn a_directory_that_is_none_is_one() {
    let repo = repo();
    for (dir, words) in
        [("gone", "cannot read `gone`"), (".", "has no kustomization.yaml"), ("base/web.yaml", "not a")]
    {
        let ran = repo.run(&["render", dir]);
        assert_eq!((ran.code, &*ran.stdout), (Some(1), ""));
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(words), "{ran:#?}");
    }
}

#[test]
fn files_may_lie_outside_of_the_directory_if_that_is_asked_for() {
    let repo = repo();
    repo.file("web.yaml", GOOD).file("k/kustomization.yaml", "resources: [../web.yaml]\n");
    let ran = repo.run(&["render", "k"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(1), ""), "{ran:#?}");
    let ran = repo.run(&["render", "k", "--load-restrictor", "LoadRestrictionsNone"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), GOOD), "{ran:#?}");
}

#[test]
fn the_order_can_be_asked_for() {
    let repo = repo();
    let second = GOOD.replace("name: web", "name: api");
    repo.file("k/a.yaml", format!("{GOOD}---\n{second}"))
        .file("k/kustomization.yaml", "resources: [a.yaml]\n");
    let kept = format!("{GOOD}---\n{second}");
    let ran = repo.run(&["render", "k", "--reorder", "none"]);
    assert_eq!(ran.stdout, kept);
    let ran = repo.run(&["render", "k", "--reorder", "legacy"]);
    assert_eq!(ran.stdout, format!("{second}---\n{GOOD}"));
}

#[test]
fn all_kustomizations_are_rendered_into_a_directory() {
    let repo = repo();
    repo.file("kustomization.yaml", "resources: [base]\nnamespace: all\n");
    repo.file("part/kustomization.yaml", "kind: Component\nresources: [more.yaml]\n");
    repo.file("part/more.yaml", GOOD.replace("web", "more"));
    repo.file("dev/kustomization.yaml", "resources: [../base]\ncomponents: [../part]\n");
    let ran = repo.run(&["render", "--all", "--out-dir", "out"]);
    assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), "", ""), "{ran:#?}");
    for dir in [".", "base", "dev", "part", "prod"] {
        let alone = repo.run(&["render", dir]).stdout;
        let path = repo.path("out").join(dir).join("manifests.yaml");
        assert!(!alone.is_empty() && fs::read_to_string(&path).unwrap() == alone, "{dir}");
    }
    let ran = repo.run(&["render", "--all", "--out-dir", "some", "prod"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert_eq!(fs::read_to_string(repo.path("some/manifests.yaml")).unwrap(), PROD);
    assert_eq!(repo.run(&["render", "--all"]).code, Some(2), "--out-dir is missing");
}

#[test]
fn a_directory_that_is_refused_does_not_keep_the_others_from_being_rendered() {
    let repo = repo();
    repo.file("broken/kustomization.yaml", "resources: [gone.yaml]\n");
    let ran = repo.run(&["render", "--all", "--out-dir", "out"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(1), ""));
    assert!(ran.stderr.contains("KUS007") && ran.stderr.contains("error: `broken` is refused"), "{ran:#?}");
    assert!(!repo.path("out/broken").exists());
    assert_eq!(fs::read_to_string(repo.path("out/prod/manifests.yaml")).unwrap(), PROD);
    let ran = Repo::new().run(&["render", "--all", "--out-dir", "out"]);
    assert!(ran.code == Some(1) && ran.stderr.contains("nothing to render"), "{ran:#?}");
}

fn with_a_patch() -> Repo {
    let repo = repo();
    let patch = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  labels:\n    a: b\n    # |\n    c: d\n\
                 spec:\n  type: NodePort\n";
    repo.file("prod/patch.yaml", patch);
    let kustomization = "resources:\n- ../base\nnamePrefix: p-\npatches:\n- path: patch.yaml\n\
                         configMapGenerator:\n- name: c\n  literals:\n  - |-\n    x=1\n    # no comment\n";
    repo.file("prod/kustomization.yaml", kustomization);
    repo
}

#[test]
fn comments_tell_where_objects_and_changed_fields_came_from() {
    let repo = with_a_patch();
    let plain = repo.run(&["render", "prod"]).stdout;
    let ran = repo.run(&["render", "prod", "--provenance"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    let service = "\
# from base/web.yaml:1
apiVersion: v1
kind: Service
metadata:
  # prod/patch.yaml:6:5 (patch in prod/kustomization.yaml:5:9)
  labels:
    a: b
    c: d
  # base/web.yaml:4:9 (name-prefix in prod/kustomization.yaml:3:13)
  name: p-web
spec:
  ports:
  - port: 80
  # prod/patch.yaml:10:9 (patch in prod/kustomization.yaml:5:9)
  type: NodePort
";
    assert!(ran.stdout.contains(service), "{}", ran.stdout);
    let from = "# from prod/kustomization.yaml:7 (generator in prod/kustomization.yaml:7:3)\n";
    assert!(ran.stdout.contains(from), "{}", ran.stdout);
    // What is left without the comments is what is printed without them.
    let mut expected = plain.lines().peekable();
    for line in ran.stdout.lines() {
        assert!(expected.next_if_eq(&line).is_some() || line.trim_start().starts_with("# "), "{line}");
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn a_patched_value_tells_what_it_was() {
    let repo = with_a_patch();
    let patch = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n  - port: 80\n    name: http\n";
    repo.file("prod/patch.yaml", patch.replace("ports:", "selector: {a: c}\n  ports:"));
    repo.file("base/web.yaml", GOOD.replace("spec:", "spec:\n  selector: {a: b}"));
    let ran = repo.run(&["render", "prod", "--provenance=comments"]);
    let told = "    # prod/patch.yaml:5:17 (patch in prod/kustomization.yaml:5:9; was base/web.yaml:6:17)\n    a: c\n";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
}

#[test]
fn provenance_is_told_as_data() {
    let repo = with_a_patch();
    let ran = repo.run(&["render", "prod", "--provenance=json"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let service = told.as_array().unwrap().iter().find(|it| it["object"]["kind"] == "Service").unwrap();
    assert_eq!(
        service["object"],
        serde_json::json!({"apiVersion": "v1", "kind": "Service", "namespace": null, "name": "p-web"})
    );
    assert_eq!(service["origin"], serde_json::json!({"path": "base/web.yaml", "line": 1, "column": 1}));
    let field = |pointer: &str| {
        let fields = service["fields"].as_array().unwrap();
        fields.iter().find(|it| it["pointer"] == pointer).cloned().unwrap()
    };
    let place = |path: &str, line: u32, from: u32, to: u32| {
        let at = |column: u32| serde_json::json!({"line": line, "column": column});
        serde_json::json!({"path": path, "start": at(from), "end": at(to)})
    };
    let name = place("base/web.yaml", 4, 9, 12);
    let prefix = place("prod/kustomization.yaml", 3, 13, 15);
    assert_eq!(
        field("/metadata/name"),
        serde_json::json!({
            "pointer": "/metadata/name",
            "origin": name,
            "trail": [{"step": "name-prefix", "directive": prefix, "before": name}],
        })
    );
    assert_eq!(
        field("/spec/ports/0/port"),
        serde_json::json!({
            "pointer": "/spec/ports/0/port",
            "origin": place("base/web.yaml", 7, 11, 13),
            "trail": [],
        })
    );
    assert_eq!(field("/spec/type")["trail"][0]["before"], serde_json::Value::Null);
}
