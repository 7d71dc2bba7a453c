//! Schemas: what the Kubernetes API accepts.
//!
//! `archive` unpacks what is built in, `bundle` holds the schemas of Kubernetes, `catalogue` those of custom resources that are in wide
//! use, `definitions` reads those of CustomResourceDefinitions,
//! `convert` makes JSON Schema out of both, `kind` compiles it, `json` lets the validator read our
//! nodes, `explain` makes findings out of what it says, `versions` merges those of several
//! versions, and `renewal` finds out whether another apiVersion is all that an object needs.

mod archive;
mod bundle;
mod catalogue;
mod convert;
mod definitions;
mod explain;
mod json;
mod kind;
mod meant;
mod place;
mod renewal;
#[cfg(test)]
mod tests;
mod unknown_kind;
mod versions;

use std::collections::HashMap;
use std::fmt;
use std::ptr;
use std::sync::{Arc, OnceLock};

use bundle::{Bundle, Version, Versions};
use catalogue::Catalogue;
use definitions::Definition;
use kind::Kind;

use crate::diagnostic::Diagnostic;
use crate::kube::minor::{Minor, Minors};
use crate::kube::{deprecated as uses, life_cycle};
use crate::resource::{Gvk, Resource};
use crate::rules::dep::{custom_version, deprecated, deprecated_api_field, removed};
use crate::rules::yml::non_string;

/// What objects are checked against.
#[derive(Clone, Debug, Default)]
pub struct SchemaOptions {
    /// The versions of Kubernetes, in any order; 1.33 if there are none.
    pub versions: Vec<Minor>,
}

/// The schemas that objects are checked against, compiled when first needed and shared by threads.
pub struct SchemaStore {
    versions: Minors,
    /// One for each of the versions, in their order.
    natives: Vec<OnceLock<Native>>,
    /// A kind may be defined several times, for example once for each cluster of a repository.
    custom: HashMap<Gvk, Vec<Definition>>,
    /// The custom resources that are built in, by their number in the catalogue.
    catalogued: OnceLock<Box<[OnceLock<Kind>]>>,
}

/// The kinds of one Kubernetes version, by their number in the bundle.
struct Native {
    bundle: &'static Bundle,
    version: Version,
    kinds: Box<[OnceLock<Arc<Shared>>]>,
}

/// A kind, which is the same in several versions of Kubernetes.
struct Shared {
    versions: Versions,
    kind: Kind,
}

/// A store is shared by the threads of a run.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<SchemaStore>();
};

impl SchemaStore {
    /// The schemas that are built in. Nothing is unpacked yet.
    pub fn new(options: SchemaOptions) -> SchemaStore {
        let versions = Minors::new(options.versions);
        let natives = versions.as_slice().iter().map(|_| OnceLock::new()).collect();
        SchemaStore { versions, natives, custom: HashMap::new(), catalogued: OnceLock::new() }
    }

    /// The schemas of Kubernetes 1.33 and of the custom resources that are built in.
    pub fn embedded() -> SchemaStore {
        SchemaStore::new(SchemaOptions::default())
    }

    /// Takes the CustomResourceDefinitions among `resources` in; they win over what is built in.
    ///
    /// If a kind is defined several times, an object is fine if one of the definitions accepts it.
    pub fn add_definitions<'a>(&mut self, resources: impl IntoIterator<Item = &'a Resource>) {
        for resource in resources.into_iter().filter(|it| definitions::is_definition(it)) {
            for definition in definitions::definitions(resource) {
                let known = self.custom.entry(definition.gvk.clone()).or_default();
                if !known.iter().any(|it| it.says_the_same(&definition)) {
                    known.push(definition);
                }
            }
        }
    }

    /// What the schema of its kind says about an object: SCH001, SCH002, YML004, or SCH003 if there
    /// is no schema for it; and DEP001 to DEP004 if the time of its apiVersion, or of a field, is over or will be.
    /// Findings come in the order of the files. One that holds for some of several versions of
    /// Kubernetes only names them.
    ///
    /// Says nothing about what is no object: that is YML006's work.
    pub fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        let gvk = &resource.id.gvk;
        if gvk.kind.is_empty() || gvk.version.is_empty() || resource.node.as_map().is_none() {
            return vec![];
        }
        let mut found = match self.custom.get(gvk) {
            Some(custom) => self.check_defined(resource, custom),
            None => self.check_built_in(resource),
        };
        found.extend(self.deprecated_fields(resource));
        found.sort_by(|a, b| (a.span(), &a.message).cmp(&(b.span(), &b.message)));
        found
    }

    /// The findings of the definition that has the fewest.
    fn check_defined(&self, resource: &Resource, definitions: &[Definition]) -> Vec<Diagnostic> {
        let native = self.newest();
        let check = |it: &Definition| {
            let kind = it.kind(native.bundle, native.version);
            kind.map_or_else(Vec::new, |kind| explain::findings(resource, kind))
        };
        let mut found = definitions.iter().map(check).min_by_key(Vec::len).unwrap_or_default();
        // `None` comes first: one definition that does not deprecate the version is enough.
        if let Some(Some(warning)) = definitions.iter().map(|it| it.deprecated.as_ref()).min() {
            found.push(custom_version::deprecated(resource, warning.as_deref()));
        }
        found
    }

    /// What each version of Kubernetes says, or else what is known about custom resources.
    fn check_built_in(&self, resource: &Resource) -> Vec<Diagnostic> {
        let gvk = &resource.id.gvk;
        let life = life_cycle::of(gvk);
        let (mut gone, mut found, mut unknown) = (vec![], vec![], vec![]);
        // Most kinds are the same in all versions, and are asked once.
        let mut asked: Vec<(&Kind, Vec<Diagnostic>)> = vec![];
        for (index, &minor) in self.versions.as_slice().iter().enumerate() {
            let has_come = |since: &u32| *since <= minor.number();
            if let Some((life, since)) = life.and_then(|it| Some((it, it.removed.filter(has_come)?))) {
                let instead = unknown_kind::instead(gvk, life, self);
                let fix = instead.as_ref().and_then(|it| renewal::fix(resource, it, self));
                gone.push((minor, vec![removed::removed(resource, since, instead.as_ref()).fix(fix)]));
            } else if let Some(kind) = self.native_kind(index, gvk) {
                let known = asked.iter().find(|it| ptr::eq(it.0, kind)).map(|it| it.1.clone());
                let said = known.unwrap_or_else(|| explain::findings(resource, kind));
                asked.push((kind, said.clone()));
                found.push((minor, said));
            } else {
                unknown.push(minor);
            }
        }
        let mut said = versions::merged(found, &self.versions);
        if gone.is_empty() {
            said.extend(self.deprecation(resource));
        }
        said.extend(versions::merged(gone, &self.versions));
        if !unknown.is_empty() {
            said.extend(self.check_custom(resource, &Minors::new(unknown)));
        }
        said
    }

    /// What is said about an object whose kind the versions of Kubernetes do not have.
    fn check_custom(&self, resource: &Resource, checked: &Minors) -> Vec<Diagnostic> {
        let gvk = &resource.id.gvk;
        let left_behind = life_cycle::of_custom(gvk).map(|it| custom_version::left_behind(resource, &it));
        match (self.catalogued(gvk), left_behind) {
            (Some(kind), left_behind) => {
                explain::findings(resource, kind).into_iter().chain(left_behind).collect()
            }
            (None, Some(left_behind)) => vec![left_behind],
            (None, None) => {
                let mut found = unknown_kind::findings(resource, self, checked);
                found.extend(non_string::in_metadata(resource));
                found
            }
        }
    }

    /// DEP002 for the versions that deprecate the kind.
    fn deprecation(&self, resource: &Resource) -> Option<Diagnostic> {
        let gvk = &resource.id.gvk;
        let life = life_cycle::of(gvk)?;
        let since = life.deprecated?;
        let holds = self.since(since)?;
        let instead = unknown_kind::instead(gvk, life, self);
        let fix = instead.as_ref().and_then(|it| renewal::fix(resource, it, self));
        let found = deprecated::deprecated(resource, since, life.removed, instead.as_ref()).fix(fix);
        Some(versions::limited(found, &holds, &self.versions))
    }

    /// DEP004 for the versions that deprecate a field, an annotation or a label.
    fn deprecated_fields(&self, resource: &Resource) -> Vec<Diagnostic> {
        let told = |it: &uses::Use<'_>| {
            let holds = self.since(it.what.since.unwrap_or(0))?;
            Some(versions::limited(deprecated_api_field::deprecated(it), &holds, &self.versions))
        };
        uses::uses(resource).iter().filter_map(told).collect()
    }

    /// Those of the versions that come with or after 1.`minor`; `None` if there are none.
    fn since(&self, minor: u32) -> Option<Minors> {
        let since = self.versions.as_slice().iter().copied().filter(|it| minor <= it.number());
        Some(since.collect::<Vec<_>>()).filter(|it| !it.is_empty()).map(Minors::new)
    }

    /// The schema of a custom resource that is built in, compiled on first use.
    fn catalogued(&self, gvk: &Gvk) -> Option<&Kind> {
        let catalogue = Catalogue::embedded();
        let number = catalogue.find(gvk)?;
        let kinds = self.catalogued.get_or_init(|| (0..catalogue.len()).map(|_| OnceLock::new()).collect());
        let native = self.newest();
        let compile =
            || Kind::custom(native.bundle, native.version, convert::catalogued(catalogue.schema(number)));
        Some(kinds[number].get_or_init(compile))
    }

    /// The schema of a kind in the version at `index`, compiled on first use.
    fn native_kind(&self, index: usize, gvk: &Gvk) -> Option<&Kind> {
        let Native { bundle, version, kinds } = self.native(index);
        let definition = bundle.definition_of(*version, gvk)?;
        let number = bundle.find(gvk)?;
        let of_other_versions = || {
            let others = self.natives.iter().filter_map(OnceLock::get);
            others.filter_map(|it| it.kinds[number].get()).find(|it| it.versions.have(*version)).cloned()
        };
        let compile = || {
            let (kind, versions) = Kind::native(bundle, *version, definition);
            Arc::new(Shared { versions, kind })
        };
        let shared = kinds[number].get_or_init(|| of_other_versions().unwrap_or_else(compile));
        Some(&shared.kind)
    }

    /// The kinds of the newest version: custom resources do not depend on the others.
    fn newest(&self) -> &Native {
        self.native(self.natives.len() - 1)
    }

    /// The kinds of the version at `index`.
    fn native(&self, index: usize) -> &Native {
        self.natives[index].get_or_init(|| {
            let bundle = Bundle::embedded();
            let minor = self.versions.as_slice()[index].number();
            let version = bundle.version(minor).expect("the archive has every `Minor`");
            let kinds = (0..bundle.len()).map(|_| OnceLock::new()).collect();
            Native { bundle, version, kinds }
        })
    }
}

impl fmt::Debug for SchemaStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let custom: Vec<String> = self.custom.keys().map(ToString::to_string).collect();
        f.debug_struct("SchemaStore").field("custom", &custom).finish_non_exhaustive()
    }
}
