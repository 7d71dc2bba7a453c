//! The way from files to findings: parse, plan, build in waves, finish, check, merge.

use std::collections::HashSet;
use std::sync::Arc;

use gitops_render::secrets::{KnownSecrets, Secrets};
use gitops_render::suppress::Day;
use gitops_render::{
    Diagnostic, Graph, Gvk, Layers, Location, Minors, Rendered, Renderer, RepoPath, Resource, SchemaOptions,
    SchemaStore, Sources, Span, rules,
};

use crate::Failure;
use crate::base::ChangedLines;
use crate::building::{build_some, finish};
use crate::checking::{Asked, check, compile};
use crate::constraints::{ConstraintWork, Constraints};
use crate::coverage::{Extent, Looked};
use crate::definitions;
use crate::elsewhere;
use crate::findings::{self, Finding, Summary};
use crate::mute::Muted;
use crate::options::{Settings, assume};
use crate::progress::Progress;
use crate::suppress::Silencer;
use crate::survey::Survey;
use crate::walk::Wanted;

/// What is checked.
pub struct Work<'a> {
    /// The YAML files.
    pub files: &'a [RepoPath],
    /// What was named one by one, files that are not YAML among them: the roots that it reaches are checked.
    pub named: &'a [RepoPath],
    /// Finds files in all of the repository: see [`crate::walk::repository`].
    pub repository: &'a (dyn Fn(Wanted) -> Option<Vec<RepoPath>> + Sync),
    /// Whether there is more around what is checked.
    pub is_part: bool,
    /// The day by which suppressions expire.
    pub today: Day,
    /// The policies, and what they know.
    pub policies: Policies<'a>,
    /// The constraints, beside those among the objects.
    pub constraints: &'a ConstraintWork,
    /// Where schemas are looked for, beside those that are built in.
    pub locations: &'a [Location],
    /// What is in force: flags over the options file.
    pub settings: &'a Settings,
    /// The roots that matter; `None` means all of them. What belongs to no root is looked at in any case.
    pub only: Option<&'a HashSet<RepoPath>>,
    /// Whether the process ends when this is done, so that nobody needs its memory again.
    pub is_last: bool,
}

/// Which policies are asked.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// The Rego files, each with the folder that was named for it.
    pub files: &'a [(RepoPath, RepoPath)],
    /// Files of data, likewise.
    pub data: &'a [(RepoPath, RepoPath)],
    /// The packages; none means conftest's `main`.
    pub namespaces: &'a [String],
    /// Whether all packages are asked.
    pub all_namespaces: bool,
    /// Whether all objects of a root are asked about at once.
    pub combine: bool,
    /// Whether somebody has named them. What was only found may be for something else.
    pub are_named: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Checked {
    /// In order of path and place.
    pub findings: Vec<Finding>,
    /// What would stand among them if nobody had silenced it, in the same order.
    pub muted: Vec<Muted>,
    /// Whether findings have been compared with earlier ones, so that those that are not silenced are new.
    pub is_compared: bool,
    /// What is not reported because it was there before the change; in the same order.
    pub known: Vec<Finding>,
    /// What the change has touched.
    pub changed_lines: ChangedLines,
    /// The definitions of kinds among the objects.
    pub definitions: Vec<Resource>,
    /// The objects that judge those of all roots, with their roots.
    pub judging: Vec<(RepoPath, Resource)>,
    /// How far it came.
    pub extent: Extent,
    /// What is secret in the files of the findings.
    pub secrets: KnownSecrets,
    /// What was looked at.
    pub summary: Summary,
    /// What is to be told besides, one line each.
    pub warnings: Vec<String>,
    /// How many places there are, whatever is reported, that cannot be read or built.
    pub broken: usize,
}

/// A diagnostic with the roots that show it.
pub type Found = (Diagnostic, Vec<RepoPath>);

/// Checks everything, on the threads of the current pool.
///
/// # Errors
/// If policies that were named have nothing to ask.
pub fn lint(renderer: &Renderer<'_>, work: &Work<'_>, progress: &Progress) -> Result<Checked, Failure> {
    check_surveyed(renderer, work, &Survey::new(renderer, work, progress), progress)
}

/// The same for what is surveyed already.
///
/// # Errors
/// As above.
pub fn check_surveyed(
    renderer: &Renderer<'_>,
    work: &Work<'_>,
    survey: &Survey,
    progress: &Progress,
) -> Result<Checked, Failure> {
    let sources = renderer.sources();
    let (policies, broken, warnings) = compile(renderer, &work.policies)?;
    let Survey { plan, entries, whole, .. } = survey;
    let mut found: Vec<Found> = plan.diagnostics().cloned().map(alone).collect();
    let twice = &rules::yml::duplicate_key::RULE.code;
    let settings = work.settings;
    let counts = |it: &&Diagnostic| settings.strict || it.rule.code != *twice;
    found.extend(entries.diagnostics.iter().filter(counts).cloned().map(alone));

    let (roots, manifests) = survey.among(work.only);
    let layers = build_some(renderer, plan, &roots, Layers::for_plan(plan), progress);
    let rendered = finish(renderer, plan, &layers, (&roots, &manifests), progress);
    found.extend(broken.into_iter().map(alone));
    let of_roots = Rendered::findings(&rendered).into_iter();
    let of_roots = of_roots.filter(|(it, root)| !assume::explains(&settings.assumed, it, root, &rendered));
    found.extend(of_roots.map(|(it, root)| (it, vec![root])));
    if let Some(whole) = whole {
        drop_misses(&mut found, &rendered, sources, whole);
    }
    let elsewhere =
        if work.only.is_some() { elsewhere::deciding(renderer, survey, &rendered) } else { Arc::default() };
    let mut all: Vec<&Rendered> = rendered.iter().chain(&*elsewhere).collect();
    all.sort_by(|a, b| a.root.cmp(&b.root));
    let (schemas, broken) = schemas(renderer, work, &rendered, &all);
    found.extend(broken.into_iter().map(alone));
    let assumed = assume::resources(&settings.assumed, sources);
    let (constraints, broken) = Constraints::compile(
        renderer,
        work.constraints,
        survey.files_with_suites(),
        &schemas[0],
        &all,
        assumed,
    );
    found.extend(broken.into_iter().map(alone));
    let combine = work.policies.combine;
    let asked = Asked { policies: &policies, constraints: &constraints, combine, sources, settings };
    found.extend(check(&rendered, &schemas, &asked, progress));
    found.extend(constraints.in_roots(&rendered));
    found.extend(policies.failures().into_iter().map(alone));
    found.extend(constraints.findings(&rendered).into_iter().map(alone));
    progress.phase("merging", found.len());

    let summary = Summary {
        files: work.files.len(),
        roots: rendered.len(),
        objects: rendered.iter().map(|it| it.resources.len()).sum(),
        ..Summary::default()
    };
    let broken = findings::broken(found.iter().map(|it| &it.0));
    let incomplete = rendered.iter().filter(|it| it.is_incomplete).map(|it| it.root.clone());
    let extent = Extent {
        incomplete: incomplete.collect(),
        hidden: Extent::hidden(&found, settings, sources),
        has_policies: policies.rules().next().is_some() || !constraints.is_empty(),
    };
    let mut silencer = Silencer::new(sources, settings, &rendered, work.today);
    let mut found = silencer.filter(found);
    let looked = Looked { renderer, plan, work, extent: &extent };
    let about_suppressions = silencer.review(looked, &found);
    found.extend(silencer.filter(about_suppressions));
    let mut findings = findings::merge(sources, &settings.selection, found);
    let mut muted = silencer.into_muted();
    let mut secrets = Secrets::new(sources);
    let all = findings.iter_mut().chain(muted.iter_mut().map(|it| &mut it.finding));
    all.for_each(|it| secrets.cover(&mut it.diagnostic));
    let secrets = secrets.into_known();
    let summary = Summary { suppressed: muted.len(), ..summary.count(&findings) };
    let (definitions, judging) = (definitions::among(&rendered), elsewhere::judging(&rendered));
    progress.finish();
    if work.is_last {
        std::mem::forget((rendered, elsewhere, layers, schemas));
    }
    Ok(Checked {
        summary,
        findings,
        muted,
        warnings,
        definitions,
        judging,
        extent,
        secrets,
        broken,
        ..Checked::default()
    })
}

/// Drops what says that a `target`, or the name of an image, selects nothing if it may select something in a
/// root that is not checked, of which `whole` knows.
fn drop_misses(found: &mut Vec<Found>, rendered: &[Rendered], sources: &Sources<'_>, whole: &Graph) {
    let roots: HashSet<&RepoPath> = rendered.iter().map(|it| &it.root).collect();
    let is_elsewhere = |it: Span| {
        let users = whole.roots_of(&sources.file(it.file).path);
        users.iter().any(|it| !roots.contains(it))
    };
    found.retain(|(it, _)| !rules::is_miss(it) || !is_elsewhere(it.span()));
}

/// What is known about kinds, for each of the versions that something is checked against; and what is wrong
/// with it. Among `all` is what may define kinds, too, and is not checked.
fn schemas(
    renderer: &Renderer<'_>,
    work: &Work<'_>,
    rendered: &[Rendered],
    all: &[&Rendered],
) -> (Vec<SchemaStore>, Vec<Diagnostic>) {
    let mut unrendered: Option<Vec<Resource>> = None;
    let mut broken = vec![];
    let store = |versions: &Minors| {
        let options = SchemaOptions { versions: versions.as_slice().to_vec(), strict: work.settings.strict };
        let mut store = SchemaStore::new(options);
        store.add_definitions(all.iter().flat_map(|it| &it.resources));
        // A file is checked as a part of the whole. A folder may be all that there is to it: what it does not
        // define itself is looked for elsewhere only if nothing is known about it.
        let is_wanted = |it: &Gvk| !store.defines(it) && (!work.named.is_empty() || !store.knows(it));
        // What is found, and what is broken, is the same for all versions.
        let unrendered = unrendered.get_or_insert_with(|| {
            definitions::of_kinds(renderer, rendered, is_wanted, || {
                (work.repository)(Wanted::Yaml).unwrap_or_default()
            })
        });
        store.add_definitions(&*unrendered);
        let kinds = rendered.iter().flat_map(|it| &it.resources).map(|it| &it.id.gvk);
        broken = store.add_locations(work.locations, renderer.sources(), kinds);
        store
    };
    (work.settings.targets.distinct().iter().map(store).collect(), broken)
}

fn alone(diagnostic: Diagnostic) -> Found {
    (diagnostic, vec![])
}
