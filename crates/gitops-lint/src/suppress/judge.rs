//! Whether a run can tell that a suppression silences nothing: only if all was looked at that could have
//! been found.

use std::collections::HashSet;

use gitops_render::entries::kustomizations;
use gitops_render::{Plan, Rendered, Renderer, RepoPath, Rule, SourceFile, Sources, rules};

use crate::lint::Work;

/// What the run has looked at.
pub struct Looked<'a> {
    /// What rendered it.
    pub renderer: &'a Renderer<'a>,
    /// The kustomizations.
    pub plan: &'a Plan,
    /// What came of them, and the manifests.
    pub rendered: &'a [Rendered],
    /// What was asked for.
    pub work: &'a Work<'a>,
    /// Whether a policy or a constraint was asked.
    pub has_policies: bool,
}

/// What can be judged.
pub(super) struct Judge<'a> {
    looked: &'a Looked<'a>,
    /// Files of which everything is known that comes of them.
    known: HashSet<RepoPath>,
    /// Whether everything is known about the repository.
    pub knows_all: bool,
}

/// Rules that only `gitops-lint test` knows.
fn is_of_tests(rule: &Rule) -> bool {
    let of_tests =
        [&rules::pol::untested::RULE, &rules::pol::test_failed::RULE, &rules::pol::suite_case_failed::RULE];
    of_tests.iter().any(|it| it.code == rule.code)
}

impl<'a> Judge<'a> {
    /// Finds out which files may be judged. This may take a walk through the repository, so it is to be done
    /// only when there is something to judge.
    pub fn new(looked: &'a Looked<'a>) -> Judge<'a> {
        let Looked { renderer, plan, rendered, work, .. } = looked;
        let sources = renderer.sources();
        let (mut known, mut doubtful) = (HashSet::new(), HashSet::new());
        for it in *rendered {
            let files = match plan.layer(&it.root) {
                Some(id) => plan.files_of(id).into_iter().collect(),
                None => vec![it.root.clone()],
            };
            let list = if it.is_incomplete { &mut doubtful } else { &mut known };
            list.extend(files);
        }
        let policies = work.policies.files.iter().map(|it| &it.0).chain(&work.constraints.files);
        known.extend(policies.cloned());
        // What else in the repository uses a file has not been built.
        let elsewhere = (work.around)();
        let is_part = elsewhere.as_ref().is_none_or(|it| !it.is_empty());
        let mut directories = kustomizations(elsewhere.as_deref().unwrap_or_default());
        directories.retain(|it| plan.layer(it).is_none());
        let others = renderer.plan(&directories);
        doubtful.extend(others.files());
        let knows_all = !is_part && rendered.iter().all(|it| !it.is_incomplete);
        if elsewhere.is_none() {
            known.clear();
        }
        let real = |all: HashSet<RepoPath>| all.iter().map(|it| real(sources, it)).collect();
        let (mut known, doubtful): (HashSet<_>, HashSet<_>) = (real(known), real(doubtful));
        known.retain(|it| !doubtful.contains(it));
        Judge { looked, known, knows_all }
    }

    /// Whether everything is known that could be found in a file.
    pub fn knows(&self, file: &SourceFile) -> bool {
        self.known.contains(&file.path) && !(is_yaml(file) && file.yaml().is_broken)
    }

    /// Whether those of the rules have run that are usually on.
    pub fn have_run(&self, rules: impl Iterator<Item = &'static Rule>, file: &SourceFile) -> bool {
        let sources = self.looked.renderer.sources();
        let mut of_file = self.looked.work.settings.selection.by_file(sources);
        let mut is_on = |it: &'static Rule| of_file.verdict(&it.at(file.start(), "")).is_on;
        let rules = rules.filter(|it| !is_of_tests(it));
        let expected: Vec<_> =
            rules.map(|it| (it, is_on(it))).filter(|(it, is_on)| it.is_default || *is_on).collect();
        !expected.is_empty() && expected.iter().all(|(it, is_on)| *is_on && self.has_run(it))
    }

    fn has_run(&self, rule: &Rule) -> bool {
        let strict = [&rules::sch::unknown_field::RULE, &rules::yml::duplicate_key::RULE];
        if strict.iter().any(|it| it.code == rule.code) {
            return self.looked.work.settings.strict;
        }
        !rule.code.starts_with("POL") || self.looked.has_policies
    }
}

fn is_yaml(file: &SourceFile) -> bool {
    !file.path.file_name().ends_with(".rego")
}

/// The path with symbolic links resolved.
pub(super) fn real(sources: &Sources<'_>, path: &RepoPath) -> RepoPath {
    sources.entry(path).ok().flatten().map_or_else(|| path.clone(), |it| it.real)
}
