//! A place in an object: how it is called, what stands there, and which text to mark.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, ObjectName, Rule};
use crate::node::{Node, Value, pointer_parts};
use crate::resource::Resource;
use crate::source::Span;

/// Values longer than this are cut in messages.
const LONGEST_VALUE: usize = 40;

/// Mappings whose keys are up to the user.
const FREE_MAPPINGS: [&str; 8] =
    ["annotations", "data", "labels", "limits", "matchLabels", "nodeSelector", "requests", "stringData"];

/// A place in an object.
pub(crate) struct Spot<'a> {
    resource: &'a Resource,
    name: &'a Arc<ObjectName>,
    /// The place, as a JSON pointer.
    pub pointer: &'a str,
}

impl<'a> Spot<'a> {
    /// The place at `pointer`; `name` is the object's.
    pub(crate) fn new(resource: &'a Resource, name: &'a Arc<ObjectName>, pointer: &'a str) -> Spot<'a> {
        Spot { resource, name, pointer }
    }

    /// The object.
    pub(crate) fn root(&self) -> &'a Node {
        &self.resource.node
    }

    /// What stands there; the object itself if nothing does.
    pub(crate) fn node(&self) -> &'a Node {
        self.resource.node.at(self.pointer).unwrap_or(&self.resource.node)
    }

    /// The last part of the place: `replicas`, `args[0]`, `labels.app`, or the kind of the object.
    pub(crate) fn field(&self) -> String {
        let parts = self.named_parts();
        let is_item = |it: &String| it.starts_with('[') && !it.starts_with("[\"");
        let Some(start) = parts.iter().rposition(|it| !is_item(it)) else { return self.name.kind.clone() };
        // A key that the user made up says little without the name of the mapping.
        match start.checked_sub(1).map(|it| parts[it].as_str()).filter(|it| FREE_MAPPINGS.contains(it)) {
            Some(mapping) => joined(&[&[mapping.to_owned()], &parts[start..]].concat()),
            None => joined(&parts[start..]),
        }
    }

    /// The whole place: `spec.template.spec.containers[0]`, or the kind of the object.
    pub(crate) fn path(&self) -> String {
        let path = joined(&self.named_parts());
        if path.is_empty() { self.name.kind.clone() } else { path }
    }

    /// The parts of the place, an item of a list as `[0]`.
    fn named_parts(&self) -> Vec<String> {
        let mut node = Some(&self.resource.node);
        let mut named = vec![];
        for part in pointer_parts(self.pointer) {
            let items = node.and_then(Node::as_seq);
            node = match items {
                Some(items) => part.parse::<usize>().ok().and_then(|it| items.get(it)),
                None => node.and_then(|it| it.get(&part)),
            };
            let is_plain = !part.is_empty() && !part.contains(['.', '/', '[', ' ', '`']);
            named.push(match (items.is_some(), is_plain) {
                (true, _) => format!("[{part}]"),
                (false, true) => part,
                (false, false) => format!("[{part:?}]"),
            });
        }
        named
    }

    /// Whether what stands here must not be shown to anybody.
    pub(crate) fn is_secret(&self) -> bool {
        &*self.resource.id.gvk.kind == "Secret" && self.resource.id.gvk.group.is_empty()
    }

    /// What stands here, for a message. Says only what sort of value it is if it is secret.
    pub(crate) fn shown(&self) -> String {
        use crate::node::ScalarKind::{Bool, Float, Int, Null, Str, Timestamp};
        match &self.node().value {
            Value::Map(_) => "a mapping".to_owned(),
            Value::Seq(_) => "a list".to_owned(),
            Value::Scalar(scalar) => match scalar.kind {
                Null if scalar.text.is_empty() => "empty".to_owned(),
                Null => "null".to_owned(),
                Bool if self.is_secret() => "a boolean".to_owned(),
                Int | Float if self.is_secret() => "a number".to_owned(),
                Str | Timestamp if self.is_secret() => "a string".to_owned(),
                Bool | Int | Float => cut(&scalar.text),
                Str | Timestamp => format!("{:?}", cut(&scalar.text)),
            },
        }
    }

    /// A finding about the value here: marks the value, or its key if the value has several lines.
    pub(crate) fn find(&self, rule: &'static Rule, message: impl Into<String>) -> Diagnostic {
        let (node, entry) = self.resource.node.nearest(self.pointer);
        let span = match entry {
            _ if self.pointer.is_empty() => self.kind_span(),
            Some(entry) if !is_one_line(node) => entry.key_span,
            _ => first_line(node),
        };
        rule.at(span, message).story(&node.origin).object(self.name, self.pointer)
    }

    /// A finding about the key of an entry of the mapping here.
    pub(crate) fn find_key(&self, rule: &'static Rule, key: &str, message: impl Into<String>) -> Diagnostic {
        let pointer = format!("{}/{}", self.pointer, crate::node::pointer_part(key));
        match self.node().as_map().and_then(|it| it.entry(key)) {
            Some(entry) => {
                rule.at(entry.key_span, message).story(&entry.node.origin).object(self.name, pointer)
            }
            None => self.find(rule, message).object(self.name, pointer),
        }
    }

    /// Where the object says what it is.
    fn kind_span(&self) -> Span {
        let kind = self.resource.node.get("kind");
        kind.map_or_else(|| first_line(&self.resource.node), |it| it.origin.span)
    }
}

/// Whether the text of a node is a word or a line that can be marked as it is.
fn is_one_line(node: &Node) -> bool {
    let span = node.origin.span;
    let length = span.end.saturating_sub(span.start) as usize;
    // Text that is longer than the value and its quotes is folded over several lines, unless a
    // step made the value out of other text.
    let is_unfolded = |text: &str| length <= text.len() + 2 || node.origin.trail.is_some();
    node.as_scalar().is_some_and(|it| length > 0 && is_unfolded(&it.text) && !it.text.contains('\n'))
}

/// A short span that stands for a node that has no key: the first key of a mapping, the first
/// item of a list.
fn first_line(node: &Node) -> Span {
    match &node.value {
        Value::Map(map) => map.entries().first().map_or(node.origin.span, |it| it.key_span),
        Value::Seq(items) => items.first().map_or(node.origin.span, first_line),
        Value::Scalar(_) => node.origin.span,
    }
}

fn joined(parts: &[String]) -> String {
    let mut path = String::new();
    for part in parts {
        if !path.is_empty() && !part.starts_with('[') {
            path.push('.');
        }
        path.push_str(part);
    }
    path
}

/// As much of a text as belongs into a message.
pub(super) fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_VALUE).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
