//! What a record is found by: everything that a result depends on, but for what the disk answers.

use std::fmt::{self, Debug, Write as _};
use std::path::Path;
use std::time::UNIX_EPOCH;
use std::{env, fs};

use gitops_render::RenderOptions;
use sha2::{Digest as _, Sha256};

use crate::cache::asked::hex;
use crate::disk_tree::DiskTree;
use crate::lint::Work;
use crate::options::Settings;

/// A digest of the sources that the binary was built from; see `build.rs`.
const SOURCES: &str = env!("GITOPS_LINT_SOURCES");

/// The name of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub String);

impl Key {
    /// The key of this work, done by this binary.
    pub fn of(tree: &DiskTree, options: &RenderOptions, work: &Work<'_>) -> Key {
        let executable = env::current_exe().ok();
        Key(key(executable.as_deref(), &(tree.extent(), options, parts(work))))
    }
}

/// What the work is made of. Every field is named here, so that none that is added can be forgotten; and
/// `Debug` writes what is in them.
fn parts<'a>(work: &'a Work<'_>) -> impl Debug + 'a {
    let Work {
        files,
        named,
        repository,
        is_part,
        today,
        policies,
        constraints,
        locations,
        settings,
        is_last,
        only,
    } = work;
    // What the repository holds is a question, like those to the disk. Another says what becomes of memory.
    let _ = (repository, is_last);
    let Settings { targets, strict, fail_on, selection, ignores, assumed, excluded, narrowed } = settings;
    // What is a failure is decided by what was found; what is left out is not among the files.
    let _ = (fail_on, excluded);
    let settings = (targets, strict, selection, ignores, assumed, narrowed);
    (files, named, is_part, only, today, policies, constraints, locations, settings)
}

fn key(executable: Option<&Path>, of: &dyn Debug) -> String {
    let mut digest = Hashing(Sha256::new());
    let binary = executable.and_then(stamp);
    let words = (env!("CARGO_PKG_VERSION"), SOURCES, binary);
    write!(digest, "{words:?}\n{of:?}").expect("a digest takes any text");
    hex(&digest.0.finalize()[..16])
}

/// Size and time of the binary. Whoever builds it from the same sources with a library of his own has another one.
fn stamp(executable: &Path) -> Option<(u64, u128)> {
    let found = fs::metadata(executable).ok()?;
    let modified = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((found.len(), modified.as_nanos()))
}

struct Hashing(Sha256);

impl fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use crate::constraints::ConstraintWork;
    use crate::lint::Policies;
    use crate::options::{Flags, Options};
    use clap::Parser as _;
    use gitops_render::suppress::Day;
    use gitops_render::{GatekeeperOptions, Location, RepoPath};

    fn path(text: &str) -> RepoPath {
        RepoPath::root().join(text).unwrap()
    }

    fn settings(words: &str) -> Settings {
        let words = ["gitops-lint"].into_iter().chain(words.split(' '));
        let Command::Check(args) = Cli::try_parse_from(words).unwrap().command else { panic!("no check") };
        let options = Options::new(Flags::of_check(&args).unwrap(), &[]).unwrap();
        Settings::new(&options, &DiskTree::whole_disk().unwrap())
    }

    #[test]
    fn every_part_of_the_work_is_a_part_of_the_key() {
        let (a, b) = ([path("a.yaml")], [path("b.yaml")]);
        let pairs = [(path("p/a.rego"), path("p"))];
        let names = ["main".to_owned()];
        let roots = [path("a")].into();
        let constraints = ConstraintWork::default();
        let expanded = GatekeeperOptions { expands_pods: false, ..GatekeeperOptions::default() };
        let others = [
            ConstraintWork { files: a.to_vec(), ..ConstraintWork::default() },
            ConstraintWork { options: expanded, ..ConstraintWork::default() },
        ];
        let settings = settings("check");
        let other_settings =
            ["check --no-strict", "check --kubernetes-version 1.30", "check --ignore KUS004"]
                .map(self::settings);
        let policies = Policies {
            files: &[],
            data: &[],
            namespaces: &[],
            all_namespaces: false,
            combine: false,
            are_named: false,
        };
        let work = || Work {
            files: &a,
            named: &[],
            repository: &|_| None,
            is_part: false,
            today: Day::of_seconds(0),
            policies,
            constraints: &constraints,
            locations: &[],
            settings: &settings,
            only: None,
            is_last: true,
        };
        let with = |policies| Work { policies, ..work() };
        let works = [
            work(),
            Work { files: &b, ..work() },
            Work { files: &[], named: &a, ..work() },
            Work { named: &a, ..work() },
            Work { is_part: true, ..work() },
            Work { only: Some(&roots), ..work() },
            Work { today: Day::of_seconds(86_400), ..work() },
            Work { constraints: &others[0], ..work() },
            Work { constraints: &others[1], ..work() },
            Work { settings: &other_settings[0], ..work() },
            Work { settings: &other_settings[1], ..work() },
            Work { settings: &other_settings[2], ..work() },
            Work { locations: &[Location::BuiltIn], ..work() },
            Work { locations: &[Location::Folder(path("a"))], ..work() },
            Work { locations: &[Location::File(path("a"))], ..work() },
            with(Policies { files: &pairs, ..policies }),
            with(Policies { data: &pairs, ..policies }),
            with(Policies { namespaces: &names, ..policies }),
            with(Policies { all_namespaces: true, ..policies }),
            with(Policies { combine: true, ..policies }),
            with(Policies { are_named: true, ..policies }),
        ];
        let mut keys: Vec<String> = works.iter().map(|it| key(None, &parts(it))).collect();
        assert_eq!(keys[0], key(None, &parts(&works[0])));
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), works.len());
    }

    #[test]
    fn another_binary_has_another_key() {
        let dir = tempfile::tempdir().unwrap();
        let binary = dir.path().join("gitops-lint");
        fs::write(&binary, "a").unwrap();
        let first = key(Some(&binary), &());
        assert_eq!(first, key(Some(&binary), &()));
        fs::write(&binary, "ab").unwrap();
        let second = key(Some(&binary), &());
        fs::File::options().append(true).open(&binary).unwrap().set_modified(UNIX_EPOCH).unwrap();
        let third = key(Some(&binary), &());
        assert!(first != second && second != third && third != key(None, &()));
    }
}
