//! What the errors of the validator come down to.
//!
//! A union (`anyOf`, `oneOf`) that does not hold is one issue: that of the branch that is the closest
//! to being right, or what all of them want. If a value is wrong by itself, it is not told a second
//! time as a part of a union.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jsonschema::error::{TypeKind, ValidationErrorKind as Error};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::place::Place;

/// One thing that is wrong, at the innermost place that can be named.
pub(super) struct Issue<'e> {
    /// The place, as a JSON pointer.
    pub pointer: &'e str,
    pub what: What<'e>,
}

pub(super) enum What<'e> {
    /// A field that there is not.
    Unknown(&'e str),
    /// A field that must be there.
    Missing(&'e str),
    /// Another type than these.
    Type(BTreeSet<&'static str>),
    /// None of several groups of fields.
    Groups(Vec<Vec<&'e str>>),
    /// None of several things of which one would do.
    Either(Vec<&'e Error>),
    /// Anything else that a schema can ask for.
    Other(&'e Error, &'e ValidationError<'e>),
}

/// What is wrong, in the order of the validator; `document` is the schema.
pub(super) fn issues<'e>(errors: &'e [ValidationError<'e>], document: &Value) -> Vec<Issue<'e>> {
    let is_union = |it: &&ValidationError<'_>| branches(it).is_some();
    let direct: Vec<Issue<'_>> = errors.iter().filter(|it| !is_union(it)).flat_map(issues_of).collect();
    let mut of_unions = vec![];
    for error in errors.iter().filter(is_union) {
        if !follows(error, &direct, document) {
            of_unions.extend(issues_of(error));
        }
    }
    let mut all: Vec<Issue<'_>> = direct.into_iter().chain(of_unions).collect();
    drop_told(&mut all);
    all
}

/// Whether the error about a union follows from something else that is wrong: mending that may mend it.
fn follows(union: &ValidationError<'_>, direct: &[Issue<'_>], document: &Value) -> bool {
    let pointer = union.instance_path().as_str();
    let about: Vec<Issue<'_>> = branches(union).into_iter().flatten().flatten().flat_map(issues_of).collect();
    let place = Place::at(document, pointer);
    direct.iter().any(|it| match it.what {
        What::Unknown(_) => false,
        What::Missing(field) => it.pointer == pointer && place.is_told_apart_by(field),
        _ => about.iter().any(|other| other.pointer == it.pointer && other.is_about_value()),
    })
}

/// Drops what is said about a value of which the type is wrong already.
fn drop_told(issues: &mut Vec<Issue<'_>>) {
    let is_type = |it: &&Issue<'_>| matches!(it.what, What::Type(_));
    let wrong: BTreeSet<&str> = issues.iter().filter(is_type).map(|it| it.pointer).collect();
    issues.retain(|it| !matches!(it.what, What::Other(..)) || !wrong.contains(it.pointer));
}

impl Issue<'_> {
    /// Whether it is about the value itself, and not about fields in it.
    fn is_about_value(&self) -> bool {
        matches!(self.what, What::Type(_) | What::Either(_) | What::Other(..))
    }

    /// Whether the value is none of those by which the branches of a union are told apart.
    fn is_other_variant(&self) -> bool {
        matches!(self.what, What::Other(Error::Enum { .. } | Error::Constant { .. }, _))
    }
}

/// What each branch of a union says, if the error is about one.
fn branches<'e>(error: &'e ValidationError<'e>) -> Option<&'e [Vec<ValidationError<'e>>]> {
    match error.kind() {
        Error::AnyOf { context } | Error::OneOfNotValid { context } => Some(context),
        _ => None,
    }
}

/// What an error comes down to.
fn issues_of<'e>(error: &'e ValidationError<'e>) -> Vec<Issue<'e>> {
    let pointer = error.instance_path().as_str();
    let one = |what| vec![Issue { pointer, what }];
    if let Some(context) = branches(error) {
        let branches = context.iter().map(|it| it.iter().flat_map(issues_of).collect()).collect();
        return closest(branches, pointer).unwrap_or_else(|| one(What::Other(error.kind(), error)));
    }
    match error.kind() {
        Error::AdditionalProperties { unexpected } | Error::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|it| Issue { pointer, what: What::Unknown(it) }).collect()
        }
        Error::Required { property: Value::String(field) } => one(What::Missing(field)),
        Error::Type { kind } => one(What::Type(types(kind))),
        kind => one(What::Other(kind, error)),
    }
}

/// What all branches want, or the issues of the branch that is the closest to being right.
fn closest<'e>(mut branches: Vec<Vec<Issue<'e>>>, pointer: &'e str) -> Option<Vec<Issue<'e>>> {
    branches.iter_mut().for_each(drop_told);
    branches.retain(|it| !it.is_empty());
    let one = |pointer, what| Some(vec![Issue { pointer, what }]);
    if let Some(groups) = groups(&branches, pointer) {
        return one(pointer, What::Groups(groups));
    }
    let wanted = |branch: &Vec<Issue<'e>>| match branch.as_slice() {
        [Issue { pointer: at, what: What::Type(types) }] if *at == pointer => Some(types.clone()),
        _ => None,
    };
    // A value of a type that no branch takes: all types are told.
    if let Some(types) = branches.iter().map(wanted).collect::<Option<Vec<_>>>().filter(|it| it.len() > 1) {
        return one(pointer, What::Type(types.into_iter().flatten().collect()));
    }
    if let Some((at, errors)) = either(&branches) {
        return one(at, What::Either(errors));
    }
    let depth = |it: &Vec<Issue<'_>>| it.iter().map(|it| it.pointer.len()).max();
    let is_wrong_type = |it: &Vec<Issue<'e>>| wanted(it).is_some();
    let is_other = |it: &Vec<Issue<'_>>| it.iter().any(Issue::is_other_variant);
    branches.into_iter().min_by_key(|it| (is_wrong_type(it), is_other(it), it.len(), Reverse(depth(it))))
}

/// The groups of fields that the branches want, if that is all that they want.
fn groups<'e>(branches: &[Vec<Issue<'e>>], pointer: &str) -> Option<Vec<Vec<&'e str>>> {
    let missing = |it: &Issue<'e>| match it.what {
        What::Missing(field) if it.pointer == pointer => Some(field),
        _ => None,
    };
    let mut groups: Vec<Vec<&str>> =
        branches.iter().map(|it| it.iter().map(missing).collect()).collect::<Option<_>>()?;
    let mut seen = BTreeSet::new();
    groups.retain(|it| seen.insert(it.clone()));
    (groups.len() > 1).then_some(groups)
}

/// The place of which each branch wants something else, and what: the field by which they are told
/// apart, or the value itself.
fn either<'e>(branches: &[Vec<Issue<'e>>]) -> Option<(&'e str, Vec<&'e Error>)> {
    let is_form = |it: &Error| {
        matches!(
            it,
            Error::Enum { .. } | Error::Constant { .. } | Error::Format { .. } | Error::Pattern { .. }
        )
    };
    let error = |branch: &Vec<Issue<'e>>| {
        let variant = branch.iter().find(|it| it.is_other_variant());
        match variant.or_else(|| branch.first().filter(|_| branch.len() == 1))? {
            Issue { pointer, what: What::Other(kind, _) } if is_form(kind) => Some((*pointer, *kind)),
            _ => None,
        }
    };
    let errors: Vec<(&str, &Error)> = branches.iter().map(error).collect::<Option<_>>()?;
    let (at, _) = *errors.first()?;
    let is_one_place = errors.len() > 1 && errors.iter().all(|it| it.0 == at);
    is_one_place.then(|| (at, errors.into_iter().map(|it| it.1).collect()))
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
