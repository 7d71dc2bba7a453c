//! The cache of results: whatever changes, a check with it tells what a check without it tells.
#![allow(clippy::unwrap_used)]

#[path = "support/cached.rs"]
mod cached;
#[path = "support/chance.rs"]
mod chance;
mod support;

use std::fs::{self, File};
use std::time::Duration;

use cached::{Cached, MARK, WORDS, edit, everything, gadget, widgets};
use chance::Chance;
use support::{GOOD, Repo};

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
            repo.file("later/widget.yaml", widgets());
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
fn what_is_secret_stays_so() {
    let repo = Repo::new();
    let secret = "kind: Secret\nmetadata: {name: s}\nimmutable: maybe\nstringData:\n";
    repo.file("secret.yaml", format!("apiVersion: v1\n{secret}  a: hunter-2\n  b: {{c: swordfish}}\n"));
    let it = Cached::new(repo);
    for format in ["full", "json", "sarif", "markdown", "rdjson"] {
        it.agrees(&["check", "--output-format", format], format);
        assert!(it.is_used(&["check", "--output-format", "json"]), "{format}");
        let shown = it.run(&["check", "--output-format", format]).stdout;
        assert!(
            shown.contains("secret.yaml") && !shown.contains("swordfish") && !shown.contains("hunter"),
            "{shown}"
        );
        it.records().iter().for_each(|it| fs::remove_file(it).unwrap());
    }
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

/// What may become of a repository in a day, many times over.
/// How many edits there are.
const STEPS: usize = 25;

#[test]
fn whatever_is_done_in_whatever_order_is_seen() {
    let it = Cached::new(Repo::example("ml-platform"));
    let words = ["check", "--output-format", "concise"];
    let mut chance = Chance::new(20_240_229, &it.repo.path(""));
    it.run(&words);
    let (mut used, mut used_at_once) = (0, 0);
    for step in 0..STEPS {
        // From a ruin there is not much to find.
        let what = if step % 5 == 4 { chance.undo() } else { chance.edit() };
        let plain = it.repo.run(&[&words[..], &["--no-cache"]].concat());
        for turn in ["first", "second"] {
            it.mark();
            let cached = it.run(&words);
            assert_eq!(cached.code, plain.code, "step {step}, the {turn} time: {what}");
            // Where no record is used, everything is checked as it is without a cache.
            if cached.stdout.contains(MARK) {
                // The mark stands where objects are counted.
                let findings = |it: &str| it.rsplit_once(" (").unwrap().0.to_owned();
                let (cached, plain) = (findings(&cached.stdout), findings(&plain.stdout));
                assert_eq!(cached, plain, "step {step}, the {turn} time: {what}");
                used += 1;
                used_at_once += usize::from(turn == "first");
            } else {
                assert_eq!(turn, "first", "step {step}: nobody could use the record: {what}");
            }
        }
    }
    println!("{used} records were used, {used_at_once} of them right after an edit");
    assert!(
        used >= STEPS && used_at_once > 0,
        "{used} records were used, {used_at_once} right after an edit"
    );
}
