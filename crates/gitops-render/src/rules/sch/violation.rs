//! SCH001: a value that the schema of its kind does not allow.

use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A value of a wrong type, a missing required field, or a value outside of what the Kubernetes API
    /// accepts there.
    ///
    /// ## Why it matters
    /// The API server refuses the object, long after the merge.
    ///
    /// ## How to fix it
    /// Change the marked text. If the value came through a patch or a generator, the marked text is
    /// there, and further labels lead to the base and to the directive.
    SCH001 "schema-violation" Error Object
}
