//! Where the cache is.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::args::CacheArgs;

/// The variable that names the directory.
pub const VARIABLE: &str = "GITOPS_LINT_CACHE_DIR";

/// What our folder in a directory of caches is called.
const NAME: &str = "gitops-lint";

/// The directory of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub path: PathBuf,
    /// Whether somebody has named it. If nobody has, it matters to nobody that it cannot be used.
    pub is_named: bool,
}

impl Directory {
    /// What the flag says, or the variable, or else the user's directory of caches; `None` if he has none.
    pub fn of(args: &CacheArgs) -> Option<Directory> {
        let variable = |name: &str| env::var_os(name).filter(|it| !it.is_empty());
        let named = args.cache_dir.clone().or_else(|| variable(VARIABLE).map(PathBuf::from));
        match named {
            Some(path) => Some(Directory { path, is_named: true }),
            None => users(&variable).map(|it| Directory { path: it.join(NAME), is_named: false }),
        }
    }
}

/// The user's directory of caches.
fn users(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // What is not absolute is to be ignored, says the XDG specification.
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|it| it.is_absolute());
    if cfg!(windows) {
        return absolute("LOCALAPPDATA");
    }
    let below = Path::new(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" });
    absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|it| it.join(below)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_users_directory_is_found_as_other_programs_find_it() {
        let of = |variables: &[(&str, &str)]| {
            let value = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.into());
            users(&value).map(|it| it.display().to_string())
        };
        let below = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        let home = Some(format!("/home/a/{below}"));
        assert_eq!(of(&[("HOME", "/home/a"), ("XDG_CACHE_HOME", "/x")]), Some("/x".to_owned()));
        assert_eq!(of(&[("HOME", "/home/a"), ("XDG_CACHE_HOME", "x")]), home);
        assert_eq!(of(&[("HOME", "/home/a")]), home);
        assert_eq!(of(&[("HOME", "home")]), None);
        assert_eq!(of(&[]), None);
    }
}
