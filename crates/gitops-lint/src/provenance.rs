//! `render --provenance`: where each object and each changed field came from.

use std::collections::HashMap;

use gitops_render::provenance::fields;
use gitops_render::yaml::{EmitError, emit_with_remarks};
use gitops_render::{Node, Origin, RepoPath, Resource, Sources, Span, Trail};
use serde::Serialize;

use crate::output::json::{Location, Object, Place};

/// What is needed to name places.
pub struct Told<'a> {
    /// The files.
    pub sources: &'a Sources<'a>,
    /// A path as the reader knows it.
    pub name: &'a dyn Fn(&RepoPath) -> String,
}

/// One object. What is written is a list of these.
#[derive(Serialize)]
struct Entry<'a> {
    object: Object<'a>,
    /// Where it stands, or the text out of which it was generated.
    origin: Start,
    fields: Vec<Field>,
}

/// The beginning of a range of a file.
#[derive(Serialize)]
struct Start {
    path: String,
    #[serde(flatten)]
    at: Place,
}

/// A value that has a text of its own, or a collection that a step has changed.
#[derive(Serialize)]
struct Field {
    pointer: String,
    /// The text to edit.
    origin: Location,
    /// What happened to it, the newest step first; empty if it stands in its file as it is.
    trail: Vec<Link>,
}

/// A step.
#[derive(Serialize)]
struct Link {
    step: &'static str,
    /// What asked for it.
    directive: Location,
    /// What stood there before; null if the step created the value.
    before: Option<Location>,
}

impl Told<'_> {
    /// Writes one object with comments.
    ///
    /// # Errors
    /// If there is a value that kustomize cannot print.
    pub fn comments(&self, object: &Node, out: &mut String) -> Result<(), EmitError> {
        let changed = fields(object).into_iter().filter(|it| it.is_changed);
        let remarks: HashMap<*const Node, String> =
            changed.map(|it| (std::ptr::from_ref(it.node), self.remark(&it.node.origin))).collect();
        // The name of a file may hold a line break.
        let from = self.from(&object.origin).replace(char::is_control, "?");
        out.push_str(&format!("# from {from}\n"));
        emit_with_remarks(object, &mut |node| remarks.get(&std::ptr::from_ref(node)).cloned(), out)
    }

    /// All objects as one JSON document.
    pub fn json(&self, resources: &[Resource]) -> String {
        let names: Vec<_> = resources.iter().map(Resource::object_name).collect();
        let entry = |(resource, name)| self.entry(resource, Object::of(name));
        let entries: Vec<Entry<'_>> = resources.iter().zip(names.iter().map(|it| &**it)).map(entry).collect();
        let mut text = serde_json::to_string_pretty(&entries).expect("strings and numbers are JSON");
        text.push('\n');
        text
    }

    /// `base/web.yaml:1`, and how the object came out of it.
    fn from(&self, origin: &Origin) -> String {
        let (path, start, _) = self.sources.place(origin.oldest());
        let place = format!("{}:{}", (self.name)(&path), start.line);
        let steps = self.steps(origin);
        if steps.is_empty() { place } else { format!("{place} ({steps})") }
    }

    /// `patch.yaml:7:13 (patch in kustomization.yaml:4:9; was base/web.yaml:6:13)`
    fn remark(&self, origin: &Origin) -> String {
        let mut story = self.steps(origin);
        let (place, oldest) = (self.place(origin.span), self.place(origin.oldest()));
        if oldest != place {
            story.push_str(&format!("; was {oldest}"));
        }
        format!("{place} ({story})")
    }

    fn steps(&self, origin: &Origin) -> String {
        let step = |it: &Trail| format!("{} in {}", it.step.keyword(), self.place(it.directive));
        origin.steps().map(step).collect::<Vec<_>>().join(", ")
    }

    fn place(&self, span: Span) -> String {
        let (path, start, _) = self.sources.place(span);
        format!("{}:{}:{}", (self.name)(&path), start.line, start.column)
    }

    fn entry<'a>(&self, resource: &'a Resource, object: Object<'a>) -> Entry<'a> {
        let (path, start, _) = self.sources.place(resource.node.origin.oldest());
        let origin = Start { path: (self.name)(&path), at: Place::of(start) };
        let link = |it: &Trail| Link {
            step: it.step.keyword(),
            directive: self.location(it.directive),
            before: it.before.as_ref().map(|it| self.location(it.span)),
        };
        let field = |it: gitops_render::provenance::Field<'_>| Field {
            pointer: it.pointer,
            origin: self.location(it.node.origin.span),
            trail: it.node.origin.steps().map(link).collect(),
        };
        Entry { object, origin, fields: fields(&resource.node).into_iter().map(field).collect() }
    }

    fn location(&self, span: Span) -> Location {
        let (path, start, end) = self.sources.place(span);
        Location { path: (self.name)(&path), start: Place::of(start), end: Place::of(end) }
    }
}
