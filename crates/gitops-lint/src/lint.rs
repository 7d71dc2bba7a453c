//! The way from files to findings: parse, plan, build in waves, finish, check, merge.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gitops_render::policy::Files;
use gitops_render::secrets::Secrets;
use gitops_render::suppress::Day;
use gitops_render::{
    Diagnostic, Graph, Gvk, LayerId, Layers, Location, Minors, Plan, PolicyOptions, PolicySet, Rendered,
    Renderer, RepoPath, Resource, ResourceId, SchemaOptions, SchemaStore, Severity, SourceFile, Sources,
    Span, Value, check_object, rules,
};
use rayon::prelude::*;

use crate::Failure;
use crate::base::ChangedLines;
use crate::constraints::{ConstraintWork, Constraints};
use crate::coverage::{Extent, Looked};
use crate::definitions;
use crate::elsewhere;
use crate::findings::{self, Finding, Summary};
use crate::mute::Muted;
use crate::options::{Settings, assume};
use crate::policies;
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

/// Builds every layer of the plan, wave by wave.
pub fn build(renderer: &Renderer<'_>, plan: &Plan, progress: &Progress) -> Layers {
    build_waves(renderer, plan, &plan.waves(), Layers::for_plan(plan), progress)
}

/// Builds what some roots need into `layers`.
pub fn build_some(
    renderer: &Renderer<'_>,
    plan: &Plan,
    roots: &[LayerId],
    layers: Layers,
    progress: &Progress,
) -> Layers {
    let needed = plan.needed_by(roots);
    let waves = plan.waves().into_iter();
    let waves: Vec<Vec<LayerId>> =
        waves.map(|it| it.into_iter().filter(|it| needed.contains(it)).collect()).collect();
    build_waves(renderer, plan, &waves, layers, progress)
}

fn build_waves(
    renderer: &Renderer<'_>,
    plan: &Plan,
    waves: &[Vec<LayerId>],
    layers: Layers,
    progress: &Progress,
) -> Layers {
    progress.phase("building", waves.iter().map(Vec::len).sum());
    for wave in waves {
        wave.par_iter().for_each(|&id| {
            layers.put(id, renderer.build(plan, id, &layers));
            progress.step();
        });
    }
    layers
}

/// Some roots of the plan and some plain manifests, in order of path.
pub fn finish(
    renderer: &Renderer<'_>,
    plan: &Plan,
    layers: &Layers,
    (roots, manifests): (&[LayerId], &[RepoPath]),
    progress: &Progress,
) -> Vec<Rendered> {
    progress.phase("rendering", roots.len());
    let of_roots = roots.par_iter().map(|&id| {
        progress.step();
        renderer.finish(plan, id, layers)
    });
    let mut rendered: Vec<Rendered> =
        of_roots.chain(manifests.par_iter().map(|it| renderer.manifest(it))).collect();
    rendered.sort_by(|a, b| a.root.cmp(&b.root));
    rendered
}

/// Compiles the policies; tells what is broken, and what to say besides. It is an error if what was named has no rule to ask, unless that is
/// because it does not compile, which is a finding.
fn compile(
    renderer: &Renderer<'_>,
    work: &Policies<'_>,
) -> Result<(PolicySet, Vec<Diagnostic>, Vec<String>), Failure> {
    let sources = renderer.sources();
    let (files, mut found) = policies::open(sources, work.files);
    let files: Vec<Arc<SourceFile>> = files.into_iter().map(|it| it.file).collect();
    let (data, wrong) = policies::data(sources, &[], work.data);
    found.extend(wrong);
    let mut options = PolicyOptions {
        all_namespaces: work.all_namespaces,
        data,
        only_needed: !work.are_named,
        ..PolicyOptions::default()
    };
    if !work.namespaces.is_empty() {
        options.namespaces = work.namespaces.to_vec();
    }
    let (set, broken) = PolicySet::compile(&options, &files);
    found.extend(broken);
    if !work.combine {
        found.extend(set.about_lists());
    }
    let mut warnings = vec![];
    let has_nothing = set.rules().next().is_none() || !set.unanswered().is_empty();
    if has_nothing && !files.is_empty() && found.is_empty() {
        let packages: Vec<&str> = set.packages().collect();
        let failure = Failure::no_rules(&options, set.unanswered(), &packages);
        // Somebody who names a package wants it asked, wherever it is.
        if work.are_named || !work.namespaces.is_empty() {
            return Err(failure);
        }
        if !packages.is_empty() {
            warnings.push(failure.to_string());
        }
    }
    Ok((set, found, warnings))
}

/// The policies, and how they are asked.
struct Asked<'a> {
    policies: &'a PolicySet,
    constraints: &'a Constraints,
    combine: bool,
    sources: &'a Sources<'a>,
    settings: &'a Settings,
}

impl Files for Asked<'_> {
    fn path(&self, resource: &Resource) -> String {
        self.sources.place(resource.place()).0.to_string()
    }

    fn line(&self, path: &str, line: u32) -> Option<Span> {
        let file = self.sources.open(&RepoPath::root().join(path)?).ok()?;
        let start = *file.line_starts().get(line.checked_sub(1)? as usize)?;
        let rest = file.bytes().get(start as usize..)?;
        let text = rest.split(|it| *it == b'\n').next().unwrap_or_default();
        let blanks = text.len() - text.trim_ascii_start().len();
        let start = start + blanks as u32;
        Some(Span { file: file.id, start, end: start + text.trim_ascii().len() as u32 })
    }
}

impl Asked<'_> {
    fn about(&self, resource: &Resource) -> Vec<Diagnostic> {
        if self.combine {
            return vec![];
        }
        self.policies.check_with(resource, self)
    }

    fn about_all(&self, rendered: &Rendered) -> Vec<Found> {
        let resources: Vec<&Resource> = rendered.resources.iter().collect();
        let found = self.policies.check_together(&resources, self);
        found.into_iter().map(|it| (it, vec![rendered.root.clone()])).collect()
    }
}

/// Checks every distinct object once: what many overlays take over unchanged from a base is one
/// and the same map in memory.
fn check(
    rendered: &[Rendered],
    schemas: &[SchemaStore],
    asked: &Asked<'_>,
    progress: &Progress,
) -> Vec<Found> {
    let mut index: HashMap<(usize, &ResourceId), usize> = HashMap::new();
    let mut distinct: Vec<(&Resource, Vec<RepoPath>)> = vec![];
    for it in rendered {
        for resource in &it.resources {
            let at = *index.entry((address(resource), &resource.id)).or_insert(distinct.len());
            match distinct.get_mut(at) {
                Some((_, roots)) => roots.push(it.root.clone()),
                None => distinct.push((resource, vec![it.root.clone()])),
            }
        }
    }
    progress.phase("checking", distinct.len());
    let found = distinct.into_par_iter().flat_map_iter(|(resource, roots)| {
        let mut all = against_schemas(resource, &roots, schemas, asked.settings);
        let mut found = vec![];
        found.extend(check_object(resource));
        found.extend(asked.about(resource));
        found.extend(asked.constraints.about(resource, &roots));
        progress.step();
        all.extend(found.into_iter().map(|it| (it, roots.clone())));
        all
    });
    let mut found: Vec<Found> = found.collect();
    if asked.combine {
        found.par_extend(rendered.par_iter().flat_map_iter(|it| asked.about_all(it)));
    }
    found
}

/// What the schemas say about an object, for its roots and the versions that each of them is checked against.
fn against_schemas(
    resource: &Resource,
    roots: &[RepoPath],
    schemas: &[SchemaStore],
    settings: &Settings,
) -> Vec<Found> {
    let missing = rules::sch::missing::RULE.code;
    // Kinds of Kubernetes itself are never elsewhere.
    let is_elsewhere = |it: &Diagnostic| it.rule.code == missing && it.severity < Severity::Error;
    let is_known = settings.knows(&resource.id.gvk);
    let groups = settings.targets.group(roots).into_iter();
    let found = groups.map(|(number, roots)| {
        let mut found = schemas[number].check(resource);
        found.retain(|it| !(is_known && is_elsewhere(it)));
        (number, roots, found)
    });
    settings.targets.told(found.collect())
}

/// Where the object's map is in memory. All objects are alive, so no two share an address.
fn address(resource: &Resource) -> usize {
    match &resource.node.value {
        Value::Map(map) => Arc::as_ptr(map) as usize,
        _ => std::ptr::from_ref(resource) as usize,
    }
}
