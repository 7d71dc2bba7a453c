//! Reads the operations of a JSON patch.

use std::sync::Arc;

use crate::kustomize::json_patch::error::{PatchError, Problem};
use crate::kustomize::json_patch::json::number_text;
use crate::kustomize::json_patch::{Action, Operation, Pointer};
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::source::Span;
use crate::yaml::resolve;

/// How a patch is written, which kustomize tells by its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// YAML 1.1, in which `yes` is true.
    Yaml,
    /// JSON and nothing but JSON: `[{op: add}]` is refused.
    Json,
}

impl Notation {
    /// The notation of a patch.
    pub fn of(text: &str) -> Notation {
        if text.starts_with('[') { Notation::Json } else { Notation::Yaml }
    }
}

/// The operations of a patch.
///
/// # Errors
/// If one of them is none. kustomize says so only when it applies the patch to some object.
pub fn parse(patch: &Node, notation: Notation) -> Result<Vec<Operation>, PatchError> {
    let operations = patch.as_seq().ok_or_else(|| error(patch.origin.span, Problem::NotOperations))?;
    operations.iter().map(|it| operation(it, notation)).collect()
}

fn operation(node: &Node, notation: Notation) -> Result<Operation, PatchError> {
    let at = node.origin.span;
    let map = node.as_map().ok_or_else(|| error(at, Problem::NotOperations))?;
    let op = text(map, "op", at)?;
    let value = || map.get("value").map(|it| value(it, notation)).transpose();
    let action = match &*op.text {
        "add" => Action::Add(value()?),
        "remove" => Action::Remove,
        "replace" => Action::Replace(value()?),
        "move" => Action::Move(text(map, "from", at)?),
        "copy" => Action::Copy(text(map, "from", at)?),
        "test" => Action::Test(value()?),
        _ => return Err(error(op.span, Problem::UnknownOperation(op.text))),
    };
    Ok(Operation { action, path: text(map, "path", at)?, at })
}

fn text(map: &Map, key: &'static str, at: Span) -> Result<Pointer, PatchError> {
    let node = map.get(key).ok_or_else(|| error(at, Problem::FieldMissing(key)))?;
    match node.as_scalar() {
        Some(it) if it.as_str().is_some() => {
            Ok(Pointer { text: Arc::clone(&it.text), span: node.origin.span })
        }
        _ => Err(error(node.origin.span, Problem::NotText(key))),
    }
}

fn error(at: Span, problem: Problem) -> PatchError {
    PatchError { at, target: None, problem }
}

/// A value of the patch as JSON has it.
fn value(node: &Node, notation: Notation) -> Result<Node, PatchError> {
    let value = match &node.value {
        Value::Scalar(it) if it.number().is_some_and(|it| number_text(it).is_none()) => {
            return Err(error(node.origin.span, Problem::NotJson(Arc::clone(&it.text))));
        }
        Value::Scalar(scalar) if notation == Notation::Yaml => Value::Scalar(scalar_of_yaml(scalar)),
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Value::Seq(items) => {
            let items: Result<Vec<Node>, PatchError> =
                items.iter().map(|it| self::value(it, notation)).collect();
            Value::Seq(items?.into())
        }
        Value::Map(map) => {
            let mut out = Map::default();
            for entry in map.entries() {
                let node = self::value(&entry.node, notation)?;
                out.insert(Entry { key: key(entry), node, ..entry.clone() });
            }
            Value::Map(out.into())
        }
    };
    Ok(Node { value, origin: node.origin.clone() })
}

/// The patch is read as YAML 1.1: `yes` is true, while a date is no more than its text.
fn scalar_of_yaml(scalar: &Scalar) -> Scalar {
    let kind = match scalar.kind {
        ScalarKind::Str if !scalar.quoted => match resolve::resolve_yaml11(&scalar.text) {
            ScalarKind::Bool => ScalarKind::Bool,
            _ => ScalarKind::Str,
        },
        ScalarKind::Timestamp => ScalarKind::Str,
        kind => kind,
    };
    let scalar = Scalar { text: Arc::clone(&scalar.text), kind, quoted: false };
    let text = match kind {
        ScalarKind::Bool => scalar.bool().map(|it| it.to_string()),
        ScalarKind::Null => Some("null".to_owned()),
        _ => scalar.number().and_then(number_text).map(|it| it.0),
    };
    Scalar { text: text.map_or(scalar.text, Arc::from), ..scalar }
}

/// JSON knows no keys but strings.
fn key(entry: &Entry) -> Arc<str> {
    let scalar = Scalar { text: Arc::clone(&entry.key), kind: entry.key_kind, quoted: false };
    let text = match scalar.kind {
        ScalarKind::Bool => scalar.bool().map(|it| it.to_string()),
        ScalarKind::Int | ScalarKind::Float => scalar.number().and_then(number_text).map(|it| it.0),
        _ => None,
    };
    text.map_or(scalar.text, Arc::from)
}
