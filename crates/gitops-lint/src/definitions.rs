//! CustomResourceDefinitions in files that nothing renders: somewhere in the repository, while only a
//! part of it is looked at.

use std::collections::{BTreeSet, HashMap};

use gitops_render::kube::native::is_native;
use gitops_render::{Gvk, Rendered, Renderer, RepoPath, Resource};
use memchr::memmem::Finder;
use rayon::prelude::*;

/// What stands in every definition.
pub const DEFINITION: &str = "CustomResourceDefinition";

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
    let kinds = custom(rendered).into_iter().filter(|it| is_wanted(it));
    let kinds: BTreeSet<(&str, &str)> = kinds.map(|it| (&*it.group, &*it.kind)).collect();
    if kinds.is_empty() {
        return vec![];
    }
    // A definition of a kind has both words in it. Most files have not, and need not be parsed: every
    // definition with a pod in it has `Profile`, as a part of `seccompProfile`.
    let kinds: Vec<_> = kinds.into_iter().map(|it| (Finder::new(it.0), Finder::new(it.1))).collect();
    let here: BTreeSet<&RepoPath> = rendered.iter().map(|it| &it.root).collect();
    let files: Vec<RepoPath> = files().into_iter().filter(|it| !here.contains(it)).collect();
    speaking(renderer, &files, &|text| {
        kinds.iter().any(|(group, kind)| has_word(text, kind) && has_word(text, group))
    })
}

/// The definitions among the objects.
pub fn among(rendered: &[Rendered]) -> Vec<Resource> {
    let all = rendered.iter().flat_map(|it| &it.resources);
    all.filter(|it| &*it.id.gvk.kind == DEFINITION).cloned().collect()
}

/// The group and the kind that a definition defines.
pub fn defined(resource: &Resource) -> Option<(&str, &str)> {
    let spec = resource.node.get("spec").filter(|_| &*resource.id.gvk.kind == DEFINITION)?;
    Some((spec.get("group")?.as_str()?, spec.path(&["names", "kind"])?.as_str()?))
}

/// Those of the definitions that are not among the others.
pub fn minus<'a>(definitions: &'a [Resource], others: &[Resource]) -> Vec<&'a Resource> {
    let mut by_name: HashMap<&str, Vec<&Resource>> = HashMap::new();
    others.iter().for_each(|it| by_name.entry(&it.id.name).or_default().push(it));
    let is_other = |it: &&Resource| {
        let mut same = by_name.get(&*it.id.name).into_iter().flatten();
        !same.any(|other| it.node.has_same_value(&other.node))
    };
    definitions.iter().filter(is_other).collect()
}

/// The kinds that are rendered and that somebody has to define.
pub fn custom(rendered: &[Rendered]) -> BTreeSet<&Gvk> {
    let all = rendered.iter().flat_map(|it| &it.resources).map(|it| &it.id.gvk);
    all.filter(|it| !it.group.is_empty() && !it.kind.is_empty() && !is_native(it)).collect()
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

/// Whether a word stands somewhere in a text, and not only as a part of longer ones.
pub fn has_word(text: &[u8], word: &Finder<'_>) -> bool {
    let is_part = |it: Option<&u8>| it.is_some_and(|it| it.is_ascii_alphanumeric() || b"-._".contains(it));
    let stands_alone = |at: usize| {
        let before = at.checked_sub(1).and_then(|it| text.get(it));
        !is_part(before) && !is_part(text.get(at + word.needle().len()))
    };
    word.find_iter(text).any(stands_alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_not_a_part_of_another() {
        let has = |text: &str, word: &str| has_word(text.as_bytes(), &Finder::new(word));
        for text in ["kind: Profile", "{kind: Profile}", "\"Profile\"", "Profile", "seccompProfile Profile,"]
        {
            assert!(has(text, "Profile"), "{text}");
        }
        for text in ["seccompProfile: Profiles", "Profile-a", "", "profile"] {
            assert!(!has(text, "Profile"), "{text}");
        }
        assert!(has("group: example.com\n", "example.com"));
        assert!(!has("name: widgets.example.com", "example.com"));
    }
}
