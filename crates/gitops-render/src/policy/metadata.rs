//! METADATA: what comments in a policy say about its rules. The engine does not read them.
//!
//! A block of comments that begins with `# METADATA` is YAML about the rule behind it, or with
//! `scope: document` about all rules of its name, with `scope: package` about all of the package.
//! What is nearer to a rule wins, field by field; a title speaks only of what it stands at.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity};
use crate::node::Node;
use crate::policy::module::Module;
use crate::rules::pol::does_not_compile;
use crate::yaml::{Dialect, parse_bytes};

/// What is known about a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub title: Option<String>,
    pub description: Option<String>,
    /// Addresses, and what they are about.
    pub related: Vec<String>,
    /// `custom.severity`
    pub severity: Option<Severity>,
}

/// The metadata of all rules: by module, and by definition in it.
#[derive(Debug)]
pub(super) struct Notes {
    modules: Vec<Vec<Arc<Metadata>>>,
}

/// What a block is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Rule,
    Document,
    Package,
}

/// A block of comments.
struct Block {
    scope: Scope,
    /// Behind its last comment.
    end: usize,
    metadata: Metadata,
}

impl Notes {
    /// What is known about a definition of a module.
    pub fn of(&self, module: usize, definition: usize) -> Arc<Metadata> {
        let notes = self.modules.get(module).and_then(|it| it.get(definition));
        notes.cloned().unwrap_or_default()
    }
}

impl Metadata {
    /// What a report says about the rule; `None` if nothing is known.
    pub fn help(&self) -> Option<String> {
        let lines = |it: &String| it.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut help = match (&self.title, &self.description) {
            (None, None) => String::new(),
            (Some(title), None) => lines(title),
            (None, Some(description)) => lines(description),
            (Some(title), Some(description)) => format!("{}: {}", lines(title), lines(description)),
        };
        for related in &self.related {
            if !help.is_empty() {
                help.push('\n');
            }
            help.push_str(&format!("see {related}"));
        }
        (!help.is_empty()).then_some(help)
    }

    /// Takes over what is not known from what is further away.
    fn or(&mut self, further: &Metadata) {
        if self.related.is_empty() {
            self.related.clone_from(&further.related);
        }
        self.severity = self.severity.or(further.severity);
    }
}

/// Reads the comments of all modules. What cannot be understood is reported.
pub(super) fn read(modules: &[Module], found: &mut Vec<Diagnostic>) -> Notes {
    let blocks: Vec<Vec<Block>> = modules.iter().map(|it| blocks(it, found)).collect();
    let of_modules = modules.iter().zip(&blocks).map(|(module, own)| {
        let definitions = module.rules.iter().map(|definition| {
            let start = definition.range.start;
            let before = own.iter().filter(|it| it.scope == Scope::Rule && it.end <= start);
            let nearest = before.max_by_key(|it| it.end).filter(|it| is_next(module, it.end, start));
            let mut metadata = nearest.map(|it| it.metadata.clone()).unwrap_or_default();
            for (other, blocks) in modules.iter().zip(&blocks).filter(|(it, _)| it.package == module.package)
            {
                let of_rule = |it: &&Block| {
                    it.scope == Scope::Document
                        && other.rules.iter().any(|rule| {
                            rule.path == definition.path && is_next(other, it.end, rule.range.start)
                        })
                };
                if let Some(document) = blocks.iter().find(of_rule) {
                    metadata.title = metadata.title.or_else(|| document.metadata.title.clone());
                    metadata.description =
                        metadata.description.or_else(|| document.metadata.description.clone());
                    metadata.or(&document.metadata);
                }
                if let Some(package) = blocks.iter().find(|it| it.scope == Scope::Package) {
                    metadata.or(&package.metadata);
                }
            }
            Arc::new(metadata)
        });
        definitions.collect()
    });
    Notes { modules: of_modules.collect() }
}

/// Whether nothing but blanks and comments stands between two places.
fn is_next(module: &Module, end: usize, start: usize) -> bool {
    let between = module.source.text.get(end..start);
    between.is_some_and(|it| it.lines().all(|it| it.trim().is_empty() || it.trim_start().starts_with('#')))
}

/// The blocks of a module, in their order.
fn blocks(module: &Module, found: &mut Vec<Diagnostic>) -> Vec<Block> {
    let text = &module.source.text;
    if !text.contains("METADATA") {
        return vec![];
    }
    let mut blocks = vec![];
    let mut at = 0;
    let mut open: Option<(usize, String)> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let comment = line.trim_start().strip_prefix('#').map(str::trim_end);
        match (&mut open, comment) {
            (Some((_, yaml)), Some(comment)) => {
                yaml.push_str(comment.strip_prefix(' ').unwrap_or(comment));
                yaml.push('\n');
            }
            (Some(_), None) => {
                let (from, yaml) = open.take().expect("it was just there");
                blocks.extend(block(module, from, start, &yaml, found));
            }
            (None, Some(comment)) if comment.trim() == "METADATA" => open = Some((start, String::new())),
            (None, _) => {}
        }
    }
    blocks
}

/// One block: the YAML in its comments.
fn block(module: &Module, from: usize, end: usize, yaml: &str, found: &mut Vec<Diagnostic>) -> Option<Block> {
    let at =
        module.source.span(from, from + module.source.text[from..end].lines().next().map_or(0, str::len));
    let parsed = parse_bytes(at.file, yaml.as_bytes(), Dialect::Resource);
    let Some(node) =
        parsed.documents.first().filter(|it| it.as_map().is_some() && parsed.diagnostics.is_empty())
    else {
        found.push(does_not_compile::metadata(at, "is no YAML mapping"));
        return None;
    };
    let text = |key: &str| node.get(key).and_then(Node::as_str).map(|it| it.trim().to_owned());
    let severity = node.path(&["custom", "severity"]).and_then(Node::as_str);
    let read = severity.map(|it| match it.to_ascii_lowercase().as_str() {
        "error" => Some(Severity::Error),
        "warning" | "warn" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        _ => None,
    });
    if read == Some(None) {
        found.push(does_not_compile::metadata(at, "has a severity that is none of error, warning and info"));
    }
    let is_of_package = || {
        let rest = module.source.text[end..].lines().map(str::trim_start);
        rest.into_iter()
            .find(|it| !it.is_empty() && !it.starts_with('#'))
            .is_some_and(|it| it.starts_with("package"))
    };
    let scope = match text("scope").as_deref() {
        Some("document") => Scope::Document,
        Some("package" | "subpackages") => Scope::Package,
        Some(_) => Scope::Rule,
        None if is_of_package() => Scope::Package,
        None => Scope::Rule,
    };
    let related = node.get("related_resources").and_then(Node::as_seq).unwrap_or_default();
    let metadata = Metadata {
        title: text("title"),
        description: text("description"),
        related: related.iter().filter_map(related_resource).collect(),
        severity: read.flatten(),
    };
    Some(Block { scope, end, metadata })
}

/// An address, or one with a description.
fn related_resource(node: &Node) -> Option<String> {
    let address = node.as_str().or_else(|| node.get("ref").and_then(Node::as_str))?;
    Some(match node.get("description").and_then(Node::as_str) {
        Some(description) => format!("{address} ({})", description.trim()),
        None => address.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use crate::policy::{PolicyOptions, PolicySet};
    use crate::resource::Resource;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    /// What is said about an object: severity, message and help; then the findings of the compiler.
    fn check(policy: &str) -> Vec<String> {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n").insert("a.rego", policy);
        let sources = Sources::new(&tree);
        let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
        let (set, broken) = PolicySet::compile(&PolicyOptions::default(), &[open("a.rego")]);
        let found = set.check(&Resource::new(open("a.yaml").yaml().documents[0].clone()));
        let told = found.iter().chain(&broken).map(|it| {
            let line = sources.place(it.labels.last().unwrap().span).1.line;
            format!("{} {}: {} ({line})", it.severity, it.message, it.help.as_deref().unwrap_or("-"))
        });
        told.collect()
    }

    #[test]
    fn comments_are_about_what_follows_them() {
        let policy = "\
# METADATA
# title: The package
# related_resources: [https://example.com/package]
package main

# METADATA
# title: First
# description: |
#   Two lines
#   of text.
# related_resources:
# - ref: https://example.com/first
#   description: a page
deny_a contains \"a\"

# METADATA
# title: Nothing

# METADATA
# title: Second
# custom: {severity: info}
# a last comment is no YAML: it is
#
deny_a contains \"b\"

# METADATA
# scope: document
# title: All of c
# custom: {severity: warn}
deny_c contains \"c\" if input.kind == \"Pod\"
deny_c contains \"d\"
";
        assert_eq!(
            check(policy),
            [
                "error a: First: Two lines of text.\nsee https://example.com/first (a page) (14)",
                "info b: Second\nsee https://example.com/package (24)",
                "warning c: All of c\nsee https://example.com/package (30)",
                "warning d: All of c\nsee https://example.com/package (31)",
            ]
        );
    }

    #[test]
    fn what_cannot_be_understood_is_told_and_the_rule_is_asked() {
        let policy = "package main\n# METADATA\n# title: [\ndeny_a contains \"a\"\n\n# METADATA\n# custom: {severity: fatal}\ndeny_b contains \"b\"\n";
        assert_eq!(
            check(policy),
            [
                "error a: - (4)",
                "error b: - (8)",
                "warning this METADATA is no YAML mapping: - (2)",
                "warning this METADATA has a severity that is none of error, warning and info: - (6)",
            ]
        );
    }
}
