//! Takes out of the results of tests what somebody has silenced, as a check does with its findings.

use gitops_render::policy::Outcome;
use gitops_render::{Diagnostic, RepoPath};

use crate::lint::Found;
use crate::options::Settings;
use crate::suppress::{Silencer, today};
use crate::testing::{Results, Timed};

/// Leaves what nobody has silenced, as bad as the options say. A test of which nothing is left counts as skipped.
///
/// `all` are the files that were tested, if no test was left out: then what silences nothing is reported, too.
pub fn silence(results: &mut Results<'_>, settings: &Settings, all: Option<&Vec<&RepoPath>>) {
    let mut silencer = Silencer::new(results.sources, settings, &[], today());
    // What cannot be compiled has no tests that could fail.
    let could_run = results.broken.is_empty()
        && !results.cases.iter().any(|it| matches!(it.case.outcome, Outcome::Errored(_)));
    for list in [&mut results.broken, &mut results.notes] {
        *list = loud(&mut silencer, settings, results.sources, std::mem::take(list));
    }
    for Timed { case, is_silenced, .. } in &mut results.cases {
        let (Outcome::Failed(found) | Outcome::Errored(found)) = &mut case.outcome else { continue };
        *found = loud(&mut silencer, settings, results.sources, std::mem::take(found));
        if found.is_empty() {
            (case.outcome, *is_silenced) = (Outcome::Skipped, true);
        }
    }
    if let Some(tested) = all.filter(|_| could_run && results.is_good()) {
        let idle = silencer.review_tests(tested);
        results.broken.extend(loud(&mut silencer, settings, results.sources, idle));
    }
}

fn loud(
    silencer: &mut Silencer<'_>,
    settings: &Settings,
    sources: &gitops_render::Sources<'_>,
    found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let found: Vec<Found> = found.into_iter().map(|it| (it, vec![])).collect();
    let mut of_file = settings.selection.by_file(sources);
    let mut kept = vec![];
    for (mut found, _) in silencer.filter(found) {
        let verdict = of_file.verdict(&found);
        found.severity = verdict.severity.unwrap_or(found.severity);
        kept.extend(verdict.is_on.then_some(found));
    }
    kept
}
