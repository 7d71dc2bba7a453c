//! `check --watch`: the binary runs until it is stopped.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use support::{GOOD, Repo};

struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_change_is_checked_and_a_mistake_does_not_end_it() {
    let repo = Repo::new();
    repo.file("a.yaml", GOOD);
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitops-lint"));
    command.args(["check", "--watch", "--output-format", "concise"]).current_dir(repo.path(""));
    let mut child = Watching(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "nothing found in 1 root (1 object, 1 file)");
    repo.file("a.yaml", GOOD.replace("80", "eighty"));
    assert!(lines.next().unwrap().starts_with("a.yaml:7:11: SCH001"));
    assert!(lines.next().unwrap().starts_with("1 error in 1 root"));
    std::fs::remove_file(repo.path("a.yaml")).unwrap();
    repo.file("b.yaml", GOOD);
    assert_eq!(lines.next().unwrap(), "nothing found in 1 root (1 object, 1 file)");
    assert!(child.0.try_wait().unwrap().is_none());
}

#[test]
fn what_cannot_begin_ends() {
    let repo = Repo::new();
    let ran = repo.run(&["check", "--watch", "gone"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`gone`"), "{ran:#?}");
    let ran = repo.run(&["check", "--watch"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("nothing to check"), "{ran:#?}");
}
