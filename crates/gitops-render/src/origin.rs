//! Where a value came from, and what happened to it on its way.
//!
//! Every [`Node`](crate::Node) carries an [`Origin`]; nothing can build a node without one. A
//! value that stands in a file as it is rendered has a span and no trail. Each step that
//! changes it adds a link to the trail, so the whole story can be told backwards.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// Where a node's text is, and the steps that led to it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The text that a person edits to change the value.
    pub span: Span,
    /// The newest step, if there was one.
    pub trail: Option<Arc<Trail>>,
}

/// One step on a value's way.
#[derive(Clone, Debug)]
pub struct Trail {
    /// What happened.
    pub step: Step,
    /// What asked for it: an entry of a kustomization, an alias, …
    pub directive: Span,
    /// What stood here before the step; `None` if the step created the value.
    pub before: Option<Origin>,
}

/// What can happen to a value between its file and the rendered object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// `*name` stands for a value elsewhere in the file.
    Alias,
    /// `<<:` took the entry over from another mapping.
    MergeKey,
    /// A strategic merge patch.
    Patch,
    /// A JSON 6902 operation.
    JsonPatch,
    /// `namespace:`.
    Namespace,
    /// `namePrefix:`.
    NamePrefix,
    /// `nameSuffix:`.
    NameSuffix,
    /// The content hash behind a generated name.
    NameHash,
    /// `labels:` or `commonLabels:`.
    Label,
    /// `commonAnnotations:`.
    Annotation,
    /// `images:`.
    Image,
    /// `replicas:`.
    Replicas,
    /// `replacements:`.
    Replacement,
    /// `vars:`.
    Var,
    /// `configMapGenerator:` or `secretGenerator:`.
    Generator,
    /// A name was followed to the object that it stands for, which has been renamed.
    NameReference,
    /// A built-in transformer that a file configures.
    Transformer,
    /// `buildMetadata:` or a flag of the build.
    BuildMetadata,
}

impl Step {
    /// All of them, in the order in which they are declared.
    pub const ALL: [Step; 18] = [
        Step::Alias,
        Step::MergeKey,
        Step::Patch,
        Step::JsonPatch,
        Step::Namespace,
        Step::NamePrefix,
        Step::NameSuffix,
        Step::NameHash,
        Step::Label,
        Step::Annotation,
        Step::Image,
        Step::Replicas,
        Step::Replacement,
        Step::Var,
        Step::Generator,
        Step::NameReference,
        Step::Transformer,
        Step::BuildMetadata,
    ];

    /// The step in one word, as reports for programs have it.
    pub fn keyword(self) -> &'static str {
        match self {
            Step::Alias => "alias",
            Step::MergeKey => "merge-key",
            Step::Patch => "patch",
            Step::JsonPatch => "json-patch",
            Step::Namespace => "namespace",
            Step::NamePrefix => "name-prefix",
            Step::NameSuffix => "name-suffix",
            Step::NameHash => "name-hash",
            Step::Label => "label",
            Step::Annotation => "annotation",
            Step::Image => "image",
            Step::Replicas => "replicas",
            Step::Replacement => "replacement",
            Step::Var => "var",
            Step::Generator => "generator",
            Step::NameReference => "name-reference",
            Step::Transformer => "transformer",
            Step::BuildMetadata => "build-metadata",
        }
    }

    /// The step in words, to stand in front of the directive: “… here”.
    pub fn verb(self) -> &'static str {
        match self {
            Step::Alias => "the alias stands",
            Step::MergeKey => "merged in",
            Step::Patch => "the patch is applied",
            Step::JsonPatch => "the JSON patch is applied",
            Step::Namespace => "the namespace is set",
            Step::NamePrefix => "the prefix is added",
            Step::NameSuffix => "the suffix is added",
            Step::NameHash => "the hash is added for the generator",
            Step::Label => "the label is set",
            Step::Annotation => "the annotation is set",
            Step::Image => "the image is changed",
            Step::Replicas => "the replicas are set",
            Step::Replacement => "the replacement is made",
            Step::Var => "the variable is filled in",
            Step::Generator => "generated",
            Step::NameReference => "the object that the name stands for is",
            Step::Transformer => "the transformer is applied",
            Step::BuildMetadata => "the build metadata is asked for",
        }
    }
}

impl Origin {
    /// A value that stands in a file.
    pub fn source(span: Span) -> Origin {
        Origin { span, trail: None }
    }

    /// A value that a step created out of the text at `span`.
    pub fn created(span: Span, step: Step, directive: Span) -> Origin {
        Origin { span, trail: Some(Arc::new(Trail { step, directive, before: None })) }
    }

    /// The value after a step: its text is at `span` now, `self` is what stood here before.
    #[must_use]
    pub fn changed(&self, span: Span, step: Step, directive: Span) -> Origin {
        Origin { span, trail: Some(Arc::new(Trail { step, directive, before: Some(self.clone()) })) }
    }

    /// The value after a step that edits it in place: the text to edit stays where it was.
    #[must_use]
    pub fn touched(&self, step: Step, directive: Span) -> Origin {
        self.changed(self.span, step, directive)
    }

    /// The oldest text that led here: where the value stood before all steps. That of a value that
    /// a step created is the text out of which it did so.
    pub fn oldest(&self) -> Span {
        self.steps().filter_map(|it| it.before.as_ref()).last().map_or(self.span, |it| it.span)
    }

    /// The steps from the newest to the oldest.
    pub fn steps(&self) -> impl Iterator<Item = &Trail> {
        std::iter::successors(self.trail.as_deref(), |it| {
            it.before.as_ref().and_then(|before| before.trail.as_deref())
        })
    }
}
