//! What there is to say about suppressions: mistakes (SUP005), those that silence nothing (SUP001), that have
//! expired (SUP003), and that give no reason (SUP002).

use std::cell::OnceCell;
use std::collections::HashSet;

use gitops_render::rules::sup;
use gitops_render::suppress::{IGNORE_REASON, Named, unused};
use gitops_render::{Diagnostic, RepoPath, Rule, SourceFile, rules};

use super::entries::Entry;
use super::{Annotation, OfFile, Silencer};
use crate::coverage::{Coverage, Looked, is_of_tests, real};
use crate::lint::Found;
use crate::options::select::Selector;

/// Whether rules about suppressions are named. What is said here can be silenced, too, but it is not known
/// yet whether it will be.
fn is_about_suppressions(mut rules: impl Iterator<Item = &'static Rule>) -> bool {
    rules.any(|it| it.code.starts_with("SUP"))
}

/// Whether those of the rules were asked that are usually on.
fn were_asked(judge: &Coverage<'_>, rules: impl Iterator<Item = &'static Rule>, file: &SourceFile) -> bool {
    let all = rules.map(|it| (it, judge.asks(it, Some(file))));
    let mut expected =
        all.filter(|(it, was_asked)| *was_asked || it.is_default && !is_of_tests(it)).peekable();
    expected.peek().is_some() && expected.all(|it| it.1)
}

impl Silencer<'_> {
    /// Looks at the suppressions after all findings have been filtered, and `reported` are those that are left.
    /// What is found has to be filtered, too.
    pub fn review(&self, looked: Looked<'_>, reported: &[Found]) -> Vec<Found> {
        if self.files.is_empty() && self.annotations.is_empty() && self.entries.is_empty() {
            return vec![];
        }
        let reported = reported.iter().map(|(it, roots)| (it, &roots[..]));
        let judge = self.has_unused().then(|| Coverage::new(looked, reported));
        let mut found: Vec<Found> = vec![];
        for it in self.checked(looked) {
            found.extend(self.in_file(it, judge.as_ref()).into_iter().map(|it| (it, vec![])));
        }
        for it in &self.annotations {
            found.extend(
                self.on_object(it, judge.as_ref()).into_iter().map(|found| (found, it.roots.clone())),
            );
        }
        found.extend(self.in_options(judge.as_ref()).into_iter().map(|it| (it, vec![])));
        found
    }

    fn has_unused(&self) -> bool {
        let files = self.files.iter().map(|it| &it.used);
        let mut all = files.chain(self.annotations.iter().map(|it| &it.used));
        all.any(|it| it.iter().flatten().any(|it| !it)) || self.entries.iter().any(|it| !it.is_used)
    }

    /// The files that are not only opened but checked or used.
    fn checked(&self, looked: Looked<'_>) -> Vec<&OfFile> {
        let work = looked.work;
        let used = OnceCell::new();
        let used = || {
            used.get_or_init(|| -> HashSet<RepoPath> {
                let policies = work.policies.files.iter().map(|it| &it.0).chain(&work.constraints.files);
                let all = work.files.iter().chain(policies).cloned().chain(looked.plan.files());
                all.map(|it| real(self.sources, &it)).collect()
            })
        };
        let is_checked =
            |it: &&OfFile| work.files.binary_search(&it.file.path).is_ok() || used().contains(&it.file.path);
        self.files.iter().filter(is_checked).collect()
    }

    fn in_file(&self, it: &OfFile, judge: Option<&Coverage<'_>>) -> Vec<Diagnostic> {
        let mut found = it.suppressions.mistakes.clone();
        for (suppression, used) in it.suppressions.list.iter().zip(&it.used) {
            found.extend(suppression.review(self.today));
            let Some(judge) =
                judge.filter(|judge| !suppression.has_expired(self.today) && judge.knows(&it.file.path))
            else {
                continue;
            };
            let idle: Vec<usize> = used
                .iter()
                .zip(&suppression.rules)
                .enumerate()
                .filter(|(_, (is_used, named))| {
                    !**is_used
                        && !is_about_suppressions(named.rules())
                        && were_asked(judge, named.rules(), &it.file)
                })
                .map(|(index, _)| index)
                .collect();
            if !idle.is_empty() {
                found.push(unused(&it.file, suppression, &idle));
            }
        }
        found
    }

    fn on_object(&self, it: &Annotation, judge: Option<&Coverage<'_>>) -> Vec<Diagnostic> {
        let mut found = it.suppressions.mistakes.clone();
        let Some((suppression, used)) = it.suppressions.list.first().zip(it.used.first()) else {
            return found;
        };
        if suppression.reason.is_none() {
            found.push(sup::without_reason::field(suppression.span, IGNORE_REASON));
        }
        let file = self.sources.file(suppression.span.file);
        let Some(judge) = judge.filter(|it| it.knows(&file.path)) else { return found };
        let is_idle =
            |named: &Named| !is_about_suppressions(named.rules()) && were_asked(judge, named.rules(), &file);
        let all = used.iter().zip(&suppression.rules);
        let idle: Vec<&Named> =
            all.filter(|(is_used, it)| !**is_used && is_idle(it)).map(|it| it.1).collect();
        if !idle.is_empty() {
            found.push(sup::unused::silences_nothing(suppression.span, &idle, "about this object"));
        }
        found
    }

    fn in_options(&self, judge: Option<&Coverage<'_>>) -> Vec<Diagnostic> {
        let mut found = vec![];
        for it in &self.entries {
            let Some(place) = it.place else { continue };
            if it.entry.reason.is_none() {
                found.push(sup::without_reason::field(place, "reason"));
            }
            if let Some((at, last)) = it.expired {
                found.push(sup::expired::since(at.unwrap_or(place), last));
                continue;
            }
            let file = self.sources.file(place.file);
            if judge.is_some_and(|judge| is_idle(it, judge, &file)) {
                let words: Vec<&str> = it.entry.rules.iter().map(|it| it.as_str()).collect();
                found.push(sup::unused::of_words(place, &words, "where this entry says"));
            }
        }
        found
    }
}

/// Whether an entry silences nothing anywhere.
fn is_idle(it: &Entry<'_>, judge: &Coverage<'_>, file: &SourceFile) -> bool {
    let meant = |path: &RepoPath| it.entry.path.as_ref().is_some_and(|it| it.holds(path));
    let all = |it: &Selector| {
        let it = *it;
        rules::RULES.iter().copied().filter(move |rule| it.names(rule))
    };
    let mut rules = it.entry.rules.iter();
    !it.is_used
        && judge.knows_all(meant)
        && rules.all(|it| !is_about_suppressions(all(it)) && were_asked(judge, all(it), file))
}
