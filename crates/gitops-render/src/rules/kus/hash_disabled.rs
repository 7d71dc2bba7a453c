//! KUS018: a generated object whose name does not follow its content.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// `disableNameSuffixHash: true` where a kustomization generates ConfigMaps or Secrets.
    ///
    /// ## Why it matters
    /// With the hash in its name, a changed ConfigMap is a new one, and the pods that use it are replaced.
    /// Without, they run on with the old content until somebody restarts them, and a roll-back of the
    /// workload does not bring the old content back.
    ///
    /// ## How to fix it
    /// Drop the option, if kustomize can follow the name to where it is used. It is a note only: objects
    /// that are looked up by label or by a fixed name have to keep theirs.
    KUS018 "generator-hash-disabled" Info File
}

/// `at` is the value of the option.
pub(crate) fn disabled(at: Span) -> Diagnostic {
    RULE.at(at, "generated names get no hash, so pods keep running with old content when it changes")
        .help("drop the option, unless something looks the object up by this very name")
}
