//! Values that may be missing.

use super::{Called, Val};
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
optional.of A -> optional<A>
optional.ofNonZeroValue A -> optional<A>
optional.none -> optional<A>
.hasValue optional<A> -> bool
.value optional<A> -> A
.or optional<A> optional<A> -> optional<A>
.orValue optional<A> A -> A
optional.unwrap list<optional<A>> -> list<A>
.unwrapOpt list<optional<A>> -> list<A>
";

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    Ok(Some(match (name, args) {
        ("optional.of", [it]) => Val::some(it.clone()),
        ("optional.ofNonZeroValue", [it]) if it.is_zero() => Val::Optional(None),
        ("optional.ofNonZeroValue", [it]) => Val::some(it.clone()),
        ("optional.none", []) => Val::Optional(None),
        ("hasValue", [Val::Optional(it)]) => Val::Bool(it.is_some()),
        ("value", [Val::Optional(Some(it))]) => (**it).clone(),
        ("value", [Val::Optional(None)]) => return Err(Error::failed("optional.none() dereference")),
        ("or", [Val::Optional(None), other @ Val::Optional(_)]) => other.clone(),
        ("or", [it @ Val::Optional(_), Val::Optional(_)]) => it.clone(),
        ("orValue", [Val::Optional(Some(it)), _]) => (**it).clone(),
        ("orValue", [Val::Optional(None), other]) => other.clone(),
        ("optional.unwrap" | "unwrapOpt", [Val::List(list)]) => {
            let mut there = vec![];
            for item in list.values(meter)? {
                match item {
                    Val::Optional(it) => there.extend(it.map(|it| (*it).clone())),
                    _ => return Ok(None),
                }
            }
            Val::list(there)
        }
        _ => return Ok(None),
    }))
}
