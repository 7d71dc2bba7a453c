//! Reading: spans, recovery, limits, comments, and the words for errors.

use std::time::{Duration, Instant};

use super::embedded::Offsets;
use super::*;
use crate::node::{Node, Value};
use crate::source::{FileId, Span};

fn parse(text: &str) -> Yaml {
    parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource)
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// The text of every key and value, in order.
fn texts<'t>(text: &'t str, node: &Node, out: &mut Vec<&'t str>) {
    out.push(at(text, node.origin.span));
    match &node.value {
        Value::Map(map) => {
            for entry in map.entries() {
                out.push(at(text, entry.key_span));
                texts(text, &entry.node, out);
            }
        }
        Value::Seq(items) => items.iter().for_each(|it| texts(text, it, out)),
        Value::Scalar(_) => {}
    }
}

#[track_caller]
fn spans(text: &str, expected: &[&str]) {
    let yaml = parse(text);
    assert!(yaml.diagnostics.is_empty(), "{:?}", yaml.diagnostics);
    let mut found = vec![];
    yaml.documents.iter().for_each(|it| texts(text, it, &mut found));
    assert_eq!(found, expected, "{text}");
}

#[test]
fn spans_hold_what_is_written_and_no_more() {
    spans("a: 'b' # c\nd: \"e\\n\"\n\n", &["a: 'b' # c\nd: \"e\\n\"", "a", "'b'", "d", "\"e\\n\""]);
    spans("- a\n- - b\n  - c\n\n# end\n", &["- a\n- - b\n  - c", "a", "- b\n  - c", "b", "c"]);
    spans(
        "a: |\n  x\n\n  y  \n\n\nb: 1\n",
        &["a: |\n  x\n\n  y  \n\n\nb: 1", "a", "|\n  x\n\n  y  ", "b", "1"],
    );
    spans("a: >- # c\r\n  x\r\n\r\n", &["a: >- # c\r\n  x", "a", ">- # c\r\n  x"]);
    spans("a:\nb: \n", &["a:\nb:", "a", "", "b", ""]);
    spans("a: {b: , c}\n", &["a: {b: , c}", "a", "{b: , c}", "b", "", "c", ""]);
    spans("a: &x !!str  b\nc: *x\n", &["a: &x !!str  b\nc: *x", "a", "b", "c", "b"]);
    spans(
        "a: &x\n  # no\n  b: 1\nc: !!map {d: e}\n",
        &["a: &x\n  # no\n  b: 1\nc: !!map {d: e}", "a", "b: 1", "b", "1", "c", "{d: e}", "d", "e"],
    );
    spans("a: plain\n  folds\n  on # c\n", &["a: plain\n  folds\n  on", "a", "plain\n  folds\n  on"]);
    spans("\u{feff}ä: ö", &["ä: ö", "ä", "ö"]);
    spans("? a\n: b\n", &["? a\n: b", "a", "b"]);
    spans("{\n a: [1,\n 2]\n}\n", &["{\n a: [1,\n 2]\n}", "a", "[1,\n 2]", "1", "2"]);
}

#[test]
fn an_empty_value_lies_right_behind_its_colon() {
    let yaml = parse("a:   # comment\n\nb: 1\n");
    let span = yaml.documents[0].get("a").unwrap().origin.span;
    assert_eq!((span.start, span.end), (2, 2));
}

#[test]
fn reading_goes_on_at_the_next_document() {
    for text in [
        "a: [\n---\nb: 1\n",
        "a: [\r\n---\r\nb: 1\r\n",
        "a: 'open\n---\nb: 1\n",
        "---\na: b: c\n---\nb: 1\n",
        "ok: 1\n---\na: *x\n---\nb: 1\n",
        "%YAML 1.1\n---\na: @\n...\n---\nb: 1\n",
        "a: b\n c\nd\n--- # c\nb: 1\n",
        "a: \u{1}\n---\nb: 1\n",
    ] {
        let yaml = parse(text);
        assert_eq!(yaml.diagnostics.len(), 1, "{text:?}: {:?}", yaml.diagnostics);
        assert!(yaml.is_broken);
        assert!(yaml.documents.last().is_some_and(|it| it.get("b").is_some()), "{text:?}");
    }
}

/// The message for a text, and the text that it points to.
#[track_caller]
fn finding(text: &str, place: &str, message: &str) {
    let yaml = parse(text);
    let found: Vec<_> =
        yaml.diagnostics.iter().map(|it| (at(text, it.span()), it.message.as_str())).collect();
    assert_eq!(found, [(place, message)], "{text}");
}

#[test]
fn one_cause_makes_one_finding_in_plain_words() {
    finding("a:\n\tb: 1\n", "\t", "a tab cannot indent YAML");
    finding("a: 'b\nc: d\n", "'", "this quote is never closed");
    finding("a: \"b\n---\nc: d\n", "\"", "this quote is never closed");
    finding("a:\n- \"b\nc: \"d\"\n", "\"", "this quote is not closed on its line");
    finding("a: [b\nc: d\n", "[", "this `[` is never closed");
    finding("a: [b c: d: e]\n", ":", "a `,` or `]` is missing here");
    finding("a: [b, c\n", "[", "this `[` is never closed");
    finding("a: {b: c", "{", "this `{` is never closed");
    finding("a: 1\nb\nc: 2\n", "b", "a key without a `:` behind it");
    finding("a: b: c\n", ":", "a `:` cannot stand here");
    finding("a:\n  b: 1\n c: 2\n", "c: 2", "this does not fit into the mapping around it");
    finding("- a\nb: 1\n", "b: 1", "this does not fit into the list around it");
    finding("a: - b\n", "-", "a list cannot begin here");
    finding("a: @b\n", "@", "no value can begin with `@`");
    finding("a: *\n", "*", "`*` begins an alias, and no name follows");
    finding("a: \"\\d\"\n", "\\d", "kustomize does not know this escape");
    finding("a: \"x\\/y\"\n", "\\/", "kustomize does not know this escape");
    finding("a: \"\\ud83d\\ude00\"\n", "\\ud83d", "this escape stands for no character");
    finding("a: \"\\\\/\"\nb: *c\n", "*c", "there is no anchor `&c` before this alias");
    finding("a: \u{7f}\n", "\u{7f}", "the control character U+007F is not allowed in YAML");
    finding("a: | b\n", "b", "text on the line that opens a block");
    finding("? [a]\n: 1\nb: c\n", "[a]", "a list or a mapping cannot be a key");
    finding("a: {{ b }}\n", "{ b }", "a list or a mapping cannot be a key");
    finding("a: &x [*x]\n", "*x", "the alias stands inside of what `&x` names");
    finding("a: !!int b\n", "b", "this is no value for the tag `!!int`");
    finding("a: 1\n\"a\": 2\n", "\"a\"", "the key `a` is here a second time");
    finding("<<: {a: 1}\n<<: {b: 1}\n", "<<", "the key `<<` is here a second time");
    finding("a: {<<: 1}\n", "<<", "`<<` merges mappings only");
    finding(
        "%YAML 1.2\n---\na: 1\n",
        "%YAML 1.2\n---",
        "kustomize refuses documents that say they are YAML 1.2",
    );
}

#[test]
fn bytes_that_are_no_text_are_one_finding() {
    for bytes in [&b"\xff\xfea\0:\0"[..], b"\xfe\xff\0a", b"a: \xff\n---\nb: 1"] {
        assert_eq!(parse_bytes(FileId(0), bytes, Dialect::Resource).diagnostics.len(), 1, "{bytes:?}");
    }
}

#[test]
fn hostile_input_ends_quickly_with_one_finding() {
    let many_keys: String = (0..50_000).map(|it| format!("k{it}: v\n")).collect();
    let bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(b'b'..=b'j').map(|it| (it as char, (it - 1) as char)).fold(String::new(), |out, (name, last)| {
            out + &format!("{name}: &{name} [{}]\n", vec![format!("*{last}"); 10].join(", "))
        });
    let merges = format!("a: &a\n{}", (0..2000).map(|it| format!("  k{it}: v\n")).collect::<String>())
        + &(0..1000).map(|it| format!("m{it}: {{<<: *a}}\n")).collect::<String>();
    for (name, text, findings) in [
        ("brackets", "[".repeat(10_000), 1),
        ("closed brackets", "[".repeat(10_000) + &"]".repeat(10_000), 1),
        ("braces", "{".repeat(10_000), 1),
        ("keys in flow", "{a: ".repeat(10_000), 1),
        ("dashes", "- ".repeat(10_000), 1),
        ("question marks", "? ".repeat(10_000), 1),
        ("aliases that multiply", bomb, 1),
        ("merges that multiply", merges, 1),
        ("many keys", many_keys, 0),
        ("many duplicates", "a: 1\n".repeat(20_000), 1000),
        ("many broken documents", "a: [\n---\n".repeat(20_000), 100),
    ] {
        let started = Instant::now();
        let found = parse(&text).diagnostics;
        assert_eq!(found.len(), findings, "{name}: {:?}", found.first());
        assert!(started.elapsed() < Duration::from_secs(20), "{name} took {:?}", started.elapsed());
    }
}

#[test]
fn comments_are_found_wherever_they_are() {
    let text = "# a\n--- # b\nk: v # c\nq: 'x # no' #d\nb: | # e\n  # no\n  x\n# f\ns: !t x#no\n- # no yaml";
    let text =
        text.replace("\n- # no yaml", "\nl: [ # g\n 1, # h\r\n 2] # i\nm: &a # j\n  n: 1\n... # k\n# l");
    let yaml = parse(&text);
    assert!(yaml.diagnostics.is_empty(), "{:?}", yaml.diagnostics);
    let found: Vec<&str> = yaml.comments.iter().map(|it| at(&text, *it)).collect();
    assert_eq!(found, ["# a", "# b", "# c", "#d", "# e", "# f", "# g", "# h", "# i", "# j", "# k", "# l"]);
}

#[test]
fn merged_entries_know_who_merged_them() {
    let yaml = parse("a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}\n");
    let merged = yaml.documents[0].get("b").unwrap();
    let x = merged.get("x").unwrap();
    assert_eq!(x.origin.trail.as_ref().unwrap().step, crate::origin::Step::MergeKey);
    assert_eq!(merged.get("y").unwrap().origin.span.start, 26);
    assert!(merged.get("<<").is_none());
}

#[test]
fn a_span_in_embedded_yaml_points_into_its_file() {
    let outer = "patch: |-\n  a:\n    b: c\n";
    let scalar = parse(outer).documents[0].get("patch").unwrap().clone();
    let span = scalar.origin.span;
    let offsets = Offsets::of_scalar(scalar.as_str().unwrap(), at(outer, span), span.start);
    let inner = parse_text(FileId(0), scalar.as_str().unwrap(), &offsets, Dialect::Resource);
    let value = inner.documents[0].path(&["a", "b"]).unwrap();
    assert_eq!(at(outer, value.origin.span), "c");
}
