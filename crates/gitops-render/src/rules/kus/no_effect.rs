//! KUS005: an entry that changes nothing.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// An entry of `images` whose `name` is the image of no container in the kustomization. An entry of a
    /// component is fine as long as it finds its image in one of those who include the component.
    ///
    /// `replicas` without their workload stop the build (KUS001), and `replacements` that reach nothing
    /// have a rule of their own (KUS017).
    ///
    /// ## Why it matters
    /// kustomize goes on without a word. The tag that somebody sets, or that an image updater writes, never
    /// reaches the cluster.
    ///
    /// ## How to fix it
    /// `name` is the image as the manifests have it, registry included and without the tag. For a custom
    /// resource, tell kustomize by `configurations` which of its fields hold images. If the image is gone,
    /// delete the entry.
    KUS005 "entry-without-effect" Warning Repo
}

/// No image is called so; `nearest` is one that is there.
pub(crate) fn no_image(at: Span, name: &str, nearest: Option<&str>) -> Diagnostic {
    let found = RULE.at(at, format!("no container has the image `{name}`, so the entry changes nothing"));
    match nearest {
        Some(nearest) => found.help(format!("did you mean `{nearest}`?")),
        None => found.help("correct the name, or delete the entry"),
    }
}

/// The image is there, in a field that kustomize does not know for one.
pub(crate) fn unknown_field(at: Span, name: &str, place: Span, kind: &str) -> Diagnostic {
    RULE.at(at, format!("kustomize does not look for `{name}` where it stands, so the entry changes nothing"))
        .label(place, format!("no known image field of {kind}"))
        .help("list the field under `images` of a file in `configurations`")
}
