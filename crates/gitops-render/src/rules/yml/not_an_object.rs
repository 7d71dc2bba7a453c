//! YML006: a document that is no Kubernetes object.

use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A document in a manifest file, or in a file under `resources`, that lacks `apiVersion` or `kind`
    /// while its neighbours or its fields show that it is meant for the cluster.
    ///
    /// ## Why it matters
    /// `kubectl apply`, kustomize, Flux and Argo CD refuse it.
    ///
    /// ## How to fix it
    /// Add the two fields, or move the file out of the manifests if it is something else.
    YML006 "not-an-object" Warning File
}

pub(crate) fn missing(at: Span, fields: &str) -> Diagnostic {
    RULE.at(at, format!("this document has no {fields}"))
        .help("add what is missing, or keep files that are no manifests somewhere else")
}

/// A document of a file that a kustomization lists under `resources`: kustomize stops there.
pub(crate) fn in_resources(at: Span, fields: &str) -> Diagnostic {
    let mut found = RULE.at(at, format!("this document has no {fields}, and `resources` lists the file"));
    found.severity = Severity::Error;
    found.help("add what is missing, or take the file out of `resources`")
}
