//! KUS010: a file out of kustomize's reach.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A file that a kustomization names and that lies neither in its directory nor below: by `..`, by an
    /// absolute path, or by a symbolic link.
    ///
    /// ## Why it matters
    /// `kustomize build` stops, unless it is started with `--load-restrictor LoadRestrictionsNone`, which
    /// neither Flux nor Argo CD do by themselves.
    ///
    /// ## How to fix it
    /// Move the file, or give it a kustomization of its own and list that directory under `resources` or
    /// `components`: directories may lie anywhere in the repository.
    KUS010 "path-outside" Error Repo
}

/// A file outside of the kustomization's directory.
pub(crate) fn of_directory(at: Span, path: &str) -> Diagnostic {
    RULE.at(at, format!("`{path}` lies outside of the kustomization's directory"))
        .help("kustomize reads files in or below the directory only: move the file, or list its directory as a base")
}

/// A path that leaves the repository.
pub(crate) fn of_repository(at: Span, path: &str) -> Diagnostic {
    RULE.at(at, format!("`{path}` leads out of the repository"))
        .help("copy what is needed into the repository; the path is relative to the directory of this file")
}
