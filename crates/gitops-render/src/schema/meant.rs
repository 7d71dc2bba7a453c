//! What may have been meant by a field that there is not.

use super::near;
use super::place::Place;
use crate::node::{Node, pointer_part, pointer_parts};
use crate::rules::sch::unknown_field::Meant;

/// So many fields can be listed in a help without drowning the reader.
const MOST_LISTED: usize = 8;

/// So many mappings outwards a wrong indentation is looked for.
const MOST_OUTWARDS: usize = 2;

/// A guess, and the field that would be there if it is right.
pub(super) struct Guess {
    pub meant: Meant,
    /// The mapping, as a JSON pointer, and the name of the field in it.
    pub stands_for: Option<(String, String)>,
}

/// Guesses what `field` in the mapping at `pointer` was meant to be.
///
/// A slip of the pen is likelier than a wrong indentation, and that likelier than two slips.
pub(super) fn guess(document: &serde_json::Value, root: &Node, pointer: &str, field: &str) -> Guess {
    let place = Place::at(document, pointer);
    let mapping = root.at(pointer).and_then(Node::as_map);
    let is_free = |it: &&str| mapping.is_none_or(|mapping| mapping.get(it).is_none());
    let fields = place.fields();
    let nearest = near::nearest(field, fields.iter().copied().filter(is_free));
    let is_sure = |it: &&str| near::same(field, it) || near::distance(field, it) == 1;
    let rename = |name: &str| Guess {
        meant: Meant::Field(name.to_owned()),
        stands_for: Some((pointer.to_owned(), name.to_owned())),
    };
    if let Some(name) = nearest.filter(is_sure) {
        return rename(name);
    }
    let elsewhere =
        outwards(document, root, pointer, field).or_else(|| inwards(&place, root, pointer, field));
    if let Some(elsewhere) = elsewhere {
        let path = elsewhere.clone();
        return Guess { meant: Meant::Elsewhere(path), stands_for: Some((elsewhere, field.to_owned())) };
    }
    if let Some(name) = nearest {
        return rename(name);
    }
    let listed = fields.iter().filter(|it| is_free(it)).map(ToString::to_string);
    let listed = if fields.len() <= MOST_LISTED { listed.collect() } else { vec![] };
    Guess { meant: Meant::OneOf(listed), stands_for: None }
}

/// The mapping further out that has such a field, and has not got it yet.
fn outwards(document: &serde_json::Value, root: &Node, pointer: &str, field: &str) -> Option<String> {
    let parts: Vec<String> = pointer_parts(pointer).collect();
    let around = (0..parts.len()).rev().map(|it| join(&parts[..it]));
    let mappings = around.filter_map(|it| Some((root.at(&it)?.as_map()?, it)));
    let mut near = mappings.take(MOST_OUTWARDS);
    let fits = |outer: &str| Place::at(document, outer).fields().contains(field);
    near.find(|(mapping, outer)| mapping.get(field).is_none() && fits(outer)).map(|it| it.1)
}

/// The only mapping further in that has such a field; one that is written down comes first.
fn inwards(place: &Place<'_>, root: &Node, pointer: &str, field: &str) -> Option<String> {
    let mapping = root.at(pointer)?.as_map()?;
    let holds = |it: &&str| place.member(it).fields().contains(field);
    // An item of a list is as near as a mapping, if the list is there.
    let items_hold = |it: &&str| place.member(it).member("0").fields().contains(field);
    let is_mapping = |it: &str| mapping.get(it).is_some_and(|it| it.as_map().is_some());
    let is_list = |it: &str| mapping.get(it).is_some_and(|it| it.as_seq().is_some());
    let written = |it: &&str| is_mapping(it) && holds(it) || is_list(it) && items_hold(it);
    let fields = place.fields();
    let inner = only(fields.iter().copied().filter(written))
        .or_else(|| only(fields.iter().copied().filter(holds)))?;
    let mut inner_pointer = format!("{pointer}/{}", pointer_part(inner));
    if is_list(inner) {
        inner_pointer.push_str("/0");
    }
    Some(inner_pointer)
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn join(parts: &[String]) -> String {
    parts.iter().map(|it| format!("/{}", pointer_part(it))).collect()
}
