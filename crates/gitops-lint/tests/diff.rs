//! `gitops-lint diff`: the objects that differ and no other, in repositories made by the real `git`.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;
use support::{GOOD, Ran, Repo};

/// Runs Git, whoever the user is; `None`, said aloud, if there is none.
fn git(repo: &Repo, words: &[&str]) -> Option<()> {
    let mut command = Command::new("git");
    command.args(words).current_dir(repo.path("")).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", repo.path(""));
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.com");
    }
    let Ok(done) = command.output() else {
        eprintln!("SKIPPED: there is no `git` here");
        return None;
    };
    assert!(done.status.success(), "{words:?}: {done:?}");
    Some(())
}

fn commit(repo: &Repo) -> Option<()> {
    git(repo, &["add", "--all"])?;
    git(repo, &["commit", "--quiet", "--message", "x"])
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        envFrom:
        - configMapRef: {name: env}
";

/// A base, a component and overlays, committed.
fn history() -> Option<Repo> {
    let repo = Repo::new();
    repo.file(
        "base/kustomization.yaml",
        "resources:\n- web.yaml\n- service.yaml\nconfigMapGenerator:\n- name: env\n  envs: [app.env]\n",
    )
    .file("base/web.yaml", DEPLOYMENT)
    .file("base/service.yaml", GOOD)
    .file("base/app.env", "LEVEL=info\n")
    .file("quiet/kustomization.yaml", "kind: Component\npatches:\n- path: quiet.yaml\n")
    .file(
        "quiet/quiet.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations: {quiet: 'yes'}\n",
    )
    .file("overlays/dev/kustomization.yaml", "namePrefix: dev-\nresources:\n- ../../base\n")
    .file(
        "overlays/qa/kustomization.yaml",
        "namespace: qa\nresources:\n- ../../base\ncomponents:\n- ../../quiet\n",
    )
    .file("overlays/prod/kustomization.yaml", "resources:\n- ../../base\npatches:\n- path: more.yaml\n")
    .file(
        "overlays/prod/more.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n",
    )
    .file("alone/kustomization.yaml", "resources:\n- service.yaml\n")
    .file("alone/service.yaml", GOOD.replace("web", "alone"));
    git(&repo, &["init", "--quiet", "--initial-branch=main"])?;
    commit(&repo)?;
    Some(repo)
}

/// An object: the root, the kind, the namespace and the name without what a generator adds.
type Key = (String, String, String, String);

fn key(root: &str, object: &Value) -> Key {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let metadata = object.get("metadata").unwrap_or(object);
    let name = text(&metadata["name"]);
    let is_hash =
        |it: &str| it.len() == 10 && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    let name = match name.rsplit_once('-') {
        Some((before, end)) if is_hash(end) => before.to_owned(),
        _ => name,
    };
    (root.to_owned(), text(&object["kind"]), text(&metadata["namespace"]), name)
}

/// Everything that `render --all` renders, an object at a time.
fn rendered(repo: &Repo) -> BTreeMap<Key, Value> {
    let out = tempfile::tempdir().unwrap();
    let dir = out.path().to_str().unwrap();
    // A component is rendered as if it stood alone, and refused; it is no root.
    repo.run(&["render", "--all", "--out-dir", dir]);
    let graph: Value = serde_json::from_str(&repo.run(&["graph", "--output-format", "json"]).stdout).unwrap();
    let mut found = BTreeMap::new();
    for root in graph["roots"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()) {
        // A file that nobody names is a root, too.
        let is_manifest = root.ends_with(".yaml");
        let file = if is_manifest { repo.path(root) } else { out.path().join(root).join("manifests.yaml") };
        let text = fs::read_to_string(file).unwrap();
        for document in text.split("---\n") {
            let object: Value = serde_yaml::from_str(document).unwrap();
            assert!(found.insert(key(root, &object), object).is_none());
        }
    }
    found
}

/// What differs, by looking at everything.
fn by_force(old: &BTreeMap<Key, Value>, new: &BTreeMap<Key, Value>) -> BTreeSet<Key> {
    let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
    keys.into_iter().filter(|it| old.get(it) != new.get(it)).cloned().collect()
}

fn diff(repo: &Repo, base: &str) -> Value {
    let ran = repo.run(&["diff", "--base", base, "--output-format", "json"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:#?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

fn differing(diff: &Value) -> BTreeSet<Key> {
    let changes = diff["changes"].as_array().unwrap().iter();
    let seen = changes.flat_map(|it| it["objects"].as_array().unwrap());
    seen.map(|it| key(it["root"].as_str().unwrap(), &it["object"])).collect()
}

/// Edits of a repository, by name, with how many objects differ by them.
type Step = (&'static str, fn(&Repo), usize);

fn edit(repo: &Repo, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(repo.path(path)).unwrap();
    assert!(text.contains(from), "{path}: {from}");
    repo.file(path, text.replace(from, to));
}

const STEPS: &[Step] = &[
    ("the base is changed", |repo| edit(repo, "base/web.yaml", "image: web:1", "image: web:2"), 3),
    (
        "what an overlay covers is changed",
        |repo| edit(repo, "base/web.yaml", "replicas: 1", "replicas: 2"),
        2,
    ),
    ("a component is changed", |repo| edit(repo, "quiet/quiet.yaml", "'yes'", "'very'"), 1),
    ("a generator's input is changed", |repo| edit(repo, "base/app.env", "info", "warn"), 6),
    (
        "only comments and quotes are changed",
        |repo| edit(repo, "base/web.yaml", "image: web:2", "image: 'web:2' # new"),
        0,
    ),
    (
        "a file is moved",
        |repo| {
            fs::create_dir(repo.path("base/deep")).unwrap();
            fs::rename(repo.path("base/service.yaml"), repo.path("base/deep/service.yaml")).unwrap();
            edit(repo, "base/kustomization.yaml", "- service.yaml", "- deep/service.yaml");
        },
        0,
    ),
    (
        "an overlay is added",
        |repo| {
            repo.file("overlays/test/kustomization.yaml", "nameSuffix: -test\nresources:\n- ../../base\n");
        },
        3,
    ),
    ("an overlay goes", |repo| fs::remove_dir_all(repo.path("overlays/dev")).unwrap(), 3),
    (
        "a patch is dropped",
        |repo| {
            edit(repo, "overlays/prod/kustomization.yaml", "patches:\n- path: more.yaml\n", "");
            fs::remove_file(repo.path("overlays/prod/more.yaml")).unwrap();
        },
        1,
    ),
    (
        "a resource is dropped from the base",
        |repo| edit(repo, "base/kustomization.yaml", "- deep/service.yaml\n", ""),
        4,
    ),
];

#[test]
fn the_objects_that_differ_are_shown_and_no_other() {
    let Some(repo) = history() else { return };
    let mut old = rendered(&repo);
    for (what, step, count) in STEPS {
        step(&repo);
        let new = rendered(&repo);
        let expected = by_force(&old, &new);
        assert_eq!(expected.len(), *count, "{what}: {expected:#?}");
        let uncommitted = diff(&repo, "HEAD");
        assert_eq!(differing(&uncommitted), expected, "{what}");
        commit(&repo).unwrap();
        let committed = diff(&repo, "HEAD~1");
        assert_eq!(committed["changes"], uncommitted["changes"], "{what}");
        assert_eq!(differing(&diff(&repo, "HEAD")), BTreeSet::new(), "{what}");
        old = new;
    }
}

fn ran(repo: &Repo, words: &[&str]) -> Ran {
    repo.run(&[&["diff", "--base", "HEAD"], words].concat())
}

#[test]
fn a_reviewer_sees_each_change_once_with_its_place() {
    let Some(repo) = history() else { return };
    edit(&repo, "base/service.yaml", "port: 80", "port: 8080");
    edit(&repo, "overlays/prod/more.yaml", "replicas: 3", "replicas: 4");
    let shown = ran(&repo, &[]);
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert_eq!(
        lines[..lines.len() - 1],
        [
            "~ 3 objects of kind Service  dev-web in overlays/dev, web in overlays/prod, qa/web in overlays/qa",
            "  ~ spec.ports[80].port: 80 → 8080  base/service.yaml:7:11",
            "",
            "~ Deployment web  in overlays/prod",
            "  ~ spec.replicas: 3 → 4  overlays/prod/more.yaml:5:13 (patch in overlays/prod/kustomization.yaml:4:9)",
            "",
        ]
    );
    assert!(lines[6].starts_with("4 objects changed (3 affected roots compared with "), "{lines:#?}");
    assert_eq!(shown.code, Some(0));
    assert_eq!(ran(&repo, &["--exit-code"]).code, Some(1));
    assert_eq!(ran(&repo, &["--exit-code", "alone"]).code, Some(0));
    let colored = ran(&repo, &["--color", "always"]).stdout;
    assert!(colored.contains("\u{1b}[33m  ~ spec.replicas"), "{colored}");
}

#[test]
fn texts_of_many_lines_and_whole_objects_are_shown_line_by_line() {
    let Some(repo) = history() else { return };
    let config = |text: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  a.conf: |\n    one\n    {text}\n    three\n"
        )
    };
    repo.file("plain.yaml", config("two"));
    commit(&repo);
    repo.file("plain.yaml", config("2"));
    let changed = ran(&repo, &[]).stdout;
    let expected = "~ ConfigMap c  in plain.yaml\n  ~ data[\"a.conf\"]:  plain.yaml:5:11\n      @@ -1,3 +1,3 @@\n      one\n  -   two\n  +   2\n      three\n";
    assert!(changed.replace(" \n", "\n").starts_with(expected), "{changed}");
    fs::remove_file(repo.path("plain.yaml")).unwrap();
    let gone = ran(&repo, &[]).stdout;
    assert!(
        gone.starts_with(
            "- ConfigMap c  gone, was in plain.yaml\n    was plain.yaml:1:1\n  -   apiVersion: v1\n"
        ),
        "{gone}"
    );
}

#[test]
fn a_root_that_cannot_be_rendered_is_said_and_others_are_compared() {
    let Some(repo) = history() else { return };
    edit(&repo, "overlays/prod/kustomization.yaml", "more.yaml", "mroe.yaml");
    edit(&repo, "base/web.yaml", "web:1", "web:2");
    repo.file("alone/service.yaml", "a: [");
    let shown = ran(&repo, &[]);
    assert_eq!(shown.code, Some(2), "{shown:#?}");
    assert!(shown.stdout.contains("overlays/prod cannot be rendered any more, and is not compared: overlays/prod/kustomization.yaml:4:9: KUS007"), "{shown:#?}");
    assert!(shown.stdout.contains("alone cannot be rendered any more"), "{shown:#?}");
    assert!(shown.stdout.contains("2 objects changed (4 affected roots"), "{shown:#?}");
}

#[test]
fn a_secret_shows_in_no_format() {
    let Some(repo) = history() else { return };
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData:\n  key: {value}\n")
    };
    repo.file("plain.yaml", secret("hunter-1"));
    commit(&repo);
    repo.file("plain.yaml", secret("hunter-2"));
    for format in ["text", "markdown", "json"] {
        let shown = ran(&repo, &["--output-format", format]).stdout;
        assert!(shown.contains("(hidden)") && !shown.contains("hunter"), "{shown}");
    }
    let shown = ran(&repo, &[]).stdout;
    assert!(
        shown.contains("  ~ stringData.key: (hidden) → (hidden), which differs  plain.yaml:5:8\n"),
        "{shown}"
    );
}

#[test]
fn a_comment_on_a_forge_has_an_end_and_says_what_is_left_out() {
    let Some(repo) = history() else { return };
    let all = |value: &str| -> String {
        let one = |index: usize| {
            format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{index}}}\ndata: {{key: '{value}```{index} {}'}}\n",
                "x".repeat(300)
            )
        };
        (0..300).map(one).collect()
    };
    repo.file("plain.yaml", all("old"));
    commit(&repo);
    repo.file("plain.yaml", all("new"));
    let shown = ran(&repo, &["--output-format", "markdown"]).stdout;
    assert!(
        shown.starts_with("<!-- gitops-lint diff -->\n## Rendered manifests: 300 objects changed\n"),
        "{}",
        &shown[..200]
    );
    assert!(shown.len() < 65_536, "{}", shown.len());
    let count = shown.matches("\n### ").count();
    let rest =
        format!("**{} more objects differ, and not shown: this report would be too long.**\n", 300 - count);
    assert!(shown.ends_with(&rest), "{}", &shown[shown.len() - 300..]);
    // Text that looks like the end of the block does not end it.
    assert!(shown.contains("\n````diff\n! data.key: "), "{}", &shown[..600]);
}

#[test]
fn what_there_is_nothing_to_compare_with_is_an_error() {
    let Some(repo) = history() else { return };
    let nowhere = repo.run(&["diff", "--base", "nowhere"]);
    assert_eq!(nowhere.code, Some(2));
    assert!(nowhere.stderr.starts_with("error: there is no commit `nowhere`"), "{nowhere:#?}");
    let same = ran(&repo, &["--exit-code"]);
    assert_eq!(same.code, Some(0));
    assert!(
        same.stdout.starts_with("no rendered object differs (0 affected roots compared with "),
        "{same:#?}"
    );
}
