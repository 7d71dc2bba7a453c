//! The options file that `init` writes: what was detected, and why it stands there.

use std::path::Path;

use super::detect::Detected;
use super::{Piece, Step, is_there};

const FILE: &str = "gitops-lint.toml";
const HIDDEN: &str = ".gitops-lint.toml";

const HEAD: &str = "\
# Options of gitops-lint. `gitops-lint config` prints what is in force, and from where.

# The versions of Kubernetes that your clusters run.
# kubernetes-versions = [\"1.33\"]
";

/// What is done about the options.
pub fn piece(top: &Path, detected: &Detected) -> Piece {
    if is_there(&top.join(HIDDEN)) {
        return Piece { path: HIDDEN, step: Step::Keep("it is there") };
    }
    Piece::new(top, FILE, text(detected))
}

fn text(detected: &Detected) -> String {
    let mut text = HEAD.to_owned();
    if !detected.vendored.is_empty() {
        let folders: Vec<String> = detected.vendored.iter().map(|it| format!("/{}/", escaped(it))).collect();
        text.push_str("\n# What others wrote, and others mend.\n");
        text.push_str(&list("exclude", &folders));
    }
    if !detected.has_default_policies_only() {
        text.push_str("\n# Policies that lie elsewhere than in `policy` or `policies`.\n");
        text.push_str(&list("policies", &detected.policies));
    }
    if !detected.environments.is_empty() {
        text.push_str(
            "\n# Clusters with versions of their own: whatever lies in folders that are called so.\n",
        );
    }
    for name in &detected.environments {
        text.push_str(&format!("# [environments.{name}]\n# kubernetes-versions = [\"1.33\"]\n"));
    }
    text
}

fn list(key: &str, words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|it| quoted(it)).collect();
    format!("{key} = [{}]\n", words.join(", "))
}

/// A pattern of `.gitignore` that means this very path.
fn escaped(path: &str) -> String {
    let is_special = |it: char| matches!(it, '*' | '?' | '[' | ']' | '\\' | '!' | '#' | '{' | '}');
    path.chars().flat_map(|it| is_special(it).then_some('\\').into_iter().chain([it])).collect()
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for it in text.chars() {
        match it {
            '"' | '\\' => out.extend(['\\', it]),
            it if it.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(it))),
            it => out.push(it),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_detected_is_written() {
        assert_eq!(text(&Detected::default()), HEAD);
        let detected = Detected {
            vendored: vec!["a/vendor".to_owned(), "odd [\"x\"]/vendor".to_owned()],
            policies: vec!["policies".to_owned(), "team/rego".to_owned()],
            ..Detected::default()
        };
        let text = text(&detected);
        assert!(text.contains(r#"exclude = ["/a/vendor/", "/odd \\[\"x\"\\]/vendor/"]"#), "{text}");
        assert!(text.contains(r#"policies = ["policies", "team/rego"]"#), "{text}");
    }

    #[test]
    fn policies_that_are_found_without_a_word_are_not_named() {
        let detected = Detected { policies: vec!["policies".to_owned()], ..Detected::default() };
        assert_eq!(text(&detected), HEAD);
    }
}
