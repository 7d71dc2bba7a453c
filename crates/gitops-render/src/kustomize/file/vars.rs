//! The field `vars`.

use std::sync::Arc;

use crate::kustomize::file::read::Reader;
use crate::kustomize::file::{Spanned, Text};
use crate::node::Map;
use crate::resource::ResourceId;
use crate::source::Span;

/// An entry of `vars`: a name for a value, which `$(name)` stands for.
#[derive(Clone, Debug)]
pub struct Var {
    /// The name; empty if it has none, which kustomize does not mind.
    pub name: Text,
    /// `objref`: the object, by every part of its identity but the namespace, which may be empty.
    pub object: Spanned<ResourceId>,
    /// `fieldref.fieldPath`; `metadata.name` if it is missing.
    pub field_path: Text,
}

pub(super) fn var(reader: &mut Reader, map: &Map, span: Span) -> Option<Var> {
    let text = |value: &str| Spanned { value: Arc::from(value), span };
    let mut out = Var {
        name: text(""),
        object: Spanned { value: ResourceId::default(), span },
        field_path: text("metadata.name"),
    };
    reader.fields(map, &["name", "objref", "fieldref"], |reader, name, entry| match name {
        "name" => out.name = reader.text(entry).unwrap_or_else(|| text("")),
        "objref" => {
            if let Some(map) = reader.map(entry) {
                out.object = Spanned { value: object(reader, map), span: entry.node.origin.span };
            }
        }
        _ => {
            let Some(map) = reader.map(entry) else { return };
            reader.fields(map, &["fieldPath"], |reader, _, entry| {
                if let Some(path) = reader.text(entry).filter(|it| !it.value.is_empty()) {
                    out.field_path = path;
                }
            });
        }
    });
    Some(out)
}

fn object(reader: &mut Reader, map: &Map) -> ResourceId {
    let mut id = ResourceId::default();
    let mut api_version = None;
    let known = ["apiVersion", "group", "version", "kind", "name", "namespace"];
    reader.fields(map, &known, |reader, name, entry| {
        let value = reader.text(entry).map(|it| it.value).unwrap_or_default();
        match name {
            "apiVersion" => api_version = Some(value),
            "group" => id.gvk.group = value,
            "version" => id.gvk.version = value,
            "kind" => id.gvk.kind = value,
            "name" => id.name = value,
            _ => id.namespace = value,
        }
    });
    // An apiVersion without a group leaves `group` as it is.
    let parts: Vec<&str> = api_version.as_deref().unwrap_or_default().split('/').collect();
    match parts[..] {
        [""] => {}
        [version] => id.gvk.version = version.into(),
        [group, version] => (id.gvk.group, id.gvk.version) = (group.into(), version.into()),
        _ => {}
    }
    id
}
