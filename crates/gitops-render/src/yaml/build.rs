//! Events to nodes: collections, anchors, aliases, and the limits that keep hostile input from
//! growing.
//!
//! What a scalar is and where it stands is `scalar`'s work, merge keys are `merge`'s.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Map, Node, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::rules::yml;
use crate::source::{FileId, Span};
use crate::yaml::comments::Comments;
use crate::yaml::embedded::Offsets;
use crate::yaml::events::{EventKind, Props, ScalarStyle};
use crate::yaml::merge::{self, Keys};
use crate::yaml::parse::Dialect;
use crate::yaml::{scalar, syntax};

/// How deep values may be nested. The deepest that people write, CRDs, stay below 60.
pub const MAX_DEPTH: usize = 256;

/// How many values the aliases of a document may stand for.
pub const MAX_EXPANDED: u64 = 400_000;

/// Values of at most so many bytes are kept once: `string`, `true`, `Always`.
const SHORT: usize = 8;

/// How many findings are made about one text: nobody reads more.
const MAX_FINDINGS: usize = 1000;

/// Reading this document cannot go on; what is wrong is in the builder's diagnostics.
pub(super) struct Stop;

/// Where a text comes from and how it is to be read.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub file: FileId,
    /// The whole text.
    pub text: &'a str,
    /// Where the text lies in the file.
    pub offsets: &'a Offsets,
    pub dialect: Dialect,
    /// Whether documents may be read without libyaml.
    pub is_simple: bool,
}

impl Input<'_> {
    pub fn span(&self, start: usize, end: usize) -> Span {
        self.offsets.span(self.file, start, end)
    }
}

/// Builds documents out of events.
pub(super) struct Builder<'a> {
    pub input: Input<'a>,
    stack: Vec<Frame>,
    /// Mappings that have been read: the next one grows in the room of one of them, and takes no
    /// more for itself than it needs.
    #[expect(clippy::vec_box, reason = "they go to frames and come back as they are")]
    spare: Vec<Box<OpenMap>>,
    root: Option<Node>,
    /// What an anchor stands for, and how many values that is.
    anchors: HashMap<String, (Node, u64)>,
    /// Keys and short values repeat a lot, so each is kept once.
    words: HashSet<Arc<str>, RandomState>,
    /// How many values the document has so far, aliases written out.
    weight: u64,
    /// How many of them aliases stand for.
    expanded: u64,
    /// Where the last quoted scalar begins and ends.
    pub last_quoted: Option<(usize, usize)>,
    pub comments: Comments,
    pub diagnostics: Vec<Diagnostic>,
    pub is_broken: bool,
    /// What aliases stand for, one for each alias.
    pub shared: Vec<Span>,
}

/// What a builder has told of, before a document that may have to be read again.
pub(super) struct Mark {
    comments: (usize, usize),
    diagnostics: usize,
    is_broken: bool,
    shared: usize,
}

/// A collection that is being filled.
struct Frame {
    content: Content,
    /// From where it begins to where what was put in last ends.
    span: Span,
    flow: bool,
    anchor: Option<String>,
    weight_before: u64,
}

enum Content {
    Seq(Vec<Node>),
    Map(Box<OpenMap>),
}

#[derive(Default)]
struct OpenMap {
    map: Map,
    keys: Keys,
    /// The key whose value comes next.
    key: Option<Key>,
    /// The `<<` of the mapping, and what is to be merged.
    merge: Option<(Span, Node)>,
}

struct Key {
    text: Arc<str>,
    span: Span,
    kind: ScalarKind,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Ordinary,
    /// `<<`.
    Merge,
    /// No key that anybody reads: its value is dropped.
    Dropped,
}

impl<'a> Builder<'a> {
    pub fn new(input: Input<'a>) -> Builder<'a> {
        Builder {
            input,
            stack: vec![],
            spare: vec![],
            root: None,
            anchors: HashMap::new(),
            words: HashSet::default(),
            weight: 0,
            expanded: 0,
            last_quoted: None,
            comments: Comments::default(),
            diagnostics: vec![],
            is_broken: false,
            shared: vec![],
        }
    }

    /// The document that has ended. Anchors end with it.
    pub fn take_document(&mut self) -> Option<Node> {
        let root = self.root.take();
        self.abandon();
        root
    }

    /// Forgets the document that is being read.
    pub fn abandon(&mut self) {
        self.root = None;
        self.stack.clear();
        self.last_quoted = None;
        self.anchors.clear();
        self.weight = 0;
        self.expanded = 0;
    }

    /// How far it has come, to go back there.
    pub fn mark(&self) -> Mark {
        Mark {
            comments: self.comments.mark(),
            diagnostics: self.diagnostics.len(),
            is_broken: self.is_broken,
            shared: self.shared.len(),
        }
    }

    /// Forgets the document that is being read, and everything about it.
    pub fn go_back(&mut self, to: Mark) {
        self.abandon();
        self.comments.go_back(to.comments);
        self.diagnostics.truncate(to.diagnostics);
        self.is_broken = to.is_broken;
        self.shared.truncate(to.shared);
    }

    /// Takes one event in, whose text is the bytes from `start` to `end`.
    pub fn add(&mut self, kind: EventKind<'_>, start: usize, end: usize) -> Result<(), Stop> {
        match kind {
            EventKind::Scalar { value, style, props } => {
                let place = scalar::place(self.input.text, style, &props, &value, start, end);
                self.comments.gap(&self.input, place.0);
                self.comments.skip(&self.input, style, place);
                let span = self.input.span(place.0, place.1);
                if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
                    self.last_quoted = Some(place);
                }
                if style == ScalarStyle::DoubleQuoted
                    && let Some(found) = syntax::refused_escape(&self.input, place.0, place.1)
                {
                    self.refuse(found);
                }
                let written = scalar::Written { value, style, tag: props.tag.as_deref(), span };
                self.scalar(&written, props.anchor.map(Into::into))
            }
            EventKind::SequenceStart { flow, props } => self.open(Content::Seq(vec![]), flow, props, start),
            EventKind::MappingStart { flow, props } => {
                let empty = self.spare.pop().unwrap_or_default();
                self.open(Content::Map(empty), flow, props, start)
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.close(end),
            EventKind::Alias(name) => {
                self.comments.gap(&self.input, start);
                self.alias(&name, self.input.span(start, end))
            }
            _ => Ok(()),
        }
    }

    /// Takes down what is wrong with a document that is read on.
    pub fn refuse(&mut self, found: Diagnostic) {
        if self.diagnostics.len() < MAX_FINDINGS {
            self.diagnostics.push(found);
        }
        self.is_broken = true;
    }

    fn stop<T>(&mut self, found: Diagnostic) -> Result<T, Stop> {
        self.refuse(found);
        Err(Stop)
    }

    fn open(&mut self, content: Content, flow: bool, props: Props<'_>, start: usize) -> Result<(), Stop> {
        let start = scalar::behind_properties(self.input.text, &props, start);
        let span = self.input.span(start, start);
        if self.stack.len() >= MAX_DEPTH {
            return self.stop(yml::invalid_yaml::too_deep(span, MAX_DEPTH));
        }
        let anchor = props.anchor.map(Into::into);
        self.stack.push(Frame { content, span, flow, anchor, weight_before: self.weight });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Stop> {
        let Some(mut frame) = self.stack.pop() else { return Ok(()) };
        if frame.flow {
            // A block collection ends with its last value, not where the next token begins.
            frame.span = frame.span.to(self.input.span(end.saturating_sub(1), end));
        }
        let value = match frame.content {
            Content::Seq(mut items) => {
                items.shrink_to_fit();
                Value::Seq(Arc::new(items))
            }
            Content::Map(mut open) => {
                if let Some((at, source)) = open.merge.take() {
                    merge::into(&mut open.map, &mut open.keys, at, &source)
                        .unwrap_or_else(|()| self.refuse(yml::invalid_yaml::merge_of_no_map(at)));
                }
                let map = open.map.take_all();
                open.keys = Keys::default();
                open.key = None;
                self.spare.push(open);
                Value::Map(Arc::new(map))
            }
        };
        let node = Node { value, origin: Origin::source(frame.span) };
        self.weight += 1;
        self.anchor(frame.anchor, &node, self.weight - frame.weight_before);
        self.put(node, frame.span);
        Ok(())
    }

    fn scalar(&mut self, written: &scalar::Written<'_>, anchor: Option<String>) -> Result<(), Stop> {
        let in_flow = self.stack.last().is_some_and(|it| it.flow);
        let awaits_key = self.awaits_key();
        let read = scalar::read(written, self.input.dialect, in_flow && !awaits_key);
        let (text, kind) = match &read {
            Ok(read) if awaits_key || read.text.len() <= SHORT => (self.intern(&read.text), read.kind),
            Ok(read) => (Arc::from(&*read.text), read.kind),
            Err(_) => (self.intern(&written.value), ScalarKind::Str),
        };
        if let Err(found) = read {
            self.refuse(found);
        }
        self.weight += 1;
        let node = scalar::node(text, kind, written);
        self.anchor(anchor, &node, 1);
        match self.stack.last_mut() {
            Some(Frame { content: Content::Map(open), span, .. }) if awaits_key => {
                let role = match scalar::is_merge(written) {
                    true => Role::Merge,
                    // kustomize clears every `<<` away when it has merged, meant as text or not.
                    false if written.value == "<<" && self.input.dialect == Dialect::Resource => {
                        Role::Dropped
                    }
                    false => Role::Ordinary,
                };
                let Value::Scalar(scalar) = node.value else { return Ok(()) };
                open.key = Some(Key { text: scalar.text, span: written.span, kind, role });
                *span = span.to(written.span);
            }
            _ => self.put(node, written.span),
        }
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { content: Content::Map(open), .. }) if open.key.is_none())
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.words.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.words.insert(Arc::clone(&text));
        text
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), Stop> {
        let Some((node, weight)) = self.anchors.get(name) else {
            let is_within = self.stack.iter().any(|it| it.anchor.as_deref() == Some(name));
            return self.stop(match is_within {
                true => yml::invalid_yaml::alias_of_itself(span, name),
                false => yml::invalid_yaml::unknown_alias(span, name),
            });
        };
        self.weight += weight;
        self.expanded += weight;
        self.shared.push(node.origin.span);
        let origin = node.origin.touched_by_alias(span);
        let node = Node { value: node.value.clone(), origin };
        if self.expanded > MAX_EXPANDED {
            return self.stop(yml::invalid_yaml::too_many_values(span, MAX_EXPANDED));
        }
        match (&node.value, self.awaits_key()) {
            (Value::Scalar(scalar), true) => {
                let key =
                    Key { text: self.intern(&scalar.text), span, kind: scalar.kind, role: Role::Ordinary };
                if let Some(Frame { content: Content::Map(open), .. }) = self.stack.last_mut() {
                    open.key = Some(key);
                }
            }
            _ => self.put(node, span),
        }
        Ok(())
    }

    /// Remembers what an anchor stands for.
    fn anchor(&mut self, name: Option<String>, node: &Node, weight: u64) {
        if let Some(name) = name {
            self.anchors.insert(name, (node.clone(), weight));
        }
    }

    /// Puts a finished value where it belongs; `written` is where it stands in its parent.
    fn put(&mut self, node: Node, written: Span) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.span = frame.span.to(written);
        let open = match &mut frame.content {
            Content::Seq(items) => return items.push(node),
            Content::Map(open) => open,
        };
        let Some(Key { text, span, kind, role }) = open.key.take() else {
            let key = Key { text: "?".into(), span: written, kind: ScalarKind::Str, role: Role::Dropped };
            open.key = Some(key);
            return self.refuse(yml::invalid_yaml::complex_key(written));
        };
        let first = match role {
            Role::Dropped => return,
            Role::Merge => match &open.merge {
                Some((first, _)) => *first,
                None => {
                    open.merge = Some((span, node));
                    return;
                }
            },
            Role::Ordinary => {
                let entry = Entry { key: Arc::clone(&text), key_span: span, key_kind: kind, node };
                let Err(twice) = open.keys.add(&mut open.map, entry) else { return };
                let (first, entry) = *twice;
                // Readers that let it pass take the last one, as kustomize does here, and say nothing.
                open.map.insert(entry);
                if self.input.dialect == Dialect::Kustomization {
                    return self.diagnostics.push(yml::duplicate_key::duplicate(&text, span, first));
                }
                first
            }
        };
        self.refuse(yml::duplicate_key::duplicate(&text, span, first));
    }
}

impl Origin {
    /// The origin of what an alias stands for: the text to edit is at the anchor.
    fn touched_by_alias(&self, alias: Span) -> Origin {
        match self.trail {
            // The same text is no “before” of itself.
            None => Origin::created(self.span, Step::Alias, alias),
            Some(_) => self.touched(Step::Alias, alias),
        }
    }
}
