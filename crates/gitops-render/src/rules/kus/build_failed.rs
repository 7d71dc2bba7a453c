//! KUS001: kustomize would stop here.

use crate::diagnostic::{Diagnostic, Severity};
use crate::node::{Node, ScalarKind};
use crate::resource::ResourceId;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A kustomization that `kustomize build` refuses, for a reason that has no rule of its own: a field
    /// of a wrong type, a patch that cannot be applied, a generator whose file is broken, …
    ///
    /// ## Why it matters
    /// Nothing of the directory, nor of any overlay on top of it, can be deployed.
    ///
    /// What lies outside of the repository is a note only: a URL, a Helm chart, or a plugin is never
    /// fetched or run. Kustomize may well build it, and everything else is checked.
    ///
    /// ## How to fix it
    /// The message says what kustomize does not accept, and the marked text is what to change. Run
    /// `gitops-lint render DIR` to try again.
    KUS001 "build-failed" Error Repo
}

pub(crate) fn because(at: Span, reason: impl Into<String>) -> Diagnostic {
    RULE.at(at, reason)
}

/// A value of another type than kustomize wants for the field.
pub(crate) fn wrong_type(field: &str, node: &Node, wanted: &str) -> Diagnostic {
    let found = RULE.on(node, format!("`{field}` is {}, but kustomize wants {wanted}", node.describe()));
    match node.as_scalar() {
        Some(it) if wanted == "a string" && it.kind != ScalarKind::Null => found.help("put it in quotes"),
        _ => found,
    }
}

/// `resources` and `components` cannot stand in for each other.
pub(crate) fn wrong_kind(at: Span, path: &str, component_wanted: bool) -> Diagnostic {
    let (is, belongs) =
        if component_wanted { ("a Kustomization", "resources") } else { ("a Component", "components") };
    RULE.at(at, format!("`{path}` is {is}")).help(format!("list it under `{belongs}`"))
}

/// A directory with two kustomization files.
pub(crate) fn two_files(second: Span, first: Span) -> Diagnostic {
    RULE.at(second, "the directory has two kustomization files")
        .label(first, "the other one")
        .help("keep one")
}

/// `behavior: merge` or `replace` without an object to do it to.
pub(crate) fn nothing_to_merge(at: Span, id: &ResourceId) -> Diagnostic {
    RULE.at(at, format!("there is no {id} that could be merged or replaced"))
        .help("drop `behavior`, or correct the name")
}

/// A key that a ConfigMap or Secret cannot have.
pub(crate) fn bad_key(at: Span, key: &str) -> Diagnostic {
    RULE.at(at, format!("`{key}` cannot be a key: letters, digits, `-`, `_` and `.` are allowed"))
}

/// A URL, which is never fetched.
pub(crate) fn remote(at: Span, url: &str) -> Diagnostic {
    let mut found = RULE.at(at, format!("`{url}` is not fetched, so what it brings in is not checked"));
    found.severity = Severity::Info;
    found.help("keep a copy in the repository to have it checked")
}

/// A Helm chart, which is never inflated.
pub(crate) fn chart(at: Span, name: &str) -> Diagnostic {
    let what = if name.is_empty() { "the chart".to_owned() } else { format!("the chart `{name}`") };
    let mut found = RULE.at(at, format!("{what} is not inflated, so what it brings in is not checked"));
    found.severity = Severity::Info;
    found.help("keep the output of `helm template` in the repository to have it checked")
}

/// A kind of transformer or generator that kustomize does not have.
pub(crate) fn no_built_in(at: Span, kind: &str, nearest: Option<&str>) -> Diagnostic {
    let found = RULE.at(at, format!("kustomize has no `{kind}` built in"));
    match nearest {
        Some(nearest) => found.help(format!("did you mean `{nearest}`?")),
        None => found,
    }
}

/// A transformer or generator that is a program of its own, which is never run.
pub(crate) fn external(at: Span, kind: &str, is_generator: bool) -> Diagnostic {
    let missing = if is_generator { "generates" } else { "does to the objects" };
    let mut found =
        RULE.at(at, format!("`{kind}` is a plugin, which is never run, so what it {missing} is missing"));
    found.severity = Severity::Info;
    found.help("only transformers and generators of the apiVersion `builtin` are applied")
}
