//! Keys that must be unique, and `<<`, which takes entries over from another mapping.

use std::collections::HashMap;
use std::sync::Arc;

use crate::node::{Entry, Map, Node, Value};
use crate::origin::Step;
use crate::source::Span;

/// Below this many entries, looking at each is the fastest way to find a key.
const FEW: usize = 24;

/// Where the keys of a mapping stand: knows quickly whether a key is new, however many there are.
///
/// Keys that are the same text are the same place in memory: the builder keeps each once.
#[derive(Default)]
pub(super) struct Keys(HashMap<Arc<str>, Span>);

impl Keys {
    /// Puts `entry` into `map`, whose keys these are, unless the key is there: then returns where,
    /// and gives the entry back.
    pub fn add(&mut self, map: &mut Map, entry: Entry) -> Result<(), Box<(Span, Entry)>> {
        if let Some(first) = self.find(map, &entry.key) {
            return Err(Box::new((first, entry)));
        }
        if !self.0.is_empty() {
            self.0.insert(Arc::clone(&entry.key), entry.key_span);
        }
        map.push_new(entry);
        Ok(())
    }

    fn find(&mut self, map: &Map, key: &Arc<str>) -> Option<Span> {
        if map.len() < FEW {
            return map.entries().iter().find(|it| Arc::ptr_eq(&it.key, key)).map(|it| it.key_span);
        }
        if self.0.is_empty() {
            self.0.extend(map.entries().iter().map(|it| (Arc::clone(&it.key), it.key_span)));
        }
        self.0.get(key).copied()
    }
}

/// Takes over from `source`, a mapping or a list of them, the entries whose keys `map` does not
/// have. `at` is the `<<` that asks for it.
///
/// # Errors
/// If a source is no mapping; the others are taken over.
pub(super) fn into(map: &mut Map, keys: &mut Keys, at: Span, source: &Node) -> Result<(), ()> {
    let sources = match &source.value {
        Value::Seq(items) => items.as_slice(),
        _ => std::slice::from_ref(source),
    };
    let mut all = Ok(());
    for source in sources {
        let Some(from) = source.as_map() else {
            all = Err(());
            continue;
        };
        for entry in from.entries() {
            if keys.find(map, &entry.key).is_none() {
                let mut entry = entry.clone();
                entry.node.origin = entry.node.origin.touched(Step::MergeKey, at);
                let added = keys.add(map, entry);
                debug_assert!(added.is_ok(), "the key was looked for just before");
            }
        }
    }
    all
}
