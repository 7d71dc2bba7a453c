//! KUS: kustomize.

pub mod build_failed;
pub mod chart_unversioned;
pub mod cycle;
pub mod deprecated_field;
pub mod duplicate_object;
pub mod hash_disabled;
pub mod patch_target_missing;
pub mod path_missing;
pub mod path_outside;
pub mod remote_unpinned;
pub mod replacement_unresolved;
pub mod unknown_field;
