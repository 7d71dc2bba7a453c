//! Secrets in all the places where they stand, and what reports show of them.

use super::*;
use crate::{MemoryTree, RepoPath};

/// The file as a report shows it, with what is secret hidden.
fn shown(files: &[(&str, &str)], name: &str) -> String {
    let mut tree = MemoryTree::new();
    for (name, text) in files {
        tree.insert(name, text);
    }
    let sources = Sources::new(&tree);
    let file = sources.open(&RepoPath::root().join(name).unwrap()).unwrap();
    let hidden = Secrets::new(&sources).in_file(file.id);
    let mut text = file.text().unwrap().to_owned();
    for span in hidden.spans.iter().rev() {
        text.replace_range(span.start as usize..span.end as usize, "#");
    }
    text
}

#[test]
fn the_values_of_secrets_are_hidden_and_nothing_else() {
    for (text, expected) in [
        (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\ndata:\n  p: eA==\nstringData: {q: 1, r: [x]}\n",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\ndata:\n  p: #\nstringData: {q: #, r: [#]}\n",
        ),
        ("kind: Secret\ndata: \"all\"\n", "kind: Secret\ndata: #\n"),
        (
            "kind: Secret\nstringData:\n  p: |\n    x\n    y\ntype: z\n",
            "kind: Secret\nstringData:\n  p: #\ntype: z\n",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: {p: x}\n",
            "apiVersion: v1\nkind: ConfigMap\ndata: {p: x}\n",
        ),
        (
            "apiVersion: acme.io/v1\nkind: Secret\ndata: {p: x}\n",
            "apiVersion: acme.io/v1\nkind: Secret\ndata: {p: x}\n",
        ),
        (
            "kind: List\nitems:\n- {kind: Secret, data: {p: x}}\n- {kind: Pod, data: y}\n",
            "kind: List\nitems:\n- {kind: Secret, data: {p: #}}\n- {kind: Pod, data: y}\n",
        ),
        (
            "- {op: add, path: /data/p, value: x}\n- {op: add, path: /type, value: y}\n",
            "- {op: add, path: /data/p, value: #}\n- {op: add, path: /type, value: y}\n",
        ),
        // What cannot be parsed is hidden by lines.
        (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  p: *x\n  q: 'y\n  z\n",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  p: #\n  q: #\n  #\n",
        ),
        ("{\"kind\": \"Secret\", \"data\": {\"p\": \"x\"\n", "{\"kind\": \"Secret\", \"data#\n"),
    ] {
        assert_eq!(shown(&[("a.yaml", text)], "a.yaml"), expected);
    }
}

#[test]
fn what_a_kustomization_makes_secrets_of_is_hidden() {
    let kustomization = "\
secretGenerator:
- name: a
  literals: [p=x=y, 'q=z', \"r\"]
  envs: [a.env]
  files: [key=deep/k.pem, deep/l.yaml]
configMapGenerator:
- name: b
  literals: [p=x]
  envs: [b.env]
patches:
- patch: |-
    kind: Secret
    metadata: {name: a}
    stringData: {p: x}
- patch: '[{op: add, path: /data/p, value: y}]'
  target: {kind: ConfigMap}
- patch: |-
    - op: add
      path: /data/p
      value: z
  target: {kind: Secret}
- path: deep/other.yaml
  target: {kind: ConfigMap}
- path: deep/json.yaml
";
    let patch = "- {op: replace, path: /data/p, value: x}\n";
    let files = [
        ("app/kustomization.yaml", kustomization),
        ("app/a.env", "# c\nP=x=y\r\nQ\n\nR=\n"),
        ("app/b.env", "P=x\n"),
        ("app/deep/k.pem", "x\ny"),
        ("app/deep/l.yaml", "kind: Pod\n"),
        ("app/deep/other.yaml", patch),
        ("app/deep/json.yaml", patch),
    ];
    for (name, expected) in [
        ("app/a.env", "#\nP=#\r\n#\n\nR=\n"),
        ("app/b.env", "P=x\n"),
        ("app/deep/k.pem", "#\n#"),
        ("app/deep/l.yaml", "#\n"),
        ("app/deep/other.yaml", patch),
        ("app/deep/json.yaml", "- {op: replace, path: /data/p, value: #}\n"),
    ] {
        assert_eq!(shown(&files, name), expected, "{name}");
    }
    let shown = shown(&files, "app/kustomization.yaml");
    for part in [
        "literals: [p=#, 'q=#, \"r\"]",
        "literals: [p=x]",
        "stringData: {p: #}",
        "path: /data/p, value: y}]",
        "      value: #\n",
    ] {
        let part = part.replace("\"r\"", "#");
        assert!(shown.contains(&part), "{part}: {shown}");
    }
}

#[test]
fn a_finding_does_not_tell_values() {
    let text = "kind: Secret\nmetadata: {name: name}\nstringData: {p: hunter2, q: 42, r: is}\n";
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", text);
    let sources = Sources::new(&tree);
    let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
    let at = |what: &str| {
        let start = text.find(what).unwrap() as u32;
        Span { start, end: start + what.len() as u32, ..file.start() }
    };
    let mut secrets = Secrets::new(&sources);
    let mut told = |rule: &'static crate::Rule, span, message: &str| {
        let mut found = rule.at(span, message).help(message).label(file.start(), message);
        secrets.cover(&mut found);
        assert_eq!(found.help.as_deref(), Some(&*found.labels[1].text));
        (found.message, found.help.unwrap())
    };
    let rule = crate::rules::find("SCH001").unwrap();
    let one = |it: &str| (it.to_owned(), it.to_owned());
    assert_eq!(told(rule, at("hunter2"), "`hunter2` is no hunter2x"), one("`(hidden)` is no (hidden)x"));
    assert_eq!(told(rule, at("hunter2"), "`hunt…` and `unter`"), one("`(hidden)` and `(hidden)`"));
    assert_eq!(
        told(rule, at("42"), "this is the number 42, not 420"),
        one("this is the number (hidden), not 420")
    );
    assert_eq!(told(rule, at("is}"), "this is `is`"), one("this is `(hidden)`"));
    assert_eq!(told(rule, at("kind"), "42 of `hunter2`"), one("42 of `(hidden)`"));
    let policy = &crate::rules::pol::violation::RULE;
    assert_eq!(told(policy, at("hunter2"), "hunter2"), ("hunter2".to_owned(), "(hidden)".to_owned()));
}
