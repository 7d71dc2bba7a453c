//! The hash behind a generated name.

use sha2::{Digest as _, Sha256};

use crate::node::{Entry, Map, Node, ScalarKind};
use crate::resource::Resource;
use crate::yaml::json;

/// The ten letters that kustomize puts behind the name of a generated object.
///
/// They are the beginning of a SHA-256 over compact JSON with sorted keys, in hexadecimal, with
/// those digits replaced that could spell a word. The name itself is no part of it, so that a
/// prefix does not change it.
pub(crate) fn suffix(resource: &Resource) -> String {
    let text = match &*resource.id.gvk.kind {
        "ConfigMap" => json::to_json_go(&excerpt(&resource.node, &[("data", true), ("binaryData", false)])),
        "Secret" => json::to_json_go(&excerpt(
            &resource.node,
            &[("data", true), ("stringData", false), ("type", true)],
        )),
        _ => json::to_json_go(&resource.node),
    };
    encode(&Sha256::digest(text.as_bytes()))
}

/// The object cut down to its kind, an empty name, and some fields. A field that has to be there
/// is an empty string if it is not.
fn excerpt(node: &Node, fields: &[(&str, bool)]) -> Node {
    let mut map = Map::default();
    let mut put = |key: &str, node: Node| {
        map.insert(Entry { key: key.into(), key_span: node.origin.span, key_kind: ScalarKind::Str, node });
    };
    let empty = || Node::string("", node.origin.clone());
    put("kind", node.get("kind").cloned().unwrap_or_else(empty));
    put("name", empty());
    for (key, is_needed) in fields {
        match node.get(key) {
            Some(value) if !value.is_null() => put(key, value.clone()),
            _ if *is_needed => put(key, empty()),
            _ => {}
        }
    }
    Node::map(map, node.origin.clone())
}

fn encode(digest: &[u8]) -> String {
    let hex = digest.iter().take(5).flat_map(|it| [it >> 4, it & 15]);
    hex.map(|it| match it {
        0 => 'g',
        1 => 'h',
        3 => 'k',
        10 => 'm',
        14 => 't',
        digit => char::from_digit(u32::from(digit), 16).expect("half a byte is a hexadecimal digit"),
    })
    .collect()
}
