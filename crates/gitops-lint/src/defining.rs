//! What else there is that may define the kinds of what is checked, while only some roots are.
//!
//! Definitions are most of many repositories. Of a root that is not checked those files are left out that define
//! other kinds: what is left of it is what it makes of the definitions that are wanted.

use std::collections::{BTreeSet, HashMap, HashSet};

use gitops_render::rules::kus::replacement_unresolved;
use gitops_render::{Gvk, LayerId, Layers, Rendered, Renderer, RepoPath, Resource, SchemaStore};
use memchr::memmem::Finder;
use rayon::prelude::*;

use crate::definitions::{DEFINITION, custom, defined, has_word};
use crate::lint::{build_some, finish};
use crate::progress::Progress;
use crate::survey::Survey;

/// The roots that are not among the `rendered` and may define the kinds of those. Only their definitions mean
/// something, and only those of these kinds.
pub fn defining(renderer: &Renderer<'_>, survey: &Survey, rendered: &[Rendered]) -> Vec<Rendered> {
    let kinds = custom(rendered);
    if kinds.is_empty() {
        return vec![];
    }
    let search = Search::new(renderer, survey, rendered);
    let found = search.render(&Speech::new(&kinds, &BTreeSet::new()));
    // Who names a kind that there is not is told what else there is of its name and its group.
    let unknown = unknown(&kinds, rendered.iter().chain(&found).flat_map(|it| &it.resources));
    if unknown.is_empty() { found } else { search.render(&Speech::new(&kinds, &unknown)) }
}

/// Those of the kinds that none of the objects defines, and that are not built in.
fn unknown<'a>(kinds: &BTreeSet<&'a Gvk>, objects: impl Iterator<Item = &'a Resource>) -> BTreeSet<&'a Gvk> {
    let defined: HashSet<(&str, &str)> = objects.filter_map(defined).collect();
    let built_in = SchemaStore::embedded();
    let is_unknown = |it: &&Gvk| !defined.contains(&(&*it.group, &*it.kind)) && !built_in.knows(it);
    kinds.iter().copied().filter(is_unknown).collect()
}

/// What a file has to say about definitions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Nothing,
    /// It may define kinds that are not wanted.
    Other,
    /// It may have a part in the definition of one that is.
    Wanted,
}

/// What files are looked through for.
struct Speech {
    definition: Finder<'static>,
    /// Group and kind, and whether everything counts that has one of them.
    kinds: Vec<(Finder<'static>, Finder<'static>, bool)>,
}

impl Speech {
    fn new(kinds: &BTreeSet<&Gvk>, unknown: &BTreeSet<&Gvk>) -> Speech {
        let is_unknown = |it: &Gvk| unknown.iter().any(|of| (&of.group, &of.kind) == (&it.group, &it.kind));
        let words: BTreeSet<(&str, &str, bool)> =
            kinds.iter().map(|it| (&*it.group, &*it.kind, is_unknown(it))).collect();
        let finder = |word: &str| Finder::new(word).into_owned();
        let kinds = words.into_iter().map(|it| (finder(it.0), finder(it.1), it.2)).collect();
        Speech { definition: finder(DEFINITION), kinds }
    }

    /// What a file says. A plain one has definitions as they are; any other may change them.
    fn about(&self, text: &[u8], is_plain: bool) -> Says {
        if self.definition.find(text).is_none() {
            return Says::Nothing;
        }
        let is_wanted = self.kinds.iter().any(|(group, kind, is_unknown)| {
            let has = |it: &Finder<'_>| has_word(text, it);
            if is_plain && !is_unknown { has(group) && has(kind) } else { has(group) || has(kind) }
        });
        if is_wanted { Says::Wanted } else { Says::Other }
    }
}

/// A root that is not checked.
struct Root {
    /// None for a manifest.
    layer: Option<LayerId>,
    files: BTreeSet<RepoPath>,
}

struct Search<'a> {
    renderer: &'a Renderer<'a>,
    survey: &'a Survey,
    roots: Vec<Root>,
    plain: BTreeSet<RepoPath>,
}

impl<'a> Search<'a> {
    fn new(renderer: &'a Renderer<'_>, survey: &'a Survey, rendered: &[Rendered]) -> Search<'a> {
        let known: HashSet<&RepoPath> = rendered.iter().map(|it| &it.root).collect();
        let plan = &survey.plan;
        let (layers, mut manifests) = survey.those(|it| !known.contains(it));
        manifests.extend(survey.settled.iter().cloned());
        let of_plan = layers.into_iter().map(|it| Root { layer: Some(it), files: plan.files_of(it) });
        let mut plain = plan.plain_files();
        plain.extend(manifests.iter().cloned());
        let manifests = manifests.into_iter().map(|it| Root { layer: None, files: BTreeSet::from([it]) });
        Search { renderer, survey, roots: of_plan.chain(manifests).collect(), plain }
    }

    fn render(&self, speech: &Speech) -> Vec<Rendered> {
        let files: BTreeSet<&RepoPath> = self.roots.iter().flat_map(|it| &it.files).collect();
        let says = |path: &'_ RepoPath| match self.renderer.sources().open(path) {
            Ok(file) => speech.about(file.bytes(), self.plain.contains(path)),
            Err(_) => Says::Nothing,
        };
        let says: HashMap<&RepoPath, Says> = files.into_par_iter().map(|it| (it, says(it))).collect();
        let is_wanted = |it: &RepoPath| says[it] == Says::Wanted;
        let wanted: Vec<&Root> = self.roots.iter().filter(|it| it.files.iter().any(is_wanted)).collect();
        let wanted = self.known_as_roots(wanted);
        // What patches make of definitions that do not say themselves what they are is not known before.
        let (whole, parts): (Vec<&Root>, Vec<&Root>) = wanted
            .into_iter()
            .partition(|it| it.files.iter().any(|it| is_wanted(it) && !self.plain.contains(it)));
        let left_out = says.iter().filter(|it| *it.1 == Says::Other).map(|it| (*it.0).clone());
        let mut found = self.finish(&parts, left_out.filter(|it| self.plain.contains(it)).collect());
        // A value may come from something that was left out.
        let lacks =
            |it: &Rendered| it.diagnostics.iter().any(|it| it.rule.code == replacement_unresolved::RULE.code);
        let lacking: HashSet<RepoPath> =
            found.iter().filter(|it| lacks(it)).map(|it| it.root.clone()).collect();
        let is_lacking = |it: &&Root| it.layer.is_some_and(|it| lacking.contains(self.survey.plan.path(it)));
        let whole: Vec<&Root> = whole.into_iter().chain(parts.into_iter().filter(is_lacking)).collect();
        found.retain(|it| !lacking.contains(&it.root));
        found.extend(self.finish(&whole, HashSet::new()));
        found
    }

    /// Those that are roots: what settled files are has to be found out.
    fn known_as_roots<'r>(&self, mut roots: Vec<&'r Root>) -> Vec<&'r Root> {
        let settled = |it: &'r Root| {
            it.files.first().filter(|path| it.layer.is_none() && self.survey.settled.contains(*path))
        };
        let doubtful: HashSet<&RepoPath> = roots.iter().copied().filter_map(settled).collect();
        let manifests = self.survey.manifests_among(self.renderer, &doubtful);
        roots.retain(|it| settled(it).is_none_or(|it| manifests.contains(it)));
        roots
    }

    /// Renders roots without some files.
    fn finish(&self, roots: &[&Root], left_out: HashSet<RepoPath>) -> Vec<Rendered> {
        let (plan, hidden) = (&self.survey.plan, Progress::hidden());
        let layers: Vec<LayerId> = roots.iter().filter_map(|it| it.layer).collect();
        let manifests = roots.iter().filter(|it| it.layer.is_none()).flat_map(|it| it.files.clone());
        let manifests: Vec<RepoPath> = manifests.collect();
        let room = Layers::for_plan(plan).without(left_out);
        let built = build_some(self.renderer, plan, &layers, room, &hidden);
        finish(self.renderer, plan, &built, (&layers, &manifests), &hidden)
    }
}
