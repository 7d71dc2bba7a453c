//! KUS006: a file that nobody builds.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::{RepoPath, Span};

rule! {
    /// ## What it finds
    /// A YAML file with objects or a patch that lies beside a kustomization, or in a folder just below it
    /// of which it uses other files, and that no kustomization names. A file whose name is mentioned there in
    /// a comment is left out on purpose, and so is fine; so is a folder that Flux or Argo CD applies,
    /// and the object that tells them to.
    ///
    /// ## Why it matters
    /// Most often it was forgotten: what it says is not in the cluster, and everybody believes it is. Or it
    /// is what has been left of something, and misleads who reads it.
    ///
    /// ## How to fix it
    /// Name it in the kustomization, or delete it. To keep it without using it, leave the line there as a
    /// comment.
    KUS006 "unreferenced-file" Warning Repo
}

/// `kustomization` is the directory of the one that could name it.
pub(crate) fn unreferenced(
    at: Span,
    path: &RepoPath,
    kustomization: &RepoPath,
    is_patch: bool,
) -> Diagnostic {
    let name = path.relative_to(kustomization);
    let field = if is_patch { "patches" } else { "resources" };
    RULE.at(at, format!("no kustomization names `{name}`"))
        .help(format!("list it under `{field}`, or delete it"))
}
