//! The embedded archive of custom resources: unpacked and indexed when the first one is looked up.
//!
//! `schemas/README.md` describes the format of the archive.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

#[cfg(feature = "bundle")]
use super::bundle::unpack;
use crate::resource::Gvk;

/// The archive.
#[cfg(feature = "bundle")]
static ARCHIVE: &[u8] = include_bytes!("../../../../schemas/custom.txt.zst");

/// What the archive holds. It never changes, so all stores share it.
#[cfg(feature = "bundle")]
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::index(unpack(ARCHIVE)));

/// Nothing.
#[cfg(not(feature = "bundle"))]
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::index(""));

/// Stands for every kind of a group.
const ANY_KIND: &str = "*";

/// The schemas of custom resources that many repositories use and few define.
pub(super) struct Catalogue {
    /// By kind: the schema as JSON.
    kinds: HashMap<Gvk, &'static str>,
}

impl Catalogue {
    /// The embedded schemas, unpacked on first use.
    pub(super) fn embedded() -> &'static Catalogue {
        &CATALOGUE
    }

    fn index(text: &'static str) -> Catalogue {
        let mut kinds = HashMap::new();
        for line in text.lines().skip(1) {
            let mut fields = line.splitn(5, '\t').skip(1);
            let mut next = || fields.next().expect("build.py writes five fields");
            let (group, versions, kind, schema) = (next(), next(), next(), next());
            for version in versions.split(',') {
                let gvk = Gvk { group: group.into(), version: version.into(), kind: kind.into() };
                kinds.insert(gvk, schema);
            }
        }
        Catalogue { kinds }
    }

    /// The keys of all schemas.
    pub(super) fn all(&self) -> impl Iterator<Item = &Gvk> {
        self.kinds.keys()
    }

    /// The kinds, but for groups of which any kind is known.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &Gvk> {
        self.all().filter(|it| &*it.kind != ANY_KIND)
    }

    /// The key under which the schema of a kind stands, if there is one.
    pub(super) fn find(&self, gvk: &Gvk) -> Option<&Gvk> {
        let of_any_kind = || self.kinds.get_key_value(&Gvk { kind: ANY_KIND.into(), ..gvk.clone() });
        self.kinds.get_key_value(gvk).or_else(of_any_kind).map(|it| it.0)
    }

    /// The schema that stands under a key that `find` returned, as the archive has it.
    pub(super) fn schema(&self, key: &Gvk) -> Value {
        self.kinds
            .get(key)
            .map_or(Value::Bool(true), |it| serde_json::from_str(it).expect("build.py writes JSON"))
    }
}

#[cfg(test)]
#[cfg(feature = "bundle")]
mod tests {
    use super::super::bundle::{Bundle, references};
    use super::super::convert;
    use super::super::kind::Kind;
    use super::*;

    #[test]
    fn every_schema_compiles() {
        let (catalogue, bundle) = (Catalogue::embedded(), Bundle::embedded());
        assert!(catalogue.kinds().count() > 200);
        let compiles = |gvk: &Gvk, minor| {
            let version = bundle.version(minor).unwrap();
            Kind::custom(bundle, version, convert::catalogued(catalogue.schema(gvk))).compiles()
        };
        let mut seen = std::collections::HashSet::new();
        for (gvk, schema) in catalogue.kinds.iter().filter(|it| seen.insert(it.1)) {
            let refers = references(schema).next().is_some();
            let minors: &[u32] = if refers { &[21, 33, 37] } else { &[33] };
            assert!(minors.iter().all(|minor| compiles(gvk, *minor)), "{gvk}");
            for name in references(schema) {
                assert!(!bundle.closure(bundle.version(37).unwrap(), name).is_empty(), "{gvk} {name}");
            }
        }
    }

    #[test]
    fn a_constraint_is_known_whatever_its_kind() {
        let catalogue = Catalogue::embedded();
        let found = |api: &str, kind: &str| catalogue.find(&Gvk::new(api, kind)).is_some();
        assert!(found("constraints.gatekeeper.sh/v1beta1", "RequireOwner"));
        assert!(!found("templates.gatekeeper.sh/v1beta1", "RequireOwner"));
    }
}
