//! Whatever is in a repository: a finding or a clear error, and the rest is still checked.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::{GOOD, Repo};

/// Half an object: found in every test, so that the rest was checked.
const HALF: &str = "kind: Pod\nmetadata: {name: a}\nspec: {}\n";
const HALF_FOUND: &str = "z/half.yaml:1:1: YML006 not-an-object: this document has no `apiVersion`";

/// A repository with good files around the bad ones.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.file("a/good.yaml", GOOD).file("z/half.yaml", HALF);
    repo
}

/// Checks that the rest was checked, and hands back what else was found.
#[track_caller]
fn findings(repo: &Repo) -> Vec<String> {
    let mut lines = repo.findings(1);
    let rest = lines.iter().position(|it| it == HALF_FOUND);
    lines.remove(rest.unwrap_or_else(|| panic!("the rest was not checked: {lines:#?}")));
    lines
}

#[track_caller]
fn finds_one(repo: &Repo, beginning: &str) {
    let lines = findings(repo);
    assert!(lines.len() == 1 && lines[0].starts_with(beginning), "expected {beginning}, found {lines:#?}");
}

#[test]
fn a_broken_file() {
    let repo = repo();
    repo.file("b.yaml", "apiVersion: v1\nkind: [Pod\nmetadata: {name: a}\n");
    finds_one(&repo, "b.yaml:2:7: YML001 invalid-yaml: this `[` is never closed");
}

#[test]
fn a_broken_document_among_good_ones() {
    let repo = repo();
    repo.file("b.yaml", format!("{GOOD}---\na: [\n---\n{HALF}"));
    let lines = findings(&repo);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains("YML001") && lines[1].starts_with("b.yaml:11:1: YML006"), "{lines:#?}");
}

#[test]
fn a_file_of_a_hundred_megabytes() {
    let repo = repo();
    fs::File::create(repo.path("b.yaml")).unwrap().set_len(100_000_000).unwrap();
    finds_one(&repo, "b.yaml:1:1: YML001 invalid-yaml: the file cannot be read: it has 100 MB");
}

#[test]
fn an_alias_bomb() {
    let repo = repo();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    repo.file("b.yaml", bomb);
    finds_one(&repo, "b.yaml:");
}

#[test]
fn ten_thousand_nested_lists() {
    let repo = repo();
    repo.file("b.yaml", "[".repeat(10_000)).file("c.yaml", "- ".repeat(10_000));
    let lines = findings(&repo);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains("nested more than") && lines[1].contains("nested more than"), "{lines:#?}");
}

#[test]
fn bytes_that_are_not_utf8() {
    let repo = repo();
    repo.file("b.yaml", b"a: \xff\n");
    finds_one(&repo, "b.yaml:1:4: YML001 invalid-yaml: the file is not UTF-8");
}

#[test]
fn a_merge_conflict() {
    let repo = repo();
    repo.file("b.yaml", "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> main\n");
    finds_one(&repo, "b.yaml:2:1: YML005 marker-left-in: a merge conflict is not resolved");
}

#[test]
fn spaces_and_letters_of_other_alphabets_in_paths() {
    let repo = repo();
    repo.file("käse und brot/ä b.yaml", "a: [\n");
    finds_one(&repo, "käse und brot/ä b.yaml:1:5: YML001");
}

#[test]
fn a_name_that_would_steer_the_terminal() {
    let repo = repo();
    repo.file("b\u{1b}[31m.yaml", "a: [\n");
    finds_one(&repo, "b\u{241b}[31m.yaml:1:5: YML001");
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_dangling_symbolic_link() {
        let repo = repo();
        symlink("gone.yaml", repo.path("b.yaml")).unwrap();
        finds_one(&repo, "b.yaml:1:1: YML001 invalid-yaml: the file cannot be read: there is no such file");
    }

    #[test]
    fn symbolic_links_in_circles() {
        let repo = repo();
        symlink("b.yaml", repo.path("b.yaml")).unwrap();
        symlink("..", repo.path("a/up")).unwrap();
        finds_one(&repo, "b.yaml:1:1: YML001");
    }

    #[test]
    fn a_link_out_of_the_repository_is_not_followed() {
        let repo = repo();
        let outside = Repo::new();
        outside.file("secret.yaml", "a: [secret\n");
        symlink(outside.path("secret.yaml"), repo.path("b.yaml")).unwrap();
        let ran = repo.run(&["check"]);
        assert!(!ran.stdout.contains("secret"), "{ran:#?}");
        finds_one(&repo, "b.yaml:1:1: YML001 invalid-yaml: the file cannot be read: there is no such file");
    }

    #[test]
    fn a_directory_and_a_file_that_cannot_be_read() {
        let repo = repo();
        repo.file("locked/b.yaml", GOOD).file("b.yaml", GOOD);
        let lock = |name: &str, mode| {
            fs::set_permissions(repo.path(name), fs::Permissions::from_mode(mode)).unwrap()
        };
        lock("b.yaml", 0o000);
        if fs::read(repo.path("b.yaml")).is_ok() {
            return; // Permissions mean nothing to this user.
        }
        finds_one(&repo, "b.yaml:1:1: YML001 invalid-yaml: the file cannot be read: Permission denied");
        lock("b.yaml", 0o600);
        lock("locked", 0o000);
        let ran = repo.run(&["check", "--output-format", "concise"]);
        lock("locked", 0o700);
        assert_eq!(ran.code, Some(2), "{ran:#?}");
        assert!(ran.stderr.contains("error: cannot look into") && ran.stderr.contains("locked"), "{ran:#?}");
        assert!(ran.stdout.contains(HALF_FOUND), "{ran:#?}");
    }

    #[test]
    fn a_name_that_is_not_utf8() {
        let repo = repo();
        let name = OsStr::from_bytes(b"b\xff.yaml");
        if fs::write(repo.path("").join(name), "a: [\n").is_err() {
            return; // The file system has no such names.
        }
        let ran = repo.run(&["check", "--output-format", "concise"]);
        assert!(ran.stderr.contains("warning: skipped") && ran.stderr.contains("is not UTF-8"), "{ran:#?}");
        assert!(ran.stdout.contains(HALF_FOUND), "{ran:#?}");
    }

    #[test]
    fn a_pipe_a_device_and_a_dash_are_no_files() {
        let repo = repo();
        let made = std::process::Command::new("mkfifo").arg(repo.path("fifo.yaml")).status();
        assert!(made.unwrap().success());
        for (name, why) in [
            ("fifo.yaml", "it is a pipe"),
            ("/dev/null", "it is a pipe or a device"),
            ("-", "what comes on stdin"),
        ] {
            let ran = repo.run(&["check", name]);
            assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
            let told = format!("error: cannot read `{name}`: {why}");
            assert!(
                ran.stderr.starts_with(&told) && ran.stderr.contains("--stdin-filename PATH"),
                "{ran:#?}"
            );
        }
        // Nobody writes into it, and nobody waits for that.
        assert_eq!(findings(&repo), [""; 0]);
    }

    #[test]
    fn a_report_never_takes_the_place_of_another() {
        let repo = repo();
        repo.file("old.json", "old");
        symlink("old.json", repo.path("link.json")).unwrap();
        let link = ["check", "--output-format", "json=old.json", "--output-format", "sarif=link.json"];
        let new = ["check", "--output-format", "json=new.json", "--output-format", "sarif=./new.json"];
        for words in [link, new] {
            let ran = repo.run(&words);
            assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:#?}");
            assert!(ran.stderr.contains("two reports cannot both go to"), "{ran:#?}");
        }
        assert_eq!(fs::read_to_string(repo.path("old.json")).unwrap(), "old");
        assert!(!repo.path("new.json").exists());
    }

    #[test]
    fn a_reader_that_has_seen_enough() {
        let repo = repo();
        for index in 0..2000 {
            repo.file(&format!("many/{index}.yaml"), "a: [\n");
        }
        let ran = repo.run_unread(&["check", "--output-format", "concise"]);
        assert_eq!(ran, (Some(1), String::new()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_shows_as_files_is_nothing_to_check() {
    let repo = Repo::new();
    for folder in ["/proc", "/sys"] {
        let ran = repo.run(&["check", folder]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.starts_with(&format!("error: nothing to check in `{folder}`: ")), "{ran:#?}");
    }
}
