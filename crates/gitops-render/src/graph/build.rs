//! From a plan to a graph.

use std::sync::Arc;

use super::{Graph, Item, ItemId, ItemKind, Link, Reference};
use crate::kustomize::FILE_NAMES;
use crate::kustomize::file::Kind;
use crate::kustomize::plan::{Plan, Planned, Target, is_remote, named};
use crate::source::{EntryKind, RepoPath, Span};
use crate::sources::Sources;

impl Graph {
    /// The graph of a plan and of the plain manifests beside it.
    ///
    /// Paths that lead nowhere are part of it: a file that comes to be there, or that was there
    /// once, changes what is built.
    pub fn new(sources: &Sources<'_>, plan: &Plan, manifests: &[RepoPath]) -> Graph {
        let mut builder = Builder { sources, graph: Graph::default() };
        // A directory may be planned several times, with the schemas of several builds.
        let mut planned: Vec<&Planned> = plan.all().iter().collect();
        planned.sort_by(|a, b| a.kustomization.dir.cmp(&b.kustomization.dir));
        planned.dedup_by(|a, b| a.kustomization.dir == b.kustomization.dir);
        for planned in &planned {
            builder.kustomization(planned);
        }
        for planned in &planned {
            builder.links_of(planned);
        }
        for path in manifests {
            builder.at_path(ItemKind::Manifest, path);
        }
        let mut roots: Vec<RepoPath> = plan.roots().iter().map(|it| plan.path(*it).clone()).collect();
        roots.extend(manifests.iter().cloned());
        roots.sort();
        roots.dedup();
        let mut graph = builder.graph;
        graph.roots = roots.iter().filter_map(|it| graph.at(it)).collect();
        graph
    }
}

struct Builder<'s, 't> {
    sources: &'s Sources<'t>,
    graph: Graph,
}

impl Builder<'_, '_> {
    fn add(&mut self, item: Item) -> ItemId {
        let graph = &mut self.graph;
        let id = ItemId(graph.items.len() as u32);
        if let Some(path) = &item.path {
            graph.by_path.insert(path.clone(), id);
        }
        graph.items.push(item);
        graph.parts.push(vec![]);
        graph.users.push(vec![]);
        id
    }

    /// What is at a path; it becomes `kind` if the path is new.
    fn at_path(&mut self, kind: ItemKind, path: &RepoPath) -> ItemId {
        match self.graph.at(path) {
            Some(id) => id,
            None => self.add(Item { kind, path: Some(path.clone()), file: None, text: "".into() }),
        }
    }

    fn kustomization(&mut self, planned: &Planned) {
        let kustomization = &planned.kustomization;
        let kind = match kustomization.kind {
            Kind::Kustomization => ItemKind::Kustomization,
            Kind::Component => ItemKind::Component,
        };
        // A file that is no YAML has no start.
        let read = kustomization.start.map(|it| self.sources.file(it.file).path.clone());
        let file = read.or_else(|| self.kustomization_file(&kustomization.dir));
        self.add(Item { kind, path: Some(kustomization.dir.clone()), file, text: "".into() });
    }

    fn kustomization_file(&self, dir: &RepoPath) -> Option<RepoPath> {
        let mut paths = FILE_NAMES.iter().filter_map(|it| dir.join(it));
        paths.find(|it| matches!(self.sources.entry(it), Ok(Some(_))))
    }

    fn links_of(&mut self, planned: &Planned) {
        let dir = &planned.kustomization.dir;
        let Some(from) = self.graph.at(dir) else { return };
        for (reference, text, target) in planned.entries() {
            if matches!(target, Target::Inline) {
                continue;
            }
            let to = self.named(dir, &text.value, reference != Reference::Component);
            self.link(from, to, reference, text.span);
        }
        for chart in &planned.kustomization.charts {
            let to = self.outside(ItemKind::Remote, &chart.value);
            self.link(from, to, Reference::Chart, chart.span);
        }
        for it in named(planned) {
            let to = self.named(dir, it.path, true);
            self.link(from, to, it.reference, it.span);
        }
    }

    fn link(&mut self, from: ItemId, to: ItemId, reference: Reference, span: Span) {
        let number = self.graph.links.len() as u32;
        self.graph.links.push(Link { from, to, reference, span });
        self.graph.parts[from.0 as usize].push(number);
        self.graph.users[to.0 as usize].push(number);
    }

    /// What a kustomization in `dir` means by `path`.
    fn named(&mut self, dir: &RepoPath, path: &str, may_be_file: bool) -> ItemId {
        if is_remote(path) {
            return self.outside(ItemKind::Remote, path);
        }
        let Some(written) = dir.join(path) else { return self.outside(ItemKind::Unusable, path) };
        if let Some(known) = self.graph.at(&written) {
            return known;
        }
        let id = match self.sources.entry(&written) {
            Ok(Some(entry)) => {
                let is_usable = entry.kind == EntryKind::File && may_be_file;
                let kind = if is_usable { ItemKind::File } else { ItemKind::Unusable };
                self.at_path(kind, &entry.real)
            }
            Ok(None) => self.at_path(ItemKind::Missing, &written),
            Err(_) => self.at_path(ItemKind::Unusable, &written),
        };
        // A symbolic link that is changed leads somewhere else.
        self.graph.by_path.insert(written, id);
        id
    }

    fn outside(&mut self, kind: ItemKind, text: &str) -> ItemId {
        let is_same = |it: &Item| it.path.is_none() && it.kind == kind && &*it.text == text;
        match self.graph.items.iter().position(is_same) {
            Some(index) => ItemId(index as u32),
            None => self.add(Item { kind, path: None, file: None, text: Arc::from(text) }),
        }
    }
}
