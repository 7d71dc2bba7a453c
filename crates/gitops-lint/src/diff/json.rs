//! A difference for programs. `version` changes when a field changes its meaning.

use std::io;

use gitops_render::diff::{FieldChange, Group, RootChange};
use gitops_render::report::{Location, Places};
use gitops_render::yaml::to_value;
use gitops_render::{Diagnostic, Node, ObjectName, Resource, Sources};
use serde::Serialize;

use super::Shown;
use crate::output::write_json;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    base: Base<'a>,
    roots: Vec<Root<'a>>,
    changes: Vec<Change<'a>>,
    summary: Summary,
}

/// What was compared with.
#[derive(Serialize)]
struct Base<'a> {
    /// As it was asked for.
    name: &'a str,
    commit: &'a str,
}

/// A root of which there is something to say.
#[derive(Serialize, Default)]
struct Root<'a> {
    root: String,
    change: &'a str,
    /// How many objects a root that is new or gone has.
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<usize>,
    /// Where a root was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Why it could not be rendered, or not all of it, before.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Reason<'a>>,
    /// The same now.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Reason<'a>>,
}

#[derive(Serialize)]
struct Reason<'a> {
    code: &'a str,
    message: &'a str,
    location: Location,
}

/// A change, and the objects that it happened to.
#[derive(Serialize)]
struct Change<'a> {
    change: &'a str,
    objects: Vec<Seen>,
    fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Seen {
    root: String,
    object: serde_json::Value,
}

/// A field that differs. An object that is on one side only has one, with an empty name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Field<'a> {
    change: &'a str,
    field: &'a str,
    /// Whether something in the values is hidden.
    hidden: bool,
    old: Option<Told>,
    new: Option<Told>,
}

/// One side of a field.
#[derive(Serialize)]
struct Told {
    /// Where it is in the object, a JSON pointer.
    pointer: String,
    value: serde_json::Value,
    /// The text to edit.
    location: Location,
    /// What brought it there, the newest step first; empty if it stands in its file as it is.
    trail: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    step: &'static str,
    directive: Location,
}

#[derive(Serialize)]
struct Summary {
    /// Affected roots and manifests.
    compared: usize,
    added: usize,
    removed: usize,
    changed: usize,
}

/// Writes what differs.
pub(super) fn write(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    use gitops_render::diff::ChangeKind::{Added, Changed, Removed};
    let comparison = shown.comparison;
    let document = Document {
        version: 1,
        base: Base { name: &shown.commit.name, commit: &shown.commit.id },
        roots: comparison.roots.iter().map(|(root, it)| of_root(shown, shown.path(root), it)).collect(),
        changes: comparison.groups.iter().map(|it| change(shown, it)).collect(),
        summary: Summary {
            compared: comparison.compared,
            added: shown.count(Added),
            removed: shown.count(Removed),
            changed: shown.count(Changed),
        },
    };
    write_json(out, &document)
}

fn of_root<'a>(shown: &Shown<'_>, root: String, change: &RootChange<'a>) -> Root<'a> {
    let old = |it: &'a Diagnostic| reason(shown, shown.old, it);
    let new = |it: &'a Diagnostic| reason(shown, shown.new, it);
    let blank = Root { root, ..Root::default() };
    match *change {
        RootChange::Added(count) => Root { change: "added", objects: Some(count), ..blank },
        RootChange::Removed(count) => Root { change: "removed", objects: Some(count), ..blank },
        RootChange::Moved(from) => Root { change: "moved", from: Some(shown.path(from)), ..blank },
        RootChange::InPart(it) => Root { change: "in-part", new: Some(new(it)), ..blank },
        RootChange::Unrendered { old: before, new: now } => {
            Root { change: "unrendered", old: before.map(old), new: now.map(new), ..blank }
        }
    }
}

fn reason<'a>(shown: &Shown<'_>, sources: &Sources<'_>, it: &'a Diagnostic) -> Reason<'a> {
    Reason { code: it.rule.code, message: &it.message, location: location(shown, sources, it.span()) }
}

fn change<'a>(shown: &Shown<'_>, group: &'a Group<'_>) -> Change<'a> {
    let seen =
        |it: &gitops_render::diff::Seen<'_>| Seen { root: shown.path(it.root), object: name(it.resource) };
    Change {
        change: group.change.kind().keyword(),
        objects: group.seen.iter().map(seen).collect(),
        fields: group.change.fields.iter().map(|it| field(shown, it)).collect(),
    }
}

fn name(resource: &Resource) -> serde_json::Value {
    let name: &ObjectName = &resource.object_name();
    serde_json::to_value(name).unwrap_or_default()
}

fn field<'a>(shown: &Shown<'_>, it: &'a FieldChange) -> Field<'a> {
    Field {
        change: it.kind.keyword(),
        field: &it.field,
        hidden: it.is_secret,
        old: it.old.as_ref().map(|node| told(shown, shown.old, &it.old_pointer, node)),
        new: it.new.as_ref().map(|node| told(shown, shown.new, &it.new_pointer, node)),
    }
}

fn told(shown: &Shown<'_>, sources: &Sources<'_>, pointer: &str, node: &Node) -> Told {
    let trail = node.origin.steps();
    Told {
        pointer: pointer.to_owned(),
        value: to_value(node),
        location: location(shown, sources, node.origin.span),
        trail: trail
            .map(|it| Link { step: it.step.keyword(), directive: location(shown, sources, it.directive) })
            .collect(),
    }
}

fn location(shown: &Shown<'_>, sources: &Sources<'_>, span: gitops_render::Span) -> Location {
    Places::new(sources).named(&|path| shown.path(path)).location(span)
}
