//! Files that lie beside a kustomization and that nobody builds.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::entries::{Folders, is_kustomization, looks};
use crate::node::{Node, Value};
use crate::rules::kus;
use crate::source::{RepoPath, Span};
use crate::sources::SourceFile;
use crate::words::Words;

/// Those of the files that nobody uses which somebody has most likely forgotten.
pub(super) fn find(
    unused: &[&Arc<SourceFile>],
    opened: &[Arc<SourceFile>],
    used: &BTreeSet<RepoPath>,
    folders: &mut Folders<'_, '_>,
) -> Vec<Diagnostic> {
    let busy: BTreeSet<RepoPath> = used.iter().filter_map(RepoPath::parent).collect();
    let candidates = unused.iter().filter_map(|file| {
        let folder = file.path.parent()?;
        let owner = owner(&folder, folders)?;
        // A folder of which nothing is used is there for something else.
        if owner != folder && !busy.contains(&folder) {
            return None;
        }
        Some((*file, folder, owner, place(file)?))
    });
    let candidates: Vec<_> = candidates.collect();
    if candidates.is_empty() {
        return vec![];
    }
    let applied = applied_folders(opened);
    let mentions = Mentions::of(opened, used);
    let is_forgotten = |(file, folder, owner, _): &&(&Arc<SourceFile>, RepoPath, RepoPath, _)| {
        // Flux and Argo CD build a folder that has a kustomization, and take all files of one that has not.
        let is_applied = folder != owner && applied.iter().any(|it| ends_with(folder, it));
        !is_applied && !mentions.names(owner, file.path.file_name())
    };
    let found = candidates.iter().filter(is_forgotten).map(|(file, _, owner, (at, is_patch))| {
        kus::unreferenced_file::unreferenced(*at, &file.path, owner, *is_patch)
    });
    found.collect()
}

/// The directory of the kustomization that a file in `folder` would belong to: its own, or the one
/// right above.
fn owner(folder: &RepoPath, folders: &mut Folders<'_, '_>) -> Option<RepoPath> {
    if folders.chart(folder).is_some() {
        return None;
    }
    let parent = folder.parent();
    std::iter::once(folder.clone()).chain(parent).find(|it| folders.get(it).is_kustomized)
}

/// Where a file that holds objects begins, and whether it looks like a patch.
fn place(file: &SourceFile) -> Option<(Span, bool)> {
    let documents = &file.yaml().documents;
    let objects: Vec<&Node> = documents.iter().filter(|it| looks::is_object(it)).collect();
    // kustomize takes no object without a name, and nobody builds what others are compared with.
    let is_named = |it: &&Node| it.path(&["metadata", "name"]).is_some();
    let is_elsewhere = looks::is_named_expectation(&file.path) || objects.iter().all(|it| is_handed_over(it));
    if !objects.iter().all(is_named) || is_elsewhere {
        return None;
    }
    let first = objects.first()?.as_map()?.entries().first()?.key_span;
    let is_patch = looks::is_named_patch(&file.path) || objects.iter().all(|it| looks::is_patch(it));
    Some((first, is_patch))
}

/// Whether an object is for somebody else than the build: what tells Flux or Argo CD to apply the
/// directory often lies in it, and so do the steps of a test.
fn is_handed_over(object: &Node) -> bool {
    let text = |key: &str| object.get(key).and_then(Node::as_str).unwrap_or_default();
    let group = text("apiVersion").split('/').next().unwrap_or_default();
    match group {
        "kustomize.toolkit.fluxcd.io" => text("kind") == "Kustomization",
        "argoproj.io" => matches!(text("kind"), "Application" | "ApplicationSet" | "AppProject"),
        "chainsaw.kyverno.io" | "kuttl.dev" => true,
        _ => false,
    }
}

/// The groups of what tells Flux and Argo CD which directories to apply.
pub fn applying_groups() -> Words {
    Words::new(["kustomize.toolkit.fluxcd.io", "argoproj.io"])
}

/// The directories that Flux and Argo CD are told to apply, as far as that can be read.
fn applied_folders(opened: &[Arc<SourceFile>]) -> BTreeSet<RepoPath> {
    let mut found = BTreeSet::new();
    let groups = applying_groups();
    let may_tell = |it: &&Arc<SourceFile>| groups.may_be_in(it);
    for document in opened.iter().filter(may_tell).flat_map(|it| &it.yaml().documents) {
        let api_version = document.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
        if api_version.starts_with("kustomize.toolkit.fluxcd.io/") || api_version.starts_with("argoproj.io/")
        {
            paths(document, &mut found);
        }
    }
    found
}

/// Whether a directory has this path, in the repository or in one that is a part of it.
fn ends_with(folder: &RepoPath, path: &RepoPath) -> bool {
    let rest = folder.as_str().strip_suffix(path.as_str());
    !path.as_str().is_empty() && rest.is_some_and(|it| it.is_empty() || it.ends_with('/'))
}

/// The values of all fields called `path`.
fn paths(node: &Node, out: &mut BTreeSet<RepoPath>) {
    match &node.value {
        Value::Map(map) => {
            for entry in map.entries() {
                if let Some(path) = entry.node.as_str().filter(|_| &*entry.key == "path") {
                    out.extend(RepoPath::root().join(path.trim_start_matches('/')));
                }
                paths(&entry.node, out);
            }
        }
        Value::Seq(items) => items.iter().for_each(|it| paths(it, out)),
        Value::Scalar(_) => {}
    }
}

/// What stands in kustomizations, and in the files beside them that they use, comments included:
/// a plugin may name a file in its own way, and a line may be commented out on purpose.
struct Mentions<'f>(HashMap<RepoPath, Vec<&'f str>>);

impl<'f> Mentions<'f> {
    fn of(opened: &'f [Arc<SourceFile>], used: &BTreeSet<RepoPath>) -> Mentions<'f> {
        let mut texts: HashMap<RepoPath, Vec<&str>> = HashMap::new();
        for file in opened.iter().filter(|it| is_kustomization(&it.path) || used.contains(&it.path)) {
            if let (Some(folder), Ok(text)) = (file.path.parent(), file.text()) {
                texts.entry(folder).or_default().push(text);
            }
        }
        Mentions(texts)
    }

    fn names(&self, folder: &RepoPath, file: &str) -> bool {
        self.0.get(folder).is_some_and(|it| it.iter().any(|text| text.contains(file)))
    }
}
