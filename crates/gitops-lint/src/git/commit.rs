//! The files of a commit, listed once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Commit, Git, GitError};

/// What stands at a path of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub kind: Kind,
    /// The name of its content.
    pub id: String,
    /// In bytes; 0 for a submodule. `None` if a partial clone has left the content out.
    pub size: Option<u64>,
}

/// What a path of a commit may be, but for a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A symbolic link; its content is where it leads.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// The files of a commit, by their paths from the top of the repository.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub files: BTreeMap<String, Listed>,
    /// The directories that hold them. The top is the empty path.
    pub directories: BTreeSet<String>,
}

impl Listing {
    /// All files of a commit, but for those whose names are not UTF-8: no path of ours leads to them.
    ///
    /// # Errors
    /// If Git cannot tell.
    pub(super) fn of(git: &Git, commit: &Commit) -> Result<Listing, GitError> {
        let answer = git.ask(&["ls-tree", "-r", "-z", "-l", "--full-tree", &commit.id])?;
        if !answer.is_ok && is_partial(&answer.err) {
            return Err(GitError::Partial(commit.name.clone()));
        }
        Ok(Listing::parse(&answer.checked("ls-tree")?))
    }

    fn parse(out: &[u8]) -> Listing {
        let mut listing = Listing::default();
        listing.directories.insert(String::new());
        let entries = out.split(|it| *it == 0).filter_map(|it| str::from_utf8(it).ok());
        for (path, listed) in entries.filter_map(entry) {
            let mut dir = path;
            while let Some((above, _)) = dir.rsplit_once('/') {
                if !listing.directories.insert(above.to_owned()) {
                    break;
                }
                dir = above;
            }
            listing.files.insert(path.to_owned(), listed);
        }
        listing
    }
}

/// `100644 blob 1f2e…      12\tapps/web.yaml`
fn entry(text: &str) -> Option<(&str, Listed)> {
    let (about, path) = text.split_once('\t')?;
    let mut words = about.split_ascii_whitespace();
    let (mode, _, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let kind = match mode {
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        _ => Kind::File,
    };
    let size = if size == "-" { Some(0) } else { size.parse().ok() };
    Some((path, Listed { kind, id: id.to_owned(), size }))
}

/// Whether Git complains about something that a partial clone left out.
pub(super) fn is_partial(err: &str) -> bool {
    err.contains("lazy fetching disabled") || err.contains("could not fetch") || err.contains("promisor")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_links_and_submodules_are_told_apart() {
        let out = b"100644 blob aa      12\ta/b/c d.yaml\x00120000 blob bb       4\ta/link\x00160000 commit cc       -\tsub\x00100755 blob dd 1\t\xff\x00";
        let listing = Listing::parse(out);
        let told = |path: &str| listing.files.get(path).map(|it| (it.kind, &*it.id, it.size));
        assert_eq!(told("a/b/c d.yaml"), Some((Kind::File, "aa", Some(12))));
        assert_eq!(told("a/link"), Some((Kind::Link, "bb", Some(4))));
        assert_eq!(told("sub"), Some((Kind::Submodule, "cc", Some(0))));
        assert_eq!(listing.files.len(), 3);
        assert_eq!(listing.directories.iter().collect::<Vec<_>>(), ["", "a", "a/b"]);
    }
}
