//! A finding's identity: what stays the same when lines move, when a generated name gets another
//! hash, and when other versions of Kubernetes are checked.

use std::collections::HashMap;

use gitops_render::{Diagnostic, RepoPath, Sources};
use sha2::{Digest as _, Sha256};

use crate::findings::Finding;

/// The fingerprint of each finding: 32 hexadecimal digits, no two alike.
///
/// They are made of the rule, the path that `name` gives the file, the object, the place in it and
/// the message. Of findings that agree in all of these, the first in the file is the first.
pub fn fingerprints(
    findings: &[Finding],
    sources: &Sources<'_>,
    name: &dyn Fn(&RepoPath) -> String,
) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut fingerprint = |it: &Finding| {
        let path = name(&sources.file(it.diagnostic.span().file).path);
        let identity = identity(&it.diagnostic, &path);
        let number = seen.entry(identity.clone()).or_default();
        *number += 1;
        digest(&format!("{identity}\0{number}"))
    };
    findings.iter().map(&mut fingerprint).collect()
}

fn identity(found: &Diagnostic, path: &str) -> String {
    let (kind, namespace, object) = found
        .object
        .as_deref()
        .map_or(("", "", ""), |it| (&it.kind, it.namespace.as_deref().unwrap_or_default(), &it.name));
    let pointer = found.pointer.as_deref().unwrap_or_default();
    let parts = [found.rule.code, path, kind, namespace, &steady(object), pointer, &steady(&found.message)];
    parts.join("\0")
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..16].iter().map(|it| format!("{it:02x}")).collect()
}

/// The text without what changes though the finding is the same.
pub fn steady(text: &str) -> String {
    let text = text.rsplit_once(" (in Kubernetes ").map_or(text, |it| it.0);
    let mut words: Vec<String> = vec![];
    for word in text.split_whitespace() {
        let is_place = words.last().is_some_and(|it| it.ends_with("line") || it.ends_with("column"));
        let is_number = word.starts_with(|it: char| it.is_ascii_digit());
        words.push(if is_place && is_number { "#".to_owned() } else { without_hash(word) });
    }
    words.join(" ")
}

/// The word with a `#` for each hash that kustomize puts behind a generated name.
fn without_hash(word: &str) -> String {
    let parts: Vec<&str> = word.split_inclusive(|it: char| !it.is_ascii_alphanumeric()).collect();
    let mut out = String::new();
    for part in parts {
        let bare = part.trim_end_matches(|it: char| !it.is_ascii_alphanumeric());
        let behind = &part[bare.len()..];
        let is_hash = bare.len() == 10 && bare.chars().all(|it| "2456789bcdfghkmt".contains(it));
        let is_end = out.ends_with('-') && !behind.starts_with('-');
        out.push_str(if is_hash && is_end { "#" } else { bare });
        out.push_str(behind);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::{MemoryTree, Span, rules};

    #[test]
    fn what_changes_without_meaning_is_left_out() {
        for (text, expected) in [
            ("the  name `app-t2kd5g8m7h` is  wrong", "the name `app-#` is wrong"),
            ("`a-t2kd5g8m7h-b` stays", "`a-t2kd5g8m7h-b` stays"),
            ("`container-deployment` stays", "`container-deployment` stays"),
            ("refused: x (line 12, column 3)", "refused: x (line # column #"),
            ("gone (in Kubernetes 1.25, 1.33)", "gone"),
        ] {
            assert_eq!(steady(text), expected);
        }
    }

    #[test]
    fn lines_do_not_matter_and_everything_else_does() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: 1\nb: 2\nc: 3\n").insert("b.yaml", "a: 1\n");
        let sources = Sources::new(&tree);
        let start = |name: &str| sources.open(&RepoPath::root().join(name).unwrap()).unwrap().start();
        let a = start("a.yaml");
        let moved = Span { start: 5, end: 6, ..a };
        let of = |found: &[(&str, Span, &str)]| {
            let finding = |(code, at, message): &(&str, Span, &str)| Finding {
                diagnostic: rules::find(code).unwrap().at(*at, *message),
                roots: vec![],
                repeats: vec![],
            };
            let findings: Vec<Finding> = found.iter().map(finding).collect();
            fingerprints(&findings, &sources, &|it| it.to_string())
        };
        let one = of(&[("KUS001", a, "x")]);
        assert_eq!(one, of(&[("KUS001", moved, "x")]));
        for other in [("KUS002", a, "x"), ("KUS001", a, "y"), ("KUS001", start("b.yaml"), "x")] {
            assert_ne!(one, of(&[other]), "{other:?}");
        }
        let two = of(&[("KUS001", a, "x"), ("KUS001", moved, "x")]);
        assert_eq!(two[0], one[0]);
        assert_ne!(two[1], one[0]);
    }
}
