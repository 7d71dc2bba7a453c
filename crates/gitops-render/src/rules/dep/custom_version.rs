//! DEP003: a version of a custom resource that its project has deprecated or removed.

use super::on_api_version;
use crate::diagnostic::Diagnostic;
use crate::kube::life_cycle::CustomLifeCycle;
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A custom resource whose apiVersion its project has deprecated, or does not serve any more.
    ///
    /// ## Why it matters
    /// After an upgrade of the operator the API server refuses the object.
    ///
    /// ## How to fix it
    /// Use the apiVersion that the help names. If the CustomResourceDefinition is in the repository,
    /// what it says about its versions counts.
    DEP003 "custom-resource-version-deprecated" Warning Object
}

/// A custom resource whose version is one of those that a project leaves behind.
pub(crate) fn left_behind(resource: &Resource, life: &CustomLifeCycle) -> Diagnostic {
    let gvk = &resource.id.gvk;
    let subject = format!("`{}` of `{}`", gvk.kind, gvk.api_version());
    let message = match (life.deprecated, life.removed) {
        (_, Some(removed)) => format!("{subject} is gone since {removed}"),
        (Some(deprecated), None) => format!("{subject} is deprecated since {deprecated}"),
        (None, None) => format!("{subject} is deprecated"),
    };
    let found = on_api_version(&RULE, resource, message);
    match &life.replacement {
        Some(instead) => found.help(format!("use `{instead}`")),
        None => found,
    }
}

/// A custom resource whose version its CustomResourceDefinition calls deprecated, with the warning there.
pub(crate) fn deprecated(resource: &Resource, warning: Option<&str>) -> Diagnostic {
    let gvk = &resource.id.gvk;
    let message = format!("`{}` of `{}` is deprecated", gvk.kind, gvk.api_version());
    let found = on_api_version(&RULE, resource, message);
    match warning {
        Some(warning) => found.help(warning),
        None => found.help("use another version that its CustomResourceDefinition serves"),
    }
}
