//! SCH001: a value that the schema of its kind does not allow.

use crate::diagnostic::{Diagnostic, Fix, Safety};
use crate::node::{Node, ScalarKind, Value};
use crate::rules::{Spot, mend, rule};

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
    SCH001 "schema-violation" Error Object fix
}

/// A value of another type than one of those wanted (JSON's names: `integer`, `object`, …).
pub(crate) fn wrong_type(spot: &Spot<'_>, wanted: &[&str]) -> Diagnostic {
    let named: Vec<&str> = wanted.iter().map(|it| in_words(it)).collect();
    let message = format!("`{}` is {}, but {} is wanted", spot.field(), spot.shown(), either(&named));
    let found = spot.find(&RULE, message).fix(fix(spot, wanted));
    match mending(spot, wanted) {
        Some(help) => found.help(help),
        None => found,
    }
}

const AS_LIST: &str = "write a list: each item behind a `-`";

/// The next action if a value has the wrong type and it is plain what was meant.
fn mending(spot: &Spot<'_>, wanted: &[&str]) -> Option<String> {
    let wants = |name: &str| wanted.contains(&name);
    let node = spot.node();
    let quotes = |text: &str| if spot.is_secret() { String::new() } else { format!(": `\"{text}\"`") };
    match &node.value {
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Bool | ScalarKind::Int | ScalarKind::Float if wants("string") => {
                Some(format!("put it in quotes{}", quotes(&scalar.text)))
            }
            ScalarKind::Str if fits(&scalar.text, wanted) => Some("drop the quotes".to_owned()),
            ScalarKind::Str if wants("boolean") && is_yes(&scalar.text).is_some() => {
                Some(format!("write `{}`", is_yes(&scalar.text)?))
            }
            ScalarKind::Null => Some(format!("write {}", either(&words(wanted)))),
            _ if wants("array") => Some(AS_LIST.to_owned()),
            _ => None,
        },
        Value::Map(_) if wants("array") => Some(AS_LIST.to_owned()),
        Value::Seq(items) if wants("object") && items.len() == 1 && items[0].as_map().is_some() => {
            Some("drop the `-`: this is one mapping, no list".to_owned())
        }
        Value::Seq(items) if wants("object") && !items.is_empty() && items.iter().all(is_pair) => {
            Some("drop each `-`: this is one mapping, no list".to_owned())
        }
        _ => None,
    }
}

/// Quotes where they are missing, and none where they are too many.
fn fix(spot: &Spot<'_>, wanted: &[&str]) -> Option<Fix> {
    let scalar = spot.node().as_scalar()?;
    let fix = match scalar.kind {
        ScalarKind::Bool | ScalarKind::Int | ScalarKind::Float if wanted.contains(&"string") => {
            mend::quotes(spot)?
        }
        ScalarKind::Str if fits(&scalar.text, wanted) => mend::no_quotes(spot)?,
        _ => return None,
    };
    // Where there is a choice of types, another one may be meant.
    Some(if wanted.len() == 1 { fix } else { Fix { safety: Safety::Unsafe, ..fix } })
}

/// Whether a text would be of one of the types without its quotes.
fn fits(text: &str, wanted: &[&str]) -> bool {
    match crate::yaml::resolve::resolve(text) {
        ScalarKind::Int => wanted.contains(&"integer") || wanted.contains(&"number"),
        ScalarKind::Float => wanted.contains(&"number"),
        ScalarKind::Bool => wanted.contains(&"boolean"),
        _ => false,
    }
}

/// What a word says that YAML once took for a boolean.
fn is_yes(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "on" => Some(true),
        "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

fn is_pair(node: &Node) -> bool {
    node.as_map().is_some_and(|it| it.len() == 1)
}

fn words(wanted: &[&str]) -> Vec<&'static str> {
    wanted.iter().map(|it| in_words(it)).collect()
}

fn in_words(json_type: &str) -> &'static str {
    match json_type {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "null" => "null",
        _ => "another value",
    }
}

/// Several things of which one holds: `a`, `a or b`, `a, b or c`.
pub(crate) fn either(things: &[impl AsRef<str>]) -> String {
    enumerated(things, "or")
}

fn enumerated(things: &[impl AsRef<str>], last: &str) -> String {
    let things: Vec<&str> = things.iter().map(AsRef::as_ref).collect();
    match things.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

pub(crate) fn quoted(names: &[impl AsRef<str>]) -> Vec<String> {
    names.iter().map(|it| format!("`{}`", it.as_ref())).collect()
}

/// A required field that the mapping at `spot` does not have.
pub(crate) fn missing(spot: &Spot<'_>, field: &str) -> Diagnostic {
    spot.find(&RULE, format!("`{field}` is missing in `{}`", spot.path())).help(format!("add `{field}`"))
}

/// A value that is none of those allowed; `nearest` is the one that may be meant.
pub(crate) fn not_one_of(spot: &Spot<'_>, allowed: &[&str], nearest: Option<&str>) -> Diagnostic {
    const MOST: usize = 8;
    let (field, shown) = (spot.field(), spot.shown());
    let listed = either(&quoted(&allowed[..allowed.len().min(MOST)]));
    let message = match allowed.len() {
        0..=MOST => format!("`{field}` is {shown}, but {listed} is wanted"),
        _ => format!("`{field}` is {shown}, which is none of the {} values allowed", allowed.len()),
    };
    let found = spot.find(&RULE, message);
    match nearest {
        Some(nearest) => {
            found.help(format!("did you mean `{nearest}`?")).fix(mend::another_text(spot, nearest))
        }
        None if allowed.len() > MOST => {
            found.help(format!("write {}, …", quoted(&allowed[..MOST]).join(", ")))
        }
        None => found,
    }
}

/// A value outside of a limit. `wanted` reads behind “but”: `at most 3 is allowed`.
pub(crate) fn out_of_range(spot: &Spot<'_>, wanted: &str) -> Diagnostic {
    spot.find(&RULE, format!("`{}` is {}, but {wanted}", spot.field(), spot.shown()))
}

/// A value of which something is not so. `what` reads behind the name of the field: `is too long`.
pub(crate) fn not_as_wanted(spot: &Spot<'_>, what: &str) -> Diagnostic {
    spot.find(&RULE, format!("`{}` {what}", spot.field()))
}

/// A mapping that must have one of several groups of fields, and has none.
pub(crate) fn no_group(spot: &Spot<'_>, groups: &[Vec<&str>]) -> Diagnostic {
    let (place, groups) = (spot.path(), in_groups(groups));
    let message = match groups.as_slice() {
        [one, other] => format!("`{place}` has neither {one} nor {other}"),
        _ => format!("`{place}` has none of {}", groups.join(", ")),
    };
    spot.find(&RULE, message).help(format!("add {}", either(&groups)))
}

/// A mapping that has fields which must not be there, or not together.
pub(crate) fn excluded(spot: &Spot<'_>, fields: &[&str]) -> Diagnostic {
    let message = format!("`{}` must not have {}", spot.path(), quoted(fields).join(" together with "));
    spot.find_key(&RULE, latest(spot, fields), message)
}

/// Of several fields the one that is most likely one too many: what a step put there, or else the
/// last one.
fn latest<'f>(spot: &Spot<'_>, fields: &[&'f str]) -> &'f str {
    let written = |it: &&&str| {
        let origin = spot.node().get(it).map(|it| &it.origin);
        origin.map(|it| (it.trail.is_some(), it.span))
    };
    fields.iter().max_by_key(written).copied().unwrap_or_default()
}

/// A mapping that must have one of several groups of fields, and has more.
pub(crate) fn several_groups(spot: &Spot<'_>, groups: &[Vec<&str>]) -> Diagnostic {
    let all = enumerated(&in_groups(groups), "and");
    let message = format!("`{}` has {all}, but only one of them is allowed", spot.path());
    let fields: Vec<&str> = groups.iter().filter_map(|it| it.first().copied()).collect();
    spot.find_key(&RULE, latest(spot, &fields), message).help("keep one of them")
}

fn in_groups(groups: &[Vec<&str>]) -> Vec<String> {
    groups.iter().map(|it| enumerated(&quoted(it), "with")).collect()
}
