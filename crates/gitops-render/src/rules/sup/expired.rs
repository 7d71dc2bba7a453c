//! SUP003: a suppression whose time is over.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;
use crate::suppress::Day;

rule! {
    /// ## What it finds
    /// A suppression whose last day is past: `until 2026-12-31` in a comment, or `expires` of an
    /// `[[ignore]]` in the options file. It silences nothing any more, and what it has silenced is
    /// reported again.
    ///
    /// ## Why it matters
    /// Somebody has promised to mend it by that day.
    ///
    /// ## How to fix it
    /// Mend what is found, and remove the suppression. If that has to wait, write a later day, and why.
    SUP003 "suppression-expired" Error File
}

/// A suppression at `at` that counted up to a day which is past.
pub fn since(at: Span, last: Day) -> Diagnostic {
    RULE.at(at, format!("this suppression expired after {last}"))
        .help("mend what it silences and remove it, or write a later day")
}
