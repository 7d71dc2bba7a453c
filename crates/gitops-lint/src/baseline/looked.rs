//! What a run could have found: an entry that it could not is not stale because it was not.

use std::collections::BTreeSet;

use gitops_render::entries::kustomizations;
use gitops_render::kustomize::FILE_NAMES;
use gitops_render::{Plan, RepoPath, Rule, Severity, rules};

use crate::baseline::Around;
use crate::baseline::file::Entry;
use crate::findings::Finding;
use crate::lint::Checked;
use crate::survey::checked_directories;
use crate::walk::Wanted;

/// What keeps policies from being asked.
const STOP_POLICIES: [&Rule; 3] = [
    &rules::pol::does_not_compile::RULE,
    &rules::pol::invalid_constraint::RULE,
    &rules::pol::unsupported_builtin::RULE,
];

/// What `--no-strict` lets pass.
const OF_STRICT: [&Rule; 2] = [&rules::yml::duplicate_key::RULE, &rules::sch::unknown_field::RULE];

/// What was looked at.
pub struct Looked<'a> {
    around: Around<'a>,
    files: BTreeSet<&'a RepoPath>,
    /// Files that a kustomization uses which was not checked.
    elsewhere: BTreeSet<RepoPath>,
    /// Whether everything was checked that the baseline can speak of.
    is_whole: bool,
    /// Whether it is known what else uses the files that were checked.
    knows_the_rest: bool,
    /// Files of which not everything could be seen, because something is broken that was not so before.
    unsure: BTreeSet<RepoPath>,
    /// Folders likewise.
    unsure_folders: Vec<RepoPath>,
    /// Whether all policies were asked that there are.
    are_policies_sound: bool,
}

impl<'a> Looked<'a> {
    /// What was looked at by a check. The findings are those that the baseline does not have.
    pub fn new(around: Around<'a>, checked: &Checked) -> Looked<'a> {
        let Around { place, renderer, work, .. } = around;
        let policies = work.policies.files.iter().chain(work.policies.data).map(|it| &it.0);
        let files = work.files.iter().chain(policies).chain(&work.constraints.files).collect();
        let named = checked_directories(renderer, work);
        let repository = (work.repository)(Wanted::Yaml);
        let mut directories = kustomizations(&repository);
        directories.extend(named.iter().cloned());
        let plan = renderer.plan(&directories);
        let is_checked = |dir: &RepoPath| named.binary_search(dir).is_ok();
        let others = plan.roots().into_iter().filter(|it| !is_checked(plan.path(*it)));
        let elsewhere = others.flat_map(|it| plan.files_of(it)).collect();
        let mut looked = Looked {
            around,
            files,
            elsewhere,
            is_whole: place.is_whole(),
            knows_the_rest: !repository.is_empty(),
            unsure: BTreeSet::new(),
            unsure_folders: vec![],
            are_policies_sound: true,
        };
        for finding in &checked.findings {
            looked.doubt(&plan, finding, &renderer.sources().file(finding.diagnostic.span().file).path);
        }
        looked
    }

    /// Takes in what a finding, which points into the file at `path`, may have hidden.
    fn doubt(&mut self, plan: &Plan, finding: &Finding, path: &RepoPath) {
        let found = &finding.diagnostic;
        self.are_policies_sound &= !STOP_POLICIES.iter().any(|it| it.code == found.rule.code);
        let breaks = ["KUS", "YML"].iter().any(|it| found.rule.code.starts_with(it));
        if !breaks || found.severity != Severity::Error {
            return;
        }
        self.unsure.insert(path.clone());
        if found.rule.code.starts_with("YML") && FILE_NAMES.contains(&path.file_name()) {
            self.unsure_folders.extend(path.parent());
        }
        for root in &finding.roots {
            self.unsure.insert(root.clone());
            self.unsure.extend(plan.layer(root).into_iter().flat_map(|it| plan.files_of(it)));
        }
    }

    /// Whether the finding of an entry would have been found if it were still there.
    pub fn could_find(&self, entry: &Entry) -> bool {
        let Around { place, tree, .. } = self.around;
        let Some(rule) = rules::find(&entry.identity.code) else { return false };
        let Some(name) = &entry.identity.path else {
            return self.is_asked(rule, None) && self.is_whole && self.unsure.is_empty();
        };
        let Some(path) = place.path(tree, name) else { return false };
        let is_looked_at = self.files.contains(&path) || place.is_checked(&tree.on_disk(&path));
        let is_all_of_it = self.is_whole || self.knows_the_rest && !self.elsewhere.contains(&path);
        let is_unsure =
            self.unsure.contains(&path) || self.unsure_folders.iter().any(|it| path.is_within(it));
        is_looked_at && is_all_of_it && !is_unsure && self.is_asked(rule, Some(&path))
    }

    /// Whether a rule was asked about a file.
    fn is_asked(&self, rule: &'static Rule, path: Option<&RepoPath>) -> bool {
        let Around { renderer, work, .. } = self.around;
        let is = |others: &[&Rule]| others.iter().any(|it| it.code == rule.code);
        if is(&OF_STRICT) && !work.settings.strict {
            return false;
        }
        let has_policies = !work.policies.files.is_empty() || !work.constraints.files.is_empty();
        if is(&[&rules::pol::violation::RULE]) && !(has_policies && self.are_policies_sound) {
            return false;
        }
        let sources = renderer.sources();
        let selection = &work.settings.selection;
        match path.and_then(|it| sources.open(it).ok()) {
            Some(file) => selection.by_file(sources).verdict(&rule.at(file.start(), "")).is_on,
            None => rules::RULES
                .iter()
                .zip(selection.verdicts())
                .any(|(it, verdict)| it.code == rule.code && (verdict.is_on || verdict.is_needed)),
        }
    }
}
