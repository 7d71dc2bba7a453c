//! All rules that can say something about an object, asked in one go.
//!
//! The engine forgets what it knows with every question, so that what rules share is computed again
//! for each of them. Rules of ours ask many at once: in each package a function looks at the rules of
//! that package, and one rule calls these functions. A function is not part of a package's document,
//! and so no policy gets to see it. The values of the rules asked are then read out of `data`.
//!
//! An engine that fails says nothing about who did: then the rules are asked one by one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use regorus::unstable::{Module as Ast, Ref, Rule};
use regorus::{Engine, Value as Rego};

use crate::policy::entries;
use crate::policy::evaluate::Entry;
use crate::policy::module::Module;
use crate::policy::rego_error::label;
use crate::policy::tokens;

/// The package of our rules, and what the names of our functions begin with.
const NAME: &str = "__gitops_lint_asked";

/// So many failures are borne whatever the number of objects is.
const FAILURES: u64 = 8;

/// So many packages get a function of ours. Each takes a module, and the engine looks modules up one by
/// one.
const PACKAGES: usize = 32;

/// What is asked in one go, by the kind of the object.
#[derive(Debug, Default)]
pub(super) struct Batches {
    by_kind: HashMap<String, Batch>,
    /// For kinds that no rule names.
    other: Option<Batch>,
}

/// Rules that are asked in one go.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// Their numbers, in order.
    members: Arc<[usize]>,
    module: Ref<Ast>,
    rule: Ref<Rule>,
    counts: Arc<Counts>,
}

/// How often a batch was asked, and how often it failed.
#[derive(Debug, Default)]
struct Counts {
    asked: AtomicU64,
    failed: AtomicU64,
}

impl Batches {
    /// Adds our rules to an engine. Where that gains nothing, or the engine does not take them, there
    /// are none.
    pub fn add_to(engine: &mut Engine, modules: &[Module], entries: &[Entry]) -> Batches {
        let plan = Plan::of(modules, entries);
        if plan.any.len() + plan.by_kind.values().map(Vec::len).max().unwrap_or_default() < 2 {
            return Batches::default();
        }
        let mut extended = engine.clone();
        let Some(batches) = plan.carry_out(&mut extended, entries) else { return Batches::default() };
        *engine = extended;
        batches
    }

    /// What is to be asked about an object of this kind.
    pub fn of(&self, kind: Option<&str>) -> Option<&Batch> {
        kind.and_then(|it| self.by_kind.get(it)).or(self.other.as_ref())
    }
}

impl Batch {
    /// `data` with the values of all members; `None` if one of them fails, or all together take too
    /// long. Then the engine is of no more use.
    pub fn ask(&self, engine: &mut Engine) -> Option<Rego> {
        self.counts.asked.fetch_add(1, Ordering::Relaxed);
        let data = engine.eval_rule_in_module(&self.module, &self.rule, false);
        if data.is_err() {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        data.ok()
    }

    /// Whether asking is worth while: hardly anything has failed, and nothing was given up.
    pub fn is_useful(&self, entries: &[Entry]) -> bool {
        let failed = self.counts.failed.load(Ordering::Relaxed);
        let often = failed > FAILURES && failed * 8 > self.counts.asked.load(Ordering::Relaxed);
        !often && self.members.iter().all(|&it| !entries[it].is_given_up.load(Ordering::Relaxed))
    }

    /// Whether the rule with this number is a member.
    pub fn has(&self, entry: usize) -> bool {
        self.members.binary_search(&entry).is_ok()
    }
}

/// Which rules belong together, by their numbers.
#[derive(Default)]
struct Plan {
    /// Those about all kinds.
    any: Vec<usize>,
    /// Those about some kinds.
    by_kind: BTreeMap<String, Vec<usize>>,
    modules: usize,
}

impl Plan {
    fn of(modules: &[Module], entries: &[Entry]) -> Plan {
        // Behind the policies' modules there may be one with stand-ins for builtins.
        let mut plan = Plan { modules: modules.len() + 1, ..Plan::default() };
        let mut packages = Package::all(modules);
        let largest = largest_packages(entries);
        packages.retain(|path, _| largest.contains(path));
        for (number, entry) in entries.iter().enumerate() {
            let Some((name, path)) = entry.path.split_last() else { continue };
            if !packages.get(path).is_some_and(|it| it.is_plain && !it.imports.contains(&&**name))
                || !is_name(name)
            {
                continue;
            }
            match &entry.kinds {
                None => plan.any.push(number),
                Some(kinds) => {
                    kinds.iter().for_each(|it| plan.by_kind.entry(it.clone()).or_default().push(number));
                }
            }
        }
        plan
    }

    /// Writes the rules and has the engine read them.
    fn carry_out(self, engine: &mut Engine, entries: &[Entry]) -> Option<Batches> {
        let mut text = Text { entries, functions: BTreeMap::new(), count: 0, rules: vec![] };
        let any = text.functions(&self.any);
        text.rules.push(any.clone());
        // Many kinds have the same rules.
        let mut numbers: HashMap<&[usize], usize> = HashMap::new();
        let mut rule_of: Vec<(&String, usize, Arc<[usize]>)> = vec![];
        for (kind, members) in &self.by_kind {
            let number = *numbers.entry(members).or_insert_with(|| {
                let calls = any.iter().cloned().chain(text.functions(members)).collect();
                text.rules.push(calls);
                text.rules.len() - 1
            });
            let mut all: Vec<usize> = self.any.iter().chain(members).copied().collect();
            all.sort_unstable();
            rule_of.push((kind, number, all.into()));
        }
        let (module, rules) = text.read_by(engine, self.modules)?;
        let counts: Vec<Arc<Counts>> = rules.iter().map(|_| Arc::default()).collect();
        let batch = |number: usize, members: Arc<[usize]>| {
            let rule = rules.get(number)?.clone();
            let counts = Arc::clone(&counts[number]);
            (members.len() > 1).then(|| Batch { members, module: module.clone(), rule, counts })
        };
        let by_kind = rule_of.into_iter();
        let by_kind = by_kind.filter_map(|(kind, number, all)| Some((kind.clone(), batch(number, all)?)));
        Some(Batches { by_kind: by_kind.collect(), other: batch(0, self.any.into()) })
    }
}

/// Modules of ours while they are written.
struct Text<'e> {
    entries: &'e [Entry],
    /// The functions of each package.
    functions: BTreeMap<&'e [String], String>,
    count: usize,
    /// What each rule calls.
    rules: Vec<Vec<String>>,
}

impl<'e> Text<'e> {
    /// Functions, one a package, that ask these rules; and how they are called.
    fn functions(&mut self, members: &[usize]) -> Vec<String> {
        let mut by_package: BTreeMap<&'e [String], Vec<&'e str>> = BTreeMap::new();
        for (name, package) in members.iter().filter_map(|&it| self.entries[it].path.split_last()) {
            by_package.entry(package).or_default().push(name);
        }
        let mut calls = vec![];
        for (package, names) in by_package {
            let text = self.functions.entry(package).or_default();
            // What is false or undefined must not keep the rest from being asked. A string takes
            // whatever is written to it.
            let _ = writeln!(text, "{NAME}_{}(_) := [", self.count);
            names.iter().for_each(|it| text.push_str(&format!("[1 | {it}],\n")));
            text.push_str("]\n");
            calls.push(format!("data.{}.{NAME}_{}(0)", package.join("."), self.count));
            self.count += 1;
        }
        calls
    }

    /// Has the engine read it all, and gives back our module and its rules.
    fn read_by(&self, engine: &mut Engine, number: usize) -> Option<(Ref<Ast>, Vec<Ref<Rule>>)> {
        engine.set_rego_v0(false);
        let functions = self.functions.iter().enumerate();
        for (index, (package, text)) in functions {
            let text = format!("package {}\n{text}", package.join("."));
            engine.add_policy(label(number + index), text).ok()?;
        }
        let rule = |(number, calls): (usize, &Vec<String>)| {
            format!("{NAME}_{number} := [\n{}\n]\n", calls.join(",\n"))
        };
        let rules: String = self.rules.iter().enumerate().map(rule).collect();
        engine.add_policy(label(number + self.functions.len()), format!("package {NAME}\n{rules}")).ok()?;
        // Any query makes the engine look at all modules.
        engine.eval_query("true".to_owned(), false).ok()?;
        let module = engine.get_modules().last()?.clone();
        let rules = module.policy.clone();
        Some((module, rules))
    }
}

/// The packages with the most rules, as many as there may be.
fn largest_packages(entries: &[Entry]) -> HashSet<&[String]> {
    let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
    for (_, package) in entries.iter().filter_map(|it| it.path.split_last()) {
        *counts.entry(package).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|it| std::cmp::Reverse(it.1));
    counts.into_iter().take(PACKAGES).map(|it| it.0).collect()
}

/// What is to be known of a package before a function of ours stands in it.
struct Package<'m> {
    /// It has a plain name, and none of its modules looks at the package as a whole: the engine takes
    /// a package for evaluated once one module of it is, and that would be ours.
    is_plain: bool,
    /// These names stand for something else.
    imports: Vec<&'m str>,
}

impl Package<'_> {
    /// All packages, by their paths.
    fn all(modules: &[Module]) -> HashMap<&[String], Package<'_>> {
        let mut packages: HashMap<&[String], Package<'_>> = HashMap::new();
        for module in modules {
            let path = &module.package[..];
            let new = || Package { is_plain: path.iter().all(|it| is_name(it)), imports: vec![] };
            let package = packages.entry(path).or_insert_with(new);
            let tokens = tokens::tokens(&module.text.text);
            for it in tokens::references(&tokens).iter().filter(|it| it.path[0] == "data") {
                package.is_plain &= !is_above(&it.path[1..], path);
            }
            for import in module.imports.iter().filter(|it| !it.is_input) {
                package.is_plain &= !is_above(&import.path, path);
            }
            package.imports.extend(module.imports.iter().map(|it| it.name.as_str()));
        }
        packages
    }
}

/// Whether a path leads to the package, or to something that holds it. All of `data` is left out: only
/// a `with` may name it, because everything else would rest on itself.
fn is_above<T: AsRef<str>>(path: &[T], package: &[String]) -> bool {
    (1..=package.len()).contains(&path.len()) && path.iter().zip(package).all(|(a, b)| a.as_ref() == b)
}

/// Whether a word can stand in a reference as it is.
fn is_name(word: &str) -> bool {
    entries::is_name(word) && !tokens::is_keyword(word)
}

#[cfg(test)]
mod tests;
