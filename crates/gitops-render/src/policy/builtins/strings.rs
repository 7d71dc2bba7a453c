//! Text.

use regorus::Value as Rego;

use super::{MOST_BYTES, Outcome, Stop, array, fits, items, string, strings, text};

pub(super) fn concat(args: &[Rego]) -> Outcome {
    let [delimiter, collection] = args else { return Ok(Rego::Undefined) };
    let (Some(delimiter), Some(items)) = (string(delimiter), items(collection)) else {
        return Ok(Rego::Undefined);
    };
    let parts: Option<Vec<&str>> = items.into_iter().map(string).collect();
    let Some(parts) = parts else { return Ok(Rego::Undefined) };
    fits(parts.iter().map(|it| it.len() + delimiter.len()).sum(), MOST_BYTES, "bytes")?;
    text(parts.join(delimiter))
}

/// Where the text is found; OPA does not look for nothing.
pub(super) fn index_of(args: &[Rego]) -> Outcome {
    let Some([base, search]) = strings(args) else { return Ok(Rego::Undefined) };
    Ok(match base.find(search) {
        _ if search.is_empty() => Rego::Undefined,
        Some(at) => base[..at].chars().count().into(),
        None => (-1).into(),
    })
}

pub(super) fn index_of_n(args: &[Rego]) -> Outcome {
    let Some([base, search]) = strings(args) else { return Ok(Rego::Undefined) };
    if search.is_empty() {
        return Ok(Rego::Undefined);
    }
    let starts = base.char_indices().enumerate();
    let found = starts.filter(|(_, (at, _))| base[*at..].starts_with(search)).map(|(index, _)| index.into());
    Ok(array(found.collect()))
}

/// Go maps each character to one character.
pub(super) fn lower(args: &[Rego]) -> Outcome {
    let Some([it]) = strings(args) else { return Ok(Rego::Undefined) };
    text(it.chars().map(|it| if it == 'İ' { 'i' } else { one(it, it.to_lowercase()) }).collect())
}

pub(super) fn upper(args: &[Rego]) -> Outcome {
    let Some([it]) = strings(args) else { return Ok(Rego::Undefined) };
    text(it.chars().map(|it| one(it, it.to_uppercase())).collect())
}

fn one(before: char, mut after: impl Iterator<Item = char>) -> char {
    match (after.next(), after.next()) {
        (Some(it), None) => it,
        _ => before,
    }
}

pub(super) fn split(args: &[Rego]) -> Outcome {
    let Some([it, delimiter]) = strings(args) else { return Ok(Rego::Undefined) };
    let parts: Vec<Rego> = match delimiter {
        "" => it.chars().map(|it| it.to_string().into()).collect(),
        _ => it.split(delimiter).map(Rego::from).collect(),
    };
    Ok(array(parts))
}

pub(super) fn replace(args: &[Rego]) -> Outcome {
    let Some([it, old, new]) = strings(args) else { return Ok(Rego::Undefined) };
    replaced(it, &[(old, new)])
}

pub(super) fn replace_n(args: &[Rego]) -> Outcome {
    let [Rego::Object(patterns), Rego::String(it)] = args else { return Ok(Rego::Undefined) };
    let pairs: Option<Vec<(&str, &str)>> =
        patterns.iter_sorted().map(|(old, new)| Some((string(old)?, string(new)?))).collect();
    pairs.map_or(Ok(Rego::Undefined), |pairs| replaced(it, &pairs))
}

/// Go's `Replacer`: once over the text, and at each place the first pair that fits.
fn replaced(it: &str, pairs: &[(&str, &str)]) -> Outcome {
    let nothing = pairs.iter().position(|(old, _)| old.is_empty());
    if nothing.is_some() && pairs.len() > 1 {
        return Err(Stop("an empty text among several is not replaced here".to_owned()));
    }
    let mut out = String::new();
    let mut rest = it;
    loop {
        fits(out.len(), MOST_BYTES, "bytes")?;
        if let Some(index) = nothing {
            out.push_str(pairs[index].1);
        } else if let Some((old, new)) = pairs.iter().find(|(old, _)| rest.starts_with(old)) {
            out.push_str(new);
            rest = &rest[old.len()..];
            if rest.is_empty() {
                break;
            }
            continue;
        }
        let mut chars = rest.chars();
        let Some(next) = chars.next() else { break };
        out.push(next);
        rest = chars.as_str();
    }
    text(out)
}

/// How often the text occurs without overlapping; nothing occurs around each character.
pub(super) fn count(args: &[Rego]) -> Outcome {
    let Some([it, search]) = strings(args) else { return Ok(Rego::Undefined) };
    let count = if search.is_empty() { it.chars().count() + 1 } else { it.matches(search).count() };
    Ok(count.into())
}

pub(super) fn substring(args: &[Rego]) -> Outcome {
    let [Rego::String(it), offset, length] = args else { return Ok(Rego::Undefined) };
    let (Some(offset), Some(length)) = (super::integer(offset), super::integer(length)) else {
        return Ok(Rego::Undefined);
    };
    let Ok(offset) = usize::try_from(offset) else { return Ok(Rego::Undefined) };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    text(it.chars().skip(offset).take(length).collect())
}
