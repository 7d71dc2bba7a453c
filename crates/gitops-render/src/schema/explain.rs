//! What the validator says, in findings that a person can act on.
//!
//! One cause is one finding: of the branches of `oneOf` and `anyOf` only the closest is told, and
//! what only follows from another error is left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind_};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::kind::Kind;
use super::meant::{self, Guess};
use super::near;
use super::place::Place;
use crate::diagnostic::{Diagnostic, ObjectName};
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::sch::unknown_field::Meant;
use crate::rules::sch::{Spot, unknown_field, violation};

/// One thing that is wrong, at the innermost place that can be named.
struct Issue<'e> {
    /// The place, as a JSON pointer.
    pointer: &'e str,
    what: What<'e>,
}

enum What<'e> {
    /// A field that there is not.
    Unknown(&'e str),
    /// A field that must be there.
    Missing(&'e str),
    /// Another type than these.
    Type(BTreeSet<&'static str>),
    /// None, or more than one, of several groups of fields.
    Groups { groups: Vec<Vec<&'e str>>, too_many: bool },
    /// Anything else that a schema can ask for.
    Other(&'e Kind_, &'e ValidationError<'e>),
}

/// What the schema of its kind says about an object.
pub(super) fn findings(resource: &Resource, kind: &Kind) -> Vec<Diagnostic> {
    let errors = kind.errors(&resource.node);
    if errors.is_empty() {
        return vec![];
    }
    let issues: Vec<Issue<'_>> = errors.iter().flat_map(issues_of).collect();
    let is_encrypted = is_encrypted(&resource.node);
    let name = resource.object_name();
    let mut found = vec![];
    let mut stood_for = BTreeSet::new();
    let mut told = BTreeSet::new();
    for issue in &issues {
        let What::Unknown(field) = issue.what else { continue };
        let is_sops = is_encrypted && issue.pointer.is_empty() && field == SOPS;
        if is_sops || !told.insert((issue.pointer, field)) {
            continue;
        }
        let guess = meant::guess(&kind.document, &resource.node, issue.pointer, field);
        let spot = Spot::new(resource, &name, issue.pointer);
        found.push(unknown_field::unknown(&spot, field, &in_words(&guess, resource, &name)));
        stood_for.extend(guess.stands_for);
    }
    for issue in &issues {
        let spot = Spot::new(resource, &name, issue.pointer);
        let text = spot.node().as_str().unwrap_or_default();
        let is_filled_in_later = text.contains("${") && matches!(issue.what, What::Other(..));
        if is_filled_in_later || is_encrypted && text.starts_with("ENC[") {
            continue;
        }
        let is_misplaced = |field: &str| stood_for.contains(&(issue.pointer.to_owned(), field.to_owned()));
        match &issue.what {
            What::Unknown(_) => {}
            What::Missing(field) if is_misplaced(field) => {}
            What::Missing(field) => found.push(violation::missing(&spot, field)),
            What::Type(wanted) => {
                let wanted: Vec<&str> = wanted.iter().copied().collect();
                found.push(violation::wrong_type(&spot, &wanted));
            }
            What::Groups { groups, too_many } => {
                found.push(violation::not_one_group(&spot, groups, *too_many));
            }
            What::Other(Kind_::OneOfMultipleValid { .. }, _) => found.push(several(&spot, kind)),
            What::Other(kind, error) => found.push(other(&spot, kind, error)),
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|it| seen.insert((it.pointer.clone(), it.message.clone())));
    found
}

/// The member that SOPS adds to a file that it encrypts. Flux and others take it out again.
const SOPS: &str = "sops";

fn is_encrypted(root: &Node) -> bool {
    root.path(&[SOPS, "mac"]).is_some()
}

fn in_words(guess: &Guess, resource: &Resource, name: &Arc<ObjectName>) -> Meant {
    match &guess.meant {
        Meant::Elsewhere(pointer) => Meant::Elsewhere(Spot::new(resource, name, pointer).path()),
        other => other.clone(),
    }
}

/// What an error comes down to.
fn issues_of<'e>(error: &'e ValidationError<'e>) -> Vec<Issue<'e>> {
    let pointer = error.instance_path().as_str();
    let one = |what| vec![Issue { pointer, what }];
    match error.kind() {
        Kind_::AdditionalProperties { unexpected } | Kind_::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|it| Issue { pointer, what: What::Unknown(it) }).collect()
        }
        Kind_::Required { property: Value::String(field) } => one(What::Missing(field)),
        Kind_::Type { kind } => one(What::Type(types(kind))),
        Kind_::AnyOf { context } | Kind_::OneOfNotValid { context } => {
            let branches = context.iter().map(|it| it.iter().flat_map(issues_of).collect()).collect();
            closest(branches, pointer).unwrap_or_else(|| one(What::Other(error.kind(), error)))
        }
        kind => one(What::Other(kind, error)),
    }
}

/// The issues of the branch that is the closest to being right.
fn closest<'e>(mut branches: Vec<Vec<Issue<'e>>>, pointer: &'e str) -> Option<Vec<Issue<'e>>> {
    branches.retain(|it| !it.is_empty());
    let missing = |it: &Issue<'e>| match it.what {
        What::Missing(field) if it.pointer == pointer => Some(field),
        _ => None,
    };
    let groups: Option<Vec<Vec<&str>>> = branches.iter().map(|it| it.iter().map(missing).collect()).collect();
    if let Some(mut groups) = groups {
        let mut seen = BTreeSet::new();
        groups.retain(|it| seen.insert(it.clone()));
        if groups.len() > 1 {
            return Some(vec![Issue { pointer, what: What::Groups { groups, too_many: false } }]);
        }
    }
    let wanted = |branch: &Vec<Issue<'e>>| match branch.as_slice() {
        [Issue { pointer: at, what: What::Type(types) }] if *at == pointer => Some(types.clone()),
        _ => None,
    };
    // A value of a type that no branch takes: all types are told.
    if let Some(types) = branches.iter().map(wanted).collect::<Option<Vec<_>>>().filter(|it| it.len() > 1) {
        let what = What::Type(types.into_iter().flatten().collect());
        return Some(vec![Issue { pointer, what }]);
    }
    let depth = |it: &Vec<Issue<'_>>| it.iter().map(|it| it.pointer.len()).max();
    let is_wrong_type = |it: &Vec<Issue<'e>>| wanted(it).is_some();
    branches.into_iter().min_by_key(|it| (is_wrong_type(it), it.len(), std::cmp::Reverse(depth(it))))
}

fn types(kind: &TypeKind) -> BTreeSet<&'static str> {
    match kind {
        TypeKind::Single(it) => BTreeSet::from([it.as_str()]),
        // Null stands for a field that is not set, which nobody wants to be told.
        TypeKind::Multiple(set) => {
            set.iter().filter(|it| *it != JsonType::Null).map(JsonType::as_str).collect()
        }
    }
}

/// The finding about everything else.
fn other(spot: &Spot<'_>, kind: &Kind_, error: &ValidationError<'_>) -> Diagnostic {
    let range = |wanted: &str| violation::out_of_range(spot, wanted);
    let text = |what: &str| violation::not_as_wanted(spot, what);
    let count = |count: u64, what: &str| match (count, what) {
        (1, "entry") => "1 entry".to_owned(),
        (count, "entry") => format!("{count} entries"),
        (1, what) => format!("1 {what}"),
        (count, what) => format!("{count} {what}s"),
    };
    match kind {
        Kind_::Enum { options } => enumeration(spot, options),
        Kind_::Constant { expected_value } => range(&format!("{expected_value} is wanted")),
        Kind_::Maximum { limit } if *limit == i32::MAX => range("at most 2147483647 (32 bits) is allowed"),
        Kind_::Minimum { limit } if *limit == i32::MIN => range("at least -2147483648 (32 bits) is wanted"),
        Kind_::Maximum { limit } => range(&format!("at most {limit} is allowed")),
        Kind_::Minimum { limit } => range(&format!("at least {limit} is wanted")),
        Kind_::ExclusiveMaximum { limit } => range(&format!("less than {limit} is wanted")),
        Kind_::ExclusiveMinimum { limit } => range(&format!("more than {limit} is wanted")),
        Kind_::MultipleOf { multiple_of } => range(&format!("a multiple of {multiple_of} is wanted")),
        Kind_::Pattern { pattern } => range(&format!("it must match `{pattern}`")),
        Kind_::Format { format } => range(&format!("a {format} is wanted")),
        Kind_::MaxLength { limit } => text(&format!("is longer than {}", count(*limit, "character"))),
        Kind_::MinLength { limit } => text(&format!("is shorter than {}", count(*limit, "character"))),
        Kind_::MaxItems { limit } => text(&format!("has more than {}", count(*limit, "item"))),
        Kind_::MinItems { limit } => text(&format!("has fewer than {}", count(*limit, "item"))),
        Kind_::MaxProperties { limit } => text(&format!("has more than {}", count(*limit, "entry"))),
        Kind_::MinProperties { limit } => text(&format!("has fewer than {}", count(*limit, "entry"))),
        Kind_::UniqueItems => text("lists something twice"),
        Kind_::Not { schema } => match schema.get("required").and_then(Value::as_array) {
            Some(fields) => {
                let fields: Vec<&str> = fields.iter().filter_map(Value::as_str).collect();
                text(&format!("must not have `{}`", fields.join("` together with `")))
            }
            None => text("has a form that is excluded"),
        },
        // The crate's own words, without the value, which may be secret.
        _ => text(&format!("is not as the schema wants it: {}", error.masked_with("the value"))),
    }
}

/// A mapping that has several groups of fields of which it must have one.
fn several(spot: &Spot<'_>, kind: &Kind) -> Diagnostic {
    let is_there = |field: &&str| spot.node().get(field).is_some();
    let groups = Place::at(&kind.document, spot.pointer).excluding_groups().unwrap_or_default();
    let there: Vec<Vec<&str>> = groups.into_iter().filter(|it| it.iter().all(is_there)).collect();
    if there.len() > 1 {
        return violation::not_one_group(spot, &there, true);
    }
    violation::not_as_wanted(spot, "fits several of the forms that exclude each other")
}

fn enumeration(spot: &Spot<'_>, options: &Value) -> Diagnostic {
    // "" and null stand for a field that is not set.
    let text = |it: &Value| match it {
        Value::String(it) => it.clone(),
        other => other.to_string(),
    };
    let options: Vec<String> = options.as_array().into_iter().flatten().map(text).collect();
    let options: Vec<&str> =
        options.iter().map(String::as_str).filter(|it| !it.is_empty() && *it != "null").collect();
    let value = spot.node().as_str();
    let nearest = value.and_then(|it| near::nearest(it, options.iter().copied()));
    violation::not_one_of(spot, &options, nearest)
}
