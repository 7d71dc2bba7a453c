//! Where results are kept: whatever is wrong there, nobody is kept from checking.
#![allow(clippy::unwrap_used)]

#[path = "support/cached.rs"]
mod cached;
mod support;

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use cached::{WORDS, everything, records, write_record};

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
