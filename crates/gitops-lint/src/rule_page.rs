//! The page about a rule, as other programs show it.

use gitops_render::{Rule, Scope};

/// Where the pages are read.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules.md");

/// The address of the rule's page.
pub fn url(rule: &Rule) -> String {
    format!("{PAGES}#{}-{}", rule.code.to_ascii_lowercase(), rule.name)
}

/// The lines of the page, as the rule's file has them.
pub fn lines(rule: &Rule) -> impl Iterator<Item = &'static str> {
    // A doc comment's lines begin with the space behind its slashes.
    rule.docs.trim_end().lines().map(|it| it.strip_prefix(' ').unwrap_or(it).trim_end())
}

/// The page in Markdown.
pub fn markdown(rule: &Rule) -> String {
    lines(rule).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The page as plain text: a line for each section.
pub fn text(rule: &Rule) -> String {
    let page = markdown(rule);
    let sections = page.split("## ").skip(1).filter_map(|it| it.split_once('\n'));
    let lines = sections.map(|(title, text)| format!("{title}: {}", in_one_line(text)));
    lines.collect::<Vec<_>>().join("\n")
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What it finds: the first section, in one line.
pub fn what(rule: &Rule) -> String {
    let page = markdown(rule);
    let section = page.split("## ").nth(1).unwrap_or_default();
    in_one_line(section.split_once('\n').map_or("", |it| it.1))
}

/// What it finds, in one sentence.
pub fn first_sentence(rule: &Rule) -> String {
    let what = what(rule);
    match what.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => what,
    }
}

/// The words to look for when rules are sorted by subject.
pub fn tags(rule: &Rule) -> [&'static str; 2] {
    let group = match &rule.code[..3] {
        "DEP" => "deprecation",
        "KUS" => "kustomize",
        "POL" => "policy",
        "SCH" => "schema",
        "YML" => "yaml",
        _ => "kubernetes",
    };
    [group, scope(rule)]
}

/// What a rule looks at, in one word.
pub fn scope(rule: &Rule) -> &'static str {
    match rule.scope {
        Scope::File => "file",
        Scope::Object => "object",
        Scope::Set => "set",
        Scope::Repo => "repository",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::rules::{self, RULES};

    #[test]
    fn a_page_opens_with_what_the_rule_finds() {
        let rule = rules::find("KUS004").unwrap();
        assert!(markdown(rule).starts_with("## What it finds\nA patch whose"), "{}", markdown(rule));
        assert!(text(rule).starts_with("What it finds: A patch whose"), "{}", text(rule));
        assert_eq!(text(rule).lines().count(), 3);
        assert!(first_sentence(rule).starts_with("A patch whose"));
        assert!(url(rule).ends_with("/docs/rules.md#kus004-patch-target-missing"));
        assert_eq!(tags(rule), ["kustomize", "repository"]);
    }

    #[test]
    fn every_rule_can_be_told_in_a_sentence() {
        for rule in RULES {
            let sentence = first_sentence(rule);
            assert!(sentence.ends_with(['.', ':', '…']), "{}: {sentence}", rule.code);
            assert!((10..400).contains(&sentence.len()), "{}: {sentence}", rule.code);
            assert!(what(rule).starts_with(sentence.trim_end_matches('.')), "{}", rule.code);
        }
    }
}
