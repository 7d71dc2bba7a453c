//! For each kind that occurs, the first location that has a schema for it.

use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::document;
use super::file::documents;
use super::folder;
use super::identity;
use super::template::{CRDS_CATALOG, FLAT, STANDARD, Template};
use super::{Located, Location, Schema};
use crate::diagnostic::Diagnostic;
use crate::kube::minor::Minor;
use crate::node::Node;
use crate::resource::{Gvk, Resource};
use crate::rules::sch::{invalid_definition, unusable_schema};
use crate::schema::definitions::{self, Definition};
use crate::schema::kind::Kind;
use crate::source::{EntryKind, RepoPath, Span};
use crate::sources::Sources;

/// Reads what is asked for, and each thing once.
pub(in crate::schema) struct Loader<'s> {
    sources: &'s Sources<'s>,
    locations: Vec<Prepared<'s>>,
    /// By file and pointer.
    schemas: HashMap<(RepoPath, String), Located>,
    /// What is wrong with the files that were read.
    pub diagnostics: Vec<Diagnostic>,
}

/// A location, and what is known about it already.
struct Prepared<'s> {
    location: &'s Location,
    /// What a folder's paths may be.
    templates: Vec<Template>,
    /// The definitions of a folder or a file; `None` as long as nobody needed them.
    definitions: Option<HashMap<Gvk, Defined>>,
    /// What a file holds, if no definitions.
    document: Option<Node>,
    /// Where a file cannot be read.
    broken: Option<Span>,
}

/// A kind that CustomResourceDefinitions define.
struct Defined {
    definitions: Arc<Vec<Definition>>,
    resources: Vec<Resource>,
    is_told: bool,
}

/// Whether the built-in schemas are to be asked, or what a location has.
pub(in crate::schema) enum Answer {
    /// The built-in schemas have it.
    BuiltIn,
    /// A location has it.
    Located(Located),
}

impl<'s> Loader<'s> {
    /// Nothing is read yet.
    pub(in crate::schema) fn new(sources: &'s Sources<'s>, locations: &'s [Location]) -> Loader<'s> {
        let locations = locations.iter().map(Prepared::new).collect();
        Loader { sources, locations, schemas: HashMap::new(), diagnostics: vec![] }
    }

    /// What the first location that knows a kind has for it. `is_built_in` says whether the built-in
    /// schemas know it, if their turn comes.
    pub(in crate::schema) fn find(
        &mut self,
        gvk: &Gvk,
        minor: Minor,
        is_built_in: &dyn Fn() -> bool,
    ) -> Option<Answer> {
        for index in 0..self.locations.len() {
            let found = match self.locations[index].location {
                Location::BuiltIn if is_built_in() => return Some(Answer::BuiltIn),
                Location::BuiltIn => None,
                Location::Template(_) => self.by_path(index, gvk, minor),
                Location::Folder(_) => {
                    self.by_path(index, gvk, minor).or_else(|| self.by_definition(index, gvk))
                }
                Location::File(path) => self.in_file(index, path, gvk),
            };
            if let Some(located) = found {
                return Some(Answer::Located(located));
            }
        }
        None
    }

    /// The schema at one of the paths that the templates of a location make.
    fn by_path(&mut self, index: usize, gvk: &Gvk, minor: Minor) -> Option<Located> {
        let templates = &self.locations[index].templates;
        let mut paths =
            templates.iter().flat_map(|it| it.paths(gvk, minor).into_iter().map(move |path| (it, path)));
        let is_there = |path: &RepoPath| {
            self.sources.entry(path).is_ok_and(|it| it.is_some_and(|it| it.kind == EntryKind::File))
        };
        let (template, path) = paths.find(|it| is_there(&it.1))?;
        let base = template.base.clone();
        drop(paths);
        let crds = documents(self.sources, &path).map(|it| folder::of_documents(&it)).unwrap_or_default();
        if crds.is_empty() {
            return Some(self.schema(&base, &path, ""));
        }
        let mut defined = by_kind(crds);
        Some(self.told(defined.get_mut(gvk)?))
    }

    fn by_definition(&mut self, index: usize, gvk: &Gvk) -> Option<Located> {
        if self.locations[index].definitions.is_none() {
            let Location::Folder(path) = self.locations[index].location else { return None };
            let (resources, found) = folder::find(self.sources, path);
            self.diagnostics.extend(found);
            self.locations[index].definitions = Some(by_kind(resources));
        }
        self.defined(index, gvk)
    }

    /// What the definitions of a location say about a kind.
    fn defined(&mut self, index: usize, gvk: &Gvk) -> Option<Located> {
        let mut definitions = self.locations[index].definitions.take()?;
        let located = definitions.get_mut(gvk).map(|it| self.told(it));
        self.locations[index].definitions = Some(definitions);
        located
    }

    /// The definitions of a kind; what is wrong with them is told once.
    fn told(&mut self, defined: &mut Defined) -> Located {
        if !std::mem::replace(&mut defined.is_told, true) {
            defined.resources.iter().for_each(|it| invalid_definition::check(it, &mut self.diagnostics));
        }
        Located::Defined(Arc::clone(&defined.definitions))
    }

    fn in_file(&mut self, index: usize, path: &RepoPath, gvk: &Gvk) -> Option<Located> {
        self.read_file(index, path);
        if let Some(at) = self.locations[index].broken {
            return identity::is_named_for(path, gvk).then_some(Located::Unusable(at));
        }
        if let Some(found) = self.defined(index, gvk) {
            return Some(found);
        }
        let document = self.locations[index].document.as_ref()?;
        let pointer = identity::pointer(path, document, gvk)?;
        let base = path.parent().unwrap_or_else(RepoPath::root);
        Some(self.schema(&base, path, &pointer))
    }

    /// Finds out what a file holds.
    fn read_file(&mut self, index: usize, path: &RepoPath) {
        let prepared = &mut self.locations[index];
        if prepared.definitions.is_some() {
            return;
        }
        let read = documents(self.sources, path);
        prepared.definitions = Some(HashMap::new());
        match read {
            Ok(documents) => {
                let resources = folder::of_documents(&documents);
                if resources.is_empty() {
                    prepared.document = documents.into_iter().next();
                }
                prepared.definitions = Some(by_kind(resources));
            }
            Err(found) => {
                prepared.broken = Some(found[0].span());
                self.diagnostics.extend(found);
            }
        }
    }

    /// The schema at a place, compiled.
    fn schema(&mut self, base: &RepoPath, path: &RepoPath, pointer: &str) -> Located {
        let key = (path.clone(), pointer.to_owned());
        if let Some(known) = self.schemas.get(&key) {
            return known.clone();
        }
        let located = match document::join(self.sources, base, path, pointer) {
            Ok(mut joined) => {
                self.diagnostics.append(&mut joined.warnings);
                match Kind::written(joined.value.take()) {
                    Ok(kind) => {
                        let (place, refers) = (joined.whole, joined.refers);
                        Located::Schema(Arc::new(Schema { kind, place, refers }))
                    }
                    Err(err) => {
                        let pointer = err.instance_path().as_str();
                        let at = joined.place(pointer);
                        self.unusable(vec![unusable_schema::refused(at, &reason(&err, pointer))])
                    }
                }
            }
            Err(found) => self.unusable(found),
        };
        self.schemas.insert(key, located.clone());
        located
    }

    fn unusable(&mut self, found: Vec<Diagnostic>) -> Located {
        let at = found[0].span();
        self.diagnostics.extend(found);
        Located::Unusable(at)
    }
}

impl<'s> Prepared<'s> {
    fn new(location: &'s Location) -> Prepared<'s> {
        Prepared { location, templates: templates(location), definitions: None, document: None, broken: None }
    }
}

/// The templates of the paths at which a location has schemas.
pub(super) fn templates(location: &Location) -> Vec<Template> {
    let of_folder = |it: &RepoPath| {
        let make = |text: &str| Template::new(it.clone(), text).expect("our own templates are sound");
        let each = |text: &str| [make(text), make(&text.replace(".json", ".yaml"))];
        [STANDARD, CRDS_CATALOG, FLAT].into_iter().flat_map(each).collect()
    };
    match location {
        Location::BuiltIn | Location::File(_) => vec![],
        Location::Template(it) => vec![it.clone()],
        Location::Folder(it) => of_folder(it),
    }
}

/// Why the text at a pointer is no schema.
fn reason(err: &ValidationError<'_>, pointer: &str) -> String {
    match err.kind() {
        // What the branches have to say is about JSON Schema, and long.
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            let keyword = pointer.rsplit('/').next().unwrap_or_default();
            format!("`{keyword}` does not take this value")
        }
        _ => err.to_string(),
    }
}

/// The definitions by the kind that they define.
fn by_kind(resources: Vec<Resource>) -> HashMap<Gvk, Defined> {
    let mut kinds: HashMap<Gvk, (Vec<Definition>, Vec<Resource>)> = HashMap::new();
    for resource in resources {
        for definition in definitions::definitions(&resource) {
            let (known, from) = kinds.entry(definition.gvk.clone()).or_default();
            if !known.iter().any(|it| it.says_the_same(&definition)) {
                known.push(definition);
                from.push(resource.clone());
            }
        }
    }
    let defined =
        |(definitions, resources)| Defined { definitions: Arc::new(definitions), resources, is_told: false };
    kinds.into_iter().map(|(gvk, it)| (gvk, defined(it))).collect()
}
