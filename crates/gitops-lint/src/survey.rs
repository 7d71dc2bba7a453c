//! What there is, before anything is rendered: which kustomizations and manifests, and what they are made of.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

use gitops_render::entries::{Entries, kustomizations};
use gitops_render::graph::Graph;
use gitops_render::kustomize::FILE_NAMES;
use gitops_render::{LayerId, Plan, Renderer, RepoPath, Sources};
use rayon::prelude::*;

use crate::elsewhere::{Judging, Memory};
use crate::findings::counted;
use crate::lint::Work;
use crate::progress::Progress;
use crate::walk::Wanted;

/// What a check will look at.
#[derive(Debug)]
pub struct Survey {
    /// The kustomizations.
    pub plan: Plan,
    /// The manifests, and what there is to say about other files.
    pub entries: Entries,
    /// What all kustomizations of the repository are made of, if files were named.
    pub whole: Option<Graph>,
    /// What the entries are found among.
    files: Vec<RepoPath>,
    /// What is left out of the entries, because nobody needs to know what it is.
    pub settled: HashSet<RepoPath>,
    /// What judges the objects of all roots, once that is known.
    pub judging: OnceLock<Judging>,
    /// What was found elsewhere.
    pub memory: Arc<Memory>,
}

impl Survey {
    /// Reads the files, and finds out what they are.
    pub fn new(renderer: &Renderer<'_>, work: &Work<'_>, progress: &Progress) -> Survey {
        read(renderer.sources(), work.files, progress);
        let mut survey = Survey::planned(renderer, work, progress);
        survey.sort_out(renderer, &HashSet::new());
        survey.read_roots(renderer, None);
        survey
    }

    /// What kustomizations are made of. Nothing else is parsed, and there are no entries as yet.
    pub fn planned(renderer: &Renderer<'_>, work: &Work<'_>, progress: &Progress) -> Survey {
        let sources = renderer.sources();
        work.files.par_iter().for_each(|it| drop(sources.open(it)));
        let whole = (!work.named.is_empty()).then(|| whole(renderer, work, progress));
        let directories = entry_directories(renderer, work, whole.as_ref());
        if whole.is_some() {
            progress.note(|| seen_in(work.named.len(), &directories));
        }
        progress.phase("planning", directories.len());
        let plan = renderer.plan(&directories);
        let files = work.files.to_vec();
        let (entries, settled, judging, memory) = Default::default();
        Survey { plan, entries, whole, files, settled, judging, memory }
    }

    /// Finds out what the files are that no kustomization uses, but for those that are `settled`. What is used is
    /// parsed only if that is needed for it.
    pub fn sort_out(&mut self, renderer: &Renderer<'_>, settled: &HashSet<RepoPath>) {
        self.entries = self.entries_among(renderer, &|it| !settled.contains(it));
        self.settled.clone_from(settled);
    }

    /// The files among which there may be suites of tests of policies: none if nothing judges objects.
    pub fn files_with_suites(&self) -> &[RepoPath] {
        if self.judging.get() == Some(&Judging::Nothing) { &[] } else { &self.files }
    }

    /// Those of the files that are manifests.
    pub fn manifests_among(&self, renderer: &Renderer<'_>, files: &HashSet<&RepoPath>) -> Vec<RepoPath> {
        if files.is_empty() {
            vec![]
        } else {
            self.entries_among(renderer, &|it| files.contains(it)).manifests
        }
    }

    fn entries_among(
        &self,
        renderer: &Renderer<'_>,
        is_wanted: &(dyn Fn(&RepoPath) -> bool + Sync),
    ) -> Entries {
        let used = self.plan.used_files();
        let unused = self.files.iter().filter(|it| !used.contains(it) && is_wanted(it)).cloned();
        read(renderer.sources(), &unused.collect::<Vec<_>>(), &Progress::hidden());
        Entries::find_among(renderer.sources(), &self.files, &used, is_wanted)
    }

    /// Reads what some roots are made of: as the layers are built, one that has most of it would keep all others
    /// waiting.
    pub fn read_roots(&self, renderer: &Renderer<'_>, only: Option<&HashSet<RepoPath>>) {
        let files = match only {
            None => self.plan.used_files(),
            Some(_) => self.among(only).0.into_iter().flat_map(|it| self.plan.files_of(it)).collect(),
        };
        let is_yaml = |it: &RepoPath| Wanted::Yaml.matches(it.file_name());
        let files: Vec<RepoPath> = files.into_iter().filter(is_yaml).collect();
        read(renderer.sources(), &files, &Progress::hidden());
    }

    /// What everything is made of.
    pub fn graph(&self, renderer: &Renderer<'_>) -> Graph {
        Graph::new(renderer.sources(), &self.plan, &self.entries.manifests)
    }

    /// The roots and the manifests that are among `only`.
    pub fn among(&self, only: Option<&HashSet<RepoPath>>) -> (Vec<LayerId>, Vec<RepoPath>) {
        self.those(|it| only.is_none_or(|only| only.contains(it)))
    }

    /// The roots and the manifests that somebody wants.
    pub fn those(&self, is_wanted: impl Fn(&RepoPath) -> bool) -> (Vec<LayerId>, Vec<RepoPath>) {
        let roots = self.plan.roots().into_iter().filter(|it| is_wanted(self.plan.path(*it)));
        let manifests = self.entries.manifests.iter().filter(|it| is_wanted(it));
        (roots.collect(), manifests.cloned().collect())
    }
}

/// Reads and parses files, so that whoever needs them has them at hand. What cannot be read is reported by those.
pub fn read(sources: &Sources<'_>, files: &[RepoPath], progress: &Progress) {
    if files.is_empty() {
        return;
    }
    progress.phase("reading", files.len());
    files.par_iter().for_each(|path| {
        if let Ok(file) = sources.open(path) {
            file.yaml();
        }
        progress.step();
    });
}

/// The directories of the kustomizations that are checked: see [`entry_directories`].
pub fn checked_directories(renderer: &Renderer<'_>, work: &Work<'_>) -> Vec<RepoPath> {
    let whole = (!work.named.is_empty()).then(|| whole(renderer, work, &Progress::hidden()));
    entry_directories(renderer, work, whole.as_ref())
}

/// In which kustomizations named files are to be seen, for people.
fn seen_in(named: usize, directories: &[RepoPath]) -> String {
    let named = counted(named, "named file");
    match directories.len() {
        0 => format!("{named}, to be seen in no kustomization"),
        number => {
            let roots = counted(number, "kustomization");
            format!("{named}, to be seen in {roots}: {}", list(directories))
        }
    }
}

/// The first of the paths, for people.
fn list(paths: &[RepoPath]) -> String {
    const MOST: usize = 5;
    let name = |it: &RepoPath| if it.as_str().is_empty() { "`.`".to_owned() } else { format!("`{it}`") };
    let mut shown: Vec<String> = paths.iter().take(MOST).map(name).collect();
    if paths.len() > MOST {
        shown.push(format!("and {} more", paths.len() - MOST));
    }
    shown.join(", ")
}

/// What all kustomizations of the repository are made of.
fn whole(renderer: &Renderer<'_>, work: &Work<'_>, progress: &Progress) -> Graph {
    let files = (work.repository)(Wanted::Kustomizations).unwrap_or_default();
    progress.phase("mapping", files.len());
    read(renderer.sources(), &files, &Progress::hidden());
    let plan = renderer.plan(&kustomizations(&files));
    Graph::new(renderer.sources(), &plan, &[])
}

/// The directories of the kustomizations that were found, of the roots that the named files reach, and
/// of those next to such a file.
fn entry_directories(renderer: &Renderer<'_>, work: &Work<'_>, whole: Option<&Graph>) -> Vec<RepoPath> {
    let mut directories: BTreeSet<RepoPath> = kustomizations(work.files).into_iter().collect();
    directories.extend(whole.iter().flat_map(|it| it.affected(work.named)));
    for directory in work.named.iter().filter_map(RepoPath::parent) {
        let mut names = FILE_NAMES.iter().filter_map(|it| directory.join(it));
        if names.any(|it| renderer.sources().entry(&it).is_ok_and(|it| it.is_some())) {
            directories.insert(directory);
        }
    }
    directories.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_words_where_named_files_are_seen() {
        let paths: Vec<RepoPath> =
            ["", "b", "c", "d", "e", "f", "g"].map(|it| RepoPath::root().join(it).unwrap()).to_vec();
        for (named, roots, expected) in [
            (1, 0, "1 named file, to be seen in no kustomization"),
            (2, 1, "2 named files, to be seen in 1 kustomization: `.`"),
            (1, 2, "1 named file, to be seen in 2 kustomizations: `.`, `b`"),
            (1, 7, "1 named file, to be seen in 7 kustomizations: `.`, `b`, `c`, `d`, `e`, and 2 more"),
        ] {
            assert_eq!(seen_in(named, &paths[..roots]), expected);
        }
    }
}
