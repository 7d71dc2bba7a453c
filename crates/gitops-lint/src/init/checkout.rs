//! The repository that `init` works on, as Git has it: its top, where it was cloned from, its main branch.
//!
//! Reads Git's files and starts nothing. What is not there, or not of the form that we know, is not known.

use std::fs;
use std::path::{Path, PathBuf};

/// A working tree.
#[derive(Debug)]
pub struct Checkout {
    /// The directory with `.git`; if there is none, the one that was asked for.
    pub top: PathBuf,
    /// Whether it is Git's.
    pub is_git: bool,
    /// Whether it has no files but Git's own: it is bare, or the inside of `.git`.
    pub is_bare: bool,
    /// The address that it is pushed to.
    pub remote: Option<String>,
    /// The branch that others are merged into; `main` if nobody says.
    pub branch: String,
}

impl Checkout {
    /// The repository around a directory.
    pub fn around(dir: &Path) -> Checkout {
        let mut above = dir.ancestors();
        let is_inside = |it: &Path| it.join(".git").exists() || is_git_directory(it);
        let top = above.find(|it| is_inside(it));
        let Some(top) = top else {
            let (top, branch) = (dir.to_owned(), "main".to_owned());
            return Checkout { top, is_git: false, is_bare: false, remote: None, branch };
        };
        let is_bare = !top.join(".git").exists();
        let git = if is_bare { top.to_owned() } else { git_directory(top) };
        let remote = fs::read_to_string(git.join("config")).ok().and_then(|it| remote(&it));
        Checkout { top: top.to_owned(), is_git: true, is_bare, remote, branch: main_branch(&git) }
    }

    /// The host of the remote, in small letters.
    pub fn host(&self) -> Option<String> {
        let address = self.remote.as_deref()?;
        // A user may stand before the host, and behind it a port or, as `scp` has it, the path.
        let rest = address.split_once("://").map_or(address, |it| it.1);
        let place = rest.split('/').next()?;
        let host = place.rsplit('@').next()?.split(':').next()?;
        Some(host.to_ascii_lowercase()).filter(|it| !it.is_empty())
    }
}

/// Whether it is a folder that Git would take for a repository.
fn is_git_directory(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && ["objects", "refs"].iter().all(|it| folder.join(it).is_dir())
}

/// Where Git keeps what all working trees of a repository share.
fn git_directory(top: &Path) -> PathBuf {
    let dot_git = top.join(".git");
    // In a further working tree, and in a submodule, it is a file that says where.
    let Some(own) = linked(&dot_git, "gitdir:").map(|it| top.join(it)) else { return dot_git };
    match linked(&own.join("commondir"), "") {
        Some(common) => own.join(common),
        None => own,
    }
}

/// The path in a file that holds nothing else.
fn linked(file: &Path, prefix: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    Some(text.strip_prefix(prefix)?.trim().to_owned()).filter(|it| !it.is_empty())
}

/// The `url` of `origin`; without one, that of the first remote.
fn remote(config: &str) -> Option<String> {
    let (mut section, mut first, mut origin) = ("", None, None);
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if section.starts_with("[remote ")
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            let url = value.trim().trim_matches('"').to_owned();
            if section == "[remote \"origin\"]" {
                origin.get_or_insert(url);
            } else {
                first.get_or_insert(url);
            }
        }
    }
    origin.or(first)
}

fn main_branch(git: &Path) -> String {
    let head = fs::read_to_string(git.join("refs/remotes/origin/HEAD")).unwrap_or_default();
    let name = head.trim().strip_prefix("ref: refs/remotes/origin/").unwrap_or("main");
    // It becomes a word of a workflow.
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '/' | '.');
    let is_word = name.chars().all(is_plain) && name.starts_with(|it: char| it.is_ascii_alphabetic());
    if is_word { name.to_owned() } else { "main".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(url: &str) -> Option<String> {
        let remote = remote(&format!("[core]\n\turl = no\n[remote \"origin\"]\n\turl = {url}\n"));
        Checkout { top: PathBuf::new(), is_git: true, is_bare: false, remote, branch: String::new() }.host()
    }

    #[test]
    fn the_host_is_found_in_every_form_of_an_address() {
        for url in [
            "https://github.com/team/deploy.git",
            &format!("https://{}@GitHub.com:{}/team/deploy", "me:secret", 443),
            "git@github.com:team/deploy.git",
            "ssh://git@github.com:22/team/deploy",
        ] {
            assert_eq!(host(url).as_deref(), Some("github.com"), "{url}");
        }
        assert_eq!(host("/srv/git/deploy.git"), None);
    }

    #[test]
    fn origin_comes_before_other_remotes() {
        let config = "[remote \"fork\"]\nurl = a\n[remote \"origin\"]\nfetch = x\nURL = \"b\"\n[branch \"main\"]\nurl = c\n";
        assert_eq!(remote(config).as_deref(), Some("b"));
        assert_eq!(remote("[remote \"fork\"]\nurl = a\n").as_deref(), Some("a"));
        assert_eq!(remote("[branch \"main\"]\nremote = origin\n"), None);
    }

    #[test]
    fn a_further_working_tree_knows_its_repository() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        let put = |path: &str, text: &str| {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        };
        put("main/.git/config", "[remote \"origin\"]\nurl = git@gitlab.example:a/b\n");
        put("main/.git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/trunk\n");
        put("main/.git/worktrees/side/commondir", "../..\n");
        put("side/.git", "gitdir: ../main/.git/worktrees/side\n");
        fs::create_dir_all(at("side/apps")).unwrap();
        let found = Checkout::around(&at("side/apps"));
        assert_eq!(found.top, at("side"));
        assert_eq!((found.host().as_deref(), &*found.branch), (Some("gitlab.example"), "trunk"));
        let none = Checkout::around(dir.path());
        assert_eq!((none.is_git, none.host(), &*none.branch), (false, None, "main"));
    }

    #[test]
    fn a_branch_that_is_no_plain_word_is_not_written_into_a_workflow() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("refs/remotes/origin")).unwrap();
        fs::write(dir.path().join("refs/remotes/origin/HEAD"), "ref: refs/remotes/origin/a]: ${{x}}\n")
            .unwrap();
        assert_eq!(main_branch(dir.path()), "main");
    }
}
