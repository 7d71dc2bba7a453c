//! Which folders of policies are tested apart from each other.
//!
//! OPA loads everything that it is given into one tree. A library of policies with a folder for each,
//! every one with its own copy of the helpers, cannot be loaded like that: the copies differ, and rules
//! of one package contradict each other. Its authors run `opa test` folder by folder, and so do we, where
//! folders with tests define one rule in two ways.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::policy::module::{DefinitionKind, Module};
use crate::policy::read_modules;
use crate::source::RepoPath;
use crate::sources::SourceFile;

/// Files that are loaded together.
#[derive(Debug)]
pub(super) struct Group {
    pub files: Vec<Arc<SourceFile>>,
    /// The folder whose tests are run with them. Without one it is all tests that no other group runs.
    pub home: Option<RepoPath>,
}

/// A name in a package, with the folders that define it, and their definitions.
type Written<'m> = HashMap<(&'m [String], &'m str), BTreeMap<RepoPath, (bool, Vec<&'m str>)>>;

/// The groups in which `files` are tested, in the order of folders: one for each folder that stands
/// alone, with the files of all those that do not, and then these.
pub(super) fn groups(files: &[Arc<SourceFile>]) -> Vec<Group> {
    let (modules, _) = read_modules(files);
    let alone = standing_alone(&modules);
    let home = |file: &SourceFile| home_of(&alone, &file.path).cloned();
    let mut shared = vec![];
    let mut homes: BTreeMap<RepoPath, Vec<Arc<SourceFile>>> = BTreeMap::new();
    for file in files {
        match home(file) {
            Some(home) => homes.entry(home).or_default().push(file.clone()),
            None => shared.push(file.clone()),
        }
    }
    let with_shared = |(home, mut own): (RepoPath, Vec<_>)| {
        own.extend(shared.iter().cloned());
        Group { files: own, home: Some(home) }
    };
    let mut groups: Vec<Group> = homes.into_iter().map(with_shared).collect();
    groups.push(Group { files: shared, home: None });
    groups
}

/// The nearest of the folders that a file lies in.
pub(super) fn home_of<'h>(homes: &'h BTreeSet<RepoPath>, file: &RepoPath) -> Option<&'h RepoPath> {
    let mut folder = file.parent();
    while let Some(path) = folder {
        if let Some(found) = homes.get(&path) {
            return Some(found);
        }
        folder = path.parent();
    }
    None
}

/// The folders that have tests and contradict a folder that is neither in nor around them.
fn standing_alone(modules: &[Module]) -> BTreeSet<RepoPath> {
    let mut tested: BTreeSet<RepoPath> = BTreeSet::new();
    let mut written: Written<'_> = HashMap::new();
    for module in modules {
        let folder = folder_of(module);
        for rule in &module.rules {
            let [name] = &rule.path[..] else { continue };
            if name.starts_with("test_") || name.starts_with("todo_test_") {
                tested.insert(folder.clone());
                continue;
            }
            let places = written.entry((&module.package, name)).or_default();
            let (has_default, texts) = places.entry(folder.clone()).or_default();
            *has_default |= rule.kind == DefinitionKind::Default;
            texts.push(module.source.text.get(rule.range.clone()).unwrap_or_default());
        }
    }
    let mut found = BTreeSet::new();
    for ((_, name), places) in written.iter().filter(|it| it.1.len() > 1) {
        // Rules that deny are made to be written in many places.
        if crate::policy::severity(name).is_some() {
            continue;
        }
        for (folder, written) in places.iter().filter(|it| tested.contains(it.0)) {
            let contradicts = |(other, others): (&RepoPath, &(bool, Vec<&str>))| {
                !other.is_within(folder)
                    && !folder.is_within(other)
                    && ((written.0 && others.0) || written.1 != others.1)
            };
            if places.iter().any(contradicts) {
                found.insert(folder.clone());
            }
        }
    }
    found
}

fn folder_of(module: &Module) -> RepoPath {
    module.source.file.path.parent().unwrap_or_else(RepoPath::root)
}
