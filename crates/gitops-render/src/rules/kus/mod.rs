//! KUS: kustomize.

pub mod build_failed;
pub mod cycle;
pub mod duplicate_object;
pub mod patch_target_missing;
pub mod path_missing;
pub mod path_outside;
pub mod replacement_unresolved;
pub mod unknown_field;
