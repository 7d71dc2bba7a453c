//! From what people write to commits: `main`, `v1.2`, `HEAD~3`, `:/text`; and to where a branch began.

use std::fmt;

use gitops_render::nearest_name;

use super::command::{Answer, ask};
use super::{Git, GitError};

/// A commit that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its full name in hexadecimal digits.
    pub id: String,
    /// The reference that led to it, as it was written.
    pub name: String,
}

impl fmt::Display for Commit {
    /// As people are shown it: the first ten digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id.get(..10).unwrap_or(&self.id))
    }
}

/// What to do when a clone is not deep enough.
const DEEPEN: &str = "this clone is shallow: fetch the whole history, by `fetch-depth: 0` for actions/checkout, \
                      `GIT_DEPTH: 0` in GitLab CI, or `git fetch --unshallow`";

impl Git {
    /// The commit from which a pull request of what is in the working tree into `name` would start: the
    /// last one that `name` and the current branch have in common, as in `git diff name...`.
    ///
    /// # Errors
    /// If `name` leads to no commit, or there is none in common. In a shallow clone the message says how
    /// to get what is missing.
    pub fn merge_base(&self, name: &str) -> Result<Commit, GitError> {
        let commit = self.commit(name)?;
        if !self.ask(&["rev-parse", "--verify", "--quiet", "HEAD"])?.is_ok {
            return Err(GitError::NoCommits(name.to_owned()));
        }
        let answer = self.ask(&["merge-base", &commit.id, "HEAD"])?;
        if answer.is_ok {
            return Ok(Commit { id: answer.line(), ..commit });
        }
        if !answer.err.is_empty() {
            return Err(GitError::failed("merge-base", &answer.err));
        }
        let advice = if self.is_shallow()? { format!(": {DEEPEN}") } else { String::new() };
        Err(GitError::NoMergeBase { name: name.to_owned(), advice })
    }

    /// The commit that `name` leads to.
    ///
    /// # Errors
    /// If it leads nowhere, or to something else.
    pub fn commit(&self, name: &str) -> Result<Commit, GitError> {
        // What begins with a dash would be an option, and Git lets no name begin so.
        if name.is_empty() || name.starts_with('-') || name.contains(['\n', '\0']) {
            return Err(self.no_such(name)?);
        }
        // In two steps: behind `:/text`, `^{commit}` would be a part of the text.
        let object = self.ask(&["rev-parse", "--verify", "--quiet", name])?;
        let id = object.line();
        if !object.is_ok || id.is_empty() {
            return Err(self.no_such(name)?);
        }
        let commit = self.ask(&["rev-parse", "--verify", "--quiet", &format!("{id}^{{commit}}")])?;
        if commit.is_ok {
            return Ok(Commit { id: commit.line(), name: name.to_owned() });
        }
        let what = match &*self.ask(&["cat-file", "-t", &id])?.line() {
            "tree" => "a directory",
            "blob" => "a file",
            "tag" => "a tag of something else",
            _ => return Err(self.no_such(name)?),
        };
        Err(GitError::NotACommit { name: name.to_owned(), what })
    }

    fn no_such(&self, name: &str) -> Result<GitError, GitError> {
        Ok(GitError::NoSuchCommit { name: name.to_owned(), advice: self.advice(name)? })
    }

    /// What somebody may have meant who has written a name that leads nowhere.
    fn advice(&self, name: &str) -> Result<String, GitError> {
        if name.contains("..") {
            return Ok(": it is a range; name the commit that it starts from".to_owned());
        }
        let listed = self.ask(&["for-each-ref", "--format=%(refname:short)", "refs"])?;
        let listed = String::from_utf8_lossy(&listed.out).into_owned();
        let is_remote = |it: &&str| it.split_once('/').is_some_and(|(_, branch)| branch == name);
        if let Some(meant) = listed.lines().find(is_remote).or_else(|| nearest_name(name, listed.lines())) {
            return Ok(format!(": did you mean `{meant}`?"));
        }
        if self.is_shallow()? {
            return Ok(format!(": {DEEPEN}"));
        }
        if listed.trim().is_empty() {
            return Ok(": the repository has no commits yet".to_owned());
        }
        Ok(match name.split_once('/') {
            Some((remote, branch)) if self.has_remote(remote)? && !branch.is_empty() => {
                format!(
                    ": if it is on the remote, fetch it by `git fetch {remote} {branch}:refs/remotes/{name}`"
                )
            }
            _ => ": `git branch --all` and `git tag` list what there is".to_owned(),
        })
    }

    fn has_remote(&self, name: &str) -> Result<bool, GitError> {
        let listed = self.ask(&["remote"])?;
        Ok(String::from_utf8_lossy(&listed.out).lines().any(|it| it == name))
    }

    fn is_shallow(&self) -> Result<bool, GitError> {
        Ok(self.ask(&["rev-parse", "--is-shallow-repository"])?.line() == "true")
    }

    pub(super) fn ask(&self, words: &[&str]) -> Result<Answer, GitError> {
        ask(&self.top, words)
    }
}
