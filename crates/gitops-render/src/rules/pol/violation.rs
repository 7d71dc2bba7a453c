//! POL000: what a policy of the user's says about an object.

use crate::rules::rule;

rule! {
    /// ## What it finds
    /// An object that a Rego policy denies (`deny`, `violation`) or warns about (`warn`).
    ///
    /// ## Why it matters
    /// The policy's own message says it.
    ///
    /// ## How to fix it
    /// Change the marked text so that the policy is content. A label leads to the rule in the policy.
    POL000 "policy-violation" Error Object
}
