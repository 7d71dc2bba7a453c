//! SUP002: a suppression that does not say why.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A comment, an annotation or an `[[ignore]]` of the options file that silences findings and gives no
    /// reason. Off by default.
    ///
    /// ## Why it matters
    /// Whoever reads it next year cannot know whether it is still right.
    ///
    /// ## How to fix it
    /// Write the reason behind the bracket: `# gitops-lint: ignore[SCH003] its schema is not public`. An
    /// annotation has it in `gitops-lint.dev/ignore-reason`, an `[[ignore]]` in `reason`.
    SUP002 "suppression-without-reason" Info File off
}

/// A comment.
pub fn comment(at: Span) -> Diagnostic {
    RULE.at(at, MESSAGE).help("say why, behind the bracket")
}

/// An annotation, or an entry of the options file, that has a field for it.
pub fn field(at: Span, field: &str) -> Diagnostic {
    RULE.at(at, MESSAGE).help(format!("say why, in `{field}`"))
}

const MESSAGE: &str = "this suppression gives no reason";
