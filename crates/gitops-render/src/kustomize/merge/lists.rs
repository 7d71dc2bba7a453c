//! Lists whose elements are merged.
//!
//! kustomize first walks the elements of either side that have a merge key, those of the patch
//! before the others, and then sets every element of the object into that list once more, by its
//! key. The second pass is where its oddities come from: an element without the key empties the
//! list, a replaced element comes back, of two elements with one key the last one stays. So both
//! passes are followed here to the letter.

use std::collections::HashSet;

use crate::kube::merge_keys::ListKind;
use crate::kustomize::merge::elements::{self, Key};
use crate::kustomize::merge::error::{MergeError, Problem, Shape};
use crate::kustomize::merge::walk::{DIRECTIVE, Directive, Schema, Sides, Walk, Walked, directive, raw_text};
use crate::node::{Map, Node};
use crate::origin::Step;

/// The two lists, as they are worked on.
struct Lists<'s> {
    /// The object's elements; the patch's own if the object has none.
    target: Vec<Node>,
    /// The patch's elements.
    patch: Patch,
    /// What is known about an element.
    schema: Schema<'s>,
}

/// The patch's side of a list.
enum Patch {
    /// It says nothing.
    Silent,
    /// Elements to be merged with the object's.
    Elements(Vec<Node>),
    /// The object has no list, so that the patch's is merged with itself.
    Itself,
}

/// What a list of the patch asks for, in an element of its own (`- $patch: replace`).
enum Asked {
    Merge(Vec<Node>),
    Replace(Vec<Node>),
    Delete,
}

impl Walk {
    /// Walks a list that is merged; `schema` is that of its elements.
    pub fn lists(
        &self,
        sides: Sides<'_>,
        schema: Schema,
        list: ListKind,
    ) -> Result<Option<Node>, MergeError> {
        let (origin, target, patch) = match sides {
            Sides::Target(node) => (node.origin.clone(), items(&node).to_vec(), Patch::Silent),
            Sides::Patch(node) => (self.marked(&node.origin), items(node).to_vec(), Patch::Itself),
            Sides::Both(node, patch) => match asked(items(patch))? {
                Asked::Delete => return Ok(None),
                Asked::Merge(elements) => {
                    (node.origin.clone(), items(&node).to_vec(), Patch::Elements(elements))
                }
                Asked::Replace(elements) => {
                    let origin = node.origin.changed(patch.origin.span, Step::Patch, self.directive);
                    (origin, elements, Patch::Itself)
                }
            },
        };
        let is_grafted = matches!(patch, Patch::Itself);
        let length = target.len();
        let lists = Lists { target, patch, schema };
        let mut items = match list {
            ListKind::Keyed(keys) => self.keyed(lists, &keys.list())?,
            ListKind::Set | ListKind::Atomic => set(&lists).map(|it| self.mark_new(it))?,
        };
        if is_grafted {
            let is_new = |it: &&mut Node| it.origin.steps().all(|it| it.step != Step::Patch);
            items.iter_mut().filter(is_new).for_each(|it| *it = self.mark(it));
        }
        let mut node = Node::seq(items, origin);
        // Where the patch adds elements, they say so themselves.
        let kept = || node.as_seq().unwrap_or_default().iter().filter(|it| !is_of_patch(it)).count();
        let removed = !is_grafted && kept() < length;
        self.note_removal(&mut node, removed);
        Ok(Some(node))
    }

    /// Walks a list inside of a value that is taken over.
    pub fn graft_list(
        &self,
        patch: &Node,
        schema: Schema,
        list: ListKind,
    ) -> Result<Option<Node>, MergeError> {
        match asked(items(patch))? {
            Asked::Delete => Ok(None),
            Asked::Merge(elements) | Asked::Replace(elements) => {
                self.lists(Sides::Patch(&Node::seq(elements, patch.origin.clone())), schema, list)
            }
        }
    }

    fn keyed(&self, mut lists: Lists, keys: &[&str]) -> Result<Vec<Node>, MergeError> {
        let all = elements::reconcile(lists.values(keys));
        // A key that no element has on either side plays no part.
        let used = |index: usize| all.iter().any(|it| !it[index].is_empty());
        let used: Vec<bool> = match (0..keys.len()).any(used) {
            true => (0..keys.len()).map(used).collect(),
            false => vec![true; keys.len()],
        };
        let mut merged = vec![];
        for values in &all {
            let key = Key::of(keys, values, &used);
            let found = self.element(&mut lists, &key)?;
            match found.filter(|it| !elements::is_empty(it)) {
                None => elements::set(&mut lists.target, &key, None)?,
                Some(node) => elements::set(&mut merged, &key, Some(&node))?,
            }
        }
        if all.is_empty() {
            return Ok(lists.target);
        }
        let keys: Vec<&str> = keys.iter().zip(&used).filter(|(_, used)| **used).map(|it| *it.0).collect();
        elements::set_each(&mut merged, &lists.target, &keys)?;
        Ok(merged)
    }

    /// Walks the elements that `key` finds on either side.
    fn element(&self, lists: &mut Lists, key: &Key<'_>) -> Result<Option<Node>, MergeError> {
        let schema = lists.schema;
        let at = elements::find(lists.target.iter(), key);
        let target = at.map(|it| lists.target[it].clone());
        let done = match (&mut lists.patch, target) {
            (Patch::Itself, Some(node)) => {
                let done = self.graft_inner(&node, schema, ListKind::Atomic)?;
                at.into_iter().for_each(|it| forget_directives(&mut lists.target[it]));
                Walked::in_place(done)
            }
            (Patch::Itself | Patch::Silent, None) => return Ok(None),
            (Patch::Silent, Some(node)) => self.node(Sides::Target(node), schema)?,
            (Patch::Elements(patch), target) => {
                let found = elements::find(patch.iter(), key);
                let done = match (target, found.map(|it| &patch[it])) {
                    (Some(node), Some(patch)) => self.node(Sides::Both(node, patch), schema)?,
                    (Some(node), None) => self.node(Sides::Target(node), schema)?,
                    (None, Some(patch)) => self.node(Sides::Patch(patch), schema)?,
                    (None, None) => return Ok(None),
                };
                if let Some(patch) = found.map(|it| &mut patch[it]) {
                    forget_directives(patch);
                }
                done
            }
        };
        if let (true, Some(at), Some(node)) = (done.in_place, at, &done.node) {
            lists.target[at] = node.clone();
        }
        Ok(done.node)
    }

    /// Marks the elements of a set that come from the patch.
    fn mark_new(&self, elements: Vec<(Node, bool)>) -> Vec<Node> {
        elements.into_iter().map(|(node, is_new)| if is_new { self.mark(&node) } else { node }).collect()
    }
}

impl Patch {
    fn elements(&self) -> &[Node] {
        match self {
            Patch::Elements(elements) => elements,
            Patch::Silent | Patch::Itself => &[],
        }
    }
}

impl Lists<'_> {
    /// What the merge keys say in every element of either side, the patch's first.
    fn values(&self, keys: &[&str]) -> Vec<Vec<String>> {
        let mut seen = HashSet::new();
        let all = self.patch.elements().iter().chain(&self.target).map(|it| elements::values(it, keys));
        all.filter(|it| seen.insert(it.clone())).collect()
    }
}

/// The members of a set: the patch's, then the object's; `true` for those that are new. Where
/// both have a member, it stays the object's.
fn set(lists: &Lists) -> Result<Vec<(Node, bool)>, MergeError> {
    let patch = lists.patch.elements();
    let all = || patch.iter().chain(&lists.target).filter(|it| !elements::is_empty(it));
    if let Some(node) = all().find(|it| it.as_scalar().is_none()) {
        return Err(MergeError {
            at: node.origin.span,
            target: None,
            problem: Problem::WrongElement {
                found: Shape::of(node),
                wanted: Shape::Scalar,
                why: "the list is a set",
            },
        });
    }
    let mut seen = HashSet::new();
    let mut members = vec![];
    for node in all() {
        if seen.insert(raw_text(node)) {
            let old = lists.target.iter().rfind(|it| raw_text(it) == raw_text(node));
            members.push((old.unwrap_or(node).clone(), old.is_none()));
        }
    }
    Ok(members)
}

/// Looks for an element that has nothing but a directive, and takes it out.
fn asked(patch: &[Node]) -> Result<Asked, MergeError> {
    let all = || patch.to_vec();
    let Some(element) = patch.iter().find(|it| it.get(DIRECTIVE).is_some()) else {
        return Ok(Asked::Merge(all()));
    };
    let node = element.get(DIRECTIVE).expect("it has been found by this key");
    if element.as_map().map_or(0, Map::len) > 1 {
        return Ok(Asked::Merge(all()));
    }
    let word = raw_text(node);
    let is_left = |it: &&Node| !elements::is_empty(it) && it.get(DIRECTIVE).map(raw_text) != Some(word);
    let rest = || patch.iter().filter(is_left).cloned().collect();
    match word {
        "merge" => Ok(Asked::Merge(rest())),
        "replace" => Ok(Asked::Replace(rest())),
        "delete" => Ok(Asked::Delete),
        other => Err(MergeError {
            at: node.origin.span,
            target: None,
            problem: Problem::UnknownDirective(other.into()),
        }),
    }
}

/// A directive counts once. An element that is found by two sets of values is walked twice, and
/// the second time it has none, so that it may bring back what it has deleted.
fn forget_directives(patch: &mut Node) {
    let word = directive(patch);
    let Some(map) = patch.as_map_mut() else { return };
    if word.is_ok() {
        map.remove(DIRECTIVE);
    }
    if word != Ok(Directive::Delete) {
        map.entries_mut().iter_mut().for_each(|it| forget_directives(&mut it.node));
    }
}

/// Whether an element is one of the patch, rather than one that it has changed.
fn is_of_patch(node: &Node) -> bool {
    node.origin.trail.as_ref().is_some_and(|it| it.step == Step::Patch && it.before.is_none())
}

fn items(node: &Node) -> &[Node] {
    node.as_seq().unwrap_or_default()
}
