//! `check --base REF`: what a change brings in.
//!
//! Both sides are checked by the same command line: the working tree, and the tree of the commit that it is
//! compared with, each with the policies, the settings and the comments that lie in it. What the change brings
//! in are the findings of the first that the second has not; lines do not matter, and of findings that agree in
//! everything else, one more is one more. A file that was moved is another file.

mod affected;
mod lines;
mod side;

use std::collections::HashSet;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use gitops_render::{RenderOptions, Renderer, RepoPath, Sources};

use crate::args::ChangeArgs;
use crate::baseline;
use crate::disk_tree::DiskTree;
use crate::findings::Finding;
use crate::fingerprint::{Identity, identities};
use crate::git::{BaseTree, Git};
use crate::lint::{self, Checked, Work};
use crate::progress::Progress;
use crate::{Failure, complain};

use affected::{Affected, Looked};
pub use lines::ChangedLines;
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

    /// Whether both sides are the same, so that there is nothing to look at.
    pub fn is_unchanged(&self) -> bool {
        self.tree.changed().is_empty()
    }

    /// Leaves those findings that the change brings in or, if they are wanted, all that it affects.
    ///
    /// # Errors
    /// If the base cannot be checked.
    pub fn compare(
        &self,
        now: &Now<'_>,
        options: RenderOptions,
        sources: &Sources<'_>,
        checked: &mut Checked,
    ) -> Result<(), Failure> {
        let changed = self.tree.changed();
        if changed.is_empty() {
            // Nothing is affected, so nothing was looked at.
            checked.summary.before = (!self.wants_all).then_some(0);
            return Ok(());
        }
        let graph = checked.graph.as_ref();
        let roots = graph.map(|graph| graph.roots().iter().map(|it| graph.item(*it)).collect::<Vec<_>>());
        let roots = roots.into_iter().flatten().filter_map(|it| it.file.clone().or(it.path.clone()));
        let side = Side::find(&self.tree, now, &roots.collect::<Vec<_>>())?;
        // Nobody needs its memory again: see `check`.
        let renderer = ManuallyDrop::new(Renderer::new(&self.tree, options));
        let then = side.with_work(now.work, |work| {
            let mut checked = check(&renderer, work)?;
            if let Some(place) = now.baseline {
                // One that cannot be used has accepted nothing.
                let _ = baseline::apply(place, now.tree, &renderer, work, &mut checked);
            }
            Ok::<Checked, Failure>(checked)
        })?;
        let sides = [
            Looked { sources, checked, deciding: now.deciding(), locations: now.work.locations },
            Looked {
                sources: renderer.sources(),
                checked: &then,
                deciding: side.deciding(now.tree),
                locations: side.locations(),
            },
        ];
        let affected = Affected::by(changed.clone(), &sides);
        checked.changed_lines = ChangedLines::of(&changed, sources, &self.tree);
        self.split(checked, sources, &affected, (&then, renderer.sources()));
        Ok(())
    }

    /// Puts aside what is not to be reported.
    fn split(
        &self,
        checked: &mut Checked,
        sources: &Sources<'_>,
        affected: &Affected,
        (then, sources_then): (&Checked, &Sources<'_>),
    ) {
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

/// Checks the base. Policies that have nothing to ask there are none: the change may be the first that has.
fn check(renderer: &Renderer<'_>, work: &Work<'_>) -> Result<Checked, Failure> {
    match lint::lint(renderer, work, &Progress::hidden()) {
        Err(Failure::NoRules { .. }) => {
            let policies = lint::Policies { files: &[], ..work.policies };
            lint::lint(renderer, &Work { policies, ..*work }, &Progress::hidden())
        }
        checked => checked,
    }
}

fn known<'f>(findings: impl IntoIterator<Item = &'f Finding>, sources: &Sources<'_>) -> HashSet<Identity> {
    identities(findings, sources, &RepoPath::to_string).into_iter().collect()
}
