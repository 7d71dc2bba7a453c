//! Regular expressions. The engine takes time in proportion to text and pattern, whatever they are.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use super::{Called, Val};
use crate::cel::{Error, Meter};
use crate::kube::go_regex::translated;

pub(super) const SIGNATURES: &str = "
matches string string -> bool
.matches string string -> bool
.find string string -> string
.findAll string string -> list<string>
.findAll string string int -> list<string>
";

/// Compiled patterns may not be larger than this.
const LARGEST: usize = 1 << 20;
/// More patterns than this are not kept.
const MOST: usize = 256;

thread_local! {
    /// Few patterns are compiled for many values.
    static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::default();
}

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    let ("matches" | "find" | "findAll", [Val::Str(text), Val::Str(pattern), rest @ ..]) = (name, args)
    else {
        return Ok(None);
    };
    let regex = compile(pattern, meter)?;
    meter.spend_bytes(text.len().saturating_mul(1 + pattern.len() / 64).saturating_mul(4))?;
    let limit = match rest {
        [] => usize::MAX,
        [Val::Int(it)] => usize::try_from(*it).unwrap_or(usize::MAX),
        _ => return Ok(None),
    };
    Ok(Some(match name {
        "matches" => Val::Bool(regex.is_match(text)),
        "find" => Val::string(regex.find(text).map_or("", |it| it.as_str())),
        _ => Val::list(regex.find_iter(text).take(limit).map(|it| Val::string(it.as_str())).collect()),
    }))
}

/// Whether a pattern can be used; the reason if not.
pub(in crate::cel) fn check(pattern: &str) -> Result<(), Error> {
    build(pattern).map(|_| ())
}

fn compile(pattern: &str, meter: &Meter) -> Result<Regex, Error> {
    // To compile costs more than to match. Whether the thread knows the pattern from another evaluation
    // must not decide whether this one may go on.
    meter.spend_once(pattern, 1000 + 10 * pattern.len() as u64)?;
    COMPILED.with_borrow_mut(|known| {
        if let Some(regex) = known.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = build(pattern)?;
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    })
}

fn build(pattern: &str) -> Result<Regex, Error> {
    let no_regex =
        |why: &str| Error::failed(format!("the pattern {pattern:?} is no regular expression of Go{why}"));
    let spelt = translated(pattern).map_err(|why| no_regex(&format!(": {why}")))?;
    let built = RegexBuilder::new(&spelt).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
    built.map_err(|err| match err {
        regex::Error::CompiledTooBig(_) => Error::Unsupported("the pattern is too large".to_owned()),
        _ => no_regex(""),
    })
}
