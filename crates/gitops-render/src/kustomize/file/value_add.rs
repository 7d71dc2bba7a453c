//! The settings of a `ValueAddTransformer`, and the file with targets that it may name.

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::plugin::filled;
use crate::kustomize::file::read::Reader;
use crate::kustomize::file::{Spanned, Text, patch};
use crate::kustomize::selector::Selector;
use crate::node::{Entry, Map, Node};
use crate::source::Span;

/// `ValueAddTransformer`: writes one value to many places.
#[derive(Clone, Debug, Default)]
pub struct ValueAdd {
    /// `value`; by default the name of the kustomization's directory.
    pub value: Option<Text>,
    /// `targets`
    pub targets: Vec<Target>,
    /// `targetFilePath`: a file with more targets.
    pub target_file: Option<Text>,
}

/// A place that a `ValueAddTransformer` writes to.
#[derive(Clone, Debug)]
pub struct Target {
    /// `selector`: the objects; all of them without it.
    pub selector: Option<Spanned<Selector>>,
    /// `fieldPath`
    pub field_path: Text,
    /// `filePathPosition`: the value becomes that part of the path that is there; 0 replaces all.
    pub position: i64,
}

/// `targets` of a `ValueAddTransformer`.
pub(super) fn targets(reader: &mut Reader, entry: &Entry) -> Vec<Target> {
    let maps = reader.maps(entry);
    maps.into_iter().filter_map(|(map, span)| target(reader, map, span)).collect()
}

fn target(reader: &mut Reader, map: &Map, span: Span) -> Option<Target> {
    let (mut selector, mut field_path, mut position) = (None, None, None);
    let known = ["selector", "fieldPath", "filePathPosition"];
    reader.fields(map, &known, |reader, name, entry| match name {
        "selector" => selector = patch::selector(reader, entry),
        "fieldPath" => field_path = filled(reader.text(entry)),
        _ => position = reader.int(entry),
    });
    let Some(field_path) = field_path else {
        reader.refuse(span, "the target has no `fieldPath`");
        return None;
    };
    if let Some(position) = position.as_ref().filter(|it| it.value < 0) {
        reader.refuse(position.span, "`filePathPosition` counts from 1");
    }
    Some(Target { selector, field_path, position: position.map_or(0, |it| it.value) })
}

impl ValueAdd {
    /// The targets in the file at `targetFilePath`, read from its first document.
    pub fn targets_in(document: &Node) -> (Vec<Target>, Vec<Diagnostic>) {
        let mut reader = Reader { is_lenient: true, ..Reader::default() };
        let mut found = vec![];
        if let Some(map) = document.as_map() {
            reader.fields(map, &["targets"], |reader, _, entry| found = targets(reader, entry));
        }
        (found, reader.diagnostics)
    }
}
