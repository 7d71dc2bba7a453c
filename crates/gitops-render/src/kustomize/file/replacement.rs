//! The field `replacements`, and the files that it names.

use crate::diagnostic::{Diagnostic, Severity};
use crate::kustomize::file::read::Reader;
use crate::kustomize::file::{Spanned, Text};
use crate::kustomize::selector::{Requirement, parse_requirements};
use crate::node::{Entry, Map, Node, Value};
use crate::resource::{Resource, ResourceId};
use crate::rules::kus;
use crate::source::Span;

/// An entry of `replacements`.
#[derive(Clone, Debug)]
pub enum ReplacementEntry {
    /// The path of a file with one replacement or a list of them.
    Path(Text),
    /// The replacement itself.
    Inline(Replacement),
}

/// Copies a value of one object into fields of others.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// The whole entry.
    pub span: Span,
    /// `source`.
    pub source: Option<ReplacementSource>,
    /// `targets`.
    pub targets: Vec<ReplacementTarget>,
}

/// Where a replacement takes its value from.
#[derive(Clone, Debug)]
pub struct ReplacementSource {
    /// The whole entry.
    pub span: Span,
    /// The object; empty parts fit everything.
    pub id: ResourceId,
    /// `fieldPath`; `metadata.name` if it is missing.
    pub field_path: Text,
    /// `options`.
    pub options: FieldOptions,
}

/// What a replacement writes to.
#[derive(Clone, Debug)]
pub struct ReplacementTarget {
    /// The whole entry.
    pub span: Span,
    /// `select`.
    pub select: Option<ObjectFilter>,
    /// `reject`.
    pub reject: Vec<ObjectFilter>,
    /// `fieldPaths`; `metadata.name` if there are none.
    pub field_paths: Vec<Text>,
    /// `options`.
    pub options: FieldOptions,
}

/// `options` of a source or of a target.
#[derive(Clone, Debug, Default)]
pub struct FieldOptions {
    /// `delimiter`; never empty.
    pub delimiter: Option<Text>,
    /// `index`: which of the parts between delimiters.
    pub index: i64,
    /// `create`: fields that are missing are created.
    pub create: bool,
}

/// An entry of `select` or `reject`: plain texts, where those of a patch's target are patterns.
#[derive(Clone, Debug)]
pub struct ObjectFilter {
    /// The whole entry.
    pub span: Span,
    /// Empty parts fit everything.
    pub id: ResourceId,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

impl ObjectFilter {
    /// Whether any identity of an object, now or earlier, fits.
    pub fn fits_id(&self, resource: &Resource) -> bool {
        resource.ids().any(|it| it.is_selected_by(&self.id))
    }

    /// Whether labels and annotations are as asked for.
    pub fn fits_labels(&self, resource: &Resource) -> bool {
        self.labels.iter().all(|it| it.holds(resource.labels()))
            && self.annotations.iter().all(|it| it.holds(resource.annotations()))
    }

    /// Whether this filter takes an object out. kustomize asks for the identity and for labels
    /// separately: either is enough.
    pub fn rejects(&self, resource: &Resource) -> bool {
        let asks_for_labels = !self.labels.is_empty() || !self.annotations.is_empty();
        let asks_for_id = self.id != ResourceId::default();
        (asks_for_labels && self.fits_labels(resource)) || (asks_for_id && self.fits_id(resource))
    }
}

/// An entry of `replacements`.
pub(super) fn entry(reader: &mut Reader, map: &Map, span: Span) -> Option<ReplacementEntry> {
    let mut path = None;
    let mut out = Replacement { span, source: None, targets: vec![] };
    reader.fields(map, &["path", "source", "targets"], |reader, name, entry| match name {
        "path" => path = reader.text(entry).filter(|it| !it.value.is_empty()),
        name => part(reader, &mut out, name, entry),
    });
    let is_inline = out.source.is_some() || !out.targets.is_empty();
    match path {
        Some(path) if is_inline => {
            reader.refuse(path.span, "an entry has either `path`, or `source` and `targets`");
            None
        }
        Some(path) => Some(ReplacementEntry::Path(path)),
        None => complete(reader, out).map(ReplacementEntry::Inline),
    }
}

/// Reads a file of replacements: one, or a list.
///
/// kustomize passes over fields that it does not know in these files. They are reported all the
/// same, as warnings.
pub(crate) fn read_file(document: Option<&Node>, start: Span) -> (Vec<Replacement>, Vec<Diagnostic>) {
    let mut reader = Reader::default();
    let one = |reader: &mut Reader, map: &Map, span: Span| {
        let mut out = Replacement { span, source: None, targets: vec![] };
        reader.fields(map, &["source", "targets"], |reader, name, entry| part(reader, &mut out, name, entry));
        complete(reader, out)
    };
    let mut replacements = vec![];
    match document.map(|it| (&it.value, it.origin.span)) {
        Some((Value::Map(map), span)) => replacements.extend(one(&mut reader, map, span)),
        Some((Value::Seq(items), _)) => {
            for item in items.iter() {
                match item.as_map() {
                    Some(map) => replacements.extend(one(&mut reader, map, item.origin.span)),
                    None => reader.refuse(item.origin.span, "a replacement is a mapping"),
                }
            }
        }
        Some((_, span)) => reader.refuse(span, "a file of replacements holds a mapping or a list of them"),
        None => reader.refuse(start, "there is no replacement in the file"),
    }
    for found in &mut reader.diagnostics {
        if std::ptr::eq(found.rule, &kus::unknown_field::RULE) {
            found.severity = Severity::Warning;
        }
    }
    (replacements, reader.diagnostics)
}

fn complete(reader: &mut Reader, replacement: Replacement) -> Option<Replacement> {
    if replacement.source.is_none() || replacement.targets.is_empty() {
        let missing = if replacement.source.is_none() { "source" } else { "targets" };
        reader.refuse(replacement.span.at_start(), format!("the replacement has no `{missing}`"));
        return None;
    }
    if let Some(target) = replacement.targets.iter().find(|it| it.select.is_none()) {
        reader.refuse(target.span.at_start(), "the target has no `select`");
        return None;
    }
    Some(replacement)
}

fn part(reader: &mut Reader, out: &mut Replacement, name: &str, entry: &Entry) {
    match name {
        "source" => out.source = reader.map(entry).map(|map| source(reader, map, entry.node.origin.span)),
        _ => {
            let maps = reader.maps(entry);
            out.targets = maps.into_iter().map(|(map, span)| target(reader, map, span)).collect();
        }
    }
}

fn source(reader: &mut Reader, map: &Map, span: Span) -> ReplacementSource {
    let mut id = ResourceId::default();
    let mut field_path = None;
    let mut out = FieldOptions::default();
    let known = ["group", "version", "kind", "name", "namespace", "fieldPath", "options"];
    reader.fields(map, &known, |reader, name, entry| match name {
        "fieldPath" => field_path = reader.text(entry).filter(|it| !it.value.is_empty()),
        "options" => out = options(reader, entry),
        name => id_part(reader, &mut id, name, entry),
    });
    let field_path = field_path.unwrap_or_else(|| default_path(span));
    ReplacementSource { span, id, field_path, options: out }
}

fn default_path(span: Span) -> Text {
    Spanned { value: "metadata.name".into(), span }
}

fn id_part(reader: &mut Reader, id: &mut ResourceId, name: &str, entry: &Entry) {
    let text = reader.text(entry).map(|it| it.value).unwrap_or_default();
    match name {
        "group" => id.gvk.group = text,
        "version" => id.gvk.version = text,
        "kind" => id.gvk.kind = text,
        "name" => id.name = text,
        _ => id.namespace = text,
    }
}

fn target(reader: &mut Reader, map: &Map, span: Span) -> ReplacementTarget {
    let mut out = ReplacementTarget {
        span,
        select: None,
        reject: vec![],
        field_paths: vec![],
        options: FieldOptions::default(),
    };
    reader.fields(map, &["select", "reject", "fieldPaths", "options"], |reader, name, entry| match name {
        "select" => {
            out.select = reader.map(entry).map(|map| filter(reader, map, entry.node.origin.span));
        }
        "reject" => {
            let maps = reader.maps(entry);
            out.reject = maps.into_iter().map(|(map, span)| filter(reader, map, span)).collect();
        }
        "fieldPaths" => out.field_paths = reader.texts(entry),
        _ => out.options = options(reader, entry),
    });
    if out.field_paths.is_empty() {
        out.field_paths = vec![default_path(span)];
    }
    out
}

fn filter(reader: &mut Reader, map: &Map, span: Span) -> ObjectFilter {
    let mut out = ObjectFilter { span, id: ResourceId::default(), labels: vec![], annotations: vec![] };
    let known = ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"];
    reader.fields(map, &known, |reader, name, entry| match name {
        "labelSelector" => out.labels = requirements(reader, entry),
        "annotationSelector" => out.annotations = requirements(reader, entry),
        name => id_part(reader, &mut out.id, name, entry),
    });
    out
}

fn requirements(reader: &mut Reader, entry: &Entry) -> Vec<Requirement> {
    let Some(text) = reader.text(entry) else { return vec![] };
    parse_requirements(&text.value).unwrap_or_else(|| {
        reader.refuse(text.span, format!("`{}` is no label selector", text.value));
        vec![]
    })
}

fn options(reader: &mut Reader, entry: &Entry) -> FieldOptions {
    let mut out = FieldOptions::default();
    let Some(map) = reader.map(entry) else { return out };
    reader.fields(map, &["delimiter", "index", "encoding", "create"], |reader, name, entry| match name {
        "delimiter" => out.delimiter = reader.text(entry).filter(|it| !it.value.is_empty()),
        "index" => out.index = reader.int(entry).map_or(0, |it| it.value),
        "create" => out.create = reader.bool(entry),
        // kustomize takes it and does nothing with it.
        _ => drop(reader.text(entry)),
    });
    out
}
