//! KUS013: a custom resource that still uses the name without the hash.

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A field of a custom resource with the name of a generated ConfigMap or Secret, as it was before the
    /// hash was put behind it.
    ///
    /// ## Why it matters
    /// kustomize follows names in the fields that it knows, and it knows none of custom resources. In the
    /// cluster there is no object of that name.
    ///
    /// ## How to fix it
    /// List the field under `nameReference` of a file in `configurations`, so that kustomize follows it, or
    /// set `disableNameSuffixHash: true` for that generator.
    KUS013 "hashed-name-not-followed" Warning Set
}

/// `value` names `object` as it was called before.
pub(crate) fn stale(user: &Resource, pointer: &str, value: &Node, object: &Resource) -> Diagnostic {
    let name = value.as_str().unwrap_or_default();
    RULE.on(value, format!("the {} `{name}` is called `{}` after the build", object.id.gvk.kind, object.id.name))
        .label(object.place(), "generated with a hash behind its name")
        .help("list the field under `nameReference` in `configurations`, or set `disableNameSuffixHash: true` there")
        .object(&user.object_name(), pointer)
}
