//! The packs of policies that are built in: `--policy builtin:NAME`.
//!
//! Their files have paths like those of the repository, `builtin:team-basics/labels.rego`, so that
//! everything that reads or reports files need not know about them.

use std::collections::BTreeSet;
use std::path::Path;

use gitops_render::{EntryKind, RepoPath, TreeEntry, nearest_name};

use crate::Failure;

/// What the paths of packs begin with.
const PREFIX: &str = "builtin:";

/// The folder with what the packs share. It is no pack, and comes along with each.
const LIBRARY: &str = "lib";

/// A folder of policies.
#[derive(Debug)]
pub struct Pack {
    /// What it is called.
    pub name: &'static str,
    /// Paths in the folder and what is in the files.
    files: &'static [(&'static str, &'static [u8])],
}

include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// The pack that a path of the command line names; `None` if it is a path of the disk.
///
/// # Errors
/// If there is no such pack.
pub fn named(path: &Path) -> Option<Result<&'static Pack, Failure>> {
    let name = path.to_str()?.strip_prefix(PREFIX)?.trim_end_matches('/');
    let packs = || PACKS.iter().filter(|it| it.name != LIBRARY);
    let pack = packs().find(|it| it.name == name);
    Some(pack.ok_or_else(|| {
        let names: Vec<&str> = packs().map(|it| it.name).collect();
        let meant =
            nearest_name(name, names.iter().copied()).map(|it| format!("did you mean `{PREFIX}{it}`? "));
        let listed: Vec<String> = names.iter().map(|it| format!("`{PREFIX}{it}`")).collect();
        Failure::NoPack {
            name: name.to_owned(),
            advice: format!("{}there is {}", meant.unwrap_or_default(), listed.join(", ")),
        }
    }))
}

impl Pack {
    /// The package of its rules.
    pub fn package(&self) -> String {
        format!("packs.{}", self.name.replace('-', "_"))
    }

    /// The folder.
    pub fn root(&self) -> RepoPath {
        RepoPath::root().join(&format!("{PREFIX}{}", self.name)).expect("the name has no slash")
    }

    /// The files whose names are wanted, with those of the library.
    pub fn files(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = RepoPath> {
        let library = PACKS.iter().filter(|it| it.name == LIBRARY && it.name != self.name);
        let all = std::iter::once(self).chain(library).flat_map(|pack| {
            let root = pack.root();
            pack.files.iter().filter_map(move |(name, _)| root.join(name))
        });
        all.filter(move |it| wanted(it.file_name()))
    }
}

/// Whether a path leads into a pack.
pub fn is_inside(path: &RepoPath) -> bool {
    path.as_str().starts_with(PREFIX)
}

/// What stands at a path in the packs.
pub fn entry(path: &RepoPath) -> Option<TreeEntry> {
    let size = read(path).map(|it| it.len() as u64);
    let kind = match size {
        Some(_) => EntryKind::File,
        None if list(path).is_empty() => return None,
        None => EntryKind::Dir,
    };
    Some(TreeEntry { kind, real: path.clone(), size: size.unwrap_or(0) })
}

/// The content of a file of a pack.
pub fn read(path: &RepoPath) -> Option<&'static [u8]> {
    let (name, inside) = path.as_str().strip_prefix(PREFIX)?.split_once('/')?;
    let pack = PACKS.iter().find(|it| it.name == name)?;
    pack.files.iter().find(|it| it.0 == inside).map(|it| it.1)
}

/// The names in a folder of a pack.
pub fn list(path: &RepoPath) -> Vec<String> {
    let all = PACKS.iter().flat_map(|pack| pack.files(|_| true));
    let below = all.filter(|it| it != path && it.is_within(path));
    let name = |it: RepoPath| it.relative_to(path).split('/').next().unwrap_or_default().to_owned();
    below.map(name).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::root().join(text).unwrap()
    }

    #[test]
    fn packs_are_read_like_folders() {
        let labels = path("builtin:team-basics/labels.rego");
        assert!(read(&labels).unwrap().starts_with(b"# METADATA"));
        assert_eq!(entry(&labels).unwrap().kind, EntryKind::File);
        assert_eq!(entry(&path("builtin:team-basics")).unwrap().kind, EntryKind::Dir);
        assert!(list(&path("builtin:team-basics")).contains(&"labels.rego".to_owned()));
        assert!(entry(&path("builtin:team-basics/none.rego")).is_none());
        assert!(!is_inside(&path("policies/builtin:x")));
        let pack = named(Path::new("builtin:team-basics")).unwrap().unwrap();
        assert!(pack.files(|_| true).any(|it| it == path("builtin:lib/pods.rego")));
    }

    #[test]
    fn the_rules_of_a_pack_are_in_the_package_of_its_name() {
        for pack in PACKS.iter().filter(|it| it.name != LIBRARY) {
            let package = format!("\npackage {}\n", pack.package());
            let modules =
                pack.files.iter().filter(|it| it.0.ends_with(".rego") && !it.0.ends_with("_test.rego"));
            for (name, text) in modules {
                assert!(str::from_utf8(text).unwrap().contains(&package), "{}: {name}", pack.name);
            }
        }
    }

    #[test]
    fn a_slip_in_a_packs_name_is_answered() {
        assert_eq!(named(Path::new("builtin:team-basics/")).unwrap().unwrap().name, "team-basics");
        assert!(named(Path::new("policies")).is_none());
        assert!(named(Path::new("builtin:lib")).unwrap().is_err());
        let failure = named(Path::new("builtin:team-basic")).unwrap().unwrap_err().to_string();
        assert!(failure.contains("did you mean `builtin:team-basics`?"), "{failure}");
    }
}
