//! KUS014: `namespace:` does more than it was meant to.

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// - `namespace:` over objects that stand in several namespaces, all of which end up in one.
    /// - `namespace:` that renames a Namespace, while something still uses the old name: the `namespace` of
    ///   a custom resource, or a selector for namespaces.
    ///
    /// A Namespace that is renamed together with all that lives in it is what people want, and is fine.
    ///
    /// ## Why it matters
    /// A RoleBinding that has to be in `kube-system` does nothing elsewhere; objects meant for different
    /// places overwrite each other; what selects the old namespace selects nothing.
    ///
    /// ## How to fix it
    /// Build what belongs to another namespace in a kustomization of its own, beside the one with
    /// `namespace:`; or use a NamespaceTransformer with `unsetOnly: true`. What still has the old name wants
    /// a patch or a replacement.
    KUS014 "namespace-collapsed" Warning Set
}

/// An object that is not where it was.
pub(crate) struct Moved<'r> {
    pub object: &'r Resource,
    /// The namespace that it was in.
    pub from: &'r str,
    /// Where that stands.
    pub place: Span,
}

/// Objects of several namespaces become objects of one; `moved` has one of each.
pub(crate) fn collapsed(at: Span, namespace: &str, moved: &[Moved<'_>]) -> Diagnostic {
    let names: Vec<String> = moved.iter().map(|it| format!("`{}`", it.from)).collect();
    let mut found = RULE.at(at, format!("objects of {} are all moved to `{namespace}`", join(&names)));
    for it in moved.iter().take(4) {
        found = found.label(it.place, format!("this {} leaves `{}`", it.object.id.gvk.kind, it.from));
    }
    found.help("build what has to stay where it is in a kustomization without `namespace`")
}

/// `a`, `b` and `c`.
fn join(names: &[String]) -> String {
    match names {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => names.join(""),
    }
}

/// A Namespace is called otherwise now, and this still has its old name.
pub(crate) fn left_behind(user: &Resource, pointer: &str, value: &Node, namespace: &Resource) -> Diagnostic {
    let old = value.as_str().unwrap_or_default();
    RULE.on(value, format!("the Namespace `{old}` is called `{}` after the build", namespace.id.name))
        .label(namespace.place(), "renamed by `namespace:`")
        .help("set the new name here by a patch or a replacement")
        .object(&user.object_name(), pointer)
}
