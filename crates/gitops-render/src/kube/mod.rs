//! Tables about the Kubernetes API, and its versions.

pub mod life_cycle;
pub mod merge_keys;
pub mod minor;
pub mod scope;
