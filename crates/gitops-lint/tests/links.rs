//! Every link in a document leads somewhere: to a file of the repository, and to a heading that is there.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents that people read, by their paths from the top. What lies in test data is no document.
fn documents() -> BTreeMap<String, String> {
    let walk = ignore::WalkBuilder::new(root()).require_git(false).build();
    let files = walk.map(|it| it.unwrap()).filter(|it| it.file_name().to_string_lossy().ends_with(".md"));
    let named = files.map(|it| {
        let name = it.path().strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        (name, fs::read_to_string(it.path()).unwrap())
    });
    let found: BTreeMap<String, String> = named.filter(|it| !it.0.starts_with("testdata/")).collect();
    for name in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/README.md", "examples/README.md"] {
        assert!(found.contains_key(name), "{name} is not among the documents");
    }
    found
}

/// The lines that are neither in blocks of code nor comments.
fn prose(text: &str) -> Vec<&str> {
    let (mut fence, mut lines) = (None::<&str>, vec![]);
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(opened) if line.trim_end() == opened => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if !line.starts_with("    ") && !line.starts_with("<!--") => lines.push(line),
            Some(_) | None => {}
        }
    }
    assert_eq!(fence, None, "a block of code is never closed");
    lines
}

/// The anchors that GitHub gives to headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for line in prose(text) {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let kept = heading.trim().to_lowercase();
        let kept: String =
            kept.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_')).collect();
        let anchor = kept.replace(' ', "-");
        let count = known.entry(anchor.clone()).or_default();
        found.insert(if *count == 0 { anchor } else { format!("{anchor}-{count}") });
        *count += 1;
    }
    found
}

/// The targets of the links in a document.
fn links(text: &str) -> Vec<String> {
    let link = Regex::new(r"\]\(([^()\s]+)\)").unwrap();
    // A link may be broken between lines, and code is no link.
    let code = Regex::new(r"`[^`]*`").unwrap();
    let text = prose(text).join("\n");
    let text = code.replace_all(&text, "code");
    link.captures_iter(&text).map(|it| it[1].to_owned()).collect()
}

/// The path that a link leads to, from the top of the repository; `None` if it leads out of it.
fn target(document: &str, link: &str) -> Option<String> {
    let mut parts: Vec<String> = vec![];
    let folder = Path::new(document).parent().unwrap();
    for part in folder.join(link).components() {
        match part {
            Component::Normal(it) => parts.push(it.to_str().unwrap().to_owned()),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// What is wrong with a link.
fn fault(documents: &BTreeMap<String, String>, document: &str, link: &str) -> Option<String> {
    if link.starts_with("https://") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |it| (it.0, Some(it.1)));
    let path = if path.is_empty() { Some(document.to_owned()) } else { target(document, path) };
    let Some(path) = path else { return Some("leads out of the repository".to_owned()) };
    if !root().join(&path).exists() {
        return Some(format!("there is no `{path}`"));
    }
    let anchor = anchor?;
    let Some(text) = documents.get(&path) else { return Some(format!("`{path}` has no headings")) };
    (!anchors(text).contains(anchor)).then(|| format!("`{path}` has no heading `#{anchor}`"))
}

#[test]
fn links_lead_to_files_and_headings_that_are_there() {
    let documents = documents();
    let mut wrong = vec![];
    let mut count = 0;
    for (document, text) in &documents {
        for link in links(text) {
            count += 1;
            wrong.extend(fault(&documents, document, &link).map(|it| format!("{document}: ({link}): {it}")));
        }
    }
    assert!(count > 100, "only {count} links were found");
    assert!(wrong.is_empty(), "links that lead nowhere:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_page_is_in_the_index_and_leads_on() {
    let documents = documents();
    let of = |name: &str| -> BTreeSet<String> {
        let links = links(&documents[name]).into_iter().filter(|it| !it.starts_with('#'));
        links.filter_map(|it| target(name, it.split('#').next().unwrap())).collect()
    };
    let index = of("docs/README.md");
    for name in documents.keys().filter(|it| it.starts_with("docs/") && *it != "docs/README.md") {
        assert!(index.contains(name), "{name} is not in docs/README.md");
        // The book of rules is written by the program.
        let leads_on = of(name).iter().any(|it| it.starts_with("docs/"));
        assert!(leads_on || name == "docs/rules.md", "{name} leads to no other page");
    }
}

#[test]
fn what_leads_nowhere_is_noticed() {
    let page =
        "# One `two`: three\n\n[a](b.md#one-two-three) `[c](d)`\n```\n[e](f)\n# no\n```\n## Same\n## Same\n";
    assert_eq!(links(page), ["b.md#one-two-three"]);
    let expected = ["one-two-three", "same", "same-1"].map(str::to_owned);
    assert_eq!(anchors(page), expected.into());
    let documents = BTreeMap::from([("docs/rules.md".to_owned(), page.to_owned())]);
    let fault = |link: &str| fault(&documents, "docs/rules.md", link);
    for good in ["#same-1", "rules.md#same", "../README.md", "../docs", "https://example.com/x"] {
        assert_eq!(fault(good), None, "{good}");
    }
    for bad in ["#other", "gone.md", "../../x", "../LICENSE-MIT#a", "rules.md#no"] {
        assert!(fault(bad).is_some(), "{bad}");
    }
}
