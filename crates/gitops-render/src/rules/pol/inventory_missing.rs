//! POL007: a policy that needs to know what is not here.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A template that reads objects of a kind from `data.inventory`, where the objects that are
    /// rendered together have none of this kind. A constraint that selects namespaces by labels, where
    /// the namespace is not in the repository. A template that asks a provider of external data.
    ///
    /// ## Why it matters
    /// In the cluster the answer may be another one.
    ///
    /// ## How to fix it
    /// Render the objects together with those that are checked, or take the finding for what it is: a
    /// verdict that only the cluster can give.
    POL007 "inventory-missing" Warning Set
}

/// Objects of a kind that are looked for and are not here.
pub(crate) fn no_objects(at: Span, kind: &str, (name, constraint): (&str, Span)) -> Diagnostic {
    RULE.at(at, format!("there is no {kind} in `data.inventory`"))
        .label(constraint, format!("`{name}` asks for it here"))
        .help("render it together with the objects that are checked")
}

/// A namespace whose labels are asked for.
pub(crate) fn no_namespace(at: Span, namespace: &str) -> Diagnostic {
    RULE.at(at, format!("the labels of the namespace `{namespace}` are not known"))
        .remark("it selects namespaces by labels, and is taken to match")
        .help("add the Namespace to the repository")
}

/// A template that asks somebody else.
pub(crate) fn external_data(at: Span) -> Diagnostic {
    RULE.at(at, "a provider of external data is asked, which is there in the cluster only")
        .remark("so the template is not evaluated")
}

/// A policy that asks what somebody may do.
pub(crate) fn authorizer(at: Span) -> Diagnostic {
    RULE.at(at, "the authorizer is asked, which is there in the cluster only")
        .remark("so the policy is not evaluated")
}

/// A namespace that an expression looks at.
pub(crate) fn no_namespace_object(at: Span, namespace: &str) -> Diagnostic {
    RULE.at(at, format!("the namespace `{namespace}` is not known, and the policy looks at it"))
        .remark("so it is not evaluated for objects there")
        .help("add the Namespace to the repository")
}
