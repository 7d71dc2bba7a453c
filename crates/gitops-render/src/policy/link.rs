//! Modules put together: finds those that cannot be used, leaves them out with all that rest on
//! them, and hands the others to the engine.

use std::collections::{HashMap, HashSet};

use regorus::Engine;

use crate::diagnostic::Diagnostic;
use crate::policy::builtins;
use crate::policy::calls::{self, Calls};
use crate::policy::module::{Broken, Import, Module};
use crate::policy::names::Names;
use crate::policy::rego_error::{RegoError, label};
use crate::policy::tokens;
use crate::policy::{safety, shape, types};
use crate::rules::pol::does_not_compile;
use crate::source::Span;

/// The modules that can be used together, in an engine that is ready to evaluate them.
#[derive(Debug)]
pub(super) struct Linked {
    /// In the order in which the engine knows them.
    pub modules: Vec<Module>,
    pub engine: Engine,
    /// Rules that rest on builtins that nobody evaluates, by their paths without `data`. They are
    /// not to be asked.
    pub tainted: HashSet<Vec<String>>,
    /// The calls of such builtins.
    pub unsupported: Vec<Diagnostic>,
}

/// A module and what is wrong with it.
pub(super) type Fault = (usize, Diagnostic);

/// Puts modules together. What is wrong with those that are left out is in `broken`.
pub(super) fn link(mut modules: Vec<Module>, broken: &mut Vec<Broken>) -> Linked {
    loop {
        leave_out_dependents(&mut modules, broken);
        let names = Names::of(&modules);
        let mut faults = shared_names(&modules);
        let mut found = Calls::default();
        if faults.is_empty() {
            found = calls::check(&modules, &names, broken);
            faults = std::mem::take(&mut found.faults);
        }
        if faults.is_empty() {
            faults = safety::check(&modules, &names);
        }
        if faults.is_empty() {
            faults = shape::check(&modules);
        }
        if faults.is_empty() {
            faults = types::check(&modules, &names);
        }
        if faults.is_empty() {
            modules.iter_mut().for_each(|it| it.bridge(&names));
            match prepare(&modules, &names) {
                Ok(engine) => {
                    let Calls { tainted, unsupported, .. } = found;
                    return Linked { modules, engine, tainted, unsupported };
                }
                Err(fault) => faults.push(*fault),
            }
        }
        for (index, diagnostic) in faults.into_iter().rev() {
            let package = Some(modules.remove(index).package);
            broken.push(Broken { package, diagnostic });
        }
    }
}

/// An engine with nothing in it, set up as policies need it.
pub(super) fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_policy_length_config(tokens::LENGTHS);
    // What is printed is gathered, because a library does not write to anybody's terminal.
    engine.set_gather_prints(true);
    // A builtin's error is undefined already, so what is left are faults of policies.
    engine.set_strict_builtin_errors(true);
    builtins::register(&mut engine);
    engine
}

/// Hands the modules to an engine and has it look at them.
fn prepare(modules: &[Module], names: &Names) -> Result<Engine, Box<Fault>> {
    let error = match try_prepare(modules, names) {
        Ok(engine) => return Ok(engine),
        Err(error) => error,
    };
    let named = error.module.filter(|&it| it < modules.len());
    // An error without a place is the first module's with which there is one.
    let first = || (0..modules.len()).find(|&it| try_prepare(&modules[..=it], names).is_err());
    let index = named.or_else(first).unwrap_or_default();
    let at = modules[index].error_span(&error);
    Err(Box::new((index, does_not_compile::refused(at, &error.reason))))
}

fn try_prepare(modules: &[Module], names: &Names) -> Result<Engine, RegoError> {
    let mut engine = engine();
    for (index, module) in modules.iter().enumerate() {
        module.add_to(&mut engine, index)?;
    }
    if let Some(text) = names.stand_ins() {
        engine.set_rego_v0(false);
        let added = engine.add_policy(label(modules.len()), text);
        added.map_err(|err| RegoError::read(&err.to_string()))?;
    }
    // Any query makes the engine look at all modules.
    engine.eval_query("true".to_owned(), false).map_err(|err| RegoError::read(&err.to_string()))?;
    Ok(engine)
}

/// Leaves out every module that names the package of a broken one: it would miss what it needs,
/// and pass objects that it should not.
fn leave_out_dependents(modules: &mut Vec<Module>, broken: &mut [Broken]) {
    for broken in broken {
        let mut packages: Vec<Vec<String>> = broken.package.clone().into_iter().collect();
        while let Some(package) = packages.pop() {
            let mut index = 0;
            while index < modules.len() {
                let Some(at) = first_use(&modules[index], &package) else {
                    index += 1;
                    continue;
                };
                leave_out(&mut broken.diagnostic, at);
                packages.push(modules.remove(index).package);
            }
        }
    }
}

fn leave_out(diagnostic: &mut Diagnostic, at: Span) {
    *diagnostic = does_not_compile::left_out_too(diagnostic.clone(), at);
}

/// Where a module first names a package.
fn first_use(module: &Module, package: &[String]) -> Option<Span> {
    let text = &module.text.text;
    let tokens = tokens::tokens(text);
    let found = tokens::references(&tokens).into_iter().find(|it| {
        it.path[0] == "data"
            && it.path.len() > package.len()
            && it.path[1..].iter().zip(package).all(|(a, b)| a == b)
    });
    found.map(|it| module.span(it.start, it.end))
}

/// Finds names that stand for one thing in a module and for another in a module of the same
/// package. OPA keeps them apart; the engine has one table for the package.
fn shared_names(modules: &[Module]) -> Vec<Fault> {
    let mut known: HashMap<(&[String], &str), (&Module, &Import)> = HashMap::new();
    let mut faults = vec![];
    for (index, module) in modules.iter().enumerate() {
        for import in &module.imports {
            let (first, other) =
                *known.entry((&module.package[..], &import.name)).or_insert((module, import));
            if other.path != import.path {
                let file = first.source.file.path.as_str();
                faults.push((index, does_not_compile::shared_name(import.at, &import.name, file, other.at)));
                break;
            }
        }
    }
    faults
}
