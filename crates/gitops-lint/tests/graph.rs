//! `gitops-lint graph`: what roots are made of, and which of them a file reaches.
#![allow(clippy::unwrap_used)]

mod support;

use support::{GOOD, Repo};

/// Two overlays on a base, one of them with a component, a patch that is gone and something from elsewhere.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.file("base/kustomization.yaml", "resources:\n- web.yaml\n")
        .file("base/web.yaml", GOOD)
        .file("base/notes.txt", "")
        .file("logging/kustomization.yaml", "kind: Component\npatches:\n- path: \"a \\\"b.yaml\"\n")
        .file("logging/a \"b.yaml", GOOD)
        .file("overlays/dev/kustomization.yaml", "resources:\n- ../../base\n")
        .file(
            "overlays/prod/kustomization.yaml",
            "resources:\n- ../../base\n- https://example.com/x.yaml\ncomponents:\n- ../../logging\npatches:\n\
             - path: gone.yaml\n",
        )
        .file("plain.yaml", GOOD.replace("web", "plain"));
    repo
}

#[test]
fn each_root_is_a_tree_and_what_they_share_is_told_once() {
    let ran = repo().run(&["graph"]);
    let expected = "\
overlays/dev
└─ base  (resources; in 2 roots)
   └─ base/web.yaml  (resources)

overlays/prod
├─ base  (resources; in 2 roots; see above)
├─ https://example.com/x.yaml  (resources; not fetched)
├─ logging  (components)
│  └─ logging/a \"b.yaml  (patches)
└─ overlays/prod/gone.yaml  (patches; not there)

1 plain manifest:
  plain.yaml
";
    assert_eq!(ran.stdout, expected);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
}

#[test]
fn the_way_from_a_root_to_a_file_is_told_with_the_places_of_the_entries() {
    let repo = repo();
    let ran = repo.run(&["graph", "--why", "base/web.yaml", "--why", "overlays/prod/gone.yaml"]);
    let expected = "\
base/web.yaml reaches 2 roots:

overlays/dev
  overlays/dev/kustomization.yaml:2:3: resources → base
    base/kustomization.yaml:2:3: resources → base/web.yaml

overlays/prod
  overlays/prod/kustomization.yaml:2:3: resources → base
    base/kustomization.yaml:2:3: resources → base/web.yaml

overlays/prod/gone.yaml reaches 1 root:

overlays/prod
  overlays/prod/kustomization.yaml:7:9: patches → overlays/prod/gone.yaml
";
    assert_eq!((ran.code, &*ran.stdout), (Some(0), expected));
    let there = repo.run_in("base", &["graph", "..", "--why", "web.yaml"]);
    assert!(there.stdout.starts_with("web.yaml reaches 2 roots:"), "{there:#?}");
    for (file, line) in [
        (
            "base/notes.txt",
            "base/notes.txt reaches no root: no kustomization names it, and it is no manifest",
        ),
        ("plain.yaml", "  is a manifest itself"),
        ("overlays/dev/kustomization.yaml", "  is a root itself"),
    ] {
        let ran = repo.run(&["graph", "--why", file]);
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        assert_eq!(ran.stdout.lines().last(), Some(line));
    }
}

#[test]
fn a_file_that_is_nowhere_is_an_error_with_the_nearest_name() {
    let repo = repo();
    for (file, error) in [
        (
            "base/wbe.yaml",
            "error: there is no `base/wbe.yaml`, and no kustomization asks for it: did you mean `base/web.yaml`?\n",
        ),
        ("zzz", "error: there is no `zzz`, and no kustomization asks for it\n"),
    ] {
        let ran = repo.run(&["graph", "--why", file]);
        assert_eq!((ran.code, &*ran.stderr, &*ran.stdout), (Some(2), error, ""));
    }
    let nothing = Repo::new().run(&["graph"]);
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.stderr.starts_with("error: nothing to check in `.`"), "{nothing:#?}");
}

#[test]
fn drawings_have_quoted_names_and_the_same_ones_each_time() {
    let repo = repo();
    let dot = repo.run(&["graph", "--output-format", "dot"]).stdout;
    assert!(dot.starts_with("digraph gitops {\n") && dot.ends_with("}\n"), "{dot}");
    assert!(dot.contains("  \"logging\" -> \"logging/a \\\"b.yaml\" [label=\"patches\"];\n"), "{dot}");
    assert!(dot.contains("  \"overlays/prod/gone.yaml\" [style=dashed, color=red];\n"), "{dot}");
    let mermaid = repo.run(&["graph", "--output-format", "mermaid"]).stdout;
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    assert!(mermaid.contains("[\"logging/a #34;b.yaml\"]"), "{mermaid}");
    let why = repo.run(&["graph", "--output-format", "mermaid", "--why", "base/web.yaml"]).stdout;
    assert!(why.lines().count() < mermaid.lines().count());
    // What is drawn of a part has the names that it has in the whole.
    assert!(why.lines().all(|it| mermaid.lines().any(|other| it == other)), "{why}\n{mermaid}");
}

#[test]
fn json_has_a_version_and_places() {
    let repo = repo();
    let json =
        |words: &[&str]| -> serde_json::Value { serde_json::from_str(&repo.run(words).stdout).unwrap() };
    let graph = json(&["graph", "--output-format", "json"]);
    assert_eq!(graph["version"], 1);
    assert_eq!(graph["roots"], serde_json::json!(["overlays/dev", "overlays/prod", "plain.yaml"]));
    let links = graph["links"].as_array().unwrap();
    let patch = links.iter().find(|it| it["to"] == "overlays/prod/gone.yaml").unwrap();
    assert_eq!(patch["location"]["start"], serde_json::json!({"line": 7, "column": 9}));
    let why =
        json(&["graph", "--output-format", "json", "--why", "base/notes.txt", "--why", "base/web.yaml"]);
    assert_eq!(why["why"][0]["reaches"], serde_json::json!([]));
    assert_eq!(why["why"][1]["reaches"][1]["root"], "overlays/prod");
    assert_eq!(why["why"][1]["reaches"][1]["chain"][1]["reference"], "resources");
}
