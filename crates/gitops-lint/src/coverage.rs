//! What a run could have found: only then does it mean something that it has not.
//!
//! Whoever says that a suppression silences nothing, or that an entry of the baseline is stale, asks here.
//! Three things have to be so: the rule was asked ([`Coverage::asks`], and for those who do not know with what a
//! finding was found [`Coverage::asks_everything`]), the file was looked at, and all that
//! uses it was checked and could be built ([`Coverage::knows`]).

use std::collections::HashSet;

use gitops_render::entries::kustomizations;
use gitops_render::kustomize::FILE_NAMES;
use gitops_render::{Diagnostic, Plan, Renderer, RepoPath, Rule, Severity, SourceFile, Sources, rules};

use crate::lint::{Found, Work};
use crate::options::Settings;
use crate::walk::Wanted;

/// Rules that only `gitops-lint test` knows.
const OF_TESTS: [&Rule; 3] =
    [&rules::pol::untested::RULE, &rules::pol::test_failed::RULE, &rules::pol::suite_case_failed::RULE];

/// What `--no-strict` lets pass.
const OF_STRICT: [&Rule; 2] = [&rules::yml::duplicate_key::RULE, &rules::sch::unknown_field::RULE];

/// What keeps policies from being asked.
const STOP_POLICIES: [&Rule; 3] = [
    &rules::pol::does_not_compile::RULE,
    &rules::pol::invalid_constraint::RULE,
    &rules::pol::unsupported_builtin::RULE,
];

fn is_one_of(rule: &Rule, all: &[&Rule]) -> bool {
    all.iter().any(|it| it.code == rule.code)
}

/// Whether only `gitops-lint test` asks a rule.
pub fn is_of_tests(rule: &Rule) -> bool {
    is_one_of(rule, &OF_TESTS)
}

/// Whether what a rule finds depends on the versions of Kubernetes, or on the schemas, that are asked.
pub fn is_about_schemas(rule: &Rule) -> bool {
    ["SCH", "DEP"].iter().any(|it| rule.code.starts_with(it))
}

/// Whether what a rule finds depends on the policies that are asked.
pub fn is_about_policies(rule: &Rule) -> bool {
    rule.code.starts_with("POL")
}

/// How far a check has come, beside what it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Kustomizations and manifests of which something is missing, in order.
    pub incomplete: Vec<RepoPath>,
    /// What breaks them, but belongs to a rule that is off.
    pub hidden: Vec<Break>,
    /// Whether a policy or a constraint was asked.
    pub has_policies: bool,
}

/// A mistake that may keep a build from its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The file that it is in.
    pub file: RepoPath,
    /// The roots that show it, if it is not about the file as such.
    pub roots: Vec<RepoPath>,
}

impl Break {
    /// What a finding may keep from being built.
    fn of(found: &Diagnostic, roots: &[RepoPath], sources: &Sources<'_>) -> Option<Break> {
        let is_early = ["KUS", "YML"].iter().any(|it| found.rule.code.starts_with(it));
        // Options may call an error a warning, and it breaks as much.
        let is_error = found.rule.severity.max(found.severity) == Severity::Error;
        let file = || sources.file(found.span().file).path.clone();
        (is_early && is_error).then(|| Break { file: file(), roots: roots.to_vec() })
    }
}

impl Extent {
    /// Those of the findings that break something and are not reported, because their rules are off.
    pub fn hidden(found: &[Found], settings: &Settings, sources: &Sources<'_>) -> Vec<Break> {
        let mut of_file = settings.selection.by_file(sources);
        let off = found.iter().filter(|it| !of_file.verdict(&it.0).is_on);
        off.filter_map(|(it, roots)| Break::of(it, roots, sources)).collect()
    }
}

/// What a run has looked at.
#[derive(Clone, Copy)]
pub struct Looked<'a> {
    /// What rendered it.
    pub renderer: &'a Renderer<'a>,
    /// The kustomizations that were checked.
    pub plan: &'a Plan,
    /// What was asked for.
    pub work: &'a Work<'a>,
    /// How far it came.
    pub extent: &'a Extent,
}

/// What could have been found.
pub struct Coverage<'a> {
    looked: Looked<'a>,
    /// Files that were looked at, by their real paths.
    files: HashSet<RepoPath>,
    /// Those of them of which not everything could be seen.
    doubtful: HashSet<RepoPath>,
    /// What is used by kustomizations that were not checked.
    elsewhere: HashSet<RepoPath>,
    /// Whether it cannot be told what uses what.
    is_blind: bool,
    has_policies: bool,
}

impl<'a> Coverage<'a> {
    /// What could have been found, where `reported` are the findings that nobody has silenced: what is silenced
    /// was broken when somebody wrote that down, so it keeps nothing from being found that was found then.
    ///
    /// This may take a walk through the repository, so it is to be done only when there is something to judge.
    pub fn new<'f>(
        looked: Looked<'a>,
        reported: impl Iterator<Item = (&'f Diagnostic, &'f [RepoPath])> + Clone,
    ) -> Coverage<'a> {
        let Looked { renderer, plan, work, extent } = looked;
        let sources = renderer.sources();
        let around = (work.repository)(Wanted::Users);
        let mut directories = kustomizations(around.as_deref().unwrap_or_default());
        directories.retain(|it| plan.layer(it).is_none());
        let elsewhere = renderer.plan(&directories).files();
        let breaks = reported.clone().filter_map(|(it, roots)| Break::of(it, roots, sources));
        let breaks: Vec<Break> = breaks.chain(extent.hidden.iter().cloned()).collect();
        let doubtful = doubtful(plan, extent, &breaks);
        // A kustomization that cannot be read may use anything.
        let is_unread = |it: &Break| {
            FILE_NAMES.contains(&it.file.file_name())
                && sources.open(&it.file).map_or(true, |it| it.yaml().is_broken)
        };
        let is_blind = around.is_none() || breaks.iter().any(is_unread);
        let real = |all: &mut dyn Iterator<Item = RepoPath>| all.map(|it| real(sources, &it)).collect();
        let policies = work.policies.files.iter().chain(work.policies.data).map(|it| &it.0);
        let files = work.files.iter().chain(policies).chain(&work.constraints.files).cloned();
        let are_sound = !reported.clone().any(|it| is_one_of(it.0.rule, &STOP_POLICIES));
        Coverage {
            looked,
            files: real(&mut files.chain(plan.files())),
            doubtful: real(&mut doubtful.into_iter()),
            elsewhere: real(&mut elsewhere.into_iter()),
            is_blind,
            has_policies: extent.has_policies && are_sound,
        }
    }

    /// Whether everything is known that could be found in a file.
    pub fn knows(&self, path: &RepoPath) -> bool {
        let sources = self.looked.renderer.sources();
        let path = real(sources, path);
        let is_known =
            self.files.contains(&path) && !self.doubtful.contains(&path) && !self.elsewhere.contains(&path);
        let is_read = || sources.open(&path).is_ok_and(|it| !(is_yaml(&it) && it.yaml().is_broken));
        !self.is_blind && is_known && is_read()
    }

    /// Whether everything is known that could be found anywhere. What is left out on purpose does not
    /// belong to it, but for the files that are `meant`.
    pub fn knows_all(&self, meant: impl Fn(&RepoPath) -> bool) -> bool {
        !self.is_blind
            && !self.looked.work.is_part
            && self.doubtful.is_empty()
            && !self.elsewhere.iter().any(meant)
    }

    /// Whether a rule was asked about a file, or anywhere if none is given.
    pub fn asks(&self, rule: &'static Rule, file: Option<&SourceFile>) -> bool {
        let Looked { renderer, work: &Work { settings, .. }, .. } = self.looked;
        if is_of_tests(rule) || is_one_of(rule, &OF_STRICT) && !settings.strict {
            return false;
        }
        if is_about_policies(rule) && !self.has_policies {
            return false;
        }
        match file {
            Some(file) => {
                let mut of_file = settings.selection.by_file(renderer.sources());
                of_file.verdict(&rule.at(file.start(), "")).is_on
            }
            None => {
                let mut all = rules::RULES.iter().zip(settings.selection.verdicts());
                all.any(|(it, verdict)| it.code == rule.code && (verdict.is_on || verdict.is_needed))
            }
        }
    }
}

impl Coverage<'_> {
    /// Whether a rule was asked about a file, with all that it is ever asked with, as far as the options file and
    /// the flags tell.
    pub fn asks_everything(&self, rule: &'static Rule, file: &SourceFile) -> bool {
        let narrowed = self.looked.work.settings.narrowed;
        let is_narrowed =
            is_about_schemas(rule) && narrowed.schemas || is_about_policies(rule) && narrowed.policies;
        !is_narrowed && self.asks(rule, Some(file))
    }
}

/// The files of those roots that lack something because of what is reported, and the broken files themselves.
fn doubtful(plan: &Plan, extent: &Extent, breaks: &[Break]) -> HashSet<RepoPath> {
    let mut doubtful: HashSet<RepoPath> = breaks.iter().map(|it| it.file.clone()).collect();
    if breaks.is_empty() {
        return doubtful;
    }
    for root in &extent.incomplete {
        let files = plan.layer(root).map(|it| plan.files_of(it)).unwrap_or_default();
        let is_of_root = |it: &Break| it.roots.contains(root) || files.contains(&it.file) || it.file == *root;
        if breaks.iter().any(is_of_root) {
            doubtful.extend(files);
            doubtful.insert(root.clone());
        }
    }
    doubtful
}

fn is_yaml(file: &SourceFile) -> bool {
    Wanted::Yaml.matches(file.path.file_name())
}

/// The path with symbolic links resolved.
pub fn real(sources: &Sources<'_>, path: &RepoPath) -> RepoPath {
    sources.entry(path).ok().flatten().map_or_else(|| path.clone(), |it| it.real)
}
