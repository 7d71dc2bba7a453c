//! The generated object itself.

use base64::Engine as _;

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::{Generator, GeneratorOptions, Pair};
use crate::kustomize::generate::Kind;
use crate::kustomize::generate::source::Datum;
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::resource::Resource;
use crate::rules::kus;
use crate::source::Span;

/// Makes a ConfigMap or a Secret.
///
/// # Errors
/// If kustomize could not print the data.
pub(super) fn object(
    kind: Kind,
    generator: &Generator,
    options: &GeneratorOptions,
    data: &[Datum],
) -> Result<Resource, Box<Diagnostic>> {
    let at = generator.span;
    let mut metadata = Map::default();
    put(&mut metadata, "name", at, made(&generator.name.value, generator.name.span, at));
    if let Some(namespace) = &generator.namespace {
        put(&mut metadata, "namespace", at, made(&namespace.value, namespace.span, at));
    }
    for (key, pairs) in [("labels", &options.labels), ("annotations", &options.annotations)] {
        if !pairs.is_empty() {
            put(&mut metadata, key, at, strings(pairs, at));
        }
    }
    let mut map = Map::default();
    put(&mut map, "apiVersion", at, made("v1", at, at));
    put(&mut map, "kind", at, made(if kind == Kind::Secret { "Secret" } else { "ConfigMap" }, at, at));
    put(&mut map, "metadata", at, container(metadata, at));
    if kind == Kind::Secret {
        let (text, span) = match &generator.secret_type {
            Some(given) => (&*given.value, given.span),
            None => ("Opaque", at),
        };
        put(&mut map, "type", at, made(text, span, at));
    }
    let (text, binary) = values(kind, data)?;
    for (key, values) in [("data", text), ("binaryData", binary)] {
        // A Secret has `data` even if there is none, a ConfigMap has not.
        if !values.is_empty() || (kind == Kind::Secret && key == "data") {
            put(&mut map, key, at, container(values, at));
        }
    }
    if let Some(span) = options.immutable {
        let scalar = Scalar::plain("true", ScalarKind::Bool);
        let node = Node { value: Value::Scalar(scalar), origin: Origin::created(span, Step::Generator, at) };
        put(&mut map, "immutable", at, node);
    }
    let mut resource = Resource::new(container(map, at));
    resource.history.needs_hash = !options.disable_name_suffix_hash;
    Ok(resource)
}

/// The entries of `data` and of `binaryData`.
fn values(kind: Kind, data: &[Datum]) -> Result<(Map, Map), Box<Diagnostic>> {
    let (mut text, mut binary) = (Map::default(), Map::default());
    for datum in data {
        let as_text = std::str::from_utf8(&datum.value).ok();
        let (map, value) = match (kind, as_text) {
            (Kind::ConfigMap, Some(value)) => {
                check_printable(value, datum)?;
                (&mut text, value.to_owned())
            }
            (Kind::ConfigMap, None) => (&mut binary, encode(&datum.value)),
            (Kind::Secret, _) => (&mut text, encode(&datum.value)),
        };
        let origin = Origin::created(datum.span, Step::Generator, datum.directive);
        let node = Node::string(value, origin);
        let key_kind = ScalarKind::Str;
        map.insert(Entry { key: datum.key.value.clone(), key_span: datum.key.span, key_kind, node });
    }
    Ok((text, binary))
}

/// kustomize writes the object out and reads it again, and some text does not survive that.
fn check_printable(value: &str, datum: &Datum) -> Result<(), Box<Diagnostic>> {
    let is_bad = |it: char| matches!(it, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    let reason = if value.starts_with('\t') && value.contains('\n') {
        "kustomize cannot handle text that starts with a tab"
    } else if value.contains(is_bad) {
        "kustomize cannot handle text with control characters"
    } else {
        return Ok(());
    };
    Err(Box::new(kus::build_failed::because(datum.directive, reason)))
}

/// Base64 as kustomize writes it: what needs 70 characters or more is cut into lines.
fn encode(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    if encoded.len() < LINE {
        return encoded;
    }
    let mut out = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    let mut rest = &*encoded;
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(LINE));
        out.push_str(line);
        out.push('\n');
        rest = more;
    }
    out
}

fn made(text: &str, span: Span, directive: Span) -> Node {
    Node::string(text, Origin::created(span, Step::Generator, directive))
}

fn container(map: Map, at: Span) -> Node {
    Node::map(map, Origin::created(at, Step::Generator, at))
}

fn strings(pairs: &[Pair], directive: Span) -> Node {
    let mut map = Map::default();
    for pair in pairs {
        put(&mut map, &pair.key.value, pair.key.span, made(&pair.value.value, pair.value.span, directive));
    }
    container(map, directive)
}

fn put(map: &mut Map, key: &str, key_span: Span, node: Node) {
    map.insert(Entry { key: key.into(), key_span, key_kind: ScalarKind::Str, node });
}
