//! `--output-format`: every format tells the same findings, and text from a repository stays text.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::fs;

use gitops_render::report::{Finding, Report, VERSION};
use serde_json::Value;
use support::{GOOD, Ran, Repo};

const FORMATS: [&str; 10] =
    ["full", "concise", "json", "json-lines", "github", "sarif", "junit", "gitlab", "markdown", "rdjson"];

/// Checks with the policies of the repository, if it has some.
fn check(repo: &Repo, format: &str) -> Ran {
    let policies = ["policies", "p.rego"].into_iter().find(|it| repo.path(it).exists());
    let policies = policies.map(|it| ["-p", it]).into_iter().flatten();
    let words: Vec<&str> = ["check", "--output-format", format].into_iter().chain(policies).collect();
    repo.run(&words)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|err| panic!("{err}: {text}"))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no array"))
}

/// `path:line:column CODE`, as JSON has it.
fn told_by_json(entry: &Value) -> String {
    let (at, code) = (&entry["location"], entry["code"].as_str().unwrap());
    let (line, column) = (&at["start"]["line"], &at["start"]["column"]);
    format!("{}:{line}:{column} {code}", at["path"].as_str().unwrap())
}

/// The same, as another format has it.
fn told_by(format: &str, text: &str) -> BTreeSet<String> {
    let pick = |entries: &[Value], path: &str, line: &str, column: &str, code: &str| -> BTreeSet<String> {
        let word = |it: &Value, at: &str| it.pointer(at).unwrap().as_str().unwrap().to_owned();
        let number = |it: &Value, at: &str| it.pointer(at).unwrap().as_u64().unwrap();
        let told = entries.iter().map(|it| {
            format!("{}:{}:{} {}", word(it, path), number(it, line), number(it, column), word(it, code))
        });
        told.collect()
    };
    match format {
        "json-lines" => text.lines().map(|it| told_by_json(&json(it))).collect(),
        "concise" => {
            let lines = text.lines().filter(|it| it.matches(':').count() >= 4);
            lines
                .map(|it| it.split_whitespace().take(2).collect::<Vec<_>>().join(" ").replace(": ", " "))
                .collect()
        }
        "github" => text.lines().map(told_by_github).collect(),
        "sarif" => {
            let at = "/locations/0/physicalLocation";
            let [uri, line, column] = ["artifactLocation/uri", "region/startLine", "region/startColumn"]
                .map(|it| format!("{at}/{it}"));
            pick(array(&json(text)["runs"][0]["results"]), &uri, &line, &column, "/ruleId")
        }
        "gitlab" => {
            let at = "/location/positions/begin";
            let (line, column) = (format!("{at}/line"), format!("{at}/column"));
            pick(array(&json(text)), "/location/path", &line, &column, "/check_name")
        }
        "rdjson" => {
            let at = "/location/range/start";
            let (line, column) = (format!("{at}/line"), format!("{at}/column"));
            pick(array(&json(text)["diagnostics"]), "/location/path", &line, &column, "/code/value")
        }
        "junit" => text
            .lines()
            .filter_map(|it| it.trim().strip_prefix("<failure type=\""))
            .map(|it| {
                let (code, rest) = it.split_once('"').unwrap();
                let place = rest.split_once('>').unwrap().1.split_once(": ").unwrap().0;
                format!("{place} {code}")
            })
            .collect(),
        other => panic!("{other} has no reader here"),
    }
}

fn told_by_github(line: &str) -> String {
    let (properties, _) = line.split_once("::").unwrap().1.split_once("::").unwrap();
    let property = |name: &str| {
        let start = properties.find(&format!("{name}=")).unwrap() + name.len() + 1;
        properties[start..].split([',', ' ']).next().unwrap()
    };
    format!("{}:{}:{} {}", property("file"), property("line"), property("col"), property("title"))
}

#[test]
fn every_format_tells_the_same_findings() {
    let repo = Repo::example("ml-platform-broken");
    let ran = check(&repo, "json");
    assert_eq!((ran.code, &*ran.stderr), (Some(1), ""));
    let document = json(&ran.stdout);
    let expected: BTreeSet<String> = array(&document["findings"]).iter().map(told_by_json).collect();
    assert!(expected.len() > 14 && expected.len() == array(&document["findings"]).len(), "{expected:?}");
    for format in ["json-lines", "concise", "github", "sarif", "gitlab", "rdjson", "junit"] {
        let ran = check(&repo, format);
        assert_eq!((ran.code, &*ran.stderr), (Some(1), ""), "{format}");
        assert_eq!(told_by(format, &ran.stdout), expected, "{format}");
    }
    let markdown = check(&repo, "markdown").stdout;
    for told in &expected {
        let (place, code) = told.split_once(' ').unwrap();
        let mut place = place.split(':');
        let (path, line) = (place.next().unwrap(), place.next().unwrap());
        let section = markdown.split(&format!("### `{path}`")).nth(1).unwrap().split("### ").next().unwrap();
        assert!(section.contains(&format!(" | {line} | {code} | ")), "{told}\n{section}");
    }
}

#[test]
fn sarif_names_rules_objects_and_the_way_of_a_value() {
    let repo = Repo::example("ml-platform-broken");
    let log = json(&check(&repo, "sarif").stdout);
    let run = &log["runs"][0];
    let (rules, artifacts) = (array(&run["tool"]["driver"]["rules"]), array(&run["artifacts"]));
    assert_eq!((&log["version"], &run["columnKind"]), (&"2.1.0".into(), &"unicodeCodePoints".into()));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    for result in array(&run["results"]) {
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## How to fix it"));
        for location in array(&result["locations"])
            .iter()
            .chain(result["relatedLocations"].as_array().into_iter().flatten())
        {
            let file = &location["physicalLocation"]["artifactLocation"];
            let artifact = &artifacts[file["index"].as_u64().unwrap() as usize]["location"];
            assert_eq!((&artifact["uri"], &artifact["uriBaseId"]), (&file["uri"], &file["uriBaseId"]));
            assert!(repo.path(file["uri"].as_str().unwrap()).is_file(), "{file}");
        }
    }
    let is_capacity = |it: &&Value| it.to_string().contains("capacity.yaml") && it["ruleId"] == "SCH001";
    let found = array(&run["results"]).iter().find(is_capacity).unwrap();
    let texts: Vec<&str> =
        array(&found["relatedLocations"]).iter().map(|it| it["message"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["the patch is applied here", "this stood here before"]);
    let logical = array(&found["locations"][0]["logicalLocations"]);
    assert_eq!(logical[0]["fullyQualifiedName"], "apps/v1/Deployment/search/search");
    assert_eq!(logical[1]["fullyQualifiedName"], "apps/v1/Deployment/search/search#/spec/replicas");
}

/// The fingerprints of the findings, as GitLab and as SARIF has them.
fn fingerprints(repo: &Repo) -> (Vec<String>, Vec<String>) {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let (issues, log) = (json(&check(repo, "gitlab").stdout), json(&check(repo, "sarif").stdout));
    let results = array(&log["runs"][0]["results"]).iter();
    (
        array(&issues).iter().map(|it| text(&it["fingerprint"])).collect(),
        results.map(|it| text(&it["partialFingerprints"]["gitopsLint/v1"])).collect(),
    )
}

#[test]
fn a_fingerprint_stays_when_lines_move_and_is_there_once() {
    let repo = Repo::example("ml-platform-broken");
    let (before, in_sarif) = fingerprints(&repo);
    assert_eq!(before, in_sarif);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
    for name in ["apps/search/overlays/prod/capacity.yaml", "apps/feature-store/base/service.yaml"] {
        let text = fs::read_to_string(repo.path(name)).unwrap();
        repo.file(name, format!("# one\n# two\n{text}"));
    }
    assert_eq!(fingerprints(&repo).0, before);
    // The same mistake in another file is another finding.
    repo.file("more/quotas.yaml", fs::read_to_string(repo.path("clusters/staging/quotas.yaml")).unwrap());
    let after = fingerprints(&repo).0;
    assert_eq!(after.iter().filter(|it| !before.contains(it)).count(), 1);
}

#[test]
fn errors_come_first_on_github() {
    let repo = Repo::new();
    repo.file("a.yaml", "kind: Pod\nmetadata: {name: a}\n").file("b,c.yaml", "a: [\n");
    let ran = check(&repo, "github");
    let levels: Vec<&str> = ran.stdout.lines().map(|it| it.split(' ').next().unwrap()).collect();
    assert_eq!(levels, ["::error", "::warning"]);
    assert!(ran.stdout.starts_with("::error file=b%2Cc.yaml,line=1,endLine=1,col=5,"), "{}", ran.stdout);
}

#[test]
fn a_fix_is_told_to_those_who_can_make_it() {
    let repo = Repo::new();
    repo.file("base/kustomization.yaml", "resources: [a.yaml]\n").file("base/a.yaml", GOOD);
    repo.file("kustomization.yaml", "# é\nbases: [base]\nimageTags:\n- name: é\n  newTag: \"1\"\n");
    let result = &json(&check(&repo, "sarif").stdout)["runs"][0]["results"][0];
    let change = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "kustomization.yaml");
    let expected = serde_json::json!({
        "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 6},
        "insertedContent": {"text": "resources"},
    });
    assert_eq!(change["replacements"][0], expected);
    let diagnostic = &json(&check(&repo, "rdjson").stdout)["diagnostics"][0];
    let expected = serde_json::json!([{
        "range": {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 6}},
        "text": "resources",
    }]);
    assert_eq!(diagnostic["suggestions"], expected);
}

#[test]
fn reviewdog_counts_bytes_and_the_others_characters() {
    let repo = Repo::new();
    repo.file("a.yaml", "\u{feff}{é: 1, é: 2}\n");
    let at =
        |format: &str, pointer: &str| json(&check(&repo, format).stdout).pointer(pointer).unwrap().clone();
    assert_eq!(at("json", "/findings/0/location/start/column"), 8);
    assert_eq!(at("sarif", "/runs/0/results/0/locations/0/physicalLocation/region/startColumn"), 8);
    assert_eq!(at("rdjson", "/diagnostics/0/location/range/start/column"), 12);
}

#[test]
fn a_clean_run_is_a_whole_report_too() {
    let repo = Repo::new();
    repo.file("a.yaml", GOOD);
    let out = |format: &str| {
        let ran = check(&repo, format);
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{format}");
        ran.stdout
    };
    assert_eq!(out("github"), "");
    assert_eq!(out("json-lines"), "");
    assert_eq!(json(&out("gitlab")), serde_json::json!([]));
    assert_eq!(json(&out("rdjson"))["diagnostics"], serde_json::json!([]));
    assert_eq!(json(&out("sarif"))["runs"][0]["results"], serde_json::json!([]));
    assert!(out("junit").contains("<testcase name=\"nothing found\" classname=\"a.yaml\" time=\"0\"/>"));
    let expected =
        "<!-- gitops-lint -->\n## gitops-lint: nothing found\n\n1 root, 1 object and 1 file were checked.\n";
    assert_eq!(out("markdown"), expected);
}

#[test]
fn forges_are_shown_paths_from_the_top_of_the_repository() {
    let repo = Repo::new();
    repo.file("deep/ä b.yaml", "a: [\n");
    let out = |format: &str| repo.run_in("deep", &["check", "--output-format", format]).stdout;
    assert!(out("github").contains("file=deep/ä b.yaml,"));
    assert!(out("sarif").contains("\"uri\": \"deep/%C3%A4%20b.yaml\""));
    assert!(out("gitlab").contains("\"path\": \"deep/ä b.yaml\""));
    assert!(out("junit").contains("<testsuite name=\"deep/ä b.yaml\""));
    assert!(out("markdown").contains("### `deep/ä b.yaml`"));
    // reviewdog adds the way to the working directory itself.
    assert!(out("rdjson").contains("\"path\": \"ä b.yaml\""));
    assert!(out("concise").starts_with("ä b.yaml:1:5"));
}

#[test]
fn the_library_reads_what_is_written_as_json() {
    let repo = hostile();
    let written = json(&check(&repo, "json").stdout);
    let report: Report = serde_json::from_value(written.clone()).unwrap();
    assert!(report.version == VERSION && !report.findings.is_empty());
    assert_eq!(serde_json::to_value(&report.findings).unwrap(), written["findings"]);
    assert_eq!(serde_json::to_value(report.summary).unwrap(), written["summary"]);
    let lines = check(&repo, "json-lines").stdout;
    let lines = lines.lines().map(|it| serde_json::from_str(it).unwrap());
    assert_eq!(lines.collect::<Vec<Finding>>(), report.findings);
}

/// A repository that tries to be more than text.
fn hostile() -> Repo {
    let repo = Repo::new();
    let name = "x\\u001b[31m\\u0007\\u009b\\u202e|`</td>]]><img src=x>&amp;::error::%0A@all #1";
    repo.file(
        "a\u{1b}[2J|`<b>\n::error::b.yaml",
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{\"{name}\": 1, ports: \"{name}\"}}\n"),
    );
    repo.file("b.yaml", format!("\"{name}\": 1\n\"{name}\": 2\n"));
    repo.file("p.rego", "package main\n\nimport rego.v1\n\ndeny contains sprintf(\"bad: %v\", [object.keys(input.spec)]) if input.spec\n");
    repo
}

#[test]
fn text_from_a_repository_stays_text() {
    let repo = hostile();
    for format in FORMATS {
        let ran = check(&repo, format);
        assert_eq!(ran.code, Some(1), "{format}: {ran:#?}");
        let is_wild = |it: char| it.is_control() && it != '\n' || ('\u{202a}'..='\u{202e}').contains(&it);
        assert!(!ran.stdout.contains(is_wild), "{format}: {:?}", ran.stdout);
        let lines = ran.stdout.lines();
        match format {
            "json" | "sarif" | "gitlab" | "rdjson" => assert!(!json(&ran.stdout).is_null()),
            "json-lines" => lines.for_each(|it| assert!(json(it)["code"].is_string())),
            "github" => lines.for_each(|it| {
                assert!(it.starts_with("::error file=") || it.starts_with("::warning file="), "{it}");
            }),
            "markdown" => {
                let row = |it: &&str| it.starts_with("| ❌") || it.starts_with("| ⚠️");
                assert!(lines.clone().any(|it| row(&it)));
                lines.clone().filter(row).for_each(|it| assert_eq!(it.matches('|').count(), 5, "{it}"));
                assert!(!ran.stdout.contains("<img") && !ran.stdout.contains("</td>"), "{}", ran.stdout);
            }
            "junit" => assert!(!ran.stdout.contains("<img") && !ran.stdout.contains("]]>"), "{}", ran.stdout),
            _ => {}
        }
    }
}

#[test]
fn reports_go_to_files_and_one_to_stdout() {
    let repo = Repo::new();
    repo.file("a.yaml", "a: [\n").file("old.json", "old");
    let words = [
        "check",
        "--output-format",
        "concise",
        "--output-format=sarif=out/deep/a.sarif",
        "--output-format=json=old.json",
    ];
    let ran = repo.run(&words);
    assert_eq!((ran.code, &*ran.stderr), (Some(1), ""), "{ran:#?}");
    assert!(ran.stdout.starts_with("a.yaml:1:"), "{ran:#?}");
    let read = |name: &str| json(&fs::read_to_string(repo.path(name)).unwrap());
    assert_eq!(array(&read("out/deep/a.sarif")["runs"][0]["results"]).len(), 1);
    assert_eq!(array(&read("old.json")["findings"]).len(), 1);
    assert_eq!(fs::read_dir(repo.path("out/deep")).unwrap().count(), 1);

    let ran = repo.run(&["check", "--output-format", "json=old.json"]);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "1 error in 0 roots (0 objects, 1 file)\n");
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_is_checked() {
    let repo = Repo::new();
    repo.file("a.yaml", "a: [\n").file("folder/b", "").file("old.json", "old");
    for (words, told) in [
        (&["--output-format", "json=folder"][..], "error: cannot write `folder`: "),
        (&["--output-format", "json=folder/b/c.json"], "error: cannot write `folder/b/c.json`: "),
        (
            &["--output-format", "json", "--output-format", "full"],
            "error: two reports cannot both go to stdout",
        ),
        (
            &["--output-format", "json=x", "--output-format", "full=x"],
            "error: two reports cannot both go to `x`",
        ),
        (
            &["--output-format", "json=old.json", "--output-format", "full=folder"],
            "error: cannot write `folder`: ",
        ),
        (&["--output-format", "yaml"], "error: invalid value 'yaml' for '--output-format <FORMAT[=PATH]>'"),
        (&["--output-format", "json="], "error: `--output-format json=` names no file"),
    ] {
        let ran = repo.run(&[&["check"], words].concat());
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
        assert!(ran.stderr.starts_with(told), "{ran:#?}");
    }
    assert_eq!(fs::read_to_string(repo.path("old.json")).unwrap(), "old");
    assert!(!repo.path("x").exists());
}

#[test]
fn a_report_may_go_to_a_device() {
    let repo = Repo::new();
    repo.file("a.yaml", "a: [\n");
    let ran = repo.run(&["check", "--output-format=json=/dev/null", "--output-format=concise=/dev/stdout"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.stdout.starts_with("a.yaml:1:"), "{ran:#?}");
}

#[test]
fn a_step_summary_is_added_to() {
    let repo = Repo::new();
    repo.file("a.yaml", "a: [\n").file("summary.md", "# before\n").file("other.md", "# before\n");
    let summary = repo.path("summary.md");
    let summary = summary.to_str().unwrap();
    let format = format!("markdown={summary}");
    let words = ["check", "--output-format", &format, "--output-format", "markdown=other.md"];
    let ran = repo.run_with("", &words, &[("GITHUB_STEP_SUMMARY", summary)]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    let other = fs::read_to_string(repo.path("other.md")).unwrap();
    assert_eq!(fs::read_to_string(summary).unwrap(), format!("# before\n{other}"));
}

#[test]
fn colours_are_for_people_who_want_them() {
    let repo = Repo::new();
    repo.file("a.yaml", "a: [\n");
    let escape = '\u{1b}';
    for format in FORMATS {
        let words = ["check", "--color", "always", "--output-format", format];
        let colored = repo.run(&words).stdout.contains(escape);
        assert_eq!(colored, format == "full", "{format}");
        let ran = repo.run_with("", &["check", "--output-format", format], &[("NO_COLOR", "1")]);
        assert!(!ran.stdout.contains(escape), "{format}");
    }
    repo.run_with("", &["check", "--output-format", "full=report.txt"], &[("CLICOLOR_FORCE", "1")]);
    assert!(!fs::read_to_string(repo.path("report.txt")).unwrap().contains(escape));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let repo = Repo::new();
    for index in 0..300 {
        repo.file(&format!("{index}.yaml"), "a: [\n");
    }
    for format in FORMATS {
        let ran =
            repo.run_unread(&["check", "--output-format", format, "--output-format", "json=report.json"]);
        assert_eq!(ran, (Some(1), String::new()), "{format}");
        let report = fs::read_to_string(repo.path("report.json")).unwrap();
        assert_eq!(array(&json(&report)["findings"]).len(), 300);
    }
}

#[cfg(unix)]
#[test]
fn a_finding_about_a_file_as_such_has_no_columns() {
    let repo = Repo::new();
    std::os::unix::fs::symlink("gone.yaml", repo.path("b.yaml")).unwrap();
    let region = &json(&check(&repo, "sarif").stdout)["runs"][0]["results"][0]["locations"][0];
    assert_eq!(region["physicalLocation"]["region"], serde_json::json!({"startLine": 1}));
    let location = &json(&check(&repo, "rdjson").stdout)["diagnostics"][0]["location"];
    assert_eq!(*location, serde_json::json!({"path": "b.yaml"}));
    assert!(check(&repo, "github").stdout.starts_with("::error file=b.yaml,line=1,endLine=1,title=YML001 "));
    assert_eq!(json(&check(&repo, "gitlab").stdout)[0]["location"]["lines"]["begin"], 1);
    assert!(check(&repo, "junit").stdout.contains(">b.yaml:1:1: the file cannot be read"));
    assert!(check(&repo, "markdown").stdout.contains("| ❌ | 1 | YML001 | the file cannot be read"));
}

#[cfg(unix)]
#[test]
fn what_was_passed_over_is_in_the_reports() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::new();
    repo.file("a.yaml", GOOD);
    if fs::write(repo.path("").join(OsStr::from_bytes(b"b\xff.yaml")), "a: [\n").is_err() {
        return; // The file system has no such names.
    }
    let log = json(&repo.run(&["check", "--output-format", "sarif"]).stdout);
    let notices = array(&log["runs"][0]["invocations"][0]["toolExecutionNotifications"]);
    assert_eq!(notices.len(), 1);
    assert!(
        notices[0]["level"] == "warning" && notices[0].to_string().contains("is not UTF-8"),
        "{notices:?}"
    );
}
