//! JSON patches (RFC 6902), as kustomize 5.6 applies them.
//!
//! It departs from the RFC: `replace` adds a key that is missing, indexes count from the end if
//! they are negative, `copy` of what is missing gives null, and a path that does not start with
//! `/` loses its first part. It passes the object through JSON, so that integers are what a
//! 64-bit float can hold (`json`).

mod apply;
mod error;
mod json;
mod parse;

use std::sync::Arc;

use crate::node::Node;
use crate::source::Span;

pub use apply::apply;
pub use error::{PatchError, Problem};
pub use parse::{Notation, parse};

/// One operation of a patch.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it does.
    pub action: Action,
    /// Where it does it.
    pub path: Pointer,
    /// The operation in the patch.
    pub at: Span,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Adds a value; without one it adds null.
    Add(Option<Node>),
    /// Removes what is there.
    Remove,
    /// Puts a value in the place of another; without one it puts null.
    Replace(Option<Node>),
    /// Moves a value from elsewhere.
    Move(Pointer),
    /// Copies a value from elsewhere.
    Copy(Pointer),
    /// Fails unless this value is there.
    Test(Option<Node>),
}

/// A place in an object.
#[derive(Clone, Debug)]
pub struct Pointer {
    /// As it is written.
    pub text: Arc<str>,
    /// Where it is written.
    pub span: Span,
}

impl Action {
    /// The word in `op`.
    pub fn name(&self) -> &'static str {
        match self {
            Action::Add(_) => "add",
            Action::Remove => "remove",
            Action::Replace(_) => "replace",
            Action::Move(_) => "move",
            Action::Copy(_) => "copy",
            Action::Test(_) => "test",
        }
    }
}

#[cfg(test)]
mod tests;
