//! The embedded archive of custom resources: a group is unpacked when one of its kinds is looked up.
//!
//! `schemas/README.md` describes the format of the archive.

use std::sync::{LazyLock, OnceLock};

use serde_json::Value;

use super::archive::Archive;
use crate::resource::Gvk;

/// What the archive holds. It never changes, so all stores share it.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::index(archive()));

#[cfg(feature = "bundle")]
fn archive() -> Archive {
    Archive::new(include_bytes!("../../schemas/custom.txt.zst"))
}

/// No kinds.
#[cfg(not(feature = "bundle"))]
fn archive() -> Archive {
    Archive::unpacked("")
}

/// Stands for every kind of a group.
const ANY_KIND: &str = "*";

/// The schemas of custom resources that many repositories use and few define.
pub(super) struct Catalogue {
    archive: Archive,
    lines: Vec<Line>,
    /// What `lines` names, but for groups of which any kind is known.
    names: OnceLock<Vec<Gvk>>,
}

/// Where the schema of a kind is.
struct Line {
    group: &'static str,
    /// With commas between them.
    versions: &'static str,
    kind: &'static str,
    /// The number of the block, and that of the line in it.
    place: (usize, usize),
}

impl Catalogue {
    /// The embedded schemas, unpacked on first use.
    pub(super) fn embedded() -> &'static Catalogue {
        &CATALOGUE
    }

    fn index(archive: Archive) -> Catalogue {
        let mut lines = vec![];
        // The first block begins before its first line.
        let (mut blocks, mut line) = (0, 0);
        for text in archive.index().lines().skip(1) {
            let Some(kind) = text.strip_prefix("kind\t") else {
                (blocks, line) = (blocks + 1, 0);
                continue;
            };
            let mut fields = kind.split('\t');
            let mut next = || fields.next().expect("build.py writes three fields");
            let (group, versions, kind) = (next(), next(), next());
            lines.push(Line { group, versions, kind, place: (blocks - 1, line) });
            line += 1;
        }
        Catalogue { archive, lines, names: OnceLock::new() }
    }

    /// How many schemas there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The kinds, but for groups of which any kind is known.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &Gvk> {
        let named = |it: &Line| {
            let (group, kind) = (it.group, it.kind);
            let versions = it.versions.split(',').filter(|_| kind != ANY_KIND);
            let name = |it: &str| Gvk { group: group.into(), version: it.into(), kind: kind.into() };
            versions.map(name).collect::<Vec<_>>()
        };
        self.names.get_or_init(|| self.lines.iter().flat_map(named).collect()).iter()
    }

    /// The number of the schema of a kind, which is less than [`Catalogue::len`].
    pub(super) fn find(&self, gvk: &Gvk) -> Option<usize> {
        let has = |it: &Line, kind: &str| {
            it.kind == kind && it.group == &*gvk.group && it.versions.split(',').any(|it| it == &*gvk.version)
        };
        let position = |kind: &str| self.lines.iter().position(|it| has(it, kind));
        position(&gvk.kind).or_else(|| position(ANY_KIND))
    }

    /// The schema with a number that `find` returned, as the archive has it.
    pub(super) fn schema(&self, number: usize) -> Value {
        serde_json::from_str(self.body(number)).expect("build.py writes JSON")
    }

    fn body(&self, number: usize) -> &'static str {
        let (block, line) = self.lines[number].place;
        self.archive.block(block).lines().nth(line).expect("build.py writes a line for each schema")
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
        let compiles = |number: usize, minor| {
            let version = bundle.version(minor).unwrap();
            Kind::custom(bundle, version, convert::catalogued(catalogue.schema(number))).compiles()
        };
        for number in 0..catalogue.len() {
            let (kind, schema) = (catalogue.lines[number].kind, catalogue.body(number));
            let refers = references(schema).next().is_some();
            let minors: &[u32] = if refers { &[21, 33, 37] } else { &[33] };
            assert!(minors.iter().all(|minor| compiles(number, *minor)), "{kind}");
            for name in references(schema) {
                let closure = bundle.closure(bundle.version(37).unwrap(), name);
                assert!(!closure.definitions.is_empty(), "{kind} {name}");
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
