//! What a template's Rego reads, as far as its words tell.

use crate::policy::module::Module;
use crate::policy::tokens::{self, Kind, Token};
use crate::source::Span;

/// What is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    /// Whether `data.inventory` is looked at.
    pub inventory: bool,
    /// The kinds that are looked for in `data.inventory`, each with the first place.
    pub kinds: Vec<(String, Span)>,
    /// Fields of the object: `spec`, `containers`, `*` for an item, `image`.
    pub fields: Vec<Vec<String>>,
    /// Whether the object or its spec is handed to something that may read any field.
    pub is_opaque: bool,
    /// The first call of `external_data`.
    pub external_data: Option<Span>,
}

/// One step of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    /// A variable, or something more complicated.
    Any,
}

impl Reads {
    /// What the modules read together.
    pub fn of(modules: &[Module]) -> Reads {
        let mut reads = Reads::default();
        modules.iter().for_each(|it| reads.add(it));
        reads.fields.sort();
        reads.fields.dedup();
        reads
    }

    fn add(&mut self, module: &Module) {
        let tokens = tokens::tokens(&module.source.text);
        for (at, token) in tokens.iter().enumerate() {
            let is_field = at > 0 && tokens[at - 1].text == ".";
            if token.kind != Kind::Word || is_field {
                continue;
            }
            let (steps, end) = steps(&tokens, at);
            let span = || module.source.span(token.start, tokens[end - 1].end);
            match token.text {
                "data" if is_name(steps.first(), "inventory") => self.add_inventory(&steps[1..], &span()),
                "input" if is_name(steps.first(), "review") && is_name(steps.get(1), "object") => {
                    self.add_field(&steps[2..]);
                }
                "external_data" if tokens.get(at + 1).is_some_and(|it| it.text == "(") => {
                    self.external_data.get_or_insert_with(span);
                }
                _ => {}
            }
        }
    }

    fn add_inventory(&mut self, steps: &[Step], at: &Span) {
        self.inventory = true;
        let kind = match steps.first() {
            Some(Step::Name(it)) if it == "namespace" => steps.get(3),
            Some(Step::Name(it)) if it == "cluster" => steps.get(2),
            _ => None,
        };
        if let Some(Step::Name(kind)) = kind
            && self.kinds.iter().all(|(it, _)| it != kind)
        {
            self.kinds.push((kind.clone(), *at));
        }
    }

    fn add_field(&mut self, steps: &[Step]) {
        let field: Vec<String> = steps
            .iter()
            .map(|it| match it {
                Step::Name(name) => name.clone(),
                Step::Any => "*".to_owned(),
            })
            .collect();
        match field.first().map(String::as_str) {
            None | Some("*") => self.is_opaque = true,
            Some("spec") if field.get(1).is_none_or(|it| it == "*") => self.is_opaque = true,
            Some(_) => self.fields.push(field),
        }
    }
}

fn is_name(step: Option<&Step>, name: &str) -> bool {
    matches!(step, Some(Step::Name(it)) if it == name)
}

/// The steps behind the word at `at`, and the first token that is no part of them.
fn steps(tokens: &[Token<'_>], at: usize) -> (Vec<Step>, usize) {
    let mut found = vec![];
    let mut next = at + 1;
    loop {
        match &tokens[next..] {
            [dot, field, ..] if dot.text == "." && field.kind == Kind::Word => {
                found.push(Step::Name(field.text.to_owned()));
                next += 2;
            }
            [open, ..]
                if open.kind == Kind::Other && open.text == "[" && open.start == tokens[next - 1].end =>
            {
                let Some(close) = closing(tokens, next) else { break };
                found.push(match &tokens[next + 1..close] {
                    [text] if text.kind == Kind::Text => Step::Name(text.text.to_owned()),
                    _ => Step::Any,
                });
                next = close + 1;
            }
            _ => break,
        }
    }
    (found, next)
}

/// The bracket that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open).filter(|(_, it)| it.kind == Kind::Other) {
        match token.text {
            "[" | "{" | "(" => depth += 1,
            "]" | "}" | ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    fn reads(body: &str) -> Reads {
        let mut tree = MemoryTree::new();
        tree.insert("a.rego", format!("package a\nviolation[x] {{ {body} }}\n"));
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.rego").unwrap()).unwrap();
        Reads::of(&[Module::read(&file).unwrap()])
    }

    #[test]
    fn fields_and_kinds_are_read_off_the_words() {
        let found = reads(
            "x := input.review.object.spec.containers[_].image; input.review.object.metadata.labels[x]",
        );
        assert_eq!(found.fields, [vec!["metadata", "labels", "*"], vec!["spec", "containers", "*", "image"]]);
        assert!(!found.is_opaque && !found.inventory);
        let found = reads(
            "x := data.inventory.namespace[ns][v][\"Ingress\"][name]; data.inventory.cluster[\"v1\"].Namespace[x]",
        );
        let kinds: Vec<&str> = found.kinds.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(kinds, ["Ingress", "Namespace"]);
    }

    #[test]
    fn a_whole_object_may_be_read_in_any_way() {
        assert!(reads("f(input.review.object); x := 1").is_opaque);
        assert!(reads("x := input.review.object.spec[y[_]]").is_opaque);
        assert!(!reads("x := input.review.operation").is_opaque);
        assert!(reads("x := data.inventory").inventory);
    }
}
