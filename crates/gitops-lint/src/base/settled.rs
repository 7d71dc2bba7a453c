//! Files that no kustomization uses, and that are to a check what they were: whatever they are, and whatever is
//! wrong with them, it is the same on both sides.
//!
//! What such a file is depends on what stands in it, on the kustomizations and charts around it, and on whether its
//! objects are variants of others that are used. Whether it is forgotten depends on what else is used in its folder,
//! and on what Flux and Argo CD are told to apply. A file is settled if none of that has changed.

use std::collections::{BTreeSet, HashSet};

use gitops_render::entries::{applying_groups, names};
use gitops_render::kustomize::FILE_NAMES;
use gitops_render::words::Words;
use gitops_render::{Plan, RepoPath, Sources};
use rayon::prelude::*;

/// A side of the comparison, as far as it has to be known.
pub struct Half<'a> {
    pub sources: &'a Sources<'a>,
    pub plan: &'a Plan,
    pub files: &'a [RepoPath],
}

impl Half<'_> {
    fn real(&self, path: &RepoPath) -> RepoPath {
        self.sources.entry(path).ok().flatten().map_or_else(|| path.clone(), |it| it.real)
    }

    /// The files that kustomizations use, under all of their names.
    fn used(&self) -> BTreeSet<RepoPath> {
        let named = self.plan.used_files();
        let real: Vec<RepoPath> = named.iter().map(|it| self.real(it)).collect();
        named.into_iter().chain(real).collect()
    }
}

/// The settled files on both sides, by their paths with symbolic links resolved. The paths in `changed`, none of
/// which is a link, stand otherwise on one of them.
pub fn settled(changed: &BTreeSet<RepoPath>, sides: &[Half<'_>; 2]) -> HashSet<RepoPath> {
    let used = sides.each_ref().map(Half::used);
    let files = sides.each_ref().map(|it| it.files.iter().cloned().collect::<BTreeSet<_>>());
    let differing = used[0].symmetric_difference(&used[1]).chain(files[0].symmetric_difference(&files[1]));
    let touched: BTreeSet<&RepoPath> = changed.iter().chain(differing).collect();
    let groups = applying_groups();
    // What a generator reads is no YAML, and nobody is to take it for that.
    let is_listed = |it: &&&RepoPath| files.iter().any(|files| files.contains(**it));
    let listed: Vec<&&RepoPath> = touched.iter().filter(is_listed).collect();
    let opened = || sides.iter().flat_map(|side| listed.iter().filter_map(|it| side.sources.open(it).ok()));
    if touched.iter().any(|it| it.file_name() == "Chart.yaml") || opened().any(|it| groups.may_be_in(&it)) {
        return HashSet::new();
    }
    let is_used = |it: &RepoPath| used.iter().any(|used| used.contains(it));
    let known: Vec<_> = opened().filter(|it| is_used(&it.path)).flat_map(|it| names(&it)).collect();
    let known = Words::new(known.iter().map(|it| &**it));
    let near: HashSet<RepoPath> = touched.iter().filter_map(|it| it.parent()).collect();
    let is_near = |it: &RepoPath| {
        let folder = it.parent();
        let above = folder.as_ref().and_then(RepoPath::parent);
        folder.into_iter().chain(above).any(|it| near.contains(&it))
    };
    let is_settled = |path: &RepoPath| {
        let real = sides[0].real(path);
        let is_free = real == sides[1].real(path)
            && !touched.contains(path)
            && !touched.contains(&real)
            && !FILE_NAMES.contains(&real.file_name())
            && !is_used(&real)
            && !is_near(&real);
        // Of what cannot be read it is found out each time why.
        let file = if is_free { sides[0].sources.open(&real).ok() } else { None };
        file.filter(|it| !known.may_be_in(it)).map(|_| real)
    };
    sides[0].files.par_iter().filter_map(is_settled).collect()
}
