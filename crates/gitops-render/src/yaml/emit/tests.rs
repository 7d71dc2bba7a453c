//! What kustomize printed for the same values.

use super::*;
use crate::source::FileId;
use crate::yaml::{Dialect, embedded::Offsets, parse_text};

fn emitted(source: &str) -> String {
    let yaml = parse_text(FileId(0), source, &Offsets::shifted(0), Dialect::Resource);
    assert!(yaml.diagnostics.is_empty(), "{:?}", yaml.diagnostics);
    let mut out = String::new();
    emit_document(&yaml.documents[0], &mut out).unwrap();
    out
}

#[test]
fn collections_are_indented_as_kustomize_indents_them() {
    let source = "b: {c: [1, [2, 3], {d: e, a: []}], f: {}}\na: ~\n";
    let expected = "\
a: null
b:
  c:
  - 1
  - - 2
    - 3
  - a: []
    d: e
  f: {}
";
    assert_eq!(emitted(source), expected);
}

#[test]
fn a_long_key_stands_on_a_line_of_its_own() {
    let key = "k".repeat(129);
    assert_eq!(emitted(&format!("? {key}\n: [1]\n")), format!("? {key}\n: - 1\n"));
    assert_eq!(emitted("\"a\\nb\": {c: 1}\n"), "? |-\n  a\n  b\n: c: 1\n");
}

#[test]
fn long_text_is_folded_at_the_first_space_behind_column_80() {
    let source = format!("a: {{b: \"{}x  y\"}}\n", "word ".repeat(18));
    let expected = "\
a:
  b: word word word word word word word word word word word word word word word word
    word word x  y
";
    assert_eq!(emitted(&source), expected);
}

#[test]
fn literals_keep_their_newlines() {
    assert_eq!(emitted("a: \"x\\ny\""), "a: |-\n  x\n  y\n");
    assert_eq!(emitted("a: \"x\\ny\\n\""), "a: |\n  x\n  y\n");
    assert_eq!(emitted("a: \"x\\n\\n\"\nb: 1"), "a: |+\n  x\n\nb: 1\n");
    assert_eq!(emitted("a: \"\\n\""), "a: |2+\n\n");
    assert_eq!(emitted("a: \" x\\n\\n  y\""), "a: |2-\n   x\n\n    y\n");
}

#[test]
fn what_kustomize_cannot_print_is_refused() {
    for source in [".inf", ".nan", "\"\\x7f\"", "\"\\ufffe\""] {
        let yaml = parse_text(FileId(0), source, &Offsets::shifted(0), Dialect::Resource);
        assert!(emit_document(&yaml.documents[0], &mut String::new()).is_err(), "{source}");
    }
}
