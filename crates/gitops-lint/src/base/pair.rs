//! Both sides, checked as far as the change reaches.
//!
//! A root that the change does not reach is the same on both sides, and so is what is found in it. But some
//! findings come of many roots together, or are merged over them. So what differs between the sides is true only
//! if all roots were looked at that have a part in it; if not, they are looked at, too.

use std::collections::{BTreeSet, HashSet};

use gitops_render::graph::ItemKind;
use gitops_render::kustomize::FILE_NAMES;
use gitops_render::words::Words;
use gitops_render::{FileId, Renderer, RepoPath, Resource, rules};
use rayon::prelude::*;

use crate::Failure;
use crate::baseline;
use crate::definitions;
use crate::elsewhere::Judging;
use crate::findings::{Finding, is_same_everywhere};
use crate::fingerprint::{Identity, identities};
use crate::lint::{self, Checked, Work};
use crate::policies::Place;
use crate::progress::Progress;
use crate::walk::Wanted;

use super::Now;
use super::affected::{Affected, Looked};
use super::settled::{Half, settled};

/// The working tree first, then the base.
pub struct Pair<'a, 'n, 't> {
    pub now: &'a Now<'n>,
    pub renderers: [&'a Renderer<'t>; 2],
    pub works: [&'a Work<'a>; 2],
    /// The places of policies, and of their data.
    pub policies: [(&'a [Place], &'a [Place]); 2],
    pub sides: [Looked<'a>; 2],
}

/// What has to be looked at before it is known what differs.
enum Lack {
    Nothing,
    Roots(HashSet<RepoPath>),
    /// It has to be known what the settled files are.
    Settled,
    Everything,
}

impl Pair<'_, '_, '_> {
    /// What judges the objects of all roots on one of the sides or on both.
    pub fn judging(&self) -> Judging {
        *self.sides[0].survey.judging.get_or_init(|| {
            self.sides.iter().for_each(Looked::read_judging);
            let [now, then] = self.sides.each_ref().map(|it| it.sources.files());
            let numbers: HashSet<FileId> = now.iter().map(|it| it.id).collect();
            let only_then = then.into_iter().filter(|it| !numbers.contains(&it.id));
            let judging = Judging::of(now.into_iter().chain(only_then).collect());
            *self.sides[1].survey.judging.get_or_init(|| judging)
        })
    }

    fn are_judged(&self) -> bool {
        self.judging() != Judging::Nothing
    }

    /// The roots with the manifests that lie in one folder with them: what judges them may look at them together.
    fn with_neighbours(&self, mut roots: HashSet<RepoPath>) -> HashSet<RepoPath> {
        let is_manifest = |it: &&RepoPath| Wanted::Constraints.matches(it.file_name());
        let folders: HashSet<RepoPath> =
            roots.iter().filter(is_manifest).filter_map(RepoPath::parent).collect();
        let manifests = self.sides.iter().flat_map(|it| &it.survey.entries.manifests);
        let is_near = |it: &&RepoPath| it.parent().is_some_and(|it| folders.contains(&it));
        roots.extend(manifests.filter(is_near).cloned());
        roots
    }

    /// Finds out what the files are that no kustomization uses; with what has changed between the sides, of those
    /// only for which that may matter.
    pub fn sort_out_changed(&mut self, changed: Option<&BTreeSet<RepoPath>>) {
        let half = |index: usize| Half {
            sources: self.sides[index].sources,
            plan: &self.sides[index].survey.plan,
            files: self.works[index].files,
        };
        let settled = changed.map(|it| settled(it, &[half(0), half(1)])).unwrap_or_default();
        self.sort_out(&settled);
    }

    /// Finds out what the files are that are affected, because what is told of them is told even if it is the same
    /// on both sides. That changes nothing about what is affected.
    pub fn sort_out_affected(&mut self, affected: &Affected) {
        let all = &self.sides[0].survey.settled;
        let settled: HashSet<RepoPath> = all.iter().filter(|it| !affected.has_file(it)).cloned().collect();
        if settled.len() < all.len() {
            self.sort_out(&settled);
        }
    }

    fn sort_out(&mut self, settled: &HashSet<RepoPath>) {
        for (side, renderer) in self.sides.iter_mut().zip(self.renderers) {
            side.survey.sort_out(renderer, settled);
            side.graph = side.survey.graph(renderer);
        }
    }

    /// Checks both sides: the roots in `only`, or all. What differs between the sides is what would differ if
    /// all were checked. What may be judged differently because of a definition is added to what is affected.
    ///
    /// None if that cannot be told while files are settled.
    ///
    /// # Errors
    /// If one of them cannot be checked.
    pub fn check(
        &self,
        mut only: Option<HashSet<RepoPath>>,
        affected: &mut Affected,
        progress: &Progress,
    ) -> Result<Option<[Checked; 2]>, Failure> {
        let mut has_grown = false;
        if self.judging() == Judging::Parameters {
            only = None;
        }
        loop {
            if only.is_none() && self.has_settled() {
                return Ok(None);
            }
            if self.are_judged() {
                only = only.map(|it| self.with_neighbours(it));
            }
            let both = self.check_some(only.as_ref(), progress)?;
            let Some(judged) = self.defined_otherwise(&both) else { return Ok(None) };
            affected.add(judged.clone());
            let Some(known) = only else { return Ok(Some(both)) };
            only = match self.lack(&both, &known, affected, judged) {
                Lack::Nothing => return Ok(Some(both)),
                Lack::Settled => return Ok(None),
                Lack::Roots(more) if !has_grown => Some(&known | &more),
                Lack::Roots(_) | Lack::Everything => None,
            };
            has_grown = true;
        }
    }

    fn has_settled(&self) -> bool {
        self.sides.iter().any(|it| !it.survey.settled.is_empty())
    }

    fn check_some(
        &self,
        only: Option<&HashSet<RepoPath>>,
        progress: &Progress,
    ) -> Result<[Checked; 2], Failure> {
        let Now { baseline, tree, .. } = *self.now;
        let [now, then] = self.works.map(|it| Work { only, ..*it });
        for (renderer, side) in self.renderers.iter().zip(&self.sides) {
            side.survey.read_roots(renderer, only);
        }
        let mut checked_now = lint::check_surveyed(self.renderers[0], &now, &self.sides[0].survey, progress)?;
        let mut checked_then = self.check_base(&then)?;
        if let Some(place) = baseline {
            let [of_now, of_then] = self.policies;
            let around =
                baseline::Around { place, tree, renderer: self.renderers[0], work: &now, policies: of_now };
            baseline::apply(around, &mut checked_now)?;
            let around =
                baseline::Around { place, tree, renderer: self.renderers[1], work: &then, policies: of_then };
            // One that cannot be used has accepted nothing.
            let _ = baseline::apply(around, &mut checked_then);
        }
        Ok([checked_now, checked_then])
    }

    /// Checks the base. Policies that have nothing to ask there are none: the change may be the first that has.
    fn check_base(&self, work: &Work<'_>) -> Result<Checked, Failure> {
        let check = |it: &Work<'_>| {
            lint::check_surveyed(self.renderers[1], it, &self.sides[1].survey, &Progress::hidden())
        };
        match check(work) {
            Err(Failure::NoRules { .. }) => {
                let policies = lint::Policies { files: &[], ..work.policies };
                check(&Work { policies, ..*work })
            }
            checked => checked,
        }
    }

    /// What has a part in what differs, or in what is told of the rest, and is not among the roots `known`; and what
    /// of `more` is not.
    fn lack(
        &self,
        both: &[Checked; 2],
        known: &HashSet<RepoPath>,
        affected: &Affected,
        mut more: HashSet<RepoPath>,
    ) -> Lack {
        if self.are_judged() && judge_otherwise(both) {
            return Lack::Everything;
        }
        let mut findings: Vec<(&Finding, usize)> = self.differing(both);
        // These are told of what is affected, new or not, and other roots decide whether they are true.
        let of_many = |it: &&Finding| {
            rules::is_miss(&it.diagnostic) && !self.is_of_one_layer(it)
                || [rules::sup::unused::RULE.code, rules::sup::stale::RULE.code]
                    .contains(&it.diagnostic.rule.code)
                || is_of_policy(it)
        };
        let sources = self.sides[0].sources;
        let told = both[0].findings.iter().filter(|it| of_many(it) && affected.has(it, sources));
        findings.extend(told.map(|it| (it, 0)));
        for (finding, side) in findings {
            let Looked { sources, survey, .. } = &self.sides[side];
            if survey.settled.contains(&sources.file(finding.diagnostic.span().file).path) {
                return Lack::Settled;
            }
            let Some(roots) = self.roots_of(finding, side) else { return Lack::Everything };
            more.extend(roots);
        }
        more.retain(|it| !known.contains(it));
        if more.is_empty() { Lack::Nothing } else { Lack::Roots(more) }
    }

    /// Whether a finding is about what one kustomization does, which is the same in all of its roots. A component
    /// is built where it is included, and a kustomization may be built once for each schema of merge keys.
    fn is_of_one_layer(&self, finding: &Finding) -> bool {
        let Looked { sources, survey, graph, .. } = &self.sides[0];
        let path = &sources.file(finding.diagnostic.span().file).path;
        let Some(folder) = path.parent().filter(|_| FILE_NAMES.contains(&path.file_name())) else {
            return false;
        };
        let kind = graph.at(&folder).map(|it| graph.item(it).kind);
        kind == Some(ItemKind::Kustomization) && survey.plan.is_built_once(&folder)
    }

    /// The findings of each side that the other has not, silenced or not, with the number of their side.
    fn differing<'c>(&self, both: &'c [Checked; 2]) -> Vec<(&'c Finding, usize)> {
        let all = |side: usize, is_muted: bool| -> Vec<(&'c Finding, Identity)> {
            let it = &both[side];
            let found: Vec<&Finding> = match is_muted {
                true => it.muted.iter().map(|it| &it.finding).collect(),
                false => it.findings.iter().collect(),
            };
            let sources = self.sides[side].sources;
            let identities = identities(found.iter().copied(), sources, &RepoPath::to_string);
            found.into_iter().zip(identities).collect()
        };
        let mut differing = vec![];
        for is_muted in [false, true] {
            let sides = [all(0, is_muted), all(1, is_muted)];
            for side in [0, 1] {
                let others: HashSet<&Identity> = sides[1 - side].iter().map(|it| &it.1).collect();
                let only_here = sides[side].iter().filter(|it| !others.contains(&it.1));
                differing.extend(only_here.map(|it| (it.0, side)));
            }
        }
        differing
    }

    /// The roots that may have objects of a kind which is not defined as it was, or of the group of such a kind:
    /// what is said of a kind that there is not depends on its neighbours.
    fn defined_otherwise(&self, both: &[Checked; 2]) -> Option<HashSet<RepoPath>> {
        let [now, then] = both.each_ref().map(|it| &it.definitions[..]);
        let all = definitions::minus(now, then).into_iter().chain(definitions::minus(then, now));
        self.speaking_of(all.filter_map(definitions::defined).flat_map(|it| [it.0, it.1]))
    }

    /// The roots in the files of which one of the words stands; `None` if it stands in a file of which it is not known
    /// whether it is a root.
    fn speaking_of<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Option<HashSet<RepoPath>> {
        let words: Vec<&str> = words.into_iter().collect();
        if words.is_empty() {
            return Some(HashSet::new());
        }
        let words = Words::new(words);
        let speaks_in =
            |side: &Looked<'_>, it: &RepoPath| side.sources.open(it).is_ok_and(|it| words.may_be_in(&it));
        if self.sides.iter().any(|side| side.survey.settled.par_iter().any(|it| speaks_in(side, it))) {
            return None;
        }
        let of_side = |side: &Looked<'_>| -> Vec<RepoPath> {
            let plan = &side.survey.plan;
            let speaks = |it: &RepoPath| speaks_in(side, it);
            let files: BTreeSet<RepoPath> = plan.files();
            let speaking: BTreeSet<RepoPath> = files.into_par_iter().filter(speaks).collect();
            let (roots, manifests) = side.survey.among(None);
            let of_plan = roots.into_iter().filter(|it| !plan.files_of(*it).is_disjoint(&speaking));
            let of_plan = of_plan.map(|it| plan.path(it).clone());
            of_plan.chain(manifests.into_iter().filter(speaks)).collect()
        };
        Some(self.sides.iter().flat_map(of_side).collect())
    }

    /// The roots that have a part in a finding; `None` if that may be all of them.
    fn roots_of(&self, finding: &Finding, side: usize) -> Option<Vec<RepoPath>> {
        let found = &finding.diagnostic;
        if is_same_everywhere(found) {
            let kind = &found.object.as_ref()?.kind;
            return Some(self.speaking_of([&**kind])?.into_iter().collect());
        }
        // It may have been asked about anything.
        if is_of_policy(finding) {
            return None;
        }
        // What is wrong with files as such is looked for in all of them.
        let is_of_file = ["KUS", "YML"].iter().any(|it| found.rule.code.starts_with(it));
        if finding.roots.is_empty() && is_of_file {
            return Some(vec![]);
        }
        let path = &self.sides[side].sources.file(found.span().file).path;
        let roots: Vec<RepoPath> = self.sides.iter().flat_map(|it| it.graph.roots_of(path)).collect();
        // Nobody knows what comes of a file that no root is made of: one of policies, of options.
        (!roots.is_empty() || self.sides[side].graph.at(path).is_some()).then_some(roots)
    }
}

/// Whether what judges the objects of all roots is not the same.
fn judge_otherwise([now, then]: &[Checked; 2]) -> bool {
    let is_same = |(a, b): (&(RepoPath, Resource), &(RepoPath, Resource))| {
        a.0 == b.0 && a.1.id == b.1.id && a.1.node.has_same_value(&b.1.node)
    };
    now.judging.len() != then.judging.len() || !now.judging.iter().zip(&then.judging).all(is_same)
}

/// Whether a finding is about a policy, and not about an object.
fn is_of_policy(finding: &Finding) -> bool {
    finding.roots.is_empty() && finding.diagnostic.rule.code.starts_with("POL")
}
