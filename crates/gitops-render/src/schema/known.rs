//! Which kinds there are schemas for, and where each comes from.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::SchemaStore;
use super::bundle::Bundle;
use super::catalogue::Catalogue;
use super::definitions::Definition;
use super::location::{self, Listed, Located, Location};
use crate::kube::minor::{Minor, Minors};
use crate::resource::Gvk;
use crate::source::{RepoPath, Span};
use crate::sources::Sources;

/// A kind that there is a schema for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKind {
    /// The kind. If only the name of a schema file tells it, `kind` is in lower case.
    pub gvk: Gvk,
    /// Where its schema comes from.
    pub origin: SchemaOrigin,
}

/// Where a schema comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaOrigin {
    /// It is built in, for these versions of Kubernetes.
    Kubernetes(Minors),
    /// It is one of the custom resources that are built in.
    Custom,
    /// A CustomResourceDefinition.
    Definition(Span),
    /// A file of JSON Schema in a location.
    File(RepoPath),
}

impl SchemaStore {
    /// The kinds that there are schemas for, in order of group, kind and version, each with the schema
    /// that wins. Definitions must have been added before; locations are looked through here.
    ///
    /// Kinds of Kubernetes are those of the store's versions.
    pub fn kinds(&self, locations: &[Location], sources: &Sources<'_>) -> Vec<KnownKind> {
        let built_in = self.built_in_kinds();
        let mut found: Vec<KnownKind> = vec![];
        for (gvk, definitions) in &self.custom {
            let origin = definitions.iter().map(|it| it.place).min().map(SchemaOrigin::Definition);
            found.extend(origin.map(|origin| KnownKind { gvk: gvk.clone(), origin }));
        }
        for location in location::with_built_in(locations) {
            match location {
                Location::BuiltIn => found.extend(built_in.iter().cloned()),
                other => {
                    found.extend(location::list(&other, sources).into_iter().map(|it| named(it, &built_in)))
                }
            }
        }
        // The first of them wins.
        let mut seen = HashSet::new();
        found.retain(|it| {
            seen.insert((it.gvk.group.clone(), it.gvk.version.clone(), it.gvk.kind.to_lowercase()))
        });
        found.sort_by(|a, b| order(&a.gvk).cmp(&order(&b.gvk)));
        found
    }

    /// What is built in.
    fn built_in_kinds(&self) -> Vec<KnownKind> {
        let bundle = Bundle::embedded();
        let mut versions: BTreeMap<&Gvk, Vec<Minor>> = BTreeMap::new();
        for minor in self.versions.as_slice() {
            let kinds = bundle.version(minor.number()).into_iter().flat_map(|it| bundle.kinds(it));
            kinds.for_each(|it| versions.entry(it).or_default().push(*minor));
        }
        let natives = versions.into_iter().map(|(gvk, minors)| KnownKind {
            gvk: gvk.clone(),
            origin: SchemaOrigin::Kubernetes(Minors::new(minors)),
        });
        let custom = Catalogue::embedded().kinds();
        natives.chain(custom.map(|it| KnownKind { gvk: it.clone(), origin: SchemaOrigin::Custom })).collect()
    }

    /// The JSON Schema that objects of a kind are held against in the newest of the store's versions
    /// that has it, references and all; `None` if there is none. Locations must have been added before.
    pub fn schema(&self, gvk: &Gvk) -> Option<&Value> {
        if let Some(definitions) = self.custom.get(gvk) {
            return self.first(definitions);
        }
        let located = self.located.get(gvk);
        for index in (0..self.natives.len()).rev() {
            match located.and_then(|it| it[index].as_ref()) {
                Some(Located::Schema(it)) => return Some(&it.kind.document),
                Some(Located::Defined(it)) => return self.first(it),
                Some(Located::Unusable(_)) => return None,
                None => {}
            }
            if let Some(kind) = self.native_kind(index, gvk) {
                return Some(&kind.document);
            }
        }
        self.catalogued(gvk).map(|it| &it.document)
    }

    fn first<'a>(&'a self, definitions: &'a [Definition]) -> Option<&'a Value> {
        let native = self.newest();
        let kind = definitions.first()?.kind(native.bundle, native.version);
        Some(kind.map_or(&ANYTHING, |it| &it.document))
    }
}

/// The schema of what has none.
static ANYTHING: Value = Value::Bool(true);

/// A kind that a location lists, by the name that it has elsewhere if only its file tells it.
fn named(listed: Listed, known: &[KnownKind]) -> KnownKind {
    match listed {
        Listed::Defined(gvk, place) => KnownKind { gvk, origin: SchemaOrigin::Definition(place) },
        Listed::Named(gvk, path) => KnownKind { gvk, origin: SchemaOrigin::File(path) },
        Listed::Called(name, path) => {
            let same = known.iter().find(|it| name.means(&it.gvk)).map(|it| it.gvk.clone());
            KnownKind { gvk: same.unwrap_or_else(|| name.gvk()), origin: SchemaOrigin::File(path) }
        }
    }
}

/// By group, kind, and version as text: Kubernetes' own first.
fn order(gvk: &Gvk) -> (bool, &str, String, &str) {
    (gvk.group.contains('.'), &gvk.group, gvk.kind.to_lowercase(), &gvk.version)
}
