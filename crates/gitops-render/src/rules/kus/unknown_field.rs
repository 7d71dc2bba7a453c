//! KUS002: a field that kustomize does not know.

use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A field of a kustomization.yaml, or of an entry in it, that kustomize does not know.
    ///
    /// ## Why it matters
    /// `kustomize build` refuses the file. Most often it is a slip of the pen. In the configuration of a
    /// transformer it does not even say so, and the field has no effect.
    ///
    /// ## How to fix it
    /// Take the name that the help suggests, or delete the field.
    KUS002 "unknown-kustomization-field" Error File fix
}

pub(crate) fn unknown(field: &str, at: Span, nearest: Option<&str>) -> Diagnostic {
    let found = RULE.at(at, format!("kustomize knows no field `{field}` here"));
    match nearest {
        Some(nearest) => found.help(format!("did you mean `{nearest}`?")),
        None => found,
    }
}

/// The same in the configuration of a transformer, where kustomize passes over it.
pub(crate) fn passed_over(mut found: Diagnostic) -> Diagnostic {
    found.severity = Severity::Warning;
    found
}
