//! Which kinds a location has, without reading more than it must.

use std::collections::HashSet;

use super::Location;
use super::file::documents;
use super::folder;
use super::identity;
use super::load::templates;
use super::template::{FileName, Reader, Template};
use crate::resource::{Gvk, Resource};
use crate::schema::definitions;
use crate::source::{EntryKind, RepoPath, Span};
use crate::sources::Sources;

/// A kind that a location has.
pub(in crate::schema) enum Listed {
    /// A CustomResourceDefinition defines it.
    Defined(Gvk, Span),
    /// A schema names it.
    Named(Gvk, RepoPath),
    /// Its file is called after it.
    Called(FileName, RepoPath),
}

/// The kinds of a location, in no order.
pub(in crate::schema) fn list(location: &Location, sources: &Sources<'_>) -> Vec<Listed> {
    match location {
        Location::BuiltIn => vec![],
        Location::Template(template) => called(location, sources, &template.base),
        Location::Folder(path) => {
            let mut found = called(location, sources, path);
            found.extend(defined(&folder::find(sources, path).0));
            found
        }
        Location::File(path) => in_file(path, sources),
    }
}

fn defined(resources: &[Resource]) -> Vec<Listed> {
    let definitions = resources.iter().flat_map(definitions::definitions);
    definitions.map(|it| Listed::Defined(it.gvk, it.place)).collect()
}

fn in_file(path: &RepoPath, sources: &Sources<'_>) -> Vec<Listed> {
    let documents = documents(sources, path).unwrap_or_default();
    let found = defined(&folder::of_documents(&documents));
    match documents.first() {
        Some(root) if found.is_empty() => {
            identity::all(root).into_iter().map(|it| Listed::Named(it, path.clone())).collect()
        }
        _ => found,
    }
}

/// The kinds that files below a folder are called after.
fn called(location: &Location, sources: &Sources<'_>, folder: &RepoPath) -> Vec<Listed> {
    let readers: Vec<Reader> = templates(location).iter().filter_map(Template::reader).collect();
    let mut found = vec![];
    let mut seen = HashSet::new();
    for path in files(sources, folder) {
        let relative = path.relative_to(folder);
        let Some(name) = readers.iter().find_map(|it| it.read(&relative)) else { continue };
        // A catalogue has a file for each version; the first speaks for all.
        if seen.insert(name.clone()) {
            found.push(Listed::Called(name, path));
        }
    }
    found
}

/// All files of schemas below a folder, in order.
fn files(sources: &Sources<'_>, folder: &RepoPath) -> Vec<RepoPath> {
    let mut files = vec![];
    let mut seen = HashSet::new();
    let mut todo = vec![folder.clone()];
    while let Some(path) = todo.pop() {
        let names = sources.list(&path).unwrap_or_default();
        for path in names.iter().filter(|it| !it.starts_with('.')).filter_map(|it| path.join(it)) {
            if [".json", ".yaml", ".yml"].iter().any(|it| path.as_str().ends_with(it)) {
                files.push(path);
            } else if let Ok(Some(entry)) = sources.entry(&path)
                && entry.kind == EntryKind::Dir
                && seen.insert(entry.real)
            {
                todo.push(path);
            }
        }
    }
    files.sort();
    files
}
