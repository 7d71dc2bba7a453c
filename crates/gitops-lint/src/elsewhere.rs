//! What else there is that has a say in what is checked, while only some roots are: definitions of kinds, and what
//! judges the objects of all roots.
//!
//! Definitions are most of many repositories. Of a root that is not checked those files are left out that define
//! other kinds: what is left of it is what it makes of the rest.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use gitops_render::rules::kus::replacement_unresolved;
use gitops_render::{Gvk, LayerId, Layers, Rendered, Renderer, RepoPath, Resource, SchemaStore, SourceFile};
use memchr::memmem::{self, Finder};
use rayon::prelude::*;
use regex::bytes::Regex;

use crate::building::{build_some, finish};
use crate::definitions::{DEFINITION, custom, defined, has_word};
use crate::progress::Progress;
use crate::survey::Survey;

/// What stands in templates, constraints and admission policies, which judge the objects of all roots.
static JUDGING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)gatekeeper\.sh|ValidatingAdmissionPolicy").expect("the expression is right")
});
/// What stands in a policy that takes parameters from objects of any kind.
const PARAMETERS: &[u8] = b"paramKind";

/// Whether a text may judge the objects of all roots.
pub fn judges(text: &[u8]) -> bool {
    JUDGING.is_match(text)
}

/// The objects that judge those of all roots, each with its root, in order.
pub fn judging(rendered: &[Rendered]) -> Vec<(RepoPath, Resource)> {
    let judges = |it: &&Resource| {
        let Gvk { group, kind, .. } = &it.id.gvk;
        group.ends_with("gatekeeper.sh")
            || kind.starts_with("ValidatingAdmissionPolicy")
            || &**kind == "Namespace"
    };
    let of_root = |it: &'_ Rendered| {
        it.resources.iter().filter(judges).map(|object| (it.root.clone(), object.clone())).collect()
    };
    rendered.iter().flat_map::<Vec<_>, _>(of_root).collect()
}

/// What was found last, and for what: the other side of a comparison mostly asks for the same.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Option<(Asked, Arc<Vec<Rendered>>)>>);

/// The kinds that are wanted, what they are judged by, and the roots that are not checked.
type Asked = (BTreeSet<Gvk>, Judging, Vec<RepoPath>);

/// The roots that are not among the `rendered` and may define the kinds of those, or judge them. Of the definitions
/// in them only those of these kinds mean something.
pub fn deciding(renderer: &Renderer<'_>, survey: &Survey, rendered: &[Rendered]) -> Arc<Vec<Rendered>> {
    let kinds = custom(rendered);
    let judging = *survey.judging.get_or_init(|| Judging::of(renderer.sources().files()));
    if kinds.is_empty() && judging == Judging::Nothing {
        return Arc::default();
    }
    let search = Search::new(renderer, survey, rendered);
    let asked = (kinds.iter().copied().cloned().collect(), judging, search.paths());
    let mut last = survey.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, found)) = last.as_ref().filter(|it| it.0 == asked) {
        return Arc::clone(found);
    }
    let mut found = search.render(&Speech::new(&kinds, &BTreeSet::new(), judging));
    // Who names a kind that there is not is told what else there is of its name and its group.
    let unknown = unknown(&kinds, rendered.iter().chain(&found).flat_map(|it| &it.resources));
    if !unknown.is_empty() {
        found = search.render(&Speech::new(&kinds, &unknown, judging));
    }
    let found = Arc::new(found);
    *last = Some((asked, Arc::clone(&found)));
    found
}

/// What the objects of all roots are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judging {
    Nothing,
    /// Templates, constraints and policies, and namespaces that they select.
    Policies,
    /// These, and any object that may be a parameter of one.
    Parameters,
}

impl Judging {
    /// What is in these files.
    pub fn of(files: Vec<Arc<SourceFile>>) -> Judging {
        let judging: Vec<_> = files.into_par_iter().filter(|it| judges(it.bytes())).collect();
        match judging.iter().any(|it| memmem::find(it.bytes(), PARAMETERS).is_some()) {
            true => Judging::Parameters,
            false if judging.is_empty() => Judging::Nothing,
            false => Judging::Policies,
        }
    }

    /// Whether a text has something to say that counts for all roots.
    fn concerns(self, text: &[u8]) -> bool {
        static NAMESPACE: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"(?-u)kind["']?\s*:\s*["']?Namespace\b"#).expect("the expression is right")
        });
        match self {
            Judging::Nothing => false,
            Judging::Policies => judges(text) || NAMESPACE.is_match(text),
            Judging::Parameters => true,
        }
    }
}

/// Those of the kinds that none of the objects defines, and that are not built in.
fn unknown<'a>(kinds: &BTreeSet<&'a Gvk>, objects: impl Iterator<Item = &'a Resource>) -> BTreeSet<&'a Gvk> {
    let defined: HashSet<(&str, &str)> = objects.filter_map(defined).collect();
    let built_in = SchemaStore::embedded();
    let is_unknown = |it: &&Gvk| !defined.contains(&(&*it.group, &*it.kind)) && !built_in.knows(it);
    kinds.iter().copied().filter(is_unknown).collect()
}

/// What a file has to say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Nothing,
    /// It may hold something that counts for all roots.
    Concerned,
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
    judging: Judging,
}

impl Speech {
    fn new(kinds: &BTreeSet<&Gvk>, unknown: &BTreeSet<&Gvk>, judging: Judging) -> Speech {
        let is_unknown = |it: &Gvk| unknown.iter().any(|of| (&of.group, &of.kind) == (&it.group, &it.kind));
        let words: BTreeSet<(&str, &str, bool)> =
            kinds.iter().map(|it| (&*it.group, &*it.kind, is_unknown(it))).collect();
        let finder = |word: &str| Finder::new(word).into_owned();
        let kinds = words.into_iter().map(|it| (finder(it.0), finder(it.1), it.2)).collect();
        Speech { definition: finder(DEFINITION), kinds, judging }
    }

    /// What a file says. A plain one has definitions as they are; any other may change them.
    fn about(&self, text: &[u8], is_plain: bool) -> Says {
        let has = |it: &Finder<'_>| has_word(text, it);
        let wants = |(group, kind, is_unknown): &(Finder<'_>, Finder<'_>, bool)| match is_plain && !is_unknown
        {
            true => has(group) && has(kind),
            false => has(group) || has(kind),
        };
        let defines = self.definition.find(text).is_some();
        match defines {
            true if self.kinds.iter().any(wants) => Says::Wanted,
            _ if self.judging.concerns(text) => Says::Concerned,
            true => Says::Other,
            false => Says::Nothing,
        }
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
        manifests.extend(survey.settled.iter().filter(|it| !known.contains(it)).cloned());
        manifests.sort();
        let of_plan = layers.into_iter().map(|it| Root { layer: Some(it), files: plan.files_of(it) });
        let mut plain = plan.plain_files();
        plain.extend(manifests.iter().cloned());
        let manifests = manifests.into_iter().map(|it| Root { layer: None, files: BTreeSet::from([it]) });
        Search { renderer, survey, roots: of_plan.chain(manifests).collect(), plain }
    }

    /// The roots by their paths.
    fn paths(&self) -> Vec<RepoPath> {
        let path = |it: &Root| match it.layer {
            Some(layer) => Some(self.survey.plan.path(layer).clone()),
            None => it.files.first().cloned(),
        };
        self.roots.iter().filter_map(path).collect()
    }

    fn render(&self, speech: &Speech) -> Vec<Rendered> {
        let files: BTreeSet<&RepoPath> = self.roots.iter().flat_map(|it| &it.files).collect();
        let says = |path: &'_ RepoPath| match self.renderer.sources().open(path) {
            Ok(file) => speech.about(file.bytes(), self.plain.contains(path)),
            Err(_) => Says::Nothing,
        };
        let says: HashMap<&RepoPath, Says> = files.into_par_iter().map(|it| (it, says(it))).collect();
        let is_wanted = |it: &RepoPath| says[it] == Says::Wanted;
        let counts = |it: &RepoPath| matches!(says[it], Says::Wanted | Says::Concerned);
        let wanted: Vec<&Root> = self.roots.iter().filter(|it| it.files.iter().any(counts)).collect();
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
