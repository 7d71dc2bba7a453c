//! Objects held against schemas, rules, policies and constraints.

use std::collections::HashMap;
use std::sync::Arc;

use gitops_render::policy::Files;
use gitops_render::{
    Diagnostic, PolicyOptions, PolicySet, Rendered, Renderer, RepoPath, Resource, ResourceId, SchemaStore,
    Severity, SourceFile, Sources, Span, Value, check_object, rules,
};
use rayon::prelude::*;

use crate::Failure;
use crate::constraints::Constraints;
use crate::lint::{Found, Policies};
use crate::options::Settings;
use crate::policies;
use crate::progress::Progress;

/// Compiles the policies; tells what is broken, and what to say besides.
///
/// # Errors
/// If what was named has no rule to ask, unless that is because it does not compile, which is a finding.
pub fn compile(
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
pub struct Asked<'a> {
    pub policies: &'a PolicySet,
    pub constraints: &'a Constraints,
    pub combine: bool,
    pub sources: &'a Sources<'a>,
    pub settings: &'a Settings,
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
pub fn check(
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
