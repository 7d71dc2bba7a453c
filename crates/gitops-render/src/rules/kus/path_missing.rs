//! KUS007: a path that leads nowhere.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A file or directory that a kustomization names and that does not exist, or a directory without a
    /// kustomization file in it.
    ///
    /// ## Why it matters
    /// `kustomize build` stops.
    ///
    /// ## How to fix it
    /// Correct the path: it is relative to the kustomization's own directory.
    KUS007 "path-missing" Error Repo fix
}

/// `nearest` is a path that is there, as it would stand in the same file.
pub(crate) fn no_such_file(path: &str, at: Span, nearest: Option<&str>) -> Diagnostic {
    let found = RULE.at(at, format!("there is no `{path}`"));
    match nearest {
        Some(nearest) => found.help(format!("did you mean `{nearest}`?")),
        None => found.help("the path is relative to the directory of this file"),
    }
}

/// A directory that has no kustomization.
pub(crate) fn no_kustomization(path: &str, at: Span) -> Diagnostic {
    RULE.at(at, format!("the directory `{path}` has no kustomization.yaml"))
        .help("add one, or list the files of the directory one by one")
}
