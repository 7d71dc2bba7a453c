//! References that lead back to where they began, and branches that multiply.
//!
//! A reference inside of `properties` or `items` is followed as far as the object goes. One at the
//! place itself is followed at once, so those must come to an end, and soon.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::diagnostic::Diagnostic;
use crate::rules::sch::unusable_schema as rule;
use crate::schema::bundle::DEFS;
use crate::source::Span;

/// No schema that anybody wrote has a hundredth of this for one place.
const MOST_SCHEMAS: u64 = 10_000;

/// How many schemas may lie in each other at one place. A validator nests as deep on each level of an object.
const DEEPEST: usize = 32;

/// Keywords whose schemas speak about the same place.
pub(super) const IN_PLACE: [&str; 7] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];

/// What makes the schemas unusable. `places` has the text of each reference, `whole` stands for all.
pub(super) fn find(
    definitions: &Map<String, Value>,
    places: &HashMap<(String, String), Span>,
    whole: Span,
) -> Option<Diagnostic> {
    let mut search = Search { definitions, places, whole, weights: HashMap::new(), path: vec![] };
    definitions.iter().find_map(|(name, definition)| {
        search.weigh(name).and_then(|_| search.further_places(definition)).err()
    })
}

/// What a schema brings to the place where it stands.
#[derive(Clone, Copy)]
struct Weight {
    /// How many schemas.
    count: u64,
    /// How many of them in each other.
    depth: usize,
}

impl Weight {
    const NOTHING: Weight = Weight { count: 0, depth: 0 };

    fn with(self, inner: Weight) -> Weight {
        Weight { count: self.count.saturating_add(inner.count), depth: self.depth.max(inner.depth + 1) }
    }
}

struct Search<'a> {
    definitions: &'a Map<String, Value>,
    places: &'a HashMap<(String, String), Span>,
    whole: Span,
    weights: HashMap<&'a str, Weight>,
    /// The definitions that are being weighed.
    path: Vec<&'a str>,
}

impl<'a> Search<'a> {
    fn weigh(&mut self, name: &'a str) -> Result<Weight, Diagnostic> {
        if let Some(known) = self.weights.get(name) {
            return Ok(*known);
        }
        let Some(definition) = self.definitions.get(name) else { return Ok(Weight::NOTHING) };
        if let Some(from) = self.path.iter().position(|it| *it == name) {
            let circle: Vec<&str> = self.path[from..].iter().copied().chain([name]).collect();
            let last = self.path[self.path.len() - 1];
            let at = self.places.get(&(last.to_owned(), name.to_owned())).copied().unwrap_or(self.whole);
            return Err(rule::circle(at, &circle));
        }
        if self.path.len() > DEEPEST {
            return Err(rule::too_deep(self.whole, DEEPEST));
        }
        self.path.push(name);
        let weight = self.schema(definition)?;
        self.path.pop();
        self.weights.insert(name, weight);
        Ok(weight)
    }

    /// Weighs what speaks about fields and items, however deep.
    fn further_places(&mut self, value: &'a Value) -> Result<(), Diagnostic> {
        let inner: &mut dyn Iterator<Item = &'a Value> = match value {
            Value::Object(members) => &mut members.values(),
            Value::Array(items) => &mut items.iter(),
            _ => return Ok(()),
        };
        for part in inner {
            self.schema(part)?;
            self.further_places(part)?;
        }
        Ok(())
    }

    fn schema(&mut self, schema: &'a Value) -> Result<Weight, Diagnostic> {
        let mut weight = Weight { count: 1, depth: 0 };
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(DEFS)) {
            weight = weight.with(self.weigh(name)?);
        }
        for inner in IN_PLACE.iter().filter_map(|it| schema.get(it)) {
            for branch in inner.as_array().map_or(std::slice::from_ref(inner), Vec::as_slice) {
                weight = weight.with(self.schema(branch)?);
            }
        }
        for inner in schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten() {
            weight = weight.with(self.schema(inner.1)?);
        }
        if weight.count > MOST_SCHEMAS {
            return Err(rule::too_many(self.whole, MOST_SCHEMAS));
        }
        if weight.depth > DEEPEST {
            return Err(rule::too_deep(self.whole, DEEPEST));
        }
        Ok(weight)
    }
}
