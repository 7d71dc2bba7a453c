//! Functions of strings. Indices count characters.

use super::{Called, Val, printf};
use crate::cel::value::List;
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
.contains string string -> bool
.startsWith string string -> bool
.endsWith string string -> bool
.charAt string int -> string
.indexOf string string -> int
.indexOf string string int -> int
.lastIndexOf string string -> int
.lastIndexOf string string int -> int
.lowerAscii string -> string
.upperAscii string -> string
.replace string string string -> string
.replace string string string int -> string
.split string string -> list<string>
.split string string int -> list<string>
.substring string int -> string
.substring string int int -> string
.trim string -> string
.join list<string> -> string
.join list<string> string -> string
.format string list<dyn> -> string
strings.quote string -> string
";

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    if let [Val::List(list), rest @ ..] = args {
        return if name == "join" { join(list, rest, meter) } else { Ok(None) };
    }
    let [Val::Str(text), rest @ ..] = args else { return Ok(None) };
    if matches!(rest, [Val::List(_)]) && name == "format" {
        let [Val::List(values)] = rest else { return Ok(None) };
        return printf::format(text, &values.values(meter)?, meter).map(|it| Some(Val::string(it)));
    }
    meter.spend_bytes(text.len())?;
    Ok(Some(match (name, rest) {
        ("contains", [Val::Str(it)]) => {
            meter.spend_bytes(text.len())?;
            Val::Bool(text.contains(&**it))
        }
        ("startsWith", [Val::Str(it)]) => Val::Bool(text.starts_with(&**it)),
        ("endsWith", [Val::Str(it)]) => Val::Bool(text.ends_with(&**it)),
        ("charAt", [Val::Int(index)]) => Val::string(char_at(text, *index)?),
        ("indexOf" | "lastIndexOf", [Val::Str(it), from @ ..]) => {
            let from = match from {
                [] => None,
                [Val::Int(it)] => Some(*it),
                _ => return Ok(None),
            };
            Val::Int(index_of(text, it, from, name == "lastIndexOf")?)
        }
        ("lowerAscii", []) => Val::string(text.to_ascii_lowercase()),
        ("upperAscii", []) => Val::string(text.to_ascii_uppercase()),
        ("replace", [Val::Str(old), Val::Str(new)]) => Val::string(replace(text, old, new, -1, meter)?),
        ("replace", [Val::Str(old), Val::Str(new), Val::Int(most)]) => {
            Val::string(replace(text, old, new, *most, meter)?)
        }
        ("split", [Val::Str(by)]) => split(text, by, -1),
        ("split", [Val::Str(by), Val::Int(most)]) => split(text, by, *most),
        ("substring", [Val::Int(start)]) => substring(text, *start, text.chars().count() as i64)?,
        ("substring", [Val::Int(start), Val::Int(end)]) => substring(text, *start, *end)?,
        ("trim", []) => Val::string(text.trim()),
        ("strings.quote", []) => Val::string(quoted(text)),
        _ => return Ok(None),
    }))
}

fn out_of_range(index: i64) -> Error {
    Error::failed(format!("index out of range: {index}"))
}

fn index(at: i64, length: usize) -> Result<usize, Error> {
    usize::try_from(at).ok().filter(|it| *it <= length).ok_or_else(|| out_of_range(at))
}

fn char_at(text: &str, at: i64) -> Result<String, Error> {
    let at = index(at, text.chars().count())?;
    Ok(text.chars().nth(at).map(String::from).unwrap_or_default())
}

/// Where a text begins in another, in characters; -1 if nowhere.
fn index_of(text: &str, wanted: &str, from: Option<i64>, is_last: bool) -> Result<i64, Error> {
    let length = text.chars().count();
    if let Some(from) = from {
        if wanted.is_empty() {
            return Ok(from);
        }
        // Behind the end there is nothing, but that is no mistake.
        if usize::try_from(from).is_ok_and(|it| it >= length) {
            return Ok(-1);
        }
    }
    let from = from.map(|it| index(it, length)).transpose()?;
    let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |it| it.0);
    let found = if is_last {
        // The index is the last place where it may begin.
        let end = from.map_or(text.len(), |it| (byte(it) + wanted.len()).min(text.len()));
        text.get(..end).unwrap_or(text).rfind(wanted)
    } else {
        let start = byte(from.unwrap_or(0));
        text[start..].find(wanted).map(|it| it + start)
    };
    Ok(found.map_or(-1, |it| text[..it].chars().count() as i64))
}

fn replace(text: &str, old: &str, new: &str, most: i64, meter: &Meter) -> Result<String, Error> {
    let count = text.matches(old).count().min(usize::try_from(most).unwrap_or(usize::MAX));
    meter.spend_bytes(text.len().saturating_add(count.saturating_mul(new.len())))?;
    Ok(text.replacen(old, new, count))
}

fn split(text: &str, by: &str, most: i64) -> Val {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let parts: Vec<Val> = match (most, by.is_empty()) {
        (0, _) => vec![],
        (1, _) => vec![Val::string(text)],
        (_, false) => text.splitn(most, by).map(Val::string).collect(),
        (_, true) => {
            let mut rest = text;
            let mut parts = vec![];
            while let Some(first) = rest.chars().next().filter(|_| parts.len() + 1 < most) {
                parts.push(Val::string(first.to_string()));
                rest = &rest[first.len_utf8()..];
            }
            parts.extend((!rest.is_empty()).then(|| Val::string(rest)));
            parts
        }
    };
    Val::list(parts)
}

fn substring(text: &str, start: i64, end: i64) -> Result<Val, Error> {
    let length = text.chars().count();
    let (from, to) = (index(start, length)?, index(end, length)?);
    if from > to {
        return Err(Error::failed(format!("invalid substring range. start: {start}, end: {end}")));
    }
    Ok(Val::string(text.chars().skip(from).take(to - from).collect::<String>()))
}

fn join(list: &List, rest: &[Val], meter: &Meter) -> Called {
    let between = match rest {
        [] => "",
        [Val::Str(it)] => it,
        _ => return Ok(None),
    };
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        let Val::Str(item) = item? else { return Ok(None) };
        meter.spend_bytes(item.len() + between.len())?;
        joined.push_str(if index == 0 { "" } else { between });
        joined.push_str(&item);
    }
    Ok(Some(Val::string(joined)))
}

/// A text in quotes, with the escapes that CEL reads back.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for it in text.chars() {
        match it {
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '"' | '\\' => out.extend(['\\', it]),
            it => out.push(it),
        }
    }
    out.push('"');
    out
}
