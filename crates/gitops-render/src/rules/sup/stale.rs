//! SUP004: an entry of the baseline for which there is no finding any more.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// An entry of `gitops-lint.baseline.json` for a finding that is not there any more. Only what could have
    /// been found is judged: an entry is left alone if its rule is off, if its file or something that uses it
    /// was not checked, and while that cannot be built.
    ///
    /// ## Why it matters
    /// The mistake is mended, and the entry would silence it if somebody made it again.
    ///
    /// ## How to fix it
    /// Run `gitops-lint baseline --prune`, which removes such entries and adds none.
    SUP004 "stale-baseline-entry" Info Repo
}

/// The entry at `at` silences nothing. `code` and `message` say what it was for, and `path` where that was.
pub fn nothing_there(at: Span, code: &str, message: &str, path: Option<&str>) -> Diagnostic {
    let place = path.map(|it| format!(" in `{it}`")).unwrap_or_default();
    RULE.at(at, format!("{code} is not found{place} any more: {message}"))
        .help("run `gitops-lint baseline --prune` to remove the entry")
}
