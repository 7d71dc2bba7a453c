//! SCH003: a kind that no schema is known for.

use crate::diagnostic::{Diagnostic, Severity};
use crate::resource::{Gvk, Resource};
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// An object whose kind is neither part of Kubernetes nor of a CustomResourceDefinition that is known.
    ///
    /// ## Why it matters
    /// Nothing in the object can be checked.
    ///
    /// ## How to fix it
    /// Check apiVersion and kind for a slip. If it is a custom resource, add its CustomResourceDefinition
    /// to the repository.
    SCH003 "schema-missing" Warning Object
}

/// What is known about a kind that has no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The kind is there under this apiVersion.
    Under(String),
    /// The apiVersion has a kind whose name is nearly the same.
    Kind(String),
    /// The apiVersion is one of Kubernetes' own, and has no such kind.
    Group,
    /// It must be a custom resource.
    Nothing,
}

/// An object whose kind has no schema.
pub(crate) fn unknown_kind(resource: &Resource, known: &Known) -> Diagnostic {
    let Gvk { kind, .. } = &resource.id.gvk;
    let api_version = resource.id.gvk.api_version();
    let key = if matches!(known, Known::Under(_)) { "apiVersion" } else { "kind" };
    let node = resource.node.get(key).unwrap_or(&resource.node);
    let mut found = RULE.on(
        node,
        match known {
            Known::Nothing => format!("no schema is known for `{kind}` of `{api_version}`"),
            _ => format!("there is no kind `{kind}` in `{api_version}`"),
        },
    );
    found = found.object(&resource.object_name(), format!("/{key}"));
    match known {
        Known::Under(other) => error(found).help(format!("use `{other}`")),
        Known::Kind(other) => error(found).help(format!("did you mean `{other}`?")),
        Known::Group => error(found).help("check apiVersion and kind"),
        Known::Nothing => {
            found.help("add its CustomResourceDefinition to the repository, or check apiVersion and kind")
        }
    }
}

/// Nothing can make such an object work, while a custom resource may be defined elsewhere.
fn error(found: Diagnostic) -> Diagnostic {
    Diagnostic { severity: Severity::Error, ..found }
}
