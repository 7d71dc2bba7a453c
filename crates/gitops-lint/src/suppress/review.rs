//! What there is to say about suppressions: mistakes (SUP005), those that silence nothing (SUP001), that have
//! expired (SUP003), and that give no reason (SUP002).

use std::cell::OnceCell;
use std::collections::HashSet;

use gitops_render::rules::sup;
use gitops_render::suppress::{IGNORE_REASON, Named, Suppression, unused};
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
    let all = rules.map(|it| (it, judge.asks_everything(it, file)));
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
            let is_judged = |named: &Named| {
                !is_about_suppressions(named.rules()) && were_asked(judge, named.rules(), &it.file)
            };
            found.extend(idle(&it.file, suppression, used, is_judged));
        }
        found
    }

    /// What silences nothing of what `gitops-lint test` looks for, if all tests were run and nothing is left to
    /// report. The comments are those of the files that are `tested`. What names other rules, too, is judged
    /// by nobody.
    pub fn review_tests(&self, tested: &[&RepoPath]) -> Vec<Diagnostic> {
        let tested: HashSet<RepoPath> = tested.iter().map(|it| real(self.sources, it)).collect();
        let mut found = vec![];
        for OfFile { file, suppressions, used, .. } in
            self.files.iter().filter(|it| tested.contains(&it.file.path))
        {
            let mut of_file = self.settings.selection.by_file(self.sources);
            let mut is_judged =
                |it: &'static Rule| is_of_tests(it) && of_file.verdict(&it.at(file.start(), "")).is_on;
            let mut are_judged = |it: &Named| it.rules().all(&mut is_judged);
            for (suppression, used) in suppressions.list.iter().zip(used) {
                if !suppression.has_expired(self.today) {
                    found.extend(idle(file, suppression, used, &mut are_judged));
                }
            }
        }
        let are_of_tests = |it: &Selector| selected(*it).all(is_of_tests);
        let idle = self.entries.iter().filter(|it| !it.is_used && !it.has_expired);
        let judged = idle.filter(|it| it.entry.rules.iter().all(are_of_tests));
        found.extend(judged.filter_map(idle_entry));
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
                found.extend(idle_entry(it));
            }
        }
        found
    }
}

/// The finding about those rules of a comment that are judged and have silenced nothing.
fn idle(
    file: &SourceFile,
    it: &Suppression,
    used: &[bool],
    mut is_judged: impl FnMut(&Named) -> bool,
) -> Option<Diagnostic> {
    let all = used.iter().zip(&it.rules).enumerate();
    let idle = all.filter(|(_, (is_used, named))| !**is_used && is_judged(named));
    let idle: Vec<usize> = idle.map(|it| it.0).collect();
    (!idle.is_empty()).then(|| unused(file, it, &idle))
}

fn idle_entry(it: &Entry<'_>) -> Option<Diagnostic> {
    let words: Vec<&str> = it.entry.rules.iter().map(|it| it.as_str()).collect();
    Some(sup::unused::of_words(it.place?, &words, "where this entry says"))
}

/// The rules that a word of the options file names.
fn selected(it: Selector) -> impl Iterator<Item = &'static Rule> {
    rules::RULES.iter().copied().filter(move |rule| it.names(rule))
}

/// Whether an entry silences nothing anywhere.
fn is_idle(it: &Entry<'_>, judge: &Coverage<'_>, file: &SourceFile) -> bool {
    let meant = |path: &RepoPath| it.entry.path.as_ref().is_some_and(|it| it.holds(path));
    let all = |it: &Selector| selected(*it);
    let mut rules = it.entry.rules.iter();
    !it.is_used
        && judge.knows_all(meant)
        && rules.all(|it| !is_about_suppressions(all(it)) && were_asked(judge, all(it), file))
}
