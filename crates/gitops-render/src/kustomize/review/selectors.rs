//! Labels that are about to be written into selectors which cannot be changed.

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::Pair;
use crate::node::{Map, Node};
use crate::resource::{Maker, Resource};
use crate::rules::kus;
use crate::source::RepoPath;

/// Looks at the objects before the kustomization in `dir` writes `pairs` into their selectors.
/// One finding for each label, at the first object that shows it.
pub(crate) fn changed_selectors(objects: &[Resource], dir: &RepoPath, pairs: &[Pair]) -> Vec<Diagnostic> {
    let found = pairs.iter().filter_map(|pair| objects.iter().find_map(|it| changed(it, dir, pair)));
    found.collect()
}

fn changed(object: &Resource, dir: &RepoPath, pair: &Pair) -> Option<Diagnostic> {
    let gvk = &object.id.gvk;
    if &*gvk.group != "apps"
        || !matches!(&*gvk.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
    {
        return None;
    }
    let (key, value) = (&pair.key.value, &pair.value.value);
    if is_version(key) {
        return Some(kus::selector_changed::version(pair.key.span, key, object));
    }
    let is_own = match &object.history.maker {
        Some(Maker::File(path)) => path.is_within(dir),
        _ => true,
    };
    let labels: &Map = object.node.path(&["spec", "selector", "matchLabels"])?.as_map()?;
    let old = labels.get(key).filter(|it| !is_own && it.as_str().is_some_and(|it| *it != **value))?;
    let is_written: fn(&Node) -> bool = |it| it.origin.trail.is_none();
    is_written(old).then(|| kus::selector_changed::overwritten(pair.key.span, key, object, old.origin.span))
}

/// Whether a label is there to tell the version.
fn is_version(key: &str) -> bool {
    matches!(key.rsplit('/').next(), Some("version" | "chart" | "app-version" | "revision"))
}
