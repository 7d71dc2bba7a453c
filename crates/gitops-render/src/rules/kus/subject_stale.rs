//! KUS015: a binding for an account that is elsewhere.

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A subject of a RoleBinding or ClusterRoleBinding that names a ServiceAccount in a namespace where
    /// it is not, while the build has an account of that name which `namespace:` has moved elsewhere.
    ///
    /// ## Why it matters
    /// The account has no rights, and whatever runs with it fails with `forbidden`. kustomize follows a
    /// subject only if its namespace is that of the account's own file.
    ///
    /// ## How to fix it
    /// Give account and subject the same namespace in the base, and kustomize moves both; or patch the
    /// subject in the overlay.
    KUS015 "subject-namespace-stale" Warning Set
}

/// `namespace` is that of the subject, `account` the one that is meant.
pub(crate) fn stale(binding: &Resource, pointer: &str, namespace: &Node, account: &Resource) -> Diagnostic {
    let (is, was) = (account.id.effective_namespace(), namespace.as_str().unwrap_or_default());
    let name = &account.id.name;
    RULE.on(namespace, format!("the ServiceAccount `{name}` is in `{is}`, not in `{was}`"))
        .label(account.place(), format!("moved to `{is}`"))
        .help("let account and subject have the same namespace in the base, so that both are moved")
        .object(&binding.object_name(), pointer)
}
