//! Files of schemas: JSON or YAML, to nodes that know their place.

use crate::diagnostic::Diagnostic;
use crate::entries;
use crate::node::Node;
use crate::source::RepoPath;
use crate::sources::Sources;
use crate::yaml::embedded::Offsets;
use crate::yaml::{Dialect, parse_text};

/// The documents of a file.
///
/// # Errors
/// What is wrong, if the file cannot be read, or not as JSON or YAML.
pub(super) fn documents(sources: &Sources<'_>, path: &RepoPath) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let file = sources.open(path).map_err(|err| vec![entries::unreadable(sources, &err)])?;
    let yaml = file.yaml();
    if !yaml.is_broken {
        return Ok(yaml.documents.clone());
    }
    // JSON escapes slashes, and halves of characters, and kustomize's YAML knows neither. The halves
    // only occur in prose.
    let masked = file.text().ok().filter(|_| path.as_str().ends_with(".json")).and_then(without_escapes);
    let again = masked.map(|it| parse_text(file.id, &it, &Offsets::shifted(0), Dialect::Resource));
    match again.filter(|it| !it.is_broken) {
        Some(yaml) => Ok(yaml.documents),
        None => Err(yaml.diagnostics.clone()),
    }
}

/// The text without escapes that only JSON has; `None` if there are none.
///
/// What a string loses is made good by blanks behind it, so that places stay what they are.
fn without_escapes(text: &str) -> Option<String> {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_inside = false;
    while let Some(at) = rest.find(['\\', '"']) {
        let (before, special) = rest.split_at(at);
        masked.push_str(before);
        let length = match special.as_bytes() {
            [b'"', ..] => 1,
            [_, b'u', ..] if is_half(special) => 6,
            _ => 1 + special[1..].chars().next().map_or(0, char::len_utf8),
        };
        let (special, behind) = special.split_at(length);
        masked.push_str(match special {
            "\\/" => "/",
            _ if length == 6 => "?",
            other => other,
        });
        if special == "\"" {
            is_inside = !is_inside;
        }
        rest = behind;
        if !is_inside {
            let gone = (text.len() - rest.len()) - masked.len();
            masked.extend(std::iter::repeat_n(' ', gone));
        }
    }
    masked.push_str(rest);
    (masked != text).then_some(masked)
}

/// Whether an escape stands for one half of a character beyond U+FFFF.
fn is_half(escape: &str) -> bool {
    let code = escape.get(2..6).and_then(|it| u32::from_str_radix(it, 16).ok());
    code.is_some_and(|it| (0xd800..=0xdfff).contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryTree;

    #[test]
    fn json_is_read_with_all_its_escapes_and_keeps_its_places() {
        let mut tree = MemoryTree::new();
        tree.insert("a.json", "{\"a\": \"\\ud83d\\uDE00 \\\\ud83d \\/ \\u00e9\",\n\t\"b\": [1]}");
        let sources = Sources::new(&tree);
        let documents = documents(&sources, &RepoPath::root().join("a.json").unwrap()).unwrap();
        assert_eq!(documents[0].get("a").unwrap().as_str(), Some("?? \\ud83d / é"));
        let (_, start, _) = sources.place(documents[0].path(&["b"]).unwrap().origin.span);
        assert_eq!((start.line, start.column), (2, 7));
    }
}
