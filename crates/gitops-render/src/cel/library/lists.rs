//! Functions of lists and sets, and ranges.

use super::{Called, Val};
use crate::cel::value::List;
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
.isSorted list<int> -> bool
.isSorted list<uint> -> bool
.isSorted list<double> -> bool
.isSorted list<bool> -> bool
.isSorted list<string> -> bool
.isSorted list<bytes> -> bool
.isSorted list<duration> -> bool
.isSorted list<timestamp> -> bool
.sum list<int> -> int
.sum list<uint> -> uint
.sum list<double> -> double
.sum list<duration> -> duration
.min list<int> -> int
.min list<uint> -> uint
.min list<double> -> double
.min list<bool> -> bool
.min list<string> -> string
.min list<bytes> -> bytes
.min list<duration> -> duration
.min list<timestamp> -> timestamp
.max list<int> -> int
.max list<uint> -> uint
.max list<double> -> double
.max list<bool> -> bool
.max list<string> -> string
.max list<bytes> -> bytes
.max list<duration> -> duration
.max list<timestamp> -> timestamp
.indexOf list<A> A -> int
.lastIndexOf list<A> A -> int
.reverse list<A> -> list<A>
.sort list<A> -> list<A>
.distinct list<A> -> list<A>
.first list<A> -> optional<A>
.last list<A> -> optional<A>
.flatten list<dyn> -> list<dyn>
.flatten list<dyn> int -> list<dyn>
.slice list<A> int int -> list<A>
lists.range int -> list<int>
sets.contains list<A> list<A> -> bool
sets.equivalent list<A> list<A> -> bool
sets.intersects list<A> list<A> -> bool
";

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    if let ("lists.range", [Val::Int(end)]) = (name, args) {
        meter.spend(u64::try_from(*end).unwrap_or(0).saturating_mul(8))?;
        return Ok(Some(Val::list((0..*end).map(Val::Int).collect())));
    }
    let [Val::List(list), rest @ ..] = args else { return Ok(None) };
    Ok(Some(match (name, rest) {
        ("isSorted", []) => {
            let items = list.values(meter)?;
            let pairs = items.windows(2).map(|it| before(&it[1], &it[0]).map(|it| !it));
            Val::Bool(pairs.collect::<Result<Vec<_>, _>>()?.into_iter().all(|it| it))
        }
        ("sum", []) => sum(&list.values(meter)?, meter)?,
        ("min" | "max", []) => extreme(name, list.values(meter)?)?,
        ("indexOf" | "lastIndexOf", [wanted]) => {
            Val::Int(index_of(list, wanted, name == "lastIndexOf", meter)?)
        }
        ("reverse", []) => Val::list(list.values(meter)?.into_iter().rev().collect()),
        ("sort", []) => {
            Val::list(sorted(list.values(meter)?.into_iter().map(|it| (it.clone(), it)).collect(), meter)?)
        }
        ("distinct", []) => Val::list(distinct(list, meter)?),
        ("first", []) => Val::Optional(list.get(0).transpose()?.map(Into::into)),
        ("last", []) => {
            Val::Optional(list.len().checked_sub(1).and_then(|it| list.get(it)).transpose()?.map(Into::into))
        }
        ("flatten", []) => flatten(list, 1, meter)?,
        ("flatten", [Val::Int(depth)]) if *depth >= 0 => flatten(list, *depth, meter)?,
        ("slice", [Val::Int(start), Val::Int(end)]) => slice(list, *start, *end, meter)?,
        ("sets.contains", [Val::List(part)]) => Val::Bool(has_all(list, part, meter)?),
        ("sets.equivalent", [Val::List(other)]) => {
            Val::Bool(has_all(list, other, meter)? && has_all(other, list, meter)?)
        }
        ("sets.intersects", [Val::List(other)]) => {
            for item in list.iter() {
                if other.contains(&item?, meter)? {
                    return Ok(Some(Val::Bool(true)));
                }
            }
            Val::Bool(false)
        }
        _ => return Ok(None),
    }))
}

fn before(a: &Val, b: &Val) -> Result<bool, Error> {
    let order = a.compare(b).ok_or_else(|| Error::failed("no such overload: the items have no order"))?;
    Ok(order.is_lt())
}

/// The values in the order of their keys. Those with equal keys keep their order.
pub(in crate::cel) fn sorted(mut keyed: Vec<(Val, Val)>, meter: &Meter) -> Result<Vec<Val>, Error> {
    let length = keyed.len() as u64;
    meter.spend(length.saturating_mul(u64::from(length.max(1).ilog2()) + 1))?;
    if let Some((first, _)) = keyed.first()
        && keyed.iter().any(|it| it.0.compare(first).is_none())
    {
        return Err(Error::failed("no such overload: the items have no order"));
    }
    keyed.sort_by(|a, b| a.0.compare(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    Ok(keyed.into_iter().map(|it| it.1).collect())
}

fn sum(items: &[Val], meter: &Meter) -> Result<Val, Error> {
    let Some((first, rest)) = items.split_first() else { return Ok(Val::Int(0)) };
    rest.iter().try_fold(first.clone(), |sum, it| super::call("+", &[sum, it.clone()], meter))
}

fn extreme(name: &str, items: Vec<Val>) -> Result<Val, Error> {
    let mut items = items.into_iter();
    let mut best = items.next().ok_or_else(|| Error::failed(format!("{name} called on empty list")))?;
    for item in items {
        let is_better = if name == "min" { before(&item, &best)? } else { before(&best, &item)? };
        if is_better {
            best = item;
        }
    }
    Ok(best)
}

fn index_of(list: &List, wanted: &Val, is_last: bool, meter: &Meter) -> Result<i64, Error> {
    let mut found = -1;
    for (index, item) in list.iter().enumerate() {
        if item?.equals(wanted, meter)? {
            found = index as i64;
            if !is_last {
                break;
            }
        }
    }
    Ok(found)
}

fn distinct(list: &List, meter: &Meter) -> Result<Vec<Val>, Error> {
    let mut found: Vec<Val> = vec![];
    'items: for item in list.iter() {
        let item = item?;
        for other in &found {
            if other.equals(&item, meter)? {
                continue 'items;
            }
        }
        found.push(item);
    }
    Ok(found)
}

fn flatten(list: &List, depth: i64, meter: &Meter) -> Result<Val, Error> {
    let mut items = list.values(meter)?;
    // Values are no deeper than the expression or the file that they come from.
    for _ in 0..depth {
        if !items.iter().any(|it| matches!(it, Val::List(_))) {
            break;
        }
        let mut flat = vec![];
        for item in items {
            match item {
                Val::List(inner) => flat.extend(inner.values(meter)?),
                other => flat.push(other),
            }
        }
        items = flat;
    }
    Ok(Val::list(items))
}

fn slice(list: &List, start: i64, end: i64, meter: &Meter) -> Result<Val, Error> {
    let place = |it: i64| usize::try_from(it).ok().filter(|it| *it <= list.len());
    match (place(start), place(end)) {
        (Some(start), Some(end)) if start <= end => Ok(Val::list(list.values(meter)?[start..end].to_vec())),
        _ => Err(Error::failed(format!("cannot slice({start}, {end})"))),
    }
}

fn has_all(list: &List, part: &List, meter: &Meter) -> Result<bool, Error> {
    for item in part.iter() {
        if !list.contains(&item?, meter)? {
            return Ok(false);
        }
    }
    Ok(true)
}
