//! SCH003: a kind that no schema is known for.

use crate::rules::rule;

rule! {
    /// ## What it finds
    /// An object whose kind is neither part of Kubernetes nor of a CustomResourceDefinition that is known.
    ///
    /// ## Why it matters
    /// Nothing in the object can be checked.
    ///
    /// ## How to fix it
    /// Check apiVersion and kind for a slip. If it is a custom resource, add its CustomResourceDefinition
    /// to the repository.
    SCH003 "schema-missing" Warning Object
}
