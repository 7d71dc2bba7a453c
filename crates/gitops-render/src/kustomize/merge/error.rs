//! Why a strategic merge patch cannot be applied.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::node::{Node, Value};
use crate::rules::kus::build_failed;
use crate::source::Span;

/// A patch that kustomize refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct MergeError {
    /// The place to mend: in the patch, unless the object itself is at fault.
    pub at: Span,
    /// The place in the object that it does not fit.
    pub target: Option<Span>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a patch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Patch and object have values of different shapes in the same place.
    #[error("the patch has {patch} where the object has {target}")]
    ShapesDiffer {
        /// What the patch has.
        patch: Shape,
        /// What the object has.
        target: Shape,
    },
    /// `$patch:` with a word that means nothing.
    #[error("`$patch: {0}` means nothing to kustomize")]
    UnknownDirective(Arc<str>),
    /// A list that is merged has an element of the wrong shape.
    #[error("this element is {found}, but {wanted} is wanted: {why}")]
    WrongElement {
        /// What it is.
        found: Shape,
        /// What it should be.
        wanted: Shape,
        /// How the list is merged.
        why: &'static str,
    },
}

/// What a value is, to name it in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A mapping.
    Map,
    /// A list.
    Seq,
    /// A single value.
    Scalar,
}

impl Shape {
    /// The shape of a value.
    pub fn of(node: &Node) -> Shape {
        match node.value {
            Value::Map(_) => Shape::Map,
            Value::Seq(_) => Shape::Seq,
            Value::Scalar(_) => Shape::Scalar,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Map => "a mapping",
            Shape::Seq => "a list",
            Shape::Scalar => "a single value",
        })
    }
}

impl MergeError {
    /// The finding, with the entry that asks for the patch.
    pub fn diagnostic(&self, directive: Span) -> Diagnostic {
        let mut found = build_failed::because(self.at, self.to_string());
        if let Some(target) = self.target {
            found = found.label(target, "this is what the object has");
        }
        found = found.label(directive, "the patch is applied here");
        match self.problem {
            Problem::ShapesDiffer { .. } => found.help("give the patch the shape of the object's field"),
            Problem::UnknownDirective(_) => found.help("use `delete`, `replace` or `merge`"),
            Problem::WrongElement { .. } => found.help("write the element as the list wants it"),
        }
    }
}
