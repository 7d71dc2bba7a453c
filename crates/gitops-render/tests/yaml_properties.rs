//! What holds for any text: reading never panics, spans are exact, printing loses nothing.
//!
//! With `GITOPS_LINT_CORPUS` set to a directory, every YAML file below it is tried too.

#[path = "differential/corpus.rs"]
mod corpus;
#[path = "differential/generate.rs"]
mod generate;

use std::path::Path;

use gitops_render::origin::Step;
use gitops_render::source::{FileId, Span};
use gitops_render::yaml::embedded::Offsets;
use gitops_render::yaml::{self, Dialect, Yaml};
use gitops_render::{Node, Value};
use proptest::prelude::*;

fn parse(text: &str) -> Yaml {
    yaml::parse_bytes(FileId::default(), text.as_bytes(), Dialect::Resource)
}

fn at(text: &str, span: Span) -> &str {
    let bytes = span.start as usize..span.end as usize;
    text.get(bytes).unwrap_or_else(|| panic!("{span:?} cuts a character or lies outside"))
}

/// Whether a value stands somewhere else than in its parent.
fn is_elsewhere(node: &Node) -> bool {
    node.origin.steps().any(|it| matches!(it.step, Step::Alias | Step::MergeKey))
}

fn check_spans(text: &str, node: &Node) {
    let span = node.origin.span;
    let written = at(text, span);
    let check_child = |child: &Node, after: u32| {
        let inner = child.origin.span;
        if !is_elsewhere(child) {
            let ordered = after <= inner.start && span.start <= inner.start && inner.end <= span.end;
            assert!(ordered, "{:?} does not lie in {written:?}", at(text, inner));
        }
        check_spans(text, child);
    };
    match &node.value {
        Value::Map(map) => {
            for entry in map.entries() {
                let key = at(text, entry.key_span);
                assert!(
                    key.starts_with(['"', '\'', '*', '|', '>']) || same(key, &entry.key),
                    "{key:?} is no key"
                );
                let after = if is_elsewhere(&entry.node) { 0 } else { entry.key_span.end };
                check_child(&entry.node, after);
            }
        }
        Value::Seq(items) => items.iter().for_each(|it| check_child(it, 0)),
        Value::Scalar(scalar) => {
            let is_plain = !written.starts_with(['"', '\'', '|', '>']);
            assert!(!is_plain || same(written, &scalar.text), "{written:?} is not {:?}", scalar.text);
            assert!(is_plain || written.len() == 1 || !written.ends_with('\n'), "{written:?} ends too late");
        }
    }
}

/// Whether a plain scalar, which may be folded, says `text`.
fn same(written: &str, text: &str) -> bool {
    let breaks = ['\n', '\r', ' ', '\t', '\u{85}', '\u{2028}', '\u{2029}'];
    let words =
        |text: &str| text.split(breaks).filter(|it| !it.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    words(written) == words(text)
}

/// Reads a text and checks all that can be checked.
fn check(text: &str) {
    let parsed = parse(text);
    assert_eq!(parsed.is_broken, !parsed.diagnostics.is_empty());
    for found in &parsed.diagnostics {
        found.labels.iter().for_each(|it| assert!(at(text, it.span).len() <= text.len()));
    }
    for comment in &parsed.comments {
        let written = at(text, *comment);
        assert!(written.starts_with('#') && !written.contains('\n'), "{written:?} is no comment");
    }
    for node in &parsed.documents {
        // Base 64 is the one thing that stands in the text as something else.
        if !text.contains("!!binary") && !text.contains(":binary") {
            check_spans(text, node);
        }
        check_round_trip(node);
    }
}

fn check_round_trip(node: &Node) {
    let mut printed = String::new();
    if yaml::emit_document(node, &mut printed).is_err() {
        return;
    }
    let again = parse(&printed);
    assert!(again.diagnostics.is_empty(), "{printed}\n{:?}", again.diagnostics);
    let value = again.documents.first().map_or(serde_json::Value::Null, yaml::to_value);
    assert_eq!(value, yaml::to_value(node), "{printed}");
    // No panic here either.
    yaml::to_json_go(node);
}

/// Takes the strings of a document for embedded texts: each of their characters must be found.
fn check_embedded(text: &str, node: &Node) {
    match &node.value {
        Value::Map(map) => map.entries().iter().for_each(|it| check_embedded(text, &it.node)),
        Value::Seq(items) => items.iter().for_each(|it| check_embedded(text, it)),
        Value::Scalar(scalar) => {
            let span = node.origin.span;
            let offsets = Offsets::of_scalar(&scalar.text, at(text, span), span.start);
            let breaks = [' ', '\t', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
            for (index, it) in scalar.text.char_indices().filter(|(_, it)| !breaks.contains(it)) {
                let place = offsets.span(span.file, index, index + it.len_utf8());
                let written = text.get(place.start as usize..).unwrap_or_default();
                assert!(written.starts_with([it, '\\']), "{it:?} is not at {written:?}");
            }
        }
    }
}

/// Text that is made of what YAML is made of.
fn yamlish() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        ": ",
        ":",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "#",
        " # c",
        "&a ",
        "*a",
        "!!str ",
        "!t ",
        "<<: ",
        "---\n",
        "\n--- ",
        "\n...\n",
        "%YAML 1.1\n",
        "\t",
        "\r\n",
        "\u{feff}",
        "é",
        "😀",
        "\u{85}",
        "\u{2028}",
        "\\",
        "\\x41",
        "1",
        "~",
        "2001-1-1",
        "0x1F",
        ".inf",
        " ",
        "@",
        "`",
        "\0",
        "\u{7f}",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|it| it.concat())
}

/// A change of a few characters of a valid text.
fn mutated() -> impl Strategy<Value = String> {
    let specs: Vec<&str> = corpus::CORPUS.iter().map(|(spec, _)| *spec).collect();
    let text = proptest::collection::vec(proptest::sample::select(specs), 1..4)
        .prop_map(|it| it.iter().map(|it| format!("---\nspec:\n{it}\n")).collect::<String>());
    let change = (
        any::<prop::sample::Index>(),
        0..3_usize,
        proptest::sample::select(vec!["", " ", "\n", ":", "#", "\"", "]", "&a ", "*a", "<<: ", "-"]),
    );
    (text, proptest::collection::vec(change, 1..4)).prop_map(|(text, changes)| {
        let mut chars: Vec<char> = text.chars().collect();
        for (place, removed, added) in changes {
            let start = place.index(chars.len() + 1);
            let end = (start + removed).min(chars.len());
            chars.splice(start..end, added.chars());
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn what_looks_like_yaml_is_read(text in yamlish()) {
        check(&text);
    }

    #[test]
    fn mutated_yaml_is_read(text in mutated()) {
        check(&text);
    }

    #[test]
    fn trees_come_back(text in generate::tree()) {
        check(&text);
    }

    #[test]
    fn strings_come_back(text in generate::list_of(generate::double_quoted())) {
        check(&text);
    }

    #[test]
    fn block_scalars_are_found(text in generate::map_of(generate::block())) {
        check(&text);
    }

    #[test]
    fn places_in_embedded_text_are_found(
        blocks in generate::map_of(generate::block()),
        strings in generate::list_of(generate::double_quoted()),
    ) {
        for text in [blocks, strings] {
            parse(&text).documents.iter().for_each(|it| check_embedded(&text, it));
        }
    }

    /// Where the rules of YAML 1.1 and kustomize's agree, so do we and another reader.
    #[test]
    fn another_reader_agrees(text in generate::neutral()) {
        let theirs: serde_json::Value = serde_yaml::from_str(&text).expect("the text is valid");
        let ours = parse(&text);
        prop_assert_eq!(ours.documents.first().map_or(serde_json::Value::Null, yaml::to_value), theirs);
    }
}

#[test]
fn the_files_of_a_corpus_are_read() {
    let Some(root) = std::env::var_os("GITOPS_LINT_CORPUS") else {
        eprintln!("skipped: GITOPS_LINT_CORPUS names no directory");
        return;
    };
    let (mut files, mut documents, mut broken) = (0, 0, 0);
    visit(Path::new(&root), &mut |path| {
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let parsed = parse(&text);
        (files, documents, broken) =
            (files + 1, documents + parsed.documents.len(), broken + usize::from(parsed.is_broken));
        let checked = std::panic::catch_unwind(|| check(text.strip_prefix('\u{feff}').unwrap_or(&text)));
        assert!(checked.is_ok(), "in {}", path.display());
    });
    eprintln!("{files} files with {documents} documents, {broken} of them broken");
}

fn visit(path: &Path, see: &mut impl FnMut(&Path)) {
    if path.is_dir() {
        let mut entries: Vec<_> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|it| it.path()).collect();
        entries.sort();
        entries.iter().for_each(|it| visit(it, see));
    } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
        see(path);
    }
}
