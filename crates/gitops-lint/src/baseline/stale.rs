//! Which entries are stale: those that the check could have found, and has not.

use gitops_render::{Renderer, RepoPath, rules};

use crate::baseline::Around;
use crate::baseline::asked::Asked;
use crate::baseline::file::Entry;
use crate::coverage::{Coverage, Looked, is_about_policies, is_about_schemas};
use crate::lint::Checked;
use crate::survey::checked_directories;

/// Takes those entries apart that are stale from those of which nobody knows. The findings are those that the
/// baseline does not have, and `before` is what was asked when the entries were found.
pub fn split(
    around: Around<'_>,
    (before, now): (Option<&Asked>, &Asked),
    entries: Vec<Entry>,
    checked: &Checked,
) -> (Vec<Entry>, Vec<Entry>) {
    let Around { renderer, work, .. } = around;
    let plan = renderer.plan(&checked_directories(renderer, work));
    let looked = Looked { renderer, plan: &plan, work, extent: &checked.extent };
    let reported = checked.findings.iter().map(|it| (&it.diagnostic, &it.roots[..]));
    let coverage = Coverage::new(looked, reported);
    let judge = Judge { around, coverage, before, now };
    entries.into_iter().partition(|it| judge.could_find(it))
}

struct Judge<'a> {
    around: Around<'a>,
    coverage: Coverage<'a>,
    before: Option<&'a Asked>,
    now: &'a Asked,
}

impl Judge<'_> {
    /// Whether the finding of an entry would have been found if it were still there.
    fn could_find(&self, entry: &Entry) -> bool {
        let Around { place, tree, renderer, .. } = self.around;
        let Some(rule) = rules::find(&entry.identity.code) else { return false };
        let is_there = |name: &str| place.top.join(name).exists();
        let is_asked_less = match self.before {
            Some(before) => !self.now.covers(before, rule, is_there),
            None => is_about_schemas(rule) || is_about_policies(rule),
        };
        let Some(name) = &entry.identity.path else {
            return !is_asked_less && self.coverage.asks(rule, None) && self.coverage.knows_all(|_| false);
        };
        let Some(path) = place.path(tree, name) else { return false };
        // In a file that is not there nothing can be found, whatever is asked.
        if is_gone(renderer, &path) {
            return place.is_checked(&tree.on_disk(&path));
        }
        let Ok(file) = renderer.sources().open(&path) else { return false };
        !is_asked_less && self.coverage.knows(&path) && self.coverage.asks(rule, Some(&file))
    }
}

fn is_gone(renderer: &Renderer<'_>, path: &RepoPath) -> bool {
    renderer.sources().entry(path).is_ok_and(|it| it.is_none())
}
