//! Schemas: what the Kubernetes API accepts.
//!
//! `bundle` holds the schemas of Kubernetes, `catalogue` those of custom resources that are in wide
//! use, `definitions` reads those of CustomResourceDefinitions,
//! `convert` makes JSON Schema out of both, `kind` compiles it, `json` lets the validator read our
//! nodes, `issues` sorts out what it says, `explain` makes findings of that, `lists` looks at what no validator knows, and
//! `versions` merges the findings of several versions.

mod bundle;
mod catalogue;
mod convert;
mod definitions;
mod explain;
mod issues;
mod json;
mod kind;
mod lists;
mod meant;
mod place;
#[cfg(test)]
mod tests;
mod unknown_kind;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::OnceLock;

use bundle::{Bundle, Version};
use catalogue::Catalogue;
use definitions::Definition;
use kind::Kind;

use crate::diagnostic::Diagnostic;
use crate::kube::life_cycle;
use crate::kube::minor::{Minor, Minors};
use crate::node::Node;
use crate::resource::{Gvk, Resource};
use crate::rules::dep::{custom_version, deprecated, removed};
use crate::rules::yml::non_string;

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
    /// The custom resources that are built in.
    catalogued: OnceLock<HashMap<Gvk, OnceLock<Kind>>>,
}

/// The kinds of one Kubernetes version.
struct Native {
    bundle: &'static Bundle,
    version: Version,
    kinds: HashMap<Gvk, OnceLock<Kind>>,
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
        let (strict, custom) = (options.strict, HashMap::new());
        SchemaStore { versions, strict, natives, custom, catalogued: OnceLock::new() }
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

    /// What the schema of its kind says about an object: SCH001, SCH002, SCH006, SCH008, YML004, or SCH003 if there
    /// is no schema for it; and DEP001 to DEP003 if the time of its apiVersion is over or will be.
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
        found.sort_by(|a, b| (a.span(), &a.message).cmp(&(b.span(), &b.message)));
        found
    }

    /// The findings of the definition that has the fewest.
    fn check_defined(&self, resource: &Resource, definitions: &[Definition]) -> Vec<Diagnostic> {
        let native = self.newest();
        let check = |it: &Definition| {
            let kind = it.kind(native.bundle, native.version);
            let Some(kind) = kind else { return vec![] };
            let mut found = explain::findings(resource, kind, self.strict);
            found.extend(lists::duplicates(resource, &kind.document));
            found
        };
        let mut found = definitions.iter().map(check).min_by_key(Vec::len).unwrap_or_default();
        // `None` comes first: one definition that does not deprecate the version is enough.
        if let Some(Some(warning)) = definitions.iter().map(|it| it.deprecated.as_ref()).min() {
            found.push(custom_version::deprecated(resource, warning.as_deref()));
        }
        found
    }

    /// Compiles a schema that stands in the repository and is about what is at the end of `keys` in an
    /// object, such as the parameters of a Gatekeeper constraint. It is written as those of
    /// CustomResourceDefinitions are; with `keeps_unknown` fields that it does not list are let through.
    pub(crate) fn part(&self, schema: &Node, keys: &[&str], keeps_unknown: bool) -> PartSchema {
        let whole = keys.iter().rev().fold(json::to_json(schema), |inner, key| {
            let inner = serde_json::Map::from_iter([((*key).to_owned(), inner)]);
            serde_json::json!({
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": true,
                "properties": inner,
            })
        });
        let native = self.newest();
        let kind = Kind::custom(native.bundle, native.version, convert::custom(whole, keeps_unknown));
        PartSchema { kind, strict: self.strict }
    }

    /// Whether objects of a kind of Kubernetes' own may have a field, in any of the kind's versions; `*`
    /// is an item, or a member with any name. `None` if the kind is not known.
    pub(crate) fn has_field(&self, group: &str, kind: &str, path: &[String]) -> Option<bool> {
        let native = self.newest();
        let kinds = native.bundle.kinds(native.version);
        let mut found = None;
        for gvk in kinds.filter(|it| &*it.group == group && &*it.kind == kind) {
            let Some(name) = native.bundle.definition_of(native.version, gvk) else { continue };
            let definitions = native.bundle.closure(native.version, name);
            let start = definitions.get(name);
            found = Some(found == Some(true) || start.is_some_and(|it| leads(&definitions, it, path)));
        }
        found
    }

    /// What each version of Kubernetes says, or else what is known about custom resources.
    fn check_built_in(&self, resource: &Resource) -> Vec<Diagnostic> {
        let gvk = &resource.id.gvk;
        let life = life_cycle::of(gvk);
        let (mut gone, mut found, mut unknown) = (vec![], vec![], vec![]);
        for (index, &minor) in self.versions.as_slice().iter().enumerate() {
            let has_come = |since: &u32| *since <= minor.number();
            if let Some((life, since)) = life.and_then(|it| Some((it, it.removed.filter(has_come)?))) {
                let instead = unknown_kind::instead(gvk, life, self);
                gone.push((minor, vec![removed::removed(resource, since, instead.as_ref())]));
            } else if let Some(kind) = self.native(index).kind(gvk) {
                found.push((minor, explain::findings(resource, kind, self.strict)));
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

    /// DEP002 for the versions that deprecate the kind.
    fn deprecation(&self, resource: &Resource) -> Option<Diagnostic> {
        let gvk = &resource.id.gvk;
        let life = life_cycle::of(gvk)?;
        let since = life.deprecated?;
        let holds = self.versions.as_slice().iter().copied().filter(|it| since <= it.number());
        let holds = Some(holds.collect::<Vec<_>>()).filter(|it| !it.is_empty())?;
        let instead = unknown_kind::instead(gvk, life, self);
        let found = deprecated::deprecated(resource, since, life.removed, instead.as_ref());
        Some(versions::limited(found, &Minors::new(holds), &self.versions))
    }

    /// The schema of a custom resource that is built in, compiled on first use.
    fn catalogued(&self, gvk: &Gvk) -> Option<&Kind> {
        let catalogue = Catalogue::embedded();
        let key = catalogue.find(gvk)?;
        let locks = || catalogue.all().map(|it| (it.clone(), OnceLock::new())).collect();
        let native = self.newest();
        let compile =
            || Kind::custom(native.bundle, native.version, convert::catalogued(catalogue.schema(key)));
        Some(self.catalogued.get_or_init(locks).get(key)?.get_or_init(compile))
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
            let kinds = bundle.kinds(version).map(|it| (it.clone(), OnceLock::new())).collect();
            Native { bundle, version, kinds }
        })
    }
}

/// A schema about a part of an object.
pub(crate) struct PartSchema {
    kind: Kind,
    strict: bool,
}

impl PartSchema {
    /// What the schema says about the part, as SCH001 and SCH002.
    pub(crate) fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        explain::findings(resource, &self.kind, self.strict)
    }
}

/// Whether a path leads to a place of a schema. Where the schema says nothing, it may.
fn leads(
    definitions: &BTreeMap<String, serde_json::Value>,
    schema: &serde_json::Value,
    path: &[String],
) -> bool {
    let name = schema["$ref"].as_str().and_then(|it| it.strip_prefix(bundle::DEFS));
    let schema = name.and_then(|it| definitions.get(it)).unwrap_or(schema);
    let Some((first, rest)) = path.split_first() else { return true };
    let below = [&schema["properties"][first.as_str()], &schema["items"], &schema["additionalProperties"]];
    let Some(below) = below.into_iter().find(|it| it.is_object()) else {
        // A mapping without a list of its fields takes all.
        return schema["properties"].is_null() && schema["type"] == "object";
    };
    leads(definitions, below, rest)
}

impl Native {
    /// The schema of a kind, compiled on first use.
    fn kind(&self, gvk: &Gvk) -> Option<&Kind> {
        let definition = self.bundle.definition_of(self.version, gvk)?;
        Some(self.kinds.get(gvk)?.get_or_init(|| Kind::native(self.bundle, self.version, definition)))
    }
}

impl fmt::Debug for SchemaStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let custom: Vec<String> = self.custom.keys().map(ToString::to_string).collect();
        f.debug_struct("SchemaStore").field("custom", &custom).finish_non_exhaustive()
    }
}
