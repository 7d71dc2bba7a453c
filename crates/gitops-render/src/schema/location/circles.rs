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

/// Keywords whose schemas speak about the same place.
pub(super) const IN_PLACE: [&str; 7] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];

/// What makes the schemas unusable. `places` has the text of each reference, `whole` stands for all.
pub(super) fn find(
    definitions: &Map<String, Value>,
    places: &HashMap<(String, String), Span>,
    whole: Span,
) -> Option<Diagnostic> {
    let mut search = Search { definitions, places, whole, counts: HashMap::new(), path: vec![] };
    definitions.keys().find_map(|it| search.count(it).err())
}

struct Search<'a> {
    definitions: &'a Map<String, Value>,
    places: &'a HashMap<(String, String), Span>,
    whole: Span,
    /// How many schemas a definition brings to the place where it is referred to.
    counts: HashMap<&'a str, u64>,
    /// The definitions that are being counted.
    path: Vec<&'a str>,
}

impl<'a> Search<'a> {
    fn count(&mut self, name: &'a str) -> Result<u64, Diagnostic> {
        if let Some(known) = self.counts.get(name) {
            return Ok(*known);
        }
        let Some(definition) = self.definitions.get(name) else { return Ok(0) };
        if let Some(from) = self.path.iter().position(|it| *it == name) {
            let circle: Vec<&str> = self.path[from..].iter().copied().chain([name]).collect();
            let last = self.path[self.path.len() - 1];
            let at = self.places.get(&(last.to_owned(), name.to_owned())).copied().unwrap_or(self.whole);
            return Err(rule::circle(at, &circle));
        }
        // So many references in a row are as bad as a circle.
        if self.path.len() > MOST_IN_A_ROW {
            return Err(rule::too_many(self.whole, MOST_IN_A_ROW as u64));
        }
        self.path.push(name);
        let count = self.schema(definition)?;
        self.path.pop();
        self.counts.insert(name, count);
        Ok(count)
    }

    fn schema(&mut self, schema: &'a Value) -> Result<u64, Diagnostic> {
        let mut count = 1_u64;
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(DEFS)) {
            count = count.saturating_add(self.count(name)?);
        }
        for inner in IN_PLACE.iter().filter_map(|it| schema.get(it)) {
            let branches = inner.as_array().map_or(std::slice::from_ref(inner), Vec::as_slice);
            for branch in branches {
                count = count.saturating_add(self.schema(branch)?);
            }
        }
        for inner in schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten() {
            count = count.saturating_add(self.schema(inner.1)?);
        }
        if count > MOST_SCHEMAS {
            return Err(rule::too_many(self.whole, MOST_SCHEMAS));
        }
        Ok(count)
    }
}

/// How many references may lead from one to the next without a step into the object.
const MOST_IN_A_ROW: usize = 64;
