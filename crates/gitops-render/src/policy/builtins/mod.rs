//! OPA's builtins: which the engine has, which are ours, and which are refused.
//!
//! What a module calls is handed to the engine as extensions of ours, also where the engine does
//! the work, for three reasons: an error of a builtin makes the expression undefined, as in OPA;
//! the engine never gets arguments on which it panics; and what would fill the memory is a failure
//! of the policy instead. The table is in `table`.

mod arithmetic;
mod budget;
mod casts;
mod crypto;
mod encoding;
mod engine;
mod float;
mod glob;
mod jwt;
mod net;
mod objects;
mod regex;
mod strings;
mod table;
mod time;
mod units;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use regorus::{Engine, Value as Rego};

use crate::policy::sprintf::sprintf;

pub(super) use budget::begin;
pub(super) use encoding::read_yaml;
pub(super) use engine::Call;
pub(super) use table::{Source, find};

/// The names under which the operators are written out. No policy has rules of such names.
pub(super) const PLUS: &str = "__rego_plus";
pub(super) const MINUS: &str = "__rego_minus";
pub(super) const MUL: &str = "__rego_mul";
pub(super) const DIV: &str = "__rego_div";
pub(super) const REM: &str = "__rego_rem";
pub(super) const OR: &str = "__rego_or";
pub(super) const AND: &str = "__rego_and";
pub(super) const LT: &str = "__rego_lt";
pub(super) const LE: &str = "__rego_le";
pub(super) const GT: &str = "__rego_gt";
pub(super) const GE: &str = "__rego_ge";
pub(super) const MEMBER_2: &str = "__rego_member_2";
pub(super) const MEMBER_3: &str = "__rego_member_3";
/// A collection as it is, and an empty one for anything else.
pub(super) const ITEMS: &str = "__rego_items";
/// What `walk` gives, as an array.
pub(super) const WALK: &str = "__rego_walk";

/// Why the evaluation has to stop: a limit, or what we cannot do as OPA does.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Stop(pub String);

/// A value; undefined where OPA's builtin has an error.
pub(super) type Outcome = Result<Rego, Stop>;
pub(super) type Function = fn(&[Rego]) -> Outcome;

/// How many items a builtin may make at once.
const MOST_ITEMS: usize = 2_000_000;
/// How many bytes of text a builtin may make at once.
const MOST_BYTES: usize = 64 << 20;

/// How many arguments a builtin takes.
pub(super) fn arity(name: &str) -> Option<usize> {
    find(name).map(|it| it.arity)
}

/// Whether the engine itself knows how many arguments the function takes.
pub(super) fn engine_knows(name: &str) -> bool {
    regorus::unstable::BUILTINS.contains_key(name)
}

/// Hands every builtin to an engine, the refused ones too: if one is come to, it says so.
pub(super) fn register(engine: &mut Engine) {
    let operators: [(&str, Function); 11] = [
        (PLUS, arithmetic::plus),
        (MINUS, arithmetic::minus),
        (MUL, arithmetic::mul),
        (DIV, arithmetic::div),
        (REM, arithmetic::rem),
        (OR, arithmetic::or),
        (AND, arithmetic::and),
        (LT, arithmetic::compare::less),
        (LE, arithmetic::compare::at_most),
        (GT, arithmetic::compare::greater),
        (GE, arithmetic::compare::at_least),
    ];
    for (name, function) in operators {
        add(engine, name, 2, function);
    }
    add(engine, ITEMS, 1, objects::items_of);
    add(engine, MEMBER_2, 2, objects::member);
    add(engine, MEMBER_3, 3, objects::member_with_key);
    if let Some(call) = engine::Call::of("walk") {
        add(engine, WALK, 1, move |args| call.run(args));
    }
    for builtin in table::BUILTINS {
        match builtin.source {
            Source::Engine => {
                if let Some(call) = engine::Call::of(builtin.name) {
                    add(engine, builtin.name, builtin.arity, move |args| call.run(args));
                }
            }
            // The engine iterates over what it gives.
            Source::Walk => {}
            Source::Ours(function) => add(engine, builtin.name, builtin.arity, function),
            Source::Regex(function) => {
                let mut cache = regex::Cache::default();
                add(engine, builtin.name, builtin.arity, move |args| function(&mut cache, args));
            }
            Source::Refused(reason) => {
                let text = format!("`{}` is not supported: {reason}", builtin.name);
                add(engine, builtin.name, builtin.arity, move |_| Err(Stop(text.clone())));
            }
        }
    }
}

fn add(
    engine: &mut Engine,
    name: &str,
    arity: usize,
    mut function: impl FnMut(&[Rego]) -> Outcome + Clone + Send + Sync + 'static,
) {
    let arity = u8::try_from(arity).unwrap_or(u8::MAX);
    engine
        .add_extension(name.to_owned(), arity, Box::new(move |args: Vec<Rego>| Ok(counted(function(&args))?)))
        .expect("the table has each name once, and the engine is new");
}

/// What a builtin has made, if it is not too much.
fn counted(made: Outcome) -> Outcome {
    let value = made?;
    budget::spend(&value)?;
    Ok(value)
}

fn string(value: &Rego) -> Option<&str> {
    match value {
        Rego::String(text) => Some(text),
        _ => None,
    }
}

fn strings<const N: usize>(args: &[Rego]) -> Option<[&str; N]> {
    let found: Vec<&str> = args.iter().map_while(string).collect();
    found.try_into().ok()
}

/// The items of an array or a set, in their order.
fn items(value: &Rego) -> Option<Vec<&Rego>> {
    match value {
        Rego::Array(items) => Some(items.iter().collect()),
        Rego::Set(items) => Some(items.iter_sorted().collect()),
        _ => None,
    }
}

/// OPA's order of values: that of the engine, but with sets behind objects.
fn order(a: &Rego, b: &Rego) -> Ordering {
    let lists = |a: &mut dyn Iterator<Item = &Rego>, b: &mut dyn Iterator<Item = &Rego>| loop {
        match (a.next(), b.next()) {
            (Some(a), Some(b)) => match order(a, b) {
                Ordering::Equal => {}
                other => return other,
            },
            (a, b) => return a.is_some().cmp(&b.is_some()),
        }
    };
    match (a, b) {
        (Rego::Set(_), Rego::Object(_)) => Ordering::Greater,
        (Rego::Object(_), Rego::Set(_)) => Ordering::Less,
        (Rego::Array(a), Rego::Array(b)) => lists(&mut a.iter(), &mut b.iter()),
        (Rego::Set(a), Rego::Set(b)) => lists(&mut a.iter_sorted(), &mut b.iter_sorted()),
        (Rego::Object(a), Rego::Object(b)) => {
            let pairs = |it: (&Rego, &Rego)| [it.0.clone(), it.1.clone()];
            let a: Vec<_> = a.iter_sorted().flat_map(pairs).collect();
            let b: Vec<_> = b.iter_sorted().flat_map(pairs).collect();
            lists(&mut a.iter(), &mut b.iter())
        }
        (a, b) => a.cmp(b),
    }
}

/// A whole number that fits.
fn integer(value: &Rego) -> Option<i64> {
    match value {
        Rego::Number(number) if number.is_integer() => number.as_i64(),
        _ => None,
    }
}

fn array(items: Vec<Rego>) -> Rego {
    items.into()
}

fn set(items: impl IntoIterator<Item = Rego>) -> Rego {
    items.into_iter().collect::<std::collections::BTreeSet<_>>().into()
}

fn object(entries: impl IntoIterator<Item = (Rego, Rego)>) -> Rego {
    entries.into_iter().collect::<BTreeMap<_, _>>().into()
}

/// Text, if it is not too long.
fn text(text: String) -> Outcome {
    fits(text.len(), MOST_BYTES, "bytes").map(|()| text.into())
}

fn fits(size: usize, most: usize, what: &str) -> Result<(), Stop> {
    if size <= most { Ok(()) } else { Err(Stop(format!("a builtin would make more than {most} {what}"))) }
}

/// `sprintf`, within the limits.
fn print(args: &[Rego]) -> Outcome {
    fits(engine::size(args), MOST_BYTES, "bytes")?;
    match sprintf(args) {
        Rego::String(it) => text(it.to_string()),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What nobody would hand to a builtin.
    fn odd_values() -> Vec<Rego> {
        let json = r#"[null, true, -1, 0, 3, 1.5, 1e300, 9223372036854775807, "", "a", "é😀", "[", "%d", "1e9",
            [], [1], ["", "a"], {}, {"": ""}, {"a": ["a"]}, [["a"]]]"#;
        let mut values: Vec<Rego> = Rego::from_json_str(json).unwrap().as_array().unwrap().to_vec();
        values.push(set([]));
        values.push(set(["a".into(), 1.into()]));
        values.push(Rego::from_numeric_string("340282366920938463463374607431768211456").unwrap());
        values
    }

    #[test]
    fn no_builtin_panics() {
        let values = odd_values();
        let mut engine = Engine::new();
        register(&mut engine);
        for builtin in table::BUILTINS.iter().filter(|it| (1..=3).contains(&it.arity)) {
            let mut cache = regex::Cache::default();
            let count = values.len().pow(builtin.arity as u32).min(4_000);
            for index in 0..count {
                // Spread over all combinations where there are more of them.
                let index = index * (values.len().pow(builtin.arity as u32) / count).max(1);
                let digit = |place: u32| values[index / values.len().pow(place) % values.len()].clone();
                let args: Vec<Rego> = (0..builtin.arity as u32).map(digit).collect();
                let _ = match builtin.source {
                    Source::Engine => engine::Call::of(builtin.name).map(|it| it.run(&args)),
                    Source::Ours(function) => Some(function(&args)),
                    Source::Regex(function) => Some(function(&mut cache, &args)),
                    Source::Walk | Source::Refused(_) => None,
                };
            }
        }
    }
}
