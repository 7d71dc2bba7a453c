//! Strategic merge patches, as kustomize 5.6 applies them.
//!
//! Maps are merged key by key (`walk`), lists are replaced unless the Kubernetes API of 1.21 gives
//! them merge keys (`lists`). What comes from the patch says so in its origin (`graft`); what the
//! patch does not touch stays shared with everybody else who holds it.
//!
//! Selecting the objects that a patch is for is not done here.

pub(crate) mod comments;
mod elements;
mod error;
mod graft;
mod identity;
mod lists;
mod selected;
mod walk;

use crate::kube::merge_keys::Types;
use crate::node::Node;
use crate::resource::Gvk;
use crate::source::Span;

pub use error::{MergeError, Problem, Shape};
pub use identity::{Identity, IdentityOptions};
pub use selected::for_target;

use walk::{Schema, Sides, Walk};

/// What became of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is still there.
    Kept,
    /// The patch says `$patch: delete`: the object is to be left out. It has not been changed.
    Deleted,
}

/// Applies a patch to an object of the kind `gvk`; `directive` is the entry that asks for it.
///
/// Name, namespace and kind are merged like everything else: [`Identity`] brings them back. A
/// patch with a `target` has to go through [`for_target`] first.
///
/// # Errors
/// If kustomize refuses the patch. The object is not changed then.
pub fn apply(target: &mut Node, patch: &Node, gvk: &Gvk, directive: Span) -> Result<Outcome, MergeError> {
    apply_by(&Types::BuiltIn, target, patch, gvk, directive)
}

/// Applies a patch by the merge keys that `types` have, which `openapi` may have changed.
///
/// # Errors
/// If kustomize refuses the patch. The object is not changed then.
pub fn apply_by(
    types: &Types,
    target: &mut Node,
    patch: &Node,
    gvk: &Gvk,
    directive: Span,
) -> Result<Outcome, MergeError> {
    let schema = types.root(gvk).map_or(Schema::Unknown(types), Schema::Type);
    let walk = Walk { directive };
    let done = walk.node(Sides::Both(target.clone(), patch), schema)?;
    Ok(match done.node {
        None => Outcome::Deleted,
        Some(node) => {
            // `$patch: replace` at the root of a document has no effect in kustomize.
            if done.in_place {
                *target = node;
            }
            Outcome::Kept
        }
    })
}

#[cfg(test)]
mod tests;
