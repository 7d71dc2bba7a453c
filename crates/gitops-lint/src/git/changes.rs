//! What stands otherwise in the working tree than in a commit.

use std::collections::BTreeMap;

use super::commit::is_partial;
use super::{Commit, Git, GitError};

/// What happened to a path since a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new, committed or not.
    Added,
    /// It is gone.
    Deleted,
    /// Its content, or what it is, has changed.
    Modified,
}

/// The paths that have changed, from the top of the repository. A path that ends in `/` stands for all that
/// is below: a repository inside of this one that is no submodule.
#[derive(Debug, Default)]
pub struct Changes {
    /// In order of path.
    pub paths: BTreeMap<String, Change>,
}

impl Changes {
    /// What is otherwise in the working tree than in `commit`: what was committed since, what was not
    /// committed yet, and files that Git does not know, but for ignored ones.
    ///
    /// Line ends and filters (LFS, git-crypt) count as Git counts them. Names that are not UTF-8 are left
    /// out.
    ///
    /// # Errors
    /// If Git cannot tell.
    pub fn since(git: &Git, commit: &Commit) -> Result<Changes, GitError> {
        // The configuration must not change what is listed, nor in which form.
        let diff = ["-c", "diff.relative=false", "diff", "--name-status", "-z"];
        let plain = ["--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
        let rest = ["--ignore-submodules=none", &*commit.id, "--"];
        let answer = git.ask(&[&diff[..], &plain, &rest].concat())?;
        if !answer.is_ok && is_partial(&answer.err) {
            return Err(GitError::Partial(commit.name.clone()));
        }
        let mut changes = Changes::parse(&answer.checked("diff")?);
        let unknown = git.ask(&["ls-files", "--others", "--exclude-standard", "-z"])?.checked("ls-files")?;
        for path in names(&unknown) {
            // What was taken out of the index only is still there.
            let change = changes.paths.entry(path.to_owned()).or_insert(Change::Added);
            if *change == Change::Deleted {
                *change = Change::Modified;
            }
        }
        Ok(changes)
    }

    /// Whether everything is as it was.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    fn parse(out: &[u8]) -> Changes {
        let mut parts = out.split(|it| *it == 0);
        let mut changes = Changes::default();
        while let (Some(status), Some(path)) = (parts.next(), parts.next()) {
            let change = match status.first() {
                Some(b'A') => Change::Added,
                Some(b'D') => Change::Deleted,
                _ => Change::Modified,
            };
            if let Ok(path) = str::from_utf8(path) {
                changes.paths.insert(path.to_owned(), change);
            }
        }
        changes
    }
}

/// Names that end in a zero each.
fn names(out: &[u8]) -> impl Iterator<Item = &str> {
    out.split(|it| *it == 0).filter(|it| !it.is_empty()).filter_map(|it| str::from_utf8(it).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_one_path() {
        let changes = Changes::parse(b"M\x00a b.yaml\x00A\x00new\nline\x00D\x00gone\x00T\x00link\x00");
        let told: Vec<_> = changes.paths.iter().map(|(path, change)| (&**path, *change)).collect();
        let (added, deleted, modified) = (Change::Added, Change::Deleted, Change::Modified);
        let expected = [("a b.yaml", modified), ("gone", deleted), ("link", modified), ("new\nline", added)];
        assert_eq!(told, expected);
        assert!(Changes::parse(b"").is_empty());
    }
}
