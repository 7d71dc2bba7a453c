//! Applies operations to an object.

use std::sync::Arc;

use crate::kustomize::json_patch::error::{PatchError, Problem};
use crate::kustomize::json_patch::json::through_json;
use crate::kustomize::json_patch::{Action, Operation, Pointer};
use crate::kustomize::mark;
use crate::node::{Entry, Node, Scalar, ScalarKind, Value, pointer_part, pointer_parts};
use crate::origin::{Origin, Step};
use crate::source::Span;
use crate::yaml::{MAX_DEPTH, MAX_EXPANDED};

/// Applies operations to an object, one after the other; `directive` is the entry that asks for
/// them.
///
/// # Errors
/// If kustomize refuses one of them. The object is not changed then.
pub fn apply(operations: &[Operation], target: &mut Node, directive: Span) -> Result<(), PatchError> {
    let mut object = through_json(target);
    let mut copied = 0;
    for operation in operations {
        Applied { operation, directive, copied: &mut copied }.run(&mut object)?;
    }
    *target = object;
    Ok(())
}

/// One operation at work.
struct Applied<'a> {
    operation: &'a Operation,
    directive: Span,
    /// How many values have been copied so far.
    copied: &'a mut u64,
}

/// The place at the end of a path: a part of something that is there.
struct Place<'n> {
    /// The mapping or list.
    container: &'n mut Node,
    /// The last part of the path, unescaped.
    part: String,
    /// How many parts lead there.
    depth: usize,
}

impl Applied<'_> {
    fn run(&mut self, object: &mut Node) -> Result<(), PatchError> {
        let path = &self.operation.path;
        match &self.operation.action {
            Action::Add(value) => self.add(object, self.brought(value.as_ref())),
            Action::Remove => self.take(object, path).map(drop),
            Action::Replace(value) if path.text.is_empty() => self.replace_root(object, value.as_ref()),
            Action::Replace(value) => self.replace(object, self.brought(value.as_ref())),
            Action::Move(from) => {
                let node = self.take(object, from)?;
                self.add(object, self.carried(node))
            }
            Action::Copy(from) => {
                let place = self.place(object, from)?;
                let node = self.get(&place, from)?.cloned();
                *self.copied += node.as_ref().map_or(1, weight);
                if *self.copied > MAX_EXPANDED {
                    return Err(self.error(Problem::TooLarge("copy"), None));
                }
                let node = node.map_or_else(|| self.brought(None), |it| self.carried(it));
                self.add(object, node)
            }
            Action::Test(value) => self.test(object, value.as_ref()),
        }
    }

    fn add(&self, object: &mut Node, node: Node) -> Result<(), PatchError> {
        let place = self.place(object, &self.operation.path)?;
        self.check_depth(&place, &node)?;
        if place.container.as_map().is_some() {
            return self.put(place, node);
        }
        let span = place.container.origin.span;
        let items = place.container.as_seq_mut().expect("a container is a mapping or a list");
        let index = match &*place.part {
            "-" => items.len(),
            // One more place to add to than there are elements.
            part => self.index(part, items.len() + 1, items.len(), span)?,
        };
        items.insert(index, node);
        Ok(())
    }

    fn replace(&self, object: &mut Node, node: Node) -> Result<(), PatchError> {
        let place = self.place(object, &self.operation.path)?;
        self.check_depth(&place, &node)?;
        if place.container.as_map().is_some() {
            return self.put(place, node);
        }
        let span = place.container.origin.span;
        let items = place.container.as_seq_mut().expect("a container is a mapping or a list");
        let index = self.index(&place.part, items.len(), items.len(), span)?;
        items[index] = self.over(&items[index], node);
        Ok(())
    }

    /// Sets a key of a mapping. kustomize adds it if it is not there, whatever is asked for.
    fn put(&self, place: Place<'_>, node: Node) -> Result<(), PatchError> {
        let map = place.container.as_map_mut().expect("the caller has looked");
        match map.get_mut(&place.part) {
            Some(old) => *old = self.over(old, node),
            None => map.push_new(Entry {
                key: place.part.into(),
                key_span: self.operation.path.span,
                key_kind: ScalarKind::Str,
                node,
            }),
        }
        Ok(())
    }

    fn replace_root(&self, object: &mut Node, value: Option<&Node>) -> Result<(), PatchError> {
        let node = self.brought(value);
        if node.as_map().is_none() {
            return Err(self.error(Problem::RootNotMap, None));
        }
        *object = self.over(object, node);
        Ok(())
    }

    /// Takes the value at `from` out.
    fn take(&self, object: &mut Node, from: &Pointer) -> Result<Node, PatchError> {
        let op = self.operation.action.name();
        let place = self.place(object, from)?;
        let span = place.container.origin.span;
        if let Some(map) = place.container.as_map_mut() {
            let missing =
                || self.error_at(from, Problem::Missing { op, path: Arc::clone(&from.text) }, Some(span));
            let taken = map.remove(&place.part).map(|it| it.node).ok_or_else(missing)?;
            place.container.origin = self.touched(place.container);
            return Ok(taken);
        }
        let items = place.container.as_seq_mut().expect("a container is a mapping or a list");
        let index = self.index_at(from, &place.part, items.len(), items.len(), span)?;
        let taken = items.remove(index);
        place.container.origin = self.touched(place.container);
        Ok(taken)
    }

    fn test(&self, object: &mut Node, value: Option<&Node>) -> Result<(), PatchError> {
        let path = &self.operation.path;
        let failed = |span| self.error(Problem::TestFailed(Arc::clone(&path.text)), span);
        if path.text.is_empty() {
            // kustomize tests an object with notes of its own in it, which no patch can know.
            return Err(failed(Some(object.origin.span)));
        }
        let place = self.place(object, path)?;
        let wanted = value.ok_or_else(|| self.error(Problem::FieldMissing("value"), None))?;
        match self.get(&place, path)? {
            Some(node) if is_equal(node, wanted) => Ok(()),
            None if wanted.is_null() => Ok(()),
            found => Err(failed(Some(found.unwrap_or(place.container).origin.span))),
        }
    }

    /// The value at a place; `None` if a mapping does not have it.
    fn get<'n>(&self, place: &'n Place<'_>, path: &Pointer) -> Result<Option<&'n Node>, PatchError> {
        match &place.container.value {
            Value::Seq(items) => {
                let span = place.container.origin.span;
                let index = self.index_at(path, &place.part, items.len(), items.len(), span)?;
                Ok(Some(&items[index]))
            }
            _ => Ok(place.container.get(&place.part)),
        }
    }

    /// Follows a path to what holds its last part.
    fn place<'n>(&self, object: &'n mut Node, path: &Pointer) -> Result<Place<'n>, PatchError> {
        let mut parts: Vec<String> = pointer_parts(&path.text).collect();
        let Some(part) = parts.pop() else {
            return Err(self.error_at(path, Problem::NoSlash(Arc::clone(&path.text)), None));
        };
        let op = self.operation.action.name();
        let depth = parts.len() + 1;
        let mut container = object;
        for index in 0..parts.len() {
            container = self.step(container, &parts, index, path)?;
        }
        if container.as_scalar().is_none() {
            return Ok(Place { container, part, depth });
        }
        let found = if container.is_null() { "null" } else { "a single value" };
        let problem = Problem::NoContainer { op, path: joined(&parts), found };
        Err(self.error_at(path, problem, Some(container.origin.span)))
    }

    fn step<'n>(
        &self,
        node: &'n mut Node,
        parts: &[String],
        at: usize,
        path: &Pointer,
    ) -> Result<&'n mut Node, PatchError> {
        let op = self.operation.action.name();
        let (span, is_null) = (node.origin.span, node.is_null());
        let (missing, nearest) = (joined(&parts[..=at]), joined(&parts[..at]));
        let problem = match &mut node.value {
            Value::Seq(items) => {
                let index = self.index_at(path, &parts[at], items.len(), items.len(), span)?;
                return Ok(&mut Arc::make_mut(items)[index]);
            }
            Value::Map(map) => match Arc::make_mut(map).get_mut(&parts[at]) {
                Some(found) => return Ok(found),
                None if at == 0 => Problem::Missing { op, path: missing.into() },
                None => Problem::ParentMissing { op, missing, nearest },
            },
            Value::Scalar(_) => {
                let found = if is_null { "null" } else { "a single value" };
                Problem::NoContainer { op, path: nearest, found }
            }
        };
        Err(self.error_at(path, problem, Some(span)))
    }

    fn index(&self, part: &str, places: usize, length: usize, list: Span) -> Result<usize, PatchError> {
        self.index_at(&self.operation.path, part, places, length, list)
    }

    /// The index that a part of a path stands for, in a list with this many places.
    fn index_at(
        &self,
        path: &Pointer,
        part: &str,
        places: usize,
        length: usize,
        list: Span,
    ) -> Result<usize, PatchError> {
        let op = self.operation.action.name();
        let Ok(index) = part.parse::<i64>() else {
            return Err(self.error_at(path, Problem::NotAnIndex { op, part: part.to_owned() }, Some(list)));
        };
        let from_start = if index < 0 { index + places as i64 } else { index };
        match usize::try_from(from_start) {
            Ok(found) if found < places => Ok(found),
            _ => Err(self.error_at(path, Problem::OutOfRange { op, index, length }, Some(list))),
        }
    }

    /// A value of the patch; null if there is none.
    fn brought(&self, value: Option<&Node>) -> Node {
        match value {
            Some(node) => mark::mark(&through_json(node), Step::JsonPatch, self.directive),
            None => {
                let scalar = Scalar { text: "null".into(), kind: ScalarKind::Null, quoted: false };
                let origin = Origin::created(self.operation.at, Step::JsonPatch, self.directive);
                Node { value: Value::Scalar(scalar), origin }
            }
        }
    }

    /// A value of the object in another place: its text is still where it was.
    fn carried(&self, node: Node) -> Node {
        Node { origin: self.touched(&node), ..node }
    }

    fn touched(&self, node: &Node) -> Origin {
        node.origin.touched(Step::JsonPatch, self.directive)
    }

    /// A value in the place of another.
    fn over(&self, before: &Node, mut node: Node) -> Node {
        node.origin = before.origin.changed(node.origin.span, Step::JsonPatch, self.directive);
        node
    }

    fn check_depth(&self, place: &Place<'_>, node: &Node) -> Result<(), PatchError> {
        if place.depth + depth(node) > MAX_DEPTH {
            return Err(self.error(Problem::TooLarge(self.operation.action.name()), None));
        }
        Ok(())
    }

    fn error(&self, problem: Problem, target: Option<Span>) -> PatchError {
        self.error_at(&self.operation.path, problem, target)
    }

    fn error_at(&self, path: &Pointer, problem: Problem, target: Option<Span>) -> PatchError {
        PatchError { at: path.span, target, problem }
    }
}

/// A path out of its parts; `/` for the object itself.
fn joined(parts: &[String]) -> String {
    if parts.is_empty() {
        return "/".to_owned();
    }
    parts.iter().map(|it| format!("/{}", pointer_part(it))).collect()
}

/// How many values there are.
fn weight(node: &Node) -> u64 {
    1 + match &node.value {
        Value::Scalar(_) => 0,
        Value::Seq(items) => items.iter().map(weight).sum(),
        Value::Map(map) => map.entries().iter().map(|it| weight(&it.node)).sum(),
    }
}

/// How many mappings and lists are inside of each other.
fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) => 0,
        Value::Seq(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Map(map) => 1 + map.entries().iter().map(|it| depth(&it.node)).max().unwrap_or(0),
    }
}

/// Whether two values are the same JSON, numbers digit by digit.
fn is_equal(left: &Node, right: &Node) -> bool {
    match (&left.value, &right.value) {
        (Value::Scalar(left), Value::Scalar(right)) => {
            let is_number = |it: &Scalar| matches!(it.kind, ScalarKind::Int | ScalarKind::Float);
            left.text == right.text && (left.kind == right.kind || is_number(left) && is_number(right))
        }
        (Value::Seq(left), Value::Seq(right)) => {
            left.len() == right.len()
                && left.iter().zip(right.iter()).all(|(left, right)| is_equal(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            let has = |it: &Entry| right.get(&it.key).is_some_and(|right| is_equal(&it.node, right));
            left.len() == right.len() && left.entries().iter().all(has)
        }
        _ => false,
    }
}
