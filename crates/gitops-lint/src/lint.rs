//! The way from files to findings: parse, plan, build in waves, finish, check, merge.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use gitops_render::entries::{Entries, kustomizations};
use gitops_render::kustomize::FILE_NAMES;
use gitops_render::policy::Files;
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
use crate::definitions;
use crate::findings::{self, Finding, Summary};
use crate::mute::Muted;
use crate::options::{Settings, assume};
use crate::policies;
use crate::progress::Progress;
use crate::suppress::{Looked, Silencer};
use crate::walk::Wanted;

/// What is checked.
pub struct Work<'a> {
    /// The YAML files.
    pub files: &'a [RepoPath],
    /// What was named one by one, files that are not YAML among them: the roots that it reaches are checked.
    pub named: &'a [RepoPath],
    /// Finds files in all of the repository, if only a part of it is checked.
    pub repository: &'a (dyn Fn(Wanted) -> Vec<RepoPath> + Sync),
    /// The YAML files that stand around what is checked and may use it; `None` if nobody can tell.
    pub around: &'a (dyn Fn() -> Option<Vec<RepoPath>> + Sync),
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
    /// Whether it matters what reaches what.
    pub wants_graph: bool,
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
    /// What reaches what, if that was asked for.
    pub graph: Option<Graph>,
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
    let sources = renderer.sources();
    let (policies, broken, warnings) = compile(renderer, &work.policies)?;
    progress.phase("reading", work.files.len());
    work.files.par_iter().for_each(|path| {
        // What cannot be opened is reported by `Entries`.
        if let Ok(file) = sources.open(path) {
            file.yaml();
        }
        progress.step();
    });

    let whole = (!work.named.is_empty()).then(|| whole(renderer, work));
    let plan = renderer.plan(&entry_directories(renderer, work, whole.as_ref()));
    let mut found: Vec<Found> = plan.diagnostics().cloned().map(alone).collect();
    let used = plan.used_files();
    let entries = Entries::find(sources, work.files, &used);
    let twice = &rules::yml::duplicate_key::RULE.code;
    let settings = work.settings;
    let counts = |it: &Diagnostic| settings.strict || it.rule.code != *twice;
    found.extend(entries.diagnostics.into_iter().filter(counts).map(alone));

    let graph = work.wants_graph.then(|| Graph::new(sources, &plan, &entries.manifests));

    let layers = build(renderer, &plan, progress);
    let rendered = finish(renderer, &plan, &layers, &entries.manifests, progress);
    found.extend(broken.into_iter().map(alone));
    let of_roots = Rendered::findings(&rendered).into_iter();
    let of_roots = of_roots.filter(|(it, root)| !assume::explains(&settings.assumed, it, root, &rendered));
    found.extend(of_roots.map(|(it, root)| (it, vec![root])));
    if let Some(whole) = &whole {
        drop_misses(&mut found, &rendered, sources, whole);
    }
    let (schemas, broken) = schemas(renderer, work, &rendered);
    found.extend(broken.into_iter().map(alone));
    let assumed = assume::resources(&settings.assumed, sources);
    let (constraints, broken) =
        Constraints::compile(renderer, work.constraints, work.files, &schemas[0], &rendered, assumed);
    found.extend(broken.into_iter().map(alone));
    let combine = work.policies.combine;
    let asked = Asked { policies: &policies, constraints: &constraints, combine, sources, settings };
    found.extend(check(&rendered, &schemas, &asked, progress));
    found.extend(constraints.in_roots(&rendered));
    found.extend(policies.failures().into_iter().map(alone));
    found.extend(constraints.findings(&rendered).into_iter().map(alone));
    progress.finish();

    let summary = Summary {
        files: work.files.len(),
        roots: rendered.len(),
        objects: rendered.iter().map(|it| it.resources.len()).sum(),
        ..Summary::default()
    };
    let broken = findings::broken(found.iter().map(|it| &it.0));
    let mut silencer = Silencer::new(sources, settings, &rendered, work.today);
    let mut found = silencer.filter(found);
    let has_policies = policies.rules().next().is_some() || !constraints.is_empty();
    let looked = Looked { renderer, plan: &plan, rendered: &rendered, work, has_policies };
    let about_suppressions = silencer.review(&looked);
    found.extend(silencer.filter(about_suppressions));
    let findings = findings::merge(sources, &settings.selection, found);
    let muted = silencer.into_muted();
    let summary = Summary { suppressed: muted.len(), ..summary.count(&findings) };
    if work.is_last {
        std::mem::forget((rendered, layers, schemas));
    }
    Ok(Checked { summary, findings, muted, warnings, graph, broken, ..Checked::default() })
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
/// with it.
fn schemas(
    renderer: &Renderer<'_>,
    work: &Work<'_>,
    rendered: &[Rendered],
) -> (Vec<SchemaStore>, Vec<Diagnostic>) {
    let mut elsewhere: Option<Vec<Resource>> = None;
    let mut broken = vec![];
    let store = |versions: &Minors| {
        let options = SchemaOptions { versions: versions.as_slice().to_vec(), strict: work.settings.strict };
        let mut store = SchemaStore::new(options);
        store.add_definitions(resources(rendered));
        // A file is checked as a part of the whole. A folder may be all that there is to it: what it does not
        // define itself is looked for elsewhere only if nothing is known about it.
        let is_wanted = |it: &Gvk| !store.defines(it) && (!work.named.is_empty() || !store.knows(it));
        // What is found, and what is broken, is the same for all versions.
        let elsewhere = elsewhere.get_or_insert_with(|| {
            definitions::of_kinds(renderer, rendered, is_wanted, || (work.repository)(Wanted::Yaml))
        });
        store.add_definitions(&*elsewhere);
        let kinds = resources(rendered).map(|it| &it.id.gvk);
        broken = store.add_locations(work.locations, renderer.sources(), kinds);
        store
    };
    (work.settings.targets.distinct().iter().map(store).collect(), broken)
}

fn resources(rendered: &[Rendered]) -> impl Iterator<Item = &Resource> {
    rendered.iter().flat_map(|it| &it.resources)
}

fn alone(diagnostic: Diagnostic) -> Found {
    (diagnostic, vec![])
}

/// The directories of the kustomizations that are checked: see [`entry_directories`].
pub fn checked_directories(renderer: &Renderer<'_>, work: &Work<'_>) -> Vec<RepoPath> {
    let whole = (!work.named.is_empty()).then(|| whole(renderer, work));
    entry_directories(renderer, work, whole.as_ref())
}

/// What all kustomizations of the repository are made of.
fn whole(renderer: &Renderer<'_>, work: &Work<'_>) -> Graph {
    let files = (work.repository)(Wanted::Kustomizations);
    let plan = renderer.plan(&kustomizations(&files));
    Graph::new(renderer.sources(), &plan, &[])
}

/// The directories of the kustomizations that were found, of the roots that the named files reach, and
/// of those next to such a file.
fn entry_directories(renderer: &Renderer<'_>, work: &Work<'_>, whole: Option<&Graph>) -> Vec<RepoPath> {
    let mut directories: BTreeSet<RepoPath> = kustomizations(work.files).into_iter().collect();
    directories.extend(whole.iter().flat_map(|it| it.affected(work.named)));
    for directory in work.named.iter().filter_map(RepoPath::parent) {
        let mut names = FILE_NAMES.iter().filter_map(|it| directory.join(it));
        if names.any(|it| renderer.sources().entry(&it).is_ok_and(|it| it.is_some())) {
            directories.insert(directory);
        }
    }
    directories.into_iter().collect()
}

/// Builds every layer of the plan, wave by wave.
pub fn build(renderer: &Renderer<'_>, plan: &Plan, progress: &Progress) -> Layers {
    let layers = Layers::for_plan(plan);
    let waves = plan.waves();
    progress.phase("building", waves.iter().map(Vec::len).sum());
    for wave in waves {
        wave.par_iter().for_each(|&id| {
            layers.put(id, renderer.build(plan, id, &layers));
            progress.step();
        });
    }
    layers
}

/// The roots of the plan and the plain manifests, in order of path.
fn finish(
    renderer: &Renderer<'_>,
    plan: &Plan,
    layers: &Layers,
    manifests: &[RepoPath],
    progress: &Progress,
) -> Vec<Rendered> {
    let roots: Vec<LayerId> = plan.roots();
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
    let found = groups.flat_map(|(number, roots)| {
        let mut found = schemas[number].check(resource);
        found.retain(|it| !(is_known && is_elsewhere(it)));
        found.into_iter().map(move |it| (it, roots.clone()))
    });
    found.collect()
}

/// Where the object's map is in memory. All objects are alive, so no two share an address.
fn address(resource: &Resource) -> usize {
    match &resource.node.value {
        Value::Map(map) => Arc::as_ptr(map) as usize,
        _ => std::ptr::from_ref(resource) as usize,
    }
}
