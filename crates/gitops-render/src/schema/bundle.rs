//! The embedded archive of Kubernetes schemas: unpacked once, indexed by kind, parsed piece by piece.
//!
//! `schemas/README.md` describes the format of the archive.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde_json::Value as JsonValue;

use crate::resource::Gvk;

/// The archive.
#[cfg(feature = "bundle")]
static ARCHIVE: &[u8] = include_bytes!("../../../../schemas/kubernetes.txt.zst");

/// What the archive holds. It never changes, so all stores share it.
#[cfg(feature = "bundle")]
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| Bundle::index(unpack(ARCHIVE)));

/// The same versions, and no kinds.
#[cfg(not(feature = "bundle"))]
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| Bundle::index("kubernetes\t21\t37"));

/// How a definition is referred to.
pub(super) const DEFS: &str = "#/$defs/";

/// The definition of `metadata`.
pub(super) const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// The schemas of several Kubernetes versions.
pub(super) struct Bundle {
    first_minor: u32,
    last_minor: u32,
    kinds: HashMap<Gvk, KindLine>,
    /// By name: the bodies, each with the versions that have it.
    definitions: HashMap<&'static str, Vec<(u32, &'static str)>>,
}

/// Where the schema of a kind is.
#[derive(Clone, Copy)]
struct KindLine {
    definition: &'static str,
    versions: u32,
}

/// A minor version of Kubernetes 1, as a set of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version(u32);

impl Bundle {
    /// The embedded schemas, unpacked on first use.
    pub(super) fn embedded() -> &'static Bundle {
        &BUNDLE
    }

    fn index(text: &'static str) -> Bundle {
        let mut bundle =
            Bundle { first_minor: 0, last_minor: 0, kinds: HashMap::new(), definitions: HashMap::new() };
        for line in text.lines() {
            bundle.add(line).expect("build.py writes no other lines");
        }
        bundle
    }

    fn add(&mut self, line: &'static str) -> Option<()> {
        let (what, rest) = line.split_once('\t')?;
        let mut fields = rest.splitn(if what == "definition" { 3 } else { 5 }, '\t');
        let mut next = || fields.next();
        match what {
            "definition" => {
                let (name, versions, body) = (next()?, mask(next()?)?, next()?);
                self.definitions.entry(name).or_default().push((versions, body));
            }
            "kind" => {
                let (group, version, kind) = (next()?.into(), next()?.into(), next()?.into());
                let line = KindLine { definition: next()?, versions: mask(next()?)? };
                self.kinds.insert(Gvk { group, version, kind }, line);
            }
            "kubernetes" => {
                self.first_minor = next()?.parse().ok()?;
                self.last_minor = next()?.parse().ok()?;
            }
            _ => {}
        }
        Some(())
    }

    /// Kubernetes 1.`minor`, if the archive has it.
    pub(super) fn version(&self, minor: u32) -> Option<Version> {
        let has = (self.first_minor..=self.last_minor).contains(&minor);
        has.then(|| Version(1 << (minor - self.first_minor)))
    }

    /// The kinds that a version has.
    pub(super) fn kinds(&self, version: Version) -> impl Iterator<Item = &Gvk> {
        self.kinds.iter().filter(move |it| it.1.versions & version.0 != 0).map(|it| it.0)
    }

    /// Whether a group is one of Kubernetes' own, in any version.
    pub(super) fn has_group(&self, group: &str) -> bool {
        self.kinds.keys().any(|it| *it.group == *group)
    }

    /// The name of the definition of a kind in a version.
    pub(super) fn definition_of(&self, version: Version, gvk: &Gvk) -> Option<&'static str> {
        self.kinds.get(gvk).filter(|it| it.versions & version.0 != 0).map(|it| it.definition)
    }

    /// The first minor version after `version` that has a kind.
    pub(super) fn later(&self, version: Version, gvk: &Gvk) -> Option<u32> {
        let later = self.kinds.get(gvk)?.versions & !(version.0 | (version.0 - 1));
        (later != 0).then(|| self.first_minor + later.trailing_zeros())
    }

    /// A definition and all that it refers to, each parsed, as OpenAPI has them.
    pub(super) fn closure(&self, version: Version, name: &str) -> BTreeMap<String, JsonValue> {
        let mut found = BTreeMap::new();
        let mut seen = BTreeSet::from([name]);
        let mut todo = vec![name];
        while let Some(name) = todo.pop() {
            let Some(body) = self.body(version, name) else { continue };
            todo.extend(references(body).filter(|it| seen.insert(it)));
            found.insert(name.to_owned(), serde_json::from_str(body).expect("build.py writes JSON"));
        }
        found
    }

    fn body(&self, version: Version, name: &str) -> Option<&'static str> {
        self.definitions.get(name)?.iter().find(|it| it.0 & version.0 != 0).map(|it| it.1)
    }
}

/// The text of an archive.
#[cfg(feature = "bundle")]
pub(super) fn unpack(archive: &[u8]) -> &'static str {
    use std::io::Read;

    let mut text = String::new();
    let reader = ruzstd::decoding::StreamingDecoder::new(archive);
    let mut reader = reader.expect("build.py writes an archive that ruzstd reads");
    reader.read_to_string(&mut text).expect("build.py writes UTF-8");
    // The text lives as long as the program does, and so may what points into it.
    text.leak()
}

fn mask(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 16).ok()
}

/// The names that a schema refers to. Found in the text: a name has nothing that JSON escapes.
pub(super) fn references(body: &str) -> impl Iterator<Item = &str> {
    body.split("\"#/$defs/").skip(1).filter_map(|it| it.split('"').next())
}

#[cfg(test)]
#[cfg(feature = "bundle")]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_every_version_leads_somewhere() {
        let bundle = Bundle::embedded();
        for minor in 21..=37 {
            let version = bundle.version(minor).unwrap();
            assert!(bundle.kinds(version).count() > 120, "1.{minor}");
            for bodies in bundle.definitions.values() {
                for (_, body) in bodies.iter().filter(|it| it.0 & version.0 != 0) {
                    for name in references(body) {
                        assert!(bundle.body(version, name).is_some(), "1.{minor} {name}");
                    }
                }
            }
        }
        assert_eq!(bundle.version(20), None);
        assert_eq!(bundle.version(38), None);
        assert_eq!(bundle.version(u32::MAX), None);
    }

    #[test]
    fn a_kind_is_known_in_the_versions_that_have_it() {
        let bundle = Bundle::embedded();
        let autoscaler = Gvk::new("autoscaling/v2beta2", "HorizontalPodAutoscaler");
        let definition = |minor| bundle.definition_of(bundle.version(minor).unwrap(), &autoscaler);
        assert!(definition(25).is_some() && definition(23).is_some());
        assert!(definition(26).is_none());
        let policy = Gvk::new("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy");
        assert_eq!(bundle.later(bundle.version(25).unwrap(), &policy), Some(30));
        assert_eq!(bundle.later(bundle.version(30).unwrap(), &autoscaler), None);
    }

    #[test]
    fn a_closure_holds_what_the_definition_needs_and_no_more() {
        let bundle = Bundle::embedded();
        let closure = bundle.closure(bundle.version(33).unwrap(), "io.k8s.api.core.v1.ConfigMap");
        assert!(closure.contains_key(OBJECT_META));
        assert!(closure.len() < 10, "{:?}", closure.keys());
    }
}
