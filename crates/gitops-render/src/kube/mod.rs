//! Tables about the Kubernetes API, as kustomize has them built in.

pub mod merge_keys;
pub mod scope;
