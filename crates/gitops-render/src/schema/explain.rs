//! What the validator says, in findings that a person can act on.
//!
//! One cause is one finding: of the branches of `oneOf` and `anyOf` only the closest is told, and
//! what only follows from another error is left out.

use std::collections::BTreeSet;
use std::slice;
use std::sync::Arc;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Error;
use serde_json::Value;

use super::issues::{self, Issue, What};
use super::kind::Kind;
use super::meant::{self, Guess};
use super::place::Place;
use crate::diagnostic::{Diagnostic, ObjectName};
use crate::kube::format;
use crate::kube::views::is_filled_in_later;
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::Spot;
use crate::rules::sch::unknown_field::Meant;
use crate::rules::sch::{invalid_value, unknown_field, violation};
use crate::rules::yml::{ambiguous_scalar, non_string};
use crate::suggest;

/// What the schema of its kind says about an object; about fields that it does not have if `strict`.
pub(super) fn findings(resource: &Resource, kind: &Kind, strict: bool) -> Vec<Diagnostic> {
    let errors = kind.errors(&resource.node);
    if errors.is_empty() {
        return vec![];
    }
    let issues = issues::issues(&errors, &kind.document);
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
    let is_filled_in_later = match issue.what {
        What::Other(Error::Format { .. }, _) => is_filled_in_later(text),
        What::Other(..) | What::Either(_) => text.contains("${"),
        _ => false,
    };
    if is_filled_in_later || subject.is_encrypted && text.starts_with("ENC[") {
        return None;
    }
    Some(match &issue.what {
        What::Unknown(_) => return None,
        What::Missing(field) => violation::missing(&spot, field),
        What::Type(wanted) => {
            let wanted: Vec<&str> = wanted.iter().copied().collect();
            let of_notation = match wanted.as_slice() {
                ["string"] => non_string::in_place_of(&spot),
                ["boolean"] => ambiguous_scalar::in_place_of_boolean(&spot),
                _ => None,
            };
            of_notation.unwrap_or_else(|| violation::wrong_type(&spot, &wanted))
        }
        What::Groups(groups) => violation::no_group(&spot, groups),
        What::Either(errors) => violation::out_of_range(&spot, &either(errors)),
        What::Other(Error::OneOfMultipleValid { .. }, _) => several(&spot, subject.kind),
        What::Other(kind, error) => other(&spot, kind, error),
    })
}

/// The member that SOPS adds to a file that it encrypts. Flux and others take it out again.
const SOPS: &str = "sops";

fn is_encrypted(root: &Node) -> bool {
    root.path(&[SOPS, "mac"]).is_some()
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
        Error::Maximum { limit } if *limit == i64::MAX => range("at most 64 bits are allowed"),
        Error::Minimum { limit } if *limit == i64::MIN => range("at most 64 bits are allowed"),
        Error::Maximum { limit } => range(&format!("at most {limit} is allowed")),
        Error::Minimum { limit } => range(&format!("at least {limit} is wanted")),
        Error::ExclusiveMaximum { limit } => range(&format!("less than {limit} is wanted")),
        Error::ExclusiveMinimum { limit } => range(&format!("more than {limit} is wanted")),
        Error::MultipleOf { multiple_of } => range(&format!("a multiple of {multiple_of} is wanted")),
        Error::Pattern { pattern } if pattern.starts_with(QUANTITY_PATTERN) => {
            range("a quantity is wanted").help("write something like `500m`, `2` or `1.5Gi`")
        }
        Error::Pattern { pattern } if pattern.len() > LONGEST_PATTERN => {
            range("another form is wanted").help(format!("it must match `{pattern}`"))
        }
        Error::Pattern { pattern } => range(&format!("it must match `{pattern}`")),
        Error::Format { format } => invalid_value::not_in_form(spot, format),
        Error::MaxLength { limit } => text(&format!("is longer than {}", count(*limit, "character"))),
        Error::MinLength { limit } => text(&format!("is shorter than {}", count(*limit, "character"))),
        Error::MaxItems { limit } => text(&format!("has more than {}", count(*limit, "item"))),
        Error::MinItems { limit } => text(&format!("has fewer than {}", count(*limit, "item"))),
        Error::MaxProperties { limit } => text(&format!("has more than {}", count(*limit, "entry"))),
        Error::MinProperties { limit } => text(&format!("has fewer than {}", count(*limit, "entry"))),
        Error::UniqueItems => text("lists something twice"),
        Error::Not { schema } => match excluded(spot, schema) {
            Some(fields) => violation::excluded(spot, &fields),
            None => text("has a form that is excluded"),
        },
        // The crate's own words, without the value, which may be secret.
        _ => text(&format!("is not as the schema wants it: {}", error.masked_with("the value"))),
    }
}

/// The fields that are there and must not be there together, if a `not` is about fields.
fn excluded<'s>(spot: &Spot<'_>, schema: &'s Value) -> Option<Vec<&'s str>> {
    let branches = ["anyOf", "oneOf"].iter().find_map(|it| schema.get(it)?.as_array());
    let branches = branches.map_or_else(|| slice::from_ref(schema), Vec::as_slice);
    let fields =
        |it: &'s Value| it.get("required")?.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>();
    let mut groups = branches.iter().filter_map(fields);
    groups.find(|it| it.iter().all(|it| spot.node().get(it).is_some()))
}

/// What of several things is wanted, of which one would do.
fn either(errors: &[&Error]) -> String {
    let mut wanted: Vec<String> = vec![];
    for error in errors {
        match error {
            Error::Enum { options } => wanted.extend(violation::quoted(&texts(options))),
            Error::Constant { expected_value } => wanted.push(expected_value.to_string()),
            Error::Format { format } => wanted.push(format::in_words(format).to_owned()),
            Error::Pattern { pattern } => wanted.push(format!("a match of `{pattern}`")),
            _ => {}
        }
    }
    let mut seen = BTreeSet::new();
    wanted.retain(|it| seen.insert(it.clone()));
    format!("{} is wanted", violation::either(&wanted))
}

/// A mapping that has several groups of fields of which it must have one.
fn several(spot: &Spot<'_>, kind: &Kind) -> Diagnostic {
    let is_there = |field: &&str| spot.node().get(field).is_some();
    let mut unions = Place::at(&kind.document, spot.pointer).excluding_groups();
    unions.iter_mut().for_each(|groups| groups.retain(|it| it.iter().all(is_there)));
    match unions.iter().find(|it| it.len() > 1) {
        Some(there) => violation::several_groups(spot, there),
        None => violation::not_as_wanted(spot, "fits several of the forms that exclude each other"),
    }
}

/// The texts of an `enum`. "" and null stand for a field that is not set.
fn texts(options: &Value) -> Vec<String> {
    let text = |it: &Value| match it {
        Value::String(it) => it.clone(),
        other => other.to_string(),
    };
    let texts = options.as_array().into_iter().flatten().map(text);
    texts.filter(|it| !it.is_empty() && it != "null").collect()
}

fn enumeration(spot: &Spot<'_>, options: &Value) -> Diagnostic {
    let options = texts(options);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let value = spot.node().as_str();
    let nearest = value.and_then(|it| suggest::nearest(it, options.iter().copied()));
    violation::not_one_of(spot, &options, nearest)
}
