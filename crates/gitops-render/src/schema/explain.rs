//! What the validator says, in findings that a person can act on.
//!
//! One cause is one finding: of the branches of `oneOf` and `anyOf` only the closest is told, and
//! what only follows from another error is left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use jsonschema::error::{TypeKind, ValidationErrorKind as Error};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::kind::Kind;
use super::meant::{self, Guess};
use super::place::Place;
use crate::diagnostic::{Diagnostic, ObjectName};
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::Spot;
use crate::rules::sch::unknown_field::Meant;
use crate::rules::sch::{unknown_field, violation};
use crate::rules::yml::non_string;
use crate::suggest;

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
    /// None of several groups of fields.
    Groups(Vec<Vec<&'e str>>),
    /// Anything else that a schema can ask for.
    Other(&'e Error, &'e ValidationError<'e>),
}

/// What the schema of its kind says about an object; about fields that it does not have if `strict`.
pub(super) fn findings(resource: &Resource, kind: &Kind, strict: bool) -> Vec<Diagnostic> {
    let errors = kind.errors(&resource.node);
    if errors.is_empty() {
        return vec![];
    }
    let issues: Vec<Issue<'_>> = errors.iter().flat_map(issues_of).collect();
    let name = resource.object_name();
    let subject = Subject { resource, kind, name: &name, is_encrypted: is_encrypted(&resource.node) };
    let (mut found, stood_for) = if strict { unknown_fields(&subject, &issues) } else { Default::default() };
    for issue in &issues {
        let is_misplaced = |field: &str| stood_for.contains(&(issue.pointer.to_owned(), field.to_owned()));
        match issue.what {
            What::Missing(field) if is_misplaced(field) => {}
            _ => found.extend(violation(&subject, issue)),
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|it| seen.insert((it.pointer.clone(), it.message.clone())));
    found
}

/// What findings are about.
struct Subject<'a> {
    resource: &'a Resource,
    kind: &'a Kind,
    name: &'a Arc<ObjectName>,
    is_encrypted: bool,
}

impl<'a> Subject<'a> {
    fn spot(&self, pointer: &'a str) -> Spot<'a> {
        Spot::new(self.resource, self.name, pointer)
    }
}

/// A field of every object's metadata, which a custom resource's template may not have.
const CREATION_TIMESTAMP: &str = "creationTimestamp";

/// The fields that there are not, and the fields (place and name) that they were meant to be.
fn unknown_fields(
    subject: &Subject<'_>,
    issues: &[Issue<'_>],
) -> (Vec<Diagnostic>, BTreeSet<(String, String)>) {
    let mut found = vec![];
    let mut stood_for = BTreeSet::new();
    for issue in issues {
        let What::Unknown(field) = issue.what else { continue };
        if subject.is_encrypted && issue.pointer.is_empty() && field == SOPS {
            continue;
        }
        // Kubernetes' own tools write `creationTimestamp: null` into every template, and the API
        // server says nothing about it.
        let value = || subject.spot(issue.pointer).node().get(field);
        if field == CREATION_TIMESTAMP && value().is_some_and(Node::is_null) {
            continue;
        }
        let Guess { meant, stands_for } =
            meant::guess(&subject.kind.document, &subject.resource.node, issue.pointer, field);
        let meant = match meant {
            Meant::Elsewhere(pointer) => Meant::Elsewhere(subject.spot(&pointer).path()),
            other => other,
        };
        found.push(unknown_field::unknown(&subject.spot(issue.pointer), field, &meant));
        stood_for.extend(stands_for);
    }
    (found, stood_for)
}

/// The finding about anything but a field that there is not.
fn violation(subject: &Subject<'_>, issue: &Issue<'_>) -> Option<Diagnostic> {
    let spot = subject.spot(issue.pointer);
    let text = spot.node().as_str().unwrap_or_default();
    // Flux fills `${NAME}` in after kustomize has run.
    let is_filled_in_later = text.contains("${") && matches!(issue.what, What::Other(..));
    if is_filled_in_later || subject.is_encrypted && text.starts_with("ENC[") {
        return None;
    }
    Some(match &issue.what {
        What::Unknown(_) => return None,
        What::Missing(field) => violation::missing(&spot, field),
        What::Type(wanted) => {
            let wanted: Vec<&str> = wanted.iter().copied().collect();
            let text_only = wanted == ["string"];
            let of_notation = text_only.then(|| non_string::in_place_of(&spot)).flatten();
            of_notation.unwrap_or_else(|| violation::wrong_type(&spot, &wanted))
        }
        What::Groups(groups) => violation::no_group(&spot, groups),
        What::Other(Error::OneOfMultipleValid { .. }, _) => several(&spot, subject.kind),
        What::Other(kind, error) => other(&spot, kind, error),
    })
}

/// The member that SOPS adds to a file that it encrypts. Flux and others take it out again.
const SOPS: &str = "sops";

fn is_encrypted(root: &Node) -> bool {
    root.path(&[SOPS, "mac"]).is_some()
}

/// What an error comes down to.
fn issues_of<'e>(error: &'e ValidationError<'e>) -> Vec<Issue<'e>> {
    let pointer = error.instance_path().as_str();
    let one = |what| vec![Issue { pointer, what }];
    match error.kind() {
        Error::AdditionalProperties { unexpected } | Error::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|it| Issue { pointer, what: What::Unknown(it) }).collect()
        }
        Error::Required { property: Value::String(field) } => one(What::Missing(field)),
        Error::Type { kind } => one(What::Type(types(kind))),
        Error::AnyOf { context } | Error::OneOfNotValid { context } => {
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
            return Some(vec![Issue { pointer, what: What::Groups(groups) }]);
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

/// How the pattern begins that controller-gen writes for a quantity.
const QUANTITY_PATTERN: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|";

/// Patterns longer than this do not belong in a line that stands alone.
const LONGEST_PATTERN: usize = 60;

/// The finding about everything else.
fn other(spot: &Spot<'_>, kind: &Error, error: &ValidationError<'_>) -> Diagnostic {
    let range = |wanted: &str| violation::out_of_range(spot, wanted);
    let text = |what: &str| violation::not_as_wanted(spot, what);
    let count = |count: u64, what: &str| match (count, what) {
        (1, "entry") => "1 entry".to_owned(),
        (count, "entry") => format!("{count} entries"),
        (1, what) => format!("1 {what}"),
        (count, what) => format!("{count} {what}s"),
    };
    match kind {
        Error::Enum { options } => enumeration(spot, options),
        Error::Constant { expected_value } => range(&format!("{expected_value} is wanted")),
        Error::Maximum { limit } if *limit == i32::MAX => range("at most 2147483647 (32 bits) is allowed"),
        Error::Minimum { limit } if *limit == i32::MIN => range("at least -2147483648 (32 bits) is wanted"),
        Error::Maximum { limit } => range(&format!("at most {limit} is allowed")),
        Error::Minimum { limit } => range(&format!("at least {limit} is wanted")),
        Error::ExclusiveMaximum { limit } => range(&format!("less than {limit} is wanted")),
        Error::ExclusiveMinimum { limit } => range(&format!("more than {limit} is wanted")),
        Error::MultipleOf { multiple_of } => range(&format!("a multiple of {multiple_of} is wanted")),
        Error::Pattern { pattern } if pattern.starts_with(QUANTITY_PATTERN) => {
            range("a quantity is wanted").help("write something like `500m`, `2` or `1.5Gi`")
        }
        Error::Pattern { pattern } if pattern.len() > LONGEST_PATTERN => {
            range("its form is another").help(format!("it must match `{pattern}`"))
        }
        Error::Pattern { pattern } => range(&format!("it must match `{pattern}`")),
        Error::Format { format } => range(&format!("a {format} is wanted")),
        Error::MaxLength { limit } => text(&format!("is longer than {}", count(*limit, "character"))),
        Error::MinLength { limit } => text(&format!("is shorter than {}", count(*limit, "character"))),
        Error::MaxItems { limit } => text(&format!("has more than {}", count(*limit, "item"))),
        Error::MinItems { limit } => text(&format!("has fewer than {}", count(*limit, "item"))),
        Error::MaxProperties { limit } => text(&format!("has more than {}", count(*limit, "entry"))),
        Error::MinProperties { limit } => text(&format!("has fewer than {}", count(*limit, "entry"))),
        Error::UniqueItems => text("lists something twice"),
        Error::Not { schema } => match schema.get("required").and_then(Value::as_array) {
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
        return violation::several_groups(spot, &there);
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
    let nearest = value.and_then(|it| suggest::nearest(it, options.iter().copied()));
    violation::not_one_of(spot, &options, nearest)
}
