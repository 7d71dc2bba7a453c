//! Schemas: what the Kubernetes API accepts.
//!
//! `archive` unpacks what is built in, `bundle` holds the schemas of Kubernetes, `catalogue` those of
//! custom resources that are in wide use, `definitions` reads those of CustomResourceDefinitions,
//! `location` those that the user has elsewhere. `convert` makes JSON Schema out of them (`formats`
//! adds what the archive does not keep), `kind` compiles it, `json` lets the validator read our nodes,
//! `issues` sorts out what it says, `explain` makes findings of that, `lists` looks at what no
//! validator knows, `custom_rules` runs the CEL of definitions, `versions` merges the findings of several
//! versions, and `renewal` finds out whether another apiVersion is all that an object needs. `part` answers
//! what constraints ask. `known`, `names` and `describe` tell people what
//! there is.

mod archive;
mod bundle;
mod catalogue;
mod convert;
mod custom_rules;
mod definitions;
pub mod describe;
mod explain;
mod formats;
mod issues;
mod json;
mod kind;
pub mod known;
mod lists;
pub mod location;
mod meant;
pub mod names;
mod part;
mod place;
mod renewal;
#[cfg(test)]
#[cfg(feature = "bundle")]
mod tests;
mod unknown_kind;
mod versions;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ptr;
use std::sync::{Arc, OnceLock};

use bundle::{Bundle, Version, Versions};
use catalogue::Catalogue;
use definitions::Definition;
use kind::Kind;
use location::{Answer, Loader, Located, Location};

use crate::diagnostic::Diagnostic;
use crate::kube::minor::{Minor, Minors};
use crate::kube::views::is_filled_in_later;
use crate::kube::{deprecated as uses, life_cycle, native};
use crate::resource::{Gvk, Resource};
use crate::rules::dep::{custom_version, deprecated, deprecated_api_field, removed};
use crate::rules::sch::invalid_name::{DIGITS_FIRST, begins_with_digit};
use crate::rules::sch::missing;
use crate::rules::yml::non_string;
use crate::sources::Sources;

/// What objects are checked against.
#[derive(Clone, Debug)]
pub struct SchemaOptions {
    /// The versions of Kubernetes, in any order; 1.33 if there are none.
    pub versions: Vec<Minor>,
    /// Whether fields that a schema does not have are reported, as kubeconform does with `-strict`.
    pub strict: bool,
}

impl Default for SchemaOptions {
    fn default() -> SchemaOptions {
        SchemaOptions { versions: vec![], strict: true }
    }
}

/// The schemas that objects are checked against, compiled when first needed and shared by threads.
pub struct SchemaStore {
    versions: Minors,
    strict: bool,
    /// One for each of the versions, in their order.
    natives: Vec<OnceLock<Native>>,
    /// A kind may be defined several times, for example once for each cluster of a repository.
    custom: HashMap<Gvk, Vec<Definition>>,
    /// For each of the versions what the locations have, if it is not for the built-in schemas to say.
    located: HashMap<Gvk, Vec<Option<Located>>>,
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
        SchemaStore {
            versions,
            strict: options.strict,
            natives,
            custom: HashMap::new(),
            located: HashMap::new(),
            catalogued: OnceLock::new(),
        }
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

    /// Looks for schemas of these kinds, and reads those that there are. What is wrong with them is
    /// returned.
    ///
    /// The first location that has a schema for a kind wins over the others, and over what is built in
    /// if it stands before [`Location::BuiltIn`]; without that, what is built in comes last. To be called
    /// after [`SchemaStore::add_definitions`]: what these define is not looked for.
    pub fn add_locations<'a>(
        &mut self,
        locations: &[Location],
        sources: &Sources<'_>,
        kinds: impl IntoIterator<Item = &'a Gvk>,
    ) -> Vec<Diagnostic> {
        let locations = location::with_built_in(locations);
        let mut loader = Loader::new(sources, &locations);
        let kinds: BTreeSet<&Gvk> = kinds.into_iter().collect();
        for gvk in kinds.into_iter().filter(|it| !it.kind.is_empty() && !self.custom.contains_key(*it)) {
            let find = |(index, minor): (usize, &Minor)| match loader
                .find(gvk, *minor, &|| self.is_built_in(index, gvk))?
            {
                Answer::Located(located) => Some(located),
                Answer::BuiltIn => None,
            };
            let found: Vec<Option<Located>> = self.versions.as_slice().iter().enumerate().map(find).collect();
            if found.iter().any(Option::is_some) {
                self.located.insert(gvk.clone(), found);
            }
        }
        loader.diagnostics
    }

    /// What the schema of its kind says about an object: SCH001, SCH002, SCH006 to SCH008, YML004, or SCH003 if there
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
        // With a kind that SOPS has encrypted, or that a tool fills in, it may be anything.
        if is_filled_in_later(&gvk.kind) || is_filled_in_later(&gvk.api_version()) {
            return vec![];
        }
        let mut found = match self.custom.get(gvk) {
            Some(custom) => self.check_defined(resource, custom),
            None => self.check_built_in(resource),
        };
        found.extend(self.deprecated_fields(resource));
        found.sort_by(|a, b| (a.span(), &a.message).cmp(&(b.span(), &b.message)));
        found.dedup_by(|a, b| (a.span(), &a.pointer, &a.message) == (b.span(), &b.pointer, &b.message));
        found
    }

    /// The findings of the definition that has the fewest.
    fn check_defined(&self, resource: &Resource, definitions: &[Definition]) -> Vec<Diagnostic> {
        let native = self.newest();
        let check = |it: &Definition| {
            let kind = it.kind(native.bundle, native.version);
            match kind {
                Some(kind) if !kind.compiles() => vec![missing::unusable(resource, it.place)],
                Some(kind) => {
                    let mut found = explain::findings(resource, kind, self.strict);
                    found.extend(lists::duplicates(resource, &kind.document));
                    if let Some((rules, schema)) = it.rules() {
                        found.extend(custom_rules::findings(
                            resource,
                            kind,
                            rules,
                            &it.seen_by_rules(&resource.node, schema),
                        ));
                    }
                    found
                }
                None => vec![],
            }
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
        let located = self.located.get(gvk);
        let (mut gone, mut found, mut unknown) = (vec![], vec![], vec![]);
        // Most kinds are the same in all versions, and are asked once.
        let mut asked: Vec<(&Kind, Vec<Diagnostic>)> = vec![];
        for (index, &minor) in self.versions.as_slice().iter().enumerate() {
            let has_come = |since: &u32| *since <= minor.number();
            if let Some((life, since)) = life.and_then(|it| Some((it, it.removed.filter(has_come)?))) {
                let instead = unknown_kind::instead(gvk, life, self);
                let fix = instead.as_ref().and_then(|it| renewal::fix(resource, it, self));
                gone.push((minor, vec![removed::removed(resource, since, instead.as_ref()).fix(fix)]));
            } else if let Some(located) = located.and_then(|it| it[index].as_ref()) {
                found.push((minor, self.check_located(resource, located)));
            } else if let Some(kind) = self.native_kind(index, gvk) {
                let known = asked.iter().find(|it| ptr::eq(it.0, kind)).map(|it| it.1.clone());
                let said = known.unwrap_or_else(|| explain::findings(resource, kind, self.strict));
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
        said.extend(self.service_name(resource));
        if !unknown.is_empty() {
            said.extend(self.check_custom(resource, &Minors::new(unknown)));
        }
        said
    }

    /// What the schema of a location says.
    fn check_located(&self, resource: &Resource, located: &Located) -> Vec<Diagnostic> {
        match located {
            Located::Defined(definitions) => self.check_defined(resource, definitions),
            Located::Unusable(reason) => vec![missing::unusable(resource, *reason)],
            Located::Schema(it) if it.refers && location::is_too_much(&it.kind.document, &resource.node) => {
                vec![missing::too_much(resource, it.place)]
            }
            Located::Schema(it) => {
                // Most JSON Schemas of custom resources know nothing about metadata.
                let mut found = explain::findings(resource, &it.kind, self.strict);
                found.extend(non_string::in_metadata(resource));
                if !native::is_native(&resource.id.gvk) {
                    found.extend(lists::duplicates(resource, it.root()));
                }
                found
            }
        }
    }

    /// Whether the schemas that are built in know a kind, in the version at `index`.
    /// Whether a definition of the kind was added.
    pub fn defines(&self, gvk: &Gvk) -> bool {
        self.custom.contains_key(gvk)
    }

    /// Whether there is a schema for the kind: a definition that was added, or one that is built in for
    /// one of the versions. Locations are not asked.
    pub fn knows(&self, gvk: &Gvk) -> bool {
        self.defines(gvk) || (0..self.natives.len()).any(|it| self.is_built_in(it, gvk))
    }

    fn is_built_in(&self, index: usize, gvk: &Gvk) -> bool {
        let native = self.native(index);
        native.bundle.definition_of(native.version, gvk).is_some()
            || Catalogue::embedded().find(gvk).is_some()
    }

    /// What is said about an object whose kind the versions of Kubernetes do not have.
    fn check_custom(&self, resource: &Resource, checked: &Minors) -> Vec<Diagnostic> {
        let gvk = &resource.id.gvk;
        let left_behind = life_cycle::of_custom(gvk).map(|it| custom_version::left_behind(resource, &it));
        match (self.catalogued(gvk), left_behind) {
            (Some(kind), left_behind) => {
                explain::findings(resource, kind, self.strict).into_iter().chain(left_behind).collect()
            }
            (None, Some(left_behind)) => vec![left_behind],
            (None, None) => {
                let mut found = unknown_kind::findings(resource, self, checked);
                found.extend(non_string::in_metadata(resource));
                found
            }
        }
    }

    /// SCH004 for the versions that do not take the name of a Service yet.
    fn service_name(&self, resource: &Resource) -> Option<Diagnostic> {
        let found = begins_with_digit(resource)?;
        let holds = self.versions.as_slice().iter().copied().filter(|it| it.number() < DIGITS_FIRST);
        let holds = Some(holds.collect::<Vec<_>>()).filter(|it| !it.is_empty())?;
        Some(versions::limited(found, &Minors::new(holds), &self.versions))
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
        let compile = || {
            let mut schema = catalogue.schema(number);
            formats::add_formats(gvk, &mut schema);
            Kind::custom(native.bundle, native.version, convert::catalogued(schema))
        };
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
