//! Finds the CustomResourceDefinitions in a folder and in the folders below it.

use std::collections::HashSet;

use rayon::prelude::*;

use super::file::documents;
use crate::diagnostic::Diagnostic;
use crate::entries;
use crate::manifest;
use crate::node::Node;
use crate::resource::Resource;
use crate::schema::definitions;
use crate::source::{EntryKind, RepoPath};
use crate::sources::{ReadError, Sources};

/// What has to stand in a file that is worth reading.
const DEFINITION: &[u8] = b"CustomResourceDefinition";

/// The CustomResourceDefinitions of a folder in order of path, and what could not be read.
///
/// Hidden folders are passed over, and so is JSON, which has the names of a catalogue. Symbolic
/// links are followed, to each place once.
pub(super) fn find(sources: &Sources<'_>, folder: &RepoPath) -> (Vec<Resource>, Vec<Diagnostic>) {
    let (files, mut found) = files(sources, folder);
    let read = |path: &RepoPath| match mentions(sources, path) {
        Ok(true) => documents(sources, path).map(|it| of_documents(&it)),
        Ok(false) => Ok(vec![]),
        Err(err) => Err(vec![entries::unreadable(sources, &err)]),
    };
    let mut all = vec![];
    for read in files.par_iter().map(read).collect::<Vec<_>>() {
        match read {
            Ok(definitions) => all.extend(definitions),
            Err(broken) => found.extend(broken),
        }
    }
    (all, found)
}

/// The CustomResourceDefinitions among documents, lists taken apart.
pub(super) fn of_documents(documents: &[Node]) -> Vec<Resource> {
    let mut objects = vec![];
    documents.iter().for_each(|it| manifest::add_objects(it, &mut objects));
    objects.retain(definitions::is_definition);
    objects
}

fn mentions(sources: &Sources<'_>, path: &RepoPath) -> Result<bool, ReadError> {
    let file = sources.open(path)?;
    Ok(file.bytes().windows(DEFINITION.len()).any(|it| it == DEFINITION))
}

/// The YAML files below a folder, in order.
fn files(sources: &Sources<'_>, folder: &RepoPath) -> (Vec<RepoPath>, Vec<Diagnostic>) {
    let (mut files, mut found) = (vec![], vec![]);
    let mut seen = HashSet::new();
    let mut todo = vec![folder.clone()];
    while let Some(path) = todo.pop() {
        let names = match sources.list(&path) {
            Ok(names) => names,
            Err(err) => {
                found.push(entries::unreadable(sources, &err));
                continue;
            }
        };
        // A catalogue has thousands of JSON files, and to ask what each is takes its time.
        let names = names.iter().filter(|it| !it.starts_with('.') && !it.ends_with(".json"));
        for path in names.filter_map(|it| path.join(it)) {
            let Ok(Some(entry)) = sources.entry(&path) else { continue };
            let is_yaml = path.as_str().ends_with(".yaml") || path.as_str().ends_with(".yml");
            match entry.kind {
                EntryKind::Dir if seen.insert(entry.real) => todo.push(path),
                EntryKind::File if is_yaml => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    (files, found)
}
