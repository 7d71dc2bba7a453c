//! Which object of one side is which of the other.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::Seen;
use crate::resource::Resource;

/// An object on both sides, or on one.
pub(super) type Pair<'r> = (Option<Seen<'r>>, Option<Seen<'r>>);

/// Pairs objects by group, kind, namespace and name, whatever their version is: those of the same root
/// first, then any; then those without a namespace with those in `default`, and generated ones by their
/// name without the hash. In the order of the new ones, with those that are gone behind them.
pub(super) fn pair<'r>(old: &[Seen<'r>], new: &[Seen<'r>]) -> Vec<Pair<'r>> {
    let mut partners: Vec<Option<usize>> = vec![None; new.len()];
    let mut open: Vec<usize> = (0..old.len()).collect();
    match_by(old, new, &mut partners, &mut open, |it| (it.root, identity(it.resource)));
    match_by(old, new, &mut partners, &mut open, |it| identity(it.resource));
    match_by(old, new, &mut partners, &mut open, |it| {
        let id = &it.resource.id;
        (&*id.gvk.group, &*id.gvk.kind, id.effective_namespace(), without_hash(it.resource))
    });
    let kept = new.iter().zip(partners).map(|(it, partner)| (partner.map(|it| old[it]), Some(*it)));
    kept.chain(open.into_iter().map(|it| (Some(old[it]), None))).collect()
}

fn identity(resource: &Resource) -> (&str, &str, &str, &str) {
    let id = &resource.id;
    (&id.gvk.group, &id.gvk.kind, &id.namespace, &id.name)
}

/// Gives each new object that has no partner yet the first open old one with the same key.
fn match_by<'r, K: Eq + Hash>(
    old: &[Seen<'r>],
    new: &[Seen<'r>],
    partners: &mut [Option<usize>],
    open: &mut Vec<usize>,
    key: impl Fn(&Seen<'r>) -> K,
) {
    let mut known: HashMap<K, VecDeque<usize>> = HashMap::new();
    for &index in open.iter() {
        known.entry(key(&old[index])).or_default().push_back(index);
    }
    for (index, partner) in partners.iter_mut().enumerate().filter(|it| it.1.is_none()) {
        *partner = known.get_mut(&key(&new[index])).and_then(VecDeque::pop_front);
    }
    let mut left: Vec<usize> = known.into_values().flatten().collect();
    left.sort_unstable();
    *open = left;
}

/// The name that a generator was given: its hash changes with the content.
fn without_hash(resource: &Resource) -> &str {
    let name = &*resource.id.name;
    match name.rsplit_once('-') {
        Some((before, _)) if resource.history.needs_hash => before,
        _ => name,
    }
}
