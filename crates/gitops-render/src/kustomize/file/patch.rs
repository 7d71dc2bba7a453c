//! The fields that hold patches, and what selects their targets.

use crate::kustomize::file::read::Reader;
use crate::kustomize::file::{Patch, PatchText, Spanned, Text};
use crate::kustomize::selector::Selector;
use crate::node::{Entry, Map};
use crate::source::Span;

/// An entry of `patches` or `patchesJson6902`.
pub(super) fn patch(reader: &mut Reader, map: &Map, span: Span) -> Option<Patch> {
    let (mut path, mut inline, mut target) = (None, None, None);
    let (mut allow_name_change, mut allow_kind_change) = (false, false);
    reader.fields(map, &["path", "patch", "target", "options"], |reader, name, entry| match name {
        "path" => path = reader.text(entry).filter(|it| !it.value.is_empty()),
        "patch" => inline = reader.text(entry).filter(|it| !it.value.is_empty()),
        "target" => target = selector(reader, entry),
        _ => {
            let Some(map) = reader.map(entry) else { return };
            reader.fields(map, &["allowNameChange", "allowKindChange"], |reader, name, entry| match name {
                "allowNameChange" => allow_name_change = reader.bool(entry),
                _ => allow_kind_change = reader.bool(entry),
            });
        }
    });
    let text = match (path, inline) {
        (Some(path), None) => PatchText::Path(path),
        (None, Some(inline)) => PatchText::Inline(inline),
        (Some(path), Some(_)) => {
            reader.refuse(path.span, "an entry has either `path` or `patch`, not both");
            return None;
        }
        (None, None) => {
            reader.refuse(span, "the entry has neither `path` nor `patch`");
            return None;
        }
    };
    Some(Patch { text, target, allow_name_change, allow_kind_change })
}

/// `patchesStrategicMerge`: each item is a path, or a patch itself. A patch has several lines, or
/// begins like a mapping.
pub(super) fn strategic_merge(reader: &mut Reader, entry: &Entry) -> Vec<PatchText> {
    let texts = reader.texts(entry).into_iter();
    texts.map(|it| if is_inline(&it) { PatchText::Inline(it) } else { PatchText::Path(it) }).collect()
}

/// Whether a text that may be a path or YAML is YAML.
pub fn is_inline(text: &Text) -> bool {
    text.value.contains('\n') || text.value.trim_start().starts_with('{')
}

/// A `target`.
pub(super) fn selector(reader: &mut Reader, entry: &Entry) -> Option<Spanned<Selector>> {
    let mut texts: [Option<(String, Span)>; 7] = Default::default();
    let map = reader.map(entry)?;
    let known = ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"];
    reader.fields(map, &known, |reader, name, entry| {
        let index = known.iter().position(|it| *it == name).unwrap_or_default();
        texts[index] = reader.text(entry).map(|it| (it.value.to_string(), it.span));
    });
    match Selector::new(texts) {
        Ok(value) => Some(Spanned { value, span: entry.node.origin.span }),
        Err((span, reason)) => {
            reader.refuse(span, reason);
            None
        }
    }
}
