//! SUP005: what looks like a suppression and is none.

use crate::diagnostic::Diagnostic;
use crate::rules::{self, rule};
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A comment that begins with `gitops-lint:`, or an annotation `gitops-lint.dev/ignore`, that is not
    /// understood: a rule that there is not, no rule at all, a bracket that is not closed, a day that the
    /// calendar does not have. Rules about suppressions (SUP) can only be silenced for a file as a whole.
    ///
    /// ## Why it matters
    /// It silences nothing, while whoever wrote it believes that it does.
    ///
    /// ## How to fix it
    /// Write `# gitops-lint: ignore[CODE] reason` on the line of the finding or above it, or
    /// `# gitops-lint: ignore-file[CODE] reason` for a file. All rules cannot be silenced at once; a file
    /// that is not to be checked belongs into `exclude` of the options file.
    SUP005 "invalid-suppression" Warning File
}

/// A suppression that is not understood.
pub(crate) fn because(at: Span, message: String, help: &str) -> Diagnostic {
    RULE.at(at, message).help(help)
}

/// A word where a rule should be named.
pub(crate) fn no_rule(at: Span, word: &str) -> Diagnostic {
    if word.get(..3).is_some_and(|it| it.eq_ignore_ascii_case("SUP")) || rules::find(word).is_some() {
        let message = format!("`{word}` is about suppressions, and is silenced for a file only");
        return RULE.at(at, message).help(format!("write `# gitops-lint: ignore-file[{word}]`"));
    }
    if word.eq_ignore_ascii_case("all") {
        let help = "name the rules, or a group of them like `KUS`";
        return RULE.at(at, "not all rules can be silenced at once").help(help);
    }
    let found = RULE.at(at, format!("there is no rule `{word}`"));
    match rules::nearest(word) {
        Some(nearest) => found.help(format!("did you mean `{nearest}`?")),
        None => found.help("`gitops-lint rules` lists them"),
    }
}
