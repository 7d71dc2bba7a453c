//! DEP001: an apiVersion that Kubernetes has removed.

use super::{on_api_version, use_instead};
use crate::diagnostic::Diagnostic;
use crate::resource::{Gvk, Resource};
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// An object whose apiVersion a Kubernetes version that you run does not have any more.
    ///
    /// ## Why it matters
    /// The API server refuses the object. What is in the cluster stays, but cannot be changed any more.
    ///
    /// ## How to fix it
    /// Use the apiVersion that the help names. Some fields may have moved: check again.
    /// If the object fits the schema of that
    /// version as it is, the change can be made by machine; it is called unsafe where a field that is
    /// not set, or an empty selector, means something else there.
    DEP001 "api-removed" Error Object fix
}

/// An object whose kind is gone since Kubernetes 1.`since`; `instead` is what took its place.
pub(crate) fn removed(resource: &Resource, since: u32, instead: Option<&Gvk>) -> Diagnostic {
    let gvk = &resource.id.gvk;
    let (api_version, kind) = (gvk.api_version(), &gvk.kind);
    let message = format!("`{kind}` of `{api_version}` is gone since Kubernetes 1.{since}");
    let found = on_api_version(&RULE, resource, message);
    match instead {
        Some(instead) => found.help(use_instead(gvk, instead)),
        None => found.help(format!("delete it, or keep it to clusters older than 1.{since}")),
    }
}
