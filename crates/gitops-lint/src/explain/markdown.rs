//! Rules in Markdown: one page, or all of them as a book (`docs/rules.md`).

use gitops_render::Rule;

use super::facts;
use crate::rule_page::{lines, scope};

const HEAD: &str = "\
<!-- Written by `gitops-lint rules --output-format markdown`: change the rules, not this file. -->

# Rules

`gitops-lint explain CODE` shows the page of a rule, and `gitops-lint rules` lists them all.

";

/// The page of a rule; `level` are the hashes of its heading.
pub fn page(rule: &Rule, level: &str) -> String {
    let mut page =
        format!("{level} {} {}\n\n{}.\n\n", rule.code, rule.name, capitalized(&facts(rule).join(" · ")));
    let mut is_code = false;
    for line in lines(rule) {
        is_code ^= line.starts_with("```");
        match line.strip_prefix("## ").filter(|_| !is_code) {
            // A blank line stands around a heading.
            Some(heading) => page.push_str(&format!("{level}# {heading}\n\n")),
            None => page.push_str(&format!("{line}\n")),
        }
    }
    page
}

/// The table of all rules, and their pages.
pub fn book(rules: &[&Rule]) -> String {
    let mut book = HEAD.to_owned();
    book.push_str("| Code | Name | Severity | Looks at | Default | Fix |\n|---|---|---|---|---|---|\n");
    for rule in rules {
        let (code, name, severity) = (rule.code, rule.name, rule.severity);
        let anchor = format!("{}-{name}", code.to_ascii_lowercase());
        let (on, fix) = (if rule.is_default { "on" } else { "off" }, if rule.has_fix { "yes" } else { "" });
        let scope = scope(rule);
        book.push_str(&format!("| [{code}](#{anchor}) | `{name}` | {severity} | {scope} | {on} | {fix} |\n"));
    }
    for rule in rules {
        book.push_str(&format!("\n{}", page(rule, "##")));
    }
    book
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}
