//! CustomResourceDefinitions in files that nothing renders: somewhere in the repository, while only a
//! part of it is looked at.

use std::collections::BTreeSet;

use gitops_render::kube::native::is_native;
use gitops_render::{Gvk, Rendered, Renderer, RepoPath, Resource};
use memchr::memmem::Finder;
use rayon::prelude::*;

/// What stands in every definition.
const DEFINITION: &str = "CustomResourceDefinition";

/// The objects of those files that speak of definitions, in the order of the files.
pub fn all(renderer: &Renderer<'_>, files: &[RepoPath]) -> Vec<Resource> {
    speaking(renderer, files, &|_| true)
}

/// The objects of those files that may define one of the kinds that are wanted and rendered, but for
/// native ones. `files` is asked only if there is such a kind.
pub fn of_kinds(
    renderer: &Renderer<'_>,
    rendered: &[Rendered],
    is_wanted: impl Fn(&Gvk) -> bool,
    files: impl FnOnce() -> Vec<RepoPath>,
) -> Vec<Resource> {
    let all = rendered.iter().flat_map(|it| &it.resources).map(|it| &it.id.gvk);
    let is_custom = |it: &&Gvk| !it.group.is_empty() && !it.kind.is_empty() && !is_native(it);
    let kinds: BTreeSet<&Gvk> = all.filter(is_custom).collect();
    let kinds: BTreeSet<&str> = kinds.into_iter().filter(|it| is_wanted(it)).map(|it| &*it.kind).collect();
    if kinds.is_empty() {
        return vec![];
    }
    let kinds: Vec<Finder<'_>> = kinds.into_iter().map(Finder::new).collect();
    let here: BTreeSet<&RepoPath> = rendered.iter().map(|it| &it.root).collect();
    let files: Vec<RepoPath> = files().into_iter().filter(|it| !here.contains(it)).collect();
    speaking(renderer, &files, &|text| kinds.iter().any(|it| it.find(text).is_some()))
}

fn speaking(
    renderer: &Renderer<'_>,
    files: &[RepoPath],
    also: &(dyn Fn(&[u8]) -> bool + Sync),
) -> Vec<Resource> {
    let definition = Finder::new(DEFINITION);
    let of_file = |path| {
        let file = renderer.sources().open(path).ok()?;
        let speaks = definition.find(file.bytes()).is_some() && also(file.bytes());
        speaks.then(|| renderer.manifest(path).resources)
    };
    files.par_iter().filter_map(of_file).flatten().collect()
}
