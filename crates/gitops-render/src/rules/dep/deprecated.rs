//! DEP002: an apiVersion that Kubernetes will remove.

use super::{on_api_version, use_instead};
use crate::diagnostic::Diagnostic;
use crate::resource::{Gvk, Resource};
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// An object whose apiVersion is deprecated in a Kubernetes version that you run.
    ///
    /// ## Why it matters
    /// A later version of Kubernetes will refuse the object.
    ///
    /// ## How to fix it
    /// Use the apiVersion that the help names, before the cluster is upgraded.
    /// If the object fits the schema of that
    /// version as it is, the change can be made by machine; it is called unsafe where a field that is
    /// not set, or an empty selector, means something else there.
    DEP002 "api-deprecated" Warning Object fix
}

/// An object whose kind is deprecated since Kubernetes 1.`since`; `instead` takes its place.
pub(crate) fn deprecated(
    resource: &Resource,
    since: u32,
    removed: Option<u32>,
    instead: Option<&Gvk>,
) -> Diagnostic {
    let gvk = &resource.id.gvk;
    let mut message =
        format!("`{}` of `{}` is deprecated since Kubernetes 1.{since}", gvk.kind, gvk.api_version());
    if let Some(removed) = removed {
        message.push_str(&format!(" and gone in 1.{removed}"));
    }
    let found = on_api_version(&RULE, resource, message);
    match instead {
        Some(instead) => found.help(use_instead(gvk, instead)),
        None => found,
    }
}
