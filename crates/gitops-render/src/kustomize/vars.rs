//! `vars:`, the older way to copy values from one object to another.
//!
//! A kustomization ties its variables to objects while it is built (`record`). What `$(NAME)`
//! stands for is filled in by the root, when names are final (`resolve`).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::cancel::Cancel;
use crate::diagnostic::Diagnostic;
use crate::kustomize::config::Config;
use crate::kustomize::field_path;
use crate::kustomize::field_spec::{self, Create, FieldSpec};
use crate::kustomize::file::vars::Var;
use crate::kustomize::layer::Build;
use crate::kustomize::objects::Objects;
use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::{Resource, ResourceId};
use crate::rules::kus;
use crate::source::Span;
use crate::suggest;
use crate::yaml::emit::number::go_shortest;
use crate::yaml::resolve::Number;

/// Ties the variables of a kustomization to the objects that they name.
pub(crate) fn record(build: &mut Build<'_>, vars: &[Arc<Var>]) {
    for var in vars {
        let wanted = &var.object.value;
        let list = build.objects.list();
        let fits = |it: &Resource| it.ids().any(|id| means(wanted, id));
        let found: Vec<usize> = build.objects.named(&wanted.name).filter(|it| fits(&list[*it])).collect();
        match found[..] {
            [index] => {
                build.objects.edit(index, |it| it.history.vars.push(Arc::clone(&var.name.value)));
                merge(build, std::slice::from_ref(var), var.name.span);
            }
            // The object may be in what we could not see.
            [] if build.is_incomplete => build.is_refused = true,
            [] => {
                let nearest = nearest(list, wanted);
                let at = var.object.span;
                build.refuse(kus::replacement_unresolved::no_source(at, wanted, nearest));
            }
            [first, second, ..] => {
                let (first, second) = (&list[first], &list[second]);
                let at = var.object.span;
                build.refuse(kus::replacement_unresolved::several_sources(at, wanted, first, second));
            }
        }
    }
}

/// Whether a variable's `objref` means an object; without a namespace it may be in any.
fn means(wanted: &ResourceId, id: &ResourceId) -> bool {
    wanted.name == id.name
        && wanted.gvk == id.gvk
        && (wanted.namespace.is_empty() || wanted.effective_namespace() == id.effective_namespace())
}

/// Adds variables to those that are known; `at` is what brings them in.
pub(crate) fn merge(build: &mut Build<'_>, vars: &[Arc<Var>], at: Span) {
    for var in vars {
        match build.vars.iter().find(|it| it.name.value == var.name.value) {
            Some(known) => {
                let reason = format!("the variable `{}` is there already", var.name.value);
                let found = kus::build_failed::because(at, reason).label(known.name.span, "the first one");
                let found =
                    if at == var.name.span { found } else { found.label(var.name.span, "the second one") };
                build.refuse(found);
            }
            None => build.vars.push(Arc::clone(var)),
        }
    }
}

/// What a variable stands for.
struct Filled<'v> {
    /// On its own; `None` for a list or a mapping, which kustomize does not fill in.
    alone: Option<Scalar>,
    /// Inside of a text.
    text: String,
    /// Where the value stands.
    span: Span,
    var: &'v Var,
}

type Values<'v> = BTreeMap<Arc<str>, Filled<'v>>;

/// Fills in variables, in the fields that the configuration lists.
///
/// Returns what kustomize would stop at. Nothing is filled in if a variable has no value.
pub(crate) fn resolve(
    objects: &mut Objects,
    vars: &[Arc<Var>],
    config: &Config,
    cancel: &Cancel,
) -> Vec<Diagnostic> {
    let (mut values, mut diagnostics) = (Values::new(), vec![]);
    let mut holders: HashMap<&Arc<str>, &Resource> = HashMap::new();
    for resource in objects.list() {
        for name in &resource.history.vars {
            holders.entry(name).or_insert(resource);
        }
    }
    for var in vars {
        match fill(holders.get(&var.name.value).copied(), var) {
            Ok(filled) => drop(values.insert(Arc::clone(&var.name.value), filled)),
            Err(found) => diagnostics.push(*found),
        }
    }
    if values.is_empty() || !diagnostics.is_empty() {
        return diagnostics;
    }
    for resource in objects.list_mut().iter_mut().take_while(|_| !cancel.is_cancelled()) {
        let gvk = resource.id.gvk.clone();
        for spec in config.var_reference.iter().filter(|it| it.fits(&gvk)) {
            if let Err(stop) = expand_in(resource, spec, &values) {
                diagnostics.push(*stop);
                // One is enough: the same text is likely to be in the way of each field.
                break;
            }
        }
        resource.refresh();
    }
    diagnostics
}

/// The value of a variable that is taken from `holder`.
fn fill<'v>(holder: Option<&Resource>, var: &'v Var) -> Result<Filled<'v>, Box<Diagnostic>> {
    let (text, span) = (&var.field_path.value, var.field_path.span);
    let Some(resource) = holder else {
        let found = kus::replacement_unresolved::no_source(var.object.span, &var.object.value, None);
        return Err(Box::new(found.help("the object has been removed; remove the variable too")));
    };
    let path = with_indexes(field_path::split(text));
    let node = field_path::lookup(&resource.node, &path)
        .map_err(|error| kus::replacement_unresolved::no_way(span, text, resource, &error))?;
    let Some(node) = node else {
        let nearest = field_path::nearest(&resource.node, &path);
        return Err(Box::new(kus::replacement_unresolved::no_source_field(span, text, resource, nearest)));
    };
    let filled = |alone: Option<Scalar>, text: String| Filled { alone, text, span: node.origin.span, var };
    let Some(scalar) = node.as_scalar() else { return Ok(filled(None, String::new())) };
    let (alone, text) = typed(scalar).ok_or_else(|| {
        let reason = format!("kustomize cannot read {} as the value of a variable", node.describe());
        kus::build_failed::because(node.origin.span, reason).label(span, "asked for here")
    })?;
    Ok(filled(Some(alone), text))
}

/// `a[0]` is `a.0` in the path of a variable.
fn with_indexes(path: Vec<String>) -> Vec<String> {
    let split = |part: String| {
        let found = part.strip_suffix(']').and_then(|it| it.rsplit_once('['));
        let is_index = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        match found.filter(|(_, index)| is_index(index)) {
            Some((key, index)) => vec![key.to_owned(), index.to_owned()],
            None => vec![part],
        }
    };
    path.into_iter().flat_map(split).collect()
}

/// A value on its own and inside of a text. kustomize reads decimal whole numbers only here, and
/// floats without underscores.
fn typed(scalar: &Scalar) -> Option<(Scalar, String)> {
    let text = &*scalar.text;
    match (scalar.kind, scalar.number()) {
        (ScalarKind::Int, _) => {
            let value = text.parse::<i64>().ok()?.to_string();
            Some((Scalar::plain(value.as_str(), ScalarKind::Int), value))
        }
        (ScalarKind::Float, Some(Number::Float(value))) if !text.contains('_') && value.is_finite() => {
            Some((Scalar::plain(format!("{value}"), ScalarKind::Float), go_shortest(value)))
        }
        (ScalarKind::Float, _) => None,
        (ScalarKind::Bool, _) => {
            let value = scalar.bool()?.to_string();
            Some((Scalar::plain(value.as_str(), ScalarKind::Bool), value))
        }
        _ => Some((Scalar::string(Arc::clone(&scalar.text)), text.to_owned())),
    }
}

fn expand_in(resource: &mut Resource, spec: &FieldSpec, values: &Values<'_>) -> Result<(), Box<Diagnostic>> {
    let nowhere = (Step::Var, resource.node.origin.span);
    field_spec::visit(&mut resource.node, spec, Create::Nothing, nowhere, &mut |field| {
        expand_field(field, values)
    })
}

fn expand_field(field: &mut Node, values: &Values<'_>) -> Result<(), Box<Diagnostic>> {
    match &mut field.value {
        Value::Scalar(_) => expand_scalar(field, values)?,
        Value::Map(map) => {
            if let Some(entry) = map.entries().iter().find(|it| it.key_kind != ScalarKind::Str) {
                let reason = format!(
                    "the key `{}` is no string, which kustomize wants where variables may be",
                    entry.key
                );
                return Err(Box::new(
                    kus::build_failed::because(entry.key_span, reason).help("put it in quotes"),
                ));
            }
            if map.entries().iter().any(|it| may_change(&it.node)) {
                for entry in Arc::make_mut(map).entries_mut() {
                    expand_scalar(&mut entry.node, values)?;
                }
            }
        }
        Value::Seq(items) => {
            if let Some(item) = items.iter().find(|it| string(it).is_none()) {
                let reason = format!(
                    "this is {}, and kustomize wants strings where variables may be",
                    item.describe()
                );
                return Err(Box::new(
                    kus::build_failed::because(item.origin.span, reason).help("put it in quotes"),
                ));
            }
            if items.iter().any(may_change) {
                Arc::make_mut(items).iter_mut().try_for_each(|it| expand_scalar(it, values))?;
            }
        }
    }
    Ok(())
}

/// The text of a string. A date is none here.
fn string(node: &Node) -> Option<&Arc<str>> {
    node.as_scalar().filter(|it| it.kind == ScalarKind::Str).map(|it| &it.text)
}

fn may_change(node: &Node) -> bool {
    string(node).is_some_and(|it| it.contains('$'))
}

fn expand_scalar(node: &mut Node, values: &Values<'_>) -> Result<(), Box<Diagnostic>> {
    let Some(text) = string(node) else { return Ok(()) };
    let name = text.strip_prefix("$(").and_then(|it| it.strip_suffix(')'));
    if let Some(filled) = name.and_then(|it| values.get(it)) {
        if let Some(alone) = filled.alone.clone() {
            let origin = node.origin.changed(filled.span, Step::Var, filled.var.name.span);
            *node = Node { value: Value::Scalar(alone), origin };
        }
        return Ok(());
    }
    let mut used = None;
    let new = expand(text, |name| {
        let filled = values.get(name).filter(|it| it.alone.is_some())?;
        used = Some(filled.var.name.span);
        Some(&filled.text)
    });
    let Some(new) = new else {
        let found =
            kus::build_failed::because(node.origin.span, "the text grows too large with its variables");
        return Err(Box::new(found));
    };
    if *new == **text {
        return Ok(());
    }
    let scalar = Scalar::string(&*new);
    // Without a variable in it the text had a `$$`, of which one is left wherever there are any.
    let any = || values.values().next().map(|it| it.var.name.span);
    if let Some(directive) = used.or_else(any) {
        node.origin = node.origin.touched(Step::Var, directive);
    }
    node.value = Value::Scalar(scalar);
    Ok(())
}

/// How long a text may become.
const MAX_TEXT: usize = 4 << 20;

/// Fills in `$(NAME)`; a name that nobody knows stays, and `$$` is a dollar sign.
///
/// Returns `None` if the text becomes too long.
fn expand<'a, 'v>(text: &'a str, mut value: impl FnMut(&str) -> Option<&'v String>) -> Option<Cow<'a, str>> {
    if !text.contains('$') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        if out.len() > MAX_TEXT {
            return None;
        }
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        match rest.strip_prefix('(').and_then(|it| it.split_once(')')) {
            Some((name, after)) => {
                match value(name) {
                    Some(value) => out.push_str(value),
                    None => out.push_str(&format!("$({name})")),
                }
                rest = after;
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

fn nearest<'r>(resources: &'r [Resource], wanted: &ResourceId) -> Option<&'r Resource> {
    let same_name = resources.iter().find(|it| it.ids().any(|id| id.name == wanted.name));
    same_name.or_else(|| {
        let name = suggest::nearest(&wanted.name, resources.iter().map(|it| &*it.id.name))?;
        resources.iter().find(|it| &*it.id.name == name)
    })
}

#[cfg(test)]
mod tests;
