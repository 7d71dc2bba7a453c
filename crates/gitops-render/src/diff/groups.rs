//! All roots of two renderings side by side; what is the same in many of them is told once.

use std::collections::{HashMap, HashSet};

use super::fields;
use super::objects::{Pair, pair};
use super::same::is_same;
use super::secrets::Secrets;
use super::{FieldChange, ObjectChange, Seen};
use crate::diagnostic::{Diagnostic, Severity};
use crate::origin::Origin;
use crate::render::Rendered;
use crate::resource::Gvk;
use crate::rules::kus::build_failed;
use crate::source::RepoPath;
use crate::yaml::json::to_json_go;

/// One of the two renderings.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The kustomizations.
    pub roots: Vec<Rendered>,
    /// The plain manifests. An object that goes from one of them to another is still the same.
    pub manifests: Vec<Rendered>,
}

/// What differs between two renderings.
#[derive(Debug, Default)]
pub struct Comparison<'r> {
    /// The objects that differ, in order of the roots and objects in which they are seen first.
    pub groups: Vec<Group<'r>>,
    /// The roots of which there is something to say, in order of path.
    pub roots: Vec<(&'r RepoPath, RootChange<'r>)>,
    /// How many roots and manifests were compared.
    pub compared: usize,
}

/// A change, and all objects that it happened to in the same way.
#[derive(Debug)]
pub struct Group<'r> {
    /// As the first of them has it.
    pub change: ObjectChange<'r>,
    /// The objects; those that are gone as they were.
    pub seen: Vec<Seen<'r>>,
}

/// What happened to a root as a whole.
#[derive(Clone, Copy, Debug)]
pub enum RootChange<'r> {
    /// It is new, with so many objects.
    Added(usize),
    /// It is gone, with so many objects.
    Removed(usize),
    /// It was there, with at least half of the same objects.
    Moved(&'r RepoPath),
    /// A part of it is not in the repository on both sides; the objects that are here were compared.
    InPart(&'r Diagnostic),
    /// It could not be rendered on the old side, or on the new one, or on both, and was not compared.
    Unrendered {
        /// What stood in the way on the old side.
        old: Option<&'r Diagnostic>,
        /// What stands in the way on the new one.
        new: Option<&'r Diagnostic>,
    },
}

/// Compares two renderings of the same roots. What is in one of them only is new, or gone.
pub fn compare<'r>(old: &'r Side, new: &'r Side) -> Comparison<'r> {
    let mut out = Comparison::default();
    let mut pairs: Vec<Pair<'r>> = vec![];
    for (old, new) in sides(&old.roots, &new.roots) {
        out.compared += 1;
        pairs.extend(root(old, new, &mut out.roots));
    }
    let broken = unreadable(old, new, &mut out.roots);
    let of_manifests = |side: &'r Side| -> Vec<Seen<'r>> {
        side.manifests.iter().filter(|it| !broken.contains(&it.root)).flat_map(seen).collect()
    };
    pairs.extend(pair(&of_manifests(old), &of_manifests(new)));
    let manifests: HashSet<&RepoPath> =
        old.manifests.iter().chain(&new.manifests).map(|it| &it.root).collect();
    out.compared += manifests.len();
    out.roots.sort_by_key(|it| it.0);
    drop_moved(&mut pairs, old, new);
    let all = [old, new].into_iter().flat_map(|it| it.roots.iter().chain(&it.manifests));
    let secrets = Secrets::of(all.flat_map(|it| &it.resources));
    out.groups = groups(pairs, &secrets);
    out
}

/// The objects of one root on both sides.
fn root<'r>(
    old: Option<&'r Rendered>,
    new: Option<&'r Rendered>,
    notes: &mut Vec<(&'r RepoPath, RootChange<'r>)>,
) -> Vec<Pair<'r>> {
    let Some(at) = new.or(old).map(|it| &it.root) else { return vec![] };
    let objects = |it: Option<&'r Rendered>| -> Vec<Seen<'r>> { it.into_iter().flat_map(seen).collect() };
    let (before, now) = (objects(old), objects(new));
    let (old_problem, new_problem) = (old.and_then(problem), new.and_then(problem));
    match (old, new) {
        _ if old_problem.is_some() || new_problem.is_some() => {
            if let (Some(a), Some(b)) = (old_problem, new_problem)
                && is_elsewhere(a)
                && is_elsewhere(b)
            {
                // What is here is here, whatever comes from elsewhere.
                notes.push((at, RootChange::InPart(b)));
                return pair(&before, &now);
            }
            notes.push((at, RootChange::Unrendered { old: old_problem, new: new_problem }));
            return vec![];
        }
        (None, _) => notes.push((at, RootChange::Added(now.len()))),
        (_, None) => notes.push((at, RootChange::Removed(before.len()))),
        (Some(old), Some(new)) if old.root != new.root => notes.push((at, RootChange::Moved(&old.root))),
        _ => {}
    }
    pair(&before, &now)
}

fn seen(rendered: &Rendered) -> impl Iterator<Item = Seen<'_>> {
    rendered.resources.iter().map(|resource| Seen { root: &rendered.root, resource })
}

/// Why something could not be rendered.
fn problem(rendered: &Rendered) -> Option<&Diagnostic> {
    let all = || rendered.diagnostics.iter().filter(|_| rendered.is_refused);
    let is_error = |it: &&Diagnostic| it.severity == Severity::Error;
    all().find(is_error).or_else(|| all().find(|it| is_elsewhere(it))).or_else(|| all().next())
}

/// Whether the problem is only that something is never fetched.
fn is_elsewhere(problem: &Diagnostic) -> bool {
    problem.severity == Severity::Info && problem.rule.code == build_failed::RULE.code
}

/// The manifests that cannot be read on one of the sides.
fn unreadable<'r>(
    old: &'r Side,
    new: &'r Side,
    notes: &mut Vec<(&'r RepoPath, RootChange<'r>)>,
) -> HashSet<&'r RepoPath> {
    let problems = |side: &'r Side| -> HashMap<&'r RepoPath, &'r Diagnostic> {
        side.manifests.iter().filter_map(|it| Some((&it.root, problem(it)?))).collect()
    };
    let (before, now) = (problems(old), problems(new));
    let broken: HashSet<&RepoPath> = before.keys().chain(now.keys()).copied().collect();
    notes.extend(
        broken.iter().map(|it| {
            (*it, RootChange::Unrendered { old: before.get(it).copied(), new: now.get(it).copied() })
        }),
    );
    broken
}

/// The roots of both sides, side by side, in order of path. One that is gone and one that is new are the
/// same one if most of their objects are.
fn sides<'r>(old: &'r [Rendered], new: &'r [Rendered]) -> Vec<(Option<&'r Rendered>, Option<&'r Rendered>)> {
    let by_path: HashMap<&RepoPath, &Rendered> = old.iter().map(|it| (&it.root, it)).collect();
    let kept: HashSet<&RepoPath> =
        new.iter().map(|it| &it.root).filter(|it| by_path.contains_key(it)).collect();
    let mut gone: Vec<&Rendered> = old.iter().filter(|it| !kept.contains(&it.root)).collect();
    let mut found = vec![];
    for root in new {
        let partner = by_path.get(&root.root).copied().or_else(|| {
            let alike =
                gone.iter().enumerate().map(|(index, it)| (alike(it, root), std::cmp::Reverse(index)));
            let (_, index) =
                alike.filter(|it| it.0 >= 0.5).max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
            Some(gone.remove(index.0))
        });
        found.push((partner, Some(root)));
    }
    found.extend(gone.into_iter().map(|it| (Some(it), None)));
    found.sort_by_key(|it| it.1.or(it.0).map(|it| &it.root));
    found
}

/// Which part of the objects of two roots are exactly the same.
fn alike(old: &Rendered, new: &Rendered) -> f64 {
    let (before, now): (Vec<Seen<'_>>, Vec<Seen<'_>>) = (seen(old).collect(), seen(new).collect());
    let most = before.len().max(now.len());
    let same = pair(&before, &now).iter().filter(|it| is_unchanged(it)).count();
    if most == 0 { 0.0 } else { same as f64 / most as f64 }
}

fn is_unchanged(pair: &Pair<'_>) -> bool {
    matches!(pair, (Some(old), Some(new)) if is_same(&old.resource.node, &new.resource.node))
}

/// Takes out what is in another root just as it was, if the one root is gone and the other is new: a
/// folder of manifests has got a kustomization, say.
fn drop_moved(pairs: &mut Vec<Pair<'_>>, old: &Side, new: &Side) {
    let paths = |side: &Side| -> HashSet<RepoPath> {
        side.roots.iter().chain(&side.manifests).map(|it| it.root.clone()).collect()
    };
    let (old_roots, new_roots) = (paths(old), paths(new));
    let mut gone: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, pair) in pairs.iter().enumerate() {
        if let (Some(old), None) = pair
            && !new_roots.contains(old.root)
        {
            gone.entry(to_json_go(&old.resource.node)).or_default().push(index);
        }
    }
    let mut moved: HashSet<usize> = HashSet::new();
    for (index, pair) in pairs.iter().enumerate() {
        if let (None, Some(new)) = pair
            && !old_roots.contains(new.root)
            && let Some(old) = gone.get_mut(&to_json_go(&new.resource.node)).and_then(Vec::pop)
        {
            moved.extend([old, index]);
        }
    }
    let mut index = 0;
    pairs.retain(|_| {
        index += 1;
        !moved.contains(&(index - 1))
    });
}

fn groups<'r>(pairs: Vec<Pair<'r>>, secrets: &Secrets) -> Vec<Group<'r>> {
    let mut groups: Vec<Group<'r>> = vec![];
    let mut known: HashMap<(&'r Gvk, String), usize> = HashMap::new();
    for (old, new) in pairs {
        let (before, now) = (old.map(|it| it.resource), new.map(|it| it.resource));
        let Some(change) = fields::compare(before, now, secrets) else { continue };
        let Some(seen) = new.or(old) else { continue };
        let index = *known.entry((&seen.resource.id.gvk, key(&change))).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.seen.push(seen),
            None => groups.push(Group { change, seen: vec![seen] }),
        }
    }
    groups
}

/// By which two changes are the same: the same values, from the same places.
fn key(change: &ObjectChange<'_>) -> String {
    let mut key = format!("{:?}", change.kind());
    for it in &change.fields {
        let FieldChange { kind, field, old, new, .. } = it;
        key.push_str(&format!("\n{kind:?} {field:?}"));
        for node in [old, new] {
            let place = |it: &Origin| (it.span, it.trail.as_ref().map(|it| it.directive));
            let told = node.as_ref().map(|it| (to_json_go(it), place(&it.origin)));
            key.push_str(&format!(" {told:?}"));
        }
    }
    // Hidden values may differ without showing.
    if change.fields.iter().any(|it| it.is_secret) {
        for side in [change.old, change.new].into_iter().flatten() {
            key.push_str(&to_json_go(&side.node));
        }
    }
    key
}

#[cfg(test)]
mod tests;
