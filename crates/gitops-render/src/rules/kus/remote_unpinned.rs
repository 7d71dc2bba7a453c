//! KUS009: a remote resource that may be another one tomorrow.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A URL in `resources` or `components` that names no commit and no tag: a Git repository without
    /// `?ref=`, a branch such as `main`, or a download of what is `latest`.
    ///
    /// URLs of hosts whose layout is not known are passed over, and so are branches that could be tags.
    ///
    /// ## Why it matters
    /// What is deployed changes without a change in this repository: nobody reviews it, and nobody can go
    /// back.
    ///
    /// ## How to fix it
    /// Add `?ref=` with a tag or, better, a commit. Of a release, take the URL that has its version.
    KUS009 "remote-unpinned" Warning File
}

/// The default branch is taken, whatever it holds.
pub(crate) fn no_ref(at: Span, url: &str) -> Diagnostic {
    RULE.at(at, format!("`{url}` names no commit or tag")).help("add `?ref=` with a tag or a commit")
}

/// A name that stands for something else each day.
pub(crate) fn moves(at: Span, url: &str, name: &str) -> Diagnostic {
    RULE.at(at, format!("`{url}` is not pinned: `{name}` moves")).help("name a tag or a commit instead")
}
