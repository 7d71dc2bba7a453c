//! YML004: a number or a boolean in a mapping whose values are text.
//!
//! It takes the place of SCH001's finding about the same value: what is wrong is the notation.

use crate::diagnostic::Diagnostic;
use crate::kube::views::At;
use crate::node::{Node, ScalarKind, pointer_parts};
use crate::resource::Resource;
use crate::rules::{Spot, mend, rule};

rule! {
    /// ## What it finds
    /// A value that YAML reads as a number or a boolean, in a mapping of text: labels, annotations,
    /// selectors, the data of a ConfigMap or a Secret, the value of an environment variable.
    ///
    /// ## Why it matters
    /// The API server refuses the object. Where a tool turns it into text, `0755` may come out as `493`
    /// and `1.10` as `1.1`.
    ///
    /// ## How to fix it
    /// Put the value in quotes.
    YML004 "non-string-value" Error Object fix
}

/// Mappings of text, wherever they are.
const STRING_MAPS: [&str; 7] =
    ["annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "stringData"];

/// The finding, if the place wants text for what is a number or a boolean: an entry of a mapping of
/// text, or the value of a variable.
pub(crate) fn in_place_of(spot: &Spot<'_>) -> Option<Diagnostic> {
    let parts: Vec<String> = pointer_parts(spot.pointer).collect();
    let is_string_map = match parts.as_slice() {
        [.., map, _] if STRING_MAPS.contains(&map.as_str()) => true,
        [.., list, _, field] => list == "env" && field == "value",
        _ => false,
    };
    (is_string_map && is_no_text(spot.node())).then(|| non_string(spot))
}

/// Labels and annotations that are no text, in an object whose schema nobody knows.
pub(crate) fn in_metadata(resource: &Resource) -> Vec<Diagnostic> {
    let name = resource.object_name();
    let metadata = At::root(resource).get("metadata");
    let maps = ["labels", "annotations"].iter().filter_map(|it| metadata.as_ref()?.get(it));
    let wrong = maps.flat_map(|it| it.members().collect::<Vec<_>>()).filter(|it| is_no_text(it.1.node));
    wrong.map(|(_, it)| non_string(&Spot::new(resource, &name, &it.pointer()))).collect()
}

fn is_no_text(node: &Node) -> bool {
    let kinds = [ScalarKind::Bool, ScalarKind::Int, ScalarKind::Float];
    node.as_scalar().is_some_and(|it| kinds.contains(&it.kind))
}

fn non_string(spot: &Spot<'_>) -> Diagnostic {
    let message = format!("`{}` is {}, but a string is wanted", spot.field(), spot.shown());
    let text = spot.node().as_scalar().map_or("", |it| &*it.text);
    let help = if spot.is_secret() { String::new() } else { format!(": `\"{text}\"`") };
    spot.find(&RULE, message).help(format!("put it in quotes{help}")).fix(mend::quotes(spot))
}
