//! The hook for pre-commit: a new file, or one more entry in the one that is there.

use std::fs;
use std::path::Path;

use gitops_render::{MemoryTree, Node, RepoPath, Sources};

use super::ci::without_head;
use super::{Piece, Step, is_there};

/// The only name that pre-commit knows.
pub const FILE: &str = ".pre-commit-config.yaml";

const EXAMPLE: &str =
    include_str!(concat!(env!("GITOPS_LINT_EXAMPLES"), "/pre-commit/.pre-commit-config.yaml"));

/// What is done about the hook.
pub fn piece(top: &Path) -> Piece {
    let path = top.join(FILE);
    let step = match fs::read_to_string(&path) {
        // Also in a comment: somebody has thought about it.
        Ok(old) if old.contains("gitops-lint") => Step::Keep("it has the hook already"),
        Ok(old) => match extended(&old) {
            // A link belongs to whoever wrote what it leads to.
            Some(new) if !path.is_symlink() => Step::Extend { old, new },
            _ => Step::Advise(without_head(EXAMPLE)),
        },
        Err(_) if is_there(&path) => Step::Advise(without_head(EXAMPLE)),
        Err(_) => Step::Write(EXAMPLE.to_owned()),
    };
    Piece { path: FILE, step }
}

/// The lines of the example that stand below `repos:`, without their indentation.
fn entry() -> Vec<String> {
    let lines = EXAMPLE.lines().skip_while(|it| *it != "repos:").skip(1);
    lines.map(|it| it.strip_prefix("  ").unwrap_or(it).to_owned()).collect()
}

/// The text with our entry behind the last one; `None` unless that, and nothing else, comes of it.
fn extended(old: &str) -> Option<String> {
    let before = parsed(old)?;
    let repos = before.get("repos")?.as_seq()?;
    let last = repos.last()?.origin.span;
    let (start, end) = (last.start as usize, last.end as usize);
    let line = old[..start].rfind('\n').map_or(0, |it| it + 1);
    let indentation = old[line..start].strip_suffix("- ")?;
    if !indentation.chars().all(|it| it == ' ') {
        return None;
    }
    // The span may reach over blank lines and comments that belong to what follows.
    let end = start + old[start..end].trim_end().len();
    let end = old[end..].find('\n').map_or(old.len(), |it| end + it);
    let newline = if old.contains("\r\n") { "\r\n" } else { "\n" };
    let end = end - usize::from(old[..end].ends_with('\r'));
    let mut new = old[..end].to_owned();
    for line in entry() {
        new.push_str(&format!("{newline}{indentation}{line}"));
    }
    new.push_str(if old.len() == end { newline } else { &old[end..] });
    holds_one_more(&before, &parsed(&new)?).then_some(new)
}

/// Whether all is as it was, but for one entry of ours at the end of `repos`.
fn holds_one_more(before: &Node, after: &Node) -> bool {
    let (Some(old), Some(new)) = (before.as_map(), after.as_map()) else { return false };
    let (Some(repos), Some(more)) =
        (before.get("repos").and_then(Node::as_seq), after.get("repos").and_then(Node::as_seq))
    else {
        return false;
    };
    let others_stay = old
        .entries()
        .iter()
        .all(|it| &*it.key == "repos" || new.get(&it.key).is_some_and(|new| new.has_same_value(&it.node)));
    let ours = parsed(EXAMPLE).and_then(|it| it.get("repos")?.as_seq()?.first().cloned());
    old.len() == new.len()
        && others_stay
        && more.len() == repos.len() + 1
        && repos.iter().zip(more).all(|(old, new)| new.has_same_value(old))
        && ours.is_some_and(|it| more.last().is_some_and(|last| last.has_same_value(&it)))
}

/// The one document of a text.
fn parsed(text: &str) -> Option<Node> {
    let mut tree = MemoryTree::new();
    tree.insert(FILE, text);
    let file = Sources::new(&tree).open(&RepoPath::root().join(FILE)?).ok()?;
    let yaml = file.yaml();
    match &*yaml.documents {
        [one] if !yaml.is_broken => Some(one.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "- repo: https://github.com/gitops-lint/gitops-lint";

    #[test]
    fn the_entry_goes_behind_the_last_one_with_its_indentation() {
        for (indentation, tail) in
            [("", ""), ("  ", ""), ("  ", "\n# ours\nfail_fast: true\n"), ("    ", "\n\n")]
        {
            let old = format!(
                "default_stages: [pre-commit]\nrepos:\n{indentation}- repo: local\n{indentation}  hooks:\n\
                 {indentation}  - id: a # why\n{tail}"
            );
            let new = extended(&old).unwrap_or_else(|| panic!("{old}"));
            assert!(new.contains(&format!("# why\n{indentation}{OURS}\n{indentation}  rev: ")), "{new}");
            assert!(new.ends_with(tail) && new.ends_with('\n'), "{new}");
        }
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let new = extended("repos:\r\n- repo: local\r\n  hooks: []\r\n").unwrap();
        assert_eq!(new.matches('\n').count(), new.matches("\r\n").count(), "{new:?}");
    }

    #[test]
    fn what_cannot_be_extended_safely_is_left_alone() {
        for text in [
            "repos: []\n",
            "repos: [{repo: local, hooks: []}]\n",
            "fail_fast: true\n",
            "repos: {}\n",
            "- repo: local\n",
            "repos:\n- repo: local\n---\na: 1\n",
            "repos:\n- &a {repo: local, hooks: [\n",
            "",
        ] {
            assert_eq!(extended(text), None, "{text}");
        }
    }
}
