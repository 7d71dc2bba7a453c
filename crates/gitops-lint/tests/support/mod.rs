//! A repository in a temporary directory, and the binary run in it.
// Not every test file uses all of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
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

/// What says where results of earlier runs are. Without it there are none.
const CACHE: [&str; 4] = ["GITOPS_LINT_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"];

/// The definition of a kind of `example.com`, with the schema of its `spec` in one line.
pub fn definition(kind: &str, spec: &str) -> String {
    let plural = format!("{}s", kind.to_lowercase());
    format!(
        "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.example.com}}
spec:
  group: example.com
  names: {{kind: {kind}, plural: {plural}}}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {spec}
"
    )
}

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

    /// A copy of an example repository, without the comments that say what is expected where.
    pub fn example(name: &str) -> Repo {
        Repo::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/repos").join(name))
    }

    /// The same of any folder.
    pub fn copy_of(from: &Path) -> Repo {
        let repo = Repo::new();
        for entry in ignore::WalkBuilder::new(from).hidden(false).build() {
            let entry = entry.unwrap();
            if !entry.file_type().unwrap().is_file() {
                continue;
            }
            let name = entry.path().strip_prefix(from).unwrap().to_str().unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            let lines = text.lines().map(|it| it.split("#!").next().unwrap().trim_end());
            repo.file(name, lines.map(|it| format!("{it}\n")).collect::<String>());
        }
        repo
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
        self.run_with(dir, words, &[])
    }

    /// The same with these variables in the environment.
    pub fn run_with(&self, dir: &str, words: &[&str], variables: &[(&str, &str)]) -> Ran {
        self.run_given(dir, words, variables, "")
    }

    /// The same with something on stdin.
    pub fn run_given(&self, dir: &str, words: &[&str], variables: &[(&str, &str)], stdin: &str) -> Ran {
        run_with_all(&self.path(dir), words, variables, stdin)
    }

    /// The exit code and stderr of `gitops-lint` when nobody reads what it prints.
    pub fn run_unread(&self, words: &[&str]) -> (Option<i32>, String) {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("gitops-lint"));
        CACHE.iter().for_each(|name| {
            command.env_remove(name);
        });
        let mut child = command
            .args(words)
            .current_dir(self.path(""))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        (status.code(), String::from_utf8(stderr).unwrap())
    }

    /// The lines of `check --output-format concise`, without the last.
    #[track_caller]
    pub fn findings(&self, code: i32) -> Vec<String> {
        self.findings_of(&[], code)
    }

    /// The same for some paths of it, or with flags.
    pub fn findings_of(&self, words: &[&str], code: i32) -> Vec<String> {
        let ran = self.run(&[&["check", "--output-format", "concise"], words].concat());
        assert_eq!(ran.code, Some(code), "{ran:#?}");
        let mut lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
        assert!(lines.pop().unwrap().contains("object"), "the last line is the summary");
        lines
    }
}

/// Runs `gitops-lint` with these words in any directory.
pub fn run_at(dir: &Path, words: &[&str]) -> Ran {
    run_with_all(dir, words, &[], "")
}

/// The same where no other program can be found.
pub fn run_without_path(dir: &Path, words: &[&str]) -> Ran {
    run_with_all(dir, words, &[("PATH", "")], "")
}

fn run_with_all(dir: &Path, words: &[&str], variables: &[(&str, &str)], stdin: &str) -> Ran {
    let mut command = assert_cmd::Command::cargo_bin("gitops-lint").unwrap();
    command.args(words).current_dir(dir);
    let style = ["NO_COLOR", "CLICOLOR_FORCE", "NO_GRAPHICS", "GITHUB_STEP_SUMMARY"];
    style.iter().chain(&CACHE).for_each(|name| {
        command.env_remove(name);
    });
    command.envs(variables.iter().copied()).write_stdin(stdin);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}
