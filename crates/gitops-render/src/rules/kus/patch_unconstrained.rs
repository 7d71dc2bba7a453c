//! KUS020: a patch for nearly everything.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

/// So many objects are many.
pub(crate) const MANY: usize = 10;

rule! {
    /// ## What it finds
    /// A patch whose `target` has no name, no label selector and no annotation selector, and selects ten
    /// objects or more. Off by default.
    ///
    /// ## Why it matters
    /// Whoever adds an object to a base gets the patch as well, and may never learn why.
    ///
    /// ## How to fix it
    /// Select by a label that says what the patch is about.
    KUS020 "patch-unconstrained" Info Repo off
}

pub(crate) fn selects_many(at: Span, count: usize) -> Diagnostic {
    RULE.at(at, format!("the patch is for {count} objects, whatever they are called"))
        .help("select by a label that says what the patch is about")
}
