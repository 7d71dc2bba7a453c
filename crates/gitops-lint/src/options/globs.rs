//! Patterns of paths and of names.

use std::fmt;
use std::path::PathBuf;

use gitops_render::RepoPath;
use globset::{GlobBuilder, GlobMatcher};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Longer patterns are no patterns.
const MOST_BYTES: usize = 4096;

/// Paths as `.gitignore` has them: relative to a folder, the last match counts, `!` takes out again.
#[derive(Clone)]
pub struct Paths {
    /// The folder; nothing outside of it matches.
    pub folder: RepoPath,
    /// What leads to that folder from the one that the patterns begin in: empty, or with a slash at its end.
    pub prefix: String,
    /// As they were written.
    words: Vec<String>,
    globs: Gitignore,
}

/// What they are made of: results are kept under a name that has this in it, and what the patterns were compiled
/// to need not look the same twice.
impl fmt::Debug for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Paths { folder, prefix, words, globs: _ } = self;
        f.debug_struct("Paths").field("folder", folder).field("prefix", prefix).field("words", words).finish()
    }
}

impl Paths {
    /// Reads one pattern after the other.
    ///
    /// # Errors
    /// The index of each that is no pattern, and the reason.
    pub fn new(words: &[String]) -> Result<Paths, Vec<(usize, String)>> {
        let mut builder = GitignoreBuilder::new("");
        let mut wrong = vec![];
        for (index, word) in words.iter().enumerate() {
            if word.len() > MOST_BYTES {
                wrong.push((index, format!("it has more than {MOST_BYTES} bytes")));
            } else if word.contains('\n') {
                wrong.push((index, "it has several lines".to_owned()));
            } else if word.split('/').any(|it| it == "..") {
                wrong.push((index, "it leads out of its folder".to_owned()));
            } else if let Err(err) = builder.add_line(None, &plain(word)) {
                wrong.push((index, reason(&err)));
            }
        }
        let globs = builder.build().map_err(|err| vec![(0, reason(&err))]);
        match (globs, wrong.is_empty()) {
            (Ok(globs), true) => {
                Ok(Paths { folder: RepoPath::root(), prefix: String::new(), words: words.to_vec(), globs })
            }
            (Err(all), true) => Err(all),
            _ => Err(wrong),
        }
    }

    /// Whether the file at a path, or a folder that it lies in, is meant.
    pub fn holds(&self, path: &RepoPath) -> bool {
        self.inside(path).is_some_and(|it| self.globs.matched_path_or_any_parents(it, false).is_ignore())
    }

    /// The same for a folder.
    pub fn holds_folder(&self, path: &RepoPath) -> bool {
        self.inside(path).is_some_and(|it| self.globs.matched_path_or_any_parents(it, true).is_ignore())
    }

    /// The same whatever is said about the folders above it.
    pub fn holds_itself(&self, path: &RepoPath, is_folder: bool) -> bool {
        self.inside(path).is_some_and(|it| self.globs.matched(it, is_folder).is_ignore())
    }

    /// The path as the patterns see it.
    fn inside(&self, path: &RepoPath) -> Option<PathBuf> {
        let relative = path.is_within(&self.folder).then(|| path.relative_to(&self.folder))?;
        Some(PathBuf::from(format!("{}{relative}", self.prefix)))
    }
}

/// The pattern as git writes it: a person may begin it with `./`, or mean all by a dot.
fn plain(word: &str) -> String {
    match word.trim_end_matches('/') {
        "." => "**".to_owned(),
        _ => word.strip_prefix("./").map_or_else(|| word.to_owned(), |it| format!("/{it}")),
    }
}

fn reason(err: &ignore::Error) -> String {
    match err {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}

/// A name, or a pattern of names with `*`, `?`, `[a-z]` and `{a,b}`; case counts.
#[derive(Clone)]
pub struct Pattern {
    matcher: GlobMatcher,
}

/// See [`Paths`].
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.matcher.glob().glob(), f)
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it is none.
    pub fn new(text: &str) -> Result<Pattern, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("it has more than {MOST_BYTES} bytes"));
        }
        let glob = GlobBuilder::new(text).literal_separator(false).build();
        let glob = glob.map_err(|err| err.kind().to_string())?;
        Ok(Pattern { matcher: glob.compile_matcher() })
    }

    /// Whether a name is meant.
    pub fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::root().join(text).unwrap()
    }

    #[test]
    fn paths_are_those_of_gitignore_below_a_folder() {
        let words = ["/vendor/", "*.gen.yaml", "!keep.gen.yaml", "apps/*/dev", "./deep"].map(str::to_owned);
        let paths = Paths { folder: path("infra"), ..Paths::new(&words).unwrap() };
        for (text, is_held) in [
            ("infra/vendor/a.yaml", true),
            ("infra/x/vendor/a.yaml", false),
            ("infra/x/y.gen.yaml", true),
            ("infra/x/keep.gen.yaml", false),
            ("infra/apps/web/dev/a.yaml", true),
            ("infra/apps/web/prod/a.yaml", false),
            ("vendor/a.yaml", false),
            ("infra-old/a.gen.yaml", false),
            ("infra", false),
            ("infra/deep/z.yaml", true),
        ] {
            assert_eq!(paths.holds(&path(text)), is_held, "{text}");
        }
        assert!(paths.holds_folder(&path("infra/vendor")) && !paths.holds(&path("infra/vendor")));
    }

    #[test]
    fn patterns_may_begin_above_the_tree_and_a_dot_is_all() {
        let paths = Paths { prefix: "repo/".to_owned(), ..Paths::new(&["repo/vendor/".to_owned()]).unwrap() };
        assert!(paths.holds(&path("vendor/a.yaml")) && !paths.holds(&path("a.yaml")));
        let all = Paths::new(&[".".to_owned()]).unwrap();
        assert!(all.holds(&path("a/b.yaml")) && all.holds_folder(&RepoPath::root()));
        assert!(!Paths::new(&["a".to_owned()]).unwrap().holds_folder(&RepoPath::root()));
    }

    #[test]
    fn each_path_that_is_none_is_told() {
        let words = ["a", "x[", "{c", "d\ne", "../f"].map(str::to_owned);
        let wrong: Vec<usize> = Paths::new(&words).unwrap_err().into_iter().map(|it| it.0).collect();
        assert_eq!(wrong, [2, 3, 4], "git takes an open bracket for a bracket");
    }

    #[test]
    fn a_pattern_is_a_whole_name() {
        let matches = |pattern: &str, name: &str| Pattern::new(pattern).unwrap().matches(name);
        assert!(matches("web", "web") && matches("web-*", "web-1") && matches("{a,b}?", "bc"));
        assert!(!matches("web", "web-1") && !matches("Web", "web"));
        assert!(Pattern::new("a[").is_err());
    }
}
