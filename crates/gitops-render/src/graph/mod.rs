//! What each root is made of, and which roots a file reaches.
//!
//! Made of a plan, so of kustomization files only: no resource and no patch has to be read for it.

mod build;
mod reach;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::{RepoPath, Span};

pub use crate::kustomize::plan::Reference;
pub use reach::Reach;

/// One thing in a graph, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(u32);

/// What a thing in a graph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemKind {
    /// The directory of a kustomization.
    Kustomization,
    /// The directory of a component.
    Component,
    /// A file that a kustomization names.
    File,
    /// A file with objects that no kustomization names: a root of its own.
    Manifest,
    /// A path that a kustomization names and where there is nothing.
    Missing,
    /// A path where there is something that cannot be used, such as a directory without a
    /// kustomization, or that leads out of the tree.
    Unusable,
    /// A URL or a chart, which is never fetched.
    Remote,
}

impl ItemKind {
    /// The kind in one word, as reports for programs have it.
    pub fn keyword(self) -> &'static str {
        match self {
            ItemKind::Kustomization => "kustomization",
            ItemKind::Component => "component",
            ItemKind::File => "file",
            ItemKind::Manifest => "manifest",
            ItemKind::Missing => "missing",
            ItemKind::Unusable => "unusable",
            ItemKind::Remote => "remote",
        }
    }
}

/// Something that a root is, or is made of.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Where it is, symbolic links resolved; `None` if it is not in the tree.
    pub path: Option<RepoPath>,
    /// The kustomization file, for the directory of a kustomization or component.
    pub file: Option<RepoPath>,
    /// What is written where it is named, for what has no path.
    pub text: Arc<str>,
}

/// An entry that makes one thing a part of another.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Whose kustomization has the entry.
    pub from: ItemId,
    /// What it names.
    pub to: ItemId,
    /// The field that the entry is in.
    pub reference: Reference,
    /// The entry.
    pub span: Span,
}

/// Everything that the kustomizations of a plan are made of, and the plain manifests.
#[derive(Debug, Default)]
pub struct Graph {
    items: Vec<Item>,
    links: Vec<Link>,
    /// The roots, in order of path.
    roots: Vec<ItemId>,
    /// The links that begin at each item, by number.
    parts: Vec<Vec<u32>>,
    /// The links that end at each item, by number.
    users: Vec<Vec<u32>>,
    /// What each path leads to, as it is written and with symbolic links resolved.
    by_path: BTreeMap<RepoPath, ItemId>,
}

impl Graph {
    /// All things, in a fixed order.
    pub fn items(&self) -> impl Iterator<Item = (ItemId, &Item)> {
        self.items.iter().enumerate().map(|(index, it)| (ItemId(index as u32), it))
    }

    /// One of them.
    pub fn item(&self, id: ItemId) -> &Item {
        &self.items[id.0 as usize]
    }

    /// All entries, in a fixed order.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// What is applied: the kustomizations that no other includes, and the plain manifests, in order
    /// of path.
    pub fn roots(&self) -> &[ItemId] {
        &self.roots
    }

    /// The entries of one kustomization, in the order of its fields.
    pub fn parts(&self, id: ItemId) -> impl Iterator<Item = &Link> {
        self.parts[id.0 as usize].iter().map(|it| &self.links[*it as usize])
    }

    /// The entries that name a thing.
    pub fn users(&self, id: ItemId) -> impl Iterator<Item = &Link> {
        self.users[id.0 as usize].iter().map(|it| &self.links[*it as usize])
    }

    /// What a path leads to, if something of the graph is there.
    pub fn at(&self, path: &RepoPath) -> Option<ItemId> {
        self.by_path.get(path).copied()
    }
}
