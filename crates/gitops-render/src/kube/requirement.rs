//! What a label selector asks of labels.

use crate::node::Map;

/// One requirement of a label selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// The key is there.
    Exists(String),
    /// The key is not there.
    Missing(String),
    /// The key has one of the values.
    In(String, Vec<String>),
    /// The key has none of the values, or is not there.
    NotIn(String, Vec<String>),
}

impl Requirement {
    /// Whether labels or annotations are as required.
    pub fn holds(&self, map: Option<&Map>) -> bool {
        let value =
            |key: &str| map.and_then(|it| it.get(key)).and_then(|it| it.as_scalar()).map(|it| &*it.text);
        match self {
            Requirement::Exists(key) => value(key).is_some(),
            Requirement::Missing(key) => value(key).is_none(),
            Requirement::In(key, values) => value(key).is_some_and(|it| values.iter().any(|one| one == it)),
            Requirement::NotIn(key, values) => value(key).is_none_or(|it| values.iter().all(|one| one != it)),
        }
    }
}
