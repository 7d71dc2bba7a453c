//! Why a JSON patch cannot be read or applied.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::rules::kus::build_failed;
use crate::source::Span;

/// A patch that kustomize refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct PatchError {
    /// The place in the patch to mend.
    pub at: Span,
    /// The value of the object that is nearest to what was looked for.
    pub target: Option<Span>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a patch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The patch is no list of mappings.
    #[error("a JSON patch is a list of operations")]
    NotOperations,
    /// An operation lacks a field.
    #[error("the operation has no `{0}`")]
    FieldMissing(&'static str),
    /// A field of an operation is no string.
    #[error("`{0}` is not a string")]
    NotText(&'static str),
    /// A value that JSON does not have.
    #[error("JSON cannot write `{0}`")]
    NotJson(Arc<str>),
    /// `op` has a word that means nothing.
    #[error("there is no operation `{0}`")]
    UnknownOperation(Arc<str>),
    /// A path without any slash.
    #[error("the path `{0}` leads nowhere: it has no `/`")]
    NoSlash(Arc<str>),
    /// What the path leads through is not there.
    #[error("{op}: the object has no `{missing}`, only `{nearest}`")]
    ParentMissing {
        /// The operation.
        op: &'static str,
        /// The part of the path that is missing.
        missing: String,
        /// The part of the path that is there.
        nearest: String,
    },
    /// There is nothing at the end of the path.
    #[error("{op}: the object has no `{path}`")]
    Missing {
        /// The operation.
        op: &'static str,
        /// The path.
        path: Arc<str>,
    },
    /// The path goes on behind a value that has no parts.
    #[error("{op}: `{path}` is {found}, and has nothing in it")]
    NoContainer {
        /// The operation.
        op: &'static str,
        /// The part of the path that leads to the value.
        path: String,
        /// What is there.
        found: &'static str,
    },
    /// A list is asked for something that is no number.
    #[error("{op}: `{part}` is no index of a list")]
    NotAnIndex {
        /// The operation.
        op: &'static str,
        /// The part of the path.
        part: String,
    },
    /// A list is not that long.
    #[error("{op}: there is no index {index} in a list of {length}")]
    OutOfRange {
        /// The operation.
        op: &'static str,
        /// The index.
        index: i64,
        /// How many elements there are.
        length: usize,
    },
    /// The value is another than the one that is tested for.
    #[error("test: the object has another value at `{0}`")]
    TestFailed(Arc<str>),
    /// An object can only be replaced by an object.
    #[error("replace: an object can only be replaced by a mapping")]
    RootNotMap,
    /// Copies that copy themselves.
    #[error("{0}: the object would grow too large")]
    TooLarge(&'static str),
}

impl PatchError {
    /// The finding, with the entry that asks for the patch.
    pub fn diagnostic(&self, directive: Span) -> Diagnostic {
        let mut found = build_failed::because(self.at, self.to_string());
        if let Some(target) = self.target {
            let text = match self.problem {
                Problem::TestFailed(_) => "this is what the object has",
                _ => "this is as far as the path leads",
            };
            found = found.label(target, text);
        }
        found = found.label(directive, "the JSON patch is applied here");
        match &self.problem {
            Problem::NotOperations => found.help("write `- op: …`, `path: …`, `value: …`"),
            Problem::FieldMissing(name) => found.help(format!("add `{name}`")),
            Problem::NotJson(_) => found.help("write it in quotes, or another number"),
            Problem::NotText(_) => found.help("write it in quotes"),
            Problem::UnknownOperation(_) => {
                found.help("use add, remove, replace, move, copy or test, in lower case")
            }
            Problem::NoSlash(_) => found.help("start the path with `/`"),
            Problem::ParentMissing { missing, .. } => {
                found.help(format!("add `{missing}` in an operation before this one"))
            }
            Problem::Missing { .. } | Problem::OutOfRange { .. } => {
                found.help("drop the operation, or mend its path")
            }
            Problem::NoContainer { .. } => found.help("mend the path"),
            Problem::NotAnIndex { .. } => found.help("use a number, or `-` with add for the end of the list"),
            Problem::TestFailed(_) => found.help("drop the test, or change its value"),
            Problem::RootNotMap => found.help("give it a mapping as `value`"),
            Problem::TooLarge(_) => found.help("drop the operation"),
        }
    }
}
