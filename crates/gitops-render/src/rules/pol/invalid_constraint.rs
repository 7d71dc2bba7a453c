//! POL005: a constraint that cannot be applied, or a template that makes none.

use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A Gatekeeper constraint without a template, a binding without a ValidatingAdmissionPolicy or
    /// without its parameters. A constraint with parameters that do not fit the template's schema. A template whose name is not its kind in lower case, whose target is unknown, whose
    /// schema stands in the wrong place, or that has no code.
    ///
    /// ## Why it matters
    /// The cluster refuses the constraint or the template, or takes it and enforces nothing. What the
    /// constraint forbids is not found here either.
    ///
    /// ## How to fix it
    /// Bring the template along (it is looked for in the repository and in the directories of
    /// policies), or mend the marked text. A template whose Rego does not compile is reported by
    /// POL001.
    POL005 "invalid-constraint" Error Object fix
}

/// A constraint of a kind that no template defines.
pub(crate) fn no_template(at: Span, kind: &str, nearest: Option<&str>) -> Diagnostic {
    let found = RULE.at(at, format!("no template defines the constraint `{kind}`"));
    match nearest {
        Some(it) => found.help(format!("did you mean `{it}`?")),
        None => found.help("add its ConstraintTemplate to the repository, or name its directory with `-p`"),
    }
}

/// What the schema of the template says about a constraint.
pub(crate) fn parameters(found: Diagnostic, schema: Span) -> Diagnostic {
    let found = Diagnostic { rule: &RULE, severity: RULE.severity, ..found };
    found.label(schema, "the template's schema says so")
}

/// An action that Gatekeeper does not know.
pub(crate) fn unknown_action(at: Span, action: &str) -> Diagnostic {
    let mut found = RULE
        .at(at, format!("`{action}` is no enforcement action, so that nothing is enforced"))
        .help("use `deny`, `warn`, `dryrun` or `scoped`");
    found.severity = Severity::Warning;
    found
}

/// A template that does not say which kind of constraint it is for.
pub(crate) fn no_kind(at: Span) -> Diagnostic {
    RULE.at(at, "the template does not say what its constraints are called")
        .help("set `spec.crd.spec.names.kind`")
}

/// A template whose name is another than that of its kind.
pub(crate) fn wrong_name(at: Span, name: &str, kind: &str) -> Diagnostic {
    let wanted = kind.to_lowercase();
    RULE.at(at, format!("the template for `{kind}` is called `{name}`, and must be called `{wanted}`"))
}

/// A schema that the API server throws away.
pub(crate) fn legacy_schema(at: Span) -> Diagnostic {
    let mut found = RULE
        .at(at, "the schema of the parameters does not stand under `openAPIV3Schema`, so there is none")
        .help("move what stands here below `openAPIV3Schema`, with `type: object`");
    found.severity = Severity::Warning;
    found
}

/// A template that is for nothing.
pub(crate) fn no_target(at: Span) -> Diagnostic {
    RULE.at(at, "the template has no target").help("add `targets` with its code")
}

/// A template for something that Gatekeeper does not do.
pub(crate) fn unknown_target(at: Span, target: &str, known: &str) -> Diagnostic {
    RULE.at(at, format!("the target `{target}` is not known")).help(format!("the target is `{known}`"))
}

/// A template without anything to evaluate.
pub(crate) fn no_code(at: Span, what: &str) -> Diagnostic {
    RULE.at(at, what).help("write the rule `violation`")
}

/// A template whose Rego never denies.
pub(crate) fn no_violation(at: Span) -> Diagnostic {
    RULE.at(at, "the template's Rego has no rule `violation`, so it never denies")
}

/// A policy in CEL that asks for nothing.
pub(crate) fn no_validation(at: Span) -> Diagnostic {
    RULE.at(at, "there are no `validations`, so it never denies")
}

/// A binding of a policy that is not there.
pub(crate) fn no_policy(at: Span, name: &str, nearest: Option<&str>) -> Diagnostic {
    let found = RULE.at(at, format!("there is no ValidatingAdmissionPolicy `{name}`"));
    match nearest {
        Some(it) => found.help(format!("did you mean `{it}`?")),
        None => found.help("add it to the repository, or name its directory with `-p`"),
    }
}

/// A binding whose parameters are not there.
pub(crate) fn no_params(at: Span, kind: &str) -> Diagnostic {
    RULE.at(at, format!("there is no {kind} for the policy's parameters, so it is not asked"))
        .help("add it to the repository, or name its directory with `-p`")
}
