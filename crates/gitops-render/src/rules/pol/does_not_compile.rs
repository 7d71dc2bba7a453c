//! POL001: a policy that cannot be used.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Severity};
use crate::node::Node;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A Rego module that cannot be parsed or compiled, a rule in it that fails when it is
    /// evaluated, or data for policies that contradicts itself. The same of the CEL expressions of a
    /// policy.
    ///
    /// ## Why it matters
    /// What the module forbids is not found. A module that cannot be compiled is left out, and so
    /// are the modules that use its package; the other policies are checked.
    ///
    /// ## How to fix it
    /// The message is the compiler's. A module written for Rego v0 needs no changes: it is recognised.
    POL001 "policy-does-not-compile" Error File
}

/// How the reason begins why a rule that was stopped has failed.
const TOO_LONG: &str = "it takes longer than";

/// Why a rule that was stopped after some time has failed.
pub(crate) fn too_long(limit: Duration) -> String {
    format!("{TOO_LONG} {limit:?}")
}

/// Whether a finding says that a rule was stopped after some time: it may be in time on another day.
pub fn is_about_time(found: &Diagnostic) -> bool {
    found.rule.code == RULE.code && found.message.contains(TOO_LONG)
}

/// A module with an error in it.
pub(crate) fn refused(at: Span, reason: &str) -> Diagnostic {
    RULE.at(at, reason)
}

/// A keyword of Rego v1 in a module whose bodies are those of v0.
pub(crate) fn mixed(at: Span, keyword: &str, body: Span) -> Diagnostic {
    RULE.at(at, format!("`{keyword}` is no keyword in Rego v0, and the module is no v1 either"))
        .label(body, "v1 wants `if` before a body, and `contains` in the head of a set")
        .help(format!("add `import future.keywords.{keyword}`, or write the module in v1"))
}

/// A keyword of Rego v1 where a template promises v0.
pub(crate) fn not_v0(at: Span, keyword: &str) -> Diagnostic {
    RULE.at(at, format!("`{keyword}` is no keyword in Rego v0, which is what a template's `rego` is")).help(
        "move it to `code` with `engine: Rego` and `source: {version: v1, rego: …}`, or import the keyword",
    )
}

/// A module that uses the package of a broken one.
pub(crate) fn left_out_too(found: Diagnostic, at: Span) -> Diagnostic {
    found.label(at, "this module uses the package, so it is left out too")
}

/// A call with too few or too many arguments.
pub(crate) fn arguments(at: Span, name: &str, wanted: usize, given: usize) -> Diagnostic {
    let s = if wanted == 1 { "" } else { "s" };
    RULE.at(at, format!("`{name}` takes {wanted} argument{s}, and not {given}"))
}

/// A variable that nothing gives a value.
pub(crate) fn unsafe_variable(at: Span, name: &str) -> Diagnostic {
    let named = match name {
        "_" => "`_` cannot be looked up here".to_owned(),
        name => format!("the variable `{name}` has no value"),
    };
    RULE.at(at, named).help("give it one in a statement that is not negated, or import what it stands for")
}

/// A second default of a rule.
pub(crate) fn several_defaults(at: Span, name: &str, first: Span) -> Diagnostic {
    RULE.at(at, format!("`{name}` has a default already")).label(first, "here")
}

/// Definitions of one name that are a value, a set and a function.
pub(crate) fn kinds(at: Span, name: &str, first: Span) -> Diagnostic {
    RULE.at(at, format!("`{name}` is of another kind elsewhere"))
        .label(first, "here")
        .help("let all its definitions be values, or members of a set, or functions")
}

/// An object that is taken apart by a pattern.
pub(crate) fn object_pattern(at: Span) -> Diagnostic {
    RULE.at(at, "an object is not taken apart by a pattern here")
        .help("name the fields: `y := input.z.x`. In OPA the pattern fits only objects with the same keys")
}

/// A variable that stands for two arguments of a function.
pub(crate) fn argument_twice(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` is an argument already"))
        .help("name it otherwise, and compare the two in the body")
}

/// A variable that is declared by `some` and given a value by `:=`.
pub(crate) fn declared_twice(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` is declared already")).help("drop the `some`: `:=` declares it too")
}

/// A variable that `some` declares for nothing.
pub(crate) fn unused(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` is declared, and nothing uses it")).help("drop it")
}

/// A string of Rego's newest versions with expressions in it.
pub(crate) fn interpolated(at: Span) -> Diagnostic {
    RULE.at(at, "a string with expressions in it is not read here").help("write it with `sprintf`")
}

/// A rule in whose place a package has rules.
pub(crate) fn overlap(at: Span, name: &str, package: &str, other: Span) -> Diagnostic {
    RULE.at(at, format!("`{name}` is a package too: `{package}`"))
        .label(other, "a rule of that package")
        .help("rename one of them: a rule has nothing below it")
}

/// A builtin of Rego v0 that v1 has taken away.
pub(crate) fn deprecated(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` is deprecated, and Rego v1 has it no more"))
}

/// A call whose argument can never be of the right type.
pub(crate) fn type_error(at: Span, name: &str, given: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` takes no {given} here"))
}

/// A rule or function that rests on itself, maybe by way of others.
pub(crate) fn recursion(at: Span, cycle: &[String]) -> Diagnostic {
    RULE.at(at, format!("`{}` rests on itself", cycle[0]))
        .remark(format!("by way of {}", cycle.join(" → ")))
        .help("Rego has no recursion: use a comprehension, `walk` or `graph.reachable`")
}

/// An import whose name stands for something else in another module of the package.
pub(crate) fn shared_name(at: Span, name: &str, file: &str, other: Span) -> Diagnostic {
    RULE.at(at, format!("`{name}` is another package in `{file}`"))
        .label(other, "here")
        .help("name one of them otherwise, with `as`: modules of one package share their imports")
}

/// Rules that rest on rules that rest on rules.
pub(crate) fn chain(at: Span, most: usize) -> Diagnostic {
    RULE.at(at, format!("rules rest on each other more than {most} deep from here"))
}

/// A rule that the conventions of conftest cannot ask for.
pub(crate) fn nested(at: Span, name: &str, root: &str) -> Diagnostic {
    RULE.at(at, format!("`{name}` is never asked for"))
        .help(format!("name the rule `{root}`, or `{root}_` and a word"))
}

/// A rule that fails when it is evaluated.
pub(crate) fn failed(at: Span, rule: &str, reason: &str) -> Diagnostic {
    RULE.at(at, format!("`{rule}` cannot be evaluated: {reason}"))
}

/// A rule that gives something that is no message.
pub(crate) fn not_a_message(at: Span, rule: &str, what: &str) -> Diagnostic {
    RULE.at(at, format!("`{rule}` gives {what}, and no message"))
        .help("give a string, or an object with the message as `msg`")
}

/// An expression in CEL that has no result here.
pub(crate) fn expression(at: Span, reason: &str) -> Diagnostic {
    RULE.at(at, format!("the expression cannot be evaluated: {reason}"))
}

/// A document of data that is to stand at the root and is no mapping.
pub(crate) fn data_no_mapping(node: &Node) -> Diagnostic {
    RULE.at(node.origin.span, format!("data is a mapping at its root, and this is {}", node.describe()))
        .help("put it into a folder: the folder's name becomes its key")
}

/// Two values for one key of the data. `at` is the key, or the value where a folder is the key.
pub(crate) fn data_conflict(at: Span, other: Span) -> Diagnostic {
    RULE.at(at, "the data has another value in this place")
        .label(other, "the value that is used")
        .help("rename one of them: mappings are merged, other values are not")
}

/// A METADATA comment that cannot be understood. The rule is asked all the same.
pub(crate) fn metadata(at: Span, what: &str) -> Diagnostic {
    let mut found = RULE.at(at, format!("this METADATA {what}"));
    found.severity = Severity::Warning;
    found
}
