//! KUS003: a field that kustomize is going to drop.

use crate::diagnostic::{Diagnostic, Fix};
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// Fields of a kustomization.yaml that kustomize still reads and has replaced: `bases`,
    /// `commonLabels`, `vars`, `patchesStrategicMerge`, `patchesJson6902`, `imageTags`, and the `env` of a
    /// generator.
    ///
    /// ## Why it matters
    /// kustomize warns of them at each build, and will refuse them with `v1` of the kustomization. Some
    /// do more than their names say: `commonLabels` writes into selectors, which cannot be changed once
    /// an object is deployed.
    ///
    /// ## How to fix it
    /// - `bases`: list the directories under `resources`.
    /// - `commonLabels`: an entry of `labels` with `includeSelectors: true` does the same. New labels are
    ///   better off without it.
    /// - `patchesStrategicMerge`: entries of `patches` with `path` or `patch`.
    /// - `patchesJson6902`: entries of `patches`. Those are applied before names, namespaces and labels are
    ///   set: where the kustomization does that, compare what is rendered.
    /// - `imageTags`: `images`. `env`: `envs`, a list.
    /// - `vars`: `replacements`, by hand.
    KUS003 "deprecated-field" Warning File fix
}

/// `instead` is the field to use, and `fix` the way there, if it can be gone by machine.
pub(crate) fn deprecated(at: Span, field: &str, instead: &str, fix: Option<Fix>) -> Diagnostic {
    RULE.at(at, format!("`{field}` is deprecated")).help(format!("use `{instead}`")).fix(fix)
}
