//! Schemas: what the Kubernetes API accepts.
//!
//! `bundle` holds the schemas of Kubernetes, `definitions` reads those of CustomResourceDefinitions,
//! `convert` makes JSON Schema out of both, `kind` compiles it, `json` lets the validator read our
//! nodes, and `explain` makes findings out of what it says.

mod bundle;
mod convert;
mod definitions;
mod explain;
mod json;
mod kind;
mod meant;
mod place;
#[cfg(test)]
mod tests;
mod unknown_kind;

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use bundle::{Bundle, Version};
use definitions::Definition;
use kind::Kind;

use crate::diagnostic::Diagnostic;
use crate::resource::{Gvk, Resource};
use crate::rules::yml::non_string;

/// The minor version of Kubernetes 1 that objects are checked against.
const DEFAULT_MINOR: u32 = 33;

/// The schemas that objects are checked against, compiled when first needed and shared by threads.
pub struct SchemaStore {
    bundle: OnceLock<Native>,
    /// A kind may be defined several times, for example once for each cluster of a repository.
    custom: HashMap<Gvk, Vec<Definition>>,
}

/// The kinds of one Kubernetes version.
struct Native {
    bundle: &'static Bundle,
    minor: u32,
    version: Version,
    kinds: HashMap<Gvk, OnceLock<Kind>>,
}

/// A store is shared by the threads of a run.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<SchemaStore>();
};

impl SchemaStore {
    /// The schemas that are built in: those of Kubernetes 1.33. Nothing is unpacked yet.
    pub fn embedded() -> SchemaStore {
        SchemaStore { bundle: OnceLock::new(), custom: HashMap::new() }
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

    /// What the schema of its kind says about an object: SCH001, SCH002, YML004, or SCH003 if there is
    /// no schema for it. Findings come in the order of the files.
    ///
    /// Says nothing about what is no object: that is YML006's work.
    pub fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        let gvk = &resource.id.gvk;
        if gvk.kind.is_empty() || gvk.version.is_empty() || resource.node.as_map().is_none() {
            return vec![];
        }
        let mut found = match (self.custom.get(gvk), self.native().kind(gvk)) {
            (Some(custom), _) => self.check_custom(resource, custom),
            (None, Some(kind)) => explain::findings(resource, kind),
            (None, None) => {
                let mut found = unknown_kind::findings(resource, self);
                found.extend(non_string::in_metadata(resource));
                found
            }
        };
        found.sort_by(|a, b| (a.span(), &a.message).cmp(&(b.span(), &b.message)));
        found
    }

    /// The findings of the definition that has the fewest.
    fn check_custom(&self, resource: &Resource, definitions: &[Definition]) -> Vec<Diagnostic> {
        let native = self.native();
        let check = |it: &Definition| {
            let kind = it.kind(native.bundle, native.version);
            kind.map_or_else(Vec::new, |kind| explain::findings(resource, kind))
        };
        definitions.iter().map(check).min_by_key(Vec::len).unwrap_or_default()
    }

    fn native(&self) -> &Native {
        self.bundle.get_or_init(|| {
            let bundle = Bundle::embedded();
            let version = bundle.version(DEFAULT_MINOR).expect("the archive has the default version");
            let kinds = bundle.kinds(version).map(|it| (it.clone(), OnceLock::new())).collect();
            Native { bundle, minor: DEFAULT_MINOR, version, kinds }
        })
    }
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
