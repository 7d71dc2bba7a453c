//! The rules that are asked, by the names that conftest gives them.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::PolicyOptions;
use crate::policy::evaluate::{Entry, EntryDefinition};
use crate::policy::kinds::Kinds;
use crate::policy::link::Linked;
use crate::policy::metadata;
use crate::policy::module::{Definition, DefinitionKind, Module};
use crate::policy::reads;
use crate::policy::tokens;
use crate::rules::pol::does_not_compile;

/// The rules to ask, in the order of their names.
pub(super) fn entries(
    options: &PolicyOptions,
    linked: &Linked,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Entry> {
    let mut engine = linked.engine.clone();
    let asts = engine.get_modules();
    let kinds = Kinds::of(&linked.modules);
    let notes = metadata::read(&linked.modules, diagnostics);
    let mut entries: Vec<Entry> = vec![];
    for (index, (module, ast)) in linked.modules.iter().zip(asts).enumerate() {
        let package = module.package.join(".");
        if !options.all_namespaces && !options.namespaces.contains(&package) {
            continue;
        }
        let read = module.rules.iter().zip(&module.ast.policy).zip(&ast.policy);
        for (number, ((definition, rule), in_engine)) in read.enumerate() {
            let name = &definition.path[0];
            let Some(severity) = severity(name).filter(|_| definition.kind != DefinitionKind::Function)
            else {
                continue;
            };
            if definition.path.len() > 1 {
                diagnostics.push(does_not_compile::nested(definition.head, &definition.path.join("."), name));
                continue;
            }
            let found = EntryDefinition {
                head: definition.head,
                module: ast.clone(),
                rule: in_engine.clone(),
                is_default: definition.kind == DefinitionKind::Default,
                metadata: notes.of(index, number),
                reads: reads::of(rule, &|parts| kinds.may_read_input(module, parts)),
                wants_items: wants_items(module, definition),
            };
            let path = [&module.package[..], &definition.path].concat();
            if linked.tainted.contains(&path) {
                continue;
            }
            match entries.iter_mut().find(|it| it.path == path) {
                Some(entry) => entry.definitions.push(found),
                None => entries.push(Entry {
                    name: format!("{package}.{name}"),
                    query: query(&path),
                    exception: exception(&linked.modules, module, name),
                    severity,
                    definitions: vec![found],
                    kinds: kinds.of_rule(&path),
                    is_given_up: AtomicBool::new(false),
                    path,
                }),
            }
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

/// Whether a definition itself reads `input.items`, and not in order to see that there are none.
fn wants_items(module: &Module, definition: &Definition) -> bool {
    let text = module.source.text.get(definition.range.clone()).unwrap_or_default();
    let tokens = tokens::tokens(text);
    let is_it = |it: &tokens::Reference<'_>| it.path.starts_with(&["input", "items"]);
    tokens::references(&tokens).iter().any(is_it) && !tokens.iter().any(|it| it.text == "not")
}

/// The packages that have rules which can be asked.
pub(super) fn packages(modules: &[Module]) -> BTreeSet<String> {
    let has_some = |it: &&Module| {
        it.rules.iter().any(|it| {
            it.kind != DefinitionKind::Function && it.path.len() == 1 && severity(&it.path[0]).is_some()
        })
    };
    modules.iter().filter(has_some).map(|it| it.package.join(".")).collect()
}

/// conftest's `^(deny|violation|warn)(_[a-zA-Z0-9]+)*$`.
pub(super) fn severity(rule: &str) -> Option<Severity> {
    let mut words = rule.split('_');
    let severity = match words.next()? {
        "deny" | "violation" => Severity::Error,
        "warn" => Severity::Warning,
        _ => return None,
    };
    words.all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric())).then_some(severity)
}

/// The path as the engine is asked for it.
pub(super) fn query(path: &[String]) -> String {
    let parts = path.iter().map(|it| if is_name(it) { format!(".{it}") } else { format!("[{it:?}]") });
    std::iter::once("data".to_owned()).chain(parts).collect()
}

/// Whether a word has the form of a name.
pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// The `exception` rule of the package, and the names by which it knows `rule`.
fn exception(modules: &[Module], module: &Module, rule: &str) -> Option<(String, Vec<String>)> {
    let is_exception = |it: &Definition| it.path == ["exception"] && it.kind == DefinitionKind::Rule;
    let has_one = modules.iter().any(|it| it.package == module.package && it.rules.iter().any(is_exception));
    let names = match ["deny_", "violation_", "warn_"].iter().find_map(|it| rule.strip_prefix(it)) {
        Some(short) => vec![short.to_owned()],
        // The empty name stands for rules without a suffix.
        None => vec![rule.to_owned(), String::new()],
    };
    has_one.then(|| (query(&[&module.package[..], &["exception".to_owned()]].concat()), names))
}
