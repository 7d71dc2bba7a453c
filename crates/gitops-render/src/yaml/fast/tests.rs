//! Whatever is read here is what libyaml reads.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::node::{Node, Value};
use crate::source::FileId;
use crate::yaml::build::Input;
use crate::yaml::embedded::Offsets;
use crate::yaml::parse::{Dialect, Yaml, parse_input};

fn input<'a>(text: &'a str, offsets: &'a Offsets, is_simple: bool) -> Input<'a> {
    Input { file: FileId(0), text, offsets, dialect: Dialect::Resource, is_simple }
}

/// Where two values differ, in what they are or in where they come from.
fn difference(a: &Node, b: &Node) -> Option<String> {
    let here = || Some(format!("{a:?}\n{b:?}"));
    if a.origin.span != b.origin.span || format!("{:?}", a.origin.trail) != format!("{:?}", b.origin.trail) {
        return here();
    }
    match (&a.value, &b.value) {
        (Value::Scalar(a), Value::Scalar(b)) if a == b => None,
        (Value::Seq(a), Value::Seq(b)) if a.len() == b.len() => {
            a.iter().zip(b.iter()).find_map(|(a, b)| difference(a, b))
        }
        (Value::Map(a), Value::Map(b)) if a.len() == b.len() => {
            a.entries().iter().zip(b.entries()).find_map(|(a, b)| {
                let is_same = (&a.key, a.key_span, a.key_kind) == (&b.key, b.key_span, b.key_kind);
                if is_same { difference(&a.node, &b.node) } else { Some(format!("{a:?}\n{b:?}")) }
            })
        }
        _ => here(),
    }
}

/// Where a text is read differently by libyaml alone.
fn differs(text: &str) -> Option<String> {
    let offsets = Offsets::shifted(0);
    let fast = parse_input(input(text, &offsets, can_read(text)));
    let slow = parse_input(input(text, &offsets, false));
    let errors = |it: &Yaml| {
        let found = it.diagnostics.iter();
        let found: Vec<_> = found.map(|it| (it.rule.code, &it.message, &it.labels, &it.help)).collect();
        format!("{} {found:?}", it.is_broken)
    };
    let rest = |it: &Yaml| format!("{} {:?} {:?}", it.documents.len(), it.comments, it.shared);
    if errors(&fast) != errors(&slow) {
        return Some(format!("{}\n{}", errors(&fast), errors(&slow)));
    }
    // Over a whole stream libyaml may see an error ahead before it tells of the end of a document.
    if slow.is_broken {
        return (fast.documents.len() < slow.documents.len()).then(|| rest(&slow));
    }
    if rest(&fast) != rest(&slow) {
        return Some(format!("{}\n{}", rest(&fast), rest(&slow)));
    }
    fast.documents.iter().zip(&slow.documents).find_map(|(a, b)| difference(a, b))
}

/// How many bytes of a text are left to libyaml.
fn left(text: &str) -> usize {
    let offsets = Offsets::shifted(0);
    let mut builder = Builder::new(input(text, &offsets, true));
    let (mut at, mut left) = (0, 0);
    while can_read(text) && at < text.len() {
        at = document(&mut builder, at).unwrap_or_else(|Unsure| {
            let end = crate::yaml::parse::document_end(text, at);
            left += end - at;
            end
        });
        builder.abandon();
    }
    if can_read(text) { left } else { text.len() }
}

#[track_caller]
fn is_read_here(text: &str) {
    assert_eq!(differs(text), None, "{text:?}");
    assert_eq!(left(text), 0, "{text:?}");
}

#[test]
fn what_manifests_are_made_of_is_read_here() {
    let cases = [
        "a: b\n",
        "a: b",
        "\n# c\n\na: b # d\n  # e\nf : g\n",
        "---\na: 1\n--- # two\n# c\n---\n- b\n---\n",
        "  a: b\n  c: d\n",
        "a:\nb:\n  c:\n# d\n  e:  # f\n    - g\n  h:\n  - i\n  -\n  - j: k\n    l: m\n  - - n\n    - o\n   # p\nq: r\n",
        "-\n  a: b\n-   c: d\n    e: f\n- # g\n  h\n",
        "a: one two\n  three # four\nb: five\n\n  six\n\n\n   - seven\n   \"eight\nc:\n  nine\n ten\nd: :8081\ne: -1\nf: a#b:c\n",
        "\"a\": \'b\'\n\'c d\' : \"e\" # f\ng: \'it\'\'s\'\nh: \"\\\"\\\\\\n\\t\"\n",
        "a: \"one  \n  two\n\n\n  three \\\n   \\ four\\\n\n  five\n  \"\nb: \'\n\n x\'\n",
        "a: |\n  b\n   c\n\n\td\n".trim_end_matches("\td\n"),
        "a: |-\n  b\n\n\n  \tc  \n\n# d\ne: |+ # f\n\n  g\n\nh: |2-\n    i\nj:\n- |\n k\n- >-\n  l\n  m\n\n  n\n   o\n  p\n",
        "a: >\n\n\n  b\n c: d\n".trim_end_matches(" c: d\n"),
        "a: |\n\n   \nb: >+\n\n\n",
        "a: [b, \"c\", \'d\', [], {}, 1.5, a b-c]\ne: {f: g, \"h\":i, j: [k,], }\nl: [\n  m, # n\n].\n"
            .trim_end_matches(".\n"),
        "\u{e4}: \u{1f600} \u{20ac}\n",
    ];
    cases.iter().for_each(|it| is_read_here(it));
}

#[test]
fn what_is_rare_or_wrong_is_left_to_libyaml() {
    let cases = [
        "text\n",
        "a: &b c\n",
        "a: *b\n",
        "a: !!str b\n",
        "? a\n: b\n",
        "%YAML 1.1\n---\na: b\n",
        "a: b\n...\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: \u{85}\n",
        "--- a: b\n",
        "a: b: c\n",
        "a: b\n c: d\n",
        "a:\n  b: c\n d: e\n",
        "a: \"b\n",
        "a: [b\n",
        "a: {b}\n",
        "a: [b: c]\n",
        "- a\nb: c\n",
        "a: b\n- c\n",
        "a: \"b\" c\n",
        "a: @b\n",
        "a: |\n b\n  c\n d: e\nf\n",
        "a: \"\\x41\"\n",
        "a: \"b\n---\nc\"\n",
        "{{ if a }}\n",
    ];
    for text in cases {
        assert_eq!(differs(text), None, "{text:?}");
        assert!(left(text) > 0, "{text:?}");
    }
}

#[test]
fn documents_around_one_that_is_left_are_read_here() {
    let text = "a: 1\n---\nb: &c 1\n---\nd: 1\n---\ne: *c\n---\nf: 1\n";
    assert_eq!(differs(text), None);
    assert_eq!(left(text), "---\nb: &c 1\n---\ne: *c\n".len());
}

/// The YAML files in a folder, at any depth.
fn texts(folder: PathBuf) -> Vec<String> {
    let (mut folders, mut texts) = (vec![folder], vec![]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let is_yaml = path.extension().is_some_and(|it| it == "yaml" || it == "yml");
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(path),
                false if is_yaml => texts.extend(fs::read_to_string(path)),
                false => {}
            }
        }
    }
    texts
}

fn fixtures() -> Vec<String> {
    texts(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata"))
}

#[test]
fn a_corpus_is_read_alike() {
    let Some(corpus) = env::var_os("GITOPS_LINT_CORPUS") else {
        eprintln!("skipped: GITOPS_LINT_CORPUS names no directory");
        return;
    };
    for text in texts(corpus.into()) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        assert_eq!(differs(text), None, "{text}");
    }
}

#[test]
fn fixtures_are_read_alike_and_mostly_here() {
    let texts = fixtures();
    texts.iter().for_each(|it| assert_eq!(differs(it), None, "{it}"));
    let (all, rest) = texts.iter().fold((0, 0), |(all, rest), it| (all + it.len(), rest + left(it)));
    // Some of them are broken on purpose.
    assert!(texts.len() > 500 && rest * 5 < all, "{rest} of {all} bytes in {} files", texts.len());
}

/// What lines are made of.
const PARTS: &[&str] = &[
    "a",
    "b",
    "key",
    "a: b",
    "a:",
    "b:",
    "c: d",
    "- ",
    "- a",
    "- a: b",
    "-",
    "\"q\"",
    "\'s\'",
    "\"q\": x",
    "\'s\' : y",
    "\"",
    "\'",
    "|",
    ">",
    "a: |",
    "b: >-",
    "c: |+",
    "- |",
    "- >2",
    "a: |1",
    "[]",
    "{}",
    "[a, b]",
    "a: [",
    "]",
    "{a: b}",
    "a: {",
    "}",
    ", ",
    ": ",
    ":",
    " #",
    "# c",
    "#",
    "&x",
    "*x",
    "a: &x",
    "!!str",
    "? ",
    "---",
    "--- ",
    "...",
    "%YAML 1.1",
    "\\n",
    "\\",
    "\t",
    " ",
    "  ",
    "<<",
    "<<: ",
    "1",
    "null",
    "~",
    "x y",
    "it\'\'s",
    "\u{e4}",
    "\r",
    "@",
    "{{ x }}",
    ":8080",
    "-1",
    "http://x",
    "a: \"b",
    "c\"",
    "d: \'e",
    "f\'",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn whatever_is_written_is_read_alike(lines in prop::collection::vec((0_usize..5, prop::collection::vec(select(PARTS), 0..4)), 0..12)) {
        let mut text = String::new();
        for (indent, parts) in lines {
            text.push_str(&" ".repeat(indent));
            text.extend(parts);
            text.push('\n');
        }
        prop_assert_eq!(differs(&text), None, "{:?}", text);
    }

    #[test]
    fn edited_fixtures_are_read_alike(text in select(fixtures()), edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, select(PARTS)), 1..4)) {
        let mut text = text;
        for (at, dropped, part) in edits {
            let places: Vec<usize> = text.char_indices().map(|it| it.0).collect();
            let Some(&start) = places.get(at.index(places.len().max(1))) else { continue };
            let end = text[start..].char_indices().nth(dropped).map_or(text.len(), |it| start + it.0);
            text.replace_range(start..end, part);
        }
        prop_assert_eq!(differs(&text), None, "{}", text);
    }
}

/// More of them for those who wait.
fn cases() -> u32 {
    env::var("PROPTEST_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(3000)
}
