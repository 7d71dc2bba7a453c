//! The baseline: findings that were there when a team began, and are not reported as long as they stay.

mod command;
mod file;
mod looked;
mod place;

use std::collections::{HashMap, HashSet};

use gitops_render::{Renderer, rules};

use crate::Failure;
use crate::disk_tree::DiskTree;
use crate::findings::{Finding, order};
use crate::fingerprint::{Identity, identities};
use crate::lint::{Checked, Work};
use crate::mute::{Mute, MutedBy};

use file::Entry;
use looked::Looked;

pub use command::run;
pub use place::BaselinePlace;

/// What the file is called.
pub const FILE_NAME: &str = "gitops-lint.baseline.json";

/// What was checked, and with what.
#[derive(Clone, Copy)]
struct Around<'a> {
    place: &'a BaselinePlace,
    tree: &'a DiskTree,
    renderer: &'a Renderer<'a>,
    work: &'a Work<'a>,
}

/// How a baseline and what was found differ.
struct Compared {
    /// Findings that the baseline does not have.
    new: Vec<Entry>,
    /// Entries that are right, or may be: what was not looked at is not judged.
    kept: Vec<Entry>,
    /// Entries for what is not there any more.
    gone: Vec<Entry>,
}

/// Silences what the baseline has, and reports the entries that silence nothing (SUP004). Does nothing if there
/// is no baseline.
///
/// # Errors
/// If it cannot be used.
pub fn apply(
    place: &BaselinePlace,
    tree: &DiskTree,
    renderer: &Renderer<'_>,
    work: &Work<'_>,
    checked: &mut Checked,
) -> Result<(), Failure> {
    let sources = renderer.sources();
    let Some(entries) = place.read_wanted(tree, sources)? else { return Ok(()) };
    let compared = compare(Around { place, tree, renderer, work }, entries, checked);
    checked.is_compared = true;
    let mut by_file = work.settings.selection.by_file(sources);
    let stale = compared.gone.into_iter().filter_map(|it| {
        let Identity { code, message, path, .. } = &it.identity;
        let mut found = rules::sup::stale::nothing_there(it.at?, code, message, path.as_deref());
        let verdict = by_file.verdict(&found);
        found.severity = verdict.severity.unwrap_or(found.severity);
        verdict.is_on.then_some(Finding { diagnostic: found, roots: vec![], repeats: vec![] })
    });
    checked.findings.extend(stale);
    checked.findings.sort_by_cached_key(|it| order(sources, it));
    checked.summary = checked.summary.count(&checked.findings);
    Ok(())
}

/// Silences what the entries have; only what they do not have is left of the findings.
fn compare(around: Around<'_>, entries: Vec<Entry>, checked: &mut Checked) -> Compared {
    let Around { place, tree, renderer, .. } = around;
    let found: Vec<Entry> = {
        let identities = identities(&checked.findings, renderer.sources(), &|it| place.name(tree, it));
        identities.into_iter().map(Entry::new).collect()
    };
    let known: HashMap<&str, &Entry> = entries.iter().map(|it| (&*it.fingerprint, it)).collect();
    let mut prints = found.iter().map(|it| &*it.fingerprint);
    checked.mute(renderer.sources(), |_| {
        let place = known.get(prints.next()?)?.at;
        Some(Mute { by: MutedBy::Baseline, reason: None, place })
    });
    let new = found.iter().filter(|it| !known.contains_key(&*it.fingerprint)).cloned().collect();
    let found: HashSet<&str> = found.iter().map(|it| &*it.fingerprint).collect();
    let (mut kept, left): (Vec<Entry>, Vec<Entry>) =
        entries.iter().cloned().partition(|it| found.contains(&*it.fingerprint));
    if left.is_empty() {
        return Compared { new, kept, gone: vec![] };
    }
    let looked = Looked::new(around, checked);
    let (gone, unjudged) = left.into_iter().partition(|it| looked.could_find(it));
    kept.extend::<Vec<Entry>>(unjudged);
    Compared { new, kept, gone }
}
