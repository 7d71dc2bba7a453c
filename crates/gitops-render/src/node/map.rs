//! Mappings, in the order of their files.
//!
//! Almost all of them are small, and looked through. Of a large one that somebody looks into it is written down
//! where its keys are, so that thousands of findings in it cost no more than their number.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::node::{Node, ScalarKind};
use crate::source::Span;

/// From so many entries on a mapping is large.
const LARGE: usize = 256;

/// A mapping in the order of its file. Keys are unique.
#[derive(Default)]
pub struct Map {
    entries: Vec<Entry>,
    /// Where the keys are: filled when somebody looks into a large mapping, and as good as the entries from then on.
    /// In a box, because there are millions of mappings that never have it.
    index: OnceLock<Box<Index>>,
}

/// The places of keys.
struct Index(HashMap<Arc<str>, usize>);

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's text.
    pub key: Arc<str>,
    /// Where the key stands.
    pub key_span: Span,
    /// What the key's text resolves to; almost always a string.
    pub key_kind: ScalarKind,
    /// The value.
    pub node: Node,
}

impl Clone for Map {
    fn clone(&self) -> Map {
        Map::from_entries(self.entries.clone())
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Map").field(&self.entries).finish()
    }
}

impl Map {
    fn from_entries(entries: Vec<Entry>) -> Map {
        Map { entries, index: OnceLock::new() }
    }

    /// Where a key is among the entries.
    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() < LARGE {
            return self.entries.iter().position(|it| &*it.key == key);
        }
        let places = || self.entries.iter().enumerate().map(|(at, it)| (Arc::clone(&it.key), at));
        self.index.get_or_init(|| Box::new(Index(places().collect()))).0.get(key).copied()
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|it| &it.node)
    }

    /// The entry of `key`, which knows where the key stands.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.position(key).map(|at| &self.entries[at])
    }

    /// The value of `key`, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.position(key).map(|at| &mut self.entries[at].node)
    }

    /// Sets `entry.key`: in its old place if there is one, else at the end.
    pub fn insert(&mut self, entry: Entry) {
        match self.position(&entry.key) {
            Some(at) => self.entries[at] = entry,
            None => self.push_new(entry),
        }
    }

    /// Adds an entry whose key the map does not have yet: the caller has checked.
    pub(crate) fn push_new(&mut self, entry: Entry) {
        if let Some(index) = self.index.get_mut() {
            index.0.insert(Arc::clone(&entry.key), self.entries.len());
        }
        self.entries.push(entry);
    }

    /// Takes all entries out, and keeps the room that they had.
    pub(crate) fn take_all(&mut self) -> Map {
        Map::from_entries(self.entries_mut().drain(..).collect())
    }

    /// Takes the entry of `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|it| &*it.key == key)?;
        Some(self.entries_mut().remove(at))
    }

    /// The entries in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries in order, to be changed. Keys must stay unique.
    pub fn entries_mut(&mut self) -> &mut Vec<Entry> {
        // Whoever has them may do anything with them.
        self.index.take();
        &mut self.entries
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;
    use crate::source::FileId;

    const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

    fn entry(key: &str, value: &str) -> Entry {
        let node = Node::string(value, Origin::source(SPAN));
        Entry { key: key.into(), key_span: SPAN, key_kind: ScalarKind::Str, node }
    }

    #[test]
    fn a_large_mapping_answers_as_a_small_one_whatever_is_done_to_it() {
        // What a mapping is to hold, as a list that is looked through.
        let (mut map, mut list): (Map, Vec<(String, String)>) = (Map::default(), vec![]);
        let mut number = 7_usize;
        for step in 0..6000 {
            number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
            let key = format!("k{}", number / 16 % 700);
            let at = list.iter().position(|it| it.0 == key);
            assert_eq!(map.get(&key).and_then(Node::as_str), at.map(|at| &*list[at].1), "step {step}: {key}");
            let value = step.to_string();
            match (step % 8, at) {
                (0, Some(at)) => {
                    list.remove(at);
                    assert!(map.remove(&key).is_some());
                }
                (1, Some(at)) => {
                    list[at].1.clone_from(&value);
                    *map.get_mut(&key).unwrap() = entry(&key, &value).node;
                }
                (2, _) => {
                    list.reverse();
                    map.entries_mut().reverse();
                }
                (3, _) => map = map.clone(),
                (4, _) if step == 3004 => map = map.take_all(),
                (_, Some(at)) => {
                    list[at].1.clone_from(&value);
                    map.insert(entry(&key, &value));
                }
                (_, None) => {
                    list.push((key.clone(), value.clone()));
                    map.insert(entry(&key, &value));
                }
            }
            assert_eq!(map.len(), list.len(), "step {step}");
        }
        assert!(map.len() > LARGE, "{}", map.len());
        let held = map.entries().iter().map(|it| (&*it.key, it.node.as_str().unwrap()));
        assert!(held.eq(list.iter().map(|it| (&*it.0, &*it.1))));
    }
}
