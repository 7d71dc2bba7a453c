//! Git, as a child process that only reads: which commit a change starts from, what it changed, and the
//! repository as it was before.
//!
//! [`Git`] is a repository with a working tree. [`Git::merge_base`] is where a pull request would start;
//! [`BaseTree`] is the repository as it was there, under the paths that [`DiskTree`] gives its files.
//! Nothing is written, neither to the repository nor to `.git`, and nothing is fetched.
//!
//! [`DiskTree`]: crate::disk_tree::DiskTree

mod base_tree;
mod changes;
mod command;
mod commit;
mod ignored;
mod look;
mod objects;
mod revision;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use base_tree::BaseTree;
pub use revision::Commit;

use command::ask;

/// Why Git could not tell.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no such program.
    #[error("there is no `git` in PATH, and without it there is nothing to compare with: install it")]
    NotInstalled,
    /// There is one, and it does not run.
    #[error("cannot start `git`")]
    NotStarted(#[source] io::Error),
    /// The path is in no repository.
    #[error("`{}` is in no Git repository, so there is nothing to compare with", .0.display())]
    NoRepository(PathBuf),
    /// The repository has no files.
    #[error("`{}` is in a bare repository: there is no working tree to compare with its commits", .0.display())]
    Bare(PathBuf),
    /// Git does not trust it.
    #[error(
        "Git refuses to read `{path}`, because it belongs to somebody else: run `git config --global --add \
         safe.directory '{path}'`"
    )]
    NotTrusted {
        /// The top of the repository, as far as Git says which.
        path: String,
    },
    /// The paths lie in several.
    #[error("`--base` compares within one Git repository, and these are two: `{}` and `{}`", .0.display(), .1.display())]
    TwoRepositories(PathBuf, PathBuf),
    /// The reference leads nowhere.
    #[error("there is no commit `{name}`{advice}")]
    NoSuchCommit {
        /// As it was written.
        name: String,
        /// What to do, with what leads to it.
        advice: String,
    },
    /// The reference is something else.
    #[error("`{name}` is {what}, and not a commit")]
    NotACommit {
        /// As it was written.
        name: String,
        /// What it is, with its article.
        what: &'static str,
    },
    /// The current branch is empty.
    #[error("the current branch has no commits yet, so there is nothing to compare with `{0}`")]
    NoCommits(String),
    /// Two histories that never met.
    #[error("`{name}` and the current branch have no commit in common{advice}")]
    NoMergeBase {
        /// As it was written.
        name: String,
        /// What to do, with what leads to it.
        advice: String,
    },
    /// The commit is there, and something in it is not.
    #[error(
        "this clone is partial, and lacks the files of `{0}`: run `git diff {0} > {null}`, which fetches \
         them, or clone without a filter", null = if cfg!(windows) { "NUL" } else { "/dev/null" }
    )]
    Partial(String),
    /// Anything else.
    #[error("`git {command}` failed: {reason}")]
    Failed {
        /// What was asked.
        command: &'static str,
        /// What it said, in one line.
        reason: String,
    },
}

impl GitError {
    fn failed(command: &'static str, err: &str) -> GitError {
        let line = err.lines().find(|it| it.starts_with("fatal: ") || it.starts_with("error: "));
        let reason = line.or(err.lines().next()).unwrap_or("it does not say why");
        GitError::Failed { command, reason: reason.trim_start_matches("fatal: ").to_owned() }
    }
}

/// A repository with a working tree.
#[derive(Debug)]
pub struct Git {
    /// The top of the working tree: absolute, without symbolic links.
    top: PathBuf,
}

impl Git {
    /// The repository around `path`, which exists.
    ///
    /// # Errors
    /// If there is none, Git does not trust it, or there is no Git.
    pub fn around(path: &Path) -> Result<Git, GitError> {
        let dir = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let answer = ask(dir, ["rev-parse", "--show-toplevel"])?;
        if answer.is_ok {
            let top = os_path(answer.out.strip_suffix(b"\n").unwrap_or(&answer.out));
            let top = fs::canonicalize(&top).unwrap_or(top);
            return Ok(Git { top });
        }
        let err = &answer.err;
        Err(if err.contains("dubious ownership") {
            let quoted = err.split('\'').nth(1).map(str::to_owned);
            GitError::NotTrusted { path: quoted.unwrap_or_else(|| dir.display().to_string()) }
        } else if err.contains("must be run in a work tree") {
            GitError::Bare(path.to_owned())
        } else if err.contains("not a git repository") {
            GitError::NoRepository(path.to_owned())
        } else {
            GitError::failed("rev-parse", err)
        })
    }

    /// The one repository around all `paths`, of which there is at least one.
    ///
    /// # Errors
    /// As [`Git::around`], and if they lie in several.
    pub fn around_all(paths: &[PathBuf]) -> Result<Git, GitError> {
        let (first, rest) = paths.split_first().ok_or_else(|| GitError::NoRepository(PathBuf::new()))?;
        let git = Git::around(first)?;
        for path in rest {
            let other = Git::around(path)?;
            if other.top != git.top {
                return Err(GitError::TwoRepositories(git.top, other.top));
            }
        }
        Ok(git)
    }

    /// The text of the ignore file that is not in the repository, if there is one.
    fn exclude(&self) -> Result<String, GitError> {
        let path = ask(&self.top, ["rev-parse", "--git-path", "info/exclude"])?.checked("rev-parse")?;
        let path = self.top.join(os_path(path.strip_suffix(b"\n").unwrap_or(&path)));
        Ok(fs::read(path).map(|it| String::from_utf8_lossy(&it).into_owned()).unwrap_or_default())
    }

    /// The top of the working tree: absolute, without symbolic links.
    pub fn top(&self) -> &Path {
        &self.top
    }
}

/// A path that Git has printed.
fn os_path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(bytes).into_owned());
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
