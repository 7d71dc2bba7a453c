//! YML005: text that a tool should have replaced or a person resolved.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A merge-conflict marker (`<<<<<<<`, `=======`, `>>>>>>>`) or a template expression (`{{ … }}`)
    /// in a file that is to be applied as it is.
    ///
    /// ## Why it matters
    /// With a conflict marker the file is no YAML, or worse, it is, with both sides in it. A template
    /// expression in a place that nobody renders reaches the cluster as text.
    ///
    /// ## How to fix it
    /// Resolve the conflict. Move templates to where a tool renders them (a chart's `templates/`), or
    /// quote the braces if they are meant for the program that reads the value.
    YML005 "marker-left-in" Error File
}

pub(crate) fn conflict(at: Span, marker: &str) -> Diagnostic {
    RULE.at(at, format!("a merge conflict is not resolved: `{marker}`"))
        .help("keep one side and delete the markers")
}

pub(crate) fn template(at: Span) -> Diagnostic {
    RULE.at(at, "a template expression is left in a file that nobody renders")
        .help("render it, move it to a chart's `templates/`, or quote it if it is meant as text")
}
