//! Rules asked about one object: what they say, which definition says so, and what to do when the
//! engine fails.
//!
//! All rules are asked in one go (`batch`). If that fails they are asked one by one: each has the time
//! limit for itself then, and a rule that fails does not take the others along.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regorus::unstable::{Module as Ast, Ref, Rule};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value as Rego};

use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::batch::{Batch, Batches};
use crate::policy::link::Linked;
use crate::policy::metadata::Metadata;
use crate::policy::module::Module;
use crate::policy::outcome::{self, Said};
use crate::policy::reads::Read;
use crate::policy::rego_error::RegoError;
use crate::policy::tokens;
use crate::policy::{Data, builtins};
use crate::rules::pol::does_not_compile;
use crate::source::Span;

/// How many steps the engine makes between two looks at the clock.
const STEPS_BETWEEN_LOOKS: NonZeroU32 = NonZeroU32::new(256).expect("is not zero");

/// A rule that is asked about every object.
#[derive(Debug)]
pub(super) struct Entry {
    /// `main.deny`, as findings name it.
    pub name: String,
    /// `data.main.deny`, as the engine is asked.
    pub query: String,
    /// The keys that lead to its value.
    pub path: Vec<String>,
    pub severity: Severity,
    /// Every definition of it, in the order of files.
    pub definitions: Vec<EntryDefinition>,
    /// The rule that may exempt an object from it, and the names by which it does.
    pub exception: Option<(String, Vec<String>)>,
    /// The kinds that it can say something about; `None` if it may be any.
    pub kinds: Option<BTreeSet<String>>,
    /// It took too long once, and is not asked again.
    pub is_given_up: AtomicBool,
}

/// One definition of a rule.
#[derive(Debug)]
pub(super) struct EntryDefinition {
    pub head: Span,
    pub module: Ref<Ast>,
    pub rule: Ref<Rule>,
    pub is_default: bool,
    pub metadata: Arc<Metadata>,
    /// The value that it speaks of, if that is plain.
    pub reads: Option<Read>,
    /// Whether it wants the items of a List.
    pub wants_items: bool,
}

/// A result, with the rule and the definition that it comes from.
#[derive(Debug)]
pub(super) struct Saying<'e> {
    pub entry: &'e Entry,
    pub said: Said,
    pub definition: &'e EntryDefinition,
}

impl Entry {
    /// The package, as findings name it.
    pub fn package(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |it| it.0)
    }

    /// Whether it may have something to say about an input of this kind.
    fn is_about(&self, kind: Option<&str>) -> bool {
        let Some(kinds) = &self.kinds else { return true };
        kind.is_some_and(|it| kinds.contains(it))
    }

    /// Its value in `data`.
    fn value_in(&self, data: &Rego) -> Rego {
        self.path.iter().fold(data, |value, key| &value[key.as_str()]).clone()
    }
}

/// What ends an evaluation.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// For one rule and one object.
    pub time: Duration,
    /// For all that are to come.
    pub cancel: Cancel,
}

/// Engines that are ready: one for every thread that asked at the same time.
#[derive(Debug)]
pub(super) struct Pool {
    prototype: Engine,
    idle: Mutex<Vec<Engine>>,
}

/// Modules that can be asked.
#[derive(Debug)]
pub(super) struct Evaluator {
    pool: Pool,
    pub batches: Batches,
    data: Data,
    /// Whether a policy names `data.conftest`, which is another for every file.
    wants_path: bool,
    limits: Limits,
    /// By the numbers under which the engine knows them.
    modules: Vec<Module>,
    failures: Mutex<BTreeMap<Span, Diagnostic>>,
}

/// What the rules are asked about.
#[derive(Clone, Copy)]
struct Input<'i> {
    value: &'i Rego,
    /// The path of its file.
    path: Option<&'i str>,
}

/// Why a lock of ours cannot be poisoned.
const UNPOISONED: &str = "nothing panics while it holds a lock of the policies";

impl Evaluator {
    /// For the rules that will be asked, which are `entries` in every question.
    pub fn new(linked: Linked, entries: &[Entry], data: Data, limits: Limits) -> Evaluator {
        let Linked { modules, engine: mut prototype, .. } = linked;
        let batches = Batches::add_to(&mut prototype, &modules, entries);
        prototype.set_execution_timer_config(ExecutionTimerConfig {
            limit: limits.time,
            check_interval: STEPS_BETWEEN_LOOKS,
        });
        data.add_to(&mut prototype);
        let wants_path = modules.iter().any(names_conftest);
        let pool = Pool { prototype, idle: Mutex::default() };
        Evaluator { pool, batches, data, wants_path, limits, modules, failures: Mutex::default() }
    }

    /// Engines that know `data`, which is an object, besides the modules.
    pub fn pool_with(&self, data: Rego) -> Pool {
        let mut prototype = self.pool.prototype.clone();
        // Who asks finds out about an error, once more and with its place.
        let added = prototype.add_data(data);
        let _ = added.and_then(|()| prototype.eval_query("true".to_owned(), false));
        Pool { prototype, idle: Mutex::default() }
    }

    /// Whether a policy wants to know which file it is asked about.
    pub fn wants_path(&self) -> bool {
        self.wants_path
    }

    /// What has failed so far: one finding a place, in the order of places.
    pub fn failures(&self) -> Vec<Diagnostic> {
        self.failures.lock().expect(UNPOISONED).values().cloned().collect()
    }

    /// What the rules say about `input`, which comes from the file at `path`, each with the definition
    /// that says so.
    pub fn ask<'e>(&self, entries: &'e [Entry], value: &Rego, path: Option<&str>) -> Vec<Saying<'e>> {
        self.ask_in(&self.pool, entries, value, path)
    }

    /// The same, asked of engines that came from [`Evaluator::pool_with`].
    pub fn ask_in<'e>(
        &self,
        pool: &Pool,
        entries: &'e [Entry],
        value: &Rego,
        path: Option<&str>,
    ) -> Vec<Saying<'e>> {
        let input = Input { value, path };
        let kind = kind_of(value);
        let is_asked = |it: &&Entry| it.is_about(kind) && !it.is_given_up.load(Ordering::Relaxed);
        if self.limits.cancel.is_cancelled() || !entries.iter().any(|it| is_asked(&it)) {
            return vec![];
        }
        let idle = pool.idle.lock().expect(UNPOISONED).pop();
        let mut engine = idle.unwrap_or_else(|| pool.prototype.clone());
        self.give(&mut engine, input);
        let answers = self.ask_together(pool, entries, &mut engine, input);
        let mut found = vec![];
        for (number, entry) in entries.iter().enumerate().filter(|it| is_asked(&it.1)) {
            if self.limits.cancel.is_cancelled() {
                break;
            }
            let answer = match &answers {
                Some((batch, data)) if batch.has(number) => Ok(entry.value_in(data)),
                _ => {
                    builtins::begin();
                    engine.eval_rule(entry.query.clone())
                }
            };
            let said = match answer {
                Ok(value) => {
                    let said = self.read(entry, &value);
                    self.who_said(entry, said, &mut engine)
                }
                Err(err) => {
                    // What an engine holds after an error is nobody's promise.
                    let said = self.ask_each(pool, entry, input, &RegoError::read(&err.to_string()));
                    engine = self.fresh(pool, input);
                    said
                }
            };
            if !said.is_empty() && !self.is_exempt(pool, entry, &mut engine, input) {
                found.extend(said.into_iter().map(|(said, at)| Saying {
                    entry,
                    said,
                    definition: &entry.definitions[at],
                }));
            }
        }
        // Whatever the policies printed goes nowhere.
        let _ = engine.take_prints();
        pool.idle.lock().expect(UNPOISONED).push(engine);
        found
    }

    /// Asks what can be asked in one go: the answers are in `data`.
    fn ask_together(
        &self,
        pool: &Pool,
        entries: &[Entry],
        engine: &mut Engine,
        input: Input<'_>,
    ) -> Option<(&Batch, Rego)> {
        let batch = self.batches.of(kind_of(input.value)).filter(|it| it.is_useful(entries))?;
        builtins::begin();
        let data = batch.ask(engine);
        if data.is_none() {
            *engine = self.fresh(pool, input);
        }
        data.map(|it| (batch, it))
    }

    fn fresh(&self, pool: &Pool, input: Input<'_>) -> Engine {
        let mut engine = pool.prototype.clone();
        self.give(&mut engine, input);
        engine
    }

    fn give(&self, engine: &mut Engine, input: Input<'_>) {
        engine.set_input(input.value.clone());
        if let Some(path) = input.path.filter(|_| self.wants_path) {
            let (dir, name) = path.rsplit_once('/').unwrap_or((".", path));
            let text = |text: &str| Rego::String(Arc::from(text));
            let file: Rego = BTreeMap::from([(text("dir"), text(dir)), (text("name"), text(name))]).into();
            // Other data makes the engine look at all modules again.
            if engine.get_data()["conftest"]["file"] == file {
                return;
            }
            engine.clear_data();
            self.data.add_to(engine);
            let object = |key: &str, value: Rego| -> Rego { BTreeMap::from([(text(key), value)]).into() };
            // Data of the user's in this place wins.
            let _ = engine.add_data(object("conftest", object("file", file)));
        }
    }

    fn read(&self, entry: &Entry, value: &Rego) -> Vec<Said> {
        let (said, strange) = outcome::read(value);
        for what in strange {
            let at = entry.definitions[0].head;
            self.fail(at, does_not_compile::not_a_message(at, &entry.name, what));
        }
        said
    }

    /// Finds the definition that each result comes from, by asking them one by one until all results
    /// are found. What none of the others says is the last one's, which need not be asked for that.
    fn who_said(&self, entry: &Entry, said: Vec<Said>, engine: &mut Engine) -> Vec<(Said, usize)> {
        let mut found: Vec<(Said, Option<usize>)> = said.into_iter().map(|it| (it, None)).collect();
        let is_open = |found: &[(Said, Option<usize>)]| found.iter().any(|it| it.1.is_none());
        let mut left = entry.definitions.iter().enumerate().filter(|(_, it)| !it.is_default).peekable();
        let mut is_sure = !entry.definitions.iter().any(|it| it.is_default);
        while let Some((at, definition)) = left.next().filter(|_| is_open(&found)) {
            let is_last = left.peek().is_none() && is_sure;
            let own = match is_last {
                true => None,
                false => evaluate(engine, entry, definition).ok().map(|it| outcome::read(&it).0),
            };
            is_sure &= is_last || own.is_some();
            let is_its = |it: &Said| is_last || own.as_ref().is_some_and(|own| own.contains(it));
            found.iter_mut().filter(|it| it.1.is_none() && is_its(&it.0)).for_each(|it| it.1 = Some(at));
        }
        found.into_iter().map(|(said, at)| (said, at.unwrap_or(0))).collect()
    }

    /// Asks each definition for itself, so that one that fails does not silence the others.
    fn ask_each(
        &self,
        pool: &Pool,
        entry: &Entry,
        input: Input<'_>,
        error: &RegoError,
    ) -> Vec<(Said, usize)> {
        if error.is_limit() {
            entry.is_given_up.store(true, Ordering::Relaxed);
            self.fail_with(entry, entry.definitions[0].head, error);
            return vec![];
        }
        let (mut found, mut is_explained) = (vec![], false);
        for (at, definition) in entry.definitions.iter().enumerate().filter(|(_, it)| !it.is_default) {
            match evaluate(&mut self.fresh(pool, input), entry, definition) {
                Ok(value) => {
                    for said in self.read(entry, &value) {
                        if found.iter().all(|(it, _)| *it != said) {
                            found.push((said, at));
                        }
                    }
                }
                Err(error) => {
                    is_explained = true;
                    if error.is_size_limit() {
                        // Each object would fill the memory again.
                        entry.is_given_up.store(true, Ordering::Relaxed);
                    }
                    self.fail_with(entry, definition.head, &error);
                }
            }
        }
        // Only all definitions together can be in conflict.
        if !is_explained {
            self.fail_with(entry, entry.definitions[0].head, error);
        }
        found
    }

    /// conftest's `exception[rules]`: a set of arrays of names without `deny_` and the like.
    fn is_exempt(&self, pool: &Pool, entry: &Entry, engine: &mut Engine, input: Input<'_>) -> bool {
        let Some((query, wanted)) = &entry.exception else { return false };
        builtins::begin();
        let value = match engine.eval_rule(query.clone()) {
            Ok(value) => value,
            Err(err) => {
                *engine = self.fresh(pool, input);
                self.fail_with(entry, entry.definitions[0].head, &RegoError::read(&err.to_string()));
                return false;
            }
        };
        let holds = |names: &Rego| match names {
            Rego::Array(names) => names.iter().any(|it| is_one_of(it, wanted)),
            Rego::Set(names) => names.iter().any(|it| is_one_of(it, wanted)),
            _ => false,
        };
        match &value {
            Rego::Set(sets) => sets.iter().any(holds),
            Rego::Array(sets) => sets.iter().any(holds),
            // `exception[rules] if { … }` makes an object with the arrays as keys.
            Rego::Object(sets) => sets.iter().any(|(key, _)| holds(key)),
            _ => false,
        }
    }

    fn fail_with(&self, entry: &Entry, head: Span, error: &RegoError) {
        let module = error.module.and_then(|it| self.modules.get(it));
        let at = module.map_or(head, |it| it.error_span(error));
        let reason = if error.is_limit() {
            format!("it takes longer than {:?}", self.limits.time)
        } else {
            error.reason.clone()
        };
        self.fail(at, does_not_compile::failed(at, &entry.name, &reason));
    }

    /// Keeps one finding a place, whichever object came first.
    fn fail(&self, at: Span, found: Diagnostic) {
        let mut failures = self.failures.lock().expect(UNPOISONED);
        match failures.get(&at) {
            Some(known) if known.message <= found.message => {}
            _ => drop(failures.insert(at, found)),
        }
    }
}

/// Whether a module wants to know which file its input comes from.
fn names_conftest(module: &Module) -> bool {
    let tokens = tokens::tokens(&module.source.text);
    let is_it = |it: &tokens::Reference<'_>| it.path.starts_with(&["data", "conftest"]);
    tokens::references(&tokens).iter().any(is_it)
}

/// The value of one definition alone.
fn evaluate(engine: &mut Engine, entry: &Entry, definition: &EntryDefinition) -> Result<Rego, RegoError> {
    builtins::begin();
    let data = engine.eval_rule_in_module(&definition.module, &definition.rule, false);
    let data = data.map_err(|err| RegoError::read(&err.to_string()))?;
    Ok(entry.value_in(&data))
}

fn kind_of(value: &Rego) -> Option<&str> {
    value["kind"].as_string().ok().map(|it| &**it)
}

fn is_one_of(value: &Rego, texts: &[String]) -> bool {
    value.as_string().is_ok_and(|it| texts.iter().any(|text| **it == **text))
}
