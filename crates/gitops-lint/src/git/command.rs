//! `git` as a child: how it is started, so that it only reads, never asks, and speaks one language.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::GitError;

/// What a hook of Git, or a person, may have set, and what would lead the child to another repository
/// or index, or change what it prints.
const UNSET: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// What a child has said.
#[derive(Debug)]
pub(super) struct Answer {
    /// Whether it succeeded.
    pub is_ok: bool,
    /// What it has printed.
    pub out: Vec<u8>,
    /// What it has complained about.
    pub err: String,
}

impl Answer {
    /// What was printed, without the end of the line.
    pub(super) fn line(&self) -> String {
        String::from_utf8_lossy(&self.out).trim_end_matches(['\n', '\r']).to_owned()
    }

    /// What was printed, if it succeeded.
    ///
    /// # Errors
    /// If it did not.
    pub(super) fn checked(self, command: &'static str) -> Result<Vec<u8>, GitError> {
        if self.is_ok { Ok(self.out) } else { Err(GitError::failed(command, &self.err)) }
    }
}

/// A child in a directory that is not started yet: no locks, no pager, no questions, no network.
pub(super) fn command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.args(["--no-pager", "--no-optional-locks", "--literal-pathspecs"]);
    // A monitor is another program, and would be started for a single question.
    command.args(["-c", "core.fsmonitor=false"]).arg("-C").arg(dir);
    UNSET.iter().for_each(|it| {
        command.env_remove(it);
    });
    command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    // A partial clone fetches what it lacks as soon as somebody asks for it; a linter does not.
    command.env("GIT_NO_LAZY_FETCH", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Asks and waits for the answer.
///
/// # Errors
/// If there is no `git`, or it cannot be started.
pub(super) fn ask(
    dir: &Path,
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<Answer, GitError> {
    let output = command(dir).args(words).output().map_err(not_started)?;
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Answer { is_ok: output.status.success(), out: output.stdout, err })
}

/// Why there is no child.
pub(super) fn not_started(err: io::Error) -> GitError {
    if err.kind() == io::ErrorKind::NotFound { GitError::NotInstalled } else { GitError::NotStarted(err) }
}
