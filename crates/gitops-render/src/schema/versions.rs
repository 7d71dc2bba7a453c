//! What holds for which versions of Kubernetes.

use crate::diagnostic::Diagnostic;
use crate::kube::minor::{Minor, Minors};

/// One finding for what is found in several versions, which it names unless it holds for `all`.
pub(super) fn merged(found: Vec<(Minor, Vec<Diagnostic>)>, all: &Minors) -> Vec<Diagnostic> {
    let mut merged: Vec<(Diagnostic, Vec<Minor>)> = vec![];
    for (minor, diagnostics) in found {
        for it in diagnostics {
            match merged.iter_mut().find(|(other, holds)| !holds.contains(&minor) && is_same(other, &it)) {
                Some((_, holds)) => holds.push(minor),
                None => merged.push((it, vec![minor])),
            }
        }
    }
    merged.into_iter().map(|(it, holds)| limited(it, &Minors::new(holds), all)).collect()
}

fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.rule.code == b.rule.code && a.labels == b.labels && a.pointer == b.pointer && a.message == b.message
}

/// The finding, with the versions that it holds for unless it holds for `all`.
pub(super) fn limited(mut found: Diagnostic, holds: &Minors, all: &Minors) -> Diagnostic {
    if holds != all {
        found.message.push_str(&format!(" (in Kubernetes {holds})"));
    }
    found
}
