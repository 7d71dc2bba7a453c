//! Findings that are accepted stay silent, and nothing else does.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use serde_json::Value;
use support::{GOOD, Repo};

const FILE: &str = "gitops-lint.baseline.json";

/// A service with the ports as they are given.
fn service(ports: &[&str]) -> String {
    let head = GOOD.split("  - port").next().unwrap();
    ports.iter().fold(head.to_owned(), |text, it| format!("{text}  - port: {it}\n"))
}

/// A repository with a baseline.
fn accepted(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new();
    for (name, text) in files {
        repo.file(name, text);
    }
    let ran = repo.run(&["baseline"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), ""), "{ran:#?}");
    repo
}

/// The codes and lines of `check`.
#[track_caller]
fn found(repo: &Repo, dir: &str, words: &[&str]) -> Vec<String> {
    let ran = repo.run_in(dir, &[&["check", "--output-format", "json"], words].concat());
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
    let shown = |it: &Value| {
        let place = &it["location"];
        format!("{} {}:{}", it["code"], place["path"], place["start"]["line"]).replace('"', "")
    };
    document["findings"].as_array().unwrap().iter().map(shown).collect()
}

fn text(repo: &Repo) -> String {
    fs::read_to_string(repo.path(FILE)).unwrap()
}

#[test]
fn what_is_accepted_stays_silent_when_code_moves_and_shows_elsewhere() {
    let repo = accepted(&[
        ("web.yaml", &service(&["'80'"])),
        ("overlay/kustomization.yaml", "resources: [../base]\n"),
        ("base/kustomization.yaml", "resources: [db.yaml]\n"),
        ("base/db.yaml", &service(&["'81'"])),
    ]);
    assert!(found(&repo, "", &[]).is_empty());
    let before = text(&repo);
    let moved = format!("# one line\n\n{}", service(&["90, name: x", "'80'"]).replace("90, name: x", "90"));
    repo.file("web.yaml", &moved);
    // Another root, with another name for the same object, comes first in the alphabet.
    repo.file("a/kustomization.yaml", "resources: [../base]\nnamePrefix: a-\nnamespace: other\n");
    assert!(found(&repo, "", &[]).is_empty());
    for (dir, words) in
        [("base", &["."][..]), ("a", &["."]), ("a", &["../base/db.yaml"]), ("base", &["../web.yaml"])]
    {
        assert!(found(&repo, dir, words).is_empty(), "{dir} {words:?}");
    }
    assert_eq!(repo.run_in("base", &["baseline", ".."]).code, Some(0));
    assert_eq!(text(&repo), before, "moving code changes nothing");
    repo.file("new.yaml", service(&["'80'"]));
    assert_eq!(found(&repo, "", &[]), ["SCH001 new.yaml:7"]);
    assert_eq!(found(&repo, "", &["--no-baseline"]).len(), 3);
}

#[test]
fn of_two_that_are_alike_each_counts() {
    let (udp, sctp) = ("'80'\n    protocol: UDP", "'80'\n    protocol: SCTP");
    let repo = accepted(&[("web.yaml", &service(&["'80'", udp]))]);
    assert!(found(&repo, "", &[]).is_empty());
    repo.file("web.yaml", service(&["'80'", udp, sctp]));
    assert_eq!(found(&repo, "", &[]), ["SCH001 web.yaml:10"]);
    repo.file("web.yaml", service(&["80", udp]));
    let stale = found(&repo, "", &[]);
    assert!(stale.len() == 1 && stale[0].starts_with("SUP004 gitops-lint.baseline.json:"), "{stale:?}");
    assert_eq!(repo.run(&["check"]).code, Some(0), "a note is no failure");
}

#[test]
fn a_locked_baseline_is_checked_and_stays_as_it_is() {
    let repo = accepted(&[("web.yaml", &service(&["'80'"])), ("db.yaml", &service(&["'81'"]))]);
    assert_eq!(repo.run(&["baseline", "--locked"]).code, Some(0));
    repo.file("web.yaml", service(&["80"])).file("db.yaml", service(&["'81'", "'82'"]));
    let before = text(&repo);
    let ran = repo.run(&["baseline", "--locked"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(
        lines[0].starts_with("new: db.yaml:8:11: SCH001 ") && lines[1].starts_with("gone: web.yaml: SCH001 "),
        "{ran:#?}"
    );
    assert!(ran.stderr.contains("(1 new, 1 gone): run `gitops-lint baseline`"), "{ran:#?}");
    assert_eq!(text(&repo), before);
    // What is mended goes out, and nothing comes in.
    assert_eq!(repo.run(&["baseline", "--prune"]).code, Some(0));
    assert_eq!(found(&repo, "", &[]), ["SCH001 db.yaml:8"]);
    assert_eq!(repo.run(&["baseline", "--prune", "--locked"]).code, Some(0));
    assert_eq!(repo.run(&["baseline"]).code, Some(0));
    assert!(found(&repo, "", &[]).is_empty());
}

#[test]
fn what_was_not_looked_at_is_not_stale() {
    let bad = service(&["'80'"]);
    let repo = accepted(&[
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &bad),
        ("dev/kustomization.yaml", "resources: [../base]\n"),
        ("prod/kustomization.yaml", "resources: [../base]\npatches:\n- path: port.yaml\n"),
        ("prod/port.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: 7}\n"),
        ("other/web.yaml", &bad),
    ]);
    repo.file("base/web.yaml", service(&["80"])).file("other/web.yaml", service(&["80"]));
    let stale = |dir: &str, words: &[&str]| {
        found(&repo, dir, words).iter().filter(|it| it.starts_with("SUP004")).count()
    };
    assert_eq!(stale("", &[]), 2);
    // Other roots have the base, too, and might show it.
    for part in ["base", "dev", "prod"] {
        assert_eq!(stale("", &[part]), 0, "{part}");
    }
    assert_eq!(stale("", &["base", "dev", "prod"]), 1);
    assert_eq!((stale("", &["--select", "KUS,SUP"]), stale("", &["--ignore", "SUP004"])), (0, 0));
    // A root that cannot be built any more proves nothing about what it uses.
    repo.file("prod/kustomization.yaml", "resources: [../base, gone.yaml]\npatches:\n- path: port.yaml\n");
    assert_eq!(found(&repo, "", &[]).iter().map(|it| &it[..6]).collect::<Vec<_>>(), ["SUP004", "KUS007"]);
    let before = text(&repo);
    assert_eq!(repo.run(&["baseline", "dev", "--prune"]).code, Some(0));
    assert_eq!(text(&repo), before);
}

#[test]
fn a_fix_is_made_and_the_baseline_says_so() {
    let repo = accepted(&[("web.yaml", &service(&["'80'"]))]);
    let before = text(&repo);
    let ran = repo.run(&["check", "--fix", "--output-format", "concise"]);
    assert!(ran.stdout.contains("SUP004") && ran.stderr.contains("fixed 1 finding"), "{ran:#?}");
    assert_eq!((text(&repo), found(&repo, "", &["--no-baseline"]).len()), (before, 0));
}

#[test]
fn a_file_that_is_no_baseline_is_refused_at_its_place() {
    let repo = Repo::new();
    repo.file("web.yaml", GOOD);
    let conflict =
        "{\n  \"version\": 1,\n<<<<<<< HEAD\n  \"entries\": []\n=======\n  \"entries\": [1]\n>>>>>>> x\n}\n";
    for (content, place, message) in [
        ("", ":1:1]", "one JSON object is wanted"),
        ("{\"version\": 1, \"entries\": [}", ":1:", ""),
        ("[]", ":1:1]", "a JSON object is wanted"),
        ("{\"entries\": []}", ":1:1]", "no `version`"),
        ("{\n\"version\": 2, \"entries\": []}", ":2:12]", "version 2 of the baseline is newer"),
        ("{\"version\": \"1\", \"entries\": []}", ":1:13]", "the string \"1\""),
        ("{\"version\": 1}", ":1:1]", "no `entries`"),
        ("{\"version\": 1, \"entries\": {}}", ":1:27]", "no list"),
        ("{\"version\": 1, \"entries\": [\n7]}", ":2:1]", "an entry of the baseline is an object"),
        ("{\"version\": 1, \"entries\": [{\"code\": 7}]}", ":1:28]", "without `fingerprint`"),
        ("{\"version\": 1, \"entries\": [{\"fingerprint\": \"x\"}]}", ":1:44]", "32 hexadecimal digits"),
        (conflict, ":3:1]", "a merge conflict is not resolved"),
        ("{\"version\": 1, \0\"entries\": []}", ":1:", ""),
    ] {
        repo.file(FILE, content);
        for words in [&["check"][..], &["baseline"], &["baseline", "--prune"], &["baseline", "--locked"]] {
            let ran = repo.run(words);
            assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{content}: {ran:#?}");
            assert!(ran.stderr.contains(&format!("[{FILE}{place}")), "{content}: {ran:#?}");
            assert!(ran.stderr.contains(message) && ran.stderr.contains("help: "), "{content}: {ran:#?}");
            assert!(
                ran.stderr.ends_with(&format!("error: the baseline `{FILE}` cannot be used\n")),
                "{ran:#?}"
            );
        }
        assert_eq!(text(&repo), content);
    }
    assert_eq!(repo.run(&["check", "--no-baseline"]).code, Some(0));
    repo.file(FILE, [0xff, 0xfe, 0x00]);
    assert_eq!(repo.run(&["check"]).code, Some(2));
}

#[test]
fn a_baseline_may_lie_elsewhere_and_has_to_be_there_if_it_is_named() {
    let repo = Repo::new();
    repo.file("apps/web.yaml", service(&["'80'"])).file("file", "");
    let named = ["check", "--baseline", "ci/accepted.json"];
    let ran = repo.run(&named);
    assert!(ran.code == Some(2) && ran.stderr.contains("`gitops-lint baseline` writes one"), "{ran:#?}");
    assert_eq!(repo.run(&["baseline", "--baseline", "ci/accepted.json"]).code, Some(0));
    assert_eq!(repo.run(&named).code, Some(0));
    assert_eq!(repo.run_in("apps", &["check", ".", "--baseline", "../ci/accepted.json"]).code, Some(0));
    assert_eq!(repo.run(&["check"]).code, Some(1), "it is not the one that is found by itself");
    let ran = repo.run(&["baseline", "--baseline", "file/x.json"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("cannot write `"), "{ran:#?}");
    // Nothing found is nothing to write down.
    repo.file("apps/web.yaml", GOOD);
    assert!(repo.run(&["baseline"]).code == Some(0) && !repo.path(FILE).exists());
}

#[test]
fn two_worktrees_have_the_same_baseline() {
    let one = accepted(&[("web.yaml", &service(&["'80'"]))]);
    let other = Repo::new();
    fs::remove_dir(other.path(".git")).unwrap();
    other.file(".git", "gitdir: elsewhere\n").file("web.yaml", service(&["'80'"]));
    other.run(&["baseline"]);
    assert_eq!(text(&one), text(&other));
}

#[test]
fn many_entries_are_read_and_merges_that_add_lines_are_understood() {
    let ports: Vec<String> = (0..3000).map(|it| format!("'{it}'")).collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    let repo = accepted(&[("web.yaml", &service(&ports))]);
    assert!(found(&repo, "", &[]).is_empty());
    // As a merge may leave it: in another order, with entries twice.
    let mut document: Value = serde_json::from_str(&text(&repo)).unwrap();
    let entries = document["entries"].as_array_mut().unwrap();
    let first = entries[0].clone();
    entries.reverse();
    entries.push(first);
    let before = text(&repo);
    repo.file(FILE, document.to_string());
    assert_eq!(repo.run(&["baseline", "--locked"]).code, Some(0));
    assert_eq!(repo.run(&["baseline"]).code, Some(0));
    assert_eq!(text(&repo), before);
}

#[test]
fn accepting_all_of_a_broken_repository_leaves_a_clean_run_and_mending_shows() {
    let repo = Repo::example("ml-platform-broken");
    let count = found(&repo, "", &[]).len();
    assert_eq!(repo.run(&["baseline"]).code, Some(0));
    let ran = repo.run(&["check", "--fail-on", "info"]);
    assert!(ran.code == Some(0) && ran.stdout.starts_with("nothing found in "), "{ran:#?}");
    assert!(ran.stdout.ends_with(&format!(", {count} suppressed\n")), "{ran:#?}");
    for (path, wrong, right) in [
        ("apps/search/overlays/prod/capacity.yaml", "\"none\"", "3"),
        ("apps/feature-store/overlays/staging/kustomization.yaml", "itmes", "items"),
        ("apps/training/overlays/staging/kustomization.yaml", "ressources", "resources"),
        ("policies/quotas.rego", "wanted)", "wanted])"),
    ] {
        let text = fs::read_to_string(repo.path(path)).unwrap();
        assert!(text.contains(wrong), "{path}");
        repo.file(path, text.replace(wrong, right));
        let stale: Vec<String> = found(&repo, "", &[]);
        assert!(stale.iter().any(|it| it.starts_with("SUP004 ")), "{path}: {stale:?}");
        repo.file(path, text);
    }
    assert!(found(&repo, "", &[]).is_empty());
}

#[test]
fn what_a_comment_silences_does_not_go_into_the_baseline() {
    let repo = Repo::example("ml-platform-broken");
    let path = "apps/search/overlays/prod/capacity.yaml";
    let text_of = |name: &str| fs::read_to_string(repo.path(name)).unwrap();
    let commented =
        text_of(path).replace("\"none\"", "\"none\"  # gitops-lint: ignore[SCH001] the operator does it");
    repo.file(path, &commented);
    assert_eq!(repo.run(&["baseline"]).code, Some(0));
    assert!(!text_of(FILE).contains(path), "{}", text_of(FILE));
    assert!(found(&repo, "", &[]).is_empty());
    repo.file(path, commented.replace("\"none\"", "3"));
    let port = "apps/search/overlays/staging/kustomization.yaml";
    repo.file(port, text_of(port).replace("\"8081\"", "8081"));
    let codes: Vec<String> = found(&repo, "", &[]).iter().map(|it| it[..6].to_owned()).collect();
    assert_eq!(codes, ["SUP001", "SUP004"]);
}

#[test]
fn reports_for_programs_have_what_is_accepted_and_others_do_not() {
    let repo = accepted(&[("web.yaml", &service(&["'80'"]))]);
    repo.file("db.yaml", service(&["'80'"]));
    let report = |format: &str| repo.run(&["check", "--output-format", format]).stdout;
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let [new, known] = &results[..] else { panic!("{results:#?}") };
    assert_eq!((&new["baselineState"], &known["baselineState"]), (&"new".into(), &"unchanged".into()));
    assert_eq!(new["suppressions"].as_array().unwrap().len(), 0, "where one has them, all have");
    assert_eq!(known["suppressions"][0]["kind"], "external");
    let entry = &known["suppressions"][0]["location"]["physicalLocation"];
    assert_eq!((&entry["artifactLocation"]["uri"], &entry["region"]["startLine"]), (&FILE.into(), &8.into()));
    let print = known["partialFingerprints"]["gitopsLint/v1"].as_str().unwrap();
    assert!(text(&repo).contains(print), "a finding has one fingerprint, wherever it is told");
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    let [suppressed] = &json["suppressed"].as_array().unwrap()[..] else { panic!("{json:#}") };
    assert_eq!(
        (&suppressed["code"], &suppressed["location"]["path"]),
        (&"SCH001".into(), &"web.yaml".into())
    );
    assert_eq!(suppressed["suppression"]["by"], "baseline");
    assert_eq!(json["summary"]["suppressed"], 1);
    for format in ["full", "concise", "json-lines", "github", "junit", "gitlab", "markdown", "rdjson"] {
        let report = report(format);
        let names = |path: &str| report.matches(&format!("{path}.yaml")).count();
        // Every file is a test suite, whatever is found in it.
        assert_eq!(
            (names("db") > 0, names("web")),
            (true, if format == "junit" { 2 } else { 0 }),
            "{report}"
        );
    }
    let sarif: Value =
        serde_json::from_str(&repo.run(&["check", "--no-baseline", "--output-format", "sarif"]).stdout)
            .unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().all(|it| it.get("baselineState").is_none() && it.get("suppressions").is_none()));
}

#[test]
fn a_check_that_asks_less_calls_nothing_stale() {
    let os = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: os\nspec:\n  os: {name: linux}\n  containers:\n  \
              - {name: web, image: a}\n";
    let repo = Repo::new();
    let rule = "package main\n\ndeny contains \"no\" if input.kind == \"Service\"\n";
    repo.file("os.yaml", os).file("web.yaml", GOOD).file("rego/a.rego", rule);
    let all = ["-p", "rego", "--kubernetes-version", "1.21,1.33"];
    assert_eq!(repo.run(&[&["baseline"], &all[..]].concat()).code, Some(0));
    let before = text(&repo);
    assert!(
        before.contains("\"kubernetes-versions\": \"1.21, 1.33\"") && before.contains("\"rego\""),
        "{before}"
    );
    assert!(found(&repo, "", &all).is_empty());
    for less in
        [&[][..], &["--kubernetes-version", "1.33"], &["-p", "rego", "--kubernetes-version", "1.22-1.33"]]
    {
        assert!(found(&repo, "", less).is_empty(), "{less:?}");
        assert_eq!(repo.run(&[&["baseline"], less].concat()).code, Some(0));
        assert_eq!(
            fs::read_to_string(repo.path(FILE)).unwrap().matches("fingerprint").count(),
            before.matches("fingerprint").count()
        );
    }
    repo.file(FILE, &before)
        .file("web.yaml", "a: 1\n")
        .file("os.yaml", os.replace("  os: {name: linux}\n", ""));
    assert!(
        found(&repo, "", &[]).iter().all(|it| !it.starts_with("SUP004")),
        "fewer versions, and no policy"
    );
    let stale = |words: &[&str]| found(&repo, "", words).iter().filter(|it| it.starts_with("SUP004")).count();
    assert_eq!(stale(&all), before.matches("fingerprint").count());
    assert_eq!(
        stale(&[&all[2..], &["-p", "."]].concat()),
        before.matches("fingerprint").count() - 1,
        "the policy"
    );
    // Who does not say with what it was made is believed once it has been brought up to date.
    let mut silent: Value = serde_json::from_str(&before).unwrap();
    silent.as_object_mut().unwrap().remove("checked");
    repo.file(FILE, silent.to_string());
    assert_eq!(stale(&all), 0);
    assert_eq!(repo.run(&[&["baseline"], &all[..]].concat()).code, Some(0));
    assert_eq!(stale(&all), before.matches("fingerprint").count());
}

#[test]
fn what_is_left_out_is_not_stale_and_what_is_deleted_is() {
    let repo = accepted(&[("a/web.yaml", &service(&["'80'"])), ("b/web.yaml", &service(&["'80'"]))]);
    repo.file("gitops-lint.toml", "exclude = [\"a\"]\n").file("a/web.yaml", GOOD).file("b/web.yaml", GOOD);
    let stale = |words: &[&str]| found(&repo, "", words).iter().filter(|it| it.starts_with("SUP004")).count();
    assert_eq!(stale(&[]), 1);
    assert_eq!(stale(&["a/web.yaml"]), 1, "it is named");
    fs::remove_file(repo.path("a/web.yaml")).unwrap();
    assert_eq!((stale(&[]), stale(&["b"])), (2, 1));
}

#[test]
fn the_options_file_says_where_the_baseline_is() {
    let repo = Repo::new();
    repo.file("apps/web.yaml", service(&["'80'"]))
        .file("apps/gitops-lint.toml", "baseline = \"../ci/known.json\"\n");
    let known = |repo: &Repo, words: &[&str]| repo.run(words).code;
    assert_eq!(known(&repo, &["check", "apps"]), Some(1), "nobody has written it yet");
    assert_eq!(known(&repo, &["baseline", "apps"]), Some(0));
    let written = fs::read_to_string(repo.path("ci/known.json")).unwrap();
    assert!(written.contains("\"apps/web.yaml\"") && !repo.path(FILE).exists(), "{written}");
    assert_eq!(known(&repo, &["check", "apps"]), Some(0));
    assert_eq!(known(&repo, &["check", "apps", "--baseline", "ci/known.json", "--isolated"]), Some(0));
    assert_eq!(known(&repo, &["check", "apps", "--isolated"]), Some(1));
    // A flag goes over it.
    repo.file("none.json", "{\"version\": 1, \"entries\": []}");
    assert_eq!(known(&repo, &["check", "apps", "--baseline", "none.json"]), Some(1));
    let config = repo.run(&["config", "apps", "--baseline", "none.json"]).stdout;
    assert!(config.contains("baseline = \"none.json\" # --baseline"), "{config}");
    let config = repo.run(&["config", "apps"]).stdout;
    assert!(config.contains("baseline = \"../ci/known.json\" # apps/gitops-lint.toml:1"), "{config}");
    for (wrong, message) in [
        ("../../x.json", "lies outside of the repository"),
        ("gone/../../../x.json", "lies outside of the repository"),
        ("/etc/x.json", "lies outside of the repository"),
        ("../ci", "`../ci` is a folder"),
        ("", "`baseline` is empty"),
    ] {
        repo.file("apps/gitops-lint.toml", format!("baseline = \"{wrong}\"\n"));
        for words in [&["check", "apps"], &["baseline", "apps"]] {
            let ran = repo.run(words);
            assert!(ran.code == Some(2) && ran.stderr.contains(message), "{wrong}: {ran:#?}");
        }
    }
}

#[test]
fn a_baseline_in_a_strange_place_is_told_and_harmless() {
    let repo = Repo::new();
    repo.file("web.yaml", service(&["'80'"]));
    fs::create_dir(repo.path(FILE)).unwrap();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.json");
    for words in [&["check"][..], &["baseline"], &["baseline", "--prune"], &["baseline", "--locked"]] {
        let ran = repo.run(words);
        assert!(ran.code == Some(2) && ran.stderr.contains(FILE), "{ran:#?}");
    }
    fs::remove_dir(repo.path(FILE)).unwrap();
    #[cfg(unix)]
    {
        fs::write(&secret, "{\"version\": 1, \"entries\": []}").unwrap();
        std::os::unix::fs::symlink(&secret, repo.path(FILE)).unwrap();
        for words in [&["check"][..], &["baseline"], &["baseline", "--prune"], &["baseline", "--locked"]] {
            let ran = repo.run(words);
            assert!(ran.code == Some(2) && ran.stderr.contains("leads out of the repository"), "{ran:#?}");
        }
        assert_eq!(fs::read_to_string(&secret).unwrap(), "{\"version\": 1, \"entries\": []}");
    }
}
