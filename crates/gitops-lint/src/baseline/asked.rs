//! What a check asks: with which versions of Kubernetes, schemas and policies the entries of a baseline were
//! found. A check that asks less does not find some of them, and they may be there all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gitops_render::{Location, Minors, Node, RepoPath, Rule, Value};
use serde::{Serialize, Serializer};

use crate::coverage::{is_about_policies, is_about_schemas};
use crate::disk_tree::{DiskTree, relative_path};
use crate::lint::Work;
use crate::options::has_all;
use crate::policies::Place;

const VERSIONS: &str = "kubernetes-versions";
const SCHEMAS: &str = "schema-locations";
const POLICIES: &str = "policies";
const DATA: &str = "data";
const NAMESPACES: &str = "namespaces";

/// All packages.
const ALL: &str = "*";

/// What is asked. Paths are those that the baseline gives to files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    versions: Minors,
    /// What stands in each list, by its key.
    lists: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Asked {
    /// What this work asks; `top` is the folder that paths begin at.
    pub fn of(work: &Work<'_>, tree: &DiskTree, top: &Path, policies: &[Place], data: &[Place]) -> Asked {
        let versions = work.settings.targets.distinct().iter().flat_map(Minors::as_slice);
        let place = |it: &Place| match it {
            Place::Disk(path) => relative_path(path, top),
            Place::Pack(pack) => format!("builtin:{}", pack.name),
        };
        let path = |it: &RepoPath| tree.relative(it, top);
        let location = |it: &Location| match it {
            Location::BuiltIn => "default".to_owned(),
            Location::Folder(it) | Location::File(it) => path(it),
            other => format!("{other:?}"),
        };
        let namespaces = match (work.policies.all_namespaces, work.policies.namespaces) {
            (true, _) => [ALL.to_owned()].into(),
            (false, []) => ["main".to_owned()].into(),
            (false, names) => names.iter().cloned().collect(),
        };
        let has_policies = !policies.is_empty();
        let lists = [
            (SCHEMAS, work.locations.iter().map(location).collect()),
            (POLICIES, policies.iter().map(place).collect()),
            (DATA, data.iter().map(place).collect()),
            (NAMESPACES, if has_policies { namespaces } else { BTreeSet::new() }),
        ];
        Asked { versions: Minors::new(versions.copied().collect()), lists: lists.into() }
    }

    /// Reads what stands in a baseline; `None` if it does not say all of it.
    pub fn read(node: &Node) -> Option<Asked> {
        let versions = node.get(VERSIONS)?.as_str()?.parse().ok()?;
        let list = |key: &'static str| {
            let Some(node) = node.get(key) else { return Some((key, BTreeSet::new())) };
            let words = node.as_seq()?.iter().map(|it| it.as_str().map(str::to_owned));
            Some((key, words.collect::<Option<_>>()?))
        };
        let lists = [SCHEMAS, POLICIES, DATA, NAMESPACES].into_iter().map(list);
        matches!(node.value, Value::Map(_)).then_some(())?;
        Some(Asked { versions, lists: lists.collect::<Option<_>>()? })
    }

    /// All that one of both asks.
    pub fn and(mut self, other: Asked) -> Asked {
        let versions = [self.versions.as_slice(), other.versions.as_slice()].concat();
        for (key, words) in other.lists {
            self.lists.entry(key).or_default().extend(words);
        }
        Asked { versions: Minors::new(versions), lists: self.lists }
    }

    /// Whether a rule is asked all that `other` asked of it. What is not there any more, nobody can ask.
    pub fn covers(&self, other: &Asked, rule: &Rule, is_there: impl Fn(&str) -> bool) -> bool {
        let has = |key: &str| {
            let of = |asked: &Asked| asked.lists.get(key).cloned().unwrap_or_default();
            let (has, wanted) = (of(self), of(other));
            let is_path = key != NAMESPACES;
            has.contains(ALL)
                || wanted.iter().all(|it| has.contains(it) || is_path && !it.contains(':') && !is_there(it))
        };
        if is_about_schemas(rule) {
            return has_all(&self.versions, &other.versions) && has(SCHEMAS);
        }
        !is_about_policies(rule) || [POLICIES, DATA, NAMESPACES].into_iter().all(has)
    }
}

impl Serialize for Asked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Entry<'a> {
            Text(String),
            List(&'a BTreeSet<String>),
        }
        let lists = self.lists.iter().filter(|it| !it.1.is_empty());
        let lists = lists.map(|(key, words)| (*key, Entry::List(words)));
        serializer.collect_map([(VERSIONS, Entry::Text(self.versions.to_string()))].into_iter().chain(lists))
    }
}
