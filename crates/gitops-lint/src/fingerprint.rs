//! A finding's identity: what stays the same when lines move, when a generated name gets another
//! hash, and when other versions of Kubernetes are checked.

use std::collections::HashMap;
use std::sync::Arc;

use gitops_render::{Diagnostic, Node, RepoPath, SourceFile, Sources, Span, Value};
use sha2::{Digest as _, Sha256};

use crate::findings::{Finding, is_same_everywhere};
use crate::walk::Wanted;

/// What makes a finding the one that it is.
///
/// All of it comes from the source, and nothing from what is rendered of it: which roots show a finding,
/// and under which name an object arrives there, changes with what is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The file; `None` for what is one cause wherever it is.
    pub path: Option<String>,
    /// The object in whose text it is: kind, namespace and name as they stand there.
    pub object: Option<String>,
    /// The place in that object, or in the document if it is none: `spec.containers[web].image`.
    pub field: Option<String>,
    /// The code of the rule.
    pub code: String,
    /// The message without what changes though it says the same.
    pub message: String,
    /// Which one it is of those that agree in all of this, from 1.
    pub number: usize,
}

impl Identity {
    /// 32 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        let (path, object, field) = (text(&self.path), text(&self.object), text(&self.field));
        let parts = [&self.code, &path, &object, &field, &self.message, &self.number.to_string()];
        let digest = Sha256::digest(parts.map(String::as_str).join("\0").as_bytes());
        digest[..16].iter().map(|it| format!("{it:02x}")).collect()
    }
}

/// The identity of each finding, no two alike.
///
/// Paths are those that `name` gives the files. Of findings that agree in all else, the first in the file is
/// the first.
pub fn identities<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    sources: &Sources<'_>,
    name: &dyn Fn(&RepoPath) -> String,
) -> Vec<Identity> {
    let mut seen: HashMap<Identity, usize> = HashMap::new();
    let mut identity = |it: &Finding| {
        let mut identity = identity(&it.diagnostic, sources, name);
        let number = seen.entry(identity.clone()).or_default();
        *number += 1;
        identity.number = *number;
        identity
    };
    findings.into_iter().map(&mut identity).collect()
}

/// The fingerprint of each finding: 32 hexadecimal digits, no two alike. See [`identities`].
pub fn fingerprints<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    sources: &Sources<'_>,
    name: &dyn Fn(&RepoPath) -> String,
) -> Vec<String> {
    identities(findings, sources, name).iter().map(Identity::fingerprint).collect()
}

fn identity(found: &Diagnostic, sources: &Sources<'_>, name: &dyn Fn(&RepoPath) -> String) -> Identity {
    let (code, message) = (found.rule.code.to_owned(), steady(&found.message));
    if is_same_everywhere(found) {
        return Identity { code, message, ..Identity::default() };
    }
    let file = sources.file(found.span().file);
    let (object, field) = place(&file, found.span());
    Identity { path: Some(name(&file.path)), object, field, code, message, number: 0 }
}

/// The object in the text of which a span lies, and the place in it; items of lists by their names, so that
/// others may come before them.
fn place(file: &SourceFile, span: Span) -> (Option<String>, Option<String>) {
    let is_data = Wanted::Yaml.matches(file.path.file_name()) || file.path.file_name().ends_with(".json");
    if !is_data || span.end == 0 {
        return (None, None);
    }
    let documents = &file.yaml().documents;
    let after = documents.partition_point(|it| it.origin.span.start <= span.start);
    let Some(mut node) = after.checked_sub(1).map(|it| &documents[it]) else { return (None, None) };
    let (mut object, mut field) = (called(node), String::new());
    let mut is_list = node.get("kind").and_then(Node::as_str).is_some_and(|it| it.ends_with("List"));
    while let Some((part, within)) = step(node, span) {
        field.push_str(&part);
        node = within;
        // A list of objects is no more than a way to write several.
        if is_list && field.starts_with(".items[") {
            (object, field, is_list) = (called(node).or(object), String::new(), false);
        }
    }
    let field = field.strip_prefix('.').map_or(field.clone(), str::to_owned);
    (object, Some(field).filter(|it| !it.is_empty()))
}

/// Kind, namespace and name, if it is an object that has a name.
fn called(object: &Node) -> Option<String> {
    let text = |keys: &[&str]| object.path(keys).and_then(Node::as_scalar).map(|it| Arc::clone(&it.text));
    let (kind, name) = (text(&["kind"])?, text(&["metadata", "name"])?);
    let namespace = text(&["metadata", "namespace"]).map(|it| format!("{it}/")).unwrap_or_default();
    Some(steady(&format!("{kind} {namespace}{name}")))
}

/// The entry or the item in the text of which a span lies, and how it is called.
fn step(node: &Node, span: Span) -> Option<(String, &Node)> {
    let own = node.origin.span;
    if span == own {
        return None;
    }
    let holds = |it: Span| own.holds(it) && it.start <= span.start && span.end <= it.end;
    match &node.value {
        Value::Scalar(_) => None,
        Value::Map(map) => {
            let entry = map.entries().iter().find(|it| {
                let value = it.node.origin.span;
                let is_behind = value.file == it.key_span.file && value.start >= it.key_span.end;
                // The value of an alias stands elsewhere.
                holds(if is_behind && own.holds(value.at_start()) {
                    it.key_span.to(value)
                } else {
                    it.key_span
                })
            })?;
            let is_plain = !entry.key.is_empty() && !entry.key.contains(['.', '/', '[', ' ']);
            let key = if is_plain { format!(".{}", entry.key) } else { format!("[{:?}]", entry.key) };
            Some((key, &entry.node))
        }
        Value::Seq(items) => {
            let item = items.iter().find(|it| holds(it.origin.span))?;
            let name = item.get("name").and_then(Node::as_scalar).map_or("*", |it| &*it.text);
            Some((format!("[{}]", steady(name)), item))
        }
    }
}

/// The text without what changes though the finding is the same.
pub fn steady(text: &str) -> String {
    let is_version = |it: &str| it.starts_with("1.") && !it.contains('`');
    let parts = text.rsplit_once("in Kubernetes ").filter(|it| is_version(it.1));
    let text = parts.map_or(text, |it| it.0.trim_end_matches([' ', '(']));
    let mut words: Vec<String> = vec![];
    for word in text.split_whitespace() {
        let is_place = words.last().is_some_and(|it| it.ends_with("line") || it.ends_with("column"));
        let is_number = word.starts_with(|it: char| it.is_ascii_digit());
        words.push(if is_place && is_number { "#".to_owned() } else { without_index(&without_hash(word)) });
    }
    words.join(" ")
}

/// The word with a `#` for each index of a list: `containers[#]`.
fn without_index(word: &str) -> String {
    let mut parts = word.split('[');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let index =
            part.split_once(']').filter(|it| !it.0.is_empty() && it.0.bytes().all(|it| it.is_ascii_digit()));
        out.push('[');
        match index {
            Some((_, rest)) => out.push_str(&format!("#]{rest}")),
            None => out.push_str(part),
        }
    }
    out
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
    use gitops_render::{MemoryTree, rules};

    #[test]
    fn what_changes_without_meaning_is_left_out() {
        for (text, expected) in [
            ("the  name `app-t2kd5g8m7h` is  wrong", "the name `app-#` is wrong"),
            ("`a-t2kd5g8m7h-b` stays", "`a-t2kd5g8m7h-b` stays"),
            ("`container-deployment` stays", "`container-deployment` stays"),
            ("refused: x (line 12, column 3)", "refused: x (line # column #"),
            ("gone (in Kubernetes 1.25, 1.33)", "gone"),
            ("`v1` has no kind `A` in Kubernetes 1.29, 1.33", "`v1` has no kind `A`"),
            ("is not in Kubernetes itself", "is not in Kubernetes itself"),
            ("no `image` in `containers[12].a[x][0]`", "no `image` in `containers[#].a[x][#]`"),
        ] {
            assert_eq!(steady(text), expected);
        }
    }

    #[test]
    fn lines_do_not_matter_and_everything_else_does() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: [1, 1]\nb: 1\n").insert("b.yaml", "a: [1, 1]\n");
        let sources = Sources::new(&tree);
        let at = |name: &str, start: u32| {
            let start_of_file = sources.open(&RepoPath::root().join(name).unwrap()).unwrap().start();
            Span { start, end: start + 1, ..start_of_file }
        };
        let (a, moved) = (at("a.yaml", 4), at("a.yaml", 7));
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
        let elsewhere = at("b.yaml", 4);
        let in_another_field = at("a.yaml", 13);
        for other in [
            ("KUS002", a, "x"),
            ("KUS001", a, "y"),
            ("KUS001", elsewhere, "x"),
            ("KUS001", in_another_field, "x"),
        ] {
            assert_ne!(one, of(&[other]), "{other:?}");
        }
        let two = of(&[("KUS001", a, "x"), ("KUS001", moved, "x")]);
        assert_eq!(two[0], one[0]);
        assert_ne!(two[1], one[0]);
    }

    #[test]
    fn a_place_is_named_by_the_source_and_not_by_numbers() {
        let text = "\
apiVersion: v1
kind: Pod
metadata: {name: web-t2kd5g8m7h, namespace: shop}
spec:
  shared: &shared {deep: AA}
  containers:
  - image: BB
    name: app
    env: [{name: K, value: CC}, {value: DD}]
    args: [x, EE]
    again: *shared
    a.b/c: FF
---
kind: PodList
items:
- kind: Pod
  metadata: {name: two}
  spec: {node: GG}
---
kind: Kustomization
configMapGenerator:
- name: settings
  literals: [\"a=HH\"]
patches:
- patch: |-
    a: II
";
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", text).insert("a.rego", text).insert("b.yaml", "a: [\nGG");
        let sources = Sources::new(&tree);
        let open = |name: &str| sources.open(&RepoPath::root().join(name).unwrap()).unwrap();
        let of = |name: &str, wanted: &str| {
            let file = open(name);
            let start = file.text().unwrap().find(wanted).unwrap() as u32;
            place(&file, Span { start, end: start + 2, ..file.start() })
        };
        for (wanted, object, field) in [
            ("AA", "Pod shop/web-#", "spec.shared.deep"),
            ("BB", "Pod shop/web-#", "spec.containers[app].image"),
            ("CC", "Pod shop/web-#", "spec.containers[app].env[K].value"),
            ("DD", "Pod shop/web-#", "spec.containers[app].env[*].value"),
            ("EE", "Pod shop/web-#", "spec.containers[app].args[*]"),
            ("*s", "Pod shop/web-#", "spec.containers[app]"),
            ("FF", "Pod shop/web-#", "spec.containers[app][\"a.b/c\"]"),
            ("GG", "Pod two", "spec.node"),
            ("HH", "", "configMapGenerator[settings].literals[*]"),
            ("II", "", "patches[*].patch"),
        ] {
            let expected = [object, field].map(|it| Some(it.to_owned()).filter(|it| !it.is_empty()));
            assert_eq!(of("a.yaml", wanted), expected.into(), "{wanted}");
        }
        assert_eq!(of("a.rego", "BB"), (None, None));
        assert_eq!(of("b.yaml", "GG"), (None, None));
        assert_eq!(place(&open("a.yaml"), open("a.yaml").start()), (None, None));
    }
}
