//! The baseline: findings that were there when a team began, and are not reported as long as they stay.

mod asked;
mod command;
mod file;
mod place;
mod stale;

use std::collections::{HashMap, HashSet};

use gitops_render::{Renderer, rules};

use crate::Failure;
use crate::disk_tree::DiskTree;
use crate::findings::{Finding, order};
use crate::fingerprint::{Identity, identities};
use crate::lint::{Checked, Work};
use crate::mute::{Mute, MutedBy};
use crate::policies::Place;

use asked::Asked;
use file::{Baseline, Entry};

pub use command::run;
pub use place::{BaselinePlace, absolute};

/// What the file is called.
pub const FILE_NAME: &str = "gitops-lint.baseline.json";

/// What was checked, and with what.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Where the baseline is.
    pub place: &'a BaselinePlace,
    /// The repository.
    pub tree: &'a DiskTree,
    /// What rendered it.
    pub renderer: &'a Renderer<'a>,
    /// What was asked for.
    pub work: &'a Work<'a>,
    /// The places of policies, and of their data.
    pub policies: (&'a [Place], &'a [Place]),
}

impl Around<'_> {
    /// What the check asks.
    fn asked(&self) -> Asked {
        Asked::of(self.work, self.tree, &self.place.top, self.policies.0, self.policies.1)
    }
}

/// How a baseline and what was found differ.
struct Compared {
    /// Findings that the baseline does not have.
    new: Vec<Entry>,
    /// Entries that are right, or may be: what was not looked at is not judged.
    kept: Vec<Entry>,
    /// Entries for what is not there any more.
    gone: Vec<Entry>,
    /// What has been asked about the entries that stay.
    asked: Asked,
}

/// Silences what the baseline has, and reports the entries that silence nothing (SUP004). Does nothing if there
/// is no baseline.
///
/// # Errors
/// If it cannot be used.
pub fn apply(around: Around<'_>, checked: &mut Checked) -> Result<(), Failure> {
    let Around { place, tree, renderer, work, .. } = around;
    let sources = renderer.sources();
    let Some(baseline) = place.read_wanted(tree, sources)? else { return Ok(()) };
    let compared = compare(around, baseline, checked);
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
fn compare(around: Around<'_>, baseline: Baseline, checked: &mut Checked) -> Compared {
    let Around { place, tree, renderer, .. } = around;
    let Baseline { entries, asked } = baseline;
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
    let now = around.asked();
    if left.is_empty() {
        return Compared { new, kept, gone: vec![], asked: now };
    }
    let (gone, unjudged) = stale::split(around, (asked.as_ref(), &now), left, checked);
    // What this check could not find has been found by another.
    let asked = match asked {
        Some(before) if !unjudged.is_empty() => now.and(before),
        _ => now,
    };
    kept.extend(unjudged);
    Compared { new, kept, gone, asked }
}
