//! Regular expressions in Go's dialect ([`go_regex`]).

use std::collections::HashMap;

use regex::{Captures, Regex, RegexBuilder};
use regorus::Value as Rego;

use crate::kube::go_regex;

use super::{MOST_BYTES, MOST_ITEMS, Outcome, Stop, array, fits, integer, strings, text};

/// What a compiled expression may take. Far above Go's own limit of 1,000 repetitions of a class.
const MOST_COMPILED: usize = 20 << 20;

/// How many expressions are kept.
const MOST_KEPT: usize = 256;

/// Expressions that are compiled; `None` for those that are wrong.
#[derive(Clone, Default)]
pub(in crate::policy) struct Cache {
    kept: HashMap<String, Option<Regex>>,
}

impl Cache {
    fn get(&mut self, pattern: &str) -> Result<Option<Regex>, Stop> {
        if let Some(found) = self.kept.get(pattern) {
            return Ok(found.clone());
        }
        let compiled = match go_regex::translated(pattern) {
            Ok(translated) => match RegexBuilder::new(&translated).size_limit(MOST_COMPILED).build() {
                Ok(regex) => Some(regex),
                Err(regex::Error::CompiledTooBig(_)) => {
                    return Err(Stop("a regular expression is too large".to_owned()));
                }
                Err(_) => None,
            },
            Err(_) => None,
        };
        if self.kept.len() >= MOST_KEPT {
            self.kept.clear();
        }
        self.kept.insert(pattern.to_owned(), compiled.clone());
        Ok(compiled)
    }
}

pub(super) fn is_valid(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let Some([pattern]) = strings(args) else { return Ok(false.into()) };
    Ok(cache.get(pattern)?.is_some().into())
}

pub(super) fn is_match(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let Some([pattern, value]) = strings(args) else { return Ok(Rego::Undefined) };
    Ok(cache.get(pattern)?.map_or(Rego::Undefined, |it| it.is_match(value).into()))
}

pub(super) fn find_n(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let Some([pattern, value]) = strings(&args[..2]) else { return Ok(Rego::Undefined) };
    let (Some(regex), Some(most)) = (cache.get(pattern)?, most(&args[2])) else { return Ok(Rego::Undefined) };
    Ok(array(regex.find_iter(value).take(most).map(|it| it.as_str().into()).collect()))
}

pub(super) fn find_all_string_submatch_n(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let Some([pattern, value]) = strings(&args[..2]) else { return Ok(Rego::Undefined) };
    let (Some(regex), Some(most)) = (cache.get(pattern)?, most(&args[2])) else { return Ok(Rego::Undefined) };
    let groups =
        |it: Captures<'_>| array(it.iter().map(|it| it.map_or("", |it| it.as_str()).into()).collect());
    Ok(array(regex.captures_iter(value).take(most).map(groups).collect()))
}

/// How many matches are wanted; all of them if the number is negative.
fn most(number: &Rego) -> Option<usize> {
    let most = integer(number)?;
    Some(usize::try_from(most).unwrap_or(usize::MAX).min(MOST_ITEMS))
}

pub(super) fn replace(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let Some([value, pattern, new]) = strings(args) else { return Ok(Rego::Undefined) };
    let Some(regex) = cache.get(pattern)? else { return Ok(Rego::Undefined) };
    fits(value.len().saturating_add(1).saturating_mul(new.len() + 1), MOST_BYTES * 16, "bytes")?;
    text(regex.replace_all(value, new).into_owned())
}

/// Go's `Split`: a match of nothing at the beginning splits nothing off.
pub(super) fn split(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let Some([pattern, value]) = strings(args) else { return Ok(Rego::Undefined) };
    let Some(regex) = cache.get(pattern)? else { return Ok(Rego::Undefined) };
    if value.is_empty() && !pattern.is_empty() {
        return Ok(array(vec!["".into()]));
    }
    let (mut parts, mut start, mut end) = (vec![], 0, 0);
    for found in regex.find_iter(value) {
        end = found.start();
        if found.end() != 0 {
            parts.push(Rego::from(&value[start..end]));
        }
        start = found.end();
    }
    if end != value.len() {
        parts.push(Rego::from(&value[start..]));
    }
    Ok(array(parts))
}

/// Text with expressions between delimiters, each of one character.
pub(super) fn template_match(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let Some([template, value, open, close]) = strings(args) else { return Ok(Rego::Undefined) };
    let (mut open_chars, mut close_chars) = (open.chars(), close.chars());
    let (Some(open), None, Some(close), None) =
        (open_chars.next(), open_chars.next(), close_chars.next(), close_chars.next())
    else {
        return Ok(Rego::Undefined);
    };
    let Some(whole) = template_pattern(template, open, close) else { return Ok(Rego::Undefined) };
    Ok(cache.get(&whole)?.map_or(Rego::Undefined, |it| it.is_match(value).into()))
}

/// One expression for all of a template.
fn template_pattern(template: &str, open: char, close: char) -> Option<String> {
    let mut pattern = "^".to_owned();
    let (mut depth, mut literal, mut inner) = (0usize, String::new(), String::new());
    for sign in template.chars() {
        match sign {
            it if it == open && !(it == close && depth > 0) => {
                depth += 1;
                if depth > 1 {
                    inner.push(it);
                }
            }
            it if it == close => {
                depth = depth.checked_sub(1)?;
                if depth > 0 {
                    inner.push(it);
                } else {
                    pattern.push_str(&regex::escape(&std::mem::take(&mut literal)));
                    pattern.push_str(&format!("({})", std::mem::take(&mut inner)));
                }
            }
            it if depth > 0 => inner.push(it),
            it => literal.push(it),
        }
    }
    (depth == 0).then(|| format!("{pattern}{}$", regex::escape(&literal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> Option<bool> {
        match is_match(&mut Cache::default(), &[pattern.into(), value.into()]).unwrap() {
            Rego::Bool(it) => Some(it),
            _ => None,
        }
    }

    #[test]
    fn the_dialect_is_that_of_go() {
        for (pattern, value, expected) in [
            (r"^\d+$", "٣", Some(false)),
            (r"^\w$", "é", Some(false)),
            (r"^[\w-]+$", "a-b", Some(true)),
            (r"\bé", "aé", Some(true)),
            (r"^\Qa.b\E$", "a.b", Some(true)),
            (r"^\Qa.b\E$", "axb", Some(false)),
            (r"^a{$", "a{", Some(true)),
            (r"^a{,2}$", "a{,2}", Some(true)),
            (r"^[[a]$", "[", Some(true)),
            (r"^[a&&b]$", "&", Some(true)),
            (r"^[^]a]$", "b", Some(true)),
            (r"^[[:alpha:]_]+$", "a_b", Some(true)),
            (r"(?P<n>a)(?i:B)\z", "ab", Some(true)),
            (r"^\x41\101$", "AA", Some(true)),
            (r"a**", "a", None),
            (r"a(?=b)", "ab", None),
            (r"(?<!a)b", "ab", None),
            (r"(a)\1", "aa", None),
            (r"(?x)a", "a", None),
            (r"a\Z", "a", None),
            ("[", "a", None),
        ] {
            assert_eq!(matches(pattern, value), expected, "{pattern}");
        }
    }

    #[test]
    fn texts_are_split_as_go_splits_them() {
        let split = |pattern: &str, value: &str| {
            split(&mut Cache::default(), &[pattern.into(), value.into()]).unwrap().to_string()
        };
        assert_eq!(split("a*", "abaabaccadaaae"), r#"["","b","b","c","c","d","e"]"#);
        assert_eq!(split("", "abc"), r#"["a","b","c"]"#);
        assert_eq!(split(",", ""), r#"[""]"#);
        assert_eq!(split("/+", "a//b/"), r#"["a","b",""]"#);
    }
}
