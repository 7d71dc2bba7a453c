//! Events to nodes: anchors, merge keys, duplicate keys, and the limits that keep hostile input
//! from growing.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::rules::yml;
use crate::source::{FileId, Span};
use crate::yaml::embedded::Offsets;
use crate::yaml::events::{EventKind, Props, ScalarStyle};
use crate::yaml::parse::Dialect;
use crate::yaml::{folded, resolve};

/// How deep values may be nested. The deepest that people write, CRDs, stay below 60.
pub const MAX_DEPTH: usize = 256;

/// How many values a document may stand for once its aliases are written out. Nodes are shared,
/// so this bounds the time of those who walk it, not memory.
pub const MAX_EXPANDED: u64 = 4_000_000;

/// Reading this document cannot go on; what is wrong is in the builder's diagnostics.
pub(super) struct Stop;

/// Builds documents out of events.
pub(super) struct Builder<'a> {
    file: FileId,
    offsets: &'a Offsets,
    /// Where the parsed text begins in the text that `offsets` knows.
    from: usize,
    dialect: Dialect,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<String, (Node, u64)>,
    /// Keys repeat a lot, so each is kept once.
    keys: HashMap<String, Arc<str>>,
    /// How many values the document stands for so far.
    weight: u64,
    pub diagnostics: Vec<Diagnostic>,
    pub is_broken: bool,
}

/// A collection that is being filled.
struct Frame {
    content: Content,
    start: usize,
    flow: bool,
    anchor: Option<String>,
    weight_before: u64,
}

enum Content {
    Seq(Vec<Node>),
    Map { map: Map, key: Option<Key>, merges: Vec<(Span, Node)> },
}

struct Key {
    text: Arc<str>,
    span: Span,
    kind: ScalarKind,
    is_merge: bool,
}

impl<'a> Builder<'a> {
    pub fn new(file: FileId, offsets: &'a Offsets, from: usize, dialect: Dialect) -> Builder<'a> {
        Builder {
            file,
            offsets,
            from,
            dialect,
            stack: vec![],
            root: None,
            anchors: HashMap::new(),
            keys: HashMap::new(),
            weight: 0,
            diagnostics: vec![],
            is_broken: false,
        }
    }

    /// The document that has ended. Anchors end with it.
    pub fn take_document(&mut self) -> Option<Node> {
        self.anchors.clear();
        self.weight = 0;
        self.root.take()
    }

    /// Takes one event in.
    pub fn add(&mut self, kind: EventKind, start: usize, end: usize) -> Result<(), Stop> {
        match kind {
            EventKind::Scalar { value, style, props } => self.scalar(value, style, props, start, end),
            EventKind::SequenceStart { flow, props } => self.open(Content::Seq(vec![]), flow, props, start),
            EventKind::MappingStart { flow, props } => {
                let content = Content::Map { map: Map::default(), key: None, merges: vec![] };
                self.open(content, flow, props, start)
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.close(start, end),
            EventKind::Alias(name) => self.alias(&name, start, end),
            _ => Ok(()),
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        self.offsets.span(self.file, self.from + start, self.from + end)
    }

    fn open(&mut self, content: Content, flow: bool, props: Props, start: usize) -> Result<(), Stop> {
        if self.stack.len() >= MAX_DEPTH {
            self.diagnostics.push(yml::invalid_yaml::too_deep(self.span(start, start + 1), MAX_DEPTH));
            self.stack.clear();
            return Err(Stop);
        }
        self.stack.push(Frame { content, start, flow, anchor: props.anchor, weight_before: self.weight });
        Ok(())
    }

    fn close(&mut self, start: usize, end: usize) -> Result<(), Stop> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let opened = self.span(frame.start, frame.start);
        // A block collection ends with its last value, not where the next token begins.
        let written = if frame.flow { self.span(frame.start, end) } else { self.span(frame.start, start) };
        let (value, last) = match frame.content {
            Content::Seq(items) => {
                let last = items.last().map(|it| alias_or_own(it, opened));
                (Value::Seq(Arc::new(items)), last)
            }
            Content::Map { mut map, merges, .. } => {
                let last = map.entries().last().map(|it| alias_or_own(&it.node, opened));
                for (at, source) in merges {
                    self.merge(&mut map, at, &source);
                }
                (Value::Map(Arc::new(map)), last)
            }
        };
        let span = match last {
            Some(last) if !frame.flow => opened.to(last),
            None if !frame.flow => opened,
            _ => written,
        };
        let node = Node { value, origin: Origin::source(span) };
        self.anchor(frame.anchor, &node, self.weight - frame.weight_before + 1);
        self.put(node, 1)
    }

    fn scalar(
        &mut self,
        value: String,
        style: ScalarStyle,
        props: Props,
        start: usize,
        end: usize,
    ) -> Result<(), Stop> {
        let span = self.scalar_span(style, start, end);
        let kind = self.resolve(&value, style, props.tag.as_deref(), span);
        if let Some(Frame { content: Content::Map { key: key @ None, .. }, .. }) = self.stack.last_mut() {
            let is_merge = value == "<<" && style == ScalarStyle::Plain;
            let text = match self.keys.get(&value) {
                Some(known) => Arc::clone(known),
                None => {
                    let text: Arc<str> = value.as_str().into();
                    self.keys.insert(value, Arc::clone(&text));
                    text
                }
            };
            *key = Some(Key { text, span, kind, is_merge });
            return Ok(());
        }
        let plain_in_flow =
            style == ScalarStyle::Plain && self.stack.last().is_some_and(|it| it.flow) && props.tag.is_none();
        // kustomize puts quotes around some of them as it writes them for itself: `{a: }` becomes
        // an empty string, though `a:` in a block is null, and a time of day stays as it is.
        let is_quoted = value.is_empty() || (kind == ScalarKind::Timestamp && value.contains(':'));
        let kind = if plain_in_flow && is_quoted { ScalarKind::Str } else { kind };
        let text: Arc<str> = match (style, self.dialect, props.tag.as_deref()) {
            (_, _, Some(BINARY)) => self.binary(&value, span).into(),
            (ScalarStyle::Folded, Dialect::Resource, _) => folded::as_kustomize_has_it(&value).into(),
            _ => value.into(),
        };
        let scalar = Scalar { text, kind, quoted: style != ScalarStyle::Plain };
        let node = Node { value: Value::Scalar(scalar), origin: Origin::source(span) };
        self.anchor(props.anchor, &node, 1);
        self.put(node, 1)
    }

    /// The end of a block scalar is told as the start of what follows; cut that off.
    fn scalar_span(&self, style: ScalarStyle, start: usize, end: usize) -> Span {
        self.span(start, end.max(start + usize::from(style != ScalarStyle::Plain)))
    }

    /// What a scalar is, and its text if that is not the one written.
    fn resolve(&mut self, text: &str, style: ScalarStyle, tag: Option<&str>, span: Span) -> ScalarKind {
        let plain = |text: &str| match self.dialect {
            Dialect::Resource => resolve::resolve(text),
            Dialect::Kustomization => resolve::resolve_yaml11(text),
        };
        let Some(tag) = tag.filter(|it| *it != "!") else {
            return if style == ScalarStyle::Plain { plain(text) } else { ScalarKind::Str };
        };
        let wanted = match tag.strip_prefix("tag:yaml.org,2002:") {
            Some("int") => ScalarKind::Int,
            Some("float") => ScalarKind::Float,
            Some("bool") => ScalarKind::Bool,
            Some("null") => ScalarKind::Null,
            Some("timestamp") => ScalarKind::Timestamp,
            // Also what nobody knows, in which nobody looks for numbers.
            _ => return ScalarKind::Str,
        };
        // With a tag, quotes make no difference.
        let found = plain(text);
        if found != wanted && (wanted, found) != (ScalarKind::Float, ScalarKind::Int) {
            self.refuse(yml::invalid_yaml::tag_does_not_fit(span, tag));
        }
        wanted
    }

    /// The text that base 64 stands for; bytes that are no text are replaced, as kustomize has it.
    fn binary(&mut self, text: &str, span: Span) -> String {
        use base64::Engine as _;
        let compact: String = text.split_ascii_whitespace().collect();
        match base64::engine::general_purpose::STANDARD.decode(&compact) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => {
                self.refuse(yml::invalid_yaml::tag_does_not_fit(span, BINARY));
                text.to_owned()
            }
        }
    }

    /// Takes down what is wrong with a document that is read on.
    fn refuse(&mut self, found: Diagnostic) {
        self.diagnostics.push(found);
        self.is_broken = true;
    }

    fn alias(&mut self, name: &str, start: usize, end: usize) -> Result<(), Stop> {
        let span = self.span(start, end);
        let Some((node, weight)) = self.anchors.get(name) else {
            self.diagnostics.push(yml::invalid_yaml::unknown_alias(span, name));
            return Err(Stop);
        };
        let weight = *weight;
        let origin = node.origin.touched_by_alias(span);
        let node = Node { value: node.value.clone(), origin };
        if let Value::Scalar(scalar) = &node.value
            && let Some(Frame { content: Content::Map { key: key @ None, .. }, .. }) = self.stack.last_mut()
        {
            let text = Arc::clone(&scalar.text);
            *key = Some(Key { text, span, kind: scalar.kind, is_merge: false });
            return Ok(());
        }
        self.put(node, weight)
    }

    /// Remembers what an anchor stands for.
    fn anchor(&mut self, name: Option<String>, node: &Node, weight: u64) {
        if let Some(name) = name {
            self.anchors.insert(name, (node.clone(), weight));
        }
    }

    /// Puts a finished value where it belongs; it stands for `added` more values than are counted.
    fn put(&mut self, node: Node, added: u64) -> Result<(), Stop> {
        self.weight += added;
        if self.weight > MAX_EXPANDED {
            self.diagnostics.push(yml::invalid_yaml::too_many_values(node.origin.span, MAX_EXPANDED));
            self.stack.clear();
            return Err(Stop);
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame { content: Content::Seq(items), .. }) => items.push(node),
            Some(Frame { content: Content::Map { map, key, merges }, .. }) => match key.take() {
                Some(key) if key.is_merge => merges.push((key.span, node)),
                Some(key) => {
                    if let Some(first) = map.entry(&key.text) {
                        let found = yml::duplicate_key::duplicate(&key.text, key.span, first.key_span);
                        self.diagnostics.push(found);
                        self.is_broken = true;
                    } else {
                        map.push_new(Entry { key: key.text, key_span: key.span, key_kind: key.kind, node });
                    }
                }
                None => {
                    self.diagnostics.push(yml::invalid_yaml::complex_key(node.origin.span));
                    self.is_broken = true;
                    let (text, span) = (Arc::from("?"), node.origin.span);
                    *key = Some(Key { text, span, kind: ScalarKind::Str, is_merge: false });
                }
            },
        }
        Ok(())
    }

    /// `<<: *defaults`: takes over the entries that the map does not have itself.
    fn merge(&mut self, map: &mut Map, at: Span, source: &Node) {
        let sources: Vec<&Node> = match &source.value {
            Value::Seq(items) => items.iter().collect(),
            _ => vec![source],
        };
        for source in sources {
            let Some(from) = source.as_map() else {
                self.diagnostics.push(yml::invalid_yaml::merge_of_no_map(at));
                self.is_broken = true;
                continue;
            };
            for entry in from.entries() {
                if map.get(&entry.key).is_none() {
                    let mut entry = entry.clone();
                    entry.node.origin = entry.node.origin.touched(Step::MergeKey, at);
                    map.push_new(entry);
                }
            }
        }
    }
}

const BINARY: &str = "tag:yaml.org,2002:binary";

/// The span of a value as far as it is written inside its parent: for an alias, the alias.
fn alias_or_own(node: &Node, parent: Span) -> Span {
    let written = node
        .origin
        .steps()
        .last()
        .filter(|it| it.step == Step::Alias)
        .map_or(node.origin.span, |it| it.directive);
    if written.file == parent.file { written } else { parent }
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
