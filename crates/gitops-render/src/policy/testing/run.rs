//! One test run: its value, what it printed, and how long that took.

use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value as Rego};

use crate::diagnostic::Diagnostic;
use crate::policy::builtins;
use crate::policy::rego_error::RegoError;
use crate::policy::test_case::{Outcome, TestCase};
use crate::policy::testing::{Bundle, Test, cases};
use crate::rules::pol::{does_not_compile, test_failed};

/// How many steps the engine makes between two looks at the clock.
const STEPS_BETWEEN_LOOKS: NonZeroU32 = NonZeroU32::new(256).expect("is not zero");

/// Why a lock of ours cannot be poisoned.
pub(super) const UNPOISONED: &str = "nothing panics while it holds a lock of the tests";

/// Engines that are ready: one for every thread that ran a test at the same time.
#[derive(Debug)]
pub(super) struct Runner {
    prototype: Engine,
    idle: Mutex<Vec<Engine>>,
    time_limit: Duration,
}

/// What came of a test: a result, or one for each of its cases, with the case's keys.
#[derive(Debug)]
pub(super) struct Ran {
    pub cases: Vec<(TestCase, Option<Rego>)>,
    pub took: Duration,
}

impl Runner {
    pub fn new(mut prototype: Engine, time_limit: Duration) -> Runner {
        limit(&mut prototype, time_limit);
        Runner { prototype, idle: Mutex::default(), time_limit }
    }

    /// Gives an engine the time limit of tests.
    pub fn limit(&self, engine: &mut Engine) {
        limit(engine, self.time_limit);
    }

    /// The engines that are not in use.
    pub fn idle(&self) -> Vec<Engine> {
        self.idle.lock().expect(UNPOISONED).clone()
    }

    fn take(&self) -> Engine {
        let idle = self.idle.lock().expect(UNPOISONED).pop();
        idle.unwrap_or_else(|| self.prototype.clone())
    }

    fn give_back(&self, engine: Engine) {
        self.idle.lock().expect(UNPOISONED).push(engine);
    }
}

fn limit(engine: &mut Engine, limit: Duration) {
    engine.set_execution_timer_config(ExecutionTimerConfig { limit, check_interval: STEPS_BETWEEN_LOOKS });
}

/// Runs a test.
pub(super) fn run(set: &Bundle, test: &Test) -> Ran {
    if test.is_skipped {
        return Ran { cases: vec![(case(test, Outcome::Skipped, vec![]), None)], took: Duration::ZERO };
    }
    let started = Instant::now();
    let mut engine = set.runner.take();
    let value = evaluate(set, test, &mut engine);
    let prints = engine.take_prints().unwrap_or_default();
    if value.is_err() {
        // What an engine holds after an error is nobody's promise.
        set.count(&engine);
        engine = set.runner.prototype.clone();
    }
    set.runner.give_back(engine);
    let took = started.elapsed();
    let prints: Vec<String> = prints.iter().map(|it| set.printed(it)).collect();
    let cases = match value {
        Ok(value) => read(set, test, &value),
        Err(error) => vec![(test.name.clone(), Outcome::Errored(vec![set.failure(test, &error)]), None)],
    };
    let cases = cases
        .into_iter()
        .map(|(name, outcome, key)| (TestCase { name, ..case(test, outcome, prints.clone()) }, key));
    Ran { cases: cases.collect(), took }
}

fn case(test: &Test, outcome: Outcome, prints: Vec<String>) -> TestCase {
    TestCase { group: test.package.clone(), name: test.name.clone(), at: test.at, outcome, prints }
}

/// The value of this definition of the test, without the others of its name.
fn evaluate(set: &Bundle, test: &Test, engine: &mut Engine) -> Result<Rego, RegoError> {
    builtins::begin();
    let data = engine.eval_rule_in_module(&set.asts[test.module], &test.rule, false);
    let data = data.map_err(|err| RegoError::read(&err.to_string()))?;
    Ok(test.path.iter().fold(data, |value, key| value[key.as_str()].clone()))
}

/// A result: its name, what came of it, and the keys of its case.
pub(super) type Verdict = (String, Outcome, Option<Rego>);

/// What the value of a test means. OPA takes `true` for a success and nothing else.
fn read(set: &Bundle, test: &Test, value: &Rego) -> Vec<Verdict> {
    let failed = |found: Diagnostic| vec![(test.name.clone(), Outcome::Failed(vec![found]), None)];
    if !cases::tail(test).is_empty() {
        return cases::read(set, test, value);
    }
    let is = match value {
        Rego::Bool(true) => return vec![(test.name.clone(), Outcome::Passed, None)],
        Rego::Undefined => return failed(test_failed::failed(test.at, &test.name)),
        Rego::Bool(false) => "false",
        Rego::Null => "null",
        Rego::Number(_) => "a number",
        Rego::String(_) => "a string",
        Rego::Array(_) => "an array",
        Rego::Set(_) => "a set",
        Rego::Object(_) => "an object",
    };
    failed(test_failed::no_verdict(test.at, &test.name, is))
}

impl Bundle {
    /// The place and the reason of an error.
    fn failure(&self, test: &Test, error: &RegoError) -> Diagnostic {
        let module = error.module.and_then(|it| self.modules.get(it));
        let at = module.map_or(test.at, |it| it.error_span(error));
        let reason = if error.reason.contains("time limit") {
            format!("it takes longer than {:?}", self.runner.time_limit)
        } else {
            error.reason.clone()
        };
        let found = does_not_compile::failed(at, &test.name, &reason);
        if at == test.at { found } else { found.label(test.at, "the test") }
    }

    /// What the engine says is printed begins with the module's number; a person wants its path.
    fn printed(&self, text: &str) -> String {
        let named = text.split_once(':').and_then(|(number, rest)| {
            let module = self.modules.get(number.parse::<usize>().ok()?)?;
            Some(format!("{}:{rest}", module.source.file.path))
        });
        named.unwrap_or_else(|| text.to_owned())
    }
}
