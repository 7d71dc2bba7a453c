//! The options file in all commands, what is reported whatever is selected, and flags that undo the file.
#![allow(clippy::unwrap_used)]

mod support;

use std::process::Command;

use serde_json::Value;
use support::{GOOD, Ran, Repo, definition};

/// A field that Kubernetes does not know, and another mistake beside it.
const BAD: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: \"80\"}], x: 1}\n";

/// The lines of a report with one finding to a line, without places: `SCH001 …`.
#[track_caller]
fn found(repo: &Repo, words: &[&str]) -> Vec<String> {
    let ran = repo.run(&[&["check", "--output-format", "json"], words].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {ran:#?}"));
    let codes = report["findings"].as_array().unwrap().iter();
    codes.map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_cannot_be_read_or_built_is_reported_whatever_is_selected() {
    for (files, code) in [
        (&[("web.yaml", "a: [\n")][..], "YML001"),
        (&[("kustomization.yaml", "resources: 1\n")], "KUS001"),
        (&[("kustomization.yaml", "resources: [web.yml]\n")], "KUS007"),
        (&[("kustomization.yaml", "resources: [../web.yaml]\n")], "KUS010"),
        (
            &[("kustomization.yaml", "resources: [b]\n"), ("b/kustomization.yaml", "resources: [../]\n")],
            "KUS016",
        ),
    ] {
        let repo = Repo::new();
        repo.file("good.yaml", GOOD);
        files.iter().for_each(|(name, text)| {
            repo.file(name, text);
        });
        let options =
            format!("ignore = [\"{}\", \"ALL\"]\n[severity]\n{} = \"off\"\n", &code[..3], &code[..3]);
        repo.file("broad.toml", options).file("named.toml", format!("severity.{code} = \"off\"\n"));
        for words in [&["--select", "DEP"][..], &["--ignore", &code[..3]], &["--config", "broad.toml"]] {
            assert_eq!(found(&repo, words), [code], "{words:?}");
        }
        for words in
            [&["--ignore", code, "--select", "DEP"][..], &["--select", "DEP", "--config", "named.toml"]]
        {
            assert_eq!(found(&repo, words), [""; 0], "{words:?}");
        }
    }
    // A note says that something lies elsewhere, and that is no mistake.
    let repo = Repo::new();
    repo.file("kustomization.yaml", "resources: [web.yaml, 'https://example.com/a.yaml']\n");
    repo.file("web.yaml", GOOD);
    assert_eq!(found(&repo, &["--select", "DEP"]), [""; 0]);
    assert!(found(&repo, &[]).contains(&"KUS001".to_owned()));
}

#[test]
fn flags_undo_what_the_file_turns_on_and_off() {
    let repo = Repo::new();
    repo.file("web.yaml", BAD);
    let in_force = |key: &str, options: &str, words: &[&str]| {
        repo.file("gitops-lint.toml", options);
        let ran = repo.run(&[&["config", "--output-format", "json"], words].concat());
        let told: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {ran:#?}"));
        let it = &told["options"][key][0];
        format!("{} {}", it["value"], it["from"]["flag"].as_str().or(it["from"]["kind"].as_str()).unwrap())
    };
    for key in ["strict", "force-exclude", "combine", "all-namespaces"] {
        let (on, off) = (&*format!("--{key}"), &*format!("--no-{key}"));
        for value in [true, false] {
            let options = format!("{key} = {value}\n");
            assert_eq!(in_force(key, &options, &[]), format!("{value} file"));
            assert_eq!(in_force(key, &options, &[on]), format!("true {on}"));
            assert_eq!(in_force(key, &options, &[off]), format!("false {off}"));
            // The last one counts, as everywhere.
            assert_eq!(in_force(key, &options, &[off, on]), format!("true {on}"));
            assert_eq!(in_force(key, &options, &[on, off]), format!("false {off}"));
        }
    }
    repo.file("gitops-lint.toml", "strict = false\n");
    assert_eq!(found(&repo, &[]), ["SCH001"]);
    assert_eq!(found(&repo, &["--strict"]), ["SCH001", "SCH002"]);
    repo.file("gitops-lint.toml", "exclude = [\"web.yaml\"]\nforce-exclude = true\n");
    assert_eq!(found(&repo, &["web.yaml"]), [""; 0]);
    assert_eq!(found(&repo, &["web.yaml", "--no-force-exclude"]).len(), 2);
}

#[test]
fn policies_are_asked_as_the_flags_say() {
    let deny = |package: &str| format!("package {package}\n\ndeny contains \"{package}\" if input.kind\n");
    let repo = Repo::new();
    repo.file("web.yaml", GOOD).file("policies/a.rego", deny("main")).file("policies/b.rego", deny("other"));
    repo.file("policies/c.rego", "package main\n\ndeny contains \"list\" if is_array(input)\n");
    repo.file("gitops-lint.toml", "all-namespaces = true\ncombine = true\n");
    let messages = |words: &[&str]| {
        let ran = repo.run(&[&["check", "--output-format", "json"], words].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {ran:#?}"));
        let mut all: Vec<String> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["code"] == "POL000")
            .map(|it| it["message"].as_str().unwrap().to_owned())
            .collect();
        all.sort();
        all.join(" ")
    };
    assert_eq!(messages(&[]), "list");
    assert_eq!(messages(&["--no-combine"]), "main other");
    assert_eq!(messages(&["--no-combine", "--no-all-namespaces"]), "main");
    assert_eq!(messages(&["--no-combine", "--namespace", "other"]), "other");
}

#[test]
fn schemas_are_those_of_the_options_file() {
    let repo = Repo::new();
    repo.file("apps/web.yaml", GOOD)
        .file("crds/widget.yaml", definition("Widget", "{type: object, description: what it is}"));
    repo.file("gitops-lint.toml", "schema-locations = [\"crds\"]\nkubernetes-versions = \"1.24\"\n");
    let told = |words: &[&str]| {
        let ran = repo.run_in("apps", &[&["schema"], words].concat());
        (ran.code, format!("{}{}", ran.stdout, ran.stderr))
    };
    let (code, list) = told(&["list", "widget"]);
    assert!(code == Some(0) && list.contains("example.com/v1/Widget"), "{list}");
    assert_eq!(told(&["list", "widget", "--isolated"]).0, Some(2));
    // PodSecurityPolicy went with 1.25.
    assert!(told(&["list", "podsecuritypolicy"]).1.contains("Kubernetes 1.24\n"));
    assert!(!told(&["list", "podsecuritypolicy", "--isolated"]).1.contains("Kubernetes 1.24\n"));
    assert_eq!(told(&["list", "podsecuritypolicy", "--kubernetes-version", "1.33"]).0, Some(2));
    let (code, shown) = told(&["show", "Widget.spec"]);
    assert!(code == Some(0) && shown.contains("what it is"), "{shown}");
    // A kind that the versions of the file do not have is looked up where it is.
    assert_eq!(told(&["show", "ValidatingAdmissionPolicy"]).0, Some(0));
    repo.file("gitops-lint.toml", "schema-location = []\n");
    let (code, told) = told(&["show", "Service"]);
    assert!(code == Some(2) && told.contains("did you mean `schema-locations`?"), "{told}");
}

#[test]
fn tests_are_those_of_the_policies_of_the_options_file() {
    let repo = Repo::new();
    repo.file(
        "rego/a.rego",
        "package main\n\nis_known if input.team in data.teams.all\n\ndeny contains \"x\" if not is_known\n",
    );
    repo.file(
        "rego/a_test.rego",
        "package main_test\n\ntest_teams if count(data.main.deny) == 0 with input as {\"team\": \"a\"}\n",
    );
    repo.file("facts/teams.yaml", "teams: {all: [a]}\n").file("web.yaml", GOOD);
    repo.file("other/b_test.rego", "package other_test\n\ntest_bad if false\n");
    repo.file(
        "gitops-lint.toml",
        "policies = [\"rego\", \"builtin:team-basics\"]\ndata = [\"facts/teams.yaml\"]\n",
    );
    let ran = |words: &[&str]| repo.run(&[&["test"], words].concat());
    let Ran { code, stdout, stderr } = ran(&[]);
    assert_eq!((code, &*stdout, &*stderr), (Some(0), "PASS: 1/1\n", ""));
    assert_eq!(ran(&["rego"]).code, Some(1), "who names paths names the data, too");
    assert_eq!(ran(&["rego", "--data", "facts/teams.yaml"]).code, Some(0));
    assert_eq!(ran(&["--isolated"]).code, Some(1));
    repo.file("gitops-lint.toml", "policies = [\"rego/a.rego\"]\n");
    let Ran { code, stderr, .. } = ran(&[]);
    assert!(code == Some(2) && stderr.contains("no tests in `rego/a.rego`"), "{stderr}");
}

#[test]
fn what_is_left_out_is_no_root_of_the_graph() {
    let repo = Repo::new();
    repo.file("web.yaml", GOOD).file("vendor/a/kustomization.yaml", "resources: [../../web.yaml]\n");
    repo.file("prod/kustomization.yaml", "resources: [../vendor/a]\n");
    repo.file("gitops-lint.toml", "exclude = [\"/vendor/\"]\n");
    let roots = |words: &[&str]| {
        let ran = repo.run(&[&["graph"], words].concat());
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        ran.stdout.lines().filter(|it| it.starts_with("vendor/a")).count()
    };
    assert_eq!((roots(&[]), roots(&["--exclude", "web.yaml"])), (0, 0));
    repo.file("vendor/b/kustomization.yaml", "resources: []\n");
    let is_there = |words: &[&str]| repo.run(&[&["graph"], words].concat()).stdout.contains("vendor/b");
    assert!(!is_there(&[]) && is_there(&["--isolated"]) && is_there(&["--exclude", "prod"]));
    assert!(is_there(&["vendor/b"]) && !is_there(&["vendor/b", "prod", "--force-exclude"]));
}

#[test]
fn what_is_left_out_is_in_no_diff_on_either_side() {
    let repo = Repo::new();
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(words)
            .current_dir(repo.path(""))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", repo.path(""));
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        }
        command.output().is_ok_and(|it| it.status.success())
    };
    repo.file("old/gone.yaml", GOOD).file("old/deep/same.yaml", GOOD).file("web.yaml", GOOD);
    if !(git(&["init", "--quiet"]) && git(&["add", "--all"]) && git(&["commit", "--quiet", "--message", "x"]))
    {
        eprintln!("SKIPPED: there is no `git` here");
        return;
    }
    std::fs::remove_file(repo.path("old/gone.yaml")).unwrap();
    repo.file("old/new.yaml", GOOD.replace("web", "new")).file("web.yaml", GOOD.replace("80", "81"));
    repo.file("old/deep/same.yaml", GOOD.replace("80", "82"));
    let differing = |words: &[&str]| {
        let ran = repo.run(&[&["diff", "--base", "HEAD", "--output-format", "json"], words].concat());
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        ["old/gone.yaml", "old/new.yaml", "old/deep/same.yaml", "web.yaml"]
            .into_iter()
            .filter(|it| ran.stdout.contains(it))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(differing(&[]), "old/gone.yaml old/new.yaml old/deep/same.yaml web.yaml");
    repo.file("gitops-lint.toml", "exclude = [\"old\"]\n");
    assert_eq!(differing(&[]), "web.yaml");
    assert_eq!(differing(&["--isolated"]), differing(&["--exclude", "none"]));
    assert_eq!(differing(&["--exclude", "deep,web.yaml"]), "old/gone.yaml old/new.yaml");
    assert_eq!(differing(&["old"]), "old/gone.yaml old/new.yaml old/deep/same.yaml");
}

#[test]
fn a_baseline_is_that_of_what_the_options_file_checks() {
    let repo = Repo::new();
    repo.file("web.yaml", BAD).file("vendor/web.yaml", BAD);
    repo.file("gitops-lint.toml", "exclude = [\"vendor\"]\nignore = [\"SCH002\"]\n");
    assert_eq!(repo.run(&["baseline"]).code, Some(0));
    let text = std::fs::read_to_string(repo.path("gitops-lint.baseline.json")).unwrap();
    assert!(text.contains("SCH001") && !text.contains("SCH002") && !text.contains("vendor"), "{text}");
    assert_eq!(repo.run(&["baseline", "--locked"]).code, Some(0));
    assert_eq!(repo.run(&["baseline", "--locked", "--isolated"]).code, Some(1));
}

#[test]
fn versions_are_named_where_clusters_differ_and_the_first_environment_counts() {
    let repo = Repo::new();
    let budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {x: 1}\n";
    repo.file("base/pdb.yaml", budget).file("base/kustomization.yaml", "resources: [pdb.yaml]\n");
    for name in ["clusters/prod", "clusters/edge-1"] {
        repo.file(&format!("{name}/kustomization.yaml"), "resources: [../../base]\n");
    }
    let told = |options: &str, words: &[&str]| -> Vec<String> {
        repo.file("gitops-lint.toml", options);
        let ran =
            repo.run(&[&["check", "--output-format", "json", "--select", "SCH002,DEP"], words].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {ran:#?}"));
        let line = |it: &Value| {
            let limit =
                it["message"].as_str().unwrap().split_once(" (").map_or("", |it| it.1.trim_end_matches(')'));
            let roots: Vec<&str> =
                it["roots"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
            format!("{} {limit}: {}", it["code"].as_str().unwrap(), roots.join(" "))
        };
        report["findings"].as_array().unwrap().iter().map(line).collect()
    };
    let prod = "[environments.prod]\nkubernetes-versions = \"1.24-1.25\"\n";
    let edge = "[environments.edge]\npaths = [\"clusters/edge-*\", \"clusters/prod\"]\nkubernetes-versions = \"1.23\"\n";
    let both = "clusters/edge-1 clusters/prod";
    assert_eq!(
        told(&format!("{prod}{edge}"), &[]),
        [
            "DEP001 in Kubernetes 1.25: clusters/prod".to_owned(),
            "DEP002 in Kubernetes 1.23: clusters/edge-1".to_owned(),
            format!("SCH002 : {both}"),
        ]
    );
    let old = [format!("DEP002 : {both}"), format!("SCH002 : {both}")];
    assert_eq!(told(&format!("{edge}{prod}"), &[]), old, "the first environment that has a root counts");
    assert_eq!(told(&format!("{prod}{edge}"), &["--kubernetes-version", "1.23"]), old);
    assert_eq!(told(prod, &[])[0], "DEP001 : clusters/edge-1 clusters/prod");
}
