//! YML: the file, before it means anything.

pub mod ambiguous_scalar;
pub mod duplicate_key;
pub mod invalid_yaml;
pub mod marker_left_in;
pub mod non_string;
pub mod not_an_object;
