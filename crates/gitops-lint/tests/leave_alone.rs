//! Whole repositories of mistakes, each left alone in every way there is, and then mended.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use support::{Ran, Repo};

/// What mends the mistakes of a file: texts and what takes their place.
struct Mend {
    file: &'static str,
    edits: &'static [(&'static str, &'static str)],
    /// Where the findings are, if not in that file.
    finding: &'static str,
    /// The file in which a policy finds something as soon as it is asked.
    reveals: &'static str,
}

const fn mend(file: &'static str, edits: &'static [(&'static str, &'static str)]) -> Mend {
    Mend { file, edits, finding: file, reveals: "" }
}

const ML_PLATFORM: &[Mend] = &[
    Mend {
        file: "infrastructure/settings/training.yaml",
        edits: &[("  name: ", "  name: more-")],
        finding: "infrastructure/settings/kustomization.yaml",
        reveals: "",
    },
    Mend {
        file: "infrastructure/network/kustomization.yaml",
        edits: &[("  - ../tenants\n", "")],
        finding: "infrastructure/tenants/kustomization.yaml",
        reveals: "",
    },
    mend("policies/quotas.rego", &[("wanted)", "wanted])")]),
    mend(
        "clusters/staging/namespaces.yaml",
        &[("metadata:\n  name: ml-f", "kind: Namespace\nmetadata:\n  name: ml-f")],
    ),
    mend(
        "clusters/staging/monitoring.yaml",
        &[
            ("monitoring.lumen.example/v1", "v1"),
            ("ModelMonitor", "ConfigMap"),
            ("spec:", "data:"),
            ("0.2", "\"0.2\""),
        ],
    ),
    mend("clusters/staging/quotas.yaml", &[("\t\trequests", "    requests")]),
    mend(
        "clusters/staging/proxy.yaml",
        &[
            ("<<<<<<< HEAD\n", ""),
            (
                "=======\n  NO_PROXY: .svc,.cluster.local,.lumen.example\n>>>>>>> feature/internal-registry\n",
                "",
            ),
        ],
    ),
    mend("apps/gateway/deployment.yaml", &[("              memory: 256Mi\n", "")]),
    mend("apps/training/overlays/staging/kustomization.yaml", &[("ressources", "resources")]),
    mend("apps/training/overlays/prod/more-gpus.yaml", &[("nigthly", "nightly")]),
    mend("apps/search/overlays/dev/kustomization.yaml", &[("latest", "7.1.1")]),
    mend("apps/search/overlays/staging/kustomization.yaml", &[("\"8081\"", "8081")]),
    mend("apps/search/overlays/prod/capacity.yaml", &[("\"none\"", "3")]),
    mend("apps/search/base/deployment.yaml", &[("initContianers", "initContainers")]),
    mend("apps/feature-store/overlays/staging/kustomization.yaml", &[("itmes", "items")]),
    mend("apps/feature-store/overlays/prod/kustomization.yaml", &[("forever", "3600")]),
    mend("apps/feature-store/base/service.yaml", &[("\"6379\"", "6379")]),
];

const GATEKEEPER: &[Mend] = &[
    Mend {
        file: "constraints/training.yaml",
        edits: &[
            ("[apps]", "[\"\"]"),
            ("- Deployment", "- Pod"),
            ("- StatefulSet", "- Pod"),
            ("[batch]", "[\"\"]"),
            ("- Job", "- Pod"),
        ],
        finding: "constraints/training.yaml",
        reveals: "apps/trainer.yaml",
    },
    mend(
        "templates/ceilings.yaml",
        &[
            (
                "      validation:\n",
                "      validation:\n        openAPIV3Schema: {type: object, properties: {cpu: {type: string}, memory: {type: string}}}\n",
            ),
            (
                "        properties:\n          cpu:\n            type: string\n          memory:\n            type: string\n",
                "",
            ),
        ],
    ),
    Mend {
        file: "templates/data-sources.yaml",
        edits: &[(
            "package trainingsources\n",
            "package trainingsources\n\n        import future.keywords.in\n",
        )],
        finding: "templates/data-sources.yaml",
        reveals: "apps/trainer.yaml",
    },
];

const ALL: [(&str, &[Mend]); 2] = [("ml-platform-broken", ML_PLATFORM), ("gatekeeper-faults", GATEKEEPER)];

fn text(repo: &Repo, path: &str) -> String {
    fs::read_to_string(repo.path(path)).unwrap()
}

/// Findings of a report: code, file, line.
type Place = (String, String, usize);

fn report(repo: &Repo, words: &[&str]) -> Value {
    let ran = repo.run(&[&["check", "--output-format", "json"], words].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"))
}

fn places(report: &Value) -> Vec<Place> {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let place = |it: &Value, code: &str| {
        (code.to_owned(), text(&it["path"]), it["start"]["line"].as_u64().unwrap() as usize)
    };
    let all = report["findings"].as_array().unwrap().iter();
    let places = all.flat_map(|it| {
        let code = it["code"].as_str().unwrap();
        let related = it["related"].as_array().unwrap().iter();
        let repeats = related.filter(|it| it["message"] == "the same here").map(move |it| place(it, code));
        [place(&it["location"], code)].into_iter().chain(repeats).collect::<Vec<_>>()
    });
    places.collect()
}

fn found(repo: &Repo) -> Vec<Place> {
    places(&report(repo, &[]))
}

fn found_in(repo: &Repo, is_wanted: impl Fn(&Place) -> bool) -> Vec<Place> {
    found(repo).into_iter().filter(is_wanted).collect()
}

#[track_caller]
fn assert_clean(repo: &Repo) {
    let ran: Ran = repo.run(&["check", "--fail-on", "info"]);
    assert!(ran.code == Some(0) && ran.stdout.starts_with("nothing found in "), "{ran:#?}");
}

/// Mends each file for itself, lets `judge` look at what is found then, and takes it back.
fn each_mended(repo: &Repo, mends: &[Mend], judge: impl Fn(&Mend, &[Place])) {
    for it in mends {
        let before = text(repo, it.file);
        let mended = it.edits.iter().fold(before.clone(), |text, (wrong, right)| {
            assert!(text.contains(wrong), "{}: {wrong}", it.file);
            text.replace(wrong, right)
        });
        repo.file(it.file, mended);
        let (revealed, found) = found(repo).into_iter().partition(|found| found.1 == it.reveals);
        let (revealed, found): (Vec<Place>, Vec<Place>) = (revealed, found);
        assert_eq!(revealed.is_empty(), it.reveals.is_empty(), "{revealed:?}");
        judge(it, &found);
        repo.file(it.file, before);
    }
    assert_clean(repo);
}

/// The lines of a file that have a text.
fn lines_with(repo: &Repo, path: &str, wanted: &str) -> Vec<usize> {
    let text = text(repo, path);
    text.lines().enumerate().filter(|it| it.1.contains(wanted)).map(|it| it.0 + 1).collect()
}

/// Writes a comment above each place.
fn comment(repo: &Repo, places: &[Place]) {
    let mut by_line: BTreeMap<(&str, usize), BTreeSet<&str>> = BTreeMap::new();
    for (code, path, line) in places {
        by_line.entry((path, *line)).or_default().insert(code);
    }
    // From below, so that the numbers of lines stay good.
    for ((path, line), codes) in by_line.into_iter().rev() {
        let text = text(repo, path);
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let indent: String = lines[line - 1].chars().take_while(|it| *it == ' ').collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        lines.insert(line - 1, format!("{indent}# gitops-lint: ignore[{}] known\n", codes.join(", ")));
        repo.file(path, lines.concat());
    }
}

#[test]
fn a_comment_whose_cause_is_mended_is_unused_and_no_other_is() {
    for (name, mends) in ALL {
        let repo = Repo::example(name);
        comment(&repo, &found(&repo));
        assert_clean(&repo);
        each_mended(&repo, mends, |mend, found| {
            let lines = lines_with(&repo, mend.finding, "# gitops-lint: ignore[");
            let expected = lines.iter().map(|it| ("SUP001".to_owned(), mend.finding.to_owned(), *it));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{name}: {}", mend.file);
            assert!(!lines.is_empty());
        });
    }
}

#[test]
fn an_accepted_finding_that_is_mended_is_stale_and_pruned_and_no_other_is() {
    const BASELINE: &str = "gitops-lint.baseline.json";
    for (name, mends) in ALL {
        let repo = Repo::example(name);
        assert_eq!(repo.run(&["baseline"]).code, Some(0));
        assert_clean(&repo);
        let before = text(&repo, BASELINE);
        let entries: Value = serde_json::from_str(&before).unwrap();
        let codes = lines_with(&repo, BASELINE, "\"code\":");
        each_mended(&repo, mends, |mend, found| {
            // What is one cause everywhere has no file.
            let is_of = |it: &Value| match it.get("path") {
                Some(path) => path == mend.finding,
                None => mend.finding.ends_with("/monitoring.yaml"),
            };
            let entries = entries["entries"].as_array().unwrap().iter().zip(&codes);
            let lines: Vec<usize> = entries.filter(|it| is_of(it.0)).map(|it| *it.1).collect();
            let expected = lines.iter().map(|it| ("SUP004".to_owned(), BASELINE.to_owned(), *it));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{name}: {}", mend.file);
            assert!(!lines.is_empty());
            assert_eq!(repo.run(&["baseline", "--prune"]).code, Some(0));
            assert!(found_in(&repo, |it| it.1 != mend.reveals).is_empty());
            assert!(repo.run(&["baseline", "--prune", "--locked"]).code == Some(0));
            repo.file(BASELINE, &before);
        });
    }
}

#[test]
fn what_is_left_by_fixes_is_commented_or_accepted() {
    for (name, _) in ALL {
        for is_commented in [true, false] {
            let repo = Repo::example(name);
            let before = found(&repo).len();
            repo.run(&["check", "--fix", "--unsafe-fixes"]);
            let left = found(&repo);
            assert!(!left.is_empty() && left.len() <= before, "{name}: {left:?}");
            if is_commented {
                comment(&repo, &left);
            } else {
                assert_eq!(repo.run(&["baseline"]).code, Some(0));
            }
            assert_clean(&repo);
        }
    }
    let repo = Repo::example("ml-platform-broken");
    let before = found(&repo).len();
    repo.run(&["check", "--fix", "--unsafe-fixes"]);
    assert!(found(&repo).len() < before, "some of it can be fixed");
}

/// Writes an entry for each place, with one more line, and tells the lines of the entries for each file.
fn ignore(repo: &Repo, places: &[Place], more: &str) -> BTreeMap<String, Vec<usize>> {
    let entries: BTreeSet<(&str, &str)> = places.iter().map(|it| (&*it.1, &*it.0)).collect();
    let (mut text, mut lines): (String, BTreeMap<String, Vec<usize>>) = (String::new(), BTreeMap::new());
    for (path, code) in entries {
        lines.entry(path.to_owned()).or_default().push(text.lines().count() + 1);
        text.push_str(&format!(
            "[[ignore]]\nrules = [\"{code}\"]\npath = \"/{path}\"\nreason = \"known\"\n{more}\n"
        ));
    }
    repo.file("gitops-lint.toml", text);
    lines
}

#[test]
fn an_entry_of_the_options_whose_cause_is_mended_is_unused_and_one_that_has_expired_is_told() {
    for (name, mends) in ALL {
        let repo = Repo::example(name);
        let all = found(&repo);
        let lines = ignore(&repo, &all, "expires = 9999-12-31");
        assert_clean(&repo);
        each_mended(&repo, mends, |mend, found| {
            let expected = lines[mend.finding]
                .iter()
                .map(|it| ("SUP001".to_owned(), "gitops-lint.toml".to_owned(), *it));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{name}: {}", mend.file);
        });
        let lines = ignore(&repo, &all, "expires = 2020-12-31");
        let (about, again): (Vec<Place>, Vec<Place>) =
            found(&repo).into_iter().partition(|it| it.1 == "gitops-lint.toml");
        assert_eq!(again, all, "{name}");
        assert!(about.iter().all(|it| it.0 == "SUP003"), "{about:?}");
        assert_eq!(about.len(), lines.values().map(Vec::len).sum::<usize>());
    }
}
