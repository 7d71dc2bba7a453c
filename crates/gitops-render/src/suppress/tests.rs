//! What comments say, and which lines they mean.

use std::sync::Arc;

use super::*;
use crate::source::{MemoryTree, RepoPath};
use crate::sources::Sources;

/// Calls `look` with the suppressions of a file.
fn in_file<T>(name: &str, text: &str, look: impl FnOnce(&Arc<SourceFile>, Suppressions) -> T) -> T {
    let mut tree = MemoryTree::new();
    tree.insert(name, text);
    let sources = Sources::new(&tree);
    let file = sources.open(&RepoPath::root().join(name).unwrap()).unwrap();
    let found = Suppressions::of_file(&file);
    look(&file, found)
}

fn text_of(file: &SourceFile, span: Span) -> String {
    String::from_utf8_lossy(&file.bytes()[span.start as usize..span.end as usize]).into_owned()
}

/// A line for each suppression: lines, rules, day and reason.
fn told(name: &str, text: &str) -> Vec<String> {
    in_file(name, text, |_, found| {
        let tell = |it: &Suppression| {
            let lines =
                it.lines.as_ref().map_or("file".to_owned(), |it| format!("{}-{}", it.start, it.end - 1));
            let rules: Vec<&str> = it.rules.iter().map(Named::as_str).collect();
            let until = it.until.map_or(String::new(), |it| format!(" until {it}"));
            format!("{lines} {}{until} {}", rules.join("+"), it.reason.as_deref().unwrap_or("-"))
        };
        found.list.iter().map(tell).collect()
    })
}

#[test]
fn a_comment_names_rules_and_gives_a_day_and_a_reason() {
    for (comment, expected) in [
        ("# gitops-lint: ignore[SCH001]", "1-1 SCH001 -"),
        ("#gitops-lint:ignore[sch001,KUS004] why", "1-1 SCH001+KUS004 why"),
        (
            "# gitops-lint: ignore[patch-target-missing, KUS] : the why, it is",
            "1-1 KUS004+KUS the why, it is",
        ),
        ("# gitops-lint: ignore[ SCH001 , ] - see issue #12", "1-1 SCH001 see issue #12"),
        ("# gitops-lint: ignore[SCH001] until 2027-01-31", "1-1 SCH001 until 2027-01-31 -"),
        ("# gitops-lint: ignore[SCH001] until 2027-01-31: ü", "1-1 SCH001 until 2027-01-31 ü"),
        ("# gitops-lint: ignore[SCH001] until 3.2 is out", "1-1 SCH001 until 3.2 is out"),
        ("# gitops-lint: ignore[SCH001] until then", "1-1 SCH001 until then"),
        ("# gitops-lint: ignore-file[SCH001] old", "file SCH001 old"),
        ("# gitops-lint: ignore-file[SUP001]", "file SUP001 -"),
        ("# as ever # gitops-lint: ignore[SCH001] why # and more", "1-1 SCH001 why"),
    ] {
        assert_eq!(told("a.yaml", &format!("a: 1 {comment}\n")), [expected], "{comment}");
    }
    let two = "a: 1 # gitops-lint: ignore[SCH001] a # gitops-lint: ignore[KUS] b\n";
    assert_eq!(told("a.yaml", two), ["1-1 SCH001 a", "1-1 KUS b"]);
}

#[test]
fn what_is_not_understood_is_reported_at_its_place() {
    for (comment, at, message) in [
        ("# gitops-lint: ignore", "ignore", "`ignore` names no rule"),
        ("# gitops-lint: ignore SCH001", "ignore", "`ignore` names no rule"),
        ("# gitops-lint: ignore[]", "ignore[]", "`ignore` names no rule"),
        ("# gitops-lint: ignore[SCH001", "[SCH001", "the `[` is never closed"),
        (
            "# gitops-lint ignore[SCH001]",
            "# gitops-lint ignore[SCH001]",
            "a `:` is missing behind `gitops-lint`",
        ),
        (
            "# gitops-lint: skip[SCH001]",
            "skip",
            "there is no `skip` in comments: only `ignore` and `ignore-file`",
        ),
        ("# gitops-lint:", "# gitops-lint:", "there is no `` in comments: only `ignore` and `ignore-file`"),
        ("# gitops-lint: ignore[SCH901]", "SCH901", "there is no rule `SCH901`"),
        ("# gitops-lint: ignore[ALL]", "ALL", "not all rules can be silenced at once"),
        (
            "# gitops-lint: ignore[SUP001]",
            "SUP001",
            "`SUP001` is about suppressions, and is silenced for a file only",
        ),
        ("# gitops-lint: ignore[SCH001] until 2027-02-30", "2027-02-30", "there is no day `2027-02-30`"),
    ] {
        in_file("a.yaml", &format!("a: 1 {comment}\n"), |file, found| {
            let mistakes: Vec<_> =
                found.mistakes.iter().map(|it| (text_of(file, it.span()), &*it.message)).collect();
            assert_eq!(mistakes, [(at.to_owned(), message)], "{comment}");
            assert!(found.list.is_empty(), "{comment}");
        });
    }
    in_file("a.yaml", "a: 1 # gitops-lint: ignore[SCH01x, KUS004]\n", |_, found| {
        assert_eq!((found.mistakes.len(), found.list.len()), (1, 1));
    });
}

#[test]
fn what_is_not_meant_for_us_is_left_alone() {
    for text in [
        "# we check this with gitops-lint\na: 1\n",
        "# gitops-lint ignores such fields\na: 1\n",
        "a: '# gitops-lint: ignore[SCH001]'\n",
        "a: |\n  # gitops-lint: ignore[SCH001]\n",
        "a: x# gitops-lint: ignore[SCH001]\n",
    ] {
        in_file("a.yaml", text, |_, found| {
            assert!(found.list.is_empty() && found.mistakes.is_empty(), "{text:?}: {found:?}");
        });
    }
}

#[test]
fn a_comment_on_its_own_line_is_about_the_next_line_that_says_something() {
    for (text, expected) in [
        ("# gitops-lint: ignore[KUS]\na: 1\n", "1-2 KUS -"),
        ("a: 1\n# gitops-lint: ignore[KUS]\n\n# more\n  b: 1\n", "2-5 KUS -"),
        ("# gitops-lint: ignore[KUS]\r\n---\r\n\r\na: 1\r\n", "1-4 KUS -"),
        ("\u{feff}# gitops-lint: ignore[KUS]\na: 1\n", "1-2 KUS -"),
        ("a:\n-\n  # gitops-lint: ignore[KUS]\n  b: 1\n", "3-4 KUS -"),
        ("a:\n- # gitops-lint: ignore[KUS]\n  b: 1\n", "2-3 KUS -"),
        ("a:\n# gitops-lint: ignore[KUS]\n-\n  b: 1\n", "2-4 KUS -"),
        ("a: [\n  # gitops-lint: ignore[KUS]\n  b]\n", "2-3 KUS -"),
        ("a: [ # gitops-lint: ignore[KUS]\n  b]\n", "1-1 KUS -"),
        ("a: | # gitops-lint: ignore[KUS]\n  b\n", "1-1 KUS -"),
        ("a: 1\n# gitops-lint: ignore[KUS]\n", "2-2 KUS -"),
        ("# gitops-lint: ignore[KUS] a\n# gitops-lint: ignore-file[KUS] b\na: 1", "1-3 KUS a|file KUS b"),
    ] {
        assert_eq!(told("a.yaml", text).join("|"), expected, "{text:?}");
    }
}

#[test]
fn comments_are_found_in_every_sort_of_file() {
    let inline = "patches:\n- patch: |-\n    kind: A\n    # gitops-lint: ignore[KUS]\n    b: 1\n";
    assert_eq!(told("kustomization.yaml", inline), ["4-5 KUS -"]);
    let literals = "configMapGenerator:\n- literals:\n  - |-\n    a=b\n    # gitops-lint: ignore[KUS]\n";
    assert_eq!(told("kustomization.yaml", literals), [""; 0]);
    let template = "targets:\n- rego: |\n    package a # gitops-lint: ignore[POL001]\n    b := 1\n";
    assert_eq!(told("template.yaml", template), ["3-3 POL001 -"]);
    assert_eq!(told("a.rego", "package a\n  # gitops-lint: ignore[POL] x\nb := 1\n"), ["2-3 POL x"]);
    assert_eq!(told("a.rego", "b := \"#\" # gitops-lint: ignore[POL]\n"), ["1-1 POL -"]);
    assert_eq!(told("a.env", "# gitops-lint: ignore[SCH]\nA=1 # gitops-lint: ignore[KUS]\n"), ["1-2 SCH -"]);
    assert_eq!(told("broken.yaml", "a: [\n# gitops-lint: ignore[YML001]\nb: }\n"), ["2-3 YML001 -"]);
}

#[test]
fn a_place_is_its_line_and_that_of_its_key_and_of_its_block() {
    let text = "# top\na:\n  b: 1\nc: |\n  x: 1\n  y: 2\nd:\n- e:\n    f\n";
    in_file("kustomization.yaml", text, |file, _| {
        file.yaml();
        let places = Places::new(Arc::clone(file));
        for (wanted, lines) in
            [("b:", &[3][..]), ("1\n", &[3, 3]), ("y: 2", &[6, 4, 4]), ("f\n", &[9, 8]), ("e:", &[8])]
        {
            let start = text.find(wanted).unwrap() as u32;
            let end = start + wanted.trim_end().len() as u32;
            let place = places.of(Span { file: file.id, start, end });
            let all: Vec<u32> = (1..20).filter(|it| place.lines().contains(it)).collect();
            let mut lines = lines.to_vec();
            lines.sort_unstable();
            lines.dedup();
            assert_eq!(all, lines, "{wanted:?}");
        }
        let mapping = file.yaml().documents[0].get("a").unwrap().origin.span;
        assert!(places.of(mapping).lines().contains(&2), "the key of a mapping is above it");
        assert!(places.of(file.start()).lines().contains(&2), "a file begins with its first line of text");
    });
}

/// What is left when rules of the first suppression are taken out.
fn without(text: &str, gone: &[usize]) -> String {
    in_file("a.yaml", text, |file, found| {
        let fix = unused(file, &found.list[0], gone).fix.unwrap();
        let [edit] = &*fix.edits else { panic!("{:?}", fix.edits) };
        let (before, after) = (&text[..edit.span.start as usize], &text[edit.span.end as usize..]);
        format!("{before}{}{after}", edit.text)
    })
}

#[test]
fn what_is_taken_out_leaves_the_rest_as_it_is() {
    for (text, gone, expected) in [
        ("a: 1  # gitops-lint: ignore[KUS] why\nb: 1\n", &[0][..], "a: 1\nb: 1\n"),
        ("a:\n  # gitops-lint: ignore[KUS]\r\n  b: 1\r\n", &[0], "a:\n  b: 1\r\n"),
        ("\u{feff}# gitops-lint: ignore[KUS]\na: 1\n", &[0], "\u{feff}a: 1\n"),
        ("- # gitops-lint: ignore[KUS]\n  a: 1\n", &[0], "-\n  a: 1\n"),
        ("a: 1 # gitops-lint: ignore[KUS] why # more\n", &[0], "a: 1 # more\n"),
        ("a: 1 # less # gitops-lint: ignore[KUS] why\n", &[0], "a: 1 # less\n"),
        ("# less # gitops-lint: ignore[KUS]\na: 1\n", &[0], "# less\na: 1\n"),
        (
            "a: 1 # gitops-lint: ignore[KUS, SCH001 ,yml] why\n",
            &[1],
            "a: 1 # gitops-lint: ignore[KUS, yml] why\n",
        ),
        ("a: 1 # gitops-lint: ignore[KUS, SCH001,yml]\n", &[0, 2], "a: 1 # gitops-lint: ignore[SCH001]\n"),
        ("a: 1\n# gitops-lint: ignore[KUS]", &[0], "a: 1\n"),
    ] {
        assert_eq!(without(text, gone), expected, "{text:?}");
    }
    in_file("a.yaml", "# gitops-lint: ignore[KUS, KSU]\na: 1\n", |file, found| {
        assert_eq!(unused(file, &found.list[0], &[0]).fix, None, "a slip waits for a person");
    });
}

#[test]
fn very_many_comments_and_findings_cost_no_more_than_their_number() {
    let mut text = "# gitops-lint: ignore[SCH001] stacked\n".repeat(50_000);
    text.push_str("a: 1\n");
    for index in 0..50_000 {
        text.push_str(&format!("k{index}: 1 # gitops-lint: ignore[SCH001] beside\n"));
    }
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", text);
    let sources = Sources::new(&tree);
    let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
    let found = Suppressions::of_file(&file);
    assert_eq!(found.list.len(), 100_000);
    let rule = rules::find("SCH001").unwrap();
    let starts = file.line_starts();
    let places = Places::new(Arc::clone(&file));
    let about = |line: usize| {
        let start = starts[line - 1];
        found.about(&places.of(Span { start, end: start + 1, ..file.start() }), rule).len()
    };
    assert_eq!(about(50_001), 50_000);
    assert!((50_002..100_002).all(|line| about(line) == 1));
}

#[test]
fn a_value_that_an_alias_stands_for_is_at_its_anchor() {
    let text = "a:\n  &x\n  b: 1\nc:\n  *x\nd:\n  <<: *x\n";
    in_file("a.yaml", text, |file, _| {
        let documents = &file.yaml().documents;
        let places = Places::new(Arc::clone(file));
        for key in ["a", "c"] {
            let span = documents[0].get(key).unwrap().origin.span;
            assert!(places.of(span).lines().contains(&1), "{key}: {:?}", places.of(span));
            assert!(!places.of(span).lines().contains(&4), "{key}: {:?}", places.of(span));
        }
    });
}
