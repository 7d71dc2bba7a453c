//! The embedded archive of Kubernetes schemas: unpacked block by block, parsed piece by piece.
//!
//! `schemas/README.md` describes the format of the archive.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use serde_json::Value as JsonValue;

use super::archive::Archive;
use crate::resource::Gvk;

/// What the archive holds. It never changes, so all stores share it.
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| Bundle::index(archive()));

#[cfg(feature = "bundle")]
fn archive() -> Archive {
    Archive::new(include_bytes!("../../schemas/kubernetes.txt.zst"))
}

/// The same versions, and no kinds.
#[cfg(not(feature = "bundle"))]
fn archive() -> Archive {
    Archive::unpacked("kubernetes\t21\t37")
}

/// How a definition is referred to.
pub(super) const DEFS: &str = "#/$defs/";

/// The definition of `metadata`.
pub(super) const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// The schemas of several Kubernetes versions.
pub(super) struct Bundle {
    archive: Archive,
    first_minor: u32,
    last_minor: u32,
    /// In order of group, version and kind.
    kinds: Vec<KindLine>,
    /// What `kinds` names, in the same order.
    names: OnceLock<Vec<Gvk>>,
    blocks: Vec<Block>,
}

/// Where the schema of a kind is.
struct KindLine {
    gvk: [&'static str; 3],
    definition: &'static str,
    versions: u32,
}

/// The definitions of several packages.
struct Block {
    packages: &'static str,
    definitions: OnceLock<Vec<Definition>>,
}

/// One of the bodies of a definition.
struct Definition {
    name: &'static str,
    /// The versions that have this body.
    versions: u32,
    body: &'static str,
}

/// A definition and all that it refers to, each parsed, as OpenAPI has them.
pub(super) struct Closure {
    pub definitions: BTreeMap<String, JsonValue>,
    /// In which versions all of it is the same.
    pub versions: Versions,
}

/// Several minor versions of Kubernetes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions(u32);

impl Versions {
    /// Whether a version is among them.
    pub(super) fn have(self, version: Version) -> bool {
        self.0 & version.0 != 0
    }
}

/// A minor version of Kubernetes 1, as a set of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version(u32);

impl Bundle {
    /// The embedded schemas, unpacked on first use.
    pub(super) fn embedded() -> &'static Bundle {
        &BUNDLE
    }

    fn index(archive: Archive) -> Bundle {
        let index = archive.index();
        let (first_minor, last_minor, kinds, blocks) = (0, 0, vec![], vec![]);
        let names = OnceLock::new();
        let mut bundle = Bundle { archive, first_minor, last_minor, kinds, names, blocks };
        for line in index.lines() {
            bundle.add(line).expect("build.py writes no other lines");
        }
        bundle
    }

    fn add(&mut self, line: &'static str) -> Option<()> {
        let (what, rest) = line.split_once('\t')?;
        let mut fields = rest.split('\t');
        let mut next = || fields.next();
        match what {
            "kind" => {
                let gvk = [next()?, next()?, next()?];
                self.kinds.push(KindLine { gvk, definition: next()?, versions: mask(next()?)? });
            }
            "block" => self.blocks.push(Block { packages: rest, definitions: OnceLock::new() }),
            "kubernetes" => {
                (self.first_minor, self.last_minor) = (next()?.parse().ok()?, next()?.parse().ok()?);
            }
            _ => {}
        }
        Some(())
    }

    /// Kubernetes 1.`minor`, if the archive has it.
    pub(super) fn version(&self, minor: u32) -> Option<Version> {
        let is_there = (self.first_minor..=self.last_minor).contains(&minor);
        is_there.then(|| Version(1 << (minor - self.first_minor)))
    }

    /// How many kinds there are, in all versions together.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// The kinds that a version has.
    pub(super) fn kinds(&self, version: Version) -> impl Iterator<Item = &Gvk> {
        let name = |it: &KindLine| {
            let [group, version, kind] = it.gvk.map(Into::into);
            Gvk { group, version, kind }
        };
        let names = self.names.get_or_init(|| self.kinds.iter().map(name).collect());
        self.kinds.iter().zip(names).filter(move |it| it.0.versions & version.0 != 0).map(|it| it.1)
    }

    /// Whether a group is one of Kubernetes' own, in any version.
    pub(super) fn has_group(&self, group: &str) -> bool {
        self.kinds.iter().any(|it| it.gvk[0] == group)
    }

    /// The number of a kind, which is less than [`Bundle::len`].
    pub(super) fn find(&self, gvk: &Gvk) -> Option<usize> {
        let wanted = [&*gvk.group, &*gvk.version, &*gvk.kind];
        self.kinds.binary_search_by_key(&wanted, |it| it.gvk).ok()
    }

    /// The name of the definition of a kind in a version.
    pub(super) fn definition_of(&self, version: Version, gvk: &Gvk) -> Option<&'static str> {
        let line = &self.kinds[self.find(gvk)?];
        (line.versions & version.0 != 0).then_some(line.definition)
    }

    /// The first minor version after `version` that has a kind.
    pub(super) fn later(&self, version: Version, gvk: &Gvk) -> Option<u32> {
        let later = self.kinds[self.find(gvk)?].versions & !(version.0 | (version.0 - 1));
        (later != 0).then(|| self.first_minor + later.trailing_zeros())
    }

    /// A definition with all that it refers to.
    pub(super) fn closure(&self, version: Version, name: &str) -> Closure {
        let mut definitions = BTreeMap::new();
        let mut versions = u32::MAX;
        let mut seen = BTreeSet::from([name]);
        let mut todo = vec![name];
        while let Some(name) = todo.pop() {
            let Some(it) = self.definition(version, name) else {
                versions = version.0;
                continue;
            };
            todo.extend(references(it.body).filter(|it| seen.insert(it)));
            versions &= it.versions;
            definitions.insert(name.to_owned(), serde_json::from_str(it.body).expect("build.py writes JSON"));
        }
        Closure { definitions, versions: Versions(versions) }
    }

    fn definition(&self, version: Version, name: &str) -> Option<&Definition> {
        // `io.k8s.api.core` of `io.k8s.api.core.v1.Pod`
        let package = name.rsplitn(3, '.').nth(2)?;
        let index = self.blocks.iter().position(|it| it.packages.split('\t').any(|it| it == package))?;
        let all = self.definitions(index);
        let bodies = &all[all.partition_point(|it| it.name < name)..];
        bodies.iter().take_while(|it| it.name == name).find(|it| it.versions & version.0 != 0)
    }

    /// The definitions in a block, in order of their names, which come in that order in each package
    /// only.
    fn definitions(&self, block: usize) -> &[Definition] {
        self.blocks[block].definitions.get_or_init(|| {
            let mut all: Vec<Definition> = self.archive.block(block).lines().map(definition).collect();
            all.sort_by_key(|it| it.name);
            all
        })
    }
}

fn definition(line: &'static str) -> Definition {
    let mut fields = line.splitn(3, '\t');
    let mut next = || fields.next().expect("build.py writes three fields");
    let (name, versions, body) = (next(), next(), next());
    Definition { name, versions: mask(versions).expect("build.py writes hexadecimal masks"), body }
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
            let all = (0..bundle.blocks.len()).flat_map(|it| bundle.definitions(it));
            for it in all.filter(|it| it.versions & version.0 != 0) {
                for name in references(it.body) {
                    assert!(bundle.definition(version, name).is_some(), "1.{minor} {name}");
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
    fn every_kind_is_found_by_its_name() {
        let bundle = Bundle::embedded();
        for (index, line) in bundle.kinds.iter().enumerate() {
            let [group, version, kind] = line.gvk.map(Into::into);
            let gvk = Gvk { group, version, kind };
            assert_eq!(bundle.find(&gvk), Some(index), "{gvk}");
        }
        assert_eq!(bundle.find(&Gvk::new("v1", "Deployment")), None);
    }

    #[test]
    fn the_rules_know_every_group_of_kubernetes() {
        let bundle = Bundle::embedded();
        for minor in 21..=37 {
            let of_rules = |it: &&Gvk| crate::kube::native::is_native(it);
            let unknown = bundle.kinds(bundle.version(minor).unwrap()).find(|it| !of_rules(it));
            assert_eq!(unknown, None, "1.{minor}");
        }
    }

    #[test]
    fn versions_in_which_a_kind_did_not_change_are_known() {
        let bundle = Bundle::embedded();
        let version = |minor| bundle.version(minor).unwrap();
        let map = bundle.closure(version(33), "io.k8s.api.core.v1.ConfigMap").versions;
        assert!(map.have(version(33)) && map.have(version(34)));
        // `resizePolicy` came in between.
        let pod = bundle.closure(version(33), "io.k8s.api.core.v1.Pod").versions;
        assert!(pod.have(version(33)) && !pod.have(version(24)));
    }

    #[test]
    fn a_closure_holds_what_the_definition_needs_and_no_more() {
        let bundle = Bundle::embedded();
        let closure = bundle.closure(bundle.version(33).unwrap(), "io.k8s.api.core.v1.ConfigMap").definitions;
        assert!(closure.contains_key(OBJECT_META));
        assert!(closure.len() < 10, "{:?}", closure.keys());
    }
}
