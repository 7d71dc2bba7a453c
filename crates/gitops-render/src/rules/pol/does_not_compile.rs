//! POL001: a policy that cannot be used.

use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A Rego module that cannot be parsed or compiled.
    ///
    /// ## Why it matters
    /// None of the rules in it is checked, so nothing that they forbid is found.
    ///
    /// ## How to fix it
    /// The message is the compiler's. A module written for Rego v0 needs no changes: it is recognised.
    POL001 "policy-does-not-compile" Error File
}
