//! `check --base REF`: what a change brings in.
//!
//! Both sides are checked by the same command line: the working tree, and the tree of the commit that it is
//! compared with, each with the policies, the settings and the comments that lie in it. What the change brings
//! in are the findings of the first that the second has not; lines do not matter, and of findings that agree in
//! everything else, one more is one more. A file that was moved is another file.

mod affected;
mod lines;
mod pair;
mod settled;
mod side;

use std::collections::{BTreeSet, HashSet};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

use gitops_render::{Renderer, RepoPath, Sources};

use crate::args::ChangeArgs;
use crate::check::render_options;
use crate::disk_tree::DiskTree;
use crate::elsewhere::Judging;
use crate::findings::{Finding, Summary};
use crate::fingerprint::{Identity, identities};
use crate::git::{BaseTree, Git};
use crate::lint::Checked;
use crate::progress::Progress;
use crate::survey::Survey;
use crate::{Failure, complain};

use affected::{Affected, Looked};
pub use lines::ChangedLines;
use pair::Pair;
pub use side::Now;
use side::Side;

/// What is compared with.
#[derive(Debug)]
pub struct Base<'d> {
    tree: BaseTree<'d>,
    wants_all: bool,
}

impl<'d> Base<'d> {
    /// Looks for the base, if there is to be one.
    ///
    /// # Errors
    /// If Git cannot tell.
    pub fn find(
        args: &ChangeArgs,
        disk: &'d DiskTree,
        paths: &[PathBuf],
    ) -> Result<Option<Base<'d>>, Failure> {
        let Some(name) = &args.base else { return Ok(None) };
        let git = Git::around_all(paths)?;
        let tree = BaseTree::new(&git, disk, &git.merge_base(name)?)?;
        for path in tree.unknown_submodules() {
            let path = disk.shown(&path);
            complain(
                "warning",
                &format!("the submodule `{path}` was at another commit, and what it held is not compared"),
            );
        }
        Ok(Some(Base { tree, wants_all: args.all_affected }))
    }

    /// Checks both sides, and leaves those findings that the change brings in or, if they are wanted, all that
    /// it affects. `renderer` has read nothing yet.
    ///
    /// # Errors
    /// If one of them cannot be checked.
    pub fn check(
        &self,
        now: &Now<'_>,
        renderer: &Renderer<'_>,
        progress: &Progress,
    ) -> Result<Checked, Failure> {
        let changed = self.tree.changed();
        if changed.is_empty() {
            let before = (!self.wants_all).then_some(0);
            return Ok(Checked { summary: Summary { before, ..Summary::default() }, ..Checked::default() });
        }
        let mut survey = Survey::planned(renderer, now.work, progress);
        // A file that is named is looked for on the other side by what it is on this one.
        let roots = if now.work.named.is_empty() { vec![] } else { roots(&mut survey, renderer) };
        let side = Side::find(&self.tree, now, &roots)?;
        side.with_work(now.work, |work| {
            // Nobody needs its memory again: see `check`.
            let then = ManuallyDrop::new(
                Renderer::new(&self.tree, render_options(work))
                    .lent_by(renderer.sources(), |it| self.tree.is_same(it)),
            );
            let mut survey_then = Survey::planned(&then, work, &Progress::hidden());
            survey_then.memory = Arc::clone(&survey.memory);
            let pair = Pair {
                now,
                renderers: [renderer, &then],
                works: [now.work, work],
                policies: [(now.places, &now.options.data), side.policies()],
                sides: [
                    Looked::new(renderer, survey, now.deciding(), now.work.locations),
                    Looked::new(&then, survey_then, side.deciding(now.tree), side.locations()),
                ],
            };
            self.compare(pair, &changed, progress)
        })
    }

    fn compare(
        &self,
        mut pair: Pair<'_, '_, '_>,
        changed: &BTreeSet<RepoPath>,
        progress: &Progress,
    ) -> Result<Checked, Failure> {
        let Now { work, tree, paths, .. } = *pair.now;
        // What is named, or lies in a part of the repository, is looked at as a part of the whole.
        let is_part = !work.named.is_empty() || tree.rest_of(paths).is_some();
        let is_clear = !is_part && !self.tree.has_opaque_changes();
        pair.sort_out_changed((is_clear && pair.judging() == Judging::Nothing).then_some(changed));
        loop {
            let mut affected = Affected::by(changed.clone(), &pair.sides);
            pair.sort_out_affected(&affected);
            let only = if is_clear { affected.roots() } else { None };
            if let Some([mut checked, then]) = pair.check(only, &mut affected, progress)? {
                self.split(&mut checked, &affected, &pair.sides, &then);
                checked.changed_lines = ChangedLines::of(changed, pair.sides[0].sources, &self.tree);
                return Ok(checked);
            }
            // Something depends on what the files are that were passed over.
            pair.sort_out_changed(None);
        }
    }

    /// Puts aside what is not to be reported.
    fn split(
        &self,
        checked: &mut Checked,
        affected: &Affected,
        [now_side, then_side]: &[Looked<'_>; 2],
        then: &Checked,
    ) {
        let (sources, sources_then) = (now_side.sources, then_side.sources);
        let silenced = then.muted.iter().map(|it| &it.finding);
        let before = [known(&then.findings, sources_then), known(silenced, sources_then)];
        let is_new = |index: usize, identity: &Identity| !before[index].contains(identity);
        let findings = std::mem::take(&mut checked.findings);
        let identities_of = identities(&findings, sources, &|it| it.to_string());
        let mut before_and_affected = 0;
        for (finding, identity) in findings.into_iter().zip(identities_of) {
            let is_new = is_new(0, &identity);
            let is_affected = affected.has(&finding, sources);
            before_and_affected += usize::from(is_affected && !is_new);
            match is_new || (self.wants_all && is_affected) {
                true => checked.findings.push(finding),
                false => checked.known.push(finding),
            }
        }
        let muted = std::mem::take(&mut checked.muted);
        let identities_of = identities(muted.iter().map(|it| &it.finding), sources, &|it| it.to_string());
        let is_wanted = |finding: &Finding, identity: &Identity| {
            is_new(1, identity) || (self.wants_all && affected.has(finding, sources))
        };
        let muted =
            muted.into_iter().zip(identities_of).filter(|(it, identity)| is_wanted(&it.finding, identity));
        checked.muted = muted.map(|it| it.0).collect();
        checked.summary = checked.summary.count(&checked.findings);
        checked.summary.suppressed = checked.muted.len();
        // A report may say so only if it says so about all that it tells.
        checked.is_compared = !self.wants_all;
        checked.summary.before = (!self.wants_all).then_some(before_and_affected);
    }
}

/// The kustomization files and manifests that are the roots of all that is checked.
fn roots(survey: &mut Survey, renderer: &Renderer<'_>) -> Vec<RepoPath> {
    survey.sort_out(renderer, &HashSet::new());
    let graph = survey.graph(renderer);
    let roots = graph.roots().iter().map(|it| graph.item(*it));
    roots.filter_map(|it| it.file.clone().or(it.path.clone())).collect()
}

fn known<'f>(findings: impl IntoIterator<Item = &'f Finding>, sources: &Sources<'_>) -> HashSet<Identity> {
    identities(findings, sources, &RepoPath::to_string).into_iter().collect()
}
