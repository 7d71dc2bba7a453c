//! Regular expressions: Go's dialect, written for Rust's engine.
//!
//! Both are linear and find the leftmost match that a backtracking engine would. What differs:
//! `\d`, `\w`, `\s` and `\b` are about ASCII in Go; `[[a]`, `[a&&b]`, `x{` and `\Q…\E` mean
//! something else or nothing in Rust; `a**` is an error in Go.

use std::collections::HashMap;

use regex::{Captures, Regex, RegexBuilder};
use regorus::Value as Rego;

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
        let compiled = match translate(pattern) {
            Some(translated) => match RegexBuilder::new(&translated).size_limit(MOST_COMPILED).build() {
                Ok(regex) => Some(regex),
                Err(regex::Error::CompiledTooBig(_)) => {
                    return Err(Stop("a regular expression is too large".to_owned()));
                }
                Err(_) => None,
            },
            None => None,
        };
        if self.kept.len() >= MOST_KEPT {
            self.kept.clear();
        }
        self.kept.insert(pattern.to_owned(), compiled.clone());
        Ok(compiled)
    }
}

/// The expression for Rust's engine. Nothing if Go would not read it.
fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    // Whether the last thing was a repetition, which cannot be repeated.
    let mut was_repeated = false;
    while let Some(next) = rest.chars().next() {
        let after = &rest[next.len_utf8()..];
        let mut is_repeated = false;
        match next {
            '\\' => rest = escape(after, &mut out, false)?,
            '[' => rest = class(after, &mut out)?,
            '(' => {
                rest = group(after, &mut out)?;
            }
            '*' | '+' | '?' | '{' => match repetition(rest) {
                Some(_) if was_repeated => return None,
                Some(length) if is_too_often(&rest[..length]) => return None,
                Some(length) => {
                    let lazy = usize::from(rest[length..].starts_with('?'));
                    out.push_str(&rest[..length + lazy]);
                    rest = &rest[length + lazy..];
                    is_repeated = true;
                }
                None => {
                    out.push_str("\\{");
                    rest = after;
                }
            },
            '}' | ']' => {
                out.push('\\');
                out.push(next);
                rest = after;
            }
            other => {
                out.push(other);
                rest = after;
            }
        }
        was_repeated = is_repeated;
    }
    Some(out)
}

/// How long the repetition at the beginning is. `{` begins none if no numbers follow.
fn repetition(text: &str) -> Option<usize> {
    if !text.starts_with('{') {
        return Some(1);
    }
    let end = text.find('}')?;
    let (from, to) = match text[1..end].split_once(',') {
        Some((from, to)) => (from, Some(to)),
        None => (&text[1..end], None),
    };
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let is_one = is_number(from) && to.is_none_or(|it| it.is_empty() || is_number(it));
    is_one.then_some(end + 1)
}

/// Whether a repetition asks for more than Go's 1,000, or for less at most than at least.
fn is_too_often(repetition: &str) -> bool {
    let numbers = repetition.trim_matches(['{', '}']).split(',').filter(|it| !it.is_empty());
    let numbers: Vec<u32> = numbers.map(|it| it.parse().unwrap_or(u32::MAX)).collect();
    repetition.starts_with('{') && (numbers.iter().any(|&it| it > 1000) || !numbers.is_sorted())
}

/// What follows `(`: only the groups that Go knows.
fn group<'t>(rest: &'t str, out: &mut String) -> Option<&'t str> {
    out.push('(');
    let Some(flags) = rest.strip_prefix('?') else { return Some(rest) };
    if flags.starts_with("P<")
        || flags.starts_with('<') && !flags.starts_with("<=") && !flags.starts_with("<!")
    {
        return Some(rest);
    }
    let end = flags.find([':', ')'])?;
    flags[..end].bytes().all(|it| b"imsU-".contains(&it)).then_some(rest)
}

/// What follows a backslash.
fn escape<'t>(rest: &'t str, out: &mut String, in_class: bool) -> Option<&'t str> {
    let next = rest.chars().next()?;
    let after = &rest[next.len_utf8()..];
    match (next, in_class) {
        ('d', _) => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
        ('w', _) => out.push_str(if in_class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
        ('s', _) => out.push_str(if in_class { "\\t\\n\\x0C\\r " } else { "[\\t\\n\\x0C\\r ]" }),
        ('D', _) => out.push_str("[^0-9]"),
        ('W', _) => out.push_str("[^0-9A-Za-z_]"),
        ('S', _) => out.push_str("[^\\t\\n\\x0C\\r ]"),
        ('b', false) => out.push_str("(?-u:\\b)"),
        // Without a word character on both sides, or with one: Rust has no such look in ASCII.
        ('B', false) => out.push_str("\\B"),
        ('A' | 'z', false) => {
            out.push('\\');
            out.push(next);
        }
        ('Q', _) => {
            let (quoted, after) = after.split_once("\\E").unwrap_or((after, ""));
            out.push_str(&regex::escape(quoted));
            return Some(after);
        }
        // `\p{Greek}` and `\x{1F600}`: what is in the braces is no repetition.
        ('p' | 'P' | 'x', _) => {
            out.push('\\');
            out.push(next);
            let length = if after.starts_with('{') { after.find('}')? + 1 } else { 0 };
            out.push_str(&after[..length]);
            return Some(&after[length..]);
        }
        ('a' | 'f' | 'n' | 'r' | 't' | 'v', _) => {
            out.push('\\');
            out.push(next);
        }
        ('0'..='7', _) => return octal(rest, out),
        (other, _) if other.is_ascii() && !other.is_ascii_alphanumeric() => {
            out.push_str(&regex::escape(&other.to_string()));
            if in_class
                && matches!(other, '&' | '~' | '-' | '[' | ']' | '^')
                && !out.ends_with(&format!("\\{other}"))
            {
                out.pop();
                out.push('\\');
                out.push(other);
            }
        }
        _ => return None,
    }
    Some(after)
}

/// `\123`; a single digit but `\0` would be a reference to a group.
fn octal<'t>(rest: &'t str, out: &mut String) -> Option<&'t str> {
    let digits = rest.bytes().take(3).take_while(|it| (b'0'..=b'7').contains(it)).count();
    if digits == 1 && !rest.starts_with('0') {
        return None;
    }
    let value = u32::from_str_radix(&rest[..digits], 8).ok()?;
    out.push_str(&format!("\\x{{{value:X}}}"));
    Some(&rest[digits..])
}

/// What follows `[`, up to the bracket that closes the class.
fn class<'t>(rest: &'t str, out: &mut String) -> Option<&'t str> {
    out.push('[');
    let mut rest = rest;
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    let mut is_first = true;
    loop {
        let next = rest.chars().next()?;
        let after = &rest[next.len_utf8()..];
        match next {
            ']' if !is_first => {
                out.push(']');
                return Some(after);
            }
            '[' if after.starts_with(':') => match after.find(":]") {
                Some(end) => {
                    out.push_str(&rest[..end + 3]);
                    rest = &after[end + 2..];
                }
                None => return None,
            },
            '\\' => rest = escape(after, out, true)?,
            // The second of two is an end of a range, and no difference of classes.
            '-' if after.starts_with('-') => {
                out.push_str(if is_first { "\\-" } else { "-\\-" });
                rest = if is_first { after } else { &after[1..] };
            }
            '[' | ']' | '&' | '~' => {
                out.push('\\');
                out.push(next);
                rest = after;
            }
            other => {
                out.push(other);
                rest = after;
            }
        }
        is_first = false;
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
