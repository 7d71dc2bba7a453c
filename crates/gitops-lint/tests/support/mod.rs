//! A repository in a temporary directory, and the binary run in it.
// Not every test file uses all of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use tempfile::TempDir;

/// A service that nothing is wrong with.
pub const GOOD: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: 80
";

/// A repository with nothing in it but what a test puts there.
pub struct Repo {
    dir: TempDir,
}

/// What the binary did.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Repo {
    pub fn new() -> Repo {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".git")).unwrap();
        Repo { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Repo {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Runs `gitops-lint` with these words in the repository.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_in("", words)
    }

    /// The same in a directory of the repository.
    pub fn run_in(&self, dir: &str, words: &[&str]) -> Ran {
        let mut command = assert_cmd::Command::cargo_bin("gitops-lint").unwrap();
        command.args(words).current_dir(self.path(dir));
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "NO_GRAPHICS"] {
            command.env_remove(name);
        }
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// The lines of `check --output-format concise`, without the last.
    #[track_caller]
    pub fn findings(&self, code: i32) -> Vec<String> {
        let ran = self.run(&["check", "--output-format", "concise"]);
        assert_eq!(ran.code, Some(code), "{ran:#?}");
        let mut lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
        assert!(lines.pop().unwrap().contains("object"), "the last line is the summary");
        lines
    }
}
