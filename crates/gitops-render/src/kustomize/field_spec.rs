//! Field specs: which fields of which kinds a step works on, and how it gets there.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::origin::{Origin, Step};
use crate::resource::Gvk;
use crate::rules::kus;
use crate::source::Span;

/// A path to a field, for the kinds that have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSpec {
    /// Empty parts fit everything.
    pub gvk: Gvk,
    /// The keys on the way. Lists on the way are gone through without being named; a key that
    /// ends in `[]` has to hold a list.
    pub path: Vec<Arc<str>>,
    /// Whether what is missing on the way is created.
    pub create: bool,
}

impl FieldSpec {
    /// A spec from the notation of kustomize's configurations: keys between slashes, where `\/`
    /// is a slash in a key.
    pub fn new(gvk: Gvk, path: &str, create: bool) -> FieldSpec {
        let mut parts = vec![String::new()];
        let mut rest = path.chars().peekable();
        while let Some(letter) = rest.next() {
            match letter {
                '\\' if rest.peek() == Some(&'/') => {
                    rest.next();
                    parts.last_mut().expect("there is always a part").push('/');
                }
                '/' => parts.push(String::new()),
                letter => parts.last_mut().expect("there is always a part").push(letter),
            }
        }
        let path = parts.into_iter().filter(|it| !it.is_empty()).map(Arc::from).collect();
        FieldSpec { gvk, path, create }
    }

    /// Whether the spec is for objects of this kind.
    pub fn fits(&self, gvk: &Gvk) -> bool {
        gvk_fits(&self.gvk, gvk)
    }
}

/// Whether `gvk` is selected by `wanted`, whose empty parts fit everything.
pub fn gvk_fits(wanted: &Gvk, gvk: &Gvk) -> bool {
    let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
    fits(&wanted.kind, &gvk.kind) && fits(&wanted.group, &gvk.group) && fits(&wanted.version, &gvk.version)
}

/// What is put where a field is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Create {
    /// Nothing: missing fields stay so.
    Nothing,
    /// A mapping.
    Map,
    /// A scalar, which the step fills in at once.
    Scalar,
}

/// A value on the way to a field that is neither a mapping nor a list.
#[derive(Debug)]
pub struct NoWay {
    /// The value in the way.
    pub at: Origin,
    /// What it is, in words.
    pub found: String,
    /// The key that was looked for in it.
    pub key: Arc<str>,
}

impl NoWay {
    /// The finding: kustomize stops here.
    pub(crate) fn diagnostic(&self) -> Diagnostic {
        let reason = format!("`{}` is looked for in {}", self.key, self.found);
        kus::build_failed::because(self.at.span, reason).story(&self.at)
    }
}

impl From<NoWay> for Box<Diagnostic> {
    fn from(it: NoWay) -> Box<Diagnostic> {
        Box::new(it.diagnostic())
    }
}

/// Goes to every field that `spec` names in `object` and lets `set` work on it.
///
/// `why` is the origin of what is created on the way.
///
/// # Errors
/// If a value on the way is a scalar, or `set` fails.
pub fn visit<E: From<NoWay>>(
    object: &mut Node,
    spec: &FieldSpec,
    create: Create,
    why: (Step, Span),
    set: &mut dyn FnMut(&mut Node) -> Result<(), E>,
) -> Result<(), E> {
    let create = if spec.create { create } else { Create::Nothing };
    if create == Create::Nothing && !reaches(object, &spec.path) {
        return Ok(());
    }
    walk(object, &spec.path, create, why, set)
}

/// Whether the path leads anywhere: looking first keeps what is shared shared.
fn reaches(node: &Node, path: &[Arc<str>]) -> bool {
    let Some((key, rest)) = path.split_first() else { return true };
    match &node.value {
        Value::Map(map) => map.get(plain(key).0).is_some_and(|it| reaches(it, rest)),
        Value::Seq(items) => items.iter().any(|it| reaches(it, path)),
        Value::Scalar(it) => it.kind != ScalarKind::Null,
    }
}

fn walk<E: From<NoWay>>(
    node: &mut Node,
    path: &[Arc<str>],
    create: Create,
    why: (Step, Span),
    set: &mut dyn FnMut(&mut Node) -> Result<(), E>,
) -> Result<(), E> {
    let Some((key, rest)) = path.split_first() else { return set(node) };
    match &mut node.value {
        Value::Seq(items) => {
            for item in Arc::make_mut(items) {
                walk(item, path, create, why, set)?;
            }
            Ok(())
        }
        Value::Map(map) => {
            let (name, is_list) = plain(key);
            let make = match create {
                _ if is_list => Create::Nothing,
                Create::Nothing => Create::Nothing,
                _ if !rest.is_empty() => Create::Map,
                last => last,
            };
            if map.get(name).is_none_or(Node::is_null) && make != Create::Nothing {
                fill(Arc::make_mut(map), name, make, why);
            }
            match map.get(name) {
                Some(it) if !it.is_null() || rest.is_empty() => {}
                _ => return Ok(()),
            }
            let field = Arc::make_mut(map).get_mut(name).expect("it was found just now");
            walk(field, rest, create, why, set)
        }
        Value::Scalar(it) if it.kind == ScalarKind::Null => Ok(()),
        Value::Scalar(_) => {
            let (name, _) = plain(key);
            Err(NoWay { at: node.origin.clone(), found: node.describe(), key: name.into() }.into())
        }
    }
}

/// Puts an empty value at `key`, over a null if there is one.
fn fill(map: &mut Map, key: &str, make: Create, (step, directive): (Step, Span)) {
    let value = match make {
        Create::Map => Value::Map(Arc::default()),
        _ => Value::Scalar(Scalar::plain("", ScalarKind::Null)),
    };
    match map.get_mut(key) {
        Some(null) => {
            null.value = value;
            // A scalar is written by the step itself, which says so.
            if make == Create::Map {
                null.origin = null.origin.touched(step, directive);
            }
        }
        None => {
            let node = Node { value, origin: Origin::created(directive, step, directive) };
            map.insert(Entry { key: key.into(), key_span: directive, key_kind: ScalarKind::Str, node });
        }
    }
}

/// A key without its `[]`, and whether it had one.
fn plain(key: &str) -> (&str, bool) {
    match key.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (key, false),
    }
}
