//! The cache of results: whatever changes, a check with it tells what a check without it tells; and whatever
//! is wrong with it, nobody is kept from checking.
//!
//! A record that is used shows: the tests put a mark into it.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use support::{GOOD, Ran, Repo};
use tempfile::TempDir;

/// A number of objects that no repository here has.
const MARK: &str = "987654";

/// A repository, and a cache beside it.
struct Cached {
    repo: Repo,
    cache: TempDir,
}

impl Cached {
    fn new(repo: Repo) -> Cached {
        Cached { repo, cache: tempfile::tempdir().unwrap() }
    }

    fn run(&self, words: &[&str]) -> Ran {
        let cache = self.cache.path().to_str().unwrap();
        self.repo.run(&[words, &["--cache-dir", cache]].concat())
    }

    fn records(&self) -> Vec<PathBuf> {
        records(self.cache.path())
    }

    /// Removes all records but the one that was used last.
    fn keep_last(&self) {
        let mut records = self.records();
        records.sort_by_key(|it| fs::metadata(it).unwrap().modified().unwrap());
        records.pop();
        records.iter().for_each(|it| fs::remove_file(it).unwrap());
    }

    /// Puts the mark into all records.
    fn mark(&self) {
        for path in self.records() {
            let text = fs::read_to_string(&path).unwrap();
            let (_, body) = text.split_once('\n').unwrap();
            let (front, counts) = body.rsplit_once(',').unwrap();
            assert!(counts.ends_with("]}"), "the last of the counts is the last number: {counts}");
            write_record(&path, &format!("{front},{MARK}]}}"));
        }
    }

    /// Whether a run with these words uses a record.
    fn is_used(&self, words: &[&str]) -> bool {
        self.mark();
        self.run(words).stdout.contains(MARK)
    }

    /// Checks twice with the cache and once without it.
    #[track_caller]
    fn agrees(&self, words: &[&str], what: &str) {
        let plain = self.repo.run(&[words, &["--no-cache"]].concat());
        for turn in ["first", "second"] {
            let cached = self.run(words);
            let told = |it: &Ran| (it.code, it.stdout.clone(), it.stderr.clone());
            assert_eq!(told(&cached), told(&plain), "{what}, the {turn} time");
        }
    }
}

fn records(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.join("results-v1")).into_iter().flatten();
    let paths = entries.map(|it| it.unwrap().path());
    paths.filter(|it| it.extension().is_some_and(|it| it == "record")).collect()
}

fn write_record(path: &Path, body: &str) {
    let digest: String = Sha256::digest(body).iter().map(|it| format!("{it:02x}")).collect();
    fs::write(path, format!("gitops-lint-result-v1 {digest}\n{body}")).unwrap();
}

/// Puts text into the place of other text.
fn edit(repo: &Repo, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(repo.path(name)).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    repo.file(name, text.replace(from, to));
}

const CRD: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: string}}}}
";

const TEMPLATE: &str = "\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8sowner}
spec:
  crd: {spec: {names: {kind: K8sOwner}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package k8sowner
      violation[{\"msg\": msg}] {
        not input.review.object.metadata.labels.owner
        msg := \"nobody owns it\"
      }
";

/// A repository with an input of every kind, and something to find by each.
fn everything() -> Cached {
    let repo = Repo::new();
    let deployment = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"web:1\"}]}
";
    repo.file("base/web.yaml", deployment)
        .file("base/app.env", "COLOR=red\n")
        .file(
            "base/kustomization.yaml",
            "resources: [web.yaml]\nconfigMapGenerator:\n- name: app\n  envs: [app.env]\n",
        )
        .file("component/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: image.yaml\n")
        .file("component/image.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {paused: 1}\n")
        .file("prod/kustomization.yaml", "resources: [../base]\ncomponents: [../component]\npatches:\n- path: more.yaml\n")
        .file("prod/more.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: five}\n")
        .file("broken/kustomization.yaml", "resources: [servcie.yaml]\n")
        .file("crds/widget.yaml", CRD)
        .file("widget.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 1}\n")
        .file("gadget.yaml", "apiVersion: other.example.com/v1\nkind: Gadget\nmetadata: {name: a}\nspec: {size: 1}\n")
        .file("schemas/other.example.com/gadget_v1.json", gadget("string"))
        .file("gate/template.yaml", TEMPLATE)
        .file("gate/owner.yaml", "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sOwner\nmetadata: {name: owner}\nspec: {match: {kinds: [{apiGroups: [\"*\"], kinds: [Service]}]}}\n")
        .file("service.yaml", GOOD)
        .file("ignored/half.yaml", "kind: Pod\n")
        .file(".gitignore", "ignored\n")
        .file("rules/deny.rego", "package main\n\nimport rego.v1\n\ndeny contains msg if {\n\tinput.kind == \"Service\"\n\tmsg := sprintf(\"at most %v\", [data.limits.most])\n}\n")
        .file("facts/limits.json", "{\"limits\": {\"most\": 1}}\n")
        .file("README.md", "read me\n");
    Cached::new(repo)
}

fn gadget(kind: &str) -> String {
    format!(
        "{{\"type\": \"object\", \"properties\": {{\"spec\": {{\"type\": \"object\", \"properties\": {{\"size\": {{\"type\": \"{kind}\"}}}}}}}}}}\n"
    )
}

const WORDS: [&str; 9] =
    ["check", "-p", "rules", "--data", "facts", "--schema-location", "schemas", "--output-format", "concise"];

/// Something that can happen to a repository, and its name.
type Change = (&'static str, fn(&Repo));

/// What can happen to a repository.
const CHANGES: &[Change] = &[
    ("a resource", |repo| edit(repo, "base/web.yaml", "replicas: 2", "replicas: two")),
    ("a patch", |repo| edit(repo, "prod/more.yaml", "five", "6")),
    ("a patch of the same size", |repo| edit(repo, "prod/more.yaml", "6", "x")),
    ("a component", |repo| edit(repo, "component/image.yaml", "paused: 1", "paused: no")),
    ("a kustomization", |repo| edit(repo, "prod/kustomization.yaml", "patches:", "namePrefix: 1\npatches:")),
    ("an env file", |repo| edit(repo, "base/app.env", "COLOR=red", "COLOR=red\nno name")),
    ("a definition", |repo| edit(repo, "crds/widget.yaml", "{type: string}", "{type: boolean}")),
    ("a template", |repo| edit(repo, "gate/template.yaml", "nobody owns it", "it has no owner")),
    ("a constraint", |repo| edit(repo, "gate/owner.yaml", "Service", "Widget")),
    ("a policy", |repo| edit(repo, "rules/deny.rego", "at most", "not more than")),
    ("a policy more", |repo| {
        repo.file(
            "rules/more.rego",
            "package main\n\nimport rego.v1\n\ndeny contains \"no\" if input.kind == \"Service\"\n",
        );
    }),
    ("data", |repo| edit(repo, "facts/limits.json", "1", "2")),
    ("data more", |repo| {
        repo.file("facts/limits/most.json", "{\"most\": 3}");
    }),
    ("a schema", |repo| {
        repo.file("schemas/other.example.com/gadget_v1.json", gadget("boolean"));
    }),
    ("a schema less", |repo| fs::remove_file(repo.path("schemas/other.example.com/gadget_v1.json")).unwrap()),
    ("a schema more", |repo| {
        repo.file("schemas/other.example.com/gadget_v1.json", gadget("array"));
    }),
    ("what is ignored", |repo| {
        repo.file(".gitignore", "");
    }),
    ("a file that was ignored", |repo| edit(repo, "ignored/half.yaml", "Pod", "Pot")),
    ("a better guess", |repo| {
        repo.file("broken/service.yaml", GOOD);
    }),
    ("a file that was missing", |repo| {
        repo.file("broken/servcie.yaml", "kind: Service\n");
    }),
    ("a file more", |repo| {
        repo.file("more.yaml", "kind: Service\n");
    }),
    ("a file less", |repo| fs::remove_file(repo.path("more.yaml")).unwrap()),
    ("a file under another name", |repo| fs::rename(repo.path("widget.yaml"), repo.path("w.yaml")).unwrap()),
    ("a kustomization of another name", |repo| {
        fs::rename(repo.path("prod/kustomization.yaml"), repo.path("prod/Kustomization")).unwrap();
    }),
    ("a second kustomization", |repo| {
        fs::copy(repo.path("prod/Kustomization"), repo.path("prod/kustomization.yml")).unwrap();
    }),
    ("two files that change places", |repo| {
        fs::rename(repo.path("w.yaml"), repo.path("x")).unwrap();
        fs::rename(repo.path("gadget.yaml"), repo.path("w.yaml")).unwrap();
        fs::rename(repo.path("x"), repo.path("gadget.yaml")).unwrap();
    }),
    ("a directory in the place of a file", |repo| {
        fs::remove_file(repo.path("base/app.env")).unwrap();
        fs::create_dir(repo.path("base/app.env")).unwrap();
    }),
    ("a repository less", |repo| fs::remove_dir(repo.path(".git")).unwrap()),
];

#[test]
fn whatever_changes_is_seen() {
    let it = everything();
    it.agrees(&WORDS, "nothing");
    for (what, change) in CHANGES {
        // A change may lead back to what was checked before, and then the record of that is used again.
        it.keep_last();
        assert!(it.is_used(&WORDS), "before {what} changes");
        change(&it.repo);
        it.agrees(&WORDS, what);
    }
    assert!(it.is_used(&WORDS));
}

#[test]
fn what_does_not_matter_does_not_matter() {
    let it = everything();
    it.agrees(&WORDS, "nothing");
    it.repo.file("README.md", "read me again\n").file("base/notes.txt", "");
    assert!(it.is_used(&WORDS));
    // The same content, written again.
    it.repo.file("service.yaml", GOOD);
    assert!(it.is_used(&WORDS));
    fs::remove_file(&it.records()[0]).unwrap();
    for words in
        [&["--fail-on", "never"][..], &["-q"], &["--statistics"], &["-j", "1"], &["--color", "always"]]
    {
        it.agrees(&[&WORDS, words].concat(), &words.join(" "));
    }
    assert_eq!(it.records().len(), 1);
    let ran = it.run(&[&WORDS[..], &["--verbose"]].concat());
    assert!(ran.stderr.contains("cache: nothing has changed"), "{}", ran.stderr);
}

#[test]
#[cfg(unix)]
fn links_are_seen() {
    use std::os::unix::fs::symlink;
    let it = everything();
    it.agrees(&WORDS, "nothing");
    let changes: &[Change] = &[
        ("a link in the place of a directory", |repo| {
            fs::rename(repo.path("base"), repo.path("other")).unwrap();
            symlink("other", repo.path("base")).unwrap();
        }),
        ("a link to another place", |repo| {
            repo.file("third/kustomization.yaml", "resources: [none.yaml]\n");
            fs::remove_file(repo.path("base")).unwrap();
            symlink("third", repo.path("base")).unwrap();
        }),
        ("a link to nothing", |repo| {
            fs::remove_file(repo.path("base")).unwrap();
            symlink("gone", repo.path("base")).unwrap();
        }),
        ("a file in the place of a link", |repo| {
            fs::remove_file(repo.path("base")).unwrap();
            repo.file("base", "");
        }),
    ];
    for (what, change) in changes {
        assert!(it.is_used(&WORDS), "before {what}");
        change(&it.repo);
        it.agrees(&WORDS, what);
    }
}

#[test]
#[cfg(unix)]
fn what_cannot_be_read_any_more_is_seen() {
    use std::os::unix::fs::PermissionsExt;
    let it = everything();
    it.agrees(&WORDS, "nothing");
    assert!(it.is_used(&WORDS));
    let path = it.repo.path("service.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        eprintln!("skipped: root may read everything");
        return;
    }
    it.agrees(&WORDS, "an unreadable file");
    assert!(it.is_used(&WORDS));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    it.agrees(&WORDS, "a readable file");
}

/// What a build tool or a checkout may do: the size is the same, and so is the time.
#[test]
fn an_edit_that_hides_is_seen() {
    let it = everything();
    // Files that were just written are read again. These are not.
    std::thread::sleep(Duration::from_millis(3200));
    it.agrees(&WORDS, "nothing");
    assert!(it.is_used(&WORDS));
    if cfg!(unix) {
        let text = fs::read_to_string(&it.records()[0]).unwrap();
        assert!(text.contains(r#""changed":"#), "no file is known by its stamp");
    }
    for (name, from, to) in
        [("base/web.yaml", "replicas: 2", "replicas: x"), ("rules/deny.rego", "most %v", "worst%v")]
    {
        let path = it.repo.path(name);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        edit(&it.repo, name, from, to);
        File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), time);
        it.agrees(&WORDS, name);
        assert!(it.is_used(&WORDS));
    }
}

#[test]
fn flags_that_matter_are_told_apart() {
    let it = everything();
    it.agrees(&["check", "--output-format", "concise"], "no flags");
    let flags: &[&[&str]] = &[
        &["--kubernetes-version", "1.25"],
        &["--no-strict"],
        &["--schema-location", "schemas"],
        &["--schema-location", "schemas", "--schema-location", "default"],
        &["--schema-location", "default", "--schema-location", "schemas"],
        &["-p", "rules"],
        &["-p", "rules", "--combine"],
        &["-p", "rules", "--data", "facts"],
        &["-p", "rules", "--namespace", "main"],
        &["-p", "rules", "--all-namespaces"],
        &["-p", "gate", "--no-expand"],
        &["-p", "builtin:team-basics"],
        &["base"],
        &["prod"],
        &["prod/more.yaml"],
    ];
    for words in flags {
        it.mark();
        it.agrees(&[&["check", "--output-format", "concise"], *words].concat(), &words.join(" "));
    }
}

/// A part of a repository is checked against the definitions in all of it.
#[test]
fn what_lies_around_a_part_is_seen() {
    let it = everything();
    let words = ["check", "widget.yaml", "--output-format", "concise"];
    it.agrees(&words, "nothing");
    let changes: &[Change] = &[
        ("a definition", |repo| edit(repo, "crds/widget.yaml", "{type: string}", "{type: boolean}")),
        ("no definition", |repo| fs::rename(repo.path("crds"), repo.path(".crds")).unwrap()),
        ("a definition more", |repo| {
            repo.file("later/widget.yaml", CRD);
        }),
    ];
    for (what, change) in changes {
        assert!(it.is_used(&words), "before {what}");
        change(&it.repo);
        it.agrees(&words, what);
    }
    let input = |flag: &[&str]| {
        let words = [&["check", "--stdin-filename", "widget.yaml"], flag].concat();
        it.repo.run_given("", &words, &[], "kind: Widget\n").stdout
    };
    let cache = ["--cache-dir", it.cache.path().to_str().unwrap()];
    it.mark();
    assert_eq!(input(&["--no-cache"]), input(&cache));
}

#[test]
fn what_is_told_besides_is_told_again() {
    let it = everything();
    it.repo.file(
        "policy/other.rego",
        "package other\n\nimport rego.v1\n\ndeny contains \"no\" if input.kind == \"Pod\"\n",
    );
    it.agrees(&["check"], "a policy that nobody asks");
    let ran = it.run(&["check"]);
    assert!(ran.stderr.starts_with("warning: no rules to ask in the package `main`"), "{}", ran.stderr);
    assert!(it.is_used(&["check"]));
}

/// What is silenced is part of the result, and so is the day; what is accepted is looked up in every run.
#[test]
fn what_is_silenced_and_accepted_is_seen() {
    let it = everything();
    let words = [&WORDS[..8], &["json"]].concat();
    it.agrees(&words, "nothing");
    let changes: &[Change] = &[
        ("a comment", |repo| {
            edit(repo, "service.yaml", "  name: web", "  name: web # gitops-lint: ignore[POL]")
        }),
        ("another comment", |repo| edit(repo, "service.yaml", "[POL]", "[SCH]")),
        ("an annotation", |repo| {
            let silent = "  annotations: {gitops-lint.dev/ignore: POL000}\n  name: web";
            edit(repo, "service.yaml", "  name: web", silent);
        }),
    ];
    for (what, change) in changes {
        it.keep_last();
        assert!(it.is_used(&words), "before {what}");
        change(&it.repo);
        it.agrees(&words, what);
    }
    for what in ["a baseline", "an older baseline"] {
        let ran = it.repo.run(&[&["baseline"][..], &WORDS[1..7]].concat());
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        it.agrees(&words, what);
        edit(&it.repo, "service.yaml", "port: 80", "port: \"80\"");
        it.agrees(&words, "what is new");
        edit(&it.repo, "service.yaml", "port: \"80\"", "port: 80");
    }
    assert!(fs::read_to_string(it.repo.path("gitops-lint.baseline.json")).unwrap().contains("SCH001"));
}

#[test]
fn a_new_day_is_seen() {
    let it = everything();
    edit(&it.repo, "service.yaml", "port: 80", "port: x # gitops-lint: ignore[SCH] until 2027-01-31");
    let on = |day: &str, flags: &[&str]| {
        let ran = it.repo.run_with("", &[&WORDS[..], flags].concat(), &[("SOURCE_DATE_EPOCH", day)]);
        (ran.code, ran.stdout)
    };
    let cache = ["--cache-dir", it.cache.path().to_str().unwrap()];
    let (before, after) = ("1801353600", "1801440000");
    assert_ne!(on(before, &["--no-cache"]), on(after, &["--no-cache"]));
    for day in [before, after, before] {
        assert_eq!(on(day, &cache), on(day, &["--no-cache"]), "{day}");
    }
}

#[test]
fn every_format_is_the_same() {
    let it = everything();
    for format in ["full", "concise", "json", "json-lines", "github", "sarif", "gitlab", "markdown", "rdjson"]
    {
        it.agrees(&[&WORDS[..8], &[format]].concat(), format);
    }
    assert_eq!(it.records().len(), 1);
}

#[test]
fn paths_are_those_of_the_directory_one_stands_in() {
    let it = everything();
    let cache = it.cache.path().to_str().unwrap();
    let of = |dir: &str, path: &str, flag: &[&str]| {
        it.repo.run_in(dir, &[&["check", "--output-format", "concise", path], flag].concat())
    };
    for (dir, path) in [("", "."), ("prod", ".."), ("base", "..")] {
        let (plain, cached) = (of(dir, path, &["--no-cache"]), of(dir, path, &["--cache-dir", cache]));
        assert_eq!((plain.code, plain.stdout), (cached.code, cached.stdout), "{dir}");
    }
    assert_eq!(it.records().len(), 1);
}

#[test]
fn fixes_are_made_in_what_is_there() {
    let it = everything();
    it.repo.file("twice.yaml", GOOD.replace("port: 80", "port: \"80\""));
    it.agrees(&["check", "--diff"], "--diff");
    it.agrees(&["check", "--output-format", "json"], "fixes in a report");
    assert!(it.is_used(&["check", "--output-format", "concise"]));
    let ran = it.run(&["check", "--fix"]);
    assert!(!ran.stdout.contains(MARK), "{ran:#?}");
    it.agrees(&["check", "--output-format", "json"], "after --fix");
}

#[test]
#[cfg(unix)]
fn another_binary_has_its_own_results() {
    let it = everything();
    let copy = it.cache.path().join("copy");
    fs::copy(assert_cmd::cargo::cargo_bin("gitops-lint"), &copy).unwrap();
    let used = || {
        let mut command = std::process::Command::new(&copy);
        command.current_dir(it.repo.path("")).args(WORDS).arg("--cache-dir").arg(it.cache.path());
        String::from_utf8(command.output().unwrap().stdout).unwrap().contains(MARK)
    };
    it.run(&WORDS);
    it.mark();
    assert!(!used());
    it.mark();
    assert!(used());
    // A build leaves another time behind, if nothing else.
    File::options().append(true).open(&copy).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    assert!(!used());
    assert_eq!(it.records().len(), 3);
}

#[test]
fn a_broken_record_is_none() {
    let it = everything();
    it.agrees(&WORDS, "nothing");
    it.mark();
    let path = it.records().remove(0);
    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let (_, body) = str::from_utf8(&good).unwrap().split_once('\n').unwrap();
    let broken: [&[u8]; 8] = [
        b"",
        b"gitops-lint-result-v1",
        b"gitops-lint-result-v1 \xff\n{}",
        &good[..good.len() - 1],
        &good[..70],
        &flipped,
        body.as_bytes(),
        &[0; 100_000],
    ];
    for (number, content) in broken.iter().enumerate() {
        fs::write(&path, content).unwrap();
        it.agrees(&WORDS, &format!("broken record {number}"));
    }
    // Whole, but of no meaning: other fields, a rule and a file that do not exist, a finding without a place.
    for (from, to) in [
        (r#""asked""#, r#""answered""#),
        (r#""code":"KUS"#, r#""code":"XYZ"#),
        (r#""labels":[[[0,"#, r#""labels":[[[999,"#),
        (r#"["base/web.yaml""#, r#"["../base/web.yaml""#),
        (r#"["base/web.yaml""#, r#"["base/wbe.yaml""#),
    ] {
        let changed = body.replace(from, to);
        assert_ne!(changed, body, "{from}");
        write_record(&path, &changed);
        it.agrees(&WORDS, to);
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let ran = it.run(&WORDS);
    assert_eq!(ran.stdout, it.repo.run(&[&WORDS[..], &["--no-cache"]].concat()).stdout);
    assert!(ran.stderr.starts_with("warning: cannot keep results in `"), "{}", ran.stderr);
}

#[test]
fn a_cache_that_cannot_be_used_is_told_once_and_harmless() {
    let it = everything();
    let plain = it.repo.run(&[&WORDS[..], &["--no-cache"]].concat());
    it.repo.file("file", "");
    for place in ["file", "file/below", "/proc/none/cache"] {
        let ran = it.repo.run(&[&WORDS[..], &["--cache-dir", place]].concat());
        assert_eq!((ran.code, &ran.stdout), (plain.code, &plain.stdout));
        let told = format!("warning: cannot keep results in `{place}`, so the next run finds none: ");
        assert!(ran.stderr.starts_with(&told) && ran.stderr.lines().count() == 1, "{}", ran.stderr);
        let ran = it.repo.run(&[&WORDS[..], &["-q", "--cache-dir", place]].concat());
        assert_eq!(ran.stderr, "");
    }
    // A disk without room.
    if Path::new("/dev/full").exists() {
        let ran = it.repo.run(&[&WORDS[..], &["--cache-dir", "/dev/full"]].concat());
        assert_eq!((ran.code, &ran.stdout), (plain.code, &plain.stdout));
    }
}

#[test]
fn the_user_has_a_cache_or_none() {
    let it = everything();
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let plain = it.repo.run(&[&WORDS[..], &["--no-cache"]].concat());
    let with = |variables: &[(&str, &str)]| {
        let ran = it.repo.run_with("", &WORDS, variables);
        assert_eq!((ran.code, ran.stdout, ran.stderr), (plain.code, plain.stdout.clone(), String::new()));
    };
    with(&[]);
    with(&[("HOME", ""), ("GITOPS_LINT_CACHE_DIR", "")]);
    fs::write(path("file"), "").unwrap();
    with(&[("HOME", &path("file"))]);
    with(&[("XDG_CACHE_HOME", &path("xdg"))]);
    with(&[("HOME", &path("none")), ("GITOPS_LINT_CACHE_DIR", &path("named"))]);
    assert_eq!(records(Path::new(&path("named"))).len(), 1);
    if cfg!(all(unix, not(target_os = "macos"))) {
        with(&[("HOME", &path("home"))]);
        for place in ["xdg/gitops-lint", "home/.cache/gitops-lint"] {
            assert_eq!(records(Path::new(&path(place))).len(), 1, "{place}");
        }
    }
}

#[test]
fn a_cache_in_the_repository_is_no_part_of_it() {
    let it = everything();
    let words = [&WORDS[..3], &["--data", ".", "--cache-dir", ".", "--output-format", "concise"]].concat();
    let plain = [&words[..], &["--no-cache"]].concat();
    for turn in 0..3 {
        let (cached, plain) = (it.repo.run(&words), it.repo.run(&plain));
        assert_eq!((cached.code, cached.stdout), (plain.code, plain.stdout), "{turn}");
    }
    assert_eq!(fs::read_to_string(it.repo.path(".gitignore")).unwrap(), "ignored\n");
    assert_eq!(fs::read_to_string(it.repo.path("results-v1/.gitignore")).unwrap(), "*\n");
    assert!(
        fs::read_to_string(it.repo.path("results-v1/CACHEDIR.TAG"))
            .unwrap()
            .starts_with("Signature: 8a477f59")
    );
}

#[test]
#[cfg(unix)]
fn nobody_else_can_read_the_records() {
    use std::os::unix::fs::PermissionsExt;
    let it = everything();
    let cache = it.cache.path().join("new");
    it.repo.run(&["check", "--cache-dir", cache.to_str().unwrap()]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&cache), mode(&cache.join("results-v1"))), (0o700, 0o700));
    assert_eq!(mode(&records(&cache)[0]), 0o600);
}

#[test]
fn several_at_once_do_not_disturb_each_other() {
    let it = everything();
    let plain = it.repo.run(&[&WORDS[..], &["--no-cache"]].concat());
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| it.run(&WORDS))).collect();
        for run in runs {
            let ran = run.join().unwrap();
            assert_eq!((ran.code, &ran.stdout, &*ran.stderr), (plain.code, &plain.stdout, ""));
        }
    });
    assert!(it.is_used(&WORDS));
    let names = fs::read_dir(it.cache.path().join("results-v1")).unwrap();
    assert_eq!(names.count(), 3, "a record, and the two files about the folder");
}

#[test]
fn what_is_cleaned_is_gone_and_the_rest_stays() {
    let it = everything();
    let cache = it.cache.path().join("cache");
    let words = ["--cache-dir", cache.to_str().unwrap()];
    let clean = || it.repo.run(&[&["clean"][..], &words].concat());
    assert_eq!((clean().code, clean().stdout.starts_with("removed 0 results")), (Some(0), true));
    it.repo.run(&[&WORDS[..], &words].concat());
    let ran = clean();
    assert!(ran.code == Some(0) && ran.stdout.starts_with("removed 1 result ("), "{ran:#?}");
    assert!(!cache.exists());
    it.repo.run(&[&WORDS[..], &words].concat());
    fs::write(cache.join("results-v1/mine.record"), "").unwrap();
    clean();
    let left: Vec<_> =
        fs::read_dir(cache.join("results-v1")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["mine.record"]);
    let ran = it.repo.run(&["clean"]);
    assert_eq!(
        (ran.code, &*ran.stderr),
        (Some(2), "error: there is no cache: neither HOME nor GITOPS_LINT_CACHE_DIR is set\n")
    );
}

#[test]
fn old_records_are_dropped() {
    let it = everything();
    it.run(&WORDS);
    let first = it.records().remove(0);
    for number in 0..150 {
        let path = first.with_file_name(format!("{number:032x}.record"));
        fs::write(&path, "x").unwrap();
        let age = std::time::SystemTime::now() - Duration::from_secs(1000 + number);
        File::options().append(true).open(&path).unwrap().set_modified(age).unwrap();
    }
    it.run(&["check", "base"]);
    assert_eq!(it.records().len(), 100);
    let oldest = |number: u32| first.with_file_name(format!("{number:032x}.record")).exists();
    assert!(first.exists() && oldest(97) && !oldest(98), "those that were used last stay");
}

/// What may become of a repository in a day, many times over.
#[test]
fn whatever_is_done_in_whatever_order_is_seen() {
    let it = Cached::new(Repo::example("ml-platform"));
    let words = ["check", "--output-format", "concise"];
    let mut dice = Dice(20_240_229);
    it.run(&words);
    for step in 0..25 {
        it.mark();
        let what = mutate(&it.repo, &mut dice);
        let cached = it.run(&words).stdout;
        // Where no record is used, everything is checked as it is without a cache.
        if cached.contains(MARK) {
            let plain = it.repo.run(&[&words[..], &["--no-cache"]].concat()).stdout;
            // What was edited is a file that no check reads.
            let findings = |it: &str| it.rsplit_once(" (").unwrap().0.to_owned();
            assert_eq!(findings(&cached), findings(&plain), "step {step}: {what}");
        }
    }
}

/// Numbers that look like chance, and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn one<'a>(&mut self, of: &'a [PathBuf]) -> &'a Path {
        &of[self.below(of.len())]
    }
}

/// Does something to a file; tells what.
fn mutate(repo: &Repo, dice: &mut Dice) -> String {
    let walk = ignore::WalkBuilder::new(repo.path("")).hidden(false).standard_filters(false).build();
    let mut files: Vec<PathBuf> = walk.map(|it| it.unwrap().into_path()).filter(|it| it.is_file()).collect();
    files.sort();
    let file = dice.one(&files);
    let text = fs::read_to_string(file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let line = dice.below(lines.len().max(1)).min(lines.len());
    let what = dice.below(8);
    match what {
        0 if !lines.is_empty() => {
            lines.remove(line);
            fs::write(file, lines.join("\n")).unwrap();
        }
        1 => {
            lines.insert(line, "x: [");
            fs::write(file, lines.join("\n")).unwrap();
        }
        2 => fs::write(file, text.replacen(|it: char| it.is_ascii_digit(), "x", 3)).unwrap(),
        3 => fs::write(file, text.replacen("name", "nmae", 1)).unwrap(),
        4 => fs::remove_file(file).unwrap(),
        5 => fs::rename(file, file.with_extension("moved.yaml")).unwrap(),
        6 => drop(fs::copy(file, dice.one(&files)).unwrap()),
        _ => drop(fs::copy(file, file.with_extension("copy.yaml")).unwrap()),
    }
    format!("{what} on {}:{line}", file.display())
}
