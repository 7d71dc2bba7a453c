//! What a repository is made of, as far as `init` wants to know.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gitops_render::kustomize::FILE_NAMES;
use gitops_render::{Node, RepoPath, Sources};
use ignore::WalkBuilder;
use rayon::prelude::*;

use crate::disk_tree::DiskTree;
use crate::findings::counted;
use crate::mounts::Virtual;
use crate::output::one_line;
use crate::policies::FOLDERS;
use crate::{Failure, check};

use super::ci::Forge;

/// Folders with what others wrote.
const VENDORED: [&str; 5] = ["vendor", "vendored", "third_party", "third-party", "node_modules"];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Detected {
    /// How many directories have a kustomization.
    pub kustomizations: usize,
    /// How many files with objects lie apart from kustomizations and charts.
    pub manifests: usize,
    /// How many charts there are.
    pub charts: usize,
    /// Whether there are objects of Flux.
    pub flux: bool,
    /// Whether there are objects of Argo CD.
    pub argo: bool,
    /// The folders with policies, none in another.
    pub policies: Vec<String>,
    /// What the folders of kustomizations are called that are for one environment.
    pub environments: Vec<String>,
    /// The folders with what others wrote, none in another.
    pub vendored: Vec<String>,
}

/// Names that folders have for nothing but an environment.
const ENVIRONMENTS: [&str; 12] = [
    "dev",
    "development",
    "live",
    "prd",
    "prod",
    "production",
    "qa",
    "stage",
    "staging",
    "stg",
    "test",
    "uat",
];

/// What is known about one YAML file.
#[derive(Clone, Copy, Debug, Default)]
struct Traits {
    has_objects: bool,
    gatekeeper: bool,
    flux: bool,
    argo: bool,
}

impl Detected {
    /// Looks at all files that are neither hidden nor ignored.
    ///
    /// # Errors
    /// If there is no working directory, or threads cannot be started.
    pub fn find(top: &Path) -> Result<Detected, Failure> {
        let tree = DiskTree::around([top]).map_err(Failure::NoWorkingDirectory)?;
        let (inside, files) = listed(&tree, top);
        let vendored = topmost(inside.iter().filter_map(|it| vendored(it)));
        let is_ours = |it: &String| !vendored.iter().any(|folder| it.starts_with(&format!("{folder}/")));
        let ours: Vec<(&String, &RepoPath)> = inside.iter().zip(&files).filter(|it| is_ours(it.0)).collect();

        let folders = |names: &[&str]| -> BTreeSet<&str> {
            let named = ours.iter().map(|it| split(it.0)).filter(|it| names.contains(&it.1));
            named.map(|it| it.0).collect()
        };
        let (kustomized, charts) = (folders(&FILE_NAMES), folders(&["Chart.yaml"]));
        let sources = Sources::new(&tree);
        let yaml: Vec<_> = ours.iter().filter(|it| is_yaml(it.0)).collect();
        let traits: Vec<Traits> =
            check::pool(0)?.install(|| yaml.par_iter().map(|it| traits(&sources, it.1)).collect());
        let apart = yaml.iter().zip(&traits).filter(|(it, traits)| {
            let (folder, _) = split(it.0);
            let is_chart = charts.iter().any(|chart| is_in(folder, chart));
            let is_kustomized = kustomized.contains(folder) || kustomized.contains(split(folder).0);
            traits.has_objects && !is_chart && !is_kustomized
        });
        let rego = ours.iter().filter(|it| it.0.ends_with(".rego"));
        let asked =
            rego.clone().filter(|it| is_asked(&tree, it.1)).map(|it| place_of_policies(split(it.0).0));
        // Where `check` looks unless it is told otherwise.
        let constraints = yaml.iter().zip(&traits).filter(|it| it.1.gatekeeper).map(|it| it.0);
        let looked_at = rego.chain(constraints.copied()).filter_map(|it| it.0.split_once('/'));
        let looked_at = looked_at.map(|it| it.0).filter(|it| FOLDERS.contains(it));
        Ok(Detected {
            kustomizations: kustomized.len(),
            manifests: apart.count(),
            charts: charts.len(),
            flux: traits.iter().any(|it| it.flux),
            argo: traits.iter().any(|it| it.argo),
            policies: topmost(asked.chain(looked_at)),
            environments: environments(&kustomized),
            vendored,
        })
    }

    /// Whether `check` finds all policies without being told.
    pub fn has_default_policies_only(&self) -> bool {
        self.policies.iter().all(|it| FOLDERS.contains(&it.as_str()))
    }

    /// What was found, in a line.
    pub fn told(&self, forge: Option<Forge>) -> String {
        let counts = [(self.kustomizations, "kustomization"), (self.manifests, "plain manifest")];
        let mut words: Vec<String> =
            counts.iter().filter(|it| it.0 > 0).map(|it| counted(it.0, it.1)).collect();
        if self.charts > 0 {
            words.push(format!("{} (not checked)", counted(self.charts, "Helm chart")));
        }
        let names = [(self.flux, "Flux"), (self.argo, "Argo CD")];
        words.extend(names.iter().filter(|it| it.0).map(|it| it.1.to_owned()));
        words.extend(self.policies.iter().map(|it| format!("policies in `{it}`")));
        words.extend(self.vendored.iter().map(|it| format!("`{it}`, which others wrote")));
        words.extend(forge.map(|it| it.name().to_owned()));
        if words.is_empty() {
            return "found: nothing to check yet".to_owned();
        }
        format!("found: {}", one_line(&words.join(", ")))
    }
}

/// The files below `top`, as paths from there and in the tree.
fn listed(tree: &DiskTree, top: &Path) -> (Vec<String>, Vec<RepoPath>) {
    let nowhere = Virtual::below([&top.to_owned()], tree.repository().is_some());
    let mut walk = WalkBuilder::new(top);
    let walk = walk.filter_entry(move |it| !nowhere.holds(it.path())).sort_by_file_path(Path::cmp).build();
    let found = walk.flatten().filter(|it| it.file_type().is_some_and(|it| it.is_file()));
    let named = found.filter_map(|it| {
        let inside = it.path().strip_prefix(top).ok()?.to_str()?.replace('\\', "/");
        Some((inside, tree.path(it.path())?))
    });
    named.unzip()
}

/// The names of environments among the folders.
fn environments(folders: &BTreeSet<&str>) -> Vec<String> {
    let names: BTreeSet<&str> = folders.iter().flat_map(|it| it.split('/')).collect();
    names.iter().filter(|it| ENVIRONMENTS.contains(it)).map(|it| (*it).to_owned()).collect()
}

/// Folder and name; a file at the top lies in the empty folder.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Whether a folder is another, or lies in it.
fn is_in(folder: &str, outer: &str) -> bool {
    outer.is_empty() || folder == outer || folder.strip_prefix(outer).is_some_and(|it| it.starts_with('/'))
}

/// The outermost folder of what others wrote that a YAML file lies in.
fn vendored(path: &str) -> Option<&str> {
    let mut ends = path.match_indices('/').map(|it| &path[..it.0]);
    is_yaml(path).then(|| ends.find(|it| VENDORED.contains(&split(it).1))).flatten()
}

/// The outermost folder of a path that is called as teams call their folder of policies, or the folder itself.
fn place_of_policies(folder: &str) -> &str {
    let mut ends = folder.match_indices('/').map(|it| &folder[..it.0]);
    ends.find(|it| FOLDERS.contains(&split(it).1)).unwrap_or(if folder.is_empty() { "." } else { folder })
}

/// The folders that lie in no other.
fn topmost<'a>(folders: impl Iterator<Item = &'a str>) -> Vec<String> {
    let all: BTreeSet<&str> = folders.collect();
    let is_outer = |it: &&str| !all.iter().any(|other| other != it && (*other == "." || is_in(it, other)));
    all.iter().filter(|it| is_outer(it)).map(|it| (*it).to_owned()).collect()
}

fn traits(sources: &Sources<'_>, path: &RepoPath) -> Traits {
    let Ok(file) = sources.open(path) else { return Traits::default() };
    let mut traits = Traits::default();
    for document in &file.yaml().documents {
        let text = |key: &str| document.get(key).and_then(Node::as_str);
        let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else { continue };
        let group = version.split_once('/').map_or("", |it| it.0);
        traits.has_objects |= group != "kustomize.config.k8s.io";
        traits.gatekeeper |= group.ends_with(".gatekeeper.sh");
        traits.flux |= group.ends_with(".toolkit.fluxcd.io");
        traits.argo |=
            group == "argoproj.io" && matches!(kind, "Application" | "ApplicationSet" | "AppProject");
    }
    traits
}

/// Whether `check` would ask rules of a file: those of the package `main`, by the names of conftest.
fn is_asked(tree: &DiskTree, path: &RepoPath) -> bool {
    let Ok(text) = fs::read_to_string(tree.on_disk(path)) else { return false };
    let mut lines = text.lines();
    let is_rule = |it: &str| {
        ["deny", "violation", "warn"]
            .iter()
            .any(|name| it.strip_prefix(name).is_some_and(|it| it.starts_with([' ', '[', '_', '('])))
    };
    lines.any(|it| it.trim() == "package main") && lines.any(is_rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_others_are_not_named() {
        let folders = ["a/vendor", "a/vendor/b", "a/vendor-x", "c"];
        assert_eq!(topmost(folders.into_iter()), ["a/vendor", "a/vendor-x", "c"]);
        assert_eq!(topmost([".", "a"].into_iter()), ["."]);
    }

    #[test]
    fn policies_are_named_by_the_folder_that_a_team_keeps_them_in() {
        for (folder, place) in [
            ("policies", "policies"),
            ("policies/lib", "policies"),
            ("a/policy/x/y", "a/policy"),
            ("rego/a", "rego/a"),
            ("", "."),
        ] {
            assert_eq!(place_of_policies(folder), place);
        }
    }

    #[test]
    fn what_others_wrote_is_known_by_the_outermost_folder() {
        assert_eq!(vendored("a/vendor/b/vendor/c.yaml"), Some("a/vendor"));
        assert_eq!(vendored("a/vendor/c.go"), None);
        assert_eq!(vendored("a/vendors/c.yaml"), None);
    }
}
