//! YML002: one key, two values.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A mapping that has the same key twice.
    ///
    /// ## Why it matters
    /// kustomize refuses such a file. Other tools keep one of the two values without a word, and
    /// not all keep the same one.
    ///
    /// ## How to fix it
    /// Delete the entry that is wrong, or merge the two into one.
    YML002 "duplicate-key" Error File
}

pub(crate) fn duplicate(key: &str, at: Span, first: Span) -> Diagnostic {
    RULE.at(at, format!("the key `{key}` is here a second time"))
        .label(first, "the first one")
        .help("delete one of the two, or merge them")
}
