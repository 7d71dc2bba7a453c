//! DEP: versions of kinds, and fields, whose time is over, or will be.

pub mod custom_version;
pub mod deprecated;
pub mod deprecated_api_field;
pub mod removed;

use crate::diagnostic::{Diagnostic, Rule};
use crate::resource::{Gvk, Resource};

/// A finding about an object's apiVersion.
fn on_api_version(rule: &'static Rule, resource: &Resource, message: String) -> Diagnostic {
    let node = resource.node.get("apiVersion").unwrap_or(&resource.node);
    rule.on(node, message).object(&resource.object_name(), "/apiVersion")
}

/// The next action: the kind to use instead.
fn use_instead(gvk: &Gvk, instead: &Gvk) -> String {
    if instead.kind == gvk.kind {
        format!("use `{}`", instead.api_version())
    } else {
        format!("use `{}` of `{}`", instead.kind, instead.api_version())
    }
}
