//! Which element of a list is which of another.

use std::collections::{HashMap, HashSet};

use super::ChangeKind;
use super::fields::{At, Walk};
use super::same::is_same;
use crate::kube::merge_keys::{Field, ListKind, Type};
use crate::node::{Node, Value};

/// How many pairs of elements are compared at most to find those that have stayed.
const MOST_PAIRS: usize = 250_000;

/// Compares two lists, each with the node that holds it.
///
/// Elements are known by the keys by which Kubernetes merges them, or by their `name`, if all have one of
/// their own. Elsewhere the longest part that has stayed is looked for, and what stands between is compared
/// one by one.
pub(super) fn compare(
    walk: &mut Walk<'_>,
    at: &At,
    old: (&Node, &[Node]),
    new: (&Node, &[Node]),
    field: Field<'_>,
) {
    let keys = match field.list {
        ListKind::Keyed(keys) => keys.list(),
        ListKind::Set | ListKind::Atomic => vec!["name"],
    };
    match (names(old.1, &keys), names(new.1, &keys)) {
        (Some(before), Some(now)) => {
            let sides = Sides { old: old.1, new: new.1, before: &before, now: &now };
            by_name(walk, at, &sides, field.child, &keys);
            let order = |names: &[String], others: &[String], node: &Node| {
                let others: HashSet<&String> = others.iter().collect();
                let kept = names.iter().filter(|it| others.contains(it));
                Node::seq(
                    kept.map(|it| Node::string(&**it, node.origin.clone())).collect(),
                    node.origin.clone(),
                )
            };
            let (before, now) = (order(&before, &now, old.0), order(&now, &before, new.0));
            if !is_same(&before, &now) {
                walk.note(ChangeKind::Reordered, at, Some(&before), Some(&now));
            }
        }
        _ => by_place(walk, at, old.1, new.1, field.child),
    }
}

/// What the elements of a list are called, if each has a name of its own.
fn names(items: &[Node], keys: &[&str]) -> Option<Vec<String>> {
    let name = |item: &Node| {
        let text = |key: &&str| item.get(key).and_then(Node::as_scalar).map(|it| it.text.to_string());
        // Only the first is always there: a port is one of TCP if it does not say so.
        text(keys.first()?)?;
        Some(keys.iter().filter_map(text).collect::<Vec<_>>().join("/"))
    };
    let names: Vec<String> = items.iter().map(name).collect::<Option<_>>()?;
    let distinct: HashSet<&String> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}

/// Two lists, and what their elements are called.
struct Sides<'a> {
    old: &'a [Node],
    new: &'a [Node],
    before: &'a [String],
    now: &'a [String],
}

fn by_name(walk: &mut Walk<'_>, at: &At, sides: &Sides<'_>, is: Option<Type<'_>>, keys: &[&str]) {
    let known: HashMap<&String, usize> = sides.before.iter().enumerate().map(|(i, it)| (it, i)).collect();
    let mut partner: Vec<Option<usize>> = sides.now.iter().map(|it| known.get(it).copied()).collect();
    let kept: HashSet<usize> = partner.iter().flatten().copied().collect();
    let mut gone: Vec<usize> = (0..sides.old.len()).filter(|it| !kept.contains(it)).collect();
    // A port is known by its number. One with another number and the same name is still the same to people.
    if keys != ["name"] {
        for (index, partner) in partner.iter_mut().enumerate().filter(|it| it.1.is_none()) {
            let name = |it: &Node| it.get("name").and_then(Node::as_str).map(str::to_owned);
            let wanted = name(&sides.new[index]);
            let found = gone.iter().position(|it| wanted.is_some() && name(&sides.old[*it]) == wanted);
            *partner = found.map(|it| gone.remove(it));
        }
        if let ([one], Some(last)) = (&*gone, partner.iter_mut().filter(|it| it.is_none()).last())
            && sides.old.len() == sides.new.len()
        {
            *last = Some(*one);
            gone.clear();
        }
    }
    for (index, item) in sides.new.iter().enumerate() {
        match partner[index] {
            Some(old) => {
                walk.value(&at.element(&sides.before[old], old, index), &sides.old[old], item, is);
            }
            None => walk.push(&at.element(&sides.now[index], index, index), None, Some(item)),
        }
    }
    for index in gone {
        walk.push(&at.element(&sides.before[index], index, index), Some(&sides.old[index]), None);
    }
}

fn by_place(walk: &mut Walk<'_>, at: &At, old: &[Node], new: &[Node], is: Option<Type<'_>>) {
    let (mut i, mut j) = (0, 0);
    let end = [(old.len(), new.len())];
    for (x, y) in stayed(old, new).into_iter().chain(end) {
        while i < x || j < y {
            match (i < x, j < y) {
                (true, true) if is_alike(&old[i], &new[j]) => {
                    walk.value(&at.element(&j.to_string(), i, j), &old[i], &new[j], is);
                    (i, j) = (i + 1, j + 1);
                }
                (true, _) => {
                    walk.push(&at.element(&i.to_string(), i, j), Some(&old[i]), None);
                    i += 1;
                }
                _ => {
                    walk.push(&at.element(&j.to_string(), i, j), None, Some(&new[j]));
                    j += 1;
                }
            }
        }
        (i, j) = (x + 1, y + 1);
    }
}

/// Whether one may have become the other.
fn is_alike(a: &Node, b: &Node) -> bool {
    matches!(
        (&a.value, &b.value),
        (Value::Scalar(_), Value::Scalar(_))
            | (Value::Map(_), Value::Map(_))
            | (Value::Seq(_), Value::Seq(_))
    )
}

/// The places of the elements that have stayed, in order.
fn stayed(old: &[Node], new: &[Node]) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(a, b)| is_same(a, b)).count();
    let (rest_old, rest_new) = (&old[head..], &new[head..]);
    let tail = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| is_same(a, b)).count();
    let (rest_old, rest_new) = (&rest_old[..rest_old.len() - tail], &rest_new[..rest_new.len() - tail]);
    let mut found: Vec<(usize, usize)> = (0..head).map(|it| (it, it)).collect();
    found.extend(longest(rest_old, rest_new).into_iter().map(|(i, j)| (i + head, j + head)));
    found.extend((0..tail).rev().map(|it| (old.len() - 1 - it, new.len() - 1 - it)));
    found
}

/// The longest sequence that both have in common; nothing if looking for it would take too long.
fn longest(old: &[Node], new: &[Node]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        return vec![];
    }
    let mut length = vec![0u32; (old.len() + 1) * width];
    let mut same = vec![false; old.len() * new.len()];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let is_same = is_same(&old[i], &new[j]);
            same[i * new.len() + j] = is_same;
            length[i * width + j] = match is_same {
                true => length[(i + 1) * width + j + 1] + 1,
                false => length[(i + 1) * width + j].max(length[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, vec![]);
    while i < old.len() && j < new.len() {
        if same[i * new.len() + j] {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}
