//! All objects of an overlay asked at once, as `conftest --combine` does.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::Value as Rego;

use crate::diagnostic::Diagnostic;
use crate::policy::evaluate::Saying;
use crate::policy::outcome::{Named, Said};
use crate::policy::value::to_rego;
use crate::policy::{Files, PolicySet, place};
use crate::resource::Resource;

impl PolicySet {
    /// What the policies say about objects together: `input` is a list of objects with the `path` of
    /// a file and its `contents`.
    ///
    /// A result belongs to the object that its place names (`/2/contents/spec`), else to the one that
    /// its message names, else to the first.
    pub fn check_together(&self, resources: &[&Resource], files: &dyn Files) -> Vec<Diagnostic> {
        if self.entries.is_empty() || resources.is_empty() {
            return vec![];
        }
        let item = |it: &&Resource| -> Rego {
            let text = |text: &str| Rego::String(Arc::from(text));
            let fields = [(text("contents"), to_rego(&it.node)), (text("path"), text(&files.path(it)))];
            BTreeMap::from(fields).into()
        };
        let input: Rego = resources.iter().map(item).collect::<Vec<_>>().into();
        let said = self.evaluator.ask(&self.entries, &input, Some("Combined"));
        let report = |saying: Saying<'_>| {
            let (index, said) = whose(resources, saying.said);
            let resource = resources[index];
            self.report(&Saying { said, ..saying }, resource, &resource.object_name(), files)
        };
        said.into_iter().map(report).collect()
    }
}

/// The object that a result is about, and the result with its place in that object.
fn whose(resources: &[&Resource], mut said: Said) -> (usize, Said) {
    let index = |it: &str| it.parse::<usize>().ok().filter(|it| *it < resources.len());
    if let Some(Named::Parts(parts) | Named::Dotted(parts)) = &mut said.at
        && let Some(index) = parts.first().and_then(|it| index(it))
    {
        let skipped = if parts.get(1).is_some_and(|it| it == "contents") { 2 } else { 1 };
        parts.drain(..skipped);
        return (index, said);
    }
    let named = said.message.as_deref().and_then(|it| only_named(resources, it));
    (named.unwrap_or(0), said)
}

/// The one object that a message names. Where several share a name, the kind decides.
fn only_named(resources: &[&Resource], message: &str) -> Option<usize> {
    let words = place::named_words(message);
    let is_named = |it: &&Resource| words.contains(&&*it.id.name);
    let all: Vec<usize> =
        resources.iter().enumerate().filter(|(_, it)| is_named(it)).map(|(index, _)| index).collect();
    let of_kind = |it: &&usize| words.contains(&&*resources[**it].id.gvk.kind);
    let [one] = all[..] else {
        let mut of_kind = all.iter().filter(of_kind);
        return of_kind.next().copied().filter(|_| of_kind.next().is_none());
    };
    Some(one)
}
