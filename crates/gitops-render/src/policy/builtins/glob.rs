//! `glob.match`, in the dialect of OPA's library for it.

use regorus::Value as Rego;

use super::regex::Cache;
use super::{Outcome, strings, text};

/// Whether a value fits. Without delimiters `.` is one; with `null` in their place none is.
pub(super) fn is_match(cache: &mut Cache, args: &[Rego]) -> Outcome {
    let [Rego::String(pattern), delimiters, Rego::String(value)] = args else { return Ok(Rego::Undefined) };
    let delimiters: Vec<char> = match delimiters {
        Rego::Null => vec![],
        Rego::Array(items) if items.is_empty() => vec!['.'],
        Rego::Array(items) => {
            let one = |it: &Rego| {
                let mut chars = super::string(it)?.chars();
                chars.next().filter(|_| chars.as_str().is_empty())
            };
            match items.iter().map(one).collect::<Option<Vec<_>>>() {
                Some(delimiters) => delimiters,
                None => return Ok(Rego::Undefined),
            }
        }
        _ => return Ok(Rego::Undefined),
    };
    let Some(expression) = expression(pattern, &delimiters) else { return Ok(Rego::Undefined) };
    super::regex::is_match(cache, &[expression.into(), Rego::String(value.clone())])
}

/// The pattern as a regular expression. Nothing if it is wrong.
fn expression(pattern: &str, delimiters: &[char]) -> Option<String> {
    let one = match delimiters {
        [] => "(?s:.)".to_owned(),
        _ => {
            let signs = delimiters.iter().map(|it| format!("\\x{{{:X}}}", u32::from(*it)));
            format!("[^{}]", signs.collect::<String>())
        }
    };
    let mut out = "^".to_owned();
    let mut chars = pattern.chars().peekable();
    let mut depth = 0usize;
    while let Some(sign) = chars.next() {
        match sign {
            '*' if chars.next_if_eq(&'*').is_some() => {
                while chars.next_if_eq(&'*').is_some() {}
                out.push_str("(?s:.)*");
            }
            '*' => out.push_str(&format!("{one}*")),
            '?' => out.push_str(&one),
            '[' => {
                out.push_str(if chars.next_if_eq(&'!').is_some() { "[^" } else { "[" });
                let mut is_empty = true;
                loop {
                    match chars.next()? {
                        ']' => break,
                        '-' if !is_empty && chars.peek().is_some_and(|it| *it != ']') => out.push('-'),
                        '\\' => out.push_str(&format!("\\x{{{:X}}}", u32::from(chars.next()?))),
                        other => out.push_str(&format!("\\x{{{:X}}}", u32::from(other))),
                    }
                    is_empty = false;
                }
                if is_empty {
                    return None;
                }
                out.push(']');
            }
            '{' => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            '\\' => out.push_str(&regex::escape(&chars.next()?.to_string())),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    (depth == 0).then(|| format!("{out}$"))
}

/// The pattern that stands for nothing but the text.
pub(super) fn quote_meta(args: &[Rego]) -> Outcome {
    let Some([it]) = strings(args) else { return Ok(Rego::Undefined) };
    let mut out = String::new();
    for sign in it.chars() {
        if "*?\\[]{}".contains(sign) {
            out.push('\\');
        }
        out.push(sign);
    }
    text(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_know_their_delimiters() {
        for (pattern, delimiters, value, expected) in [
            ("*.github.com", r#"["."]"#, "api.github.com", true),
            ("*.github.com", "[]", "api.cdn.github.com", false),
            ("*.github.com", "null", "api.cdn.github.com", true),
            ("*hub.com", "[]", "api.cdn.github.com", false),
            ("**.github.com", "[]", "api.cdn.github.com", true),
            ("*:github:com", r#"[":"]"#, "api:github:com", true),
            ("{cat,bat,[fr]at}", "[]", "rat", true),
            ("{cat,bat,[fr]at}", "[]", "aat", false),
            ("[!a]at", "[]", "bat", true),
            ("[a-c]at", "[]", "bat", true),
            ("?at", "[]", ".at", false),
            ("a\\*b", "[]", "a*b", true),
            ("registry/*", r#"["/"]"#, "registry/a/b", false),
            ("a/*", "[]", "a/b/c", true),
        ] {
            let delimiters = Rego::from_json_str(delimiters).unwrap();
            let found = is_match(&mut Cache::default(), &[pattern.into(), delimiters, value.into()]).unwrap();
            assert_eq!(found, Rego::from(expected), "{pattern} {value}");
        }
    }
}
