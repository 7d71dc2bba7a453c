//! SCH003: a kind that no schema is known for.

use crate::diagnostic::{Diagnostic, Severity};
use crate::kube::minor::Minors;
use crate::resource::{Gvk, Resource};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// An object whose kind is neither part of Kubernetes nor of a CustomResourceDefinition that is known,
    /// or whose schema cannot be used.
    ///
    /// ## Why it matters
    /// Nothing in the object can be checked.
    ///
    /// ## How to fix it
    /// Check apiVersion and kind for a slip. If it is a custom resource, add its CustomResourceDefinition
    /// to the repository, or name a folder with schemas by `--schema-location`. If its schema cannot be
    /// used, mend that first.
    SCH003 "schema-missing" Warning Object
}

/// What is known about a kind that has no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The kind is there under this apiVersion.
    Under(String),
    /// The apiVersion has a kind whose name is nearly the same.
    Kind(String),
    /// Kubernetes has the kind from this minor version on; objects are checked against earlier ones.
    Later { since: u32, checked: Minors },
    /// Nothing.
    Nothing,
}

/// An object whose kind has no schema.
///
/// If its group is one of Kubernetes' own, nothing can make it work, and it is an error. A custom
/// resource may be defined elsewhere.
pub(crate) fn unknown_kind(resource: &Resource, known: &Known, is_native: bool) -> Diagnostic {
    let Gvk { kind, .. } = &resource.id.gvk;
    let api_version = resource.id.gvk.api_version();
    let key = if matches!(known, Known::Under(_) | Known::Later { .. }) { "apiVersion" } else { "kind" };
    let node = resource.node.get(key).unwrap_or(&resource.node);
    let is_certain = is_native && !matches!(known, Known::Later { .. });
    let message = match known {
        Known::Later { checked, .. } => {
            format!("`{api_version}` has no kind `{kind}` in Kubernetes {checked}")
        }
        Known::Nothing if !is_native => format!("no schema is known for `{kind}` of `{api_version}`"),
        _ => format!("there is no kind `{kind}` in `{api_version}`"),
    };
    let help = match known {
        Known::Under(other) => format!("use `{other}`"),
        Known::Kind(other) => format!("did you mean `{other}`?"),
        Known::Later { since, .. } => format!("it is there since Kubernetes 1.{since}"),
        Known::Nothing if is_native => "check apiVersion and kind".to_owned(),
        Known::Nothing => {
            "add its CustomResourceDefinition to the repository or by `--schema-location`, or check apiVersion \
             and kind"
                .to_owned()
        }
    };
    let found = RULE.on(node, message).help(help).object(&resource.object_name(), format!("/{key}"));
    Diagnostic { severity: if is_certain { Severity::Error } else { Severity::Warning }, ..found }
}

/// An object whose kind has a schema that cannot be used, for the reason that is found at `schema`.
pub(crate) fn unusable(resource: &Resource, schema: Span) -> Diagnostic {
    not_checked(resource, "its schema cannot be used").label(schema, "this is why").help("mend the schema")
}

/// An object that would keep the validator busy for too long.
pub(crate) fn too_much(resource: &Resource, schema: Span) -> Diagnostic {
    not_checked(resource, "the branches of its schema multiply")
        .label(schema, "this is the schema")
        .help("let references lead back from one branch only")
}

fn not_checked(resource: &Resource, reason: &str) -> Diagnostic {
    let Gvk { kind, .. } = &resource.id.gvk;
    let node = resource.node.get("kind").unwrap_or(&resource.node);
    let message = format!("`{kind}` of `{}` is not checked: {reason}", resource.id.gvk.api_version());
    RULE.on(node, message).object(&resource.object_name(), "/kind")
}
