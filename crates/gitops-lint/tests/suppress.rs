//! Findings that are silenced, and suppressions that silence nothing.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use support::{Ran, Repo};

/// A deployment with so many replicas, and what stands behind and above them.
fn deployment(above: &str, replicas: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n{above}  replicas: {replicas}\n  \
         selector:\n    matchLabels: {{app: web}}\n  template:\n    metadata:\n      labels: {{app: web}}\n    \
         spec:\n      containers:\n      - name: web\n        image: web:1\n"
    )
}

/// A base with two overlays, of which `prod` has a patch.
fn overlays(base: &str, patch: &str) -> Repo {
    let repo = Repo::new();
    repo.file("base/kustomization.yaml", "resources: [web.yaml]\n").file("base/web.yaml", base);
    repo.file("dev/kustomization.yaml", "resources: [../base]\n");
    repo.file("prod/kustomization.yaml", "resources: [../base]\npatches:\n- path: replicas.yaml\n");
    repo.file("prod/replicas.yaml", patch);
    repo
}

const NO_PATCH: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {a: b}\n";

fn patch(replicas: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: {replicas}\n")
}

const IGNORED: &str = "  # gitops-lint: ignore[SCH001] why\n";

fn summary(ran: &Ran) -> &str {
    ran.stdout.lines().last().unwrap_or_default()
}

/// `path:line CODE` of each finding.
#[track_caller]
fn found(repo: &Repo, words: &[&str], code: i32) -> Vec<String> {
    let lines = repo.findings_of(words, code);
    let short = lines.iter().map(|it| {
        let mut parts = it.splitn(4, ':');
        let (path, line, _) = (parts.next().unwrap(), parts.next().unwrap(), parts.next());
        format!("{path}:{line} {}", parts.next().unwrap().trim().split(' ').next().unwrap())
    });
    short.collect()
}

#[test]
fn a_comment_in_the_base_silences_for_all_overlays() {
    let repo = overlays(&deployment(IGNORED, "\"some\""), NO_PATCH);
    let ran = repo.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert_eq!(ran.stdout, "nothing found in 2 roots (2 objects, 5 files), 1 suppressed\n");
    let json = repo.run(&["check", "--output-format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["summary"]["suppressed"], &json["summary"]["errors"]), (&1.into(), &0.into()));
}

#[test]
fn a_comment_in_a_patch_silences_only_what_is_patched() {
    let repo =
        overlays(&deployment("", "\"some\""), &patch("\"none\" # gitops-lint: ignore[schema-violation]"));
    assert_eq!(found(&repo, &[], 1), ["base/web.yaml:6 SCH001"]);
    let repo = overlays(&deployment("", "\"some\""), &patch("\"none\""));
    assert_eq!(found(&repo, &[], 1), ["base/web.yaml:6 SCH001", "prod/replicas.yaml:6 SCH001"]);
    // What the base says about its own text is of no use for the patch.
    let repo = overlays(&deployment(IGNORED, "\"some\""), &patch("\"none\""));
    assert_eq!(found(&repo, &[], 1), ["prod/replicas.yaml:6 SCH001"]);
}

#[test]
fn a_comment_is_heard_wherever_a_place_can_be() {
    let inline = "resources: [web.yaml]\npatches:\n# gitops-lint: ignore[SCH001] above the block\n- patch: |-\n    \
                  kind: Deployment\n    apiVersion: apps/v1\n    metadata: {name: web}\n    spec:\n      \
                  replicas: \"none\"\n";
    let generated = "secretGenerator:\n# gitops-lint: ignore[SCH004] a name that is not ours\n- name: Not_Good\n  \
                     literals: [a=b]\n";
    let two =
        format!("{}---\n{}", deployment("", "1"), deployment(IGNORED, "x").replace("web\nspec", "two\nspec"));
    let crlf = deployment(IGNORED, "x").replace('\n', "\r\n");
    let flow = deployment("", "[ # gitops-lint: ignore[SCH001]\n    1]");
    for (name, content) in [
        ("kustomization.yaml", inline),
        ("kustomization.yaml", generated),
        ("two.yaml", &two),
        ("crlf.yaml", &crlf),
        ("flow.yaml", &flow),
    ] {
        let repo = Repo::new();
        repo.file(name, content);
        if content.contains("[web.yaml]") {
            repo.file("web.yaml", deployment("", "1"));
        }
        let ran = repo.run(&["check"]);
        assert!(ran.code == Some(0) && summary(&ran).ends_with(", 1 suppressed"), "{name}: {ran:#?}");
        let without: Vec<&str> = content.lines().filter(|it| !it.trim().starts_with("# gitops")).collect();
        repo.file(name, without.join("\n").replace("# gitops-lint: ignore[SCH001]", ""));
        assert_eq!(repo.run(&["check"]).code, Some(1), "{name} is good without a comment, too");
    }
}

#[test]
fn when_the_cause_is_gone_the_comment_is_unused_and_fixed() {
    let repo = overlays(&deployment(IGNORED, "3"), NO_PATCH);
    assert_eq!(found(&repo, &[], 1), ["base/web.yaml:6 SUP001"]);
    let ran = repo.run(&["check", "--fix"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), "fixed 1 finding in 1 file\n"));
    assert_eq!(std::fs::read_to_string(repo.path("base/web.yaml")).unwrap(), deployment("", "3"));
}

#[test]
fn what_was_not_looked_at_is_not_judged() {
    // What `prod` makes of it lacks a field, and its place is the mapping in the base.
    let wrong =
        deployment("", "1").replace("spec:\n  rep", "# gitops-lint: ignore[SCH001] prod\nspec:\n  rep");
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: null\n";
    let repo = overlays(&wrong, patch);
    for words in [&[][..], &["base"], &["dev"], &["prod"], &["base/web.yaml"]] {
        assert_eq!(found(&repo, words, 0), [""; 0], "{words:?}");
    }
    assert!(summary(&repo.run(&["check"])).ends_with(", 1 suppressed"));
    repo.file("prod/replicas.yaml", NO_PATCH);
    assert_eq!(found(&repo, &[], 1), ["base/web.yaml:5 SUP001"]);
    assert_eq!(found(&repo, &["--ignore", "SCH001"], 0), [""; 0], "a rule that is off finds nothing");
    assert_eq!(found(&repo, &["--select", "KUS,SUP"], 0), [""; 0]);
    repo.file("dev/kustomization.yaml", "resources: [../base, missing.yaml]\n");
    assert_eq!(
        found(&repo, &[], 1),
        ["dev/kustomization.yaml:1 KUS007"],
        "a build that fails proves nothing"
    );
}

#[test]
fn a_part_of_a_repository_is_judged_if_nothing_else_uses_it() {
    let repo = overlays(&deployment(IGNORED, "3"), NO_PATCH);
    repo.file("other/web.yaml", deployment(IGNORED, "3"));
    assert_eq!(found(&repo, &["other"], 1), ["other/web.yaml:6 SUP001"]);
    assert_eq!(found(&repo, &["dev"], 0), [""; 0]);
    assert_eq!(found(&repo, &["dev", "prod"], 1), ["base/web.yaml:6 SUP001"]);
}

#[test]
fn a_suppression_counts_up_to_its_last_day() {
    let repo = Repo::new();
    let above = IGNORED.replace(" why", " until 2027-01-31, why");
    repo.file("web.yaml", deployment(&above, "x"));
    let run = |seconds: &str| {
        let ran =
            repo.run_with("", &["check", "--output-format", "concise"], &[("SOURCE_DATE_EPOCH", seconds)]);
        (ran.code.unwrap(), ran.stdout)
    };
    assert_eq!(run("1801439999").0, 0, "the last second of the day");
    let (code, told) = run("1801440000");
    assert_eq!(code, 1);
    let expected = "web.yaml:6:3: SUP003 suppression-expired: this suppression expired after 2027-01-31\n\
                    web.yaml:7:13: SCH001 schema-violation: ";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn an_annotation_silences_where_it_is_rendered() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n    \
                 gitops-lint.dev/ignore: SCH001\n";
    let repo = overlays(&deployment("", "x"), patch);
    let json = repo.run(&["check", "--output-format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{json:#}");
    assert_eq!((&findings[0]["code"], &findings[0]["roots"][0]), (&"SCH001".into(), &"dev".into()));
    assert_eq!(
        (findings[0]["roots"].as_array().unwrap().len(), &json["summary"]["suppressed"]),
        (1, &1.into())
    );
    repo.file("prod/replicas.yaml", patch.replace("SCH001", "SCH001, KUS012"));
    assert_eq!(found(&repo, &[], 1), ["base/web.yaml:6 SCH001", "prod/replicas.yaml:6 SUP001"]);
}

#[test]
fn generated_objects_are_annotated_by_their_generator() {
    let repo = Repo::new();
    let generator = "generatorOptions:\n  annotations:\n    gitops-lint.dev/ignore: \"SCH004\"\nconfigMapGenerator:\n\
                     - name: Not_Good\n  literals: [a=b]\n";
    repo.file("kustomization.yaml", generator);
    assert_eq!(summary(&repo.run(&["check"])), "nothing found in 1 root (1 object, 1 file), 1 suppressed");
    repo.file("kustomization.yaml", generator.replace("SCH004", "KUS"));
    let expected = ["kustomization.yaml:3 SUP001", "kustomization.yaml:5 SCH004"];
    assert_eq!(found(&repo, &[], 1), expected);
}

#[test]
fn of_a_kind_that_nobody_knows_only_the_place_is_silenced() {
    let repo = Repo::new();
    let object =
        |name: &str| format!("apiVersion: nobody.example.net/v1\nkind: Thing\nmetadata:\n  name: {name}\n");
    let ignored = object("a").replace("Thing", "Thing # gitops-lint: ignore[SCH003]");
    repo.file("a.yaml", ignored).file("b.yaml", object("b"));
    let lines = repo.findings(1);
    assert!(lines.len() == 1 && lines[0].starts_with("b.yaml:"), "{lines:?}");
}

#[test]
fn what_is_said_about_suppressions_is_silenced_for_the_file() {
    let repo = Repo::new();
    let above = "  # gitops-lint: ignore[SCH001, SCH0O2] both\n";
    repo.file("web.yaml", deployment(above, "3"));
    assert_eq!(found(&repo, &[], 1), ["web.yaml:6 SUP001", "web.yaml:6 SUP005"]);
    repo.file("web.yaml", format!("# gitops-lint: ignore-file[SUP001, SUP005]\n{}", deployment(above, "3")));
    assert_eq!(found(&repo, &[], 0), [""; 0]);
    // It may itself be in vain: that is not told, or there would be no end.
    repo.file("web.yaml", format!("# gitops-lint: ignore-file[SUP]\n{}", deployment("", "3")));
    assert_eq!(found(&repo, &[], 0), [""; 0]);
}

#[test]
fn a_reason_is_wanted_if_the_rule_is_on() {
    let repo = Repo::new();
    repo.file("web.yaml", deployment("  # gitops-lint: ignore[SCH001]\n", "x"));
    assert_eq!(found(&repo, &["--extend-select", "SUP002"], 0), ["web.yaml:6 SUP002"]);
    repo.file("web.yaml", deployment(IGNORED, "x"));
    assert_eq!(found(&repo, &["--extend-select", "SUP002"], 0), [""; 0]);
}

#[test]
fn what_is_silenced_is_not_fixed() {
    let repo = Repo::new();
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: 1  # gitops-lint: ignore[YML004]\n";
    repo.file("a.yaml", text);
    let ran = repo.run(&["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(
        (ran.code, &*std::fs::read_to_string(repo.path("a.yaml")).unwrap()),
        (Some(0), text),
        "{ran:#?}"
    );
}

/// The places of all findings of a repository, each with its codes.
fn places(repo: &Repo, words: &[&str]) -> BTreeMap<(String, usize), BTreeSet<String>> {
    let ran = repo.run(&[&["check", "--output-format", "json"], words].concat());
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
    let mut places: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for finding in json["findings"].as_array().unwrap() {
        let repeats =
            finding["related"].as_array().unwrap().iter().filter(|it| it["message"] == "the same here");
        for place in repeats.chain([&finding["location"]]) {
            let line = place["start"]["line"].as_u64().unwrap() as usize;
            let key = (place["path"].as_str().unwrap().to_owned(), line);
            places.entry(key).or_default().insert(finding["code"].as_str().unwrap().to_owned());
        }
    }
    places
}

#[test]
fn every_finding_of_a_broken_repository_can_be_silenced_above_its_line() {
    for name in ["ml-platform-broken", "gatekeeper-faults"] {
        let repo = Repo::example(name);
        let words: &[&str] = if repo.path("policies").is_dir() { &["-p", "policies"] } else { &[] };
        let places = places(&repo, words);
        assert!(places.len() > 3, "{name}: {places:?}");
        // From below, so that the numbers of lines stay good.
        for ((path, line), codes) in places.iter().rev() {
            let text = std::fs::read_to_string(repo.path(path)).unwrap();
            let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
            let indent: String = lines[line - 1].chars().take_while(|it| *it == ' ').collect();
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            lines.insert(line - 1, format!("{indent}# gitops-lint: ignore[{}] known\n", codes.join(", ")));
            repo.file(path, lines.concat());
        }
        let ran = repo.run(&[&["check", "--output-format", "concise"], words].concat());
        assert!(ran.code == Some(0) && ran.stdout.starts_with("nothing found in "), "{name}: {ran:#?}");
    }
}

#[test]
fn the_page_shows_suppressions_that_are_understood() {
    let page = include_str!("../../../docs/suppression.md");
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).map(|it| it.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let repo = Repo::new();
        let name = if block.starts_with("api") { "web.yaml" } else { "kustomization.yaml" };
        repo.file("web.yaml", deployment("", "1")).file(name, block);
        let ran = repo.run(&["check", "--select", "SUP,SCH001,SCH004", "--output-format", "concise"]);
        assert!(summary(&ran).contains(" suppressed") && !ran.stdout.contains("SUP005"), "{ran:#?}");
    }
}

#[test]
fn what_is_left_out_by_the_options_was_not_checked() {
    let wrong =
        deployment("", "1").replace("spec:\n  rep", "# gitops-lint: ignore[SCH001] prod\nspec:\n  rep");
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: null\n";
    let repo = overlays(&wrong, patch);
    repo.file("gitops-lint.toml", "exclude = [\"prod\"]\n");
    assert_eq!(found(&repo, &[], 0), [""; 0], "only what is left out shows what the comment silences");
    repo.file("gitops-lint.toml", "exclude = [\"dev\"]\n");
    assert!(summary(&repo.run(&["check"])).ends_with(", 1 suppressed"));
    let entry = "[[ignore]]\nrules = [\"KUS\"]\nreason = \"x\"\n";
    for (more, expected) in [
        ("", vec!["gitops-lint.toml:2 SUP001"]),
        ("path = \"other.yaml\"\n", vec!["gitops-lint.toml:2 SUP001"]),
        // What is named one by one is checked, though it is left out.
        ("path = \"prod/\"\n", vec![]),
    ] {
        repo.file("gitops-lint.toml", format!("exclude = [\"prod\"]\n{entry}{more}"));
        assert_eq!(found(&repo, &["--extend-select", "SUP001"], i32::from(!expected.is_empty())), expected);
    }
}

#[test]
fn an_entry_is_judged_only_if_everything_is_checked() {
    let repo = Repo::new();
    repo.file("a/web.yaml", deployment("", "1")).file("b/web.yaml", deployment("", "x"));
    repo.file("gitops-lint.toml", "[[ignore]]\nrules = [\"SCH001\"]\npath = \"b/\"\nreason = \"x\"\n");
    assert_eq!(found(&repo, &["a"], 0), [""; 0], "there are no kustomizations, and still there is more");
    assert_eq!(found(&repo, &["a/web.yaml"], 0), [""; 0]);
    assert_eq!(found(&repo, &[], 0), [""; 0]);
    repo.file("b/web.yaml", deployment("", "1"));
    assert_eq!(found(&repo, &[], 1), ["gitops-lint.toml:1 SUP001"]);
}

#[test]
fn a_run_that_asks_less_than_the_options_say_judges_nothing_of_it() {
    let repo = Repo::new();
    let os = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: os\nspec:\n  os: {name: linux} \
              # gitops-lint: ignore[SCH002] not in 1.21\n  containers:\n  - {name: web, image: a}\n";
    repo.file("os.yaml", os);
    repo.file("gitops-lint.toml", "kubernetes-versions = \"1.21, 1.33\"\n");
    repo.file("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web # gitops-lint: ignore[SCH004] x\nspec:\n  containers:\n  - {name: web, image: a}\n");
    assert_eq!(found(&repo, &[], 1), ["pod.yaml:4 SUP001"]);
    assert_eq!(found(&repo, &["--kubernetes-version", "1.33"], 0), [""; 0]);
    assert_eq!(found(&repo, &["--kubernetes-version", "1.21-1.33"], 1), ["pod.yaml:4 SUP001"]);
    repo.file("gitops-lint.toml", "policies = [\"rego\"]\n").file("pod.yaml", "{}\n");
    let rule = |name: &str| format!("package main\n\ndeny contains \"{name}\" if input.kind == \"None\"\n");
    repo.file("rego/a.rego", rule("a")).file("other/b.rego", rule("b"));
    repo.file(
        "pod.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web # gitops-lint: ignore[POL000] x\n",
    );
    assert_eq!(found(&repo, &["pod.yaml", "-p", "other"], 0), [""; 0]);
    assert_eq!(found(&repo, &["pod.yaml"], 1), ["pod.yaml:4 SUP001"]);
    assert_eq!(found(&repo, &["pod.yaml", "-p", "other", "-p", "rego"], 1), ["pod.yaml:4 SUP001"]);
}

#[test]
fn a_version_that_only_a_flag_names_may_be_one_of_several() {
    let repo = Repo::new();
    let os = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: os\nspec:\n  os: {name: linux} \
              # gitops-lint: ignore[SCH002] not in 1.21\n  containers:\n  - {name: web, image: a}\n";
    let chart = "resources: [os.yaml] # gitops-lint: ignore[KUS012] x\n";
    repo.file("os.yaml", os).file("kustomization.yaml", chart);
    let (sch, kus) = ("os.yaml:6 SUP001", "kustomization.yaml:1 SUP001");
    for (options, words, expected) in [
        // The jobs of a matrix, without an options file and with one that says nothing of versions.
        (None, &["--kubernetes-version", "1.21"][..], vec![kus]),
        (None, &["--kubernetes-version", "1.33"], vec![kus]),
        (Some("strict = true\n"), &["--kubernetes-version", "1.33"], vec![kus]),
        (
            Some("[environments.prod]\nkubernetes-versions = \"1.33\"\n"),
            &["--kubernetes-version", "1.33"],
            vec![kus],
        ),
        // Everybody asks the same.
        (None, &[], vec![kus, sch]),
        (Some("kubernetes-versions = \"1.33\"\n"), &[], vec![kus, sch]),
        (Some("kubernetes-versions = \"1.33\"\n"), &["--kubernetes-version", "1.33"], vec![kus, sch]),
        (Some("kubernetes-versions = \"1.33\"\n"), &["--kubernetes-version", "1.21"], vec![kus]),
    ] {
        let _ = std::fs::remove_file(repo.path("gitops-lint.toml"));
        if let Some(options) = options {
            repo.file("gitops-lint.toml", options);
        }
        assert_eq!(found(&repo, words, 1), expected, "{options:?} {words:?}");
    }
}
