//! `fieldPath` of a rule: which child of the value a violation points to.

use crate::node::{Node, pointer_part};

/// The path as a JSON pointer below the value of the schema.
///
/// # Errors
/// If it is none, or leads to a field that the schema has not. Items of lists cannot be named.
pub(super) fn pointer(path: &str, schema: &Node) -> Result<String, String> {
    let mut rest = path.trim();
    let mut schema = schema;
    let mut pointer = String::new();
    while !rest.is_empty() {
        let (name, behind) = part(rest).ok_or_else(|| format!("`{path}` is no path such as `.spec.name`"))?;
        let below = match schema.get("properties") {
            Some(properties) => properties.get(&name),
            None => schema.get("additionalProperties").filter(|it| it.as_map().is_some()),
        };
        schema = below.ok_or_else(|| format!("`{path}` does not refer to a valid field"))?;
        pointer.push('/');
        pointer.push_str(&pointer_part(&name));
        rest = behind;
    }
    Ok(pointer)
}

/// The first part of a path, `.name` or `['name']`, and what follows it.
fn part(path: &str) -> Option<(String, &str)> {
    if let Some(rest) = path.strip_prefix('.') {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        return (end > 0).then(|| (rest[..end].to_owned(), &rest[end..]));
    }
    let mut rest = path.strip_prefix("['")?;
    let mut name = String::new();
    loop {
        let next = rest.chars().next()?;
        rest = &rest[next.len_utf8()..];
        match next {
            '\'' => return Some((name, rest.strip_prefix(']')?)),
            '\\' => {
                let escaped = rest.chars().next()?;
                rest = &rest[escaped.len_utf8()..];
                name.push(match escaped {
                    '\'' | '\\' => escaped,
                    'n' => '\n',
                    'a' => '\x07',
                    'b' => '\x08',
                    'f' => '\x0c',
                    'v' => '\x0b',
                    't' => '\t',
                    'r' => '\r',
                    _ => return None,
                });
            }
            it => name.push(it),
        }
    }
}
