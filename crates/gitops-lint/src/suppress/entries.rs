//! Whether an `[[ignore]]` of the options file means a finding.

use gitops_render::node::pointer_parts;
use gitops_render::suppress::Day;
use gitops_render::{Diagnostic, Node, RepoPath, Resource, Sources, Span, Value};

use crate::options::IgnoreEntry;
use crate::options::ignore;

/// An entry, and what has become of it.
pub(super) struct Entry<'a> {
    pub entry: &'a IgnoreEntry,
    /// Where it stands; `None` if the file cannot be opened any more.
    pub place: Option<Span>,
    /// Its last day, if that is past.
    pub expired: Option<(Option<Span>, Day)>,
    pub has_expired: bool,
    pub is_used: bool,
}

impl<'a> Entry<'a> {
    pub fn new(entry: &'a IgnoreEntry, sources: &Sources<'_>, today: Day) -> Entry<'a> {
        let last = entry
            .expires
            .as_ref()
            .and_then(|it| Some((span(sources, &it.place), Day::new(it.year, it.month, it.day)?)));
        let expired = last.filter(|it| it.1 < today);
        let place = span(sources, &entry.place);
        Entry { entry, place, has_expired: expired.is_some(), expired, is_used: false }
    }

    /// Whether it asks for something that only the object tells.
    pub fn wants_object(&self) -> bool {
        self.entry.container.is_some()
    }

    /// Whether all that it says is true of a finding in a root. `object` finds the object there.
    pub fn fits<'r>(
        &self,
        found: &Diagnostic,
        root: Option<&RepoPath>,
        sources: &Sources<'_>,
        object: &dyn Fn() -> Option<&'r Resource>,
    ) -> bool {
        let it = self.entry;
        let name = found.object.as_deref();
        let is_there = |paths: &crate::options::globs::Paths| {
            let is_root = |it: &RepoPath| paths.holds(it) || paths.holds_folder(it);
            paths.holds(&sources.file(found.span().file).path) || root.is_some_and(is_root)
        };
        let is_inside = |pattern: &crate::options::globs::Pattern| {
            let pointer = found.pointer.as_deref();
            let container = pointer.zip(object()).and_then(|(pointer, it)| container(&it.node, pointer));
            container.is_some_and(|it| pattern.matches(&it))
        };
        it.rules.iter().any(|it| it.names(found.rule))
            && it.kind.as_ref().is_none_or(|it| name.is_some_and(|name| it.matches(&name.kind)))
            && it.name.as_ref().is_none_or(|it| name.is_some_and(|name| it.matches(&name.name)))
            && it.namespace.as_ref().is_none_or(|it| {
                name.is_some_and(|name| it.matches(name.namespace.as_deref().unwrap_or_default()))
            })
            && it.path.as_ref().is_none_or(is_there)
            && it.container.as_ref().is_none_or(is_inside)
    }
}

/// The name of the container that a place lies in.
fn container(object: &Node, pointer: &str) -> Option<String> {
    let mut node = object;
    let mut is_list = false;
    for part in pointer_parts(pointer) {
        node = match &node.value {
            Value::Map(map) => map.get(&part)?,
            Value::Seq(items) => items.get(part.parse::<usize>().ok()?)?,
            Value::Scalar(_) => return None,
        };
        if is_list && let Some(name) = node.get("name").and_then(Node::as_str) {
            return Some(name.to_owned());
        }
        is_list = matches!(&*part, "containers" | "initContainers" | "ephemeralContainers");
    }
    None
}

fn span(sources: &Sources<'_>, place: &ignore::Place) -> Option<Span> {
    let file = sources.open(&place.file).ok()?;
    let end = (file.bytes().len() as u32).min(place.end);
    Some(Span { file: file.id, start: place.start.min(end), end })
}
