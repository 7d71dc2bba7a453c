//! KUS012: labels in a selector that cannot be changed.

use crate::diagnostic::Diagnostic;
use crate::resource::Resource;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// `commonLabels`, or `labels` with `includeSelectors: true`, that write into the selector of a
    /// Deployment, StatefulSet, DaemonSet or ReplicaSet, where
    /// - the label holds a version, so that it changes with each release, or
    /// - the selector stands in a manifest outside of this kustomization's directory and has the same
    ///   label with another value.
    ///
    /// Labels that merely come on top of a selector are passed over: that is what these fields are for,
    /// and only the history of the cluster could tell whether the object was there before them.
    ///
    /// ## Why it matters
    /// The API server refuses any change of such a selector. The next release, or the first apply over
    /// what is running, fails with `field is immutable`, and the object has to be deleted first.
    ///
    /// ## How to fix it
    /// Use `labels` without `includeSelectors`; `includeTemplates: true` still labels the pods.
    KUS012 "immutable-selector-changed" Warning Repo
}

/// A label that changes with each release.
pub(crate) fn version(at: Span, key: &str, object: &Resource) -> Diagnostic {
    RULE.at(at, format!("`{key}` goes into the selector of {}, and changes with each version", object.id))
        .label(object.place(), "its selector cannot be changed once it is deployed")
        .help("set the label by `labels` without `includeSelectors`")
}

/// A label that the selector has already.
pub(crate) fn overwritten(at: Span, key: &str, object: &Resource, old: Span) -> Diagnostic {
    RULE.at(at, format!("`{key}` replaces a label in the selector of {}", object.id))
        .label(old, "the selector cannot be changed once it is deployed")
        .help("set the label by `labels` without `includeSelectors`")
}
