//! Repositories for tests, made by the real `git`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A repository in a folder of its own, whose settings are those of nobody.
pub struct Repo {
    _dir: TempDir,
    /// The top: absolute, without symbolic links.
    pub top: PathBuf,
}

impl Repo {
    /// An empty one on the branch `main`; `None`, said aloud, if there is no Git.
    pub fn new() -> Option<Repo> {
        let dir = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(dir.path()).unwrap().join("repo");
        fs::create_dir(&top).unwrap();
        let repo = Repo { _dir: dir, top };
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("SKIPPED: there is no `git` here");
            return None;
        }
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        Some(repo)
    }

    /// Writes a file, and its folders.
    pub fn write(&self, path: &str, text: &str) -> &Repo {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Takes a file or a folder away.
    pub fn remove(&self, path: &str) -> &Repo {
        let path = self.top.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap()
        } else {
            fs::remove_file(path).unwrap()
        }
        self
    }

    /// Commits everything, and returns the name of the commit.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs Git at the top, which must succeed, and returns what it prints.
    pub fn git(&self, words: &[&str]) -> String {
        git(&self.top, words)
    }

    /// The folder that holds the repository, for what lies beside it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.top.parent().unwrap().join(name)
    }
}

/// Runs Git in a directory, which must succeed, and returns what it prints.
pub fn git(dir: &Path, words: &[&str]) -> String {
    let settings = ["user.name=t", "user.email=t@example.com", "commit.gpgsign=false", "core.autocrlf=false"];
    let settings = settings.iter().chain(&["protocol.file.allow=always"]).flat_map(|it| ["-c", *it]);
    let output = Command::new("git").args(settings).args(words).current_dir(dir).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {told}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
