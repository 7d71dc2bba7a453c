//! DEP004: a field, an annotation or a label that Kubernetes has deprecated.

use crate::diagnostic::Diagnostic;
use crate::kube::deprecated::Use;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// Fields that the documentation of the Kubernetes API calls deprecated (`serviceAccount`, volumes whose
    /// drivers have left Kubernetes, `loadBalancerIP`), and annotations and labels that have been replaced
    /// (`kubernetes.io/ingress.class`, `beta.kubernetes.io/os`). Only for versions of Kubernetes that you run.
    ///
    /// ## Why it matters
    /// Most of them still work, some do nothing any more, and a later version drops them without an error:
    /// a pod then runs unconfined, or nowhere.
    ///
    /// ## How to fix it
    /// Use what the help names, and delete the old field.
    DEP004 "deprecated-api-field" Warning Object
}

/// Something deprecated that an object uses.
pub(crate) fn deprecated(it: &Use<'_>) -> Diagnostic {
    let since = it.what.since.map(|it| format!(" since Kubernetes 1.{it}")).unwrap_or_default();
    let found = match it.key {
        Some(key) => match it.at.text_of(key).filter(|value| it.what.is_value(value)) {
            Some(value) => it.at.find_key(&RULE, key, format!("`{key}: {value}` is deprecated{since}")),
            None => it.at.find_key(&RULE, key, format!("`{key}` is deprecated{since}")),
        },
        None => it.at.find(&RULE, format!("the label {} is deprecated{since}", it.at.named())),
    };
    found.help(it.what.advice)
}
