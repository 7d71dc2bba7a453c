//! The options file: where it is found, what it does, and how its mistakes are shown.
#![allow(clippy::unwrap_used)]

mod support;

use support::{GOOD, Repo};

/// A service with a port that is text: SCH001 at its line 7.
const BAD: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: \"80\"
";

/// The codes of the findings with their files, as `web.yaml SCH001`.
#[track_caller]
fn codes(repo: &Repo, words: &[&str]) -> Vec<String> {
    let ran = repo.run(&[&["check", "--output-format", "concise"], words].concat());
    assert_ne!(ran.code, Some(2), "{ran:#?}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let findings = lines.split_last().map_or(&[][..], |it| it.1);
    let code = |line: &&str| {
        let (place, rest) = line.split_once(": ").unwrap();
        format!("{} {}", place.split(':').next().unwrap(), rest.split(' ').next().unwrap())
    };
    findings.iter().filter(|it| !it.starts_with('[')).map(code).collect()
}

/// What is wrong with an options file, without the frames: `line:column message (help)`.
#[track_caller]
fn mistakes(text: &str) -> Vec<String> {
    let repo = Repo::new();
    repo.file("web.yaml", GOOD).file("policies/x.rego", "package main\n").file("gitops-lint.toml", text);
    let ran = repo.run(&["check"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
    let mut all: Vec<String> = vec![];
    for line in ran.stderr.lines().map(str::trim) {
        if let Some(message) = line.strip_prefix("× ") {
            all.push(message.to_owned());
        } else if let Some(place) = line.strip_prefix("╭─[gitops-lint.toml:") {
            let last = all.last_mut().unwrap();
            // The first place is the one to edit.
            if !last.starts_with(|it: char| it.is_ascii_digit()) {
                *last = format!("{} {last}", place.trim_end_matches(']'));
            }
        } else if let Some(help) = line.strip_prefix("help: ") {
            all.last_mut().unwrap().push_str(&format!(" ({help})"));
        }
    }
    all
}

#[test]
fn each_mistake_is_shown_where_it_is() {
    let mut wrong = vec![];
    for (text, expected) in [
        ("selct = []", "1:1 the options file has no key `selct` (did you mean `select`?)"),
        (
            "extend_select = []",
            "1:1 the options file has no key `extend_select` (did you mean `extend-select`?)",
        ),
        (
            "kubernetes-versions = 1.33",
            "1:23 `kubernetes-versions` is a number, and text is wanted (write it in quotes)",
        ),
        (
            "kubernetes-versions = \"33\"",
            "1:23 `33` is no version: write something like `1.33`, `1.30,1.33` or `1.30-1.33`",
        ),
        (
            "kubernetes-versions = [\"1.33\", \"1.99\"]",
            "1:32 the schemas of Kubernetes 1.21 to 1.37 are built in, those of 1.99 are not (write versions like `1.33`, `1.30,1.33` or `1.30-1.33`)",
        ),
        ("kubernetes-versions = []", "1:23 `kubernetes-versions` is empty (say which, or drop it)"),
        (
            "kubernetes-versions = \"1.35-1.30\"",
            "1:23 `1.35-1.30` ends before it begins (write versions like `1.33`, `1.30,1.33` or `1.30-1.33`)",
        ),
        ("preset = \"recomended\"", "1:10 `preset` cannot be `recomended` (did you mean `recommended`?)"),
        (
            "preset = \"all\"",
            "1:10 `preset` cannot be `all` (it is one of `default`, `recommended`, `restricted`)",
        ),
        ("select = \"KUS\"", "1:10 `select` is text, and a list is wanted (write `select = [\"…\"]`)"),
        ("select = [\"SCH0O1\"]", "1:11 there is no rule `SCH0O1` (did you mean `SCH001`?)"),
        ("select = [\"XYZ\"]", "1:11 there is no rule `XYZ` (`gitops-lint rules` lists all rules)"),
        ("select = [7]", "1:11 `select` is a number, and text is wanted (write it in quotes)"),
        ("select = [\" \"]", "1:11 `select` is empty (say something, or drop it)"),
        (
            "ignore = [\"patch-target-mising\"]",
            "1:11 there is no rule `patch-target-mising` (did you mean `patch-target-missing`?)",
        ),
        ("severity = \"error\"", "1:12 `severity` is text, and a table is wanted (write `[severity]`)"),
        (
            "[severity]\nKUS = \"warn\"",
            "2:7 `KUS` cannot be `warn` (it is one of `error`, `warning`, `info`, `off`)",
        ),
        ("[severity]\nKUZ = \"info\"", "2:1 there is no rule `KUZ` (`gitops-lint rules` lists all rules)"),
        (
            "exclude = [\"{a\"]",
            "1:12 `{a` is no pattern of paths: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?) (write it as in .gitignore, relative to the folder of this file)",
        ),
        (
            "exclude = [\"../a\"]",
            "1:12 `../a` is no pattern of paths: it leads out of its folder (write it as in .gitignore, relative to the folder of this file)",
        ),
        ("policies = [\"polices\"]", "1:13 there is no `polices` (did you mean `policies`?)"),
        (
            "policies = [\"policies/y.rego\"]",
            "1:13 there is no `policies/y.rego` (did you mean `policies/x.rego`?)",
        ),
        (
            "policies = [\"builtin:team-basic\"]",
            "1:13 there is no pack `team-basic`: did you mean `builtin:team-basics`? …",
        ),
        (
            "policies = [\"..\"]",
            "1:13 `..` lies outside of the repository (what lies elsewhere is named by flags, or by a file that lies elsewhere)",
        ),
        ("data = [\"none\"]", "1:9 there is no `none` (paths are relative to the folder of this file)"),
        (
            "schema-locations = [\"shemas\"]",
            "1:21 there is no `shemas` (paths are relative to the folder of this file)",
        ),
        (
            "schema-locations = [\"https://example.com\"]",
            "1:21 `https://example.com` is on the network, and schema locations are local: fetch the files first, for example by `git clone`, and name their folder, or a template of their paths (paths are relative to the folder of this file)",
        ),
        (
            "namespaces = [\"a\"]\nall-namespaces = true",
            "1:15 `namespaces` and `all-namespaces` exclude each other (keep one of them)",
        ),
        ("strict = \"true\"", "1:10 `strict` is text, and true or false is wanted (drop the quotes)"),
        (
            "fail-on = \"warn\"",
            "1:11 `fail-on` cannot be `warn` (it is one of `error`, `warning`, `info`, `never`)",
        ),
        ("output-format = \"sarrif\"", "1:17 `output-format` cannot be `sarrif` (did you mean `sarif`?)"),
        (
            "extend = \"none.toml\"",
            "1:10 there is no `none.toml` (paths are relative to the folder of this file)",
        ),
        ("extend = \".\"", "1:10 `.` is a folder (did you mean `./gitops-lint.toml`?)"),
        (
            "extend = \"gitops-lint.toml\"",
            "1:10 options files build upon each other in a circle (drop one `extend`)",
        ),
        (
            "[environments]\nprod = 1",
            "2:8 `environments.prod` is a number, and a table is wanted (write `[environments.prod]`)",
        ),
        (
            "[environments.prod]\npaths = [\"a\"]",
            "1:15 the environment `prod` says no `kubernetes-versions` (say which, or drop it)",
        ),
        (
            "[environments.prod]\nkubernetes-versions = \"1.33\"\npaths = []",
            "3:9 `paths` is empty (name a path, or drop it)",
        ),
        (
            "[environments.prod]\nkubernetes-version = \"1.33\"\nkubernetes-versions = \"1.33\"",
            "2:1 an environment has no key `kubernetes-version` (did you mean `kubernetes-versions`?)",
        ),
        ("[[overrides]]\nignore = [\"KUS\"]", "1:1 an override needs `paths` (say which files it is for)"),
        (
            "[[overrides]]\npaths = [\"a\"]",
            "1:1 this override changes nothing (say what is different there: `ignore`, `select`, `severity`)",
        ),
        (
            "[[overrides]]\npaths = [\"a\"]\nignore = [\"KUS\"]\nkubernetes-versions = \"1.33\"",
            "4:1 an override has no key `kubernetes-versions` (roots are checked against other versions by `[environments.NAME]`)",
        ),
        (
            "[overrides]\npaths = [\"a\"]",
            "1:1 `overrides` is a table, and a list of tables is wanted (write `[[overrides]]`)",
        ),
        (
            "[[ignore]]",
            "1:1 this would ignore every finding (say which: `rules`, `kind`, `namespace`, `name`, `container` or `path`)",
        ),
        (
            "[[ignore]]\nreason = \"x\"\nexpires = 2026-12-31",
            "1:1 this would ignore every finding (say which: `rules`, `kind`, `namespace`, `name`, `container` or `path`)",
        ),
        ("[[ignore]]\nrules = []\nname = \"a\"", "2:9 `rules` is empty (name a rule, or drop it)"),
        (
            "[[ignore]]\nrule = [\"KUS001\"]\nname = \"a\"",
            "2:1 `[[ignore]]` has no key `rule` (did you mean `rules`?)",
        ),
        (
            "[[ignore]]\nname = \"a[\"",
            "2:8 `a[` is no pattern of names: unclosed character class; missing ']' (`*`, `?`, `[a-z]` and `{a,b}` stand for more than themselves)",
        ),
        (
            "[[ignore]]\nname = \"a\"\nexpires = 2026-02-30",
            "3:11 invalid date, expected day between 01 and 28 (write a day that there is, like `2026-12-31`)",
        ),
        (
            "[[ignore]]\nname = \"a\"\nexpires = \"31.12.2026\"",
            "3:11 `expires` is a day, and `31.12.2026` is none (write it like `2026-12-31`)",
        ),
        (
            "[[ignore]]\nname = \"a\"\nexpires = \"2026-02-30\"",
            "3:11 `expires` is a day, and `2026-02-30` is none (write it like `2026-12-31`)",
        ),
        (
            "[[ignore]]\nname = \"a\"\nexpires = 2026-12-31T10:00:00Z",
            "3:11 `expires` is a day, and `2026-12-31T10:00:00Z` is none (write it like `2026-12-31`)",
        ),
        (
            "ignore = [\"KUS\"]\n[[ignore]]\nname = \"a\"",
            "2:3 the key `ignore` is there twice (`ignore = […]` and `[[ignore]]` are one list: write `[[ignore]]` with `rules = […]` for those, too)",
        ),
        ("strict = true\nstrict = false", "2:1 the key `strict` is there twice (write it once)"),
        (
            "[[assume]]\nkind = \"Secret\"",
            "1:1 an assumed object needs `apiVersion` (say what the object is)",
        ),
        (
            "[[assume]]\napiversion = \"v1\"\nkind = \"Secret\"",
            "2:1 an assumed object has no key `apiversion` (did you mean `apiVersion`?)",
        ),
        (
            "[[assume]]\napiVersion = \"v1\"\nkind = \"Namespace\"\nname = \"a\"\nlabels = { team = 1 }",
            "5:19 `team` is a number, and text is wanted (write it in quotes)",
        ),
        (
            "strict = ",
            "1:10 string values must be quoted, expected literal string (in TOML it is `key = \"text\"`, `key = [\"a\", \"b\"]`, and `[table]`)",
        ),
        (
            "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1",
            "1:1 this key has more than 16 parts (no option has more than three)",
        ),
    ] {
        let found = mistakes(text);
        let is_expected = |it: &String| {
            it == expected || expected.strip_suffix('…').is_some_and(|part| it.starts_with(part))
        };
        if found.len() != 1 || !is_expected(&found[0]) {
            wrong.push(format!("{text}\n   is {found:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_mistakes_are_told_at_once_and_those_of_syntax_do_not_hide_others() {
    let found = mistakes("preset = \"x\"\nstrict = \nselct = []\n[[ignore]]\n");
    let places: Vec<&str> = found.iter().map(|it| it.split(' ').next().unwrap()).collect();
    assert_eq!(places, ["1:10", "2:10", "3:1", "4:1"], "{found:#?}");
}

#[test]
fn files_that_are_no_text_or_too_large_are_refused() {
    let repo = Repo::new();
    repo.file("web.yaml", GOOD);
    let deep = format!("x = {}{}", "[".repeat(5000), "]".repeat(5000));
    let dotted = format!("{} = 1", vec!["a"; 100_000].join("."));
    let braces = format!("x = {}", "{a.b.c.d.e.f.g.h.i.j=".repeat(3000));
    for (content, message) in [
        (b"strict = \xff\n".to_vec(), "this is not UTF-8"),
        (b"strict = true\0\n".to_vec(), ""),
        (vec![b'#'; 1024 * 1024 + 1], "the options file has more than 1 MB"),
        (deep.into_bytes(), ""),
        (dotted.into_bytes(), "this key has more than 16 parts"),
        (braces.into_bytes(), ""),
        ("\u{1}=\n".repeat(2000).into_bytes(), "more mistakes"),
    ] {
        repo.file("gitops-lint.toml", &content);
        let ran = repo.run(&["check"]);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(message) && ran.stderr.contains("gitops-lint.toml:"),
            "{message}: {}",
            ran.stderr
        );
        assert!(ran.stderr.len() < 20_000 && !ran.stderr.contains("panicked"));
    }
}

#[test]
fn the_first_file_upwards_counts_and_the_repository_ends_the_search() {
    let repo = Repo::new();
    let outer = "ignore = [\"SCH\"]\n";
    repo.file("gitops-lint.toml", outer).file("inner/.git/HEAD", "").file("inner/apps/web/a.yaml", BAD);
    let run = |dir: &str, words: &[&str]| repo.run_in(dir, &[&["check", "-v"], words].concat());
    let told = |dir: &str, words: &[&str]| {
        let ran = run(dir, words);
        (ran.code, ran.stderr.lines().find(|it| it.contains("options")).unwrap().to_owned())
    };
    assert_eq!(told("inner", &["apps"]), (Some(1), "info: no options file".to_owned()));
    repo.file("inner/.gitops-lint.toml", outer);
    let found = |name: &str| (Some(0), format!("info: the options are those of `{name}`"));
    assert_eq!(told("inner", &["apps/web"]), found(".gitops-lint.toml"));
    assert_eq!(told("inner/apps", &[]), found("../.gitops-lint.toml"));
    repo.file("inner/apps/gitops-lint.toml", outer);
    assert_eq!(told("", &["inner/apps/web/a.yaml"]), found("inner/apps/gitops-lint.toml"));
    assert_eq!(told("", &["inner/apps/web", "--isolated"]), (Some(1), "info: no options file".to_owned()));
    assert_eq!(told("inner", &["apps", "--config", "../gitops-lint.toml"]), found("../gitops-lint.toml"));
    repo.file("inner/gitops-lint.toml", "").file("other/x.yaml", GOOD);
    let ran = run("", &["inner"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("has both `gitops-lint.toml` and `.gitops-lint.toml`"), "{}", ran.stderr);
    assert_eq!(run("", &["other", "--config", "none.toml"]).code, Some(2));
}

#[test]
fn flags_go_over_the_file_and_the_file_over_what_it_extends() {
    let repo = Repo::new();
    repo.file("web.yaml", BAD).file("crd.yaml", "apiVersion: x.io/v1\nkind: Y\nmetadata: {name: y}\n");
    let file = |text: &str| {
        repo.file("gitops-lint.toml", text);
    };
    let both = ["crd.yaml SCH003", "web.yaml SCH001"];
    for (text, words, expected) in [
        ("", &[][..], &both[..]),
        ("select = [\"SCH001\"]", &[], &both[1..]),
        ("select = [\"SCH001\"]", &["--select", "SCH"], &both),
        ("select = [\"SCH001\"]", &["--extend-select", "schema-missing"], &both),
        ("ignore = [\"SCH001\"]", &[], &both[..1]),
        ("ignore = [\"SCH001\"]", &["--ignore", "SCH003"], &[]),
        ("ignore = [\"SCH001\"]", &["--select", "SCH001"], &both[1..]),
        ("[severity]\nSCH = \"off\"\nSCH003 = \"info\"", &[], &both[..1]),
        ("[[overrides]]\npaths = [\"web.*\"]\nignore = [\"ALL\"]", &[], &both[..1]),
        ("[[overrides]]\npaths = [\"web.*\"]\nignore = [\"ALL\"]", &["--select", "SCH"], &both[..1]),
        ("[[overrides]]\npaths = [\"web.*\"]\nselect = [\"KUS\"]", &["--select", "SCH"], &both),
        ("exclude = [\"web.yaml\"]", &[], &both[..1]),
        ("exclude = [\"web.yaml\"]", &["--exclude", "crd.*"], &both[1..]),
        ("exclude = [\"web.yaml\"]", &["web.yaml"], &both[1..]),
        ("exclude = [\"web.yaml\"]", &["web.yaml", "--force-exclude"], &[]),
        ("exclude = [\"web.yaml\"]\nforce-exclude = true", &["web.yaml", "crd.yaml"], &both[..1]),
        ("extend = \"config/base.toml\"", &[], &both[1..]),
        ("extend = \"config/base.toml\"\nextend-select = [\"SCH003\"]", &[], &both),
        ("extend = \"config/base.toml\"\nselect = [\"SCH003\"]", &[], &both[..1]),
        ("extend = \"config/base.toml\"\nignore = [\"SCH001\"]", &[], &[]),
    ] {
        repo.file("config/base.toml", "select = [\"SCH\"]\nignore = [\"SCH003\"]\n");
        file(text);
        assert_eq!(codes(&repo, words), expected, "{text} {words:?}");
    }
}

#[test]
fn a_severity_and_fail_on_decide_about_the_exit_code() {
    let repo = Repo::new();
    repo.file("web.yaml", BAD);
    for (text, words, code) in [
        ("severity = { SCH001 = \"info\" }", &[][..], 0),
        ("severity = { SCH001 = \"info\" }", &["--fail-on", "info"], 1),
        ("severity = { schema-violation = \"warning\" }\nfail-on = \"error\"", &[], 0),
        ("fail-on = \"never\"", &[], 0),
        ("fail-on = \"never\"", &["--fail-on", "error"], 1),
        ("fail-on = \"info\"", &["--exit-zero"], 0),
    ] {
        repo.file("gitops-lint.toml", text);
        assert_eq!(repo.run(&[&["check"], words].concat()).code, Some(code), "{text} {words:?}");
    }
    repo.file("gitops-lint.toml", "output-format = \"concise\"\n");
    assert!(repo.run(&["check"]).stdout.starts_with("web.yaml:7:11: SCH001"));
}

#[test]
fn a_root_is_checked_against_the_versions_of_its_environment() {
    let repo = Repo::new();
    let old = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {maxUnavailable: 1}\n";
    repo.file("base/pdb.yaml", old).file("base/kustomization.yaml", "resources: [pdb.yaml]\n");
    for name in ["clusters/live", "clusters/edge"] {
        repo.file(&format!("{name}/kustomization.yaml"), "resources: [../../base]\n");
    }
    let roots = |words: &[&str]| {
        let ran = repo.run(&[&["check", "--output-format", "json", "--select", "DEP001"], words].concat());
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|it| it["roots"].as_array().unwrap().clone())
            .collect::<Vec<_>>()
    };
    repo.file("gitops-lint.toml", "kubernetes-versions = \"1.22\"\n");
    assert!(roots(&[]).is_empty());
    let prod = "[environments.prod]\nkubernetes-versions = \"1.30\"\n";
    repo.file("gitops-lint.toml", format!("kubernetes-versions = \"1.22\"\n{prod}"));
    assert_eq!(roots(&[]), ["clusters/live"], "a folder called `live` is production");
    repo.file(
        "gitops-lint.toml",
        format!("kubernetes-versions = \"1.22\"\n{prod}paths = [\"clusters/e*\"]\n"),
    );
    assert_eq!(roots(&[]), ["clusters/edge"]);
    assert!(roots(&["--kubernetes-version", "1.22"]).is_empty(), "a flag is for all roots");
}

#[test]
fn what_is_assumed_is_not_missing() {
    let repo = Repo::new();
    repo.file("widget.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n");
    assert_eq!(codes(&repo, &[]), ["widget.yaml SCH003"]);
    for assumed in [
        "{ apiVersion = \"example.com/v1\", kind = \"Widget\" }",
        "{ apiVersion = \"apiextensions.k8s.io/v1\", kind = \"CustomResourceDefinition\", name = \"widgets.example.com\" }",
    ] {
        repo.file("gitops-lint.toml", format!("assume = [{assumed}]\n"));
        assert!(codes(&repo, &[]).is_empty(), "{assumed}");
    }
    repo.file("gitops-lint.toml", "assume = [{ apiVersion = \"example.com/v2\", kind = \"Widget\" }]\n");
    assert_eq!(codes(&repo, &[]), ["widget.yaml SCH003"]);
}

#[test]
fn policies_and_packages_of_the_file_are_those_of_its_folder() {
    let repo = Repo::new();
    repo.file("a/web.yaml", GOOD).file("rules/x.rego", "package team\ndeny contains \"no\" if true\n");
    repo.file("gitops-lint.toml", "policies = [\"rules\"]\nnamespaces = [\"team\"]\n");
    let run = |words: &[&str]| repo.run_in("a", &[&["check", "--output-format", "concise"], words].concat());
    assert!(run(&[]).stdout.contains("POL000"), "{:#?}", run(&[]));
    assert_eq!(run(&["--namespace", "main"]).code, Some(2), "a flag goes over the file");
    assert!(run(&["-p", "builtin:team-basics", "--all-namespaces"]).code.is_some_and(|it| it < 2));
}

/// A copy of the fixture of a rule, and where the rule finds something there.
fn of_fixture(folder: &str, code: &str, options: &str) -> Vec<String> {
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/rules").join(folder);
    let repo = Repo::new();
    for entry in ignore::WalkBuilder::new(&from).build().map(|it| it.unwrap()) {
        if entry.file_type().unwrap().is_file() {
            let name = entry.path().strip_prefix(&from).unwrap().to_str().unwrap();
            repo.file(name, std::fs::read(entry.path()).unwrap());
        }
    }
    repo.file("gitops-lint.toml", options);
    let ran = repo.run(&["check", "--output-format", "concise", "--select", code]);
    ran.stdout.lines().filter(|it| it.contains(code)).map(str::to_owned).collect()
}

#[test]
fn accounts_and_namespaces_that_are_assumed_are_there() {
    let account =
        "[[assume]]\napiVersion = \"v1\"\nkind = \"ServiceAccount\"\nnamespace = \"ci\"\nname = \"runner\"\n";
    let stale = |options: &str| of_fixture("kus/KUS015-subject-namespace-stale", "KUS015", options).len();
    assert_eq!((stale(""), stale(account), stale(&account.replace("runner", "other"))), (1, 0, 1));
    let namespace = "[[assume]]\napiVersion = \"v1\"\nkind = \"Namespace\"\nname = \"shop\"\n";
    let class = "[[assume]]\napiVersion = \"storage.k8s.io/v1\"\nkind = \"StorageClass\"\nname = \"fast\"\n";
    let missing = |options: &str| of_fixture("pol/POL007-inventory-missing", "POL007", options);
    assert_eq!(missing("").len(), 3);
    let left = missing(&format!("{namespace}{class}"));
    assert!(left.len() == 1 && left[0].contains("external data"), "{left:#?}");
}
